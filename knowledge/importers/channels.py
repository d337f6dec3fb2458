"""The table "Cách thức thực hiện": ways of filing with their time, fee and description.

The four columns are run together: `Trực tuyến3 Ngày làm việc7,000 Việt Nam Đồng(...)...Trực tiếp...`. A row opens
only where a method is glued to a time cell and an amount cell; a method word inside a description is followed by a
space or a colon and opens nothing.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace

from knowledge.importers.amounts import (
    HOW_TO_PAY,
    LEAST_VND,
    Reading,
    amounts_in,
    find_window,
    parse_number,
    parse_words,
)
from knowledge.importers.durations import find_limits, parse_cell, single_limit
from knowledge.importers.legal import find_numbers
from knowledge.importers.text import UPPER, normalise, one_line, says_nothing, short, strip_bullet
from knowledge.records import ChannelRecord, FeeRecord, Flag, Method

HEADER = "Hình thức nộpThời gianPhí, lệ phíMô tả"
METHODS: dict[str, Method] = {"Trực tuyến": "online", "Trực tiếp": "in_person", "Dịch vụ bưu chính": "post"}

_UNIT = r"(?:Ngày làm việc|Ngày|Giờ làm việc|Giờ|Tháng|Phút|Năm)"
_CURRENCY = r"(?:VNĐ|Việt Nam Đồng|USD|EUR|Đô la Mỹ)"
_METHOD = "|".join(METHODS)
_ROW = re.compile(
    rf"(?P<method>{_METHOD})"
    rf"(?:(?P<time>\d+(?:[.,]\d+)?(?:\s*-\s*\d+)? {_UNIT}|Không có thông tin|(?=Miễn phí|Không có thông tin)"
    rf"|(?!\d)(?=[{UPPER}])(?:(?!{_METHOD})[^\n]){{2,170}}?)(?P<amount>Miễn phí|Không có thông tin|\d[\d,]*(?:\.\d+)? {_CURRENCY})"
    rf"|(?P<bare>\d+)(?P<none>Miễn phí|Không có thông tin)"
    rf"|(?P<glued>\d[\d,]*) (?P<currency>{_CURRENCY}))"
)
_FEE_IN_DESCRIPTION = re.compile(r"(?:phí|lệ phí)", re.I)
_SMALL_PAREN = re.compile(r"^\((?:[a-zđ]{1,3}|\d{1,2}|[ivx]{1,4})\)")


@dataclass
class Row:
    """The four cells of one row, as the portal wrote them. `column` is the fee column, `paren` what follows in brackets."""

    method: Method
    time: str
    column: str
    paren: str
    description: str
    glued: bool = False  # time and amount are run together in `column`
    cut: bool = False  # the parenthesis never closes


def split_rows(text: str) -> tuple[list[Row], str]:
    """Rows of the table and the text before the first row (normally empty)."""
    text = normalise(text)
    if text.startswith(HEADER):
        text = text[len(HEADER) :].strip()
    matches = list(_ROW.finditer(text))
    rows = []
    for index, match in enumerate(matches):
        rest = text[match.end() : matches[index + 1].start() if index + 1 < len(matches) else len(text)].strip()
        paren, description, cut = _split_paren(rest)
        if match["glued"]:
            time, column = "", f"{match['glued']} {match['currency']}"
        else:
            time, column = match["time"] or match["bare"] or "", match["amount"] or match["none"]
        rows.append(Row(METHODS[match["method"]], time.strip(), column, paren, description, bool(match["glued"]), cut))
    return rows, text[: matches[0].start()].strip() if matches else text


def has_row(text: str) -> bool:
    """True if a row of the table opens somewhere in `text`."""
    return bool(_ROW.search(text))


def _split_paren(rest: str) -> tuple[str, str, bool]:
    """("words of the fee", "description", cut). The parenthesis may nest, go on after it closed, or never close."""
    if not rest.startswith("("):
        return "", rest, False
    if _SMALL_PAREN.match(rest):
        # "(a) ...: 30.000.000 đồng; b) ...: 20.000.000 đồng.)": the bracket of the fee, not "(1)" of a description
        close = re.search(r"(?:đồng|\.)\s*\)(?=[-+A-ZĐ]|$)", rest)
        if close and amounts_in(rest[: close.end()]):
            return rest[1 : close.end() - 1].strip(), rest[close.end() :].strip(), False
        return "", rest, False
    depth, last = 0, 0
    for index, char in enumerate(rest):
        if char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            last = index
            if depth == 0:
                inside, after = rest[1:index].strip(), rest[index + 1 :].strip()
                # "(...). (Áp dụng mức phí ...)": the fee goes on
                more = re.match(r"[.;,]?\s*\((?=[^()]*(?:phí|đồng|Thông tư))", after)
                if more:
                    follow, description, cut = _split_paren(after[more.end() - 1 :])
                    return f"{inside}. {follow}", description, cut
                return inside, after, False
    if not last:
        return rest[1:].strip(), "", True
    return rest[1 : last + 1].strip(), rest[last + 1 :].strip(), True


def unglue(digits: str, currency: str, words: str) -> tuple[str, float | None, str]:
    """Take "1100 VNĐ" apart: (time text, amount or None, flag). The parenthesis must prove the amount (100.000).

    Without proof the time stays as "" and the amount None, except where only one cut makes a well-formed number.
    """
    cuts: list[tuple[str, float]] = []
    for size in range(min(3, len(digits) - 1) + 1):
        time, number = digits[:size], digits[size:]
        if "," in time or (size and time.startswith("0")):
            break
        value = parse_number(number)
        if value and not number.startswith("0"):
            cuts.append((time, value))
    proven = amounts_in(words, "USD" if currency == "USD" else "VND")
    exact = [(time, value) for time, value in cuts if value in proven]
    thousand = [(time, value * 1000) for time, value in cuts if currency != "USD" and value < LEAST_VND and value * 1000 in proven]
    sure = exact or thousand
    if len(sure) == 1:
        return sure[0][0], sure[0][1], "glued-time-amount" if sure[0][0] else "thousands-lost" if thousand else ""
    if len(cuts) == 1 and cuts[0][1] >= LEAST_VND:
        return cuts[0][0], cuts[0][1], "glued-time-amount" if cuts[0][0] else ""
    return "", None, "glued-time-amount"


def build_channel(row: Row, today: dt.date | None, flags: list[Flag]) -> ChannelRecord:
    """One row as structure. `today` (the day of the crawl) tells which windows have ended."""
    channel = ChannelRecord(method=row.method)
    time_text, amount, currency = row.time, None, "VND"
    quarantined = False
    reading = parse_words(row.paren)
    if row.column == "Miễn phí":
        channel.declared_free = True
    elif row.column and row.column != "Không có thông tin":
        digits, _, unit = row.column.partition(" ")
        currency = "USD" if unit in ("USD", "Đô la Mỹ") else "EUR" if unit == "EUR" else "VND"
        if row.glued:
            time_text, amount, slug = unglue(digits, currency, row.paren)
            if slug:
                flags.append(Flag(slug, "channels", short(f"{row.column}({row.paren})")))
            quarantined = amount is None
        else:
            amount = parse_number(digits)
            if amount is not None and currency == "VND" and 0 < amount < LEAST_VND:
                thousand = amount * 1000 in amounts_in(row.paren)
                flags.append(Flag("thousands-lost" if thousand else "amount-under-1000", "fees", short(f"{row.column}({row.paren})")))
                amount = amount * 1000 if thousand else None
                quarantined = not thousand
            elif amount == 0:
                amount, quarantined = None, True
                flags.append(Flag("amount-zero", "fees", short(f"{row.column}({row.paren})")))
    if row.cut:
        flags.append(Flag("cut-parenthesis", "fees", short(row.paren)))
    channel.description = row.description or None
    cell = "" if says_nothing(row.column) else row.column
    channel.note = (f"{cell} ({row.paren})" if row.paren else cell) or None
    channel.fees = _fees(row, reading, amount, currency, quarantined, flags)
    flags.extend(reading.flags)
    _fees_of_description(channel, flags)
    _judge_free(channel, reading, row, flags)
    for fee in channel.fees:
        if today and fee.valid_to and fee.valid_to < today:
            flags.append(Flag("expired-window", "fees", short(f"đến {fee.valid_to:%d/%m/%Y}: {row.paren or row.description}")))
    _set_time(channel, time_text, flags)
    return channel


def _set_time(channel: ChannelRecord, cell: str, flags: list[Flag]) -> None:
    """Time of the cell; of the description when the cell is empty; both kept and flagged when they disagree."""
    # "0", "0 Giờ": what the form holds when nobody filled it in, not words to show
    channel.time_text = None if says_nothing(cell) or re.match(r"0+(?![\d.,])", cell) else one_line(cell)
    channel.time = parse_cell(cell)
    where = channel.description or ""
    if channel.time is None and channel.time_text and not says_nothing(cell, answers=True):
        limits = find_limits(channel.time_text)
        said = single_limit(channel.time_text)
        if said and len(limits) == 1 and len(channel.time_text) < 60:
            channel.time = said
        elif limits:
            flags.append(Flag("time-as-text", "time", short(channel.time_text)))
    elif channel.time is None:
        said = single_limit(where)
        if said is None and not find_limits(where):
            said = single_limit(re.sub(r"\d[\d.]*\s*(?:đồng|đ)\b", "", channel.note or ""))
        if said:
            said.note = "theo phần mô tả, cột thời gian để trống"
            channel.time = said
            flags.append(Flag("time-from-description", "time", short(where or channel.note or "")))
        elif find_limits(where):
            flags.append(Flag("time-in-stages", "time", short(where)))
    elif channel.time.unit is None:
        flags.append(Flag("bare-time", "time", channel.time_text))
    elif channel.time:
        said = single_limit(where)
        limits = [limit for limit, plain in find_limits(where) if plain]
        if said and (said.value, said.unit) != (channel.time.value, channel.time.unit):
            flags.append(Flag("time-disagrees", "time", short(f"{channel.time_text} / {where}")))
            if said.value == channel.time.value and said.unit != channel.time.unit:
                channel.time = replace(channel.time, unit=None, note=f"cột ghi “{channel.time_text}”, phần mô tả ghi khác đơn vị")
            else:
                channel.time.note = "phần mô tả ghi thời hạn khác"
        elif limits and not said and all((limit.value, limit.unit) != (channel.time.value, channel.time.unit) for limit in limits):
            flags.append(Flag("time-disagrees", "time", short(f"{channel.time_text} / {where}")))


def _is_reference(fee: FeeRecord) -> bool:
    return fee.amount is None and not fee.rate and not fee.decided_by_council


def _fees(
    row: Row, reading: Reading, amount: float | None, currency: str, quarantined: bool, flags: list[Flag]
) -> list[FeeRecord]:
    """The column's amount together with what the parenthesis says."""
    fees = list(reading.fees)
    printed = [fee for fee in fees if fee.amount]
    if amount is None:
        if quarantined and printed and currency == "VND":
            figure = parse_number(row.column.split(" ")[0]) or 0
            for fee in printed:
                if fee.amount == figure * 1e6:  # "25 VNĐ(25.000.000đ/giấy)": one of them is wrong, nobody knows which
                    fee.amount = None
                    fee.condition = "; ".join(filter(None, (fee.condition, "cổng ghi hai số khác nhau")))
                    flags.append(Flag("column-text-disagree", "fees", short(f"{row.column}({row.paren})")))
        if quarantined and not printed and not any(fee.rate or fee.decided_by_council for fee in fees):
            words = strip_bullet("; ".join(reading.loose))
            fees.insert(0, FeeRecord(condition=words or None, basis=next((fee.basis for fee in fees if fee.basis), None)))
        return fees
    if any(fee.amount == amount and fee.currency == currency for fee in printed):
        return fees
    base = FeeRecord(amount=amount, currency=currency)
    loose = []
    for words in reading.loose:
        unit = re.match(r"^(?:\(?\s*(?:[đĐ]ồng|đông|[đĐ])?\s*/\s*(?:0?1\s+)?|(?=lần cấp))([^\W\d_][^();:]{0,40}?)(?=\s*\(|\s*$)\)?", words)
        if unit and not base.per:
            base.per = one_line(unit[1]).rstrip(" .-")
            words = words[unit.end() :]
        words = re.sub(r"^(?:[Đđ]ồng|đông)\b", "", strip_bullet(words)).strip(" ().,;:")
        if "%" in words and re.search(r"giảm", words, re.I):
            flags.append(Flag("reduction-as-text", "fees", short(words)))
        elif words and not HOW_TO_PAY.search(words) and not re.match(r"^(?:phí|lệ phí|phí, lệ phí|áp dụng mức)$", words, re.I):
            loose.append(words)
    base.condition = "; ".join(loose) or None
    for fee in fees:
        # "200,000 VNĐ(đồng/lần/người (Miễn phí từ ...)": the unit is the column's, not the free window's
        unit = re.match(r"^\(*\s*(?:đồng|đ)?\s*/\s*(?:0?1\s+)?([^();:]{1,40}?)\s*\(\s*Miễn phí[\s)]*$", fee.condition or "", re.I)
        if unit and fee.amount == 0:
            base.per, fee.condition = base.per or one_line(unit[1]), "Miễn phí"
    # a clause that only names the circular (and perhaps a window) is about the column's amount
    references = [fee for fee in fees if _is_reference(fee) and (fee.basis or re.match(r"/|theo|quy định|thông tư|phí\s*:", fee.condition or "", re.I))]
    if references and not printed:
        first = references[0]
        base.basis, base.valid_from, base.valid_to = first.basis, first.valid_from, first.valid_to
        unit = re.match(r"^/\s*(?:0?1\s+)?([^(]{1,40}?)\s*(?:\(|$)", first.condition or "")
        if unit:
            base.per = base.per or unit[1].strip()
        fees = [fee for fee in fees if fee is not first]
    base.kind = "lệ phí" if re.search(r"lệ phí", base.condition or "", re.I) else "phí" if re.search(r"phí", base.condition or "", re.I) else None
    standing = [fee for fee in printed if not fee.valid_to and fee.currency == currency and not fee.bound]
    if standing:
        flags.append(Flag("column-text-disagree", "fees", short(f"{row.column}({row.paren})")))
    return [base, *fees]


