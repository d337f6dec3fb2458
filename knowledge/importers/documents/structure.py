"""The tree of a document: parts, chapters, articles, points with their paragraphs and tables."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from knowledge.importers.documents.markers import BULLET, Marker, capitals, marker
from knowledge.importers.documents.paragraphs import Paragraph
from knowledge.importers.documents.tables import Table, build_tables

TITLE = 160  # longer texts after a marker are content, not a title


_CLOSING = re.compile(
    r"Trên đây là|Nơi nhận|Trong quá trình (triển khai|thực hiện), nếu có|Đề nghị .{0,80}nếu có vướng mắc"
)


@dataclass
class Node:
    """A numbered or titled piece. `paragraphs` and `tables` stand before its children, in file order in `items`."""

    rank: float
    name: str  # kind of marker, "title" for unnumbered headings, "root"
    number: str = ""
    title: str = ""  # words of the heading; "" when the text after the number is content
    items: list[Paragraph | Table | Node] = field(default_factory=list)
    line_from: int = 0
    corrections: list[str] = field(default_factory=list)
    page: int | None = None

    @property
    def children(self) -> list[Node]:
        return [item for item in self.items if isinstance(item, Node)]

    def walk(self) -> list[Node]:
        return [self, *(node for child in self.children for node in child.walk())]


def build_tree(paragraphs: list[Paragraph]) -> Node:
    """One pass: every marker opens a node under the last one of smaller rank."""
    root = Node(0, "root")
    stack = [root]
    untitled: Node | None = None  # a Phụ lục, Chương, Mục or capitals title that may get its words from the next line
    for index, paragraph in enumerate(paragraphs):
        if paragraph.rows:
            stack[-1].items += build_tables(paragraph.rows)
            untitled = None
            continue
        after = paragraphs[index + 1] if index + 1 < len(paragraphs) else None
        text = paragraph.text
        if _CLOSING.match(text) and not any(node.name == "phu-luc" for node in stack):
            # The closing words of a letter belong to no numbered task.
            del stack[1:]
        found = None if paragraph.footnote else marker(text)
        if untitled is not None and _is_title(text, found, paragraph):
            untitled.title = f"{untitled.title} {text}".strip()
            untitled.corrections += paragraph.corrections
            if untitled.title.isupper() and len(untitled.title) < 20:
                continue
            untitled = None
            continue
        untitled = None
        node = _node(found, paragraph, after, stack)
        if node is None:
            stack[-1].items.append(paragraph)
            continue
        while stack[-1].rank >= node.rank:
            stack.pop()
        stack[-1].items.append(node)
        stack.append(node)
        if (node.name in ("phu-luc", "chuong", "muc", "phan") and not node.title) or (
            node.name == "title" and node.title.isupper() and len(node.title) < 20
        ):
            untitled = node
    return root


def _is_title(text: str, found: Marker | None, paragraph: Paragraph) -> bool:
    return (
        found is None
        and not paragraph.footnote
        and not paragraph.level
        and len(text) < 260
        and not BULLET.match(text)
        and not text.endswith((".", ";", ":", ","))
        and not re.match(r"(Căn cứ|Thực hiện|Gồm)\b", text)
    )


def _node(found: Marker | None, paragraph: Paragraph, after: Paragraph | None, stack: list[Node]) -> Node | None:
    text = paragraph.text
    if paragraph.level:
        # What the format marks as a heading is one, at the depth it says; a number in it is kept for citing.
        name, number, title = (found.name, found.number, found.rest) if found else ("title", "", text)
        rank = _level_rank(paragraph.level)
        return Node(rank, name, number, title, [], paragraph.line_from, paragraph.corrections, paragraph.page)
    if found is None:
        if capitals(text) and 5 < len(text) < 260 and not paragraph.footnote and not text.startswith(("-", "[")):
            # A title in capitals right below its annex belongs to the annex (handled before); here it opens a part.
            return Node(2, "title", "", text, [], paragraph.line_from, paragraph.corrections, paragraph.page)
        return None
    rank = found.rank
    if (
        found.name == "phu-luc"
        and text.startswith("Phụ lục")
        and any(n.name == "phu-luc" and n.title and n.items is not None and getattr(n, "upper", False) for n in stack)
    ):
        rank = 2.5  # an annex of the annex
    node = Node(rank, found.name, found.number, "", [], paragraph.line_from, paragraph.corrections, paragraph.page)
    if found.name == "phu-luc":
        node.upper = text.startswith("PHỤ LỤC")  # type: ignore[attr-defined]
    rest = found.rest.strip()
    if rest and _heading_words(rest, found, after):
        node.title = rest.rstrip(":").strip() if found.name != "dieu" else rest
    elif rest:
        node.items.append(
            Paragraph(
                text, paragraph.line_from, paragraph.line_to, page=paragraph.page, corrections=paragraph.corrections
            )
        )
    return node


def _heading_words(rest: str, found: Marker, after: Paragraph | None) -> bool:
    """Are the words after the marker a title, or the content itself?"""
    if found.rank <= 4:
        return True
    following = marker(after.text) if after else None
    long_title = following is not None and following.rank > found.rank and len(rest) < 260  # names a group of points
    if after is None or (len(rest) > TITLE and not long_title):
        return False
    if found.name == "dieu":
        return not rest.endswith((".", ";", ":"))
    if rest.endswith((".", ";", ",", "./.")):
        return False
    if after.rows:
        return True
    # "1. A" directly followed by "2. B": points of a list, not titles. A title has something below it.
    return following is None or following.rank > found.rank


def _level_rank(level: int) -> float:
    """Marked headings of DOCX, HTML and of a book's parts, among the ranks of the markers."""
    return {1: 1.2, 2: 1.5, 3: 5.5, 4: 6.5, 5: 7.5, 6: 8.2}.get(level, 8.2)
