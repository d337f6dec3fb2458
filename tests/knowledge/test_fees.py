"""Fees in time: a table of (what the source gives, channel, day, place, case) -> what is due."""

from __future__ import annotations

import datetime as dt

import pytest

from knowledge.fees import believable, channel_fee, fees, in_force, money, safe_note, same_place
from knowledge.importers.catalogue import CATALOGUE, read_entry
from knowledge.importers.portal import parse_record
from knowledge.importers.rejection import Rejection
from knowledge.records import ChannelRecord, FeeRecord, Flag, ProcedureRecord, SourceRecord

TODAY = dt.date(2026, 11, 21)


def day(text):
    return dt.date.fromisoformat(text)


def fee(amount=None, condition=None, since=None, until=None, **more):
    return FeeRecord(amount=amount, condition=condition, valid_from=since and day(since), valid_to=until and day(until), **more)


def channel(*rows, method="in_person", free=False, contradiction=False, **more):
    return ChannelRecord(method=method, fees=list(rows), declared_free=free, contradiction=contradiction, **more)


def told(answer):
    """("status", amounts due)"""
    return answer.status, [row.amount if row.amount is not None else row.rate for row in answer.amounts]


HALF = channel(fee(800_000), fee(400_000, since="2025-07-01", until="2026-12-31", kind="phí", basis="64/2025/TT-BTC"))
ENDED = channel(fee(5_000_000, since="2024-07-01", until="2024-12-31"))
PASSPORT = channel(
    fee(200_000, "Cấp hộ chiếu", basis="25/2021/TT-BTC"), fee(400_000, "Cấp lại do bị hỏng hoặc bị mất", basis="25/2021/TT-BTC"),
    fee(160_000, "Cấp hộ chiếu; mức giảm đã hết hạn", "2023-07-01", "2023-12-31"),
    fee(320_000, "Cấp lại do bị hư hỏng hoặc bị mất; mức giảm đã hết hạn", "2023-07-01", "2023-12-31"),
)  # fmt: skip
FREE_FOR_A_TIME = channel(fee(250_000, "Thực hành", per="lần"), fee(0, "Miễn phí", "2026-04-07", "2026-06-30", basis="40/2026/TT-BTC"))
TWO_FREE_FOR_A_TIME = channel(fee(400_000, "Lý thuyết"), fee(1_700_000, "Thực hành"), fee(0, "Miễn phí", "2026-04-07", "2026-06-30"))
CARD = channel(
    fee(50_000, "Cấp đổi thẻ căn cước", kind="lệ phí", per="thẻ"),
    fee(rate="50%", condition="Cấp đổi, cấp lại: bằng 50% mức thu nêu trên", since="2025-07-01", until="2026-12-31", kind="lệ phí"),
)  # fmt: skip
CARD_ONLINE = channel(
    fee(50_000, kind="lệ phí"),
    fee(rate="50%", condition="khi công dân nộp hồ sơ theo hình thức trực tuyến bằng 50% mức thu lệ phí quy định", since="2025-01-01", until="2025-12-31", kind="lệ phí"),
    method="online",
)  # fmt: skip
CARD_AT_THE_DESK = channel(*CARD_ONLINE.fees)
ELSEWHERE_RATE = channel(fee(100_000, "Phí công bố nội dung"), fee(rate="50%", condition="Lệ phí: bằng 50% mức thu quy định tại điểm 1 Biểu phí kèm theo Thông tư số 47/2019/TT-BTC", kind="lệ phí"))
OF_A_FIGURE = channel(
    fee(11_000_000, "Phê duyệt đánh giá: 20% của"), fee(rate="20%", condition="Phê duyệt đánh giá: 20% của 11.000.000 đồng"), free=True, contradiction=True
)  # fmt: skip
LICENCE = channel(
    fee(60_000, "Sát hạch lý thuyết", kind="phí"), fee(135_000, "Cấp giấy phép lái xe", kind="lệ phí"),
    fee(115_000, "Nộp hồ sơ theo hình thức trực tuyến; mức giảm đã hết hạn", "2023-12-01", "2025-12-31", kind="lệ phí"),
    method="online", contradiction=True,
)  # fmt: skip
COUNCIL = channel(fee(condition="Mức cụ thể do Hội đồng nhân dân cấp tỉnh quyết định", decided_by_council=True, kind="lệ phí"), free=True)
COUNCIL_AND_PLACE = channel(
    fee(condition="Do Hội đồng nhân dân cấp tỉnh quyết định", decided_by_council=True, kind="lệ phí"),
    fee(30_000, place="Hà Nội", kind="lệ phí"), fee(50_000, place="Tỉnh Lâm Đồng", kind="lệ phí"),
)  # fmt: skip
PLACE_BEATS = channel(fee(20_000, "Cấp mới"), fee(15_000, "Cấp lại"), fee(12_000, "Cấp mới", place="Hà Nội"))
ONLY_PLACES = channel(fee(30_000, place="Hà Nội"), free=True)
PLACE_WINDOW = channel(fee(20_000), fee(10_000, place="Hà Nội", until="2026-06-30"))
BY_CASE = channel(
    fee(15_000, "Cá nhân, hộ gia đình", when={"ai": ["ca-nhan"]}), fee(10_000, "Theo danh sách", when={"ai": ["danh-sach"]}),
    fee(0, "Trẻ em", exempt=True, when={"ai": ["tre-em"]}),
)  # fmt: skip
MISSING = channel(fee(condition="Theo biểu phí", basis="229/2016/TT-BTC"), free=True)
SPOILT = channel(fee(135), free=True)
SPOILT_AND_GOOD = channel(fee(135), fee(135_000, "Cấp giấy phép"))
DOLLARS = channel(fee(25, currency="USD", per="chiếc"))
FREE_WORDS = channel(fee(0, "Miễn lệ phí", basis="47/2019/TT-BTC"))
FREE_WORDS_COPY = channel(fee(0, "Miễn lệ phí", kind="lệ phí"), fee(condition="Phí cấp bản sao (nếu có yêu cầu)", basis="281/2016/TT-BTC", kind="phí"))
BARE_ZERO = channel(fee(0))
EXEMPT_ONLY = channel(fee(0, "Người thuộc hộ nghèo", exempt=True))
EXEMPT_AND_PRICE = channel(fee(8_000), fee(0, "Người thuộc hộ nghèo", exempt=True))
CAP = channel(fee(15_000, "mỗi tấn", per="tấn"), fee(700_000, "Tối đa", "2019-01-15", bound="max"))
NEW_PRICE = channel(fee(100_000, until="2026-12-31"), fee(150_000, since="2027-01-01"))
TYPO = channel(fee(50_000), fee(25_000_000, until="2026-12-31", per="giấy"))
TWO_KINDS = channel(fee(800_000), fee(400_000, since="2025-07-01", until="2026-12-31", kind="phí"), fee(100_000, kind="lệ phí"))
DISAGREE = channel(fee(1_500_000), fee(150_000))
EMPTY = channel()
FREE = channel(free=True)
FREE_THEN_SET = channel(fee(condition="Mức theo Thông tư", since="2025-07-01", until="2026-12-31", basis="64/2025/TT-BTC"), free=True)
CONTRA_ENDED = channel(fee(1_600_000, since="2024-07-01", until="2024-12-31"), free=True, contradiction=True)

