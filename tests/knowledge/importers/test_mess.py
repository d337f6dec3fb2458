"""One test for each kind of mess in the portal's data. All texts are made up in the same shape."""

import datetime as dt

import pytest

from knowledge.importers.channels import HEADER as CH
from knowledge.importers.channels import parse_channels
from knowledge.importers.dossier import HEADER as DO
from knowledge.importers.dossier import find_sets, form_code, parse_dossier
from knowledge.importers.legal import HEADER as LE
from knowledge.importers.legal import parse_table
from knowledge.importers.portal import parse_record
from knowledge.importers.sections import parse_results, split_steps
from knowledge.importers.text import normalise

TODAY = dt.date(2026, 7, 20)


def channels(cells, kinds=None):
    found, flags = parse_channels(CH + cells, TODAY)
    if kinds is not None:
        assert {flag.kind for flag in flags} >= set(kinds), flags
    return found


def one(cells, kinds=None):
    found = channels(cells, kinds)
    assert len(found) == 1
    return found[0]


def test_01_bare_time_is_a_number_without_unit():
    channel = one("Trực tuyến17Miễn phí", ["bare-time"])
    assert (channel.time.value, channel.time.unit) == (17, None)
    assert channel.declared_free and channel.time_text == "17"


@pytest.mark.parametrize(
    ("cells", "time", "amount"),
    [
        ("Trực tiếp1100 VNĐ(Phí công bố: 100.000 đồng/lần)", 1, 100_000),
        ("Trực tiếp135 VNĐ(Lệ phí: 35.000 đồng)", 1, 35_000),
        ("Trực tiếp140,000 VNĐ(mức thu là 40.000 VNĐ/tờ)", 1, 40_000),
        ("Trực tiếp1100,000 VNĐ", 1, 100_000),  # only one cut makes a number with groups of three
    ],
)
def test_02_time_glued_to_an_amount_is_cut_where_the_words_prove_it(cells, time, amount):
    channel = one(cells, ["glued-time-amount"])
    assert channel.time.value == time and channel.time.unit is None
    assert [fee.amount for fee in channel.fees] == [amount]


@pytest.mark.parametrize("cells", ["Trực tiếp1100 VNĐ", "Trực tiếp125 VNĐ(Bằng một nửa mức thu)", "Trực tiếp120,000 VNĐ"])
def test_02_without_proof_nothing_is_stored(cells):
    channel = one(cells, ["glued-time-amount"])
    assert all(fee.amount is None for fee in channel.fees)
    assert channel.time is None
    assert cells[len("Trực tiếp") :].split("(")[0] in channel.note


def test_03_lost_thousands_come_back_only_with_proof():
    proven = one("Trực tiếp5 Ngày135 VNĐ(Lệ phí cấp giấy: 135.000 đồng/lần.)", ["thousands-lost"])
    assert [(fee.amount, fee.per, fee.kind) for fee in proven.fees] == [(135_000, "lần", "lệ phí")]
    bare = one("Trực tiếp5 Ngày90 VNĐ", ["amount-under-1000"])
    assert [fee.amount for fee in bare.fees] == [None] and "90 VNĐ" in bare.note


def test_04_free_with_amounts_is_a_contradiction():
    channel = one("Trực tiếp5 NgàyMiễn phí(Lệ phí cấp mới 40.000đồng/lần; lệ phí cấp lại 20.000 đồng/lần.)", ["free-but-amounts"])
    assert channel.declared_free and channel.contradiction
    assert [(fee.amount, fee.condition) for fee in channel.fees] == [(40_000, "Lệ phí cấp mới"), (20_000, "lệ phí cấp lại")]


@pytest.mark.parametrize(
    ("words", "kind", "basis", "council"),
    [
        ("Theo quy định của Hội đồng nhân dân cấp tỉnh", "free-but-council", None, True),
        ("Theo quy định tại Thông tư số 12/2020/TT-BTC ngày 1/2/2020", "free-but-reference", "12/2020/TT-BTC", False),
        ("Chưa quy định.", "free-but-not-set", None, False),
    ],
)
def test_05_free_by_reference_only_has_no_amount(words, kind, basis, council):
    channel = one(f"Trực tiếp5 NgàyMiễn phí({words})", [kind])
    (fee,) = channel.fees
    assert (fee.amount, fee.basis, fee.decided_by_council) == (None, basis, council)
    assert not channel.contradiction


@pytest.mark.parametrize("words", ["", "(Không)", "(Không có.)", "(Không thu lệ phí)"])
def test_05_free_in_words_stays_free(words):
    channel = one(f"Trực tiếp5 NgàyMiễn phí{words}")
    assert channel.declared_free and not channel.contradiction and not channel.fees


