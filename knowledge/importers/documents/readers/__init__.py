"""One reader a file format; each returns a `RawFile`."""

from __future__ import annotations

from pathlib import Path

from knowledge.importers.documents.blocks import RawFile

SUFFIXES = (".txt", ".docx", ".pdf", ".html", ".htm")


class UnreadableDocument(ValueError):
    """The file is not what its ending says, is encrypted, or holds no text. The message names the reason."""


def read_raw(path: Path) -> RawFile:
    """Chooses the reader by the ending. Raises UnreadableDocument, OSError."""
    suffix = path.suffix.lower()
    if suffix == ".txt":
        from knowledge.importers.documents.readers.txt import read_txt as read
    elif suffix == ".docx":
        from knowledge.importers.documents.readers.docx import read_docx as read
    elif suffix == ".pdf":
        from knowledge.importers.documents.readers.pdf import read_pdf as read
    elif suffix in (".html", ".htm"):
        from knowledge.importers.documents.readers.html import read_html as read
    else:
        raise UnreadableDocument(f"không đọc được loại tệp '{suffix}' (nhận {', '.join(SUFFIXES)})")
    raw = read(path)
    if not raw.whole.strip():
        raise UnreadableDocument("tệp không có chữ (bản quét chưa nhận dạng?)")
    return raw