TABLE = [
    # a reduction for a time, with the full price beside it
    ("the day before the reduction", HALF, "2025-06-30", {}, ("amounts", [800_000])),
    ("its first day", HALF, "2025-07-01", {}, ("amounts", [400_000])),
    ("inside", HALF, "2026-11-21", {}, ("amounts", [400_000])),
    ("its last day", HALF, "2026-12-31", {}, ("amounts", [400_000])),
    ("the day after", HALF, "2027-01-01", {}, ("amounts", [800_000])),
    # a reduction that ended, nothing else known
    ("the last day of what is known", ENDED, "2024-12-31", {}, ("amounts", [5_000_000])),
    ("afterwards nothing is known", ENDED, "2025-01-01", {}, ("unknown", [])),
    ("years later", ENDED, "2026-11-21", {}, ("unknown", [])),
    ("before it began", ENDED, "2024-06-30", {}, ("unknown", [])),
    # two cases, each with its own reduction
    ("passport today", PASSPORT, "2026-11-21", {}, ("amounts", [200_000, 400_000])),
    ("passport in the reduction", PASSPORT, "2023-10-01", {}, ("amounts", [160_000, 320_000])),
    ("passport on its last day", PASSPORT, "2023-12-31", {}, ("amounts", [160_000, 320_000])),
    ("passport on New Year", PASSPORT, "2024-01-01", {}, ("amounts", [200_000, 400_000])),
    ("passport before", PASSPORT, "2023-06-30", {}, ("amounts", [200_000, 400_000])),
    # free for a time
    ("before the exemption", FREE_FOR_A_TIME, "2026-04-06", {}, ("amounts", [250_000])),
    ("first day of the exemption", FREE_FOR_A_TIME, "2026-04-07", {}, ("free", [0])),
    ("last day of the exemption", FREE_FOR_A_TIME, "2026-06-30", {}, ("free", [0])),
    ("after the exemption", FREE_FOR_A_TIME, "2026-07-01", {}, ("amounts", [250_000])),
    ("the exemption is of both prices", TWO_FREE_FOR_A_TIME, "2026-05-01", {}, ("free", [0])),
    ("both prices again", TWO_FREE_FOR_A_TIME, "2026-07-01", {}, ("amounts", [400_000, 1_700_000])),
    # rates
    ("half of the printed price", CARD, "2026-11-21", {}, ("amounts", [25_000])),
    ("the printed price after it", CARD, "2027-01-01", {}, ("amounts", [50_000])),
    ("the printed price before it", CARD, "2025-06-30", {}, ("amounts", [50_000])),
    ("half when filed online", CARD_ONLINE, "2025-03-01", {}, ("amounts", [25_000])),
    ("online, reduction over", CARD_ONLINE, "2026-01-01", {}, ("amounts", [50_000])),
    ("the online rate does not change the price at the desk", CARD_AT_THE_DESK, "2025-03-01", {}, ("amounts", [50_000, "50%"])),
    ("the desk afterwards", CARD_AT_THE_DESK, "2026-03-01", {}, ("amounts", [50_000])),
    ("a base in another document is not computed", ELSEWHERE_RATE, "2026-11-21", {}, ("amounts", [100_000, "50%"])),
    ("a rate of a printed figure", OF_A_FIGURE, "2026-11-21", {}, ("contradiction", [2_200_000])),
    # contradictions
    ("licence today", LICENCE, "2026-11-21", {}, ("contradiction", [60_000, 135_000])),
    ("licence with the online reduction", LICENCE, "2025-12-31", {}, ("contradiction", [60_000, 115_000])),
    ("licence on the first day without it", LICENCE, "2026-01-01", {}, ("contradiction", [60_000, 135_000])),
    ("free beside an amount, not marked", channel(fee(40_000), free=True), "2026-11-21", {}, ("contradiction", [40_000])),
    ("free beside a rate", channel(fee(rate="0,1%"), free=True), "2026-11-21", {}, ("contradiction", ["0,1%"])),
    ("the contradiction outlives its amount", CONTRA_ENDED, "2026-11-21", {}, ("contradiction", [])),
    # set by others
    ("the council", COUNCIL, "2026-11-21", {}, ("depends", [])),
    ("the council, place given but not there", COUNCIL_AND_PLACE, "2026-11-21", {"place": "Cà Mau"}, ("depends", [])),
    ("the council, no place given", COUNCIL_AND_PLACE, "2026-11-21", {}, ("depends", [])),
    ("the council of Hà Nội", COUNCIL_AND_PLACE, "2026-11-21", {"place": "Thành phố Hà Nội"}, ("amounts", [30_000])),
    ("the council of Lâm Đồng", COUNCIL_AND_PLACE, "2026-11-21", {"place": "lâm đồng"}, ("amounts", [50_000])),
    ("by document", MISSING, "2026-11-21", {}, ("depends", [])),
    ("by document for a time", FREE_THEN_SET, "2026-12-31", {}, ("depends", [])),
    ("by document, time over: not free", FREE_THEN_SET, "2027-01-01", {}, ("unknown", [])),
    # places
    ("the place's own row, the rest national", PLACE_BEATS, "2026-11-21", {"place": "Hà Nội"}, ("amounts", [15_000, 12_000])),
    ("another place: national rows", PLACE_BEATS, "2026-11-21", {"place": "Huế"}, ("amounts", [20_000, 15_000])),
    ("no place: national rows", PLACE_BEATS, "2026-11-21", {}, ("amounts", [20_000, 15_000])),
    ("only other places are known: not free", ONLY_PLACES, "2026-11-21", {"place": "Huế"}, ("depends", [])),
    ("the known place", ONLY_PLACES, "2026-11-21", {"place": "hà nội"}, ("contradiction", [30_000])),
    ("a place's row in its time", PLACE_WINDOW, "2026-06-30", {"place": "Hà Nội"}, ("amounts", [10_000])),
    ("a place's row is over", PLACE_WINDOW, "2026-07-01", {"place": "Hà Nội"}, ("amounts", [20_000])),
    # cases
    ("the case of a person", BY_CASE, "2026-11-21", {"case": {"ai": "ca-nhan"}}, ("amounts", [15_000])),
    ("the case of a list", BY_CASE, "2026-11-21", {"case": {"ai": "danh-sach"}}, ("amounts", [10_000])),
    ("the case of who is exempt", BY_CASE, "2026-11-21", {"case": {"ai": "tre-em"}}, ("unknown", [])),
    ("not answered: all cases", BY_CASE, "2026-11-21", {}, ("amounts", [15_000, 10_000])),
    ("another question answered", BY_CASE, "2026-11-21", {"case": {"khac": "x"}}, ("amounts", [15_000, 10_000])),
    # zero, free, nothing
    ("free in words", FREE_WORDS, "2026-11-21", {}, ("free", [0])),
    ("free in words, a copy on request is not", FREE_WORDS_COPY, "2026-11-21", {}, ("free", [0])),
    ("a bare zero is not free", BARE_ZERO, "2026-11-21", {}, ("unknown", [])),
    ("an exemption alone says nothing about the others", EXEMPT_ONLY, "2026-11-21", {}, ("unknown", [])),
    ("an exemption beside a price", EXEMPT_AND_PRICE, "2026-11-21", {}, ("amounts", [8_000])),
    ("declared free, nothing else", FREE, "2026-11-21", {}, ("free", [])),
    ("nothing at all", EMPTY, "2026-11-21", {}, ("unknown", [])),
    # figures that cannot be right
    ("135 VND is neither shown nor free", SPOILT, "2026-11-21", {}, ("unknown", [])),
    ("135 VND beside the true figure", SPOILT_AND_GOOD, "2026-11-21", {}, ("amounts", [135_000])),
    ("25 dollars are", DOLLARS, "2026-11-21", {}, ("amounts", [25])),
    ("a reduction above the price is none", TYPO, "2026-11-21", {}, ("amounts", [50_000, 25_000_000])),
    # others
    ("a cap is no price", CAP, "2026-11-21", {}, ("amounts", [15_000, 700_000])),
    ("an announced price", NEW_PRICE, "2026-12-31", {}, ("amounts", [100_000])),
    ("the announced price holds", NEW_PRICE, "2027-01-01", {}, ("amounts", [150_000])),
    ("phí is reduced, lệ phí is not", TWO_KINDS, "2026-11-21", {}, ("amounts", [400_000, 100_000])),
    ("two figures, no words: both", DISAGREE, "2026-11-21", {}, ("amounts", [1_500_000, 150_000])),
]  # fmt: skip


