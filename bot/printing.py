"""The checklist on paper: HTML page, PDF, QR of its link or its text; made on demand from an Answer's attachment.

Nothing is decided here: `actions.checklist.build` says what stands on the list, this file lays it out.
"""

from __future__ import annotations

import datetime as dt
import io
import logging
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from actions.answer import source_text, vietnamese_date
from actions.checklist import Checklist, Section, as_answer, build
from knowledge.settings import get_settings

Format = Literal["html", "pdf", "png", "svg", "txt"]
MEDIA = {"html": "text/html; charset=utf-8", "pdf": "application/pdf", "png": "image/png", "svg": "image/svg+xml", "txt": "text/plain; charset=utf-8"}
# All of these carry every Vietnamese letter; the first one present is used.
FONTS = ("Be Vietnam Pro", "Noto Sans", "DejaVu Sans", "Liberation Sans", "Arial", "Roboto")
QR_TEXT = 500  # bytes: what a plain phone still reads from a screen
_TEMPLATES = Path(__file__).parent / "templates"


class PrintingError(Exception):
    """The file cannot be made on this machine; the message says in Vietnamese what to install or do instead."""


@dataclass(frozen=True)
class MadeFile:
    """A file to hand over: name, media type, content."""

    name: str
    media_type: str
    content: bytes


@dataclass
class _PrintLine:
    text: str
    source: int | None = None
    box: bool = False
    more: bool = False
    leads: bool = False  # details follow: not to be parted from them at a page's end


@dataclass
class _Block:
    heading: str | None = None
    lines: list[_PrintLine] = field(default_factory=list)


def _blocks(section: Section) -> list[_Block]:
    """A section's lines under its inner headings; boxes to tick and details told apart from the text."""
    blocks = [_Block()]
    for line in section.lines:
        if line.kind == "heading":
            blocks.append(_Block(line.text.rstrip(":")))
            continue
        text = line.text
        box = text.startswith("☐ ")
        more = text.startswith("   – ")
        if more and blocks[-1].lines:
            blocks[-1].lines[-1].leads = True
        blocks[-1].lines.append(_PrintLine(text.removeprefix("☐ ").removeprefix("   – ").strip(), line.source, box, more))
    return [b for b in blocks if b.lines]


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def checklist_of(attachment: dict[str, Any], *, day: dt.date | None = None, place: str | None = None) -> Checklist:
    """The full checklist of {"kind": "checklist", "code", "case"}. Raises KeyError for an unknown code."""
    return build(attachment["code"], attachment.get("case") or {}, day or get_settings().today(), place=place)


def html(made: Checklist) -> str:
    """One page that stands alone: no script, no file beside it."""
    sources = [{"text": source_text(replace(s, url=None)).removeprefix("Nguồn: "), "url": s.url} for s in made.sources]
    fonts = ", ".join(f'"{name}"' for name in FONTS) + ", sans-serif"
    return _environment().get_template("checklist.html.j2").render(
        list=made, blocks=_blocks, sources=sources, day=vietnamese_date(made.day.isoformat()), fonts=fonts, qr=_inline_qr(made.link) if made.link else None
    )


def pdf(made: Checklist) -> bytes:
    """A4. Raises PrintingError where the libraries or fonts for it are missing."""
    _check_fonts()
    try:
        import weasyprint
    except OSError as error:  # Pango is a system library
        raise PrintingError(f"Máy chưa có thư viện Pango để tạo PDF ({error}). Cài gói libpango-1.0-0 và libpangoft2-1.0-0, hoặc dùng bản HTML rồi in từ trình duyệt.") from error
    for name in ("weasyprint", "fontTools"):
        logging.getLogger(name).setLevel(logging.ERROR)
    return weasyprint.HTML(string=html(made), base_url=str(_TEMPLATES)).write_pdf()


