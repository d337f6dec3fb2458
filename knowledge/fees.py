"""Fees in time: which amounts hold for a procedure, a way of filing, a day, a place and a case.

A fee row is in force on a day when valid_from <= day <= valid_to (both ends included; an open end is open).
A reduction or exemption with a window stands in for the base price that it is a reduction of, for as long as the
window lasts; afterwards the base price holds again. Nothing is guessed: an amount that the source does not give stays
unknown, unknown never becomes zero, and a rate is computed only from a base that is printed in the same row.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from rapidfuzz.fuzz import token_set_ratio

from knowledge.records import ChannelRecord, FeeRecord, ProcedureRecord

Status = Literal["amounts", "free", "contradiction", "depends", "unknown"]
# The portal shows thousands that were lost in a column ("135 VNĐ"): no fee of the State is that small.
LEAST_VND = 1000
_SAME_CASE = 90  # token_set_ratio from which two conditions name the same case


@dataclass(frozen=True)
class Computed:
    """An amount that the source does not print: `rate` (a row with "50%") of `base` (a row with an amount)."""

    rate: FeeRecord
    base: FeeRecord
    amount: float


@dataclass(frozen=True)
class FeeAnswer:
    """What is due for one channel.

    status: "contradiction" whenever the source says free and gives amounts; "free" only when it says so in words;
    "depends" when somebody else sets it (council, document, place); "unknown" when the source gives nothing usable.
    amounts: rows due on the day. A computed one is a copy of its rate row with the amount filled in; see `computed`.
    replaced: base prices that a row in `amounts` stands in for on this day (they hold again after its window).
    ended / coming: rows whose window has ended or not begun. exempt: rows that say who or what costs nothing.
    set_elsewhere: rows without a figure. local: rows of provinces, when no place was given or its own is not there.
    conflicts: rows of `amounts` that give different figures for the same condition (the source disagrees with itself).
    withheld: how many figures of the source are not shown because they cannot be right (under 1,000 VND).
    """

    status: Status
    channel: ChannelRecord
    amounts: tuple[FeeRecord, ...] = ()
    ended: tuple[FeeRecord, ...] = ()
    coming: tuple[FeeRecord, ...] = ()
    exempt: tuple[FeeRecord, ...] = ()
    set_elsewhere: tuple[FeeRecord, ...] = ()
    replaced: tuple[FeeRecord, ...] = ()
    computed: tuple[Computed, ...] = ()
    local: tuple[FeeRecord, ...] = ()
    conflicts: tuple[FeeRecord, ...] = ()
    withheld: int = 0

    @property
    def free_until(self) -> dt.date | None:
        """The last day of the window that makes it free, if it is free only for a time."""
        ends = [fee.valid_to for fee in self.amounts if fee.amount == 0 and fee.valid_to]
        return min(ends) if self.status == "free" and ends else None


def in_force(fee: FeeRecord, day: dt.date) -> bool:
    """True when the row's window holds the day."""
    return (fee.valid_from is None or fee.valid_from <= day) and (fee.valid_to is None or day <= fee.valid_to)


def holds(when: dict[str, list[str]], case: dict[str, str]) -> bool:
    """True when nothing in `case` (branch id -> option id) rules the row out; what is not answered, or "unknown", rules nothing out."""
    return all(case.get(branch) in (None, "unknown") or case[branch] in options for branch, options in when.items())


def believable(fee: FeeRecord) -> bool:
    """False for a figure that may never be shown: a positive VND amount under 1,000, or one below zero."""
    return fee.amount is None or fee.amount == 0 or (fee.amount > 0 and (fee.currency != "VND" or fee.amount >= LEAST_VND))


def same_place(one: str | None, other: str | None) -> bool:
    """"TP. Hà Nội" and "thành phố Hà Nội" are one place; a merged province is not its old part."""
    return one is not None and other is not None and _place_key(one) == _place_key(other)