@pytest.mark.parametrize(("what", "row", "on", "asked", "expected"), TABLE, ids=[row[0] for row in TABLE])
def test_table(what, row, on, asked, expected):
    assert told(channel_fee(row, day(on), **asked)) == expected


def test_the_table_is_long_enough():
    assert len(TABLE) >= 60


def test_what_has_ended_and_what_comes_is_told():
    answer = channel_fee(ENDED, TODAY)
    assert [row.valid_to for row in answer.ended] == [day("2024-12-31")] and not answer.coming
    assert [row.amount for row in channel_fee(NEW_PRICE, TODAY).coming] == [150_000]
    assert [row.amount for row in channel_fee(PASSPORT, TODAY).ended] == [160_000, 320_000]


def test_the_price_that_is_suspended_is_told():
    answer = channel_fee(HALF, TODAY)
    assert [row.amount for row in answer.replaced] == [800_000] and answer.amounts[0].basis == "64/2025/TT-BTC"
    assert not channel_fee(HALF, day("2027-01-01")).replaced


def test_a_computed_amount_says_so_and_from_what():
    answer = channel_fee(CARD, TODAY)
    (one,) = answer.computed
    assert (one.base.amount, one.rate.rate, one.amount) == (50_000, "50%", 25_000)
    assert "tính ra: 50% của 50.000 đồng" in answer.amounts[0].condition
    assert "Cấp đổi thẻ căn cước" in answer.amounts[0].condition and answer.amounts[0].per == "thẻ"
    assert not channel_fee(ELSEWHERE_RATE, TODAY).computed