def _fees_of_description(channel: ChannelRecord, flags: list[Flag]) -> None:
    """Amounts of the description that are plainly fees and that the fee cell does not have."""
    where = channel.description or ""
    if not amounts_in(where) and not amounts_in(where, "USD"):
        return
    known = {(fee.amount, fee.currency) for fee in channel.fees if fee.amount}
    added = [
        fee
        for fee in parse_words(where).fees
        if fee.amount and (fee.amount, fee.currency) not in known
        and (fee.kind or fee.valid_to or _FEE_IN_DESCRIPTION.search(fee.condition or ""))
    ]  # fmt: skip
    if added:
        flags.append(Flag("fee-in-description", "fees", short(where)))
        channel.fees.extend(added)
    elif not known:
        flags.append(Flag("amount-in-description", "fees", short(where)))
    for fee in parse_words(where).fees:
        # the description repeats an amount of the cell, but with its window
        if fee.amount and fee.valid_to:
            for own in channel.fees:
                if own.amount == fee.amount and not own.valid_to and not own.valid_from and own.condition == fee.condition:
                    own.valid_from, own.valid_to, own.basis = fee.valid_from, fee.valid_to, own.basis or fee.basis


def _judge_free(channel: ChannelRecord, reading: Reading, row: Row, flags: list[Flag]) -> None:
    """"Miễn phí" in the column: contradicted by amounts, by a reference, or said again in words."""
    if not channel.declared_free:
        return
    priced = [fee for fee in channel.fees if fee.amount or fee.rate]
    if priced:
        channel.contradiction = True
        flags.append(Flag("free-but-amounts", "fees", short(row.paren or row.description)))
        return
    for said in re.finditer(r"(?:^|[\n.;+-]\s*)((?:Phí|Lệ phí|Phí, lệ phí)\s*:\s*(?!không)[^\n]+)", row.description, re.I):
        found = [fee for fee in parse_words(said[1]).fees if fee.decided_by_council or (_is_reference(fee) and fee.basis)]
        channel.fees.extend(fee for fee in found if fee not in channel.fees)
        if found:
            flags.append(Flag("free-but-reference", "fees", short(said[1])))
    if not row.paren or (reading.says_none and not channel.fees):
        return
    if any(fee.decided_by_council for fee in channel.fees):
        flags.append(Flag("free-but-council", "fees", short(row.paren)))
    elif any(_is_reference(fee) for fee in channel.fees):
        not_set = re.match(r"(?:không|chưa) quy định", row.paren, re.I)
        flags.append(Flag("free-but-not-set" if not_set else "free-but-reference", "fees", short(row.paren)))
    elif not any(fee.amount == 0 for fee in channel.fees):
        # words that name a fee or a case without a figure: not the same as free
        channel.fees.append(FeeRecord(condition=one_line(row.paren), basis=next(iter(find_numbers(row.paren)), None)))
        flags.append(Flag("free-but-words", "fees", short(row.paren)))


