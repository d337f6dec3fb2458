"""Amounts of money, rates, validity windows and exemptions in the words of a fee cell.

Written with `re`. spaCy 3.7's Matcher was measured against it on the 2,356 fee cells of the crawl
(`benchmarks/import_report.py --matcher`): 933 amounts in 0.9 s against 1,028 in 0.1 s, and none that `re` does not
find. Numbers are glued to units and neighbours ("100.000đ/lần/giấy"), which a tokenizer splits in several ways.

Nothing is guessed: a number that is malformed ("10.000.0000 đồng"), under 1,000 VND, or only a threshold
("dưới 50 tỷ") never becomes an amount to pay; the words stay with the caller.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field

from knowledge.importers.legal import find_numbers
from knowledge.importers.text import UPPER, normalise, one_line, short, strip_bullet
from knowledge.records import FeeRecord, Flag

LEAST_VND = 1000  # below this a VND figure of the portal is a lost "000" or a time glued on

_GROUPED = r"\d{1,3}(?:\.\d{3})+(?![\d])|\d{1,3}(?:,\d{3})+(?![\d])"
_CURRENCY = r"(?:Việt Nam )?(?:đồng|đông|Đồng|ĐỒNG)(?!\s*(?:bộ|thời|ý|hành|nhân|chí|loạt))|VN[ĐD]|vn[đd]|USD|đô la Mỹ|Đô la Mỹ|EUR|[đĐ](?![\wÀ-ỹ])"
_MONEY = re.compile(
    rf"(?<![\d.,/])(?P<number>\d[\d.,]*)\s*(?P<scale>nghìn|ngàn|triệu|tỷ|tỉ)?\s*"
    rf"(?:\([^()\d]{{3,60}}\)\s*)?(?P<currency>{_CURRENCY})"
    rf"|(?<![\d.,/])(?P<bare>{_GROUPED}|\d{{4,9}})(?=\s*/\s*(?:\d{{0,2}}\s*)?(?!\d)[A-Za-zÀ-ỹ])"
    rf"|(?<=:)\s*(?P<listed>{_GROUPED})(?=\s*(?:$|[;(]))(?!\s*\([^()\d]{{3,60}}\)\s*(?:{_CURRENCY}))"
)
_PER = re.compile(
    r"\s*/\s*(?:0?1\s+|một\s+|0?1(?=[a-zà-ỹ]))?(?P<per>[^\W\d_][^(),.;:+\n]{0,48}?)"
    r"(?=\s*(?:[(),.;:+\n]|$|\bđối với\b|\btheo\b|\báp dụng\b|\bkể từ\b|\bkhi\b|\bđược\b|\b[Tt]rường hợp\b|\bĐồng\b|\bMiễn\b|\bnếu\b|\bPhí\b|\bLệ phí\b))"
)
_DATE = r"(\d{1,2})\s*(?:/|tháng)\s*(\d{1,2})\s*(?:/|năm)\s*(\d{4})"
_RANGE = re.compile(
    rf"(?:[Áá]p dụng\s+)?(?:[Tt]ừ\s+)?(?:[Kk]ể\s+)?(?:[Tt]ừ)\s*(?:kể từ\s*)?(?:ngày\s*)?{_DATE}\s*(?:đến|tới)\s*(?:hết\s*)?(?:ngày\s*)?{_DATE}"
)
_UNTIL = re.compile(rf"(?:[Áá]p dụng\s+)?(?:[Đđ]ến|[Tt]ới)\s*(?:hết\s*)?(?:ngày\s*)?{_DATE}")
_FROM = re.compile(rf"(?:[Áá]p dụng\s+)?(?:[Kk]ể\s+từ|[Tt]ừ)\s*(?:ngày\s*)?{_DATE}")
_RATE = re.compile(
    r"(?P<rate>\d+(?:[.,]\d+)?)\s?%\s*(?P<base>(?:của\s+)?(?:mức|lệ phí|phí|số tiền|giá trị|tổng|trên|dự toán|chi phí)[^.;()]{0,160})?"
)
_BASIS_WORDS = re.compile(
    r"[,;]?\s*\(?\s*(?:[Tt]heo|[Cc]ăn cứ|[Áá]p dụng|[Tt]hực hiện)?\s*(?:quy định\s*)?(?:tại|của|theo)?\s*"
    r"(?:Thông tư(?: liên tịch)?|Nghị định|Nghị quyết|Luật|Quyết định)\s*(?:số)?\s*[\w/Đ-]*/[\w/Đ-]+"
    r"(?:\s*:?\s*(?:ngày\s*)+\d{1,2}(?:/|\s*tháng\s*)\s*\d{1,2}(?:/|\s*năm\s*)\s*\d{4})?"
    r"(?:\s*của\s*(?:Bộ trưởng )?(?:Bộ|Chính phủ|Thống đốc)[^.;(),]{0,30}?(?=[.;(),]|$| quy định| sửa đổi| hướng dẫn))?"
    r"(?:\s*(?:quy định|sửa đổi|hướng dẫn)[^.;()]*)?\s*\)?"
)
_FREE = re.compile(r"(?:[Mm]iễn?\s*(?:nộp |thu |toàn bộ )?(?:lệ\s*)?phí|[Mm]iễn(?=\s+(?:kể\s+)?từ\b)|[Kk]hông (?:phải nộp|thu) (?:lệ )?phí|[Mm]iễn (?:phí, )?lệ phí)")
_FREE_FOR = re.compile(
    r"(?:[Mm]iễn|[Kk]hông thu|[Kk]hông phải nộp)\s*(?:nộp |thu )?(?:lệ )?(?:phí)?[^:.;]{0,80}?(?:cho|đối với|khi|diện)\b|diện được miễn phí", re.S
)
_COUNCIL = re.compile(r"[Hh]ội đồng nhân dân|HĐND")
_BY_RULE = re.compile(
    r"[Tt]heo (?:mức thu |biểu |các )?(?:phí|lệ phí|quy định|hướng dẫn|biểu|quyết định)|quy định (?:tại|của|cụ thể)|[Tt]hực hiện theo|Thông tư|Nghị định|"
    r"do (?:Ủy|Uỷ|UBND|ủy|uỷ)|[Mm]ức thu|[Bb]iểu (?:phí|mức|khung)|[Cc]hưa quy định|[Kk]hông (?:được )?quy định|thỏa thuận|Luật"
)
_NONE = re.compile(r"^(?:[-–+*]\s*)?(?:không|không có|không thu|không thu (?:lệ )?phí|không thu phí,? lệ phí|không phải nộp(?: lệ)? phí|miễn phí|miễn (?:lệ )?phí)\s*[.;]?$", re.I)
# "quy định mức thu, miễn một số khoản phí, lệ phí nhằm hỗ trợ cho ...": the name of a circular, not an exemption
_SUPPORT = re.compile(r"thu\s*,\s*miễn|miễn một số")
HOW_TO_PAY = re.compile(r"có thể (?:được )?nộp|chuyển khoản|chuyển vào tài khoản|thời điểm nộp|hoàn trả|nộp trực tiếp|[Hh]ình thức nộp")
_IN_WORDS = re.compile(r"\(\s*[^()\d]{0,60}(?:nghìn|ngàn|triệu|tỷ|trăm)[^()\d]{0,60}\)")
_BOUND_MIN = re.compile(r"(?:tối thiểu(?: không dưới| là| bằng)?|không dưới|ít nhất|thấp nhất(?: là)?)\s*:?\s*$", re.I)
_FLOOR = re.compile(r"(?:^|[\s(:])(?:từ)\s*$", re.I)
_BOUND_MAX = re.compile(r"(?:tối đa(?: không quá| là)?|không (?:vượt )?quá|cao nhất(?: là)?)\s*:?\s*$", re.I)
_THRESHOLD = re.compile(r"(?:dưới|trên|từ|đến|tới|bằng|vượt|hơn|giá trị|vốn|mức đầu tư|quy mô|hạn mức)\s*(?:là\s*)?$", re.I)
_EMPTY_CONDITION = re.compile(
    r"^(?:mức|thu|là|bằng|phí|lệ phí|mức (?:thu )?(?:lệ )?phí|mức thu|áp dụng|áp dụng mức (?:thu )?(?:lệ )?phí|số tiền|gồm|và|các|nộp|đồng|giá|mức giá|vnđ|phí/lệ phí)?$", re.I
)


@dataclass
class Reading:
    """What a fee cell says: fees, flags, and whether it says "free" in plain words."""

    fees: list[FeeRecord] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    says_none: bool = False
    # words that are only a condition ("đối với 1 tờ khai"), a unit ("đồng/lần") or a basis of the column's amount
    loose: list[str] = field(default_factory=list)


def parse_number(text: str) -> float | None:
    """"7,000", "100.000", "15000000", "4,5"; None when the grouping is malformed ("10.000.0000", "0.000")."""
    text = text.strip(" .,")
    if re.fullmatch(r"\d+", text):
        return float(text) if not (len(text) > 1 and text[0] == "0") or len(text) <= 2 else None
    if re.fullmatch(r"[1-9]\d{0,2}(?:\.\d{3})+|[1-9]\d{0,2}(?:,\d{3})+", text):
        return float(re.sub(r"[.,]", "", text))
    if re.fullmatch(r"\d{1,3}[.,]\d{1,2}", text):
        return float(text.replace(",", "."))
    return None


_SCALE = {"nghìn": 1e3, "ngàn": 1e3, "triệu": 1e6, "tỷ": 1e9, "tỉ": 1e9}


def _currency(text: str | None) -> str:
    text = (text or "").casefold()
    return "USD" if "usd" in text or "đô la" in text else "EUR" if "eur" in text else "VND"


@dataclass
class _Money:
    start: int
    end: int
    value: float | None
    currency: str
    per: str | None
    text: str
    sure: bool = True


def find_money(text: str) -> list[_Money]:
    """Amounts with their place in `text`; value None when the figure is malformed or under 1,000 VND."""
    found = []
    for match in _MONEY.finditer(text):
        raw = match["number"] or match["bare"] or match["listed"]
        tail = re.search(r"[.,]+$", raw)
        value = parse_number(raw)
        scale = match["scale"]
        if value is not None and scale:
            value *= _SCALE[scale]
        elif tail and match["number"] and not match["scale"] and value is not None:
            continue  # "khoản 2. đồng thời": the number ended a sentence
        elif value is not None and value != int(value):
            value = None
        currency = _currency(match["currency"])
        if currency == "VND" and value is not None and value < LEAST_VND:
            value = 0.0 if value == 0 else None
        end = match.end()
        unit = _PER.match(text, end)
        per = None
        if unit:
            per, end = one_line(unit["per"]).rstrip(" .-"), unit.end()
        again = re.match(r"\s*(?:Đồng|đồng)\b", text[end:])
        if again:
            end += again.end()
        found.append(
            _Money(match.start() if not match["listed"] else match.start("listed"), end, value, currency, per,
                   one_line(match.group()), sure=match["listed"] is None)
        )  # fmt: skip
    return found


def amounts_in(text: str | None, currency: str = "VND") -> set[float]:
    """The well-formed amounts above zero that a text prints."""
    return {m.value for m in find_money(normalise(text)) if m.value and m.currency == currency}


def _day(parts: tuple[str, ...]) -> dt.date | None:
    try:
        return dt.date(int(parts[2]), int(parts[1]), int(parts[0]))
    except ValueError:
        return None


def find_window(text: str) -> tuple[dt.date | None, dt.date | None, str]:
    """(from, to, the words that say it). Both ends are included. (None, None, "") when there is no window."""
    match = _RANGE.search(text)
    if match:
        return _day(match.groups()[:3]), _day(match.groups()[3:]), match.group()
    match = _UNTIL.search(text)
    if match:
        return None, _day(match.groups()), match.group()
    match = _FROM.search(text)
    if match:
        return _day(match.groups()), None, match.group()
    return None, None, ""


def split_clauses(text: str) -> list[str]:
    """The parts of a fee cell that each say one thing: cut at bullets, ";" and sentence ends, never inside parentheses."""
    parts, depth, start, index = [], 0, 0, 0
    while index < len(text):
        char = text[index]
        if char == "(":
            depth += 1
        elif char == ")":
            depth = max(0, depth - 1)
        elif depth == 0:
            ahead = text[index:]
            cut = None
            if char in ";\n" or (char == "." and re.match(rf"\.\s*(?:[-+*]\s|[{UPPER}(])", ahead) and not re.match(r"[A-ZĐ]{1,3}$", text[max(0, index - 2) : index])):
                cut = 1
            elif (char in "-+*" and re.match(r"[-+*]\s*\D", ahead) and (index == 0 or text[index - 1] in " :.,)") and not re.match(r"[-+]\s*(?:\d|>)", ahead) and not text[:index].rstrip().endswith(("CCCD", "GT")) and (index == 0 or not _looks_like_compound(text, index))) or (re.match(r"(?:Phí|Lệ phí|phí|Mức giá)\s*:\s*(?:\d|Miễn|Đồng|\()", ahead) and re.search(r"[).,;]\s*$", text[start:index])) or (re.match(r"(?:Miễn?\s*(?:lệ\s*)?phí|Miễn|Kể từ|Từ ngày|Tối đa)\b", ahead) and index and text[index - 1] in " )." and text[start:index].strip()):
                cut = 0
            if cut is not None and text[start:index].strip():
                parts.append(text[start:index])
                start = index + cut
            elif cut == 1:
                start = index + 1
        index += 1
    parts.append(text[start:])
    return [part.strip() for part in parts if part.strip(" .;,)")]


def _looks_like_compound(text: str, index: int) -> bool:
    """"GT - lần", "khẩu-chiếc", "Bộ Tài chính - Bộ Giao thông": a dash between words, not a bullet."""
    before = text[:index].rstrip()
    after = text[index + 1 :].lstrip()
    if text[index] != "-" or not before:
        return text[index] == "+" and bool(re.match(r"\(?\s*số", after))
    return (before[-1] not in ".:;,)" and not after[:1].isupper()) or (bool(re.search(r"Bộ [^.:;]{3,30}$", before)) and after.startswith("Bộ"))


def _kind(text: str) -> str | None:
    """"lệ phí" or "phí", by the first of them that the clause names outside the title of a circular."""
    text = _BASIS_WORDS.sub(" ", text)
    match = re.search(r"(lệ\s+)?(?<!miễn )phí(?! và lệ phí)(?!, lệ phí)", text, re.I)
    return None if not match else "lệ phí" if match.group(1) else "phí"


def _condition(text: str) -> str | None:
    """A clause without what is stored elsewhere (window, basis, "Phí:"); None when nothing is left."""
    text = _IN_WORDS.sub(" ", _BASIS_WORDS.sub(" ", text))
    for pattern in (_RANGE, _UNTIL, _FROM):
        text = pattern.sub(" ", text)
    text = one_line(text)
    text = re.sub(r"\(\s*[).,;]*\s*(?=\)|$)|\(\s*\)", "", text)
    text = re.sub(r"^(?:Phí|Lệ phí|Mức thu|Mức giá)\s*:\s*(?:[Đđ]ồng\b)?", "", strip_bullet(text)).strip(" ,.;:-–+")
    text = re.sub(r"^(?:[Đđ]ồng\b|/)\s*", "", text)
    if text.count("(") > text.count(")"):
        text += ")"
    elif text.count(")") > text.count("("):
        text = text.strip("() ")
    text = re.sub(r"\s+(?:là|thu|bằng)(\)?)$", r"\1", text).strip(" ,.;:-–+")
    if text.startswith("(") and text.endswith(")") and text.count("(") == 1:
        text = text[1:-1].strip()
    text = text.strip(" ,.;:-–+")
    return None if _EMPTY_CONDITION.match(text) else text


def _rate_fees(clause: str, numbers: list[str]) -> list[FeeRecord]:
    """"bằng 50% mức thu ... từ ... đến ...". A discount ("giảm 20%") is left as words: its base is not printed."""
    fees = []
    for match in _RATE.finditer(clause):
        if re.search(r"giảm\s*$", clause[: match.start()], re.I) or not (
            match["base"] or re.search(r"(?:bằng|mức thu|phí|tối đa|là|:)\s*$", clause[: match.start()], re.I)
        ):
            continue
        start, end, _ = find_window(clause)
        fees.append(
            FeeRecord(rate=f"{match['rate'].replace('.', ',')}%", kind=_kind(clause), condition=_condition(clause) or one_line(clause),
                      valid_from=start, valid_to=end, basis=numbers[-1] if numbers else None)
        )  # fmt: skip
    return fees


def parse_words(text: str | None) -> Reading:
    """Read the words of a fee cell (the parenthesis after the column, or the whole cell of the structured file)."""
    text = normalise(text)
    reading = Reading()
    if not text:
        return reading
    wrapped = re.match(r"^(?:Phí|Lệ phí)\s*:\s*(?P<figure>\d[\d.,]*)?\s*(?:Đồng\s*)+\((?P<words>.*)\)[\s.]*$", text, re.S)
    if wrapped and (not wrapped["figure"] or parse_number(wrapped["figure"]) in amounts_in(wrapped["words"])):
        text = wrapped["words"].strip()
    if _NONE.match(one_line(text)):
        reading.says_none = True
        return reading
    header, header_rank = "", 0
    clauses = split_clauses(text)
    # one circular for the whole cell, unless it is named only for a reduction or a window
    plain = {number for clause in clauses if not find_window(clause)[2] and "%" not in clause for number in find_numbers(clause)}
    only = plain.pop() if len(plain) == 1 else None
    position = 0
    while position < len(clauses):
        clause = clauses[position]
        position += 1
        inner = re.fullmatch(r"(?:[Đđ]ồng\s*)?\((.*)\)[\s.]*", clause, re.S)
        if inner and not find_money(clause) and len(sentences := split_clauses(inner[1])) > 1:
            # "(Mức cụ thể do Hội đồng nhân dân ... quyết định. Miễn lệ phí cho ...)": each sentence says its own thing
            clauses[position:position] = sentences
            continue
        # an exemption goes on over ";" until the sentence ends
        if _FREE_FOR.search(clause) and not _SUPPORT.search(clause):
            while position < len(clauses) and re.match(r"(?:người|hộ|trẻ|cô|kiều|nhận|đăng ký)\b", strip_bullet(clauses[position]), re.I):
                clause += "; " + clauses[position]
                position += 1
        while position < len(clauses) and re.match(r"hoặc\b", clauses[position], re.I) and not find_money(clause):
            clause += "; " + clauses[position]
            position += 1
        rank = " *-+".find(clause[0])
        rank = max(rank, 0)
        numbers = find_numbers(clause)
        moneys = [m for m in find_money(clause)]
        start, end, _ = find_window(clause)
        if not moneys and clause.rstrip().endswith(":") and not numbers:
            header, header_rank = strip_bullet(clause).rstrip(": "), rank
            continue
        if header and rank <= header_rank and rank:
            header = ""
        if moneys:
            _money_fees(clause, moneys, numbers, only, header, reading)
            continue
        rates = _rate_fees(clause, numbers)
        if rates:
            reading.fees.extend(rates)
            continue
        basis = numbers[-1] if numbers else None
        if _FREE_FOR.search(clause) and not _COUNCIL.search(clause) and not _SUPPORT.search(clause):
            reading.fees.append(FeeRecord(amount=0.0, kind=_kind(clause), condition=one_line(strip_bullet(clause)).rstrip(" .;"),
                                          exempt=True, basis=basis, valid_from=start, valid_to=end))  # fmt: skip
        elif _FREE.search(clause) and not _COUNCIL.search(clause) and not _SUPPORT.search(clause):
            reading.fees.append(FeeRecord(amount=0.0, kind=_kind(clause), condition=_condition(clause) or "Miễn phí",
                                          basis=basis, valid_from=start, valid_to=end))  # fmt: skip
            if not (start or end):
                reading.says_none = reading.says_none or bool(_NONE.match(_condition(clause) or ""))
        elif _COUNCIL.search(clause):
            reading.fees.append(FeeRecord(kind=_kind(clause), condition=one_line(strip_bullet(clause)).rstrip(" .;"),
                                          decided_by_council=True, basis=basis, valid_from=start, valid_to=end))  # fmt: skip
        elif _BY_RULE.search(clause) and not HOW_TO_PAY.search(clause):
            reading.fees.append(FeeRecord(kind=_kind(clause), condition=one_line(strip_bullet(clause)).rstrip(" .;"),
                                          basis=basis, valid_from=start, valid_to=end))  # fmt: skip
        else:
            reading.loose.append(one_line(clause))
    priced = {fee.basis for fee in reading.fees if fee.amount or fee.rate}
    # "Theo quy định tại Thông tư X: + 10 triệu đồng": the first clause is only where the amounts come from
    reading.fees = [
        fee for fee in reading.fees
        if not (fee.amount is None and not fee.rate and not fee.decided_by_council and fee.basis and fee.basis in priced
                and not (fee.valid_from or fee.valid_to) and re.match(r"(?:theo|thông tư|căn cứ|quy định)", fee.condition or "", re.I))
    ]  # fmt: skip
    reading.fees = _without_echo(reading.fees)
    return reading


def _without_echo(fees: list[FeeRecord]) -> list[FeeRecord]:
    """"Phí: 250000 Đồng (... là 250.000 đồng/văn bằng)" prints one amount twice: the one with words stays."""
    return [
        fee for fee in fees
        if not (fee.amount and not fee.condition and not fee.per and any(
            other is not fee and other.amount == fee.amount and other.currency == fee.currency and (other.condition or other.per) for other in fees))
    ]  # fmt: skip


def _money_fees(
    clause: str, moneys: list[_Money], numbers: list[str], only: str | None, header: str, reading: Reading
) -> None:
    """The fees of one clause that prints amounts."""
    previous = 0
    made: list[FeeRecord] = []
    for order, money in enumerate(moneys):
        before = clause[previous : money.start]
        last = order == len(moneys) - 1
        after_all = clause[money.end : None if last else moneys[order + 1].start]
        after = after_all if last else (re.match(r"\s*\([^()]*(?:\([^()]*\)[^()]*)*\)", after_all) or re.match("", "")).group()
        later = not last and after_all.strip()[:1] != "("
        threshold = bool(_THRESHOLD.search(before)) and (
            "tỷ" in money.text or "tỉ" in money.text or (later and bool(re.search(r"[:]|\blà\b|\bthì\b", after_all)))
        )
        if threshold or (money.value is None and "tỷ" in money.text):
            if not last:
                previous = previous  # the threshold's words stay in the next amount's condition
            else:
                reading.loose.append(one_line(clause))
            continue
        inside = _window_for(before, after, clause, len(moneys) == 1)
        bound = "min" if _BOUND_MIN.search(before) or (_FLOOR.search(before) and not later) else "max" if _BOUND_MAX.search(before) else None
        if bound is None and _FLOOR.search(before) and not _RANGE.search(clause):
            bound = "min"
        words = " ".join(part for part in (_condition(before), _condition(after)) if part)
        if header and header not in words:
            words = f"{header}: {words}" if words else header
        if bound and made and made[-1].condition and not words.strip():
            words = made[-1].condition
        if bound == "min" and _FLOOR.search(before) and not re.search(r"\btừ\b|tối thiểu|không dưới", words):
            words = f"từ {money.text}" + (f" {words}" if words else "")
        elif bound and not re.search(r"tối|không|cao nhất|thấp nhất|ít nhất|\btừ\b", words):
            words = (f"{words}, " if words else "") + ("tối thiểu" if bound == "min" else "tối đa")
        own = find_numbers(before + after)
        fee = FeeRecord(
            amount=money.value,
            currency=money.currency,
            kind=_kind(before) or _kind(clause) or _kind(header),
            condition=words or None,
            per=money.per,
            bound=bound,
            valid_from=inside[0],
            valid_to=inside[1],
            basis=(own[-1] if own else numbers[-1] if len(numbers) == 1 or (numbers and last) else only),
        )
        if money.value is None:
            slug = "amount-under-1000" if re.search(r"(?<![\d.,])[1-9]\d{0,2}\s*(?:đ|Đ|VN|vn)", money.text) else "amount-malformed"
            reading.flags.append(Flag(slug, "fees", short(f"{money.text}: {clause}")))
            fee.condition = short(" ".join(part for part in (words, f"(cổng ghi “{money.text}”)") if part), 400)
        elif money.value == 0:
            # "Phí : 0 Đồng" alone says free; with other words it is a form's default and says nothing
            if _condition(clause.replace(money.text, " ")):
                reading.loose.append(one_line(clause))
            else:
                reading.says_none = True
            previous = money.end
            continue
        if not money.sure:
            reading.flags.append(Flag("amount-without-currency", "fees", short(clause)))
        made.append(fee)
        previous = money.end + len(after)
    # "..., bằng 50% mức thu" beside amounts in one clause
    if not made or "%" in clause:
        made.extend(_rate_fees(clause, numbers))
    reading.fees.extend(made)
    tail = clause[previous:] if made else ""
    window = re.search(r"Miễn?\s*(?:lệ )?phí|Miễn(?= (?:kể )?từ)", tail)
    if window or re.search(r"\((?:Miễn|miễn)\s*(?:lệ )?(?:phí)?\s*(?:kể )?từ", clause):
        _free_window(clause, made, reading)


def _free_window(clause: str, made: list[FeeRecord], reading: Reading) -> None:
    """"250.000đ/lần (Miễn kể từ 07/4/2026 đến 30/6/2026 theo Thông tư ...)": the window is the exemption's, not the price's."""
    start, end, words = find_window(clause)
    if not words:
        return
    at = clause.find(words)
    basis = find_numbers(clause[at:])
    for fee in made:
        if (fee.valid_from, fee.valid_to) == (start, end):
            fee.valid_from = fee.valid_to = None
            if fee.basis in basis:
                fee.basis = None
            if fee.condition:
                fee.condition = re.sub(r"[\s(]*Miễn?\s*(?:lệ )?(?:phí)?\s*\)*$", "", fee.condition).strip(" (") or None
                if fee.condition and fee.condition.count("(") > fee.condition.count(")"):
                    fee.condition += ")"
                while fee.condition and fee.condition.endswith(")") and fee.condition.count(")") > fee.condition.count("("):
                    fee.condition = fee.condition[:-1].strip() or None
    reading.fees.append(FeeRecord(amount=0.0, condition="Miễn phí", valid_from=start, valid_to=end, basis=basis[0] if basis else None))


def _window_for(before: str, after: str, clause: str, alone: bool) -> tuple[dt.date | None, dt.date | None]:
    """The window of one amount: said right before it or in the words after it; in the whole clause if it stands alone."""
    trailing = re.search(r"\([^()]*\)[\s.;]*$", clause)
    # "160.000/hộ chiếu, trường hợp hỏng: 320.000đ/hộ chiếu (áp dụng đến hết ngày ...)": the bracket closes the sentence
    whole = trailing.group() if trailing and not find_money(trailing.group()) and not re.match(r"\(\s*[Mm]iễn", trailing.group()) else ""
    for part in (after, before, clause if alone else whole):
        start, end, words = find_window(part)
        if words:
            return start, end
    return None, None
