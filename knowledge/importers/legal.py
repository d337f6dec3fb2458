"""Numbers of legal documents ("85/2019/TT-BTC", "68/2020/QH14", "3510/QĐ-BHXH") and the portal's table of them.

The table is two columns run together without a border: name, code, name, code ... A code is the border when the next
row is glued to it; a code inside a name is followed by a space or a punctuation mark. Written with `re`, not with a
token matcher: in "54/2014/QH1354/2014/QH13" there is no token to match, only positions.
"""

from __future__ import annotations

import datetime as dt
import re

from knowledge.importers.text import normalise, one_line, says_nothing, short, strip_bullet
from knowledge.records import Flag, LegalDocument

HEADER = "Tên văn bản pháp lýMã văn bản"
LAST_YEAR = 2026

# Bodies that issue documents, as they stand in numbers. Needed to cut "NĐ-CPQUY ĐỊNH" and "TT-BTChông tư" rightly.
AGENCIES = ["CP", "TTg", "TTG", "BTC", "BCA", "BXD", "BGTVT", "BTP", "BNNMT", "BNNPTNT", "BNN", "BTNMT", "BYT", "BCT", "BNV", "BGDĐT", "BKHCN", "BTTTT", "BVHTTDL", "BQP", "BNG", "BLĐTBXH", "BKHĐT", "BKH", "NHNN", "BHXH", "TCT", "TCHQ", "UBTVQH", "UBCK", "UBDT", "HĐTP", "TANDTC", "VKSNDTC", "VPCP", "TTCP", "UBND", "HĐND", "BNNVPTNT", "BCTBTC", "TLĐ", "BTCCBNV", "BGDDT", "BLDTBXH", "BKHDT", "BDTTG", "VPQH", "HĐBT", "BCHTW", "TW", "BXD", "BNNMT", "TDTT", "BVHTT", "BGD", "CTN", "TTLT", "UBTDTT", "CHK", "BTSNN", "BTS", "TCTK", "BLĐ", "BTM", "KBNN", "UBCKNN", "TTGCP", "BHXHVN", "BNN&PTNT"]
_AGENCIES = frozenset(AGENCIES)
_TYPE = r"(?:NĐ|ND|TTLT|TT|QĐ|QD|NQ|CT|VBHN|NQLT|QH|UBTVQH|PL|L|SL|BC|CV|TB|KH|HD|QCVN|HĐBT|LCT)"
# A run of digits, then perhaps a year, then letters. The run may have a year glued on its left ("20223510/QĐ-").
_CODE = re.compile(
    rf"(?P<run>(?:(?<!\d)|(?<=20\d\d))\d{{2,3}}\.\d{{1,2}}(?=\s?/\s?20\d\d\s?/\s?NQ)|\d{{1,9}}[a-z]?)\s?/\s?(?:(?P<year>(?:19|20)\d{{2}})\s?/\s?)?"
    rf"(?P<type>QH\d{{1,2}}|UBTVQH\d{{0,2}}|HĐBT|VBHN-VPQH|(?:NQ|PL|NQLT)-(?:UBTV)?QH\d{{2}}"
    rf"|{_TYPE}(?:\s?[-–]\s?[A-ZĐƯ]+(?:&[A-ZĐ]+)?g?\d{{0,3}})+)"
)
_PREFIX = re.compile(
    r"(?:(?:Bộ luật|Luật|Luất|Nghị định|Nghị quyết|Thông tư liên tịch|Thông tư|Quyết định|Pháp lệnh|Chỉ thị|Công văn|"
    r"Văn bản hợp nhất|TT|NĐ|QĐ)\s*)?(?:[Ss]ố\s*:?\s*)?$"
)
_SAID_DATE = re.compile(r"\s*,?\s*(?:ban hành )?ngày\s+(\d{1,2})(?:/|\s+tháng\s+)(\d{1,2})(?:/|\s+năm\s+)(\d{4})")