def test_06_column_and_text_disagree_keeps_both():
    channel = one("Trực tiếp5 Ngày40,000 VNĐ(50.000đ/giấy thông hành)", ["column-text-disagree"])
    assert {fee.amount for fee in channel.fees} == {40_000, 50_000}
    odd = one("Trực tiếp5 NgàyMiễn phí(0.000đ/giấy)", ["amount-malformed"])
    assert all(fee.amount is None for fee in odd.fees)


def test_07_several_amounts_with_conditions_cap_and_minimum():
    channel = one(
        "Trực tiếp5 NgàyMiễn phí(- Dưới 5 tấn: 50.000 đồng/giấy; - Trên 5 tấn: 100.000 đồng/giấy; tối đa 700.000 đồng/lần)"
    )
    assert [(fee.amount, fee.per, fee.bound) for fee in channel.fees] == [
        (50_000, "giấy", None), (100_000, "giấy", None), (700_000, "lần", "max"),
    ]  # fmt: skip
    assert [fee.condition for fee in channel.fees][:2] == ["Dưới 5 tấn", "Trên 5 tấn"]
    assert "tối đa" in channel.fees[2].condition
    low = one("Trực tiếp5 NgàyMiễn phí(Tàu nhỏ là 3.000 đồng/GT-lần (mức thu tối thiểu không dưới 300.000 đồng))")
    assert [(fee.amount, fee.bound) for fee in low.fees] == [(3_000, None), (300_000, "min")]


def test_08_windows_and_expired_ones():
    channel = one(
        "Trực tiếp5 Ngày800,000 VNĐ((áp dụng mức phí 400.000 đồng/hồ sơ kể từ ngày 01/7/2025 đến hết ngày 31/12/2026 theo Thông tư số 64/2025/TT-BTC))"
    )
    assert [(fee.amount, fee.valid_from, fee.valid_to, fee.basis) for fee in channel.fees] == [
        (800_000, None, None, None),
        (400_000, dt.date(2025, 7, 1), dt.date(2026, 12, 31), "64/2025/TT-BTC"),
    ]
    old = one("Trực tiếp5 NgàyMiễn phí(135.000 đồng/lần (áp dụng đến hết ngày 31/12/2023 theo Thông tư số 44/2023/TT-BTC))", ["expired-window"])
    assert old.fees[0].valid_to == dt.date(2023, 12, 31)
    months = one("Trực tiếp5 NgàyMiễn phí(25.000 đồng kể từ ngày 01 tháng 7 năm 2025 đến hết ngày 31 tháng 12 năm 2026)")
    assert (months.fees[0].valid_from, months.fees[0].valid_to) == (dt.date(2025, 7, 1), dt.date(2026, 12, 31))


def test_08_a_free_window_does_not_end_the_price():
    channel = one("Trực tiếp5 Ngày250,000 VNĐ(Thực hành 250.000đ/lần (Miễn kể từ ngày 07/4/2026 đến 30/6/2026 theo Thông tư 40/2026/TT-BTC))")
    assert [(fee.amount, fee.valid_from, fee.valid_to) for fee in channel.fees] == [
        (250_000, None, None), (0, dt.date(2026, 4, 7), dt.date(2026, 6, 30)),
    ]  # fmt: skip


def test_08_one_bracket_closes_a_sentence_of_two_amounts():
    channel = one("Trực tiếp5 NgàyMiễn phí(16.000/sổ, trường hợp hỏng: 32.000đ/sổ (áp dụng đến hết ngày 31/12/2027 theo Thông tư số 4/2026/TT-BTC).)")
    assert {(fee.amount, fee.valid_to) for fee in channel.fees} == {(16_000, dt.date(2027, 12, 31)), (32_000, dt.date(2027, 12, 31))}


def test_09_rate_of_a_base_is_not_computed():
    channel = one(
        "Trực tiếp5 Ngày70,000 VNĐ(70.000 đồng/thẻ. - Kể từ ngày 01/7/2025 đến hết ngày 31/12/2026 mức thu bằng 50% mức thu nêu trên theo quy định tại Thông tư số 64/2025/TT-BTC)"
    )
    base, rate = channel.fees
    assert (base.amount, base.rate, base.basis) == (70_000, None, None)
    assert (rate.amount, rate.rate, rate.basis, rate.valid_to) == (None, "50%", "64/2025/TT-BTC", dt.date(2026, 12, 31))