def parse_channels(text: str | None, today: dt.date | None = None) -> tuple[list[ChannelRecord], list[Flag]]:
    """All rows of the section. Rows that repeat each other word for word are kept once, with a flag."""
    text = normalise(text)
    flags: list[Flag] = []
    if says_nothing(text):
        return [], flags
    rows, before = split_rows(text)
    if before:
        flags.append(Flag("channel-table-unclear", "channels", short(before)))
    channels: list[ChannelRecord] = []
    for row in rows:
        own: list[Flag] = []
        channel = build_channel(row, today, own)
        if channel in channels:
            flags.append(Flag("duplicate-row", "channels", short(f"{row.method} {row.time} {row.column}")))
            continue
        channels.append(channel)
        flags.extend(own)
    tell_apart(channels, flags)
    return channels, flags


def tell_apart(channels: list[ChannelRecord], flags: list[Flag]) -> None:
    """Rows of one method: `case` is what distinguishes them. Different amounts by channel are flagged."""
    for method in dict.fromkeys(channel.method for channel in channels):  # in order: a set's order differs from run to run
        rows = [channel for channel in channels if channel.method == method]
        if len(rows) < 2:
            continue
        flags.append(Flag("several-rows", "channels", f"{method}: {len(rows)}"))
        by_description = len({row.description for row in rows}) == len(rows)
        for row in rows:
            words = row.description if by_description or not row.note else "; ".join(filter(None, (row.description, row.note)))
            row.case = words or None
    amounts = {}
    for channel in channels:
        amounts.setdefault(channel.method, set()).update((fee.amount, fee.currency) for fee in channel.fees if fee.amount)
    named = [found for found in amounts.values() if found]
    if len(named) > 1 and any(found != named[0] for found in named):
        flags.append(Flag("fee-differs-by-channel", "fees", "; ".join(f"{method}: {_money(found)}" for method, found in sorted(amounts.items()))))


def _money(found: set) -> str:
    return ", ".join(f"{amount:,.0f} {currency}" for amount, currency in sorted(found)) or "không ghi"


__all__ = ["HEADER", "METHODS", "Row", "build_channel", "find_window", "parse_channels", "split_rows", "tell_apart", "unglue"]
