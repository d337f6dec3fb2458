"""Must this message not be answered from the knowledge base, and why?

`assess(text)` finds emergencies, unsafe requests, prompt injection and other people's business by the patterns of
`lexicon/scope.yml` (with their exceptions, so that ordinary questions with the same words pass) and weighs them with what
the question type classifier thinks. The Rasa component `SafetyCheck` puts the result on the message as `safety` and
turns the intent to `emergency`, `unsafe`, `prompt_injection` or `out_of_scope`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from nlu.scope import Hit, about_procedure, matches
from nlu.text import Normalised, normalise

SAFETY = "safety"
KINDS = ("emergency", "prompt_injection", "unsafe", "out_of_scope")
# From this confidence the classifier decides alone; higher where words of procedures occur.
SURE = {"emergency": 0.75, "unsafe": 0.8, "prompt_injection": 0.85, "out_of_scope": 0.6}
SURE_OF_PROCEDURE = 0.97
# Fire and crime pass before the medical number where several fit; a child's own line comes with 113.
_GROUP_ORDER = ("fire", "crime", "child", "medical")


@dataclass(frozen=True)
class Verdict:
    """kind: one of KINDS. group: which (fire, forgery, weather ...). call: numbers to ring, emergencies only.
    confidence: 0..1. evidence: the words that decided, "" when only the classifier did."""

    kind: str
    group: str
    call: tuple[str, ...]
    confidence: float
    evidence: str


def assess(message: Normalised, beliefs: Mapping[str, float]) -> Verdict | None:
    """The verdict on one message, None for an ordinary one.

    beliefs: the classifier's confidence by intent. Words alone decide in text with marks; in unaccented text, where
    they are ambiguous ("chay xe"), and for the milder kinds the classifier must not speak clearly against it.
    """
    found, excepted = matches(message)
    unaccented = message.text.isascii()
    ordinary = sum(share for name, share in beliefs.items() if name.startswith("ask_"))
    procedure = about_procedure(message)
    for kind in KINDS:
        hits = sorted((hit for hit in found if hit.kind == kind), key=_rank)
        share = beliefs.get(kind, 0.0)
        if hits:
            strict = kind == "out_of_scope" or unaccented
            if strict and share < 0.1 and ordinary > 0.5:
                continue
            calls = tuple(dict.fromkeys(hit.call for hit in hits if hit.call))
            return Verdict(kind, hits[0].group, _calls(hits[0].group, calls), max(share, 0.8), hits[0].words)
        if share >= SURE[kind] and kind not in excepted and not (procedure and share < SURE_OF_PROCEDURE):
            return Verdict(kind, "classifier", ("113", "114", "115") if kind == "emergency" else (), share, "")
    return None


def _rank(hit: Hit) -> int:
    return _GROUP_ORDER.index(hit.group) if hit.group in _GROUP_ORDER else len(_GROUP_ORDER)


def _calls(group: str, calls: tuple[str, ...]) -> tuple[str, ...]:
    if group == "child":
        return tuple(dict.fromkeys(("111", "113", *calls)))
    return calls


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class SafetyCheck(GraphComponent):
    """Stands after the question type classifier; overrides its intent where a message must not be answered."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """No settings."""
        return {}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SafetyCheck:
        """Create the component; nothing is trained or stored."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Set `safety` and, with a verdict, the intent."""
        for message in messages:
            ranking = message.get(INTENT_RANKING_KEY) or []
            beliefs = {item[INTENT_NAME_KEY]: item[PREDICTED_CONFIDENCE_KEY] for item in ranking}
            verdict = assess(normalise(message.get(TEXT) or ""), beliefs)
            if verdict is None:
                message.set(SAFETY, None, add_to_output=True)
                continue
            entry = {INTENT_NAME_KEY: verdict.kind, PREDICTED_CONFIDENCE_KEY: verdict.confidence}
            rest = [item for item in ranking if item[INTENT_NAME_KEY] != verdict.kind]
            message.set(INTENT, entry, add_to_output=True)
            message.set(INTENT_RANKING_KEY, [entry, *rest], add_to_output=True)
            message.set(
                SAFETY,
                {"kind": verdict.kind, "group": verdict.group, "call": list(verdict.call), "evidence": verdict.evidence},
                add_to_output=True,
            )
        return messages