@pytest.mark.parametrize(
    ("words", "amounts"),
    [
        ("50USD/chuyến", [(50, "USD", "chuyến", None)]),
        ("06 triệu đồng/giấy", [(6_000_000, "VND", "giấy", None)]),
        ("4.500.000 (bốn triệu năm trăm nghìn) đồng/trường hợp", [(4_500_000, "VND", "trường hợp", None)]),
        ("250.000 đ/lần Đồng (Thực hành)", [(250_000, "VND", "lần", None)]),
        ("160.000/hộ chiếu", [(160_000, "VND", "hộ chiếu", None)]),
        ("từ 20.000 đồng đối với hàng nhập", [(20_000, "VND", None, "min")]),
        ("+ Từ 50 tỷ đến dưới 150 tỷ: 20 triệu đồng/ Giấy chứng nhận", [(20_000_000, "VND", "Giấy chứng nhận", None)]),
        ("Tàu từ 500 đến dưới 1.600 GT là 2.500 đồng/GT", [(2_500, "VND", "GT", None)]),
    ],
)
def test_10_odd_amounts_and_thresholds(words, amounts):
    channel = one(f"Trực tiếp5 NgàyKhông có thông tin({words})")
    assert [(fee.amount, fee.currency, fee.per, fee.bound) for fee in channel.fees] == amounts


def test_10_a_threshold_stays_in_the_condition():
    (fee,) = one("Trực tiếp5 NgàyKhông có thông tin(Dưới 50 tỷ: 10 triệu đồng)").fees
    assert fee.condition == "Dưới 50 tỷ"
    assert "từ" in one("Trực tiếp5 NgàyKhông có thông tin(từ 20.000 đồng)").fees[0].condition


def test_10_zero_dong_is_free_in_words():
    assert one("Trực tiếp5 NgàyMiễn phí(Phí : 0 Đồng)").fees == []


def test_11_several_rows_of_one_method_are_kept():
    found = channels("Trực tiếp2 NgàyMiễn phíTrường hợp cấp mới.Trực tiếp5 NgàyMiễn phíTrường hợp cấp lại.", ["several-rows"])
    assert [(channel.time.value, channel.case) for channel in found] == [(2, "Trường hợp cấp mới."), (5, "Trường hợp cấp lại.")]


def test_12_amounts_that_differ_by_channel_are_flagged():
    found = channels("Trực tuyến2 Ngày20,000 VNĐTrực tiếp2 Ngày40,000 VNĐ", ["fee-differs-by-channel"])
    assert [channel.fees[0].amount for channel in found] == [20_000, 40_000]


def test_13_method_words_in_a_description_open_no_row():
    channel = one("Trực tiếp5 NgàyMiễn phí- Trực tiếp tại trụ sở. - Trực tuyến: trên cổng. - Dịch vụ bưu chính công ích: gửi thư.")
    assert channel.description.count("Tr") == 2
    glued = channels("Trực tiếp5 NgàyMiễn phíTrực tuyến qua cổng.Trực tuyến2 NgàyMiễn phí")
    assert [channel.method for channel in glued] == ["in_person", "online"]


def test_14_time_only_in_the_description():
    channel = one("Trực tiếpKhông có thông tinMiễn phíThời hạn giải quyết: 07 ngày làm việc kể từ ngày nhận đủ hồ sơ.", ["time-from-description"])
    assert (channel.time.value, channel.time.unit) == (7, "working_day") and channel.time.note
    stages = one("Trực tiếpKhông có thông tinMiễn phíTrong thời hạn 03 ngày kiểm tra. Trong thời hạn 10 ngày thẩm định.", ["time-in-stages"])
    assert stages.time is None


def test_15_column_and_description_disagree():
    unit = one("Trực tiếp5 NgàyMiễn phí05 ngày làm việc kể từ ngày nhận hồ sơ.", ["time-disagrees"])
    assert (unit.time.value, unit.time.unit) == (5, None) and unit.time_text == "5 Ngày"
    value = one("Trực tiếp5 NgàyMiễn phíThời hạn giải quyết: 08 ngày.", ["time-disagrees"])
    assert (value.time.value, value.time.unit) == (5, "day") and value.time.note


@pytest.mark.parametrize("words", ["Trẻ em dưới 6 năm.", "Giấy có giá trị 12 tháng.", "Theo khoản 3 Điều 5.", "Sau 15 giờ thì hẹn hôm sau."])
def test_16_numbers_that_are_not_limits(words):
    assert one(f"Trực tiếpKhông có thông tinMiễn phí{words}").time is None


