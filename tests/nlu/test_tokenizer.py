from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from nlu.tokenizer import VietnameseTokenizer


def tokens(text, **config):
    component = VietnameseTokenizer.create({**VietnameseTokenizer.get_default_config(), **config}, None, None, None)
    message = Message({TEXT: text})
    component.process([message])
    return message, message.get("text_tokens")


def test_words_in_agreed_spelling_with_spans_as_typed():
    text = "Em mún đăng kí tạm trú ở CT01"
    message, found = tokens(text)
    assert "đăng_ký" in [token.text for token in found]
    token = next(token for token in found if token.text == "đăng_ký")
    assert text[token.start : token.end] == "đăng kí"
    assert message.get("normalised") == "em muốn đăng ký tạm trú ở CT01"


def test_syllables_alone():
    _, found = tokens("đăng ký xe", segment=False)
    assert [token.text for token in found] == ["đăng", "ký", "xe"]


def test_message_without_words():
    _, found = tokens("😀 ...")
    assert found == []


def test_all_words_kept():
    text = "Hồ sơ xin cấp lại giấy phép lái xe gồm những gì, nộp ở Sở hay ra xã?"
    message, found = tokens(text)
    assert " ".join(token.text.replace("_", " ") for token in found) == message.get("normalised").replace(",", "").replace("?", "")