# Signs that stand for others, one for one, so that places in the text stay: "TT-BT\u0421" (Cyrillic), "TT_BCA", "TT/BTC", "CP-NĐ".
_LOOK_ALIKE = str.maketrans("\u0410\u0412\u0421\u0415\u041d\u041a\u041c\u041e\u0420\u0422\u0425\u0430\u0441\u0435\u043e\u0440\u0445", "ABCEHKMOPTXaceopx")
_OTHER_DASH = re.compile(r"(?<=/)(TT|TTLT|NĐ|QĐ)[_/](?=[A-ZĐ]{2})")
_TURNED = re.compile(r"(?<=\d{4}/)CP-NĐ(?![-\w])")
# "Thông tư số 12/2023/TT-BTC ngày 02/3/2023" + "12": the code cell is cut to its number, the name has the whole
_CUT_CELL = re.compile(r"(?<=\d/(?:19|20)\d{2})(?P<run>\d{1,3})(?=(?:Luật|Bộ luật|Nghị|Thông|Quy|Quyết|Pháp|Sửa|Hướng|Về)\b)")
_KINDS = r"(?:Bộ luật|Luật|Nghị định|Nghị quyết|Thông tư|Quyết định|Pháp lệnh|Quy định|[Ss]ửa đổi|Hướng dẫn|Bãi bỏ)\b"
# what stands before a number that belongs to a name: "sửa đổi Thông tư 5/2020/..."; "Nghị định số 5/2020/..."
_NAMES_A_NUMBER = re.compile(r"(?:\b(?:số|luật|định|quyết|tư|lệnh|lịch|của|theo|tại|và|hoặc|về|các|điều|khoản|nhất|TT|NĐ|QĐ|QH|BC)|[,(:/–-])\s*$", re.I)
_GLUED_NUMBER = re.compile(r"(?<=[^\W\d_]{2})\d{1,4}/\d{3,4}|(?<=[^\W\d_]{2})(?<!QH)\d{2,3}(?=[A-ZĐ][^\W\d_]{2})|(?<= )(?:19|20)\d{4,5}$")


class _Hit:
    """One number found in a text: where it starts and ends, its canonical form, and whether a year was cut off."""

    __slots__ = ("end", "glued_year", "number", "start")

    def __init__(self, start: int, end: int, number: str, glued_year: str | None) -> None:
        self.start, self.end, self.number, self.glued_year = start, end, number, glued_year


def _cut_agency(kind: str, following: str) -> str:
    """Give back what belongs to the next row: letters of the following name that look like part of the agency.

    "TT-BTCN" + "ghị định" is TT-BTC; "TT-BTC" + "hông tư" keeps its C (the name lost its first letter).
    """
    if re.search(r"QH\d{1,2}$", kind) and not kind.startswith(("TT", "NĐ")):
        return kind
    if re.search(r"[-–]\s?[A-ZĐ]$", kind) and following[:1].islower():
        kind = re.sub(r"\s?[-–]\s?[A-ZĐ]$", "", kind)  # "TT-BTP - Quy định": the dash opens the next words
        return kind
    head, _, run = kind.rpartition("-")
    run = run.lstrip(" ")
    digits = re.search(r"\d+$", run)
    if digits:  # "BTC123": digits belong to the next row's number
        run = run[: digits.start()]
        following = digits.group() + following
    if run in _AGENCIES and not (following[:1].islower() and run[:-1] in _AGENCIES):
        return f"{head}-{run}"
    if following[:1].islower() and (run[:-1] in _AGENCIES or run not in _AGENCIES):
        shorter = run[:-1]
        if shorter in _AGENCIES:
            return f"{head}-{shorter}"
    known = [run[:size] for size in range(len(run), 1, -1) if run[:size] in _AGENCIES]
    if known and len(known[0]) < len(run):
        return f"{head}-{known[0]}"
    if following[:1].islower() and len(run) >= 2 and not known:
        return f"{head}-{run[:-1]}"
    return f"{head}-{run}"