@pytest.mark.parametrize("empty", ["Không có thông tinKhông có thông tin", "Không quy địnhKhông có thông tin", "KhôngKhông có thông tin"])
def test_17_empty_markers_are_nothing(empty):
    channel = one(f"Trực tiếp{empty}")
    assert (channel.time, channel.fees, channel.declared_free, channel.note) == (None, [], False, None)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ("Bản kê ngày 31/12/20251 bản chínhĐơn1 bản chính", [("Bản kê ngày 31/12/2025", 1, None), ("Đơn", 1, None)]),
        ("Giấy khai1 bản chính01 tờ khai1 bản chính", [("Giấy khai", 1, None), ("01 tờ khai", 1, None)]),
        ("Giấy A0 bản chính,1 bản sao1.2. Lao động1 bản chính", [("Giấy A", 0, 1), ("1.2. Lao động", 1, None)]),
        ("Đơn theo mẫu XY.20.031 bản chính", [("Đơn theo mẫu XY.20.03", 1, None)]),
        ("Tờ khai: nộp 02 bản chính nếu khai giấy1 bản chính", [("Tờ khai: nộp 02 bản chính nếu khai giấy", 1, None)]),
        ("Văn bản gồm 01 bản chính1 bản chính", [("Văn bản gồm 01 bản chính", 1, None)]),
    ],
)
def test_18_counts_glued_to_what_stands_around(cells, expected):
    items, _ = parse_dossier(f"--{DO}{cells}")
    assert [(item.name, item.originals, item.copies) for item in items] == expected


def test_18_a_count_over_nine_is_flagged():
    items, flags = parse_dossier(f"--{DO}Hồ sơ thiết kế12 bản chính")
    assert items[0].originals == 12 and "count-over-9" in {flag.kind for flag in flags}


def test_19_instructions_are_notes_and_papers_with_nought_are_not():
    items, flags = parse_dossier(
        f"--{DO}Trường hợp nộp trực tuyến thì không phải nộp bản giấy.0 bản chínhGiấy chứng nhận hộ nghèo0 bản chínhLưu ý: mang theo bản gốc1 bản chính"
    )
    assert [item.is_note for item in items] == [True, False, True]
    assert {"paper-with-zero-count", "note-with-count"} <= {flag.kind for flag in flags}
    assert items[0].name == "Trường hợp nộp trực tuyến thì không phải nộp bản giấy."


def test_20_a_count_that_contradicts_the_name():
    items, flags = parse_dossier(f"--{DO}Bản sao hộ chiếu1 bản chính")
    assert (items[0].originals, items[0].name) == (1, "Bản sao hộ chiếu")
    assert "count-contradicts-name" in {flag.kind for flag in flags}


def test_21_groups_keep_their_titles_and_order():
    items, flags = parse_dossier(f"a) Cấp mới:{DO}(2) Giấy B1 bản chính(1) Giấy A1 bản chínhb) Cấp lại:{DO}Đơn1 bản chính")
    assert [(item.group, item.name) for item in items] == [
        ("a) Cấp mới", "(2) Giấy B"), ("a) Cấp mới", "(1) Giấy A"), ("b) Cấp lại", "Đơn"),
    ]  # fmt: skip
    assert "several-dossiers" in {flag.kind for flag in flags}


@pytest.mark.parametrize(
    ("row", "is_note", "kind"),
    [
        ("Người có quốc tịch khác nộp bản sao chứng thực giấy khai sinh;0 bản chính", False, "paper-with-zero-count"),
        ("Xuất trình bản chính giấy phép nuôi chim0 bản chính", False, "paper-with-zero-count"),
        ("Đối với tàu cá: Bản trích sao Nhật ký đánh bắt;1 bản chính", False, None),
        ("Khi thú y yêu cầu trình: Sổ tiêm chủng của chim (nếu có)1 bản chính", False, None),
        ("Trường hợp nộp hồ sơ trực tuyến thì sổ nuôi chim phải gửi qua dịch vụ bưu chính về nơi tiếp nhận.1 bản chính", True, "note-with-count"),
        ("Đối với hồ sơ gửi qua bưu điện, chủ chim phải nộp bản sao có đóng dấu1 bản chính", True, "note-with-count"),
        ("Trường hợp không tra được thì cơ quan đăng ký yêu cầu người nuôi xuất trình bản chính giấy tờ để chứng minh0 bản chính", True, None),
        ("Trường hợp nộp trực tiếp: Đơn đề nghị theo mẫu1 bản chính", False, None),
    ],
)
def test_19_papers_of_a_case_and_ways_of_filing(row, is_note, kind):
    (item,), flags = parse_dossier(f"--{DO}{row}")
    assert item.is_note is is_note
    assert ({flag.kind for flag in flags} & {"paper-with-zero-count", "note-with-count"}) == ({kind} if kind else set())


