"""Rendering: nothing lost, nothing too long, everything escaped, numbers that mean what they show."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.answer import Answer, Button, Line, Source
from bot.rendering import SHELL, TELEGRAM, WEB, ZALO, ZALO_OA, Limits, cut, numbered, render, render_html

VIETNAMESE = st.text(alphabet="aăâbcdđeêghiklmnoôơpqrstuưvxyàáảãạ .,;!?\n-0123456789<>&\"'😀🏠", max_size=400)
LINES = st.lists(st.builds(Line, VIETNAMESE, st.sampled_from(["fact", "heading", "item", "note", "warning", "text"])), max_size=8)
BUTTONS = st.lists(st.builds(Button, st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=90)), max_size=12)
SOURCE = Source("Cổng A & B", "1/2026", url="https://example.org/?a=1&b=2")


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@given(VIETNAMESE, st.integers(min_value=10, max_value=120))
def test_cutting_loses_nothing_and_keeps_the_limit(text, limit):
    pieces = cut(text, limit)
    assert bare("".join(pieces)) == bare(text)
    assert all(units(piece) <= limit for piece in pieces)


def test_cuts_come_at_sentences():
    pieces = cut("Câu thứ nhất. " * 5 + "Câu cuối.", 40)
    assert all(piece.endswith(".") for piece in pieces)


def test_emoji_count_double():
    assert [units(piece) for piece in cut("😀" * 30, 20)] == [20, 20, 20]


@settings(max_examples=60)
@given(LINES, BUTTONS, st.sampled_from([TELEGRAM, ZALO, ZALO_OA, WEB, SHELL, Limits(60, 2)]))
def test_every_line_and_button_reaches_the_person(lines, buttons, limits):
    answer = Answer("answer", lines, [SOURCE], buttons)
    messages = render(answer, limits)
    text = "\n".join(message.text for message in messages)
    for line in lines:
        assert bare(line.text) in bare(text)
    assert all(units(message.text) <= limits.text for message in messages)
    shown = [button for message in messages for button in message.buttons]
    assert shown == buttons[: limits.buttons]
    for button in buttons[limits.buttons :]:
        assert bare(button.title) in bare(text)
    assert "example.org" in bare(text)


@settings(max_examples=60)
@given(LINES, BUTTONS)
def test_html_is_the_same_text_escaped(lines, buttons):
    answer = Answer("answer", lines, [SOURCE], buttons)
    limits = Limits(200, 2)
    messages = render_html(answer, limits)
    for message in messages:
        assert set(re.findall(r"<[^>]*>", message.text)) <= {"<b>", "</b>", "<i>", "</i>"}
        assert message.text.count("<b>") == message.text.count("</b>")
        assert units(html.unescape(re.sub(r"</?[bi]>", "", message.text))) <= limits.text
    told = bare(html.unescape(re.sub(r"</?[bi]>", "", "".join(message.text for message in messages))))
    assert told == bare("".join(message.text for message in render(answer, limits)))


def buttons(number: int) -> list[Button]:
    return [Button(f"Nút {n}", f"/b{n}") for n in range(1, number + 1)]


@pytest.mark.parametrize(("limits", "expected"), [(ZALO, ["/b1", "/b2", "/b3"]), (TELEGRAM, []), (Limits(2000, 2), ["", "", "/b3"])])
def test_numbers_mean_the_buttons_that_are_not_shown(limits, expected):
    answer = Answer("answer", [Line("Hỏi?", "text")], buttons=buttons(3))
    assert numbered(answer, limits) == expected
    for number, payload in enumerate(expected, 1):
        assert (f"\n{number}. Nút {number}" in render(answer, limits)[0].text) is bool(payload)


def test_choices_between_procedures_carry_their_own_numbers():
    answer = Answer("choices", [Line("1. A", "fact"), Line("2. B", "fact")], buttons=buttons(2), procedures=["1.000001", "1.000002"])
    assert numbered(answer, TELEGRAM) == numbered(answer, ZALO) == ["/b1", "/b2"]
    assert render(answer, ZALO)[0].text == "1. A\n2. B"


def test_a_question_with_buttons_but_no_procedures_gets_numbers():
    answer = Answer("choices", [Line("Nhóm việc nào?", "text")], buttons=buttons(2))
    assert "1. Nút 1\n2. Nút 2" in render(answer, ZALO)[0].text
    assert numbered(answer, ZALO) == ["/b1", "/b2"]


def test_a_button_behind_the_numbered_choices_gets_the_next_number():
    """“Xem tiếp” under a page of a field: its number stands in no line."""
    answer = Answer("choices", [Line(f"{n}. Thủ tục {n}", "fact") for n in range(1, 9)], buttons=[*buttons(8), Button("Xem tiếp", "/next")], procedures=["1.000001"] * 8)
    for limits in (ZALO, ZALO_OA):
        assert render(answer, limits)[-1].text.count("9. Xem tiếp") == 1
        assert numbered(answer, limits)[8] == "/next"
        assert "1. Nút 1" not in render(answer, limits)[-1].text
    assert "Xem tiếp" not in render(answer, TELEGRAM)[-1].text  # a button there
    assert len(numbered(answer, TELEGRAM)) == 8
