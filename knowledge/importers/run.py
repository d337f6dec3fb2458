"""One import: recognises each file, writes record by record, and reports what happened."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.exc import DataError, IntegrityError

from knowledge.guidance.records import DocumentRecord
from knowledge.importers.documents import SUFFIXES, UnreadableDocument, find_duplicates, read_document
from knowledge.importers.lists import read_list
from knowledge.importers.portal import read_portal
from knowledge.importers.rejection import Rejection
from knowledge.importers.structured import read_structured
from knowledge.records import ProcedureRecord
from knowledge.store import Store

LIST_ROWS = 500  # rows of a list written at once
Tell = Callable[[int, int, str], None]
# Files that lie beside data and are none.
_BESIDE = {"license", "license.txt", "readme.txt", "requirements.txt", "tong-quan.csv"}


@dataclass
class Report:
    """Counts by outcome; every rejection with file, reason and place; warnings by kind."""

    counts: Counter = field(default_factory=Counter)  # outcome -> records
    rejected: list[Rejection] = field(default_factory=list)
    warnings: Counter = field(default_factory=Counter)
    documents: Counter = field(default_factory=Counter)  # documents, passages, tables, duplicates, unusable
    skipped: list[str] = field(default_factory=list)

    @property
    def read(self) -> int:
        return sum(self.counts.values()) + len(self.rejected)

    def text(self) -> str:
        lines = [
            f"Đã đọc {self.read}: mới {self.counts['new']}, thay đổi {self.counts['changed']}, không đổi {self.counts['unchanged']}, bị từ chối {len(self.rejected)}."
        ]
        if self.read and self.counts["unchanged"] == self.read:
            lines.append("Không có gì thay đổi.")
        if self.documents:
            d = self.documents
            lines.append(
                f"Văn bản: {d['documents']} văn bản, {d['sections']} mục, {d['passages']} đoạn, {d['tables']} bảng, {d['duplicates']} đoạn trùng, {d['unusable']} đoạn không dùng để trích."
            )
        if self.rejected:
            lines.append("Bị từ chối:")
            lines += [f"  - {one}" for one in self.rejected[:200]]
            if len(self.rejected) > 200:
                lines.append(f"  ... và {len(self.rejected) - 200} mục nữa")
        if self.warnings:
            lines.append("Cần người biên tập xem (theo loại):")
            lines += [f"  - {kind}: {count}" for kind, count in self.warnings.most_common()]
        if self.skipped:
            lines.append("Bỏ qua vì không phải loại tệp nhận biết được: " + ", ".join(self.skipped[:20]))
        return "\n".join(lines)


def _reader(path: Path) -> Callable[[Path], Iterator] | None:
    """Who reads a file, by suffix and, for JSON lines, by its first line."""
    suffix = path.suffix.lower()
    if path.name.lower() in _BESIDE or path.name.startswith((".", "~$")):
        return None
    if suffix == ".json":
        return read_portal
    if suffix == ".jsonl":
        return read_structured if _is_structured(path) else read_portal_lines
    if suffix == ".xlsx":
        return read_list
    if suffix in (".yml", ".yaml"):
        return _read_yaml
    if suffix in SUFFIXES:
        return _read_guidance
    return None


def _is_structured(path: Path) -> bool:
    with path.open("rb") as handle:
        return "Mã thủ tục" in handle.readline(2_000_000).decode("utf-8", "replace")


def read_portal_lines(path: Path) -> Iterator[ProcedureRecord | Rejection]:
    """Portal records one a line."""
    from knowledge.importers.portal import parse_record
    from knowledge.importers.rejection import RecordError

    with path.open("rb") as handle:
        for number, raw in enumerate(handle, 1):
            if raw.strip():
                try:
                    yield parse_record(json.loads(raw.decode("utf-8")))
                except RecordError as error:
                    yield Rejection(str(path), error.reason, f"dòng {number}")
                except (ValueError, UnicodeDecodeError) as error:
                    yield Rejection(str(path), f"không phải JSON: {str(error)[:80]}", f"dòng {number}")


def _read_yaml(path: Path) -> Iterator[ProcedureRecord | Rejection]:
    from knowledge.exchange import read_yaml

    return read_yaml(path)


def _read_guidance(path: Path) -> Iterator[DocumentRecord | Rejection]:
    try:
        yield read_document(path)
    except UnreadableDocument as error:
        yield Rejection(str(path), str(error))
    except OSError as error:
        yield Rejection(str(path), f"không đọc được tệp: {error.strerror or error}")


def _files(paths: list[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        files += sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    return list(dict.fromkeys(files))


def read_records(paths: list[Path]) -> Iterator[ProcedureRecord | Rejection]:
    """Every procedure record under `paths`, without writing anything; guidance documents are passed over."""
    for path in _files(paths):
        reader = _reader(path)
        if reader is not None and reader is not _read_guidance:
            yield from reader(path)


def import_paths(store: Store, paths: list[Path], tell: Tell = lambda done, total, name: None) -> Report:
    """Import everything recognised under `paths`. Each record is one transaction: killed, the database holds whole records."""
    report = Report()
    files = _files(paths)
    imported_documents = False
    listed: list[ProcedureRecord] = []

    def write_lists() -> None:
        if listed:
            report.counts.update(store.save_lists(listed))
            listed.clear()

    for number, path in enumerate(files):
        tell(number, len(files), path.name)
        reader = _reader(path)
        if reader is None:
            report.skipped.append(path.name)
            continue
        for item in reader(path):
            if isinstance(item, Rejection):
                report.rejected.append(item)
            elif isinstance(item, DocumentRecord):
                report.counts[store.save_document(item)] += 1
                imported_documents = True
                for one in item.walk():
                    report.documents["documents"] += 1
                    report.documents["sections"] += len(one.contents)
                    report.documents["passages"] += len(one.passages)
                    report.documents["tables"] += one.tables
                    report.documents["unusable"] += sum(not p.usable for p in one.passages)
            else:
                report.warnings.update({flag.kind for flag in item.flags})
                if item.source.origin == "list" and reader is read_list:
                    listed.append(item)
                    if len(listed) >= LIST_ROWS:
                        write_lists()
                else:
                    try:
                        report.counts[store.save_procedure(item)] += 1
                    except (DataError, IntegrityError) as error:
                        reason = str(error.orig).strip().splitlines()[0]
                        report.rejected.append(Rejection(str(path), f"cơ sở dữ liệu không nhận bản ghi {item.code}: {reason}"))
        write_lists()
        tell(number + 1, len(files), path.name)
    if imported_documents:
        report.documents["duplicates"] = mark_copies(store)
    return report


def mark_copies(store: Store) -> int:
    """Find the same text over all imported documents and mark the copies; returns how many there are."""
    rank = {d.key: d.rank for d in store.documents()}
    passages = [p for p in store.passages() if p.origin == "document"]
    ranks = {p.id: rank.get(p.id.rsplit("/", 1)[0], rank.get(p.id.split("#")[0], 0)) for p in passages}
    found = find_duplicates(passages, ranks)
    store.set_duplicates(found)
    return len(found)