def _hits(text: str) -> list[_Hit]:
    hits, position = [], 0
    while True:
        match = _CODE.search(text, position)
        if not match:
            return hits
        kind = match["type"]
        end = match.end()
        qh = re.fullmatch(r"(QH|UBTVQH)(\d{1,2})", kind)
        cut = kind if qh else _cut_agency(kind, text[end : end + 2])
        end -= len(kind) - len(cut) if kind.startswith(cut) else 0
        run, glued = match["run"], None
        start = match.start()
        digits = re.match(r"\d+", run).group()
        if len(digits) > 4 and digits[:2] in ("19", "20"):  # also "giai đoạn 2026-2030" before the code
            glued, run = digits[:4], run[4:]
            start += 4
        elif len(digits) > 4 or (match["year"] and len(digits) > 3 and "QH" not in kind):
            # "QH13" + "60/2014": an earlier hit has already taken its two digits, so this is a number we cannot cut.
            if not match["year"] and len(digits) <= 5:
                pass
            else:
                run = run[-3:] if match["year"] else run[-4:]
                start = match.start() + len(match["run"]) - len(run)
                glued = "?"
        if match["year"] and int(match["year"]) > LAST_YEAR:
            glued = "?"  # "40/2029/QH14": a misprint; kept and flagged
        if cut.startswith("NĐ-") and cut != "NĐ-CP":
            glued, cut = glued or "?", "NĐ-CP"  # a decree has one issuer: "118/2025/NĐ-C" is cut
        number = "/".join(part for part in (run, match["year"], re.sub(r"\s?[-–]\s?", "-", cut)) if part)
        hits.append(_Hit(start, end, number, glued))
        position = max(end, match.start() + 1)


def _one_spelling(text: str) -> str:
    """The same text, sign for sign, with one spelling of the numbers."""
    text = _OTHER_DASH.sub(r"\1-", text.translate(_LOOK_ALIKE))
    return _TURNED.sub("NĐ-CP", text)


def find_numbers(text: str | None) -> list[str]:
    """Document numbers in running text, in order, each once."""
    seen: dict[str, None] = {}
    for hit in _hits(_one_spelling(normalise(text))):
        seen.setdefault(hit.number)
    return list(seen)


def _glued(text: str, hit: _Hit) -> bool:
    """True if what follows the number is the next row (or nothing)."""
    following = text[hit.end : hit.end + 1]
    # a code glued to the end of its name is a cell even if a space follows: "...kinh doanh18/2026/TT-BTC Nghị định ..."
    before = text[hit.start - 1 : hit.start]
    if before and not before.isspace() and before not in "(/":
        if re.match(rf" (?:[A-ZĐ][a-zà-ỹ]|định số|-? ?{_CODE.pattern})", text[hit.end :]):
            return True
        if re.match(r" (?:sửa đổi|bổ sung|bãi bỏ|quy định|hướng dẫn)\b", text[hit.end :]) and not _NAMES_A_NUMBER.search(text, max(0, hit.start - 8), hit.start):
            return True
    if re.match(r"(?:ngày|của|năm)\b", text[hit.end :]):
        return False  # "53/2025/TT-BCAngày 01/7/2025": a lost space inside a name
    return following == "" or following.isalnum() or following in "+-*\n"


def _cell_start(text: str, hit: _Hit, row: int = -1) -> int:
    """Where the code cell starts: "Thông tư số " before the number belongs to it if glued to the name."""
    prefix = _PREFIX.search(text, max(0, hit.start - 40), hit.start)
    if prefix and prefix.group():
        before = text[: prefix.start()]
        # "Luật28/2023/QH15": the word is the whole name
        if prefix.start() > row and (not before or not before[-1].isspace()):
            return prefix.start()
    return hit.start


