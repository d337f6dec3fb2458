"""From the tree to passages: pieces that answer a question by themselves, 200-1200 characters where the text allows."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, replace

from knowledge.guidance.records import PassageRecord
from knowledge.guidance.register import Document, Source
from knowledge.importers.documents.markers import BULLET
from knowledge.importers.documents.paragraphs import Paragraph
from knowledge.importers.documents.structure import Node
from knowledge.importers.documents.tables import Row, Table, row_text

WHOLE = 1200  # a piece up to this length stays one passage
SMALL = 200  # smaller neighbours are put together ...
PACKED = 700  # ... up to this length
HARD = 1500  # a single paragraph longer than this is split at its sentences

_WORDS = {"phan": "Phần", "phu-luc": "Phụ lục", "chuong": "Chương", "muc": "Mục", "dieu": "Điều"}
_CONTACT = re.compile(r"[\w.-]+@[\w-]+\.[\w.]+|(?:điện thoại|số ĐT|SĐT|Điện thoại)\D{0,12}\d[\d.\s]{7,}", re.IGNORECASE)
_CAPTION = re.compile(r"\W?Bảng \d")
_TASK = re.compile(r"Nhiệm vụ (\d{1,2})\b")
_DEFINED = re.compile(
    r"^(?:\d{1,2}\. |[a-zđ]\) |- )?[“\"]?[^.;]{2,90}?[”\"]?:? (?:là (?:quá trình|việc|hệ thống|dữ liệu|tập hợp|tổng thể|thông tin|điểm|nền tảng|danh mục|cơ sở dữ liệu|hoạt động|mô hình|dịch vụ)|được hiểu là)\b"
)


@dataclass
class _Piece:
    """Something to be packed: one paragraph group or one child rendered whole."""

    text: str
    line_from: int
    line_to: int
    node: Node | None
    corrections: list[str]
    page: int | None = None
    last: Node | None = None  # where several neighbours were put together: the last of them


class PassageMaker:
    """Makes the passages of one document from its tree."""

    def __init__(
        self,
        key: str,
        number: str,
        date: dt.date | None,
        known: Document | None,
        source: Source | None,
        year: int | None,
    ):
        self.key, self.number, self.date, self.known, self.source, self.year = key, number, date, known, source, year
        self.passages: list[PassageRecord] = []
        self.ids: dict[str, int] = {}
        self.contents: list[str] = []
        self.tables = 0
        self.article = ""

    # The tree

    def run(self, root: Node) -> list[PassageRecord]:
        self._visit(root, [], [], "")
        for index, passage in enumerate(self.passages):
            passage.previous = self.passages[index - 1].id if index else None
            passage.following = self.passages[index + 1].id if index + 1 < len(self.passages) else None
        return self.passages

    def _visit(self, node: Node, path: list[str], labels: list[Node], lead: str, lead_line: int = 0) -> None:
        """Emits the passages of a node; `path` and `labels` are those of the nodes above it."""
        if node.name != "root":
            labels = [*labels, node]
        unit = self._unit(node, labels)
        here = [*path, _path_words(node, unit)] if node.name != "root" else path
        here = [words for words in here if words]
        if node.name != "root" and (node.title or unit) and node.rank < 9:
            self.contents.append(here[-1] if here else "")
        has_tables = any(isinstance(item, Table) for n in node.walk() for item in n.items)
        units_below = any(self._unit(child, [*labels, child]) for child in node.children)
        text, lines, corrections = _render(node)
        if lead:
            text = f"{lead}\n{text}"
            lines = (lead_line, lines[1])
        if (
            node.name != "root"
            and not has_tables
            and not units_below
            and text
            and (len(text) <= WHOLE or (unit and not _splittable(node)))
        ):
            self._add(text, node, here, labels, unit, lines, corrections)
            return
        pieces: list[_Piece] = []
        pending, pending_line, pending_to = lead, lead_line, lead_line

        def flush() -> None:
            nonlocal pending
            for piece in _pack(pieces):
                words = f"{pending}\n{piece.text}" if pending else piece.text
                begin = pending_line if pending else piece.line_from
                pending = ""
                self._add(
                    words,
                    piece.node or node,
                    here,
                    [*labels, _range(piece.node, piece.last)] if piece.node else labels,
                    unit,
                    (begin, piece.line_to),
                    piece.corrections,
                    inside=piece.node is not None,
                    page=piece.page,
                )
            pieces.clear()

        groups = _groups(node.items)
        for index, group in enumerate(groups):
            if isinstance(group, Table):
                flush()
                above = self.passages[-1].text if self.passages and len(self.passages[-1].text) < 160 else ""
                caption = pending if _CAPTION.match(pending) else above
                if pending and caption is not pending:
                    self._add(pending, node, here, labels, unit, (pending_line, pending_to), [])
                pending = ""
                self._table(group, node, here, labels, caption)
            elif isinstance(group, Node):
                text, lines, corrections = _render(group)
                child_unit = self._unit(group, [*labels, group])
                small = (
                    not child_unit
                    and len(text) < SMALL
                    and group.name != "dieu"
                    and group.rank > 5
                    and not any(isinstance(i, Table) for n in group.walk() for i in n.items)
                )
                if small:
                    pieces.append(_Piece(_named(group, text), *lines, group, corrections, group.page))
                else:
                    flush()
                    if pending and child_unit and "kind" in child_unit:
                        # A numbered task stands alone; the words that lead to the list are a passage of their own.
                        self._add(pending, node, here, labels, unit, (pending_line, pending_to), [])
                        pending = ""
                    self._visit(group, here, labels, pending, pending_line)
                    pending = ""
            else:
                text = "\n".join(p.text for p in group)
                piece = _Piece(
                    text,
                    group[0].line_from,
                    group[-1].line_to,
                    None,
                    [c for p in group for c in p.corrections],
                    group[0].page,
                )
                after = groups[index + 1] if index + 1 < len(groups) else None
                if text.endswith(":") and len(text) < 300 and isinstance(after, (Node, Table)):
                    flush()
                    pending_line = pending_line if pending else group[0].line_from
                    pending_to = group[-1].line_to
                    pending = f"{pending}\n{text}".strip()
                else:
                    pieces.append(piece)
        flush()
        if pending:
            self._add(pending, node, here, labels, unit, (pending_line, pending_to), [])

    def _unit(self, node: Node, labels: list[Node]) -> dict | None:
        """The register's rule for numbered pieces ("nhiệm vụ 18") that fits this node."""
        if self.known is None or node.name not in ("so", "ngoac"):
            return None
        above = [n for n in labels[:-1]] if labels and labels[-1] is node else labels
        for rule in self.known.units:
            names = [f"{_shown_number(n)} {n.title}".strip() for n in above]
            if (rule["heading"] == "^$" and not above) or any(
                rule["heading"] != "^$" and re.search(rule["heading"], name) for name in names[-2:]
            ):
                if any(n.name in ("so", "ngoac") for n in above):
                    return None
                return rule
        return None

    # Passages

    def _add(
        self,
        text: str,
        node: Node,
        path: list[str],
        labels: list[Node],
        unit: dict | None,
        lines: tuple[int, int],
        corrections: list[str],
        inside: bool = False,
        page: int | None = None,
    ) -> None:
        if not text.strip():
            return
        owner = labels[-2] if inside and len(labels) > 1 else (labels[-1] if labels else None)
        label = self._label(labels, unit, owner)
        kind = "paragraph"
        if unit and "kind" in unit:
            kind = unit["kind"]
        elif any(n.name == "dieu" for n in labels):
            kind = "article"
        elif node.name in ("so", "so-2", "so-3", "ngoac", "chu") and node.rank > 5:
            kind = "point"
        elif text.count("\n- ") >= 2 or text.count("\n+ ") >= 2:
            kind = "list"
        if _CONTACT.search(text) and len(text) < 900 and not (unit and "kind" in unit):
            kind = "contact"
        elif _DEFINED.match(text) and not (unit and "kind" in unit):
            kind = "definition"
        for part, chunk in enumerate(_sentences(text)):
            self._emit(chunk, kind, path, label, lines, corrections, page or node.page, part)

    def _emit(
        self, text, kind, path, label, lines, corrections, page, part=0, usable=True, reason=None
    ) -> PassageRecord:
        anchor = _slug(label or (path[-1] if path else "mo-dau"))[:48] or "doan"
        count = self.ids[anchor] = self.ids.get(anchor, 0) + 1
        warnings = [
            w["text"]
            for w in (self.known.warnings if self.known else [])
            if re.search(w["match"], " ".join([*path, text]), re.DOTALL)
        ]
        if kind == "contact" and self.date:
            warnings.append(f"Thông tin liên hệ của văn bản năm {self.date.year}, có thể đã thay đổi.")
        passage = PassageRecord(
            id=f"{self.key}:{anchor}" + (f".{count}" if count > 1 else ""),
            document=self.number,
            document_date=self.date,
            text=text.strip(),
            kind=kind,
            heading=list(path),
            label=label,
            line_from=lines[0],
            line_to=lines[1],
            page=page,
            usable=usable,
            reason=reason,
            year=_year(" ".join(path[-2:]) + " " + text) or self.year,
            corrections=sorted(set(corrections)),
            warning=" ".join(warnings) or None,
        )
        self.passages.append(passage)
        return passage

    def _label(self, labels: list[Node], unit: dict | None, owner: Node | None) -> str | None:
        for index, node in enumerate(labels):
            rule = self._unit(node, labels[: index + 1])
            if rule:
                sub = [n.number for n in labels[index + 1 :] if n.number]
                return rule["label"].format(n=node.number) + (f", mục {'.'.join(sub)}" if sub else "")
        parts: list[str] = []
        inner: list[str] = []
        task = next((f"nhiệm vụ {int(named.group(1))}" for node in labels if (named := _TASK.match(node.title or ""))), None)
        for node in labels:
            if node.name in ("phan", "phu-luc", "chuong"):
                if node.name != "chuong":
                    parts.append(f"{_WORDS[node.name]} {node.number}".strip())
            elif node.name == "dieu":
                parts = [p for p in parts if not p.startswith("Mục")]
                parts.append(f"Điều {node.number}")
            elif node.name in ("la-ma", "so", "so-2", "so-3", "ngoac", "chu", "nhiem-vu"):
                if any(p.startswith("Điều") for p in parts) and node.name in ("so", "chu") and not inner:
                    parts.append(f"khoản {node.number}" if node.name == "so" else f"điểm {node.number}")
                elif parts and parts[-1].startswith("khoản") and node.name == "chu":
                    parts.append(f"điểm {node.number}")
                elif node.name in ("so-2", "so-3"):
                    inner = [i for i in inner if not i[0].isdigit()] + [node.number]
                elif node.name == "nhiem-vu":
                    inner.append(f"nhiệm vụ {node.number}")
                else:
                    inner.append(node.number)
        if inner:
            parts.append("mục " + ".".join(inner))
        if task and not any(node.name == "phu-luc" for node in labels):
            parts.append(task)  # "d) Nhiệm vụ 5: ...": people ask for it by that number
        return ", ".join(parts) or None

    # Tables

    def _table(self, table: Table, node: Node, path: list[str], labels: list[Node], caption: str) -> None:
        self.tables += table.blocks
        caption = caption if _CAPTION.match(caption) else ""
        label = self._label(labels, None, None)
        names = [path[-1] if path else "", caption, node.title, f"{_shown_number(node)} {node.title}"]
        marks = [
            m for m in (self.source.unusable if self.source else []) if any(re.search(m["caption"], n) for n in names)
        ]
        where = [*path, caption] if caption else path
        bad_rows, texts = 0, []
        for row in table.rows:
            if row.is_group and sum(map(bool, row.cells)) <= 2:
                continue
            cells, usable, reasons = list(row.cells), True, []
            for mark in marks:
                for column in mark.get("columns", []):
                    if column <= len(cells):
                        cells[column - 1] = ""
                        reasons.append(mark["reason"])
                for index, cell in enumerate(cells):
                    if "cell" in mark and re.search(mark["cell"], cell):
                        cells[index] = ""
                        reasons.append(mark["reason"])
                if "rows" in mark and re.search(mark["rows"], " | ".join(row.cells)):
                    usable, bad_rows = False, bad_rows + 1
                    reasons.append(mark["reason"])
            reason = " ".join(dict.fromkeys(reasons)) or None
            text = row_text(table.head, cells if usable else row.cells)
            if not text:
                continue
            if usable:
                texts.append(text)
            passage = self._emit(
                text,
                "table_row",
                [*where, *row.group],
                _row_label(label, row),
                (row.line_from, row.line_to),
                row.corrections,
                table.page,
                usable=usable,
                reason=reason,
            )
            if reason and usable:
                passage.warning = reason
        self._whole_table(table, where, label, marks, texts, bad_rows)

    def _whole_table(
        self, table: Table, path: list[str], label: str | None, marks: list[dict], lines: list[str], bad_rows: int
    ) -> None:
        """The table in one piece (rows that must not be quoted left out), or what it holds where it is long."""
        text = "\n".join(lines)
        if len(text) > HARD:
            text = f"Bảng gồm {len(table.rows)} dòng, các cột: {'; '.join(head for head in table.head if head)}."
        usable = not any("columns" in mark for mark in marks) and bad_rows * 4 < max(1, len(table.rows))
        reason = None if usable else " ".join(dict.fromkeys(mark["reason"] for mark in marks)) or None
        place = f"{label}, bảng" if label else "bảng"
        lines_of = (table.line_from, table.line_to)
        self._emit(text, "table", path, place, lines_of, [], table.page, usable=usable, reason=reason)


