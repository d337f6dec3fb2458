"""What a typed number or a typed button title means after an answer: the same as pressing the button."""

from __future__ import annotations

from typing import Any

from actions.answer import Answer
from knowledge.search.analysis import fold

LONGEST = 120  # characters of a message that can be a button's title


def choices(answer: Answer, numbered: list[str]) -> dict[str, str]:
    """Payloads by what one may type instead of pressing: "2" where a 2 stands in the text, "xem tiep" for “Xem tiếp”.

    `numbered`: payloads in the order of the numbers shown, "" where none is (bot/rendering.py). A title that two
    buttons share means neither.
    """
    titles = [_words(button.title) for button in answer.buttons]
    found = {title: button.payload for title, button in zip(titles, answer.buttons) if title and titles.count(title) == 1}
    return found | {str(number): payload for number, payload in enumerate(numbered, 1) if payload}


def picked(text: str, offered: Any) -> str:
    """The payload that a typed text stands for, else the text. `offered` is what `choices` made, from the store."""
    if isinstance(offered, list):  # stored by an earlier version: payloads by number
        offered = {str(number): payload for number, payload in enumerate(offered, 1) if payload}
    return offered.get(_words(text), text) if len(text) <= LONGEST else text


def _words(text: str) -> str:
    """Without accents, case and the signs around: people type “xem tiep”, “Xem tiếp!”, “2.”, “02”."""
    words = " ".join(fold(text).split()).strip(" .,!?:;()[]“”\"'…")
    return words.lstrip("0") if words.isascii() and words.isdigit() and len(words) <= 2 else words