@pytest.mark.parametrize(
    ("words", "sets"),
    [
        ("Bước 1: Tổ chức gửi 01 bộ hồ sơ đến Sở Chim cảnh.", "01 bộ hồ sơ"),
        ("- Chủ chim nộp trực tiếp hoặc qua dịch vụ bưu chính 02 (hai) bộ hồ sơ tại Bộ phận Một cửa.", "02 (hai) bộ hồ sơ"),
        ("Cá nhân nộp hồ sơ (03 bộ) tại xã.", "03 bộ"),
        ("Số lượng hồ sơ: 01 bộ. Tổ chức nộp 02 bộ hồ sơ.", "01 bộ"),
        ("Hội nuôi chim gửi 02 bộ hồ sơ.\nTrong 5 ngày, Sở Chim cảnh gửi 01 bộ hồ sơ đến Bộ để lấy ý kiến.", "02 bộ hồ sơ"),
        ("Chủ chim nộp 04 bộ hồ sơ (trong đó có 01 bộ hồ sơ gốc).", "04 bộ hồ sơ"),
        ("Cấp mới: tổ chức nộp 01 bộ hồ sơ. Cấp lại: tổ chức nộp 03 bộ hồ sơ.", None),
        ("Sở Chim cảnh chuyển 01 bộ hồ sơ về Bộ; trả lại 01 bộ hồ sơ; lưu 01 bộ hồ sơ.", None),
        ("Theo khoản 12 bộ hồ sơ gồm đơn.", None),
    ],
)
def test_sets_are_read_where_the_applicant_hands_them_in(words, sets):
    assert find_sets(None, words) == sets


def test_sets_are_found_in_linear_time():
    import time

    began = time.process_time()
    assert find_sets("Tổ chức nộp tờ khai, lập sổ và gửi giấy chứng nhận " * 4000) is None
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Tờ trình về lồng chim theo mẫu (03 bản)", None),
        ("Biên lai mẫu: 01 bản chính", None),
        ("Tờ khai theo mẫu 02 bản khai nuôi chim", "Mẫu số 02"),
        ("Đơn theo mẫu số 03 (02 bản)", "Mẫu số 03"),
    ],
)
def test_22_a_count_is_no_form(name, code):
    assert form_code(name) == code


@pytest.mark.parametrize(
    ("cell", "name", "form"),
    [
        ("Tờ trình về lồng chim theo mẫu (03 bản)ToTrinhLong.docx", "Tờ trình về lồng chim theo mẫu (03 bản)", "ToTrinhLong.docx"),
        ("Đơn đề nghị ngày 1/1/2026;Mau 3. Don khai.docx", "Đơn đề nghị ngày 1/1/2026;", "Mau 3. Don khai.docx"),
        ("Phiếu (mẫu TK03 kèm theo Nghị định số 6/2024/NĐ-CP)TK03-Phiu.docx", "Phiếu (mẫu TK03 kèm theo Nghị định số 6/2024/NĐ-CP)", "TK03"),
        ("Báo cáo theo Mẫu 38 hoặc Mẫu 40, Nghị định số 23/2026/NĐ-CPMau38.docxMau40.docx", "Báo cáo theo Mẫu 38 hoặc Mẫu 40, Nghị định số 23/2026/NĐ-CP", "Mẫu số 38, Mẫu số 40"),
        ("Đề án và bản vẽ kèm theoMau 01-Phu luc I_37.2025.TT-BXX.doc", "Đề án và bản vẽ kèm theo", "Mau 01-Phu luc I_37.2025.TT-BXX.doc"),
        ("Đơn đăng ký (mẫu CT01)", "Đơn đăng ký (mẫu CT01)", "CT01"),
        ("Đơn theo mẫu số 01/BĐS", "Đơn theo mẫu số 01/BĐS", "01/BĐS"),
    ],
)  # fmt: skip
def test_22_forms_are_cut_from_the_right(cell, name, form):
    (item,), _ = parse_dossier(f"--{DO}{cell}1 bản chính")
    assert (item.name, item.form) == (name, form)


@pytest.mark.parametrize(
    ("rows", "numbers"),
    [
        ("Luật Mẫu năm 202068/2020/QH14", ["68/2020/QH14"]),
        ("Luật 54/2014/QH1354/2014/QH13Luật Thuế60/2014/QH13", ["54/2014/QH13", "60/2014/QH13"]),
        ("Quyết định năm 20223510/QĐ-BHXH", ["3510/QĐ-BHXH"]),
        ("Luật AThông tư số 80/2025/TT-NHNNLuật BLuật số 32/2024/QH15", ["80/2025/TT-NHNN", "32/2024/QH15"]),
        ("12/2020/NĐ-CP12/2020/NĐ-CPQUY ĐỊNH MỚI13/2021/NĐ-CP", ["12/2020/NĐ-CP", "13/2021/NĐ-CP"]),
        ("về cấp giấyNghị định số 92/2018/NĐ-CP", ["92/2018/NĐ-CP"]),
        ("Sửa đổi Nghị định số 1/2020/NĐ-CP ngày 2/3/2020 của Chính phủ5/2024/NĐ-CP", ["5/2024/NĐ-CP"]),
        ("Nghị quyết số 66.7/2025/NQ-CP của Chính phủ: cắt giảm66.7/2025/NQ-CP", ["66.7/2025/NQ-CP"]),
        ("Thông tư A06/2025/TT-BTChông tư B07/2025/TT-BTC", ["06/2025/TT-BTC", "07/2025/TT-BTC"]),
        ("Quyết định về trợ cấp53/2010/QĐ-TTgThông tư C41/2023/TT-BCA", ["53/2010/QĐ-TTg", "41/2023/TT-BCA"]),
    ],
)
def test_23_legal_rows(rows, numbers):
    documents, _ = parse_table(LE + rows)
    assert [document.number for document in documents] == numbers