@lru_cache(maxsize=1)
def _check_fonts() -> None:
    """Without a font that has Vietnamese letters the PDF would show boxes."""
    try:
        found = subprocess.run(["fc-list", ":lang=vi", "family"], capture_output=True, text=True, timeout=20).stdout
    except (OSError, subprocess.TimeoutExpired):
        return  # no fontconfig tool: the system's own way of finding fonts is trusted
    if not found.strip():
        raise PrintingError("Máy chưa có phông chữ tiếng Việt để tạo PDF. Cài gói fonts-dejavu hoặc fonts-noto-core, hoặc dùng bản HTML.")


def _code(content: str) -> segno.QRCode:
    return segno.make(content, error="m" if len(content.encode()) < 300 else "l", micro=False, encoding="utf-8" if not content.isascii() else None)


def _inline_qr(link: str) -> str:
    return _code(link).svg_inline(border=2, dark="#16202c", omitsize=True)


def qr_content(made: Checklist, kind: Literal["link", "text"] = "link") -> str:
    """What the code holds: the link, or the list itself in as many whole lines as a phone can read.

    Raises PrintingError when there is no link.
    """
    if kind == "link":
        if not made.link:
            raise PrintingError(f"Thủ tục {made.code} không có đường dẫn trong dữ liệu; dùng mã QR chứa chữ.")
        return made.link
    chosen: list[str] = []
    for line in _short_lines(made):
        if len("\n".join([*chosen, line, "…"]).encode()) > QR_TEXT:
            chosen.append("…")
            break
        chosen.append(line)
    return "\n".join(chosen)


def _short_lines(made: Checklist) -> Iterator[str]:
    """The list in few words: title, papers, fee, where, source."""
    short = build_short(made)
    yield f"{short.name} ({short.code})"
    if made.link:
        yield made.link
    for key in ("papers", "fee", "where"):
        for section in short.sections:
            if section.key == key:
                yield from (line.text.replace("☐ ", "- ").strip() for line in section.lines if line.kind != "heading")


def build_short(made: Checklist) -> Checklist:
    """The same list with short lines."""
    sections = []
    for section in made.sections:
        lines = [replace(line, text=_cut(line.text)) for line in section.lines]
        sections.append(Section(section.key, section.title, lines))
    return replace(made, sections=sections)


def _cut(text: str, limit: int = 70) -> str:
    waiting = " (tùy trường hợp)" if "[chỉ cần khi" in text else ""
    text = text.split(" – ")[0].split(" [chỉ cần khi")[0]
    return (text if len(text) <= limit else text[:limit].rsplit(" ", 1)[0] + "…") + waiting


def qr(made: Checklist, kind: Literal["link", "text"] = "link", *, as_svg: bool = False) -> bytes:
    """PNG (or SVG) of `qr_content`, large enough for a phone to read from a screen or from paper."""
    code = _code(qr_content(made, kind))
    out = io.BytesIO()
    if as_svg:
        code.save(out, kind="svg", scale=8, border=4, dark="#16202c", light="#ffffff")
    else:
        code.save(out, kind="png", scale=8, border=4, dark="#16202c", light="#ffffff")
    return out.getvalue()


def text(made: Checklist) -> str:
    """The whole list as plain text."""
    return as_answer(made).plain_text()


def make_file(attachment: dict[str, Any], format: Format = "pdf", *, day: dt.date | None = None, place: str | None = None) -> MadeFile:
    """The file of an Answer's attachment, for channels. Raises KeyError (unknown code), ValueError (unknown kind), PrintingError."""
    if attachment.get("kind") != "checklist":
        raise ValueError(f"unknown attachment {attachment.get('kind')!r}")
    made = checklist_of(attachment, day=day, place=place)
    content = {
        "html": lambda: html(made).encode(),
        "pdf": lambda: pdf(made),
        "png": lambda: qr(made),
        "svg": lambda: qr(made, as_svg=True),
        "txt": lambda: text(made).encode(),
    }[format]()
    return MadeFile(f"danh-sach-{made.code}.{format}", MEDIA[format], content)
