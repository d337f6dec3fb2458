"""Comparing: what is compared is asked of both."""

import pytest

from actions.conversation import measured


@pytest.mark.parametrize(
    "text, aspects",
    [
        ("đằng nào lẹ hơn", ["time"]),
        ("cach nao co ket qua som hon", ["time"]),
        ("bên nào đỡ tốn tiền hơn vậy", ["fee"]),
        ("làm kiểu nào rẻ mà nhanh hơn", ["time"]),
        ("cái nào ít giấy tờ hơn", ["dossier"]),
        ("hai cái đó khác nhau chỗ nào", []),
        ("tốn kém hơn hay chậm hơn", ["time", "fee"]),
    ],
)
def test_what_a_comparison_is_about(text, aspects):
    assert measured(text) == aspects


def linked(code: str) -> dict:
    return {"candidates": [{"code": code, "score": 9.0}], "decision": "answer", "topical": 9.0, "topical_words": 2}


def test_both_are_told_with_what_is_compared(play):
    play.say("đăng ký kết hôn", "ask_overview", link=linked("1.000894"))
    play.say("đăng ký khai sinh", "ask_overview", link=linked("1.001193"))
    play.say("loại nào mau hơn", "compare", link={"decision": "none", "topical": 0.0})
    assert set(play.last.procedures) == {"1.000894", "1.001193"} and play.last.aspects == ["time"]