def _place_key(text: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFD", text.casefold().replace("đ", "d")) if not unicodedata.combining(c))
    return " ".join(re.sub(r"^(?:thanh pho|tinh|t\.?\s?p\.?)\s+", "", re.sub(r"[^a-z0-9.]+", " ", plain).strip()).replace(".", " ").split())


# -- which row stands in for which ---------------------------------------------------------------

# Words of a condition that say that it is a price, a reduction or an exemption, and for how long, but not for whom.
_NOT_A_CASE = re.compile(
    r"\(?miễn?\s*(?:thu\s*)?(?:(?:lệ\s*)?phí)?(?=[\s).,;]|$)|(?:áp dụng\s+)?mức\s+(?:thu|lệ\s*phí|phí|giảm)(?:\s+(?:lệ\s*)?phí)?(?:\s+(?:đã hết hạn|chưa giảm|giảm\s*\d+\s*%))?"
    r"|bằng\s+\d+(?:,\d+)?\s*%.*$|\d+(?:,\d+)?\s*%|đã hết hạn|chưa giảm|bao gồm|nêu trên|áp dụng|được quy định như sau|một số khoản phí, lệ phí"
    r"|/?\s*\b(?:hồ sơ|lần cấp|lần|người|đồng|đông|đ)\b|kể từ ngày|\bquy định\b|tối (?:đa|thiểu)|thực hiện"
)
_ONLINE = re.compile(r"(?:trường hợp\s+)?(?:khi\s+)?(?:(?:tổ chức, cá nhân|công dân|người dân|người yêu cầu)\s+)?(?:nộp(?:\s+hồ sơ)?(?:\s+[^;:()]{0,40}?)?\s+)?(?:theo|bằng|qua)\s+hình thức trực tuy[ếể]n")
_OF_PRINTED = re.compile(r"(\d+(?:,\d+)?)\s*%\s*của\s*(\d{1,3}(?:[.,]\d{3})+|\d{4,})\s*(?:đồng|đ)\b", re.I)
_OF_ABOVE = re.compile(r"%\s*(?:của\s+)?(?:mức\s+)?(?:thu\s+)?(?:lệ\s*phí|phí|thu)?\s*(?:nêu|đã nêu|ghi)\s+trên", re.I)
# "50% mức thu quy định tại điểm 1 Biểu phí ... Thông tư ...": the base stands in another document
_OF_DOCUMENT = re.compile(r"%.*?(?:\btại\b|\bBiểu\b|Thông tư|Nghị định|\bĐiều\b|của\s+mức)", re.I | re.S)
_BASE_ONLY = re.compile(r"\d+(?:,\d+)?\s*%\s*của\s*:?$", re.I)
_ON_REQUEST = re.compile(r"nếu (?:có )?yêu cầu|khi có yêu cầu", re.I)


def _case_key(fee: FeeRecord, method: str) -> str:
    """What a condition says about the case itself; "" when it holds for everybody."""
    text = unicodedata.normalize("NFC", fee.condition or "").casefold()
    if method == "online":
        text = _ONLINE.sub(" ", text)
    text = _NOT_A_CASE.sub(" ", text)
    return " ".join(re.findall(r"[^\W_]+", text))


def _compatible(one: FeeRecord, other: FeeRecord) -> bool:
    return one.currency == other.currency and (one.kind is None or other.kind is None or one.kind == other.kind)


def _stands_in_for(special: FeeRecord, rows: list[FeeRecord], bases: list[FeeRecord], method: str) -> list[FeeRecord]:
    """The base prices among `bases` that a row with a window (or a rate of them) replaces while it holds."""
    key = _case_key(special, method)
    # a figure above the full price is no reduction of it, and a cap or a floor is no price
    bases = [base for base in bases if special.bound == base.bound and not (special.amount and special.amount > (base.amount or 0))]
    fitting = [base for base in bases if _compatible(special, base)]
    if special.rate and not _OF_ABOVE.search(special.condition or ""):
        return fitting if not key and not _OF_DOCUMENT.search(special.condition or "") else []
    if special.rate or special.amount == 0:
        # "Miễn lệ phí từ ...", "bằng 50% mức lệ phí nêu trên" beside one single fee mean that one, whatever it is called
        fitting = fitting or ([base for base in bases if base.currency == special.currency] if len(bases) == 1 else [])
    if special.rate:
        return fitting
    if special.amount == 0 and (not key or (len(bases) == 1 and re.search(r"\(\s*miễn[^()]*\)*\s*\)*$", special.condition or "", re.I))):
        return fitting
    same = [base for base in fitting if (not key and not _case_key(base, method)) or (key and token_set_ratio(key, _case_key(base, method)) >= _SAME_CASE)]
    before = next((row for row in reversed(rows[: _index(rows, special)]) if row in bases), None)
    if len(same) == 1:
        return same
    if same:
        return [before] if before in same else []
    if not key:
        # one reduced price stands beside its own full price: "800.000 đồng (áp dụng mức 400.000 đồng từ ... đến ...)"
        return fitting if len(fitting) == 1 else [before] if before in fitting else []
    return []


def _index(rows: list[FeeRecord], wanted: FeeRecord) -> int:
    return next(number for number, row in enumerate(rows) if row is wanted)


def _percent(rate: str | None) -> float | None:
    match = re.fullmatch(r"\s*(\d+(?:[.,]\d+)?)\s*%\s*", rate or "")
    return float(match[1].replace(",", ".")) if match else None


def _compute(rate: FeeRecord, bases: Iterable[FeeRecord]) -> list[Computed]:
    """A rate of the base that its own words print, or of the base prices that it stands in for."""
    printed = _OF_PRINTED.search(rate.condition or "")
    if printed and _percent(rate.rate) == _percent(f"{printed[1]}%"):
        bases = [FeeRecord(amount=float(re.sub(r"[.,]", "", printed[2])), currency=rate.currency, kind=rate.kind, condition=rate.condition)]
    share = _percent(rate.rate)
    if share is None:
        return []
    found = [Computed(rate, base, round(base.amount * share / 100, 2)) for base in bases if base.amount]
    return [one for one in found if believable(replace(rate, amount=one.amount))]


def _computed_row(one: Computed, method: str) -> FeeRecord:
    words = f"tính ra: {one.rate.rate} của {money(one.base.amount, one.base.currency)}"
    # "bằng 50% mức thu nêu trên" does not say which case it is: the base does
    told = one.base.condition if _case_key(one.base, method) and not _OF_PRINTED.search(one.rate.condition or "") else one.rate.condition
    told = re.sub(r"[;,]\s*mức (?:thu )?chưa giảm", "", told or "")
    return replace(one.rate, amount=one.amount, condition=f"{told}; {words}" if told else words, per=one.rate.per or one.base.per, kind=one.rate.kind if one.base.kind is None else one.base.kind)


# -- the answer ----------------------------------------------------------------------------------


def channel_fee(
    channel: ChannelRecord, day: dt.date, *, place: str | None = None, case: dict[str, str] | None = None
) -> FeeAnswer:
    """The fee of one channel on a day. `place`: a province; its own row beats the national one of the same condition."""
    method = channel.method
    asked = [fee for fee in channel.fees if holds(fee.when, case or {})]
    rows = [fee for fee in asked if believable(fee)]
    withheld = len(asked) - len(rows)
    own = [fee for fee in rows if fee.place is not None and same_place(fee.place, place)]
    local = [fee for fee in rows if fee.place is not None and fee not in own]
    national = [fee for fee in rows if fee.place is None]
    beaten = {id(fee) for fee in national for mine in own if in_force(mine, day) and _beats(mine, fee, method)}
    rows = [fee for fee in rows if fee in own or (fee.place is None and id(fee) not in beaten)]

    ended = tuple(fee for fee in rows if fee.valid_to is not None and fee.valid_to < day)
    coming = tuple(fee for fee in rows if fee.valid_from is not None and fee.valid_from > day)
    now = [fee for fee in rows if in_force(fee, day)]
    printed = any(_OF_PRINTED.search(fee.condition or "") for fee in now if fee.rate)
    priced = [fee for fee in now if not fee.exempt and (fee.amount is not None or fee.rate) and not (printed and _BASE_ONLY.search(fee.condition or ""))]
    elsewhere = tuple(fee for fee in now if not fee.exempt and fee.amount is None and not fee.rate)

    bases = [fee for fee in priced if fee.amount and not fee.rate and not (fee.valid_from or fee.valid_to)]
    specials = [fee for fee in priced if fee not in bases and (fee.valid_from or fee.valid_to or fee.rate)]
    replaced: list[FeeRecord] = []
    computed: list[Computed] = []
    due: list[FeeRecord] = []
    freeing: list[FeeRecord] = []
    for fee in specials:
        covered = _stands_in_for(fee, priced, bases, method)
        if fee.rate and fee.amount is None:
            own_amounts = _compute(fee, covered)
            if not own_amounts:
                continue  # words only: it says nothing about which price it changes
            computed += own_amounts
        replaced += [base for base in covered if not any(base is one for one in replaced)]
        if fee.amount == 0 and covered:
            freeing.append(fee)
    for fee in priced:
        if any(fee is one for one in replaced):
            continue
        copies = [_computed_row(one, method) for one in computed if one.rate is fee]
        due += [copy for copy in copies if not any(_same_price(copy, known) for known in due)] if copies else [fee]
    positive = [fee for fee in due if fee.rate or fee.amount]
    zero = [fee for fee in due if fee.amount == 0]
    # a zero that is free in words for everybody; one for a case only is an exemption
    in_words = [fee for fee in zero if fee in freeing or ((channel.declared_free or not positive) and _says_free(fee))]
    pending = [fee for fee in elsewhere if not _ON_REQUEST.search(fee.condition or "")]

    if channel.contradiction or (channel.declared_free and positive):
        status: Status = "contradiction"
    elif positive:
        status = "amounts"
    elif in_words and not pending and not withheld:
        status = "free"
    elif elsewhere or (local and not own):
        status = "depends"
    elif channel.declared_free and not withheld and not ended and not coming and all(fee.exempt or fee.amount == 0 for fee in now):
        status = "free"
    else:
        status = "unknown"
    exempt = [fee for fee in now if fee.exempt] + [fee for fee in zero if status != "free" or fee not in in_words]
    amounts = tuple(positive) or (tuple(in_words) if status == "free" else ())
    return FeeAnswer(
        status, channel, amounts, ended, coming, tuple(exempt), elsewhere, tuple(replaced), tuple(computed),
        tuple(local), _conflicts(positive, method), withheld,
    )  # fmt: skip


def _beats(mine: FeeRecord, national: FeeRecord, method: str) -> bool:
    if not _compatible(mine, national) or national.exempt != mine.exempt:
        return False
    key, other = _case_key(mine, method), _case_key(national, method)
    return not key or key == other or (bool(other) and token_set_ratio(key, other) >= _SAME_CASE) or national.decided_by_council


def _says_free(fee: FeeRecord) -> bool:
    """A zero is free only in words; "0" alone is a column's default."""
    return bool(re.search(r"\bmiễn|không (?:phải )?(?:thu|nộp)|không mất|không tính", fee.condition or "", re.I))


def _price(fee: FeeRecord) -> tuple:
    return (fee.amount, None if fee.amount is not None else fee.rate)


def _same_price(one: FeeRecord, other: FeeRecord) -> bool:
    return _price(one) == _price(other) and (one.currency, one.kind, one.per, one.bound, one.place) == (other.currency, other.kind, other.per, other.bound, other.place)


def condition_key(fee: FeeRecord, method: str) -> tuple:
    """Rows with the same key answer the same question; two figures for one key are a conflict of the source."""
    return (_case_key(fee, method), fee.kind, fee.currency, fee.bound, fee.place, tuple(sorted((k, tuple(v)) for k, v in fee.when.items())))


def _conflicts(due: list[FeeRecord], method: str) -> tuple[FeeRecord, ...]:
    keys = [condition_key(fee, method) for fee in due]
    return tuple(
        fee for number, fee in enumerate(due)
        if any(keys[number] == keys[other] and _price(fee) != _price(row) and (fee.per == row.per or not (fee.per and row.per)) for other, row in enumerate(due))
    )  # fmt: skip


def fees(
    record: ProcedureRecord,
    day: dt.date,
    *,
    method: str | None = None,
    place: str | None = None,
    case: dict[str, str] | None = None,
) -> list[FeeAnswer]:
    """One FeeAnswer for each channel of the record (of one method when given), in the record's order."""
    return [
        channel_fee(channel, day, place=place, case=case)
        for channel in record.channels
        if (method is None or channel.method == method) and holds(channel.when, case or {})
    ]


# What the importers flag when a figure of the fee column cannot be right (docs/data-flags.md).
QUARANTINE = frozenset({"amount-under-1000", "thousands-lost", "glued-time-amount"})
_COLUMN_FIGURE = re.compile(r"^\s*(?:(?:Phí|Lệ phí|Mức giá)\s*:\s*)?\d[\d.,]*\s*(?:VNĐ|VND|Việt Nam Đồng|Đồng)\b")
_SMALL_FIGURE = re.compile(r"(?<![\d.,/])[1-9]\d{0,2}(?=\s*(?:VNĐ|VND|Việt Nam Đồng|[Đđ]ồng\b|đ\b))(?!\s*(?:triệu|nghìn|tỷ))")


def safe_note(record: ProcedureRecord, channel: ChannelRecord) -> str | None:
    """The source's own words of the fee cell for a reader: figures that cannot be right are left out ("…")."""
    note = channel.note
    if note and any(flag.kind in QUARANTINE for flag in record.flags):
        note = _COLUMN_FIGURE.sub("… VNĐ", note, count=1)
    return _SMALL_FIGURE.sub("…", note) if note else note


def money(amount: float, currency: str = "VND") -> str:
    """160000 -> '160.000 đồng'; other currencies keep their code ('25 USD')."""
    whole = f"{amount:,.0f}" if float(amount).is_integer() else f"{amount:,.2f}"
    text = whole.replace(",", "_").replace(".", ",").replace("_", ".")
    return f"{text} đồng" if currency == "VND" else f"{text} {currency}"
