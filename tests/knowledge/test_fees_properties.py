"""Fees in time, for any rows and any day."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.fees import _price, believable, channel_fee, condition_key, in_force
from knowledge.records import ChannelRecord, FeeRecord

DAYS = st.dates(dt.date(2022, 1, 1), dt.date(2028, 12, 31))
EDGES = st.sampled_from([None, dt.date(2023, 12, 31), dt.date(2025, 7, 1), dt.date(2026, 6, 30), dt.date(2026, 12, 31)]) | st.none() | DAYS
CONDITIONS = st.sampled_from(
    [None, "Cấp mới", "Cấp lại", "Cấp lại do mất", "Miễn phí", "Miễn lệ phí", "Tối đa", "bằng 50% mức thu nêu trên", "Nộp hồ sơ theo hình thức trực tuyến",
     "Do Hội đồng nhân dân cấp tỉnh quyết định", "Người thuộc hộ nghèo", "áp dụng mức phí", "20% của 11.000.000 đồng", "20% của"]
)  # fmt: skip


@st.composite
def rows(draw):
    since, until = draw(EDGES), draw(EDGES)
    if since and until and since > until:
        since, until = until, since
    kind = draw(st.sampled_from(["amount", "amount", "amount", "rate", "zero", "exempt", "elsewhere", "council", "small"]))
    return FeeRecord(
        amount={"amount": draw(st.integers(1, 900)) * 1000, "zero": 0, "exempt": 0, "small": draw(st.integers(1, 999))}.get(kind),
        rate="50%" if kind == "rate" else None,
        condition=draw(CONDITIONS),
        kind=draw(st.sampled_from([None, "phí", "lệ phí"])),
        per=draw(st.sampled_from([None, "lần", "hồ sơ"])),
        place=draw(st.sampled_from([None, None, None, "Hà Nội", "Huế"])),
        bound=draw(st.sampled_from([None, None, None, "max"])),
        exempt=kind == "exempt",
        decided_by_council=kind == "council",
        valid_from=since,
        valid_to=until,
        basis=draw(st.sampled_from([None, "64/2025/TT-BTC"])),
    )


CHANNELS = st.builds(
    ChannelRecord,
    method=st.sampled_from(["online", "post", "in_person"]),
    fees=st.lists(rows(), max_size=6),
    declared_free=st.booleans(),
    contradiction=st.booleans(),
)
PLACES = st.sampled_from([None, "Hà Nội", "TP. Huế", "Cà Mau"])


@given(CHANNELS, DAYS, PLACES)
def test_no_day_gives_two_answers_for_one_condition(channel, day, place):
    """Two figures for one condition are never told side by side as if both were due: they are named as a conflict."""
    answer = channel_fee(channel, day, place=place)
    told: dict[tuple, FeeRecord] = {}
    for row in answer.amounts:
        key = (*condition_key(row, channel.method), row.per)
        if key in told and _price(told[key]) != _price(row):
            assert row in answer.conflicts and told[key] in answer.conflicts
        told.setdefault(key, row)
    assert channel_fee(channel, day, place=place) == answer


@given(CHANNELS, DAYS, PLACES)
def test_only_rows_in_force_are_due_and_nothing_is_lost(channel, day, place):
    answer = channel_fee(channel, day, place=place)
    assert all(in_force(row, day) for row in answer.amounts)
    assert all(row.valid_to is not None and row.valid_to < day for row in answer.ended)
    assert all(row.valid_from is not None and row.valid_from > day for row in answer.coming)
    assert not any(row.valid_to is not None and row.valid_to < day for row in (*answer.amounts, *answer.exempt, *answer.set_elsewhere))
    rates = [one.rate for one in answer.computed]
    for row in channel.fees:
        if not believable(row) or row.place is not None:
            continue
        kept = (*answer.amounts, *answer.ended, *answer.coming, *answer.exempt, *answer.set_elsewhere, *answer.replaced, *rates)
        beaten = place is not None and any(one.place for one in (*answer.amounts, *answer.exempt, *answer.set_elsewhere))
        only_a_base = (row.condition or "").endswith("% của")
        assert beaten or only_a_base or row in kept or (row.amount == 0 and answer.status == "free"), row


@given(CHANNELS, DAYS)
def test_unknown_never_becomes_zero(channel, day):
    """Free needs words: a declared free column or a zero row; a row without a figure, or a spoilt one, excludes it."""
    answer = channel_fee(channel, day)
    if answer.status == "free":
        assert channel.declared_free or any(row.amount == 0 for row in channel.fees)
        assert not any(row.amount or row.rate for row in answer.amounts)
        assert not answer.withheld
    assert all(row.amount != 0 for row in answer.amounts) or answer.status == "free"
    for row in answer.set_elsewhere:
        assert row.amount is None and row.rate is None


@given(CHANNELS, DAYS)
def test_a_contradiction_is_never_free(channel, day):
    answer = channel_fee(channel, day)
    if channel.contradiction or (channel.declared_free and any(row.amount or row.rate for row in answer.amounts)):
        assert answer.status == "contradiction"


@given(CHANNELS, DAYS, PLACES)
def test_no_figure_under_a_thousand_is_ever_due(channel, day, place):
    answer = channel_fee(channel, day, place=place)
    for row in (*answer.amounts, *answer.ended, *answer.coming, *answer.exempt, *answer.replaced, *answer.local):
        assert row.amount is None or row.amount == 0 or row.amount >= 1000


@given(st.integers(1, 900), DAYS, DAYS, st.sampled_from(["online", "post", "in_person"]))
def test_both_ends_of_a_window_belong_to_it(thousands, one, other, method):
    first, last = min(one, other), max(one, other)
    base, reduced = FeeRecord(amount=1_000_000), FeeRecord(amount=thousands * 1000, valid_from=first, valid_to=last)
    channel = ChannelRecord(method=method, fees=[base, reduced])
    step = dt.timedelta(days=1)

    def due(day):
        return [row.amount for row in channel_fee(channel, day).amounts]

    assert due(first - step) == [1_000_000] and due(last + step) == [1_000_000]
    assert due(first) == due(last) == due(first + (last - first) / 2) == [thousands * 1000]
    assert [row.amount for row in channel_fee(channel, last + step).ended] == [thousands * 1000]
    assert [row.amount for row in channel_fee(channel, first - step).coming] == [thousands * 1000]


@given(CHANNELS, DAYS)
@settings(max_examples=60)
def test_a_change_happens_only_at_a_border(channel, day):
    """From one day to the next the answer changes only where some window begins or ends."""
    nearby = day + dt.timedelta(days=1)
    at_border = any(row.valid_from == nearby or row.valid_to == day for row in channel.fees)
    if not at_border:
        one, other = channel_fee(channel, day), channel_fee(channel, nearby)
        assert (one.status, one.amounts, one.exempt) == (other.status, other.amounts, other.exempt)


@given(CHANNELS, DAYS)
def test_a_rate_is_computed_only_from_a_printed_base(channel, day):
    for one in channel_fee(channel, day).computed:
        printed = [row.amount for row in channel.fees if row.amount] + [11_000_000.0]
        assert one.base.amount in printed and one.rate in channel.fees


@given(CHANNELS, DAYS)
@settings(max_examples=60)
def test_the_rows_are_not_changed(channel, day):
    before = [replace(row) for row in channel.fees]
    channel_fee(channel, day)
    assert channel.fees == before
