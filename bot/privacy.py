"""Personal numbers are masked before anything is stored, logged or passed on.

Only structure decides (Vietnamese identity numbers carry no checksum): twelve digits that begin with a province code,
nine-digit old identity numbers, ten-digit tax or insurance numbers, phones, cards, e-mails, plates, one-time codes.
Procedure codes, document numbers, dossier numbers, dates and amounts of money are left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PLACEHOLDER = "[số đã ẩn]"
_SEP = r"[ .\-]?"
# What looks like a number of digits but is something public: kept as it is.
_KEEP = re.compile(
    r"\b\d\.\d{6}\b"  # procedure code
    r"|\b[A-Z]\d{1,3}(?:\.\d{1,4})*-\d{6}-\d{3,6}\b"  # dossier number
    r"|\b\d{1,4}/\d{4}/[A-ZĐ][\w.\-Đ]*|\b\d{1,5}/[A-ZĐ][\w\-Đ]*"  # document number
    r"|\b\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2,4}\b"  # date
    r"|\b\d{1,3}(?:[.,]\d{3})+\s*(?:đồng|đ|vnđ|vnd|k|tr|triệu|nghìn|ngàn)?(?![\d.,])"  # amount with separators
    r"|\b\d+\s*(?:đồng|đ|vnđ|vnd|triệu|tr|tỷ|nghìn|ngàn|usd)\b",
    re.IGNORECASE,
)
_RULES: list[tuple[str, re.Pattern]] = [
    ("email", re.compile(r"\b[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+\b")),
    ("card", re.compile(r"(?<![\d.])\d{4}(?:[ \-]?\d{4}){3}(?:[ \-]?\d{1,3})?(?![\d.]*\d)")),
    ("identity", re.compile(rf"(?<![\d.])0\d{{2}}{_SEP}\d{{3}}{_SEP}\d{{3}}{_SEP}\d{{3}}(?!\d)")),
    ("phone", re.compile(rf"(?<![\d.])(?:\+?84|0){_SEP}[235789]\d{{1,2}}{_SEP}\d{{2,4}}{_SEP}\d{{2,4}}(?:{_SEP}\d{{1,3}})?(?!\d)")),
    ("twelve digits", re.compile(r"(?<![\d.])\d{12}(?!\d)")),
    ("tax", re.compile(r"(?<![\d.])\d{10}(?:-\d{3})?(?!\d)")),
    ("old identity", re.compile(rf"(?<![\d.])\d{{3}}{_SEP}\d{{3}}{_SEP}\d{{3}}(?!\d)")),
    ("thirteen or more", re.compile(r"(?<![\d.])\d{13,19}(?!\d)")),
    ("insurance", re.compile(r"\b[A-Z]{2}\s?\d{13}\b")),
    ("passport", re.compile(r"\b[A-Z]\d{7,8}\b")),
    ("plate", re.compile(r"\b\d{2}[ \-]?[A-ZĐ]{1,2}\d?[ \-]?\d{3}[. ]?\d{2}\b|\b\d{2}[A-ZĐ]\d?-\d{4}\b")),
    ("one-time code", re.compile(r"(?<=otp)\D{0,12}\d{4,8}\b", re.IGNORECASE)),
    ("password", re.compile(r"(?:mật khẩu|mat khau|password|pass)\s*(?:là|la|:|=)\s*(?!gì|gi|nào|nao)\S+", re.IGNORECASE)),
]


@dataclass(frozen=True)
class Masked:
    text: str
    found: tuple[str, ...]  # kinds masked, for the warning


def mask(text: str) -> Masked:
    """The text with personal numbers replaced by PLACEHOLDER."""
    kept: list[str] = []

    def keep(match: re.Match) -> str:
        kept.append(match.group())
        return f"\ue000{len(kept) - 1}\ue001"

    work = _KEEP.sub(keep, text.replace("\ue000", "").replace("\ue001", ""))
    found = []
    for kind, pattern in _RULES:
        work, count = pattern.subn(PLACEHOLDER, work)
        if count:
            found.append(kind)
    work = re.sub("\ue000(\\d+)\ue001", lambda m: kept[int(m.group(1))], work)
    return Masked(work, tuple(found))