def _range(node: Node, last: Node | None) -> Node:
    """'khoản 1-3' for neighbours that were put together."""
    return replace(node, number=f"{node.number}-{last.number}") if last is not None else node


def _row_label(label: str | None, row: Row) -> str:
    number = row.cells[0].rstrip(".") if row.cells and len(row.cells[0]) <= 8 else ""
    words = f"bảng, dòng {number}" if number else "bảng"
    return f"{label}, {words}" if label else words


def _shown_number(node: Node) -> str:
    if node.name in _WORDS:
        return f"{_WORDS[node.name] if node.name != 'phu-luc' else 'PHỤ LỤC'} {node.number}".strip()
    if node.name == "ngoac":
        return f"({node.number})"
    if node.name == "chu":
        return f"{node.number})"
    if node.name == "nhiem-vu":
        return f"Nhiệm vụ {node.number}:"
    return f"{node.number}." if node.number else ""


def _path_words(node: Node, unit: dict | None) -> str:
    if unit and node.number in unit.get("titles", {}):
        label = unit["label"].format(n=node.number)
        return f"{label[0].upper()}{label[1:]}: {unit['titles'][node.number]}"
    number = _shown_number(node)
    if node.name in ("phu-luc",):
        number = f"Phụ lục {node.number}".strip()
    if node.title:
        stop = "." if node.name in _WORDS and node.number else ""
        return f"{number}{stop} {node.title}".strip()
    first = next((item.text for item in node.items if isinstance(item, Paragraph)), "")
    lead = re.split(r"(?<=[^\d])[.:;]", re.sub(r"^(?:Điều \d+\.|\S{1,5}[.)])\s*", "", first), maxsplit=1)[0].strip()
    if lead and len(lead) <= 140:
        return f"{number} {lead}".strip()
    return number if node.name in _WORDS else ""  # a bare "b)" says nothing in a path


