import pytest

from nlu.syllables import Syllable, analyse, decode_keys, is_syllable, repair, spell


@pytest.mark.parametrize("word", ["người", "khong", "quyết", "gì", "giếng", "yêu", "uống", "thuở", "nghiệm"])
def test_syllables(word):
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["visa", "xyz", "online", "tooi", "kys", "cảc", "strong", ""])
def test_no_syllables(word):
    assert not is_syllable(word)


def test_parts_and_back():
    assert analyse("người") == Syllable("ng", "ươi", "f")
    for word in ("hòa", "thủy", "gì", "quý", "nghĩa", "chuyển", "uống"):
        assert spell(analyse(word)) == word


@pytest.mark.parametrize(("keys", "word"), [("ddawng", "đăng"), ("tooi", "tôi"), ("dduowcj", "được"), ("ho65", "hộ"), ("ky1", "ký"), ("thu3", "thủ")])
def test_key_residue(keys, word):
    assert decode_keys(keys) == word


@pytest.mark.parametrize("word", ["bn", "xong", "ok", "tks", "ct01"])
def test_no_residue(word):
    assert decode_keys(word) is None


@pytest.mark.parametrize(("typed", "meant"), [("ngừoi", "người"), ("naò", "nào"), ("điạ", "địa")])
def test_misplaced_marks(typed, meant):
    assert repair(typed) == meant
