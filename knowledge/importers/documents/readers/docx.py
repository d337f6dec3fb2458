"""Word files by python-docx: paragraphs with their heading styles, tables in their place."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from knowledge.importers.documents.blocks import Block, RawFile, plain


def read_docx(path: Path) -> RawFile:
    """`line` is the number of the paragraph or row in the body. Raises UnreadableDocument."""
    import docx
    from docx.opc.exceptions import PackageNotFoundError
    from docx.table import Table
    from docx.text.paragraph import Paragraph

    from knowledge.importers.documents.readers import UnreadableDocument

    try:
        document = docx.Document(str(path))
    except (PackageNotFoundError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise UnreadableDocument(f"không phải tệp Word .docx đọc được ({error})") from error
    blocks: list[Block] = []
    number = table = 0
    for item in document.iter_inner_content():
        if isinstance(item, Paragraph):
            # A manual line break inside a paragraph is a blank; an empty paragraph is a gap.
            number += 1
            text = plain(item.text.replace("\n", " "))
            level = re.fullmatch(r"(?:Heading|Đề mục|heading) (\d)", item.style.name or "") if item.style else None
            if not text:
                blocks.append(Block("gap", number))
            elif level or (item.style and item.style.name == "Title"):
                blocks.append(Block("heading", number, text, level=int(level.group(1)) if level else 1))
            else:
                blocks += [Block("line", number, _listed(item, text)), Block("gap", number)]
        elif isinstance(item, Table):
            table += 1
            for row in item.rows:
                number += 1
                cells, last = [], None
                for cell in row.cells:  # a merged cell is listed once for each column
                    cells.append("" if cell._tc is last else plain(cell.text.replace("\n", " ")))
                    last = cell._tc
                if any(cells):
                    blocks.append(Block("row", number, " ".join(cells), cells=cells, table=table))
            blocks.append(Block("gap", number))
    return RawFile(
        blocks=blocks,
        title=document.core_properties.title or None,
        whole="\n".join(block.text for block in blocks),
    )


def _listed(paragraph, text: str) -> str:
    """Word keeps list bullets outside the text; they carry structure, so they are put back as '- '."""
    style = (paragraph.style.name or "") if paragraph.style else ""
    properties = paragraph._p.pPr
    numbered = properties is not None and properties.numPr is not None
    if (style.startswith("List") or numbered) and not re.match(r"[-+•*]|\d+[.)]|[a-zđ]\)", text):
        return f"- {text}"
    return text