def _named(node: Node, text: str) -> str:
    """A small child keeps its title when it is packed with its neighbours."""
    return f"{_shown_number(node)} {node.title}\n{text}".strip() if node.title else text


def _render(node: Node) -> tuple[str, tuple[int, int], list[str]]:
    """Text of the subtree without the node's own title; tables left out."""
    parts: list[str] = []
    first, last = node.line_from, node.line_from
    corrections = list(node.corrections)
    for item in node.items:
        if isinstance(item, Paragraph):
            parts.append(item.text)
            corrections += item.corrections
            last = max(last, item.line_to)
            first = min(first, item.line_from) if first else item.line_from
        elif isinstance(item, Node):
            text, lines, more = _render(item)
            parts.append(_named(item, text) if item.title else text)
            corrections += more
            last = max(last, lines[1])
    return "\n".join(part for part in parts if part), (first, last), corrections


def _splittable(node: Node) -> bool:
    """Has it parts of its own to be split at?"""
    return len(node.items) > 1


def _groups(items: list) -> list:
    """Paragraphs with the bullets that belong to them as lists; nodes and tables as they are."""
    groups: list = []
    for item in items:
        if not isinstance(item, Paragraph):
            groups.append(item)
            continue
        last = groups[-1] if groups and isinstance(groups[-1], list) else None
        length = sum(len(p.text) for p in last) if last else 0
        if last and (BULLET.match(item.text) or last[-1].text.endswith(":")) and length + len(item.text) <= WHOLE:
            last.append(item)
        else:
            groups.append([item])
    return groups


