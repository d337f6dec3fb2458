"""PDF by pdfplumber: lines page by page, running heads and page numbers out, ruled tables as rows."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from knowledge.importers.documents.blocks import Block, RawFile, plain, tidy
from knowledge.importers.documents.readers.txt import _hard_wrapped

EDGE = 2  # lines at the top and the foot of a page that may be a running head
REPEATED = 0.5  # share of the pages on which such a line must stand


def read_pdf(path: Path) -> RawFile:
    """`line` counts over all pages. Raises UnreadableDocument for broken or locked files."""
    import pdfplumber
    from pdfminer.pdfdocument import PDFPasswordIncorrect
    from pdfminer.pdfparser import PDFSyntaxError
    from pdfplumber.utils.exceptions import PdfminerException

    from knowledge.importers.documents.readers import UnreadableDocument

    try:
        with pdfplumber.open(str(path)) as pdf:
            pages = [_page(page) for page in pdf.pages]
            title = (pdf.metadata or {}).get("Title") or None
    except (PDFSyntaxError, PDFPasswordIncorrect, PdfminerException) as error:
        raise UnreadableDocument(f"không đọc được PDF ({type(error).__name__}: {error})") from error
    running = _running_heads(pages)
    lines = [item for items in pages for item in items if isinstance(item, str)]
    wrapped = _hard_wrapped(lines) or len(lines) < 15
    blocks: list[Block] = []
    number = table = 0
    for page_number, items in enumerate(pages, 1):
        for index, item in enumerate(items):
            number += 1
            if isinstance(item, list):
                if not (blocks and blocks[-1].kind == "row"):
                    table += 1
                blocks.append(Block("row", number, " ".join(item), cells=item, table=table, page=page_number))
            elif (index < EDGE or index >= len(items) - EDGE) and (
                _masked(item) in running or re.fullmatch(r"[-–]?\s*\d{1,4}\s*[-–]?", item)
            ):
                continue
            elif item:
                blocks.append(Block("line", number, item, page=page_number, wrapped=wrapped))
    return RawFile(blocks=blocks, title=title, whole="\n".join(block.text for block in blocks))


def _page(page) -> list[str | list[str]]:
    """Text lines and table rows from top to bottom."""
    found = [table for table in page.find_tables() if len(table.rows) > 1 and max(len(r.cells) for r in table.rows) > 1]
    boxes = [table.bbox for table in found]

    def outside(item: dict) -> bool:
        middle = (item["top"] + item["bottom"]) / 2
        return not any(box[1] <= middle <= box[3] and box[0] <= item["x0"] <= box[2] for box in boxes)

    pieces: list[tuple[float, str | list[str]]] = []
    for line in page.filter(lambda item: item.get("object_type") != "char" or outside(item)).extract_text_lines():
        pieces.append((line["top"], tidy(line["text"])))
    for table in found:
        for row, cells in zip(table.rows, table.extract(), strict=False):
            texts = [plain((cell or "").replace("\n", " ")) for cell in cells]
            if any(texts):
                pieces.append((row.bbox[1], texts))
    return [piece for _, piece in sorted(pieces, key=lambda pair: pair[0])]


def _masked(line: str) -> str:
    return re.sub(r"\d+", "#", line.casefold())


def _running_heads(pages: list[list[str | list[str]]]) -> set[str]:
    """Masked lines that stand at an edge of many pages, the same each time but for a number that counts the pages."""
    if len(pages) < 3:
        return set()
    seen: dict[str, dict[int, list[int]]] = defaultdict(dict)
    for number, items in enumerate(pages):
        lines = [item for item in items if isinstance(item, str)]
        for line in lines[:EDGE] + lines[-EDGE:]:
            seen[_masked(line)][number] = [int(digits) for digits in re.findall(r"\d+", line)]
    heads = set()
    for line, on in seen.items():
        if len(on) < max(3, REPEATED * len(pages)):
            continue
        columns = zip(*((page, *numbers) for page, numbers in on.items()), strict=False)
        page_numbers, *counted = columns
        if all(len(set(c)) == 1 or len({n - p for n, p in zip(c, page_numbers, strict=True)}) == 1 for c in counted):
            heads.add(line)
    return heads
