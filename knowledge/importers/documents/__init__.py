"""Import of guidance documents (.txt .docx .pdf .html) into records; nothing is saved here.

A file becomes lines, headings and rows (`readers`), loses its page furniture and gets its
paragraphs back (`paragraphs`), is taken apart into the documents it holds (`segments`), each of
which becomes a tree (`structure`) and from that passages (`passages`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from pathlib import Path

from knowledge.guidance.records import DocumentRecord
from knowledge.guidance.register import Source, load_corrections, load_register
from knowledge.importers.documents.blocks import Block, RawFile
from knowledge.importers.documents.duplicates import find_duplicates, mark_duplicates
from knowledge.importers.documents.metadata import Head, find_date, take_head
from knowledge.importers.documents.paragraphs import Paragraph, correct, drop_furniture, split_inline, to_paragraphs
from knowledge.importers.documents.passages import PassageMaker, _slug
from knowledge.importers.documents.readers import SUFFIXES, UnreadableDocument, read_raw
from knowledge.importers.documents.segments import Segment, split_segments
from knowledge.importers.documents.structure import build_tree

__all__ = ["SUFFIXES", "UnreadableDocument", "find_duplicates", "mark_duplicates", "read_document", "read_documents"]


def read_document(path: Path | str, retrieved: dt.date | None = None) -> DocumentRecord:
    """One file as a document with its inner documents, copies inside the file already marked.

    Raises UnreadableDocument (a ValueError, message in Vietnamese for the import report) and OSError.
    """
    path = Path(path)
    raw = read_raw(path)
    register = load_register()
    source = register.recognise(raw.whole)
    blocks, dropped = drop_furniture(raw.blocks, [*(source.drop if source else []), *register.drop])
    segments = split_segments(blocks)
    host = _document(segments[0], raw, path, source, None)
    host.retrieved = retrieved
    host.dropped = sorted(dropped + host.dropped)
    for segment in segments[1:]:
        inner = _document(segment, raw, path, source, host)
        inner.retrieved = retrieved
        host.inner.append(inner)
    _unique_keys(host)
    mark_duplicates([host])
    return host


def read_documents(paths: Iterable[Path | str], retrieved: dt.date | None = None) -> list[DocumentRecord]:
    """Several files; copies among all of them are marked. Raises as `read_document`, at the first bad file."""
    documents = [read_document(path, retrieved) for path in paths]
    mark_duplicates(documents)
    return documents


def _document(
    segment: Segment, raw: RawFile, path: Path, source: Source | None, host: DocumentRecord | None
) -> DocumentRecord:
    register = load_register()
    rules = load_corrections()
    if source is not None and source.inline and not segment.inner:
        paragraphs, head = _inline(segment.blocks, source), Head()
        for paragraph in paragraphs:
            paragraph.text, paragraph.corrections = correct(paragraph.text, rules, source.key)
    else:
        paragraphs = to_paragraphs(segment.blocks)
        for paragraph in paragraphs:
            _correct(paragraph, rules, source)
        head, paragraphs = take_head(paragraphs)
    if not segment.inner and source is not None:
        number, date = source.document, source.date
    else:
        number, date = head.number, head.date
    known = register.document(number, date) if number else None
    if known is None and number and date is None:
        known = register.document(number)
    title = (known.title if known else None) or head.subject or raw.title or _first_words(paragraphs) or path.stem
    title = title[0].upper() + title[1:]
    if date is None:
        date = known.date if known else find_date(raw.whole[:3000])
    if number is None:
        number = f"Tài liệu {date.day:02d}/{date.month}/{date.year}" if date else path.stem
    number = known.number if known else number
    rank = 1 if host is not None else (source.rank if source else 0)
    key = _slug(number) + (f"-{date:%Y%m%d}" if date and str(date.year) not in number else "")
    if host is not None:
        key += f"@{host.key}"
    elif rank:
        key += f"@{source.key}" if source else ""
    maker = PassageMaker(key, number, date, known, source, known.year if known else None)
    passages = maker.run(build_tree(paragraphs))
    for passage in passages:
        # Once more on the joined text: a slip may lie where a page break was.
        passage.text, used = correct(passage.text, rules, source.key if source else None)
        passage.corrections = sorted({*passage.corrections, *used})
    if head.recipients and passages:
        head.recipients = head.recipients.rstrip(".;") + "."
    return DocumentRecord(
        key=key,
        number=number,
        date=date,
        title=title,
        issuer=known.issuer if known else None,
        kind=(source.kind if source and not segment.inner else None) or (known.kind if known else _kind(number)),
        signer=(known.signer if known else None) or head.signer,
        recipients=head.recipients,
        validity=known.validity if known else None,
        superseded_by=known.superseded_by if known else None,
        aliases=list(known.aliases) if known else [],
        file=path.name,
        url=(source.url if source else None) or raw.url,
        contained_in=host.key if host else None,
        part=segment.part,
        year=known.year if known else None,
        rank=rank,
        contents=maker.contents,
        dropped=head.lines,
        passages=passages,
        tables=len({b.table for b in segment.blocks if b.kind == "row" and "\t" not in b.text and b.table}),
    )


def _correct(paragraph: Paragraph, rules: list, source: Source | None) -> None:
    key = source.key if source else None
    paragraph.text, paragraph.corrections = correct(paragraph.text, rules, key)
    for row in paragraph.rows:
        for index, cell in enumerate(row.cells):
            row.cells[index], used = correct(cell, rules, key)
            row.corrections += used


def _inline(blocks: list[Block], source: Source) -> list[Paragraph]:
    result = []
    for block in blocks:
        if block.kind == "line":
            pieces, _ = split_inline(block.text, source.drop)
            result += [Paragraph(piece, block.line, block.line) for piece in pieces]
    return result


def _first_words(paragraphs: list[Paragraph]) -> str | None:
    text = next((p.text for p in paragraphs if p.text), None)
    return re.split(r"(?<=[.;:])\s", text)[0][:160] if text else None


_KINDS = [
    ("/NĐ-CP", "nghị định"),
    ("/QĐ", "quyết định"),
    ("/TT-", "thông tư"),
    ("/CT-", "chỉ thị"),
    ("/NQ", "nghị quyết"),
    ("/KH", "kế hoạch"),
    ("/TB", "thông báo"),
    ("/HD", "hướng dẫn"),
]


def _kind(number: str) -> str | None:
    return next((name for mark, name in _KINDS if mark in number), "công văn" if re.match(r"\d+/", number) else None)


def _unique_keys(host: DocumentRecord) -> None:
    """Two inner documents with one number and date get a running suffix; their passages follow."""
    seen: dict[str, int] = {}
    for document in host.walk():
        count = seen[document.key] = seen.get(document.key, 0) + 1
        if count > 1:
            old, document.key = document.key, f"{document.key}~{count}"
            for passage in document.passages:
                for name in ("id", "previous", "following"):
                    value = getattr(passage, name)
                    if value:
                        setattr(passage, name, value.replace(f"{old}:", f"{document.key}:", 1))