def parse_table(text: str | None) -> tuple[list[LegalDocument], list[Flag]]:
    """The portal's section "Căn cứ pháp lý". Rows that cannot be cut stay whole as a title, with a flag."""
    text = normalise(text)
    flags: list[Flag] = []
    if says_nothing(text):
        return [], flags
    if text.startswith(HEADER):
        text = text[len(HEADER) :].strip()
    else:
        flags.append(Flag("legal-no-header", "legal_basis", short(text)))
    text = _whole_cells(_one_spelling(text.rstrip(" .;")), flags)
    if text.startswith("Không có thông tin"):
        return [], flags  # what follows is the next section, which the crawler did not cut off
    hits = _hits(text)
    documents: list[LegalDocument] = []
    start, index = 0, 0
    while index < len(hits):
        hit = hits[index]
        spaced = not _glued(text, hit) and index + 1 < len(hits) and _spaced_cell(text, hit, start)
        if spaced or (not _glued(text, hit) and _worded_cell(text, hit, start)):
            begin = _spaced_start(text, hit) if spaced else _cell_start(text, hit, start)
            documents.append(_document(text[start:begin], hit, flags))
            start = hit.end
            index += 1
            continue
        if not _glued(text, hit):
            index += 1
            continue
        # A chain of numbers glued to each other: name's last word, code, name = code, code ...
        chain = [hit]
        while index + len(chain) < len(hits):
            following = hits[index + len(chain)]
            link = text[chain[-1].end : following.start]
            # "Thông tư 80/2021 | Nghị định 12/2022": a word between two different numbers opens a new row
            if link and not (link in _CHAIN_LINKS and following.number == chain[-1].number):
                break
            chain.append(following)
            if not _glued(text, following):
                break
        if not _glued(text, chain[-1]) and len(chain) > 1:
            chain.pop()  # the next row's name starts with a number and goes on
        has_name = bool(strip_bullet(text[start : _cell_start(text, hit, start)]))
        cell = _chain_cell(chain, has_name)
        for position in cell:
            code = chain[position]
            begin = _cell_start(text, code, start)
            documents.append(_document(text[start:begin], code, flags))
            start = code.end
        index += len(chain)
    rest = strip_bullet(text[start:])
    if rest:
        inside = find_numbers(rest)
        short_code = re.search(r"(\d{1,4}/\d{4})$", rest)  # the code cell is cut: "... 46/2020"
        if short_code and documents and rest == short_code[1] and (documents[-1].number or "").startswith(rest):
            flags.append(Flag("legal-number-cut", "legal_basis", short(rest)))
            return documents, flags
        number = inside[-1] if len(inside) == 1 and len(rest) < 120 else None
        if number is None and short_code:
            number = next((full for full in inside if full.startswith(short_code[1])), None)
        documents.append(LegalDocument(number=number, title=one_line(rest)))
        flags.append(Flag("legal-row-unclear", "legal_basis", short(rest)))
    return documents, flags


def _whole_cells(text: str, flags: list[Flag]) -> str:
    """A code cell that is cut to its number gets the rest of it from the name that stands before it."""

    def restored(match: re.Match) -> str:
        named = [hit.number for hit in _hits(text[max(0, match.start() - 160) : match.start()]) if hit.number.startswith(f"{match['run']}/")]
        if not named:
            return match.group()
        flags.append(Flag("legal-number-cut", "legal_basis", short(f"{text[max(0, match.start() - 60) : match.end()]}", 120)))
        return named[-1]

    return _CUT_CELL.sub(restored, text)


def _spaced_start(text: str, hit: _Hit) -> int:
    """Where a code cell with a space before it starts: "... Môi trường Luật số 12/2025/QH15 ..."."""
    prefix = _PREFIX.search(text, max(0, hit.start - 40), hit.start)
    return prefix.start() if prefix and prefix.group() else hit.start