def test_23_the_year_stays_with_the_name_and_a_cut_code_is_flagged():
    documents, flags = parse_table(f"{LE}Luật Mẫu năm 202068/2020/QH14")
    assert documents[0].title == "Luật Mẫu năm 2020" and "legal-year-glued" in {flag.kind for flag in flags}
    documents, flags = parse_table(f"{LE}Luật ALuật số 58")
    assert documents[0].number is None and "legal-row-unclear" in {flag.kind for flag in flags}


@pytest.mark.parametrize(
    ("rows", "numbers"),
    [
        # a code cell with a space on both sides, with and without its own words
        ("Luật sửa đổi một số luật về chim 140/2025/QH15 Quy định chi tiết về lồng chim30/2026/NĐ-CP", ["140/2025/QH15", "30/2026/NĐ-CP"]),
        ("sửa đổi một số luật về chim và cá Luật số 140/2025/QH15 Luật Chim cảnh79/2015/QH13", ["140/2025/QH15", "79/2015/QH13"]),
        ("cắt giảm thủ tục về chim cảnhNghị quyết số 17/2026/NQ-CP Luật Chim cảnh79/2015/QH13", ["17/2026/NQ-CP", "79/2015/QH13"]),
        # the next row starts with its number, or with a small letter
        ("Hướng dẫn Pháp lệnh về chim15/2014/NĐ-CP\t07/2014/TT-BTC - Hướng dẫn thu phí về chim07/2014/TT-BTC", ["15/2014/NĐ-CP", "07/2014/TT-BTC"]),
        ("quy định chi tiết Luật Chim35/2016/NĐ-CP sửa đổi một số nghị định về chim80/2022/NĐ-CP", ["35/2016/NĐ-CP", "80/2022/NĐ-CP"]),
        # a cell cut to its number
        ("Thông tư số 12/2023/TT-BTC ngày 02/3/202312Thông tư quy định mức thu phí về chim70/2025/TT-BTC", ["12/2023/TT-BTC", "70/2025/TT-BTC"]),
        # signs that look alike
        ("Sửa đổi Thông tư số 20/2022/TT-BTC, được sửa bởi Thông tư số 40/2024/TT-BT\u042155/2025/TT-BTC", ["55/2025/TT-BTC"]),
        ("Thông tư về thẻ chim30/2025/TT_BCALuật Chim60/2019/QH14", ["30/2025/TT-BCA", "60/2019/QH14"]),
        ("Thông tư về phí chim198/2016/TT/BTCLuật Chim60/2019/QH14", ["198/2016/TT-BTC", "60/2019/QH14"]),
        ("Hướng dẫn về chim191/2005/TTLT/BQP-BTC", ["191/2005/TTLT-BQP-BTC"]),
        # and what stays one row: numbers that a name quotes
        ("Thông tư 43/2024/TT-BTC Quy định phí về chim43/2024/TT-BTC", ["43/2024/TT-BTC"]),
        ("Sửa đổi một số điều của Nghị định số 5/2020/NĐ-CP Quy định về chim6/2021/NĐ-CP", ["6/2021/NĐ-CP"]),
        ("Sửa đổi một số điều của Thông tư số 5/2020/TT-BTC sửa đổi Thông tư 4/2019/TT-BTC6/2021/TT-BTC", ["6/2021/TT-BTC"]),
    ],
)
def test_23_two_rows_do_not_become_one(rows, numbers):
    documents, _ = parse_table(LE + rows)
    assert [document.number for document in documents] == numbers


def test_23_a_number_glued_into_a_name_is_flagged():
    documents, flags = parse_table(f"{LE}Luật sửa đổi về lồng chim61Thông tư về thẻ chim30/2025/TT-BCA")
    assert len(documents) == 1 and "legal-row-unclear" in {flag.kind for flag in flags}
    _, flags = parse_table(f"{LE}Luật Chim cảnh79/2015/QH13Thông tư về thẻ chim30/2025/TT-BCA")
    assert not flags


