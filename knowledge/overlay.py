"""Layers of one code laid over each other: what one says and another does not.

The curated text is shown first; facts of a fresher import are shown beside it with their date; what contradicts is for
an editor (`motcua review`). Nothing is merged.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.fuzz import token_set_ratio

from knowledge.fees import channel_fee, money
from knowledge.records import NAMED_ONLY, ProcedureRecord, TimeLimit

Kind = Literal["differs-amounts", "differs-time", "differs-papers", "differs-decision", "differs-title"]
METHODS = {"online": "Trực tuyến", "post": "Bưu chính", "in_person": "Trực tiếp"}
UNITS = {"minute": "phút", "hour": "giờ", "working_hour": "giờ làm việc", "day": "ngày", "working_day": "ngày làm việc", "month": "tháng", "year": "năm"}
LAYERS = {"curated": "bản biên tập", "structured": "tệp có cấu trúc", "portal": "bản thu từ cổng", "list": "danh sách của cổng", "register": "sổ tên thủ tục"}
_SAME_TITLE = 78  # token_set_ratio under which two titles are of different acts


@dataclass(frozen=True)
class Difference:
    """`shown` and `other`: what each layer says, in Vietnamese; `fresher`: `other` was read later than `shown`."""

    kind: Kind
    code: str
    field: str
    shown_origin: str
    shown: str
    origin: str
    other: str
    retrieved: dt.date | None
    fresher: bool

    def text(self) -> str:
        """One sentence for an editor."""
        date = f", đọc ngày {self.retrieved:%d/%m/%Y}" if self.retrieved else ""
        return f"{LAYERS[self.shown_origin]}: {self.shown}; {LAYERS[self.origin]}{date}: {self.other}"


def title_key(text: str) -> str:
    """A title without case, spacing and the words that every title may begin with."""
    return re.sub(r"^(?:thủ tục|tthc)\s+", "", " ".join(re.findall(r"[^\W_]+", text.casefold())))


def same_title(one: str, other: str) -> bool:
    """True unless two titles name quite different acts."""
    return title_key(one) == title_key(other) or token_set_ratio(title_key(one), title_key(other)) >= _SAME_TITLE


def time_text(limit: TimeLimit) -> str:
    """'3 ngày làm việc', '10 - 15 ngày'."""
    value = f"{limit.value:g}" + (f" - {limit.maximum:g}" if limit.maximum else "")
    return f"{value} {UNITS[limit.unit]}" if limit.unit else f"{value} (không rõ đơn vị)"


def _amounts(record: ProcedureRecord, day: dt.date) -> dict[str, set[tuple[float, str]]]:
    """Amounts above zero by method: what is due on the day and what it stands in for."""
    found: dict[str, set[tuple[float, str]]] = {}
    for channel in record.channels:
        told = channel_fee(channel, day)
        found.setdefault(channel.method, set()).update(
            (fee.amount, fee.currency) for fee in (*told.amounts, *told.replaced) if fee.amount
        )
    return found


def _limits(record: ProcedureRecord) -> dict[str, dict[tuple, TimeLimit]]:
    found: dict[str, dict[tuple, TimeLimit]] = {}
    for channel in record.channels:
        if channel.time and channel.time.value is not None and channel.time.unit:
            found.setdefault(channel.method, {})[channel.time.value, channel.time.maximum, channel.time.unit] = channel.time
    return found


def _told(amounts: set[tuple[float, str]]) -> str:
    return ", ".join(money(amount, currency) for amount, currency in sorted(amounts)) or "không ghi số tiền"


def differences(layers: list[ProcedureRecord], day: dt.date) -> list[Difference]:
    """What the first layer (the one shown) and every later one say differently, field by field."""
    if len(layers) < 2:
        return []
    shown = layers[0]
    found: list[Difference] = []
    for other in layers[1:]:

        def add(kind: Kind, field: str, mine: str, theirs: str, other: ProcedureRecord = other) -> None:
            mine_day, day_of = shown.source.retrieved, other.source.retrieved
            fresher = bool(day_of and (mine_day is None or day_of > mine_day))
            found.append(Difference(kind, shown.code, field, shown.source.origin, mine, other.source.origin, theirs, day_of, fresher))

        if not same_title(shown.name, other.name):
            add("differs-title", "name", f"“{shown.name}”", f"“{other.name}”")
        if {shown.source.origin, other.source.origin} & NAMED_ONLY:
            continue
        mine, theirs = _amounts(shown, day), _amounts(other, day)
        everywhere = set().union(*mine.values()) if mine else set()
        for method in METHODS:
            if method in mine and method in theirs:
                new, gone = theirs[method] - everywhere, mine[method] - set().union(*theirs.values())
                if new or (gone and theirs[method]):
                    add("differs-amounts", f"fees.{method}", f"{METHODS[method]}: {_told(mine[method])}", _told(theirs[method]))
        limits, others = _limits(shown), _limits(other)
        for method in METHODS:
            if method in limits and method in others and not limits[method].keys() & others[method].keys():
                add(
                    "differs-time", f"time.{method}", f"{METHODS[method]}: " + ", ".join(map(time_text, limits[method].values())),
                    ", ".join(map(time_text, others[method].values())),
                )  # fmt: skip
        papers, more = (sum(not paper.is_note for paper in record.dossier) for record in (shown, other))
        if more and papers != more:
            add("differs-papers", "dossier", f"{papers} giấy tờ", f"{more} giấy tờ")
        if shown.source.decision and other.source.decision and shown.source.decision != other.source.decision:
            add("differs-decision", "decision", f"quyết định {shown.source.decision}", f"quyết định {other.source.decision}")
    return found
