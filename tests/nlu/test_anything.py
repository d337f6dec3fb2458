"""Normalising never fails, whatever characters come."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.text import normalise


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_any_text(text):
    found = normalise(text)
    assert isinstance(found.text, str)


def test_mixed_scripts_marks_and_controls():
    dice = random.Random(7)
    ranges = [(0x20, 0x7F), (0xA0, 0x24F), (0x300, 0x36F), (0x1E00, 0x1EFF), (0x2000, 0x206F), (0x4E00, 0x4FFF), (0x1F300, 0x1F6FF), (0xE000, 0xE0FF), (0x0, 0x1F)]
    for _ in range(800):
        text = "".join(chr(dice.randint(*dice.choice(ranges))) for _ in range(dice.choice([1, 3, 10, 60, 300])))
        assert isinstance(normalise(text).text, str)
