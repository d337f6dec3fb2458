"""Plain text: TAB rows and Markdown tables become rows, everything else lines."""

from __future__ import annotations

import re
import statistics
from pathlib import Path

from knowledge.importers.documents.blocks import Block, RawFile, plain, tidy

# A text of the Vietnamese web is UTF-8, or else one of these.
ENCODINGS = ("utf-8-sig", "utf-16", "cp1258")


def read_txt(path: Path) -> RawFile:
    """Lines count from 1, as in an editor. Raises UnreadableDocument for bytes that are no text."""
    data = path.read_bytes()
    from knowledge.importers.documents.readers import UnreadableDocument

    if b"\x00" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableDocument("tệp nhị phân, không phải văn bản")
    for encoding in ENCODINGS:
        try:
            text = data.decode(encoding)
            break
        except UnicodeError:
            continue
    else:
        raise UnreadableDocument("không rõ bảng mã (cần UTF-8)")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return RawFile(blocks=blocks_of_lines(lines), whole=text)


def blocks_of_lines(lines: list[str], page: int | None = None, first: int = 1) -> list[Block]:
    """Also used for the text of PDF pages."""
    wrapped = _hard_wrapped(lines)
    blocks: list[Block] = []
    table = 0
    index = 0
    while index < len(lines):
        line, number = lines[index], first + index
        if "\t" in line:
            if not (blocks and blocks[-1].kind == "row"):
                table += 1
            cells = [plain(cell) for cell in line.split("\t")]
            blocks.append(Block("row", number, tidy(line), cells=cells, table=table, page=page))
        elif line.startswith("|") and line.strip("| "):
            end = index
            while (
                end < len(lines) and lines[end].strip() and (lines[end].startswith("|") or not _closed(lines[end - 1]))
            ):
                end += 1
            table += 1
            blocks += _markdown_table(lines[index:end], number, table, page)
            index = end - 1
        elif not tidy(line):
            blocks.append(Block("gap", number, page=page))
        else:
            # Three and more asterisks inside a line part pieces that were set apart on the page.
            pieces = re.split(r"(?<=\S)\*{3,}(?=\S)", tidy(line))
            for piece in pieces if len(pieces) == 1 else [piece.strip("*") for piece in pieces]:
                blocks.append(Block("line", number, piece, page=page, wrapped=wrapped))
        index += 1
    return blocks


def _closed(line: str) -> bool:
    return not line.startswith("|") or line.rstrip().endswith("|")


def _markdown_table(lines: list[str], first: int, table: int, page: int | None) -> list[Block]:
    """Rows of a Markdown table, a broken one joined up to its closing bar.

    Without a head (the rule comes first) the bars only set two blocks side by side: then each
    column is read downwards as lines.
    """
    rows: list[tuple[int, str]] = []
    for offset, line in enumerate(lines):
        if rows and not rows[-1][1].endswith("|"):
            rows[-1] = (rows[-1][0], f"{rows[-1][1]} {line.strip()}")
        else:
            rows.append((first + offset, line.strip()))
    cells = [(number, [plain(cell) for cell in text.strip("|").split("|")]) for number, text in rows]
    rules = [all(re.fullmatch(r":?-{2,}:?", cell) for cell in row) for _, row in cells]
    if rules[0]:
        width = max(len(row) for _, row in cells)
        return [
            Block("line", number, row[column], page=page)
            for column in range(width)
            for number, row in cells[1:]
            if column < len(row) and row[column].strip(".")
        ]
    return [
        Block("row", number, " ".join(row), cells=row, table=table, page=page)
        for (number, row), rule in zip(cells, rules, strict=True)
        if not rule
    ]


def _hard_wrapped(lines: list[str]) -> bool:
    """Lines of one width with hardly a blank one between them: a line break then means nothing."""
    filled = [len(line) for line in lines if line.strip() and "\t" not in line]
    if len(filled) < 15:
        return False
    blank = sum(not line.strip() for line in lines) / len(lines)
    return blank < 0.1 and max(filled) < 130 and statistics.median(filled) > 40