def _spaced_cell(text: str, hit: _Hit, row: int) -> bool:
    """"...về thủy sản 140/2025/QH15 Quy định chi tiết...": a code cell with a space on both sides.

    Before it stands the end of a name, not words that name a number; after it opens the next name.
    """
    begin = _spaced_start(text, hit)
    name = text[row:begin]
    if not re.match(rf" (?:- )?{_KINDS}", text[hit.end :]) or len(name.split()) < 4:
        return False
    if begin < hit.start and not text[begin - 1].isspace():
        return True  # "...môi trườngLuật số 12/2025/QH15 Luật ...": the cell is glued to its name with its own words
    if not text[:begin].endswith(" "):
        return False
    if begin < hit.start and not re.match(r" (?:Luật|Thông tư|Nghị định)\b", text[hit.end :]):
        return False  # "Thông tư 5/2020/TT-BTC Quy định ...": number and title of one document
    return not _NAMES_A_NUMBER.search(name.rstrip()[-12:])


_ISSUER = re.compile(r" của (?:Chính phủ|Quốc hội|Thủ tướng Chính phủ)(?=[A-ZĐ]|$)")


def _worded_cell(text: str, hit: _Hit, row: int) -> bool:
    """"...sáng tạoNghị định số 210/2025/NĐ-CP của Chính phủLuật ...": a code cell that goes on with its issuer."""
    issuer = _ISSUER.match(text, hit.end)
    if not issuer or _cell_start(text, hit, row) == hit.start:
        return False
    hit.end = issuer.end()
    return True


_CHAIN_LINKS = {"", "Số ", "số ", "Luật số ", "Thông tư số ", "Nghị định số ", "Nghị định ", "Luật ", "Thông tư ", "TT",
                "Quyết định số ", "Nghị quyết số "}  # fmt: skip


def _chain_cell(chain: list[_Hit], has_name: bool) -> list[int]:
    """Which numbers of a chain are code cells. A row without other words has its number as its name."""
    size = len(chain)
    if size == 1:
        return [0]
    if has_name:
        # an odd chain: code, then pairs; an even one: the name's last word, code, then pairs
        first = 0 if size % 2 else 1
        if size == 2 and chain[0].number != chain[1].number and chain[0].glued_year is None:
            return [1]
        return list(range(first, size, 2))
    return list(range(1, size, 2)) + ([size - 1] if size % 2 else [])


def _document(name: str, hit: _Hit, flags: list[Flag]) -> LegalDocument:
    title = one_line(strip_bullet(name.strip(" ;,.")))
    title = re.sub(r"(?<=\S) (?:(?:Luật|Nghị định|Nghị quyết|Thông tư|Quyết định) )?số$", "", title)
    if hit.glued_year == "?":
        flags.append(Flag("legal-number-unclear", "legal_basis", short(f"{name[-60:]}{hit.number}")))
    elif hit.glued_year:
        flags.append(Flag("legal-year-glued", "legal_basis", short(f"{title} | {hit.number}", 120)))
    if re.match(r"hông tư|uật |ghị |uyết định", title):
        flags.append(Flag("lost-first-letter", "legal_basis", short(title, 80)))
    elif not title:
        flags.append(Flag("legal-no-title", "legal_basis", hit.number))
    if _GLUED_NUMBER.search(title):  # perhaps another row stands inside this name
        flags.append(Flag("legal-row-unclear", "legal_basis", short(title)))
    return LegalDocument(number=hit.number, title=title or None, date=_date_of(title, hit.number))


def _date_of(title: str, number: str) -> dt.date | None:
    """The day of issue, only where the title says it right after this very number."""
    for hit in _hits(title):
        if hit.number == number:
            said = _SAID_DATE.match(title[hit.end :])
            if said:
                day, month, year = map(int, said.groups())
                try:
                    return dt.date(year, month, day)
                except ValueError:
                    return None
    return None
