import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.text import fold, normalise


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("đk tạm trú dc ko z", "đăng ký tạm trú được không vậy"),
        ("gks lm ở mô", "giấy khai sinh làm ở đâu"),
        ("ddang kys hoof sow", "đăng ký hồ sơ"),
        ("d9a8ng ky1 ho65 khau63", "đăng ký hộ khẩu"),
        ("hoà giải thuỷ lợi", "hòa giải thủy lợi"),
        ("ngừoi đựoc truờng", "người được trường"),
        ("đăngkýtạmtrú", "đăng ký tạm trú"),
        ("giấ y tờ", "giấy tờ"),
        ("sác nhận", "xác nhận"),
        ("điiii làm giấyyy", "đi làm giấy"),
        ("LÀM CĂN CƯỚC", "làm căn cước"),
        ("<b>làm</b>&nbsp;<i>căn cước</i>", "làm căn cước"),
        ("số [số đã ẩn] làm căn cước", "số làm căn cước"),
        ("đăng\u200b ký\u00a0xe", "đăng ký xe"),
        ("ðăng ký", "đăng ký"),
        ("đi rứa cần giấy chi", "đi vậy cần giấy gì"),
        ("thi bằng hạng a1 b2", "thi bằng hạng a1 b2"),
        ("3ng ở 2tháng", "3 người ở 2 tháng"),
    ],
)
def test_agreed_spelling(typed, meant):
    assert normalise(typed).text == meant


@pytest.mark.parametrize(
    "typed",
    ["đăng ký kết hôn", "giấy phép mô tô", "chi nhánh công ty", "chi phí", "quy mô vừa", "bàn giao", "nước ngoài", "visa online"],
)
def test_ordinary_words_stay(typed):
    assert normalise(typed).text == typed


@pytest.mark.parametrize(
    "code",
    ["1.004194", "797/BTTTT-THH", "1523/QĐ-BCA-C06", "01/BĐS", "CT01", "13-MST", "H29.18-250612-0047", "7.000", "12/3/2024", "0,1%"],
)
def test_codes_pass_untouched(code):
    assert code in normalise(f"Em hỏi {code} thì sao, mẫu nào?").tokens


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("xin hk cho con nhập học", "hộ khẩu"),
        ("làm hk đi du lịch nước ngoài", "hộ chiếu"),
        ("thi lại môn học hk này, học phí", "học kỳ"),
        ("có đk ko", "được"),
        ("đk xe máy", "đăng ký"),
        ("150 k", "nghìn"),
    ],
)
def test_ambiguous_forms_by_context(typed, meant):
    assert meant in normalise(typed).text


def test_alignment_points_into_the_original():
    text = "Em muốn  lm GKS\u200b cho  con, ntn ạ?"
    found = normalise(text)
    spans = dict(zip(found.tokens, found.alignment, strict=True))
    assert text[slice(*spans["làm"])] == "lm"
    assert text[slice(*spans["khai"])].startswith("GKS")
    assert text[slice(*spans["nào"])] == "ntn"
    place = found.tokens.index("giấy")
    assert text[slice(*found.original_span(place, place + 3))].startswith("GKS")


def test_clauses_are_cut_at_punctuation():
    assert normalise("làm thẻ, mất bao lâu? phí sao").clauses == ["làm thẻ", "mất bao lâu", "phí sao"]


def test_fold_keeps_length_of_composed_text():
    text = "Đăng ký thường trú ở Đắk Lắk"
    assert fold(text) == "dang ky thuong tru o dak lak"
    assert len(fold(text)) == len(text)


def test_decomposed_and_composed_text_are_one():
    text = "Chứng thực chữ ký người uỷ quyền"
    assert normalise(unicodedata.normalize("NFD", text)).text == normalise(text).text


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_never_fails_and_spans_are_in_order(text):
    found = normalise(text)
    assert len(found.tokens) == len(found.alignment) == len(found.breaks)
    last = 0
    for start, end in found.alignment:
        assert 0 <= start < end <= len(text)
        assert start >= last or (start, end) in found.alignment
        last = start
    assert normalise(found.text).folded == fold(normalise(found.text).text)


@pytest.mark.parametrize("text", ["a" * 10_000, "<" * 10_000, "&" * 10_000, "đ ă " * 2_500, "1." * 5_000, "\u0301" * 10_000])
def test_long_input_is_linear(text):
    import time

    started = time.perf_counter()
    normalise.__wrapped__(text)
    assert time.perf_counter() - started < 2
