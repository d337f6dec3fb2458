"""How numbered pieces of Vietnamese official texts begin, and how deep each kind lies."""

from __future__ import annotations

import re
from dataclasses import dataclass

UPPER = "A-ZÀ-ỸĐ"


@dataclass
class Marker:
    """A beginning such as 'Điều 5.', 'II.', '2.1.', 'a)'. `rank`: the smaller, the further out."""

    rank: float
    name: str  # phan, phu-luc, chuong, muc, dieu, la-ma, so, so-2, so-3, ngoac, nhiem-vu, chu
    number: str
    rest: str  # the text after the marker


_PATTERNS: list[tuple[str, float, str]] = [
    ("phan", 1, r"(?:PHẦN|Phần)\s+(?:THỨ\s+)?([IVX]+|\d+)\b(?!\s+[a-zà-ỹđ])[.:\s-]*(.*)"),
    ("phu-luc", 2, rf"(?:PHỤ LỤC|Phụ lục)\s*([IVX]+|\d+)?\s*[:.-]?\s*((?:[{UPPER}\"“(].*)?)"),
    ("chuong", 3, r"(?:Chương|CHƯƠNG)\s+([IVX]+|\d+)\b(?!\s+[a-zà-ỹđ])[.:\s]*(.*)"),
    ("muc", 4, rf"(?:Mục|MỤC)\s+([IVX]+|\d+)\b(?!\s+[a-zà-ỹđ])[.:\s]*((?:[{UPPER}*].*)?)"),
    ("dieu", 5, r"Điều\s+(\d+[a-zđ]?)\s*[.:]\s*(.*)"),
    ("la-ma", 6, rf"([IVX]+)\s?[.]\s+(.*)|(?<!.)([IVX]+)\s+(?=[{UPPER}])(.*)"),
    ("so-3", 9, r"(\d{1,2}\.\d{1,2}\.\d{1,2})\.?\s+(.*)"),
    ("so-2", 8, r"(\d{1,2}\.\d{1,2})\.?\s+(.*)"),
    ("so", 7, r"(\d{1,2})\s?(?:[.)]|-(?=\s))\s*(?=\D)(.*)"),
    ("ngoac", 8.5, r"\((\d{1,2})\)\s+(.*)"),
    ("nhiem-vu", 8, r"(?:Nhiệm vụ|NHIỆM VỤ)\s+(\d{1,2})\s*[:.]\s*(.*)"),
    ("chu", 10, r"([a-zđ])\s?[.)]\s+(.*)"),
]
_COMPILED = [(name, rank, re.compile(pattern, re.DOTALL)) for name, rank, pattern in _PATTERNS]

BULLET = re.compile(r"(?:[-–+*•‣▪]|-\s?\+|-\s?\([0-9a-z]+\)|-\s?[a-zđ]\))\s+\S|-(?=\.{3})")
FOOTNOTE = re.compile(r"[¹²³⁴⁵⁶⁷⁸⁹]\s*\S")
OTHER = re.compile(
    r"(?:Số:|\*{0,2}\((?:Kèm|Ban hành kèm|ban hành kèm) theo|V/v\b|Nơi nhận|Kính\s*gửi|Kính$|KT\.|TM\.|T/M|TL\.|Trân trọng|Trên đây|Bước \d|Bảng \d|Hình \d|Thực hiện Quyết định)"
)


def marker(text: str) -> Marker | None:
    """The marker a paragraph begins with, None for running text and bullets."""
    for name, rank, pattern in _COMPILED:
        found = pattern.fullmatch(text)
        if not found:
            continue
        groups = [g for g in found.groups() if g is not None]
        if name == "la-ma" and not re.match(r"[IVX]+\s?\.", text):
            continue
        number = groups[0] if len(groups) > 1 or name not in ("phu-luc",) else ""
        rest = groups[-1] if len(groups) > 1 or name == "phu-luc" else ""
        if name in ("phan", "phu-luc", "chuong", "muc") and (len(text) > 200 or text.rstrip().endswith((".", ";"))):
            return None
        return Marker(rank, name, number or "", rest.strip())
    return None


def begins_unit(text: str) -> bool:
    """Does a new paragraph surely begin here?"""
    return bool(BULLET.match(text) or FOOTNOTE.match(text) or OTHER.match(text) or marker(text))


def capitals(text: str) -> bool:
    """A title set in capitals."""
    letters = [c for c in text if c.isalpha()]
    return len(letters) >= 6 and sum(c.isupper() for c in letters) / len(letters) > 0.9
