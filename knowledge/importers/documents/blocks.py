"""The common form of a file that was read: lines, headings and table rows, each with its place."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Literal

BlockKind = Literal["line", "gap", "heading", "row"]


@dataclass
class Block:
    """One line, blank line, marked heading or table row of the file.

    `line` counts from 1 (the paragraph number for DOCX and HTML, the line over all pages for
    PDF). `level` is the heading level that the format itself marks (1-6). `cells` only for rows;
    `table` tells which rows belong together.
    """

    kind: BlockKind
    line: int
    text: str = ""
    level: int | None = None
    cells: list[str] = field(default_factory=list)
    table: int | None = None
    page: int | None = None
    wrapped: bool = False  # a line of fixed width, not a paragraph
    corrections: list[str] = field(default_factory=list)


@dataclass
class RawFile:
    """A file as read, before anything is understood."""

    blocks: list[Block]
    title: str | None = None  # what the format itself calls the title
    url: str | None = None
    whole: str = ""  # all text, for recognising


def tidy(text: str) -> str:
    """NFC, no-break and zero-width spaces folded, runs of blanks made one."""
    text = unicodedata.normalize("NFC", text).replace("\u200b", "").replace("\ufeff", "").replace("\u00ad", "")
    return re.sub(r"[ \u00a0\u2007\u202f\t]+", " ", text).strip()


_MARKUP = re.compile(r"</?(p|ul|ol|li|i|b|em|strong|u|br|span|div|sup|sub)(\s[^<>]*)?/?>", re.IGNORECASE)


def plain(text: str) -> str:
    """Left-over HTML tags and Markdown emphasis taken away, <https://…> unwrapped, slips of spacing mended."""
    text = re.sub(r"([(“]) | (?=[)”])", r"\1", _MARKUP.sub(" ", text))
    text = re.sub(r"<((?:https?://|mailto:)[^<>\s]+)>", r"\1", text)
    text = re.sub(r"\*{1,3}(?=\S)|(?<=\S)\*{1,3}", "", text) if text.count("*") > 1 else text
    text = re.sub(r"\s+([;,.)])(?=\s|$)", r"\1", text)
    return tidy(text)


_GREEK = {r"\times": "×", r"\cdot": "×", r"\leq": "≤", r"\geq": "≥"}


def formula(text: str) -> str:
    """A LaTeX formula as one reads it aloud: fractions as a / b, sums as "tổng (…)"."""
    text = text.strip().strip("$").strip()
    text = re.sub(r"\\text\{([^{}]*)\}", r"\1", text)
    text = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"(\1) / (\2)", text)
    text = re.sub(r"\\sum_\{([^{}]*)\}\^\{?(\w+)\}?", r"tổng với \1 đến \2 của", text)
    for name, sign in _GREEK.items():
        text = text.replace(name, sign)
    return tidy(re.sub(r"\s\*\s", " × ", text))