def test_free_for_a_time_says_until_when():
    assert channel_fee(FREE_FOR_A_TIME, day("2026-05-01")).free_until == day("2026-06-30")
    assert channel_fee(FREE, TODAY).free_until is None


def test_a_source_that_disagrees_with_itself_is_told():
    assert {row.amount for row in channel_fee(DISAGREE, TODAY).conflicts} == {1_500_000, 150_000}
    assert {row.amount for row in channel_fee(TYPO, TODAY).conflicts} == {50_000, 25_000_000}
    assert not channel_fee(TWO_KINDS, TODAY).conflicts and not channel_fee(PASSPORT, TODAY).conflicts


def test_exemptions_are_told_beside_the_price():
    assert [row.condition for row in channel_fee(EXEMPT_AND_PRICE, TODAY).exempt] == ["Người thuộc hộ nghèo"]
    assert [row.amount for row in channel_fee(BARE_ZERO, TODAY).exempt] == [0]


def test_rows_of_other_places_are_told_apart():
    assert {row.place for row in channel_fee(COUNCIL_AND_PLACE, TODAY).local} == {"Hà Nội", "Tỉnh Lâm Đồng"}
    assert {row.place for row in channel_fee(COUNCIL_AND_PLACE, TODAY, place="Hà Nội").local} == {"Tỉnh Lâm Đồng"}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("TP. Hà Nội", "thành phố Hà Nội", True), ("Tỉnh Đắk Lắk", "dak lak", True), ("Bình Dương", "Thành phố Hồ Chí Minh", False), (None, None, False), ("TP.HCM", "Huế", False)],
)
def test_same_place(one, other, same):
    assert same_place(one, other) is same


