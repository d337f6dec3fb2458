import pytest

from nlu.accents import AccentRestorer

TEXTS = ["đăng ký tạm trú cho con", "đăng ký kết hôn", "đăng ký xe máy", "thủ tục tách hộ", "con dấu công ty", "cho con nhập học"] * 3


@pytest.fixture(scope="module")
def model():
    return AccentRestorer.train(TEXTS)


def test_restores_known_phrases(model):
    assert model.restore("dang ky tam tru cho con") == "đăng ký tạm trú cho con"


def test_marks_that_are_there_stay(model):
    assert model.restore("dang kỳ kêt hon") == "đăng kỳ kết hôn"


def test_unknown_words_codes_and_punctuation_stay(model):
    assert model.restore("zzz 1.004194, dang ky?") == "zzz 1.004194, đăng ký?"
    assert model.restore("") == ""


def test_saved_and_loaded_is_the_same(model, tmp_path):
    model.save(tmp_path / "accents.json.gz")
    again = AccentRestorer.load(tmp_path / "accents.json.gz")
    assert again.restore("thu tuc tach ho") == model.restore("thu tuc tach ho") == "thủ tục tách hộ"
