"""Texts in layers: the best text of each owner, against the same said plainly."""

import random

import numpy as np
import pytest

from knowledge.search.procedures import Phrases


@pytest.mark.parametrize("owned", [[], [(0, "a"), (1, "b"), (2, "c")], [(2, "a"), (0, "b"), (2, "c"), (2, "d"), (1, "e")]])
def test_every_owner_has_its_best_text(owned):
    phrases = Phrases(owned, 4)
    raw = np.asarray(random.Random(3).sample(range(1, 50), len(owned)), dtype=np.float32)
    expected = [max((score for score, owner in zip(raw, phrases.owners) if owner == row), default=0.0) for row in range(4)]
    assert phrases.best(raw).tolist() == expected
    assert sorted(zip(phrases.owners.tolist(), phrases.texts)) == sorted(owned)
    for row in range(4):
        assert sorted(phrases.texts[number] for number in phrases.of(row)) == sorted(text for owner, text in owned if owner == row)


def test_a_text_left_out_counts_for_nothing():
    phrases = Phrases([(0, "a"), (0, "b"), (1, "c")], 2)
    raw = np.asarray([3.0 if text == "b" else 2.0 for text in phrases.texts], dtype=np.float32)
    assert phrases.best(raw, np.asarray([phrases.texts.index("b")])).tolist() == [2.0, 2.0]
    assert phrases.best(raw).tolist() == [3.0, 2.0]


def test_one_text_a_procedure_is_taken_as_it_is():
    phrases = Phrases([(row, str(row)) for row in range(3)], 3)
    assert phrases.single and phrases.best(np.asarray([1.0, 0.0, 2.0])).tolist() == [1.0, 0.0, 2.0]
