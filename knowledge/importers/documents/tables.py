"""Tables: repeated heads taken out, cells cut by a page break joined, two-row heads made one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from knowledge.importers.documents.blocks import Block

_OUTLINE = re.compile(r"[IVX]+|\d{1,2}(\.\d{1,2})*\.?|[a-zđ][.)]?")


@dataclass
class Row:
    cells: list[str]
    line_from: int
    line_to: int
    group: list[str] = field(default_factory=list)  # group rows above it, outermost first
    is_group: bool = False
    corrections: list[str] = field(default_factory=list)


@dataclass
class Table:
    """`head` has one text a column ("Thang điểm tối đa - Mức 1" for a two-row head)."""

    head: list[str]
    rows: list[Row]
    line_from: int
    line_to: int
    blocks: int = 1  # pieces the table was cut into by page breaks
    page: int | None = None


def build_tables(rows: list[Block]) -> list[Table]:
    """Rows that followed each other with nothing but blank lines between, as tables in order."""
    pieces: list[list[Block]] = []
    for row in rows:
        if pieces and pieces[-1][-1].table == row.table:
            pieces[-1].append(row)
        else:
            pieces.append([row])
    tables: list[Table] = []
    for piece in pieces:
        head, start = _head(piece)
        body = [
            Row(list(block.cells), block.line, block.line, corrections=list(block.corrections))
            for block in piece[start:]
        ]
        if tables and _same_head(tables[-1].head, head):
            table = tables[-1]
            if body and _is_rest(table.rows, body[0]):
                _join(table.rows[-1], body.pop(0))
            table.rows += body
            table.line_to = piece[-1].line
            table.blocks += 1
        else:
            tables.append(Table(head, body, piece[0].line, piece[-1].line, page=piece[0].page))
    for table in tables:
        _group(table)
    return tables


def _head(piece: list[Block]) -> tuple[list[str], int]:
    first = list(piece[0].cells)
    while len(first) < max(len(block.cells) for block in piece):
        first.append("")
    if len(piece) > 1:
        second = piece[1].cells
        trailing = len(first) - len([c for i, c in enumerate(first) if any(first[i:])])
        if trailing >= 2 and not any(second[:2]) and sum(map(bool, second)) >= 2:
            head, above = [], ""
            for index, cell in enumerate(first):
                above = cell or above
                below = second[index] if index < len(second) else ""
                head.append(f"{above} - {below}" if below else cell)
            return head, 2
    return first, 1


def _same_head(one: list[str], other: list[str]) -> bool:
    def bare(head: list[str]) -> list[str]:
        return [re.sub(r"\W", "", cell.casefold()) for cell in head if cell]

    return bare(one) == bare(other) and bool(bare(one))


def _is_rest(rows: list[Row], row: Row) -> bool:
    """First row after a page break that only goes on with the last one: no number, and it goes on in small letters."""
    if not rows or row.cells[0] or not any(row.cells):
        return False
    texts = [cell for cell in row.cells if cell and not _OUTLINE.fullmatch(cell)]
    return bool(texts) and texts[0].lstrip('(“"- ')[:1].islower()


def _join(row: Row, rest: Row) -> None:
    for index, cell in enumerate(rest.cells):
        if cell and not _OUTLINE.fullmatch(cell):
            while len(row.cells) <= index:
                row.cells.append("")
            row.cells[index] = f"{row.cells[index]} {cell}".strip()
    row.line_to = rest.line_to
    row.corrections += rest.corrections


def _group(table: Table) -> None:
    """Rows that only title the rows below them: 'I | Xây dựng cơ chế' with nothing else filled."""
    open_groups: list[tuple[int, str]] = []
    for index, row in enumerate(table.rows):
        filled = [cell for cell in row.cells if cell]
        number = row.cells[0] if row.cells else ""
        lead = re.match(r"([IVX]+|\d{1,2}(?:\.\d{1,2})*)(?:\.?\s|\.?$)", number)
        depth = None
        if lead and len(table.head) > 2:
            whole = number != lead.group(0).strip() or len(filled) == 2
            scored = len(filled) == 3 and all(re.fullmatch(r"[\d.,]+", c) for c in filled[2:]) and not row.cells[2]
            named = number != lead.group(0).strip() or (len(row.cells) > 1 and bool(row.cells[1]))
            below = table.rows[index + 1].cells[0] if index + 1 < len(table.rows) else ""
            named = named and (not lead.group(1)[0].isdigit() or below.startswith(f"{lead.group(1)}."))
            if named and ((whole and len(filled) <= 2) or scored):
                depth = 0 if re.fullmatch(r"[IVX]+", lead.group(1)) else lead.group(1).count(".") + 1
        if depth is None:
            row.group = [text for _, text in open_groups]
            continue
        open_groups = [(d, t) for d, t in open_groups if d < depth]
        row.group = [text for _, text in open_groups]
        row.is_group = True
        title = filled[1] if len(filled) > 1 and filled[0] == number and number == lead.group(0).strip() else number
        open_groups.append((depth, re.sub(r"^[IVX]+\.?\s+", "", title)))


def row_text(head: list[str], cells: list[str]) -> str:
    """'Nhiệm vụ: …; Cơ quan chủ trì: …' with empty cells left out; the number column comes first without its head."""
    parts = []
    for index, cell in enumerate(cells):
        name = head[index] if index < len(head) else ""
        if not cell:
            continue
        if index == 0 and re.fullmatch(r"T\s?T|STT|Số TT", name):
            parts.append(f"{cell.rstrip('.')}.")
        elif not name or name == cell:
            parts.append(cell)
        else:
            parts.append(f"{name}: {cell}")
    text = ""
    for part in parts:
        text += part if not text else (" " if re.fullmatch(r"\S{1,8}\.", text) else "; ") + part
    return re.sub(r"([.;:])\s*;", r"\1", text)