def test_24_results():
    results, flags = parse_results(
        "- Giấy phépMã: KQ.G01.000001Văn bản từ chối (nêu rõ lý do).Mã: KQ.G01.000002Từ khóaKhông có thông tinMô tảKhông có thông tinNộp hồ sơ"
    )
    assert [(result.name, result.code, result.refusal) for result in results] == [
        ("Giấy phép", "KQ.G01.000001", False), ("Văn bản từ chối (nêu rõ lý do).", "KQ.G01.000002", True),
    ]  # fmt: skip
    mixed, flags = parse_results("Giấy phép hoặc văn bản từ chốiMã: KQ.G01.000003")
    assert not mixed[0].refusal and "result-mixed-refusal" in {flag.kind for flag in flags}


def test_25_sections_cut_by_the_crawler_are_rebuilt(crawl):
    channel = f"{CH}Trực tiếp5 NgàyMiễn phí"
    dossier = f"--{DO}Đơn đề nghị1 bản chính"
    steps = "Bước 1. Lập hồ sơ theo mục 5.3 (Thành phần hồ sơ) và nộp.\nBước 2. Nhận kết quả."
    page = (
        f"Tên thủ tụcXTrình Tự Thực Hiện{steps}\nCách Thức Thực Hiện{channel}Thành phần hồ sơ{dossier}Căn cứ pháp lý{LE}Luật A1/2020/QH14"
        "Cơ quan thực hiệnUBNDYêu cầu, điều kiện thực hiệnKhông có thông tinKết quả xử lýGiấyMã: KQ.G01.000001"
    )
    record = parse_record(
        crawl(trinh_tu_thuc_hien="Bước 1. Lập hồ sơ theo mục 5.3 (", cach_thuc_thuc_hien=channel,
              thanh_phan_ho_so=") và nộp.\nBước 2. Nhận kết quả.", raw_text=page)
    )  # fmt: skip
    assert [item.name for item in record.dossier] == ["Đơn đề nghị"]
    assert len(record.steps) == 2 and "nộp." in record.steps[0]
    assert {(flag.kind, flag.field) for flag in record.flags} >= {("rebuilt-from-page", "dossier"), ("rebuilt-from-page", "steps")}


def _page(conditions="Không có thông tin", results="GiấyMã: KQ.G01.000001", agency="UBND"):
    return (
        f"Tên thủ tụcXTrình Tự Thực HiệnBước 1: Nộp.\nCách Thức Thực Hiện{CH}Trực tiếp5 NgàyMiễn phíThành phần hồ sơ--{DO}Đơn1 bản chính"
        f"Căn cứ pháp lý{LE}Luật A1/2020/QH14Cơ quan thực hiện{agency}Yêu cầu, điều kiện thực hiện{conditions}Kết quả xử lý{results}"
    )


def test_25_conditions_cut_at_a_title_are_taken_from_the_page(crawl):
    whole = "a) Cấp mới\n+ Có lồng hợp pháp.\n- Căn cứ pháp lý của lồng: sổ lồng.\nb) Gia hạn\n+ Có chim."
    record = parse_record(crawl(yeu_cau_dieu_kien="a) Cấp mới\n+ Có lồng hợp pháp.\n-", raw_text=_page(whole)))
    assert record.conditions == whole
    assert ("rebuilt-from-page", "conditions") in {(flag.kind, flag.field) for flag in record.flags}


def test_25_words_of_another_section_are_replaced(crawl):
    record = parse_record(crawl(yeu_cau_dieu_kien="thủ tục.1 bản chínhBiên bản họp của hội nuôi chim", co_quan_thuc_hien="hiện chụp ảnh chim rồi ký tên",
                                raw_text=_page("Có lồng hợp pháp.", agency="Không có thông tin")))  # fmt: skip
    assert (record.conditions, record.agency) == ("Có lồng hợp pháp.", None)


def test_25_a_whole_field_is_left_alone(crawl):
    tail = "Từ khóaKhông có thông tinMô tảKhông có thông tinChọn cơ quan thực hiện"
    record = parse_record(crawl(yeu_cau_dieu_kien="Có lồng.", co_quan_thuc_hien="UBND", ket_qua_xu_ly="GiấyMã: KQ.G01.000001",
                                raw_text=_page("Có lồng.", f"GiấyMã: KQ.G01.000001{tail}")))  # fmt: skip
    assert record.conditions == "Có lồng." and "rebuilt-from-page" not in {flag.kind for flag in record.flags}


def test_the_description_after_the_results_is_kept(crawl):
    results = "Giấy nuôi chimMã: KQ.G01.000001Từ khóachimMô tả- Giấy có thời hạn 10 năm.\n- Số lượng hồ sơ: 02 bộ.Chọn cơ quan thực hiệnTỉnh"
    record = parse_record(crawl(yeu_cau_dieu_kien="Có lồng.", ket_qua_xu_ly=results))
    assert record.conditions == "Có lồng.\nMô tả của cổng: - Giấy có thời hạn 10 năm.\n- Số lượng hồ sơ: 02 bộ."
    assert record.dossier_sets == "02 bộ" and [result.name for result in record.results] == ["Giấy nuôi chim"]
    assert "page-description" in {flag.kind for flag in record.flags}


