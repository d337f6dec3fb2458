"""Fees in time: which amounts hold for a procedure, a way of filing, a day, a place and a case.

A fee row is in force on a day when valid_from <= day <= valid_to (both ends included; an open end is open).
Nothing is guessed: an amount that the source does not give stays unknown, and unknown never becomes zero.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from knowledge.records import ChannelRecord, FeeRecord, ProcedureRecord

Status = Literal["amounts", "free", "contradiction", "depends", "unknown"]
# The portal shows thousands that were lost in a column ("135 VNĐ"): no fee of the State is that small.
LEAST_VND = 1000


@dataclass(frozen=True)
class FeeAnswer:
    """What is due for one channel.

    amounts: rows in force, with an amount or a rate; ended / coming: rows whose window has ended or not begun;
    exempt: rows that say who pays nothing; set_elsewhere: rows without a figure (a basis or the provincial council sets it).
    """

    status: Status
    channel: ChannelRecord
    amounts: tuple[FeeRecord, ...] = ()
    ended: tuple[FeeRecord, ...] = ()
    coming: tuple[FeeRecord, ...] = ()
    exempt: tuple[FeeRecord, ...] = ()
    set_elsewhere: tuple[FeeRecord, ...] = ()


def in_force(fee: FeeRecord, day: dt.date) -> bool:
    """True when the row's window holds the day."""
    return (fee.valid_from is None or fee.valid_from <= day) and (fee.valid_to is None or day <= fee.valid_to)


def holds(when: dict[str, list[str]], case: dict[str, str]) -> bool:
    """True when nothing in `case` (branch id -> option id) rules the row out; what is not answered or unknown rules nothing out."""
    return all(case.get(branch) in (None, "unknown") or case[branch] in options for branch, options in when.items())


def _shown(fee: FeeRecord) -> bool:
    return fee.currency != "VND" or fee.amount is None or fee.amount == 0 or fee.amount >= LEAST_VND


def channel_fee(
    channel: ChannelRecord, day: dt.date, *, place: str | None = None, case: dict[str, str] | None = None
) -> FeeAnswer:
    """The fee of one channel on a day. `place`: a province; its own rows beat the national ones."""
    rows = [fee for fee in channel.fees if _shown(fee) and holds(fee.when, case or {})]
    local = [fee for fee in rows if fee.place is not None and fee.place == place]
    rows = local or [fee for fee in rows if fee.place is None]
    ended = tuple(fee for fee in rows if fee.valid_to is not None and fee.valid_to < day)
    coming = tuple(fee for fee in rows if fee.valid_from is not None and fee.valid_from > day)
    now = [fee for fee in rows if in_force(fee, day)]
    exempt = tuple(fee for fee in now if fee.exempt)
    priced = tuple(fee for fee in now if not fee.exempt and (fee.amount is not None or fee.rate))
    elsewhere = tuple(fee for fee in now if not fee.exempt and fee.amount is None and not fee.rate)
    positive = tuple(fee for fee in priced if fee.rate or (fee.amount or 0) > 0)
    if channel.declared_free and (positive or channel.contradiction):
        status: Status = "contradiction"
    elif positive:
        status = "amounts"
    elif elsewhere:
        status = "depends"
    elif (channel.declared_free or priced) and not ended and not coming:
        status = "free"
    elif exempt and not ended:
        status = "free" if channel.declared_free else "unknown"
    else:
        status = "unknown"
    return FeeAnswer(status, channel, positive or priced, ended, coming, exempt, elsewhere)


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


def money(amount: float, currency: str = "VND") -> str:
    """160000 -> '160.000 đồng'; other currencies keep their code ('25 USD')."""
    whole = f"{amount:,.0f}" if float(amount).is_integer() else f"{amount:,.2f}"
    text = whole.replace(",", "_").replace(".", ",").replace("_", ".")
    return f"{text} đồng" if currency == "VND" else f"{text} {currency}"
