"""Who gets a message where question type, linker, safety and documents disagree."""

import pytest
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

import nlu.arbiter
from nlu.arbiter import Arbiter


def decide(monkeypatch, intent: str, *, confidence: float = 0.7, guidance: float = 0.0, sure: float = 0.1, topical: float = 3.0, safety: dict | None = None, in_hand: str | None = None) -> str:
    monkeypatch.setattr(nlu.arbiter, "guidance_score", lambda text: guidance)
    link = {"sureness": sure, "decision": "ask" if sure < 0.5 else "answer", "topical": topical, "topical_words": ["x"] if topical else []}
    link |= {"talk": {"topic": in_hand, "candidates": [{"code": in_hand, "score": 0.5}]}} if in_hand else {}
    message = Message({TEXT: "một câu hỏi", INTENT: {"name": intent, "confidence": confidence}, INTENT_RANKING_KEY: [{"name": intent, "confidence": confidence}], "link": link, **({"safety": safety} if safety else {})})
    Arbiter(Arbiter.get_default_config()).process([message])
    return message.get(INTENT)["name"]


@pytest.mark.parametrize(
    "guidance, sure, topical, expected",
    [
        (0.6, 0.2, 3.0, "ask_guidance"),
        (0.4, 0.2, 3.0, "ask_conditions"),  # below even odds
        (0.2, 0.1, 3.0, "ask_conditions"),
        (0.4, 0.6, 3.0, "ask_conditions"),
        (0.9, 0.1, 0.0, "ask_conditions"),  # asking words alone
        (0.85, 0.65, 3.0, "ask_conditions"),  # a procedure is found: the documents must be surer
        (0.95, 0.65, 3.0, "ask_guidance"),
        (0.94, 0.93, 3.0, "ask_conditions"),  # nearly as sure: nothing told
        (0.99, 0.93, 3.0, "ask_guidance"),
    ],
)
def test_documents_against_a_question_type(monkeypatch, guidance, sure, topical, expected):
    assert decide(monkeypatch, "ask_conditions", confidence=0.5, guidance=guidance, sure=sure, topical=topical) == expected


def test_in_a_talk_about_a_procedure_the_documents_must_be_surer(monkeypatch):
    assert decide(monkeypatch, "ask_fee", confidence=0.5, guidance=0.85, in_hand="1.001193") == "ask_fee"
    assert decide(monkeypatch, "ask_fee", confidence=0.5, guidance=0.95, in_hand="1.001193") == "ask_guidance"
    assert decide(monkeypatch, "ask_source", confidence=0.9, guidance=0.97, in_hand="1.001193") == "ask_source"


def test_small_talk_needs_surer_documents(monkeypatch):
    assert decide(monkeypatch, "thank", confidence=0.9, guidance=0.45) == "thank"
    assert decide(monkeypatch, "thank", confidence=0.9, guidance=0.6) == "ask_guidance"


@pytest.mark.parametrize("kind, group", [("out_of_scope", "weather"), ("unsafe", "classifier")])
def test_documents_may_speak_of_what_only_looked_out_of_place(monkeypatch, kind, group):
    safety = {"kind": kind, "group": group}
    assert decide(monkeypatch, kind, guidance=0.95, safety=safety) == "ask_guidance"
    assert decide(monkeypatch, kind, guidance=0.5, safety=safety) == kind


@pytest.mark.parametrize("kind, group", [("emergency", "fire"), ("unsafe", "forgery"), ("prompt_injection", "rules")])
def test_documents_never_outweigh_danger(monkeypatch, kind, group):
    assert decide(monkeypatch, kind, guidance=1.0, sure=0.0, safety={"kind": kind, "group": group}) == kind
