"""Acts and cases learned from how people speak: words never seen in a title point to a class."""

import numpy as np
import pytest

from knowledge.search.analysis import folded_words, terms
from nlu.linking.acts import FEWEST, LOWEST, ActModel, likelihood

LOST = [f"lỡ {word} mất tiêu giấy của {who}" for word in ("làm", "rớt", "để", "đánh", "bỏ") for who in ("mẹ", "ba", "em", "tôi")]
CLOSE = [f"{who} nghỉ hẳn luôn không {word} nữa" for word in ("bán", "mở", "làm", "buôn", "may") for who in ("mẹ", "ba", "em", "tôi")]
MARKS = np.array([[True, False, False]] * len(LOST) + [[False, True, False]] * len(CLOSE))


@pytest.fixture(scope="module")
def model() -> ActModel:
    return ActModel.fitted([*LOST, *CLOSE], MARKS, [1.0] * len(MARKS))


def chance(model: ActModel, text: str) -> np.ndarray:
    return model.chance(terms(folded_words(text)), ())


def test_words_of_an_act_raise_its_class(model):
    lost, close = chance(model, "chị tui làm mất tiêu rồi"), chance(model, "tui nghi han luon")
    assert lost[0] > 0.5 > lost[1] and close[1] > 0.5 > close[0]


def test_unknown_words_and_rare_classes_say_nothing(model):
    assert len(LOST) >= FEWEST
    nothing = chance(model, "xyzzy plugh")
    assert nothing.shape == (3,) and nothing[2] == pytest.approx(LOWEST)
    assert chance(model, "làm mất tiêu")[2] == pytest.approx(LOWEST)


def test_likelihood_is_that_of_each_row():
    given = np.array([0.9, 0.2])
    got = likelihood(given, np.array([[True, False], [False, True]]))
    assert np.allclose(np.exp(got), [[0.9, 0.8], [0.1, 0.2]], atol=1e-6)