def _pack(pieces: list[_Piece]) -> list[_Piece]:
    """Neighbours below SMALL put together; a lead-in ending with ':' goes with what follows."""
    packed: list[_Piece] = []
    for piece in pieces:
        last = packed[-1] if packed else None
        together = last is not None and (
            (len(last.text) < SMALL and len(last.text) + len(piece.text) <= WHOLE)
            or (len(piece.text) < SMALL and len(last.text) + len(piece.text) <= PACKED)
            or (last.text.endswith(":") and len(last.text) + len(piece.text) <= WHOLE)
        )
        if together and last is not None:
            neighbours = last.node is not None and piece.node is not None and last.node.name == piece.node.name
            packed[-1] = _Piece(
                f"{last.text}\n{piece.text}",
                last.line_from,
                piece.line_to,
                last.node if neighbours else None,
                last.corrections + piece.corrections,
                last.page,
                piece.node if neighbours else None,
            )
        else:
            packed.append(piece)
    return packed


def _sentences(text: str) -> list[str]:
    """Splits what is longer than HARD at line ends, then at sentence ends, into parts of about WHOLE."""
    if len(text) <= HARD:
        return [text]
    parts, current = [], ""
    for piece in re.split(r"(\n|(?<=[^\WA-ZĐ\d][.;])\s+(?=[^a-zà-ỹđ]))", text):
        if len(current) + len(piece) > WHOLE and current.strip():
            parts.append(current.strip())
            current = ""
        current += piece
    if current.strip():
        if parts and len(current) < 120:
            parts[-1] += " " + current.strip()
        else:
            parts.append(current.strip())
    return parts


_PROGRAMME = re.compile(
    r"(?:giai đoạn \d{4}\s?-\s?\d{4}|đến(?: hết)? năm \d{4}|ngày \d{1,2}(?:/| tháng )\d{1,2}(?:/| năm )\d{4}|\d+/\d{4}/)"
)


def _year(text: str) -> int | None:
    """The one year the text speaks of, if it is exactly one; names of programmes and dates of documents do not count."""
    text = re.sub(r"(?:tới|đến) hết năm (20\d\d)", r"năm \1", text)
    years = set(
        re.findall(r"(?:năm|quý I+|tháng \d{1,2}|tuần [\d -]+|Tuần \d+)[ /](20[12]\d)\b", _PROGRAMME.sub(" ", text))
    )
    return int(years.pop()) if len(years) == 1 else None


def _slug(text: str) -> str:
    text = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "d"))
    text = "".join(c for c in text if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
