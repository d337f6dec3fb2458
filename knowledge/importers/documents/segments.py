"""Documents inside a document: a book of letters is taken apart at its letter heads and part titles."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from knowledge.importers.documents.blocks import Block
from knowledge.importers.documents.metadata import LETTERHEAD, NUMBER_LINE

_ENTRY = re.compile(r"(.*?\S)\s*\.{0,}\s*(\d{1,4})")


@dataclass
class Segment:
    """The blocks of one document; `part` names the host's headings above it. The host has `inner` False."""

    inner: bool
    blocks: list[Block] = field(default_factory=list)
    part: list[str] = field(default_factory=list)


def split_segments(blocks: list[Block]) -> list[Segment]:
    """First the host (everything outside inner documents), then the inner ones in order.

    A file with fewer than two letter heads is one document. Part titles are those of the
    table of contents; found again in the text they become headings of the host and end the
    inner document before them.
    """
    starts = [i for i, b in enumerate(blocks) if b.kind == "line" and NUMBER_LINE.fullmatch(b.text)]
    if len(starts) < 2:
        return [Segment(False, [b for b in blocks])]
    titles, contents = _table_of_contents(blocks)
    parts = _find_titles(blocks, titles, contents)
    begins = {_head_begin(blocks, start): start for start in starts}
    host = Segment(False)
    segments = [host]
    current = host
    path: list[str] = []
    index = 0
    while index < len(blocks):
        if index in contents:
            index += 1
            continue
        if index in parts:
            title, last, level = parts[index]
            path = [*path[: level - 1], title]
            host.blocks.append(Block("heading", blocks[index].line, title, level=level))
            current = host
            index = last + 1
            continue
        if index in begins:
            current = Segment(True, part=list(path))
            segments.append(current)
        current.blocks.append(blocks[index])
        index += 1
    return segments


def _head_begin(blocks: list[Block], start: int) -> int:
    """Goes back from 'Số: …' over the issuer and the motto of the state."""
    begin, index = start, start - 1
    while index >= 0 and start - index < 12:
        block = blocks[index]
        if block.kind == "line" and LETTERHEAD.match(block.text):
            begin = index
        elif block.kind != "gap":
            break
        index -= 1
    return begin


def _table_of_contents(blocks: list[Block]) -> tuple[list[str], set[int]]:
    """Titles below MỤC LỤC and the indexes of its lines."""
    start = next(
        (i for i, b in enumerate(blocks) if b.kind == "line" and b.text.strip("* ").upper() == "MỤC LỤC"), None
    )
    if start is None:
        return [], set()
    titles, used = [], {start}
    for index in range(start + 1, len(blocks)):
        block = blocks[index]
        if block.kind == "gap":
            continue
        entry = _ENTRY.fullmatch(block.text)
        if not entry:
            break
        titles.append(re.sub(r"\.{2,}$", "", entry.group(1)).strip())
        used.add(index)
    return titles, used


def _fold(text: str) -> str:
    return re.sub(r"\W+", " ", text.casefold()).strip()


def _find_titles(blocks: list[Block], titles: list[str], skip: set[int]) -> dict[int, tuple[str, int, int]]:
    """{index of the first line: (title, index of the last line, level)}; titles are met in their order."""
    found: dict[int, tuple[str, int, int]] = {}
    lines = [i for i, b in enumerate(blocks) if b.kind == "line" and i not in skip]
    position = 0
    for title in titles:
        numbered = re.match(r"(\d{1,2})\s*[-–.]\s*(.*)", title)
        level = 2 if numbered else 1
        shown = f"{numbered.group(1)}. {numbered.group(2)}" if numbered else title
        wanted = _fold(numbered.group(2) if numbered else title)
        for at in range(position, len(lines)):
            text, hit = "", False
            for last in range(at, min(at + 3, len(lines))):
                text += " " + blocks[lines[last]].text.strip("* ")
                if fuzz.ratio(_fold(text), wanted) >= 94:
                    found[lines[at]] = (shown, lines[last], level)
                    position, hit = last + 1, True
                    break
                if len(text) > len(wanted) + 20:
                    break
            if hit:
                break
    return found
