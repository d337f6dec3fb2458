"""Rasa component: ranks the procedures of the knowledge base for a message and knows when to ask.

Sets the message key `link` (part of the parse output):
  {"candidates": [{"code", "score"}] best first, "decision": "answer" | "ask" | "none", "sureness": 0..1,
   "offer": codes to offer when asking, "topical": how much the message says about a matter,
   "topical_words": [...], "matter_words": words that do not only ask, "features": {...} of the first candidate,
   "talk": {"topic": code in hand, "candidates": [...] read as a part of the talk}, when a procedure is in hand}
The code in hand comes in the message's metadata under `procedure` (bot/assistant.py).
Procedures come from the database of the settings, read anew when its revision moves: no retraining.
"""

from __future__ import annotations

import logging
import pickle
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from knowledge.search.procedures import ProcedureIndex, ProcedureSearch
from knowledge.settings import get_settings
from knowledge.store import open_store
from nlu.linking import ahead
from nlu.linking.context import look
from nlu.linking.features import NAMES, Prepared, candidates, prepare
from nlu.linking.learning import Learned, Learning
from nlu.linking.query import Query, make_query
from nlu.text import normalise

logger = logging.getLogger(__name__)
SHOWN_IN_TALK = 5
NAMED = 0.9  # sureness when a procedure is called by its official name
FILE = "ranker.pickle"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class ProcedureLinker(GraphComponent):
    """See the module. Config: `answer_at`, `ask_at` (sureness), `unknown_at` (share of unknown words)."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"answer_at": 0.5, "ask_at": 0.1, "unknown_at": 0.6}

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource, learned: Learned | None = None):
        self.config = config
        self._storage = storage
        self._resource = resource
        self._take(learned)
        settings = get_settings()
        self._search: ProcedureSearch | None = None
        self._settings = settings
        self._prepared: Prepared | None = None
        self._prepared_for: ProcedureIndex | None = None

    @classmethod
    def create(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext) -> ProcedureLinker:
        return cls(config, model_storage, resource)

    def _take(self, learned: Learned | None) -> None:
        self.ranker = learned.ranker if learned else None
        self.remembered = learned.remembered if learned else []
        self.context = learned.context if learned else None
        self.acts = learned.acts if learned else None
        self.associations = learned.associations if learned else ()

    # -- training --------------------------------------------------------------------------------

    def train(self, training_data: TrainingData) -> Resource:
        """What was begun ahead (bot/training.py) is taken over; else everything is learned here (`rasa train`)."""
        beside = _beside(training_data)
        learned = ahead.finished(beside) or Learning(self._settings.database, self._settings.cache).finished(beside)
        self._take(learned)
        with self._storage.write_to(self._resource) as folder, (folder / FILE).open("wb") as handle:
            pickle.dump(learned, handle)
        return self._resource

    @classmethod
    def load(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext, **kwargs: Any) -> ProcedureLinker:
        with model_storage.read_from(resource) as folder, (folder / FILE).open("rb") as handle:
            return cls(config, model_storage, resource, pickle.load(handle))

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    # -- using -----------------------------------------------------------------------------------

    def index(self) -> tuple[ProcedureIndex, Prepared]:
        if self._search is None:
            self._search = ProcedureSearch(open_store(self._settings.database), self._settings.cache)
        index = self._search.index()
        if index is not self._prepared_for:
            self._prepared = prepare(index, self.remembered, self.acts, self.associations)
            self._prepared_for = index
        return index, self._prepared

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get("normalised") or message.get(TEXT) or ""
            if text and self.ranker is not None and not text.startswith("/"):
                topic = (message.get("metadata") or {}).get("procedure")
                message.set("link", self.link(text, topic), add_to_output=True)
        return messages

    def link(self, text: str, topic: str | None = None) -> dict[str, Any]:
        """The `link` value of one normalised text; `topic`: the code in hand, if any."""
        index, prepared = self.index()
        query = make_query(text)
        found = candidates(index, prepared, query)
        if not len(found.rows) or self.ranker is None:
            return _nothing(query, index)
        order, scores = self.ranker.order(found)
        sure = self.ranker.sureness(found, order, scores)
        shares = self.ranker.shares(scores, sure)
        rows = found.rows[order[: len(shares)]]
        codes = [index.entries[row].code for row in rows]
        offer = self._offer(index, prepared, rows, shares)
        topical = _topical(query, index)
        unknown = float(found.features[order[0], NAMES.index("unknown share")])
        if _named(query, index, int(found.rows[order[0]])):
            sure = max(sure, NAMED)
        if topical < 0.5 or unknown > self.config["unknown_at"]:
            decision = "none"
        elif sure >= self.config["answer_at"]:
            decision = "answer"
        elif sure >= self.config["ask_at"]:
            decision = "ask"
        else:
            decision = "none"
        result = {
            "candidates": [{"code": code, "score": round(float(share), 4)} for code, share in zip(codes, shares)],
            "decision": decision,
            "sureness": round(sure, 4),
            "offer": offer,
            "topical": round(topical, 3),
            "topical_words": list(dict.fromkeys(query.topical))[:60],
            "matter_words": list(dict.fromkeys(query.matter_words))[:60],
            "features": {name: round(float(value), 3) for name, value in zip(NAMES, found.features[order[0]])},
        }
        if topic in index.row_of and self.context is not None and topical >= 0.5:
            seen = look(index, prepared, self.ranker, query, index.row_of[topic], (found, order, scores, sure))
            chosen = self.context.choose(*seen)
            ranked = zip(chosen.rows[:SHOWN_IN_TALK], chosen.shares)
            result["talk"] = {"topic": topic, "candidates": [{"code": index.entries[row].code, "score": round(float(share), 4)} for row, share in ranked]}
        return result

    @staticmethod
    def _offer(index: ProcedureIndex, prepared: Prepared, rows: np.ndarray, shares: np.ndarray) -> list[str]:
        """2-4 choices: the first two, and further ones not far behind."""
        least = 0.1 * float(shares[0]) if len(shares) else 0.0
        return [index.entries[row].code for n, (row, share) in enumerate(zip(rows[:4], shares[:4])) if n < 2 or share >= least]


def _named(query: Query, index: ProcedureIndex, row: int) -> bool:
    """True when the official name stands whole in the message and little else does."""
    title = index.title_sets[row]
    if len(title) < 2 or not title <= set(query.tokens):
        return False
    rest = sum(index.idf(word) for word in set(query.topical) - title)
    return rest <= 0.25 * sum(index.idf(word) for word in title)


def _topical(query: Query, index: ProcedureIndex) -> float:
    """Rarity of the words that name a matter, in words of middling rarity (0: only asking words)."""
    return sum(min(index.idf(word), 6.0) for word in query.topical) / 4.0


def _nothing(query: Query, index: ProcedureIndex) -> dict[str, Any]:
    return {"candidates": [], "decision": "none", "sureness": 0.0, "offer": [], "topical": round(_topical(query, index), 3), "topical_words": query.topical[:60], "matter_words": query.matter_words[:60], "features": {}}


def _beside(training_data: TrainingData) -> list[str]:
    """Messages about no procedure: for the documents, out of scope, or about nothing."""
    found = (e.get(TEXT) for e in training_data.intent_examples if e.get(INTENT) in ("ask_guidance", "out_of_scope", "chitchat", "unsafe"))
    return [normalise(text).text for text in sorted(found)]
