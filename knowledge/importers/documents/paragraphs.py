"""From lines to paragraphs: hard wraps and page breaks joined, furniture dropped, slips corrected.

Every decision is general; what is special to one file comes from the register.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field

from knowledge.guidance.register import Rule
from knowledge.importers.documents.blocks import Block, formula, plain
from knowledge.importers.documents.markers import BULLET, FOOTNOTE, OTHER, begins_unit, capitals, marker


@dataclass
class Paragraph:
    """A paragraph, a marked heading (`level` given) or a run of table rows (`rows` given)."""

    text: str
    line_from: int
    line_to: int
    level: int | None = None
    rows: list[Block] = field(default_factory=list)
    page: int | None = None
    corrections: list[str] = field(default_factory=list)
    footnote: bool = False


# A sentence never ends with one of these.
_DANGLING = re.compile(
    r"(?:^|\s)(của|và|Bộ|các|những|về|tại|theo|với|cho|từ|đến|hoặc|là|do|để|trong|ngày|thuộc|trên|như|bằng|được|"
    r"Thủ tướng|gồm|nhằm|và/hoặc|không|mỗi|một|tham gia|(?:văn bản|quyết định|nghị định|thông tư|chỉ thị|công văn) số)$",
    re.IGNORECASE,
)
_ENDED = re.compile(r"[.;:!?…][\"”’)*]*$|\./\.$")


def drop_furniture(blocks: list[Block], rules: Iterable[dict]) -> tuple[list[Block], list[tuple[int, str]]]:
    """Takes out lines named by drop rules; returns what stays and [(line, why)].

    A dropped line leaves a gap, since what stood around it was no one paragraph. A rule with
    `caption` also drops the picture caption below it when the same words come again in the text.
    """
    dropped: dict[int, str] = {}
    lines = [(index, block.text) for index, block in enumerate(blocks) if block.kind == "line"]
    for rule in rules:
        if "inline" in rule:
            continue
        if "line" in rule:
            pattern = re.compile(rule["line"])
            hits = [index for index, text in lines if pattern.search(text)]
            dropped.update({index: rule["why"] for index in hits})
            if rule.get("caption"):
                dropped.update({index: "chú thích ảnh lặp lại câu trong bài" for index in _captions(lines, hits)})
        else:
            start, end = re.compile(rule["from"]), rule["to"]
            limit = next((i for i, t in lines if "until" in rule and re.search(rule["until"], t)), len(blocks))
            first = next((i for i, t in lines if i not in dropped and i < limit and start.search(t)), None)
            if first is None:
                continue
            if end == "$end":
                last = len(blocks) - 1
            else:
                last = next((i for i, t in lines if i >= first and re.search(end, t)), None)
                if last is None:
                    continue
            dropped.update({i: rule["why"] for i in range(first, last + 1) if blocks[i].kind != "gap"})
    kept = [Block("gap", b.line, page=b.page) if i in dropped else b for i, b in enumerate(blocks)]
    return kept, [(blocks[i].line, why) for i, why in sorted(dropped.items())]


def _captions(lines: list[tuple[int, str]], hits: list[int]) -> list[int]:
    found = []
    for hit in hits:
        below = next(((i, t) for i, t in lines if i > hit), None)
        if below is None:
            continue
        words = re.sub(r"\s*\([^()]*[Ảả]nh[^()]*\)\s*$", "", below[1]).rstrip(".")
        if any(words in text for i, text in lines if i != below[0]):
            found.append(below[0])
    return found


def to_paragraphs(blocks: list[Block]) -> list[Paragraph]:
    """Joins what one paragraph was; order of the file, footnotes after the paragraph they interrupted."""
    result: list[Paragraph] = []
    notes: list[Paragraph] = []
    current: Paragraph | None = None
    gap = False
    wrapped = any(block.wrapped for block in blocks)
    lines = [block.text for block in blocks if block.kind == "line"]
    quirk = wrapped and _short_first_lines(lines)
    width = max(map(len, lines), default=80)
    last_line = ""

    def flush() -> None:
        nonlocal current
        if current is not None:
            result.append(current)
        result.extend(notes)
        notes.clear()
        current = None

    for block in blocks:
        if block.kind == "gap":
            gap = True
            continue
        if block.kind == "row":
            # Rows parted by blank lines only are one table that runs over a page break.
            if current is None and result and result[-1].rows:
                result[-1].rows.append(block)
                result[-1].line_to = block.line
            else:
                flush()
                result.append(Paragraph("", block.line, block.line, rows=[block], page=block.page))
        elif block.kind == "heading":
            flush()
            result.append(Paragraph(plain(block.text), block.line, block.line, level=block.level, page=block.page))
        elif FOOTNOTE.match(block.text):
            notes.append(Paragraph(block.text, block.line, block.line, page=block.page, footnote=True))
            continue  # the paragraph above may go on below the footnote
        else:
            if current is not None and (
                _wrapped_continues(current.text, last_line, block.text, gap, quirk, width)
                if wrapped
                else _continues(current.text, block.text, gap)
            ):
                current.text += " " + block.text
                current.line_to = block.line
            else:
                flush()
                current = Paragraph(block.text, block.line, block.line, page=block.page)
            last_line = block.text
        gap = False
    flush()
    for paragraph in result:
        if paragraph.text.startswith("$$"):
            paragraph.text = formula(paragraph.text)
        elif paragraph.text:
            paragraph.text = plain(paragraph.text)
    return [p for p in result if p.text or p.rows]


def _open(text: str) -> bool:
    """A bracket or bold mark was opened and not closed."""
    return (
        text.count("(") > text.count(")")
        or (text.count("**") % 2 == 1 and not text.endswith("**"))
        or text.count("“") > text.count("”")
    )


def _continues(before: str, after: str, gap: bool) -> bool:
    bare = before.rstrip("*").rstrip()
    if not gap and before.startswith("V/v"):
        return True
    if not gap and _open(before) and not BULLET.match(after):
        return True
    if _ENDED.search(bare) and not re.search(r"\b(TP|Tp|đ/c|v/v|tr)\.$", bare):
        return False
    if BULLET.match(after) or OTHER.match(after):
        return False
    found = marker(after)
    if found and not (found.name in ("dieu", "phu-luc", "muc") and _DANGLING.search(bare)):
        return False
    if capitals(before) or capitals(after):
        return not gap and capitals(before) and capitals(after) and not marker(before)
    first = after.lstrip('*(“"')[:1]
    if first.islower():
        return True
    if bare.endswith(",") or _DANGLING.search(bare) or (_open(before) and len(before) > 60):
        return True
    return not gap and len(before) >= 60 and not (marker(before) and len(before) < 90)


def _wrapped_continues(before: str, last_line: str, after: str, gap: bool, quirk: bool, width: int) -> bool:
    if gap:
        return False
    if begins_unit(after):
        return bool(re.match(r"\d", after) and _DANGLING.search(before))
    first = after.lstrip('“"(')[:1]
    if first.islower():
        return True
    if quirk:
        # Here the first line of a paragraph is cut short; a heading may end without a stop.
        short = len(after) < 0.4 * width
        return not (short and (_ENDED.search(last_line) or len(last_line) < 0.25 * width))
    if _ENDED.search(last_line):
        return len(last_line) > 0.85 * width and not last_line.endswith((":", ";"))
    return len(last_line) > 0.7 * width


def _short_first_lines(lines: list[str]) -> bool:
    numbered = [len(line) for line in lines if re.match(r"\d{1,2}\. ", line)]
    return len(numbered) >= 5 and statistics.median(numbered) < 0.5 * max(map(len, lines))


def correct(text: str, rules: list[Rule], source: str | None) -> tuple[str, list[str]]:
    """Applies the listed corrections that hold for this source; returns the text and the ids used."""
    used = []
    for rule in rules:
        if rule.sources and source not in rule.sources:
            continue
        changed = rule.find.sub(rule.put, text)
        if changed != text:
            text = changed
            used.append(rule.id)
    return text, used


def split_inline(text: str, rules: Iterable[dict]) -> tuple[list[str], list[str]]:
    """One endless line as paragraphs: by ' - ' items and sentences, about 400 characters each; ([…], [why dropped])."""
    why = []
    for rule in rules:
        if "inline" in rule:
            changed = re.sub(rule["inline"], "", text)
            if changed != text:
                text = changed
                why.append(rule["why"])
    pieces: list[str] = []
    for index, part in enumerate(re.split(rf"(?<=[.:])\s+-\s+(?=[{'A-ZÀ-ỸĐ'}])", text)):
        sentences = re.split(rf"(?<=[^\WA-ZĐ]\.)\s+(?=[{'A-ZÀ-ỸĐ'}])", part)
        if index:
            pieces.append("- " + sentences.pop(0))
        for sentence in sentences:
            if pieces and not pieces[-1].startswith("- ") and len(pieces[-1]) + len(sentence) < 400:
                pieces[-1] += " " + sentence
            else:
                pieces.append(sentence)
    return pieces, why