def test_steps_of_plus_lines_only_are_steps():
    text = "+ Cục Chim lập kế hoạch trình Bộ.\n+ Bộ xem xét, giao nhiệm vụ.\n+ Cục Chim tổ chức thực hiện."
    assert len(split_steps(text)) == 3
    assert len(split_steps("- Nộp hồ sơ:\n+ trực tiếp;\n+ qua bưu chính.\n- Nhận giấy.")) == 2


def test_steps_a_case_glued_to_the_one_before_opens_a_step():
    text = "a) Cấp mới: Nộp hồ sơ cho xã.\n- Xã cấp giấy và báo về việc nuôi chim.b) Chuyển nhà: Gửi thông báo đến xã nơi cũ."
    assert [step[:2] for step in split_steps(text)] == ["a)", "Xã", "b)"]
    assert len(split_steps("Theo điểm a, khoản 1.b) Nuôi chim thì báo xã")) == 1  # no a) that it follows


def test_steps_the_title_of_the_section_is_no_step():
    assert split_steps("Trình tự thực hiện:\n- Nộp hồ sơ.\n- Nhận giấy.") == ["Nộp hồ sơ.", "Nhận giấy."]


@pytest.mark.parametrize("cell", ["0", "00", "0 Giờ"])
def test_01_a_time_of_nought_is_not_shown(cell):
    found = channels(f"Trực tiếp{cell}Miễn phí")
    assert [(one.time, one.time_text) for one in found] == [(None, None)]


def test_08_the_bracket_of_a_free_window_leaves_no_bracket_behind():
    words = "Đồng (Thi thực hành) Phí: 400000 Đồng (Thi bổ sung) Phí: 600000 Đồng (Thi lần đầu) (Miễn phí từ ngày 07/4/2026 đến 30/6/2026 theo Thông tư 90/2026/TT-BTC)"
    for fee in one(f"Trực tiếp5 NgàyMiễn phí({words})").fees:
        assert (fee.condition or "").count("(") == (fee.condition or "").count(")")


def test_10_an_amount_after_a_colon_keeps_its_unit():
    (fee,) = one("Trực tiếp5 Ngày4,500,000 Việt Nam Đồng(- Mức thu lệ phí: 4.500.000 (bốn triệu năm trăm nghìn) đồng/trường hợp nhận 01 chim)").fees
    assert (fee.amount, fee.per, fee.currency) == (4_500_000, "trường hợp nhận 01 chim", "VND")


@pytest.mark.parametrize("words", ["(đồng/lần/người (Miễn phí từ ngày 07/4/2026 đến 30/6/2026)", "((đồng/lần/người (Miễn phí từ ngày 07/4/2026 đến 30/6/2026))"])
def test_08_the_unit_before_a_free_window_is_the_columns(words):
    base, free = one(f"Trực tiếp5 Ngày200,000 VNĐ{words}").fees
    assert (base.amount, base.per, free.amount, free.condition) == (200_000, "lần/người", 0, "Miễn phí")
    assert (free.valid_from, free.valid_to) == (dt.date(2026, 4, 7), dt.date(2026, 6, 30))


def test_steps_keep_the_letter_before_the_word():
    assert split_steps("a) Bước 1: Nộp hồ sơ.\n- Tại xã.\nb) Bước 2: Nhận giấy.") == ["a) Bước 1: Nộp hồ sơ.\n- Tại xã.", "b) Bước 2: Nhận giấy."]
    assert split_steps("Bước 1:\n- Bước 1: Nộp.\n- Bước 2: Nhận.") == ["Bước 1: - Bước 1: Nộp.", "Bước 2: Nhận."]


def test_19_the_heading_of_shuffled_rows_is_a_note():
    items, _ = parse_dossier(f"--{DO}Đối với hồ sơ nuôi chim to, chủ chim phải nộp bổ sung các văn bản sau:1 bản chínhDanh mục chim to0 bản chính* Giấy tờ phải nộp:{DO}Đơn1 bản chính")
    assert [(item.is_note, item.group) for item in items] == [(True, None), (False, None), (False, "Giấy tờ phải nộp")]


def test_25_letters_and_invisible_characters(crawl):
    import unicodedata

    assert normalise(unicodedata.normalize("NFD", "Đơn\u200e đề\u00a0nghị\t(mới)\uf0a7")) == "Đơn đề nghị (mới)-"
    record = parse_record(crawl(ten_thu_tuc=unicodedata.normalize("NFD", "Cấp thẻ")))
    assert record.name == "Cấp thẻ" and "odd-characters" in {flag.kind for flag in record.flags}
