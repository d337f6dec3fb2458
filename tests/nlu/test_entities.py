import pytest
from rasa.shared.nlu.training_data.message import Message

from nlu.entities import RuleEntityExtractor, extract, ordinal


def found(text):
    return [(entity.name, entity.value) for entity in extract(text)]


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("mã 1.004194 lệ phí?", "procedure_code", "1.004194"),
        ("theo 797/BTTTT-THH.", "document_number", "797/BTTTT-THH"),
        ("thông tư 44/2023/TT-BTC, phí", "document_number", "44/2023/TT-BTC"),
        ("1523/QĐ-BCA-C06", "document_number", "1523/QĐ-BCA-C06"),
        ("hồ sơ H29.18-250612-0047 tới đâu", "dossier_number", "H29.18-250612-0047"),
        ("tờ khai CT01", "form_code", "CT01"),
        ("mẫu 01/BĐS nhé", "form_code", "01/BĐS"),
        ("nhiệm vụ 16 là gì", "task_number", 16),
        ("nhiem vu so 7", "task_number", 7),
        ("ngày 12/3/2024", "date", "2024-03-12"),
        ("năm 2023 thì sao", "year", 2023),
        ("thu 150k", "amount", 150_000.0),
        ("1,5 triệu đồng", "amount", 1_500_000.0),
        ("mất 7.000 đồng", "amount", 7_000.0),
    ],
)
def test_found(text, name, value):
    assert (name, value) in found(text)


@pytest.mark.parametrize("text", ["32/13/2020", "bằng B2", "tôi có 2 con", "xe 50cc"])
def test_not_found(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "position"),
    [("cái thứ 2 nha", 2), ("số 3", 3), ("cai dau tien", 1), ("cái cuối ấy", -1), ("chọn cái đầu", 1), ("1", 1), ("ở giữa", 0), ("em lấy cái thứ hai", 2)],
)
def test_ordinals_in_short_answers(text, position):
    assert ordinal(text) == position


@pytest.mark.parametrize("text", ["tôi có hai con", "hai cái này khác nhau gì", "nhiệm vụ 3", "đầu tiên phải làm gì", ""])
def test_no_ordinal_in_questions(text):
    assert ordinal(text) is None


def test_component_gives_spans_of_the_typed_text():
    text = "đổi CMND theo mẫu CT01"
    message = Message({"text": text})
    RuleEntityExtractor.create({}, None, None, None).process([message])
    entities = {entity["entity"]: entity for entity in message.get("entities")}
    assert text[entities["form_code"]["start"] : entities["form_code"]["end"]] == "CT01"
    assert entities["old_term"]["note"] and entities["old_term"]["extractor"] == "RuleEntityExtractor"
