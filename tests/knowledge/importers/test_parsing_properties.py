"""Properties that hold for any text: nothing is lost, nothing raises, no small amount gets through."""

import re

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from knowledge.importers.amounts import LEAST_VND, find_money, parse_number, parse_words
from knowledge.importers.channels import HEADER as CH
from knowledge.importers.channels import parse_channels, unglue
from knowledge.importers.dossier import HEADER as DO
from knowledge.importers.dossier import parse_dossier
from knowledge.importers.durations import find_limits, parse_cell
from knowledge.importers.legal import HEADER as LE
from knowledge.importers.legal import parse_table
from knowledge.importers.sections import parse_results, split_steps
from knowledge.importers.text import normalise, says_nothing

PROPERTY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

PIECES = st.sampled_from(
    ["Trực tiếp", "Trực tuyến", "Dịch vụ bưu chính", "5 Ngày làm việc", "3", "1100 VNĐ", "135 VNĐ", "40,000 VNĐ", "7,000 Việt Nam Đồng", "Miễn phí", "Không có thông tin", "(", ")", ". ", "; ", "- ", "+ ", "Phí: ", "Lệ phí ", "50.000 đồng/lần", "10.000.0000 đồng", "0.000đ", "06 triệu đồng", "50 tỷ", "100 USD/thẻ", "250đ", "50% mức thu", "từ ngày 01/7/2025 đến hết ngày 31/12/2026", "đến hết ngày 31/12/2023", "Thông tư số 64/2025/TT-BTC", "68/2020/QH14", "QH13", "2020", "Hội đồng nhân dân", "1 bản chính", "0 bản chính,1 bản sao", "Mau 05.docx", "Giấy khai", "Đơn", "Tờ khai (mẫu CT01)", "Bước 1: ", "Bước 2: ", "Mã: KQ.G01.000001", "Từ khóa", "\n", "a) ", "cho hộ nghèo", "dưới ", "tối đa ", "Tên giấy tờMẫu đơn, tờ khaiSố lượng"]
)
SHAPED = st.lists(PIECES, max_size=14).map("".join)
ANY = st.one_of(SHAPED, st.text(max_size=60))


def letters(text):
    return re.sub(r"[\W_]+", "", text)


@PROPERTY
@given(ANY)
def test_one_form_is_stable(text):
    assert normalise(normalise(text)) == normalise(text)


@PROPERTY
@given(ANY)
@example("Bước 1: A.\n+ b\nc Bước 2: D")
def test_steps_lose_no_letter(text):
    assert letters("".join(split_steps(text))) == ("" if says_nothing(text) else letters(normalise(text)))


@PROPERTY
@given(SHAPED)
def test_fees_never_hold_a_small_amount_in_dong(text):
    for fee in parse_words(text).fees:
        assert fee.currency != "VND" or not fee.amount or fee.amount >= LEAST_VND
        assert fee.amount is None or fee.amount >= 0
        assert fee.valid_from is None or fee.valid_to is None or fee.valid_from <= fee.valid_to


@PROPERTY
@given(SHAPED)
def test_channels_never_raise_and_keep_the_fee_cell(text):
    channels, _ = parse_channels(CH + text)
    for channel in channels:
        assert not channel.contradiction or channel.declared_free
        assert not (channel.declared_free and any(fee.amount or fee.rate for fee in channel.fees)) or channel.contradiction
        for money in find_money(channel.note or ""):
            assert money.text in (channel.note or "")
        assert all(fee.amount is None or fee.amount == 0 or fee.amount >= LEAST_VND for fee in channel.fees if fee.currency == "VND")


@PROPERTY
@given(SHAPED)
def test_dossier_loses_no_letter(text):
    source = normalise(DO + text)
    items, _ = parse_dossier(source)
    kept = letters("".join(f"{item.name}{item.form or ''}{item.group or ''}" for item in items))
    for word in ("Giấy khai", "Hội đồng nhân dân", "Dịch vụ bưu chính", "cho hộ nghèo"):
        # a title after the last header has no rows and is kept in raw only
        if word in source.rsplit(DO, 1)[1]:
            assert letters(word) in kept


@PROPERTY
@given(SHAPED)
@example("Không có thông tinThông tư số 64/2025/TT-BTC")
def test_legal_table_loses_no_number(text):
    if normalise(text).startswith("Không có thông tin"):
        return  # the table is empty; what follows is the page's next section
    documents, _ = parse_table(LE + text)
    kept = " ".join(f"{document.title or ''} {document.number or ''}" for document in documents)
    for number in ("64/2025/TT-BTC", "68/2020/QH14"):
        if number in normalise(text) and not says_nothing(text):
            assert number in kept


@PROPERTY
@given(ANY)
def test_the_small_parsers_never_raise(text):
    parse_cell(text), find_limits(text), parse_results(text), parse_number(text)


@PROPERTY
@given(st.integers(1, 99), st.integers(1, 999))
def test_a_glued_number_is_never_taken_whole(days, thousands):
    time, amount, _ = unglue(f"{days}{thousands}", "VNĐ", f"lệ phí {thousands}.000 đồng")
    assert (amount or 0) == 0 or amount % 1000 == 0
    assert time == "" or int(time) < 1000
    assert unglue(f"{days}{thousands}", "VNĐ", "")[1] in (None, *(float(f"{days}{thousands}"[i:]) for i in range(4) if len(f"{days}{thousands}") > i and float(f"{days}{thousands}"[i:]) >= LEAST_VND))


@PROPERTY
@given(st.integers(1, 10**9))
def test_grouped_numbers_are_read_back(value):
    assert parse_number(f"{value:,}") == value == parse_number(f"{value:,}".replace(",", "."))
