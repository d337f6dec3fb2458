"""Personal numbers are masked before anything is stored, logged or passed on.

Structure decides, helped by the words before a number: Vietnamese identity numbers carry no checksum. Masked: personal
identity numbers (12 digits), old identity cards (9), tax and insurance numbers, phones, bank cards and accounts,
e-mails, plates, passports, one-time codes, passwords. Left alone: procedure codes, document and dossier numbers, dates,
amounts of money, hotlines. When a long number could be either, it is masked.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

PLACEHOLDER = "[số đã ẩn]"

# Between the groups of one number: "0912 345 678", "0912.345.678", "0912 - 345 - 678".
_SEP = r"(?:[ \u00a0]?[.\-–_][ \u00a0]?|[ \u00a0]{1,2})?"
_UNIT = r"(?:đồng(?! *(?:nai|tháp|chí|hới|xoài|văn))|vn[đd]|đ(?!/)|triệu|tr|tỷ|tỉ|nghìn|ngàn|k|usd)(?!\w)"

# Public numbers, kept as they are. An amount never begins with 0; nine digits and more need a unit or round thousands.
_KEEP = re.compile(
    r"(?<!\w)\d\.\d{6}(?:\.\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{1,3})?(?!\w)"  # procedure code, also with its agency's tail
    r"|(?<!\w)(?:\d{3}\.\d{2}\.\d{2}\.)?[A-Z]\d{1,3}(?:\.\d{1,4})*-\d{6}-\d{3,6}(?!\w)"  # dossier number
    r"|(?<![\w/])\d{1,5}/(?:(?:19|20)\d{2}/)?[A-ZĐ]+\d{0,3}(?:[\-.][A-ZĐ]+\d{0,3})*(?!\w)"  # document number
    r"|(?<![\d.\-/])(?:0?[1-9]|[12]\d|3[01])([/.\-])(?:0?[1-9]|1[0-2])\1(?:(?:19|20)\d{2}|\d{2})(?![.\-/]?\d)"  # date
    r"|(?<!\d)(?:19|20)\d{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)"  # date as the sources write it
    r"|(?<![\d.,])[1-9]\d{0,2}(?:[.,]\d{3})+(?![.,]?\d) ?" + _UNIT + r"|(?<![\d.,])[1-9]\d{0,2}(?:[.,]\d{3})*[.,]000(?![.,]?\d)"  # amount with separators
    r"|(?<![\d.,])[1-9]\d{0,7}(?!\d) ?" + _UNIT + r"|(?<![\d.,])[1-9]\d{2,11}000(?!\d) ?" + _UNIT + r"|(?<![\d.,])[1-9]\d{0,10}00000(?!\d)"  # amount without
    r"|(?<!\d)1[89]00[ .\-]?\d{4}(?!\d)|(?:tổng đài|hotline|đường dây nóng)\D{0,12}1[89]00[ .\-]?\d{2}[ .\-]?\d{2}[ .\-]?\d{2}(?!\d)"  # hotline
    r"|(?:năm|nam) (?:19|20)\d{2}(?!\d)",
    re.IGNORECASE,
)


def _groups(*sizes: int, first: str = r"\d") -> str:
    """A number written in groups of these sizes; `first` stands for its first characters."""
    head = len(re.sub(r"\[[^\]]*\]|\\d", ".", first))
    parts = [first + (rf"\d{{{sizes[0] - head}}}" if sizes[0] > head else "")]
    return r"[ .\-–]{1,3}".join([*parts, *(rf"\d{{{size}}}" for size in sizes[1:])])


def _one_of(*patterns: str) -> re.Pattern:
    return re.compile(rf"(?<!\d)(?:{'|'.join(patterns)})(?!\d)", re.IGNORECASE)


_WORD = r"(?:không|khong|một|mốt|mot|hai|ba|bốn|bon|tư|năm|lăm|nam|sáu|sau|bảy|bẩy|bay|tám|tam|chín|chin)"
# Words that announce a personal number; a number in any grouping after them counts.
_ANNOUNCED = (
    r"(?:cccd|cmnd|cmt|cmtnd|c[ăa]n c[ưu][ơớo]c|ch[ứu]ng minh|[đd][ịi]nh danh|h[ộo] chi[ếe]u|passport|bhxh|bhyt|b[ảa]o hi[ểe]m|mst|m[ãa] s[ốo] thu[ếe]|s[ốo] s[ổo]"
    r"|s[đd]t|[đd]t|[đd]i[ệe]n tho[ạa]i|phone|tel|zalo|li[êe]n h[ệe])"
)
_RULES: list[tuple[str, re.Pattern]] = [
    ("email", re.compile(r"(?<![\w.])[\w.+\-]{1,64} ?(?:@|\(at\)|\[at\]) ?[\w\-]{1,63}(?: ?\.[\w\-]{2,63}){1,4}(?!\w)", re.IGNORECASE)),
    ("health insurance", re.compile(r"(?<!\w)[A-Z]{2}(?:[ .\-]?\d){13}(?!\d)", re.IGNORECASE)),
    ("card", _one_of(_groups(4, 4, 4, 4), _groups(4, 4, 4, 4, 3), _groups(4, 6, 5), r"\d{13,}")),
    (
        "identity",
        _one_of(*(_groups(*sizes, first=r"0\d") for sizes in ((12,), (3, 3, 3, 3), (4, 4, 4), (6, 6), (3, 9), (3, 3, 6), (3, 1, 2, 6), (3, 6, 3), (2, 10), (3, 1, 8))), r"0(?: \d){11}"),
    ),
    ("phone", re.compile(rf"(?<![\d\w])\(?(?:(?:\+|00){_SEP}84\)?{_SEP}(?:\(0\)|0)?|84{_SEP})\(?[235789](?:\)?{_SEP}\d){{8}}(?:\)?{_SEP}\d)?(?!\d)")),
    ("phone", re.compile(rf"(?<![\d\w])\(?[0o]2(?:{_SEP}\)?{_SEP}\d){{9}}(?!\d)", re.IGNORECASE)),
    ("phone", re.compile(rf"(?<![\d\w])\(?[0o]{_SEP}[35789](?:\)?{_SEP}\d){{8}}(?!\d)", re.IGNORECASE)),
    ("tax", _one_of(r"\d{10} ?- ?\d{3}", _groups(4, 3, 3, first="0"), _groups(3, 3, 4, first="0"), _groups(4, 6, first="0"))),
    ("old identity", _one_of(_groups(3, 3, 3), _groups(3, 6))),
    ("long number", _one_of(r"\d{9,}")),
    ("announced number", re.compile(rf"(?<!\w){_ANNOUNCED}[^\d\n]{{0,20}}(?P<secret>\d(?:{_SEP}\d){{8,14}})(?!\d)", re.IGNORECASE)),
    ("account", re.compile(r"(?<!\w)(?:stk|s[ốo] t[àa]i kho[ảa]n|s[ốo] tk|account)[^\d\n]{0,25}(?P<secret>\d(?:[ .\-]?\d){5,18})(?!\d)", re.IGNORECASE)),
    ("passport", re.compile(r"(?<!\w)[A-Z] ?\d{7,8}(?!\w)", re.IGNORECASE)),
    (
        "plate",
        re.compile(
            r"(?<![\w.,/])[1-9]\d[ \-]?(?:[A-ZĐ]{1,2}|[A-ZĐ]\d)[ \-]{0,3}\d{3}[. \-]?\d{2}(?![\w/])"  # 30A-123.45, 59-X1 234.56
            r"|(?<![\w.,/])[1-9]\d[ \-]?[A-ZĐ]\d?-\d{4}(?![\w/])|(?<![\w.,/])[1-9]\d[ \-](?:NN|NG|QT|CV)[ \-]\d{3}[ \-]\d{2}(?!\w)"
            r"|(?<![\w.,/])[1-9]\d(?:[a-jl-zđ]|[a-zđ]\d)[ \-]?\d{3}\.?\d{2}(?![\w/])|(?<![\w.,/])[1-9]\d-[a-zđ]\d[ \-]?\d{3}\.?\d{2}(?![\w/])"
        ),
    ),
    ("one-time code", re.compile(r"(?:(?<!\w)otp|m[ãa] x[áa]c (?:th[ựu]c|nh[ậa]n|minh)|m[ãa] pin|(?<!\w)pin|cvv)\D{0,14}(?P<secret>\d{3,8}|\d{3} \d{3})(?![\d])(?! *(?:ph[úu]t|gi[ờo]|ng[àa]y|l[ầa]n|gi[âa]y|s[ốo]|ch[ữu]))", re.IGNORECASE)),
    ("one-time code", re.compile(r"(?<![\d.,])(?P<secret>\d{4,8})(?= *(?:l[àa]|:|=)? *(?:m[ãa] )?(?:otp|m[ãa] x[áa]c (?:th[ựu]c|nh[ậa]n|minh)))", re.IGNORECASE)),
    ("password", re.compile(r"(?:m[ậa]t kh[ẩa]u|password|(?<!\w)pass(?!\w)|(?<!\w)mk(?!\w))[^:=\n]{0,20}?(?:[:=] *(?!\[số đã)(?P<secret>\S+)|(?<!\w)l[àa] +(?P<secret2>(?=\S*\d)(?=\S*[^\W\d_]|\S*[^\w\s])\S{4,}|\d{5,}))", re.IGNORECASE)),
    ("number in words", re.compile(rf"(?<!\w){_WORD}(?:[ ,.\-]{{1,2}}{_WORD}){{8,}}(?!\w)", re.IGNORECASE)),
]
# Characters that nobody sees and that would break a number apart.
_UNSEEN = re.compile("[\u200b-\u200f\u2060-\u2064\ufeff\u00ad]")
_WORTH = re.compile(rf"\d\D{{0,3}}\d|@|\bat\b|m[ậa]t kh[ẩa]u|pass|mk|{_WORD}[ ,.\-]{{1,2}}{_WORD}[ ,.\-]{{1,2}}{_WORD}", re.IGNORECASE)


@dataclass(frozen=True)
class Masked:
    text: str
    found: tuple[str, ...]  # kinds masked, for the warning


def _hide(match: re.Match) -> str:
    """PLACEHOLDER for the secret part, else for the whole match."""
    for name in ("secret", "secret2"):
        if match.groupdict().get(name):
            start, end = match.span(name)
            return match.group()[: start - match.start()] + PLACEHOLDER + match.group()[end - match.start() :]
    return PLACEHOLDER


def _mask_piece(piece: str, found: list[str]) -> str:
    for kind, pattern in _RULES:
        piece, count = pattern.subn(_hide, piece)
        if count:
            found.append(kind)
    return piece


def mask(text: str) -> Masked:
    """The text with personal numbers replaced by PLACEHOLDER; in one Unicode form and without unseen characters."""
    text = _UNSEEN.sub("", unicodedata.normalize("NFC", text))
    if not _WORTH.search(text):
        return Masked(text, ())
    found: list[str] = []
    parts: list[str] = []
    last = 0
    for match in _KEEP.finditer(text):
        parts += (_mask_piece(text[last : match.start()], found), match.group())
        last = match.end()
    parts.append(_mask_piece(text[last:], found))
    return Masked("".join(parts), tuple(dict.fromkeys(found)))