def test_figures_that_cannot_be_right():
    assert not believable(fee(999)) and not believable(fee(-5)) and believable(fee(1000)) and believable(fee(0)) and believable(fee(5, currency="USD"))
    assert channel_fee(SPOILT, TODAY).withheld == 1


def test_the_words_of_the_source_without_figures_that_cannot_be_right():
    def note(words, *flags):
        row = channel(note=words)
        record = ProcedureRecord("1.000001", "Thủ tục", SourceRecord("portal"), channels=[row], flags=[Flag(kind, "fees") for kind in flags])
        return safe_note(record, row)

    assert note("135 VNĐ (theo Thông tư số 5/2020/TT-BTC)", "amount-under-1000") == "… VNĐ (theo Thông tư số 5/2020/TT-BTC)"
    assert note("1100 VNĐ (phí)", "glued-time-amount") == "… VNĐ (phí)"
    assert note("1100 VNĐ (phí)") == "1100 VNĐ (phí)"
    assert note("Phí 70 đồng; 70.000 đồng/lần, 06 triệu đồng") == "Phí … đồng; 70.000 đồng/lần, 06 triệu đồng"
    assert note(None, "thousands-lost") is None


def test_money():
    assert (money(160000), money(0.5, "USD"), money(25, "USD"), money(1234567.5)) == ("160.000 đồng", "0,50 USD", "25 USD", "1.234.567,50 đồng")


