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
        elif line.startswith("|") and line.count("|") > 1:
            # A Markdown row; a broken one goes on until its closing bar.
            text = line.rstrip()
            while not text.endswith("|") and index + 1 < len(lines) and lines[index + 1].strip():
                index += 1
                text += " " + lines[index].strip()
            if not (blocks and blocks[-1].kind == "row"):
                table += 1
            cells = [plain(cell) for cell in text.strip().strip("|").split("|")]
            if not all(re.fullmatch(r":?-{2,}:?", cell) for cell in cells):
                blocks.append(Block("row", number, tidy(text), cells=cells, table=table, page=page))
        elif not tidy(line):
            blocks.append(Block("gap", number, page=page))
        else:
            # Three and more asterisks inside a line part pieces that were set apart on the page.
            pieces = re.split(r"(?<=\S)\*{3,}(?=\S)", tidy(line))
            for piece in pieces if len(pieces) == 1 else [piece.strip("*") for piece in pieces]:
                blocks.append(Block("line", number, piece, page=page, wrapped=wrapped))
        index += 1
    return blocks


def _hard_wrapped(lines: list[str]) -> bool:
    """Lines of one width with hardly a blank one between them: a line break then means nothing."""
    filled = [len(line) for line in lines if line.strip() and "\t" not in line]
    if len(filled) < 15:
        return False
    blank = sum(not line.strip() for line in lines) / len(lines)
    return blank < 0.1 and max(filled) < 130 and statistics.median(filled) > 40
