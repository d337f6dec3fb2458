"""Typed numbers and titles are the buttons they name."""

from __future__ import annotations

import pytest

from actions.answer import Answer, Button
from bot.delivery.picking import choices, picked

ANSWER = Answer("choices", buttons=[Button("Lệ phí", "/ask_fee"), Button("Xem tiếp", "/next"), Button("Có", "/yes"), Button("Giống nhau", "/a"), Button("giống nhau.", "/b")])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("xem tiếp", "/next"), ("Xem tiep!", "/next"), (" XEM  TIẾP. ", "/next"), ("“Lệ phí”", "/ask_fee"), ("có", "/yes"), ("2", "/next"), ("02.", "/next"), ("2)", "/next")],
)
def test_like_pressed(typed, meant):
    assert picked(typed, choices(ANSWER, ["/ask_fee", "/next"])) == meant


@pytest.mark.parametrize("typed", ["xem tiếp đi", "giống nhau", "3", "0", "", "...", "lệ phí bao nhiêu", "2 người", "x" * 5000])
def test_other_words_stay_words(typed):
    assert picked(typed, choices(ANSWER, ["/ask_fee", "/next"])) == typed


def test_numbers_that_were_not_shown_mean_nothing():
    assert picked("1", choices(ANSWER, ["", "/next"])) == "1"
    assert picked("1", choices(ANSWER, [])) == "1"
    assert picked("1", {}) == "1"


def test_what_an_earlier_version_stored_still_counts():
    assert picked("2", ["", "/next"]) == "/next"
    assert picked("1", ["", "/next"]) == "1"