def test_channels_keep_their_order_and_are_chosen_by_method_and_case():
    record = ProcedureRecord(
        "1.000001", "Thủ tục", SourceRecord("curated"),
        channels=[channel(fee(5_000), method="online"), channel(fee(7_000)), channel(fee(9_000), when={"ai": ["to-chuc"]})],
    )  # fmt: skip
    assert [one.amounts[0].amount for one in fees(record, TODAY)] == [5_000, 7_000, 9_000]
    assert [one.amounts[0].amount for one in fees(record, TODAY, method="in_person")] == [7_000, 9_000]
    assert [one.amounts[0].amount for one in fees(record, TODAY, case={"ai": "ca-nhan"})] == [5_000, 7_000]


# -- the curated catalogue -----------------------------------------------------------------------

CURATED = [
    # code, method, day, status, amounts due
    ("1.014063", "in_person", "2026-11-21", "amounts", {25_000}),
    ("1.014063", "in_person", "2027-01-01", "amounts", {50_000}),
    ("1.014063", "online", "2025-03-01", "amounts", {25_000}),
    ("1.014064", "in_person", "2026-12-31", "amounts", {35_000}),
    ("1.014064", "in_person", "2027-01-01", "amounts", {70_000}),
    ("1.001456", "in_person", "2026-11-21", "amounts", {200_000, 400_000}),
    ("1.001456", "in_person", "2023-12-31", "amounts", {160_000, 320_000}),
    ("3.000347", "online", "2026-11-21", "contradiction", {135_000}),
    ("3.000347", "online", "2025-12-31", "contradiction", {115_000}),
    ("2.001199", "in_person", "2026-11-21", "amounts", {100_000, "50%"}),
]


@pytest.mark.parametrize(("code", "method", "on", "status", "due"), CURATED)
def test_curated(code, method, on, status, due):
    (path,) = CATALOGUE.glob(f"*/{code}.yml")
    (answer,) = {told(one)[0]: one for one in fees(read_entry(path), day(on), method=method)}.values()
    assert (answer.status, set(told(answer)[1])) == (status, due)


def test_no_curated_entry_is_free_and_priced_on_any_border():
    """On the first and last day of every window, and the days around: free and amounts exclude each other."""
    for path in sorted(CATALOGUE.glob("*/*.yml")):
        if path.parent.name == "names":
            continue
        record = read_entry(path)
        for row in record.channels:
            borders = {edge for one in row.fees for edge in (one.valid_from, one.valid_to) if edge} | {TODAY}
            for edge in {edge + dt.timedelta(days=shift) for edge in borders for shift in (-1, 0, 1)}:
                answer = channel_fee(row, edge)
                assert answer.status != "free" or not any(one.amount or one.rate for one in answer.amounts), (record.code, edge)
                assert not answer.conflicts, (record.code, edge, answer.conflicts)
                assert all(in_force(one, edge) for one in answer.amounts)


# -- the portal's own records --------------------------------------------------------------------

PORTAL = [
    ("1.000688", "online", "2026-11-21", "amounts", {400_000}),
    ("1.000688", "online", "2027-01-01", "amounts", {800_000}),
    ("1.000246", "online", "2026-05-01", "free", {0}),
    ("1.000246", "online", "2026-07-01", "amounts", {250_000}),
    ("1.002511", "online", "2026-11-21", "unknown", set()),
    ("1.002897", "in_person", "2026-11-21", "contradiction", {5_000_000, 30_000_000, 40_000_000}),
    ("2.000438", "online", "2026-11-21", "amounts", {35_000_000}),
    ("1.000080", "post", "2026-11-21", "depends", set()),
    ("3.000337", "online", "2026-11-21", "depends", set()),
    ("1.001200", "in_person", "2026-11-21", "amounts", {50_000}),
    ("1.001200", "online", "2026-11-21", "unknown", set()),
]


@pytest.mark.needs_shared
@pytest.mark.parametrize(("code", "method", "on", "status", "due"), PORTAL)
def test_portal(shared_dir, code, method, on, status, due):
    import json

    (path,) = (shared_dir / "data" / "national-portal-2026-07").glob(f"*/{code}.json")
    record = parse_record(json.loads(path.read_text(encoding="utf-8")))
    assert not isinstance(record, Rejection)
    answers = [channel_fee(row, day(on)) for row in record.channels if row.method == method]
    assert (answers[0].status, set(told(answers[0])[1])) == (status, due)
