import pytest

from benchmarks.noise import below_floor, clean_questions, gate
from nlu import noise
from nlu.text import fold, normalise

SENTENCE = "Tôi muốn đăng ký tạm trú theo mẫu CT01, mã 1.004194, phí 7.000 đồng được không?"


@pytest.mark.parametrize("kind", noise.KINDS)
def test_codes_and_amounts_survive(kind):
    spoilt = noise.spoil(SENTENCE, kind)
    assert "1.004194" in spoilt and "7.000" in spoilt and "ct01" in spoilt.lower()


@pytest.mark.parametrize("kind", noise.KINDS)
def test_noise_is_the_same_for_the_same_seed(kind):
    assert noise.spoil(SENTENCE, kind, 4) == noise.spoil(SENTENCE, kind, 4)


@pytest.mark.parametrize("kind", ["telex", "vni", "capitals"])
def test_normaliser_undoes_keyboard_noise(kind):
    clean = normalise(SENTENCE).folded
    for seed in range(5):
        assert normalise(noise.spoil(SENTENCE, kind, seed)).folded == clean


def test_strip_marks():
    assert noise.strip_marks("Đường Đắk") == "Duong Dak"


def test_gate_sees_a_model_that_breaks_without_marks():
    questions = clean_questions(24)
    table = gate(lambda text: ("x" if text.isascii() else "y", frozenset()), questions)
    assert "no_marks" in below_floor(table) and "capitals" not in below_floor(table)


def test_gate_passes_a_model_that_folds():
    def understand(text):
        return fold(text)[:1], frozenset()

    table = gate(understand, clean_questions(24))
    assert table["no_marks"]["both"] == table["capitals"]["both"] == 1.0
