import random

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from benchmarks.question_types import DATA, pairs
from nlu import noise
from nlu.question_model import ASPECTS, listed, train
from nlu.question_type import QuestionTypeClassifier

SMALL = {"double_questions": 150, "stories": 60, "garbage": 40, "topics": 0, "held_out": 0.15, "passes": 2}


@pytest.fixture(scope="module")
def examples():
    rng = random.Random(2)
    chosen = [pair for name in ("questions", "talk", "safety") for pair in pairs(DATA / f"{name}.yml")]
    made = pairs(DATA / "generated.yml")
    return chosen + rng.sample(made, 500)


@pytest.fixture(scope="module")
def model(examples):
    return train(examples, SMALL)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("xin giấy phép sửa mái nhà hết mấy trăm nghìn", "ask_fee"),
        ("xin giay phep sua mai nha het may tram nghin", "ask_fee"),
        ("nuôi ong lấy mật thì đăng ký ở cơ quan nào", "ask_where"),
        ("nuoi ong lay mat thi dang ky o co quan nao", "ask_where"),
        ("bao lâu thì có thẻ", "ask_time"),
        ("làm thẻ thư viện cần giấy tờ gì", "ask_dossier"),
        ("cảm ơn bạn nhiều lắm nhé", "thank"),
    ],
)
def test_type_by_asking_words(model, text, wanted):
    assert model.predict(text).ranking[0][0] == wanted


def test_two_questions_in_one_message(model):
    found = dict(model.predict("làm thẻ cần giấy tờ gì và mất bao nhiêu tiền").types)
    assert {"ask_dossier", "ask_fee"} <= set(found)
    assert all(name in ASPECTS and 0 <= p <= 1 for name, p in found.items())


def test_one_question_stays_one(model):
    assert [name for name, _ in model.predict("lệ phí làm thẻ là bao nhiêu").types] == ["ask_fee"]


def test_nonsense_is_not_taken_for_a_question(model):
    found = model.predict("xqzv brrt wplk")
    assert found.ranking[0][0] == "none" or found.ranking[0][1] < 0.5


def test_confidence_is_a_distribution(model):
    ranking = model.predict("nộp ở đâu").ranking
    assert abs(sum(p for _, p in ranking) - 1) < 1e-4
    assert [p for _, p in ranking] == sorted((p for _, p in ranking), reverse=True)


def test_same_type_without_marks(model):
    texts = [text for text, intent in pairs(DATA / "questions.yml") if intent in ASPECTS][::5]
    same = [model.predict(t).ranking[0][0] == model.predict(noise.strip_marks(t)).ranking[0][0] for t in texts]
    assert sum(same) / len(same) >= 0.9


def test_needs_two_intents():
    with pytest.raises(ValueError, match="two intents"):
        train([("xin chào", "greet")], {**SMALL, "garbage": 0})


def test_component_trains_stores_loads_and_marks_messages(examples, tmp_path):
    storage, resource = LocalModelStorage(tmp_path), Resource("types")
    context = ExecutionContext(GraphSchema({}), "test")
    config = {**QuestionTypeClassifier.get_default_config(), **SMALL}
    component = QuestionTypeClassifier.create(config, storage, resource, context)
    data = TrainingData([Message.build(text=text, intent=intent) for text, intent in examples[::3]])
    component.train(data)
    loaded = QuestionTypeClassifier.load(config, storage, resource, context)
    message = Message({"text": "cần giấy tờ gì"})
    loaded.process([message])
    assert message.get("intent")["name"] == "ask_dossier"
    assert message.get("question_types")[0]["name"] == "ask_dossier"
    assert len(message.get("intent_ranking")) == 10
    garbage = Message({"text": "zzxq wwrt ppq"})
    loaded.process([garbage])
    assert garbage.get("intent")["name"] == "nlu_fallback"


def test_untrained_component_leaves_messages_alone(tmp_path):
    component = QuestionTypeClassifier.load({}, LocalModelStorage(tmp_path), Resource("none"), ExecutionContext(GraphSchema({}), "t"))
    message = Message({"text": "xin chào"})
    assert component.process([message])[0].get("intent") is None


@pytest.mark.parametrize(
    "text, types",
    [
        ("cho hỏi lệ phí và thời hạn cấp hộ chiếu", ["ask_fee", "ask_time"]),
        ("ho so, le phi, thoi han dang ky ket hon", ["ask_dossier", "ask_fee", "ask_time"]),
        ("thời gian cùng với nơi nộp ở đâu", ["ask_time", "ask_where"]),
        ("phí và lệ phí đăng ký xe", ["ask_fee"]),
        ("nơi nộp hồ sơ khai sinh", []),
        ("làm hồ sơ và nộp ở đâu", []),
        ("thời hạn hồ sơ", []),
    ],
)
def test_types_listed_side_by_side(text, types):
    assert listed(text) == types


def test_a_list_adds_what_it_names_only_beside_what_is_asked(model):
    asked = dict(model.predict("lệ phí và thời hạn làm thẻ").types)
    assert {"ask_fee", "ask_time"} <= set(asked)
    assert "ask_time" not in dict(model.predict("xin chào").types)
