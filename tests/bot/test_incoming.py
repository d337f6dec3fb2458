"""What reaches Rasa: payloads that a button could have carried, or plain words."""

from __future__ import annotations

import pytest

from bot.incoming import as_message, clean, is_payload

INTENTS = ["ask_fee", "greet", "back", "restart", "session_start", "nlu_fallback"]


@pytest.mark.parametrize("text", ["/greet", "/back", '/ask_fee{"procedure": "1.004194"}', '/ask_fee{"value": 3, "x": "đăng ký"}', "/ask_fee{}"])
def test_payloads_of_known_intents_stay(text):
    assert is_payload(text) and as_message(text, INTENTS) == text


@pytest.mark.parametrize(
    "text",
    [
        "/restart", "/session_start", "/nlu_fallback", "/khong_co", "/GREET", "/ask_fee{", '/ask_fee{"procedure": {"a": [1]}}', '/ask_fee{"procedure": ["1.004194"]}', '/ask_fee{"procedure": null}',
        "/ask_fee@0.5", "/ask_fee " + "x" * 20, '/ask_fee{"a": "' + "x" * 2000 + '"}', "//greet", "/" * 50, "/ask_fee" + "[" * 500, "/ask_fee{" + "[" * 900 + "}",
    ],
)  # fmt: skip
def test_anything_else_with_a_slash_is_words(text):
    assert not as_message(text, INTENTS).startswith("/")


@pytest.mark.parametrize("text", ["lệ phí bao nhiêu", "1/2 tháng", "và/hoặc", "dòng một\ndòng hai\tcột", "👨‍👩‍👧 hỏi"])
def test_words_stay_as_they_are(text):
    assert as_message(text, INTENTS) == text


def test_markup_is_no_word():
    assert as_message("<p>lệ phí <b>khai sinh</b></p><img src=x onerror=alert(1)><br/><!-- ẩn -->", INTENTS).split() == ["lệ", "phí", "khai", "sinh"]
    assert as_message("trẻ <6 tuổi hay >60 tuổi, a<b và b>c", INTENTS) == "trẻ <6 tuổi hay >60 tuổi, a<b và b>c"


def test_what_nobody_sees_is_dropped():
    assert clean("\x1b[1;31mđỏ\x1b[0m\x00\x07 xanh\r\nvàng") == "đỏ xanh\nvàng"
    assert "\ud800" not in clean("nửa \ud800 hình")
    assert clean("nửa \ud800 hình").encode("utf-8")
