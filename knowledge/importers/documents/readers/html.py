"""Saved web pages by BeautifulSoup: menus, scripts, forms and footers out, headings, lists and tables kept."""

from __future__ import annotations

from pathlib import Path

from bs4 import BeautifulSoup, NavigableString, Tag

from knowledge.importers.documents.blocks import Block, RawFile, plain

FURNITURE = [
    "script",
    "style",
    "noscript",
    "nav",
    "header",
    "footer",
    "aside",
    "form",
    "button",
    "iframe",
    "svg",
    "template",
]
ROLES = {"navigation", "banner", "contentinfo", "search", "complementary"}
PARAGRAPHS = {
    "p",
    "div",
    "section",
    "article",
    "main",
    "blockquote",
    "pre",
    "dd",
    "dt",
    "figcaption",
    "address",
    "body",
}


def read_html(path: Path) -> RawFile:
    """`line` counts paragraphs. The page's own <main> or <article> is taken where there is exactly one."""
    soup = BeautifulSoup(path.read_bytes(), "html.parser")
    title = plain(soup.title.get_text()) if soup.title else None
    link = soup.find("link", rel="canonical")
    for tag in soup.find_all(FURNITURE):
        tag.decompose()
    for tag in soup.find_all(attrs={"role": lambda value: value in ROLES}):
        tag.decompose()
    mains = soup.find_all("main") or soup.find_all("article")
    root = mains[0] if len(mains) == 1 else (soup.body or soup)
    blocks: list[Block] = []
    _Walk(blocks).walk(root)
    return RawFile(
        blocks=blocks,
        title=title,
        url=link.get("href") if isinstance(link, Tag) else None,
        whole="\n".join(block.text for block in blocks),
    )


class _Walk:
    def __init__(self, blocks: list[Block]) -> None:
        self.blocks, self.number, self.table, self.open = blocks, 0, 0, ""

    def flush(self) -> None:
        text = plain(self.open.replace("\n", " "))
        self.open = ""
        if text:
            self.number += 1
            self.blocks += [Block("line", self.number, text), Block("gap", self.number)]

    def walk(self, node: Tag) -> None:
        for child in node.children:
            if isinstance(child, NavigableString):
                if type(child) is NavigableString:  # not a comment or declaration
                    self.open += str(child)
            elif isinstance(child, Tag):
                self.tag(child)
        if node.name in PARAGRAPHS:
            self.flush()

    def tag(self, tag: Tag) -> None:
        if tag.name == "br":
            self.flush()
        elif tag.name in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self.flush()
            text = plain(tag.get_text(" "))
            if text:
                self.number += 1
                self.blocks.append(Block("heading", self.number, text, level=int(tag.name[1])))
        elif tag.name == "table":
            self.flush()
            self.rows(tag)
        elif tag.name == "li":
            self.flush()
            self.open = "- "
            self.walk(tag)
            if self.open.strip() != "-":
                self.flush()
            self.open = ""
        else:
            if tag.name in PARAGRAPHS or tag.name in ("ul", "ol"):
                self.flush()
            self.walk(tag)

    def rows(self, table: Tag) -> None:
        rows = [
            [plain(cell.get_text(" ")) for cell in row.find_all(["td", "th"], recursive=False)]
            for row in table.find_all("tr")
            if row.find_parent("table") is table
        ]
        if all(len(row) < 2 for row in rows):  # a table used for layout
            for row in rows:
                for cell in row:
                    self.open = cell
                    self.flush()
            return
        self.table += 1
        for cells in rows:
            self.number += 1
            if any(cells):
                self.blocks.append(Block("row", self.number, " ".join(cells), cells=cells, table=self.table))
        self.blocks.append(Block("gap", self.number))
