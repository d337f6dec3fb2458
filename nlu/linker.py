"""Rasa component: ranks the procedures of the knowledge base for a message and knows when to ask.

Sets the message key `link` (part of the parse output):
  {"candidates": [{"code", "score"}] best first, "decision": "answer" | "ask" | "none", "sureness": 0..1,
   "offer": codes to offer when asking, "topical": how much the message says about a matter,
   "topical_words": [...], "features": {...} of the first candidate,
   "talk": {"topic": code in hand, "candidates": [...] read as a part of the talk}, when a procedure is in hand}
The code in hand comes in the message's metadata under `procedure` (bot/assistant.py).
Procedures come from the database of the settings, read anew when its revision moves: no retraining.
"""

from __future__ import annotations

import json
import logging
import pickle
import random
import zlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from knowledge.search.procedures import (
    ProcedureIndex,
    ProcedureSearch,
    cached_index,
    load_entries,
)
from knowledge.settings import get_settings
from knowledge.store import open_store
from nlu.linking.acts import ActModel
from nlu.linking.context import ContextModel, Looked, look
from nlu.linking.features import NAMES, Hidden, Prepared, candidates, prepare
from nlu.linking.query import Query, make_query
from nlu.linking.ranker import Example, Judged, Ranker, judge, learning_examples, plain_examples
from nlu.parallel import spread
from nlu.text import normalise

logger = logging.getLogger(__name__)
SHOWN_IN_TALK = 5
NAMED = 0.9  # sureness when a procedure is called by its official name
FILE = "ranker.pickle"
QUESTIONS = Path(__file__).parent / "data" / "linking"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class ProcedureLinker(GraphComponent):
    """See the module. Config: `answer_at`, `ask_at` (sureness), `phrases` (catalogue phrases learned from)."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"answer_at": 0.5, "ask_at": 0.1, "unknown_at": 0.6, "phrases": 500}

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource, ranker: Ranker | None = None, remembered: Sequence[tuple[str, tuple[str, ...]]] = (), context: ContextModel | None = None, acts: ActModel | None = None):
        self.config = config
        self._storage = storage
        self._resource = resource
        self.ranker = ranker
        self.remembered = remembered
        self.context = context
        self.acts = acts
        settings = get_settings()
        self._search: ProcedureSearch | None = None
        self._settings = settings
        self._prepared: Prepared | None = None
        self._prepared_for: ProcedureIndex | None = None

    @classmethod
    def create(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext) -> ProcedureLinker:
        return cls(config, model_storage, resource)

    # -- training --------------------------------------------------------------------------------

    def train(self, training_data: TrainingData) -> Resource:
        """Learns from the shipped catalogue only, so that every machine learns the same."""
        # The cache serves the first start after the training too, where the database holds no more than that.
        index = cached_index(*load_entries(open_store(self._settings.database), {"curated", "register"}), self._settings.cache)
        questions, outside = read_questions()
        # A question about a code that only the lists of a full database know teaches nothing here.
        questions = [Example(normalise(q.text).text, q.codes) for q in questions if q.codes & index.row_of.keys()]
        outside = [normalise(text).text for text in outside]
        self.remembered = [(q.text, tuple(sorted(q.codes))) for q in questions]
        prepared, pairs = prepare(index, self.remembered), read_context()
        self.acts, parts = learn_acts(index, prepared, questions, pairs)
        prepared.acts, unseen = self.acts, [replace(prepared, acts=acts) for acts in parts]
        self.ranker = learn(index, prepared, unseen, questions, outside, self.config["phrases"])
        self.context = learn_context(index, unseen, self.ranker, pairs, questions, [*outside, *_beside(training_data)])
        with self._storage.write_to(self._resource) as folder, (folder / FILE).open("wb") as handle:
            pickle.dump((self.ranker, self.remembered, self.context, self.acts), handle)
        return self._resource

    @classmethod
    def load(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext, **kwargs: Any) -> ProcedureLinker:
        with model_storage.read_from(resource) as folder, (folder / FILE).open("rb") as handle:
            return cls(config, model_storage, resource, *pickle.load(handle))

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    # -- using -----------------------------------------------------------------------------------

    def index(self) -> tuple[ProcedureIndex, Prepared]:
        if self._search is None:
            self._search = ProcedureSearch(open_store(self._settings.database), self._settings.cache)
        index = self._search.index()
        if index is not self._prepared_for:
            self._prepared = prepare(index, self.remembered, self.acts)
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
    return {"candidates": [], "decision": "none", "sureness": 0.0, "offer": [], "topical": round(_topical(query, index), 3), "topical_words": query.topical[:60], "features": {}}


def read_questions(folder: Path = QUESTIONS) -> tuple[list[Example], list[str]]:
    """(written questions with codes, messages that no procedure answers)."""
    questions, outside = [], []
    for path in (*sorted(folder.glob("questions*.jsonl")), folder / "outside.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                row = json.loads(line)
                if row.get("codes"):
                    questions.append(Example(row["text"], frozenset(row["codes"])))
                else:
                    outside.append(row["text"])
    return questions, outside


def part_of(code: str) -> int:
    """0 or 1: procedures are learned from in two parts, so that what is judged was not seen by what judges it."""
    return zlib.crc32(code.encode()) % 2


def learn_acts(index: ProcedureIndex, prepared: Prepared, questions: list[Example], pairs: list[Pair]) -> tuple[ActModel, list[ActModel]]:
    """(model of all, [the one that saw nothing of part 0, the one that saw nothing of part 1])."""
    said = [(e.text, e.codes) for e in questions] + [(p.text, p.codes) for p in pairs if p.topic not in p.codes]
    told = [(text, min(codes & index.row_of.keys())) for text, codes in said if codes & index.row_of.keys()]

    def fitted(use: list[tuple[str, str]]) -> ActModel:
        rows = [row for row, _ in index.phrases] + [index.row_of[code] for _, code in use]
        texts = [text for _, text in index.phrases] + [text for text, _ in use]
        return ActModel.fitted(texts, prepared.variants[rows], [1.0] * len(index.phrases) + [2.0] * len(use))

    return fitted(told), [fitted([one for one in told if part_of(one[1]) != part]) for part in (0, 1)]


def learn(index: ProcedureIndex, prepared: Prepared, unseen: list[Prepared], questions: list[Example], outside: list[str], phrases: int) -> Ranker:
    """Fit the ranker on all, its sureness on parts that the ranker of the part did not see; `unseen`: see `learn_acts`."""
    known, plainly = learning_examples(index, phrases), plain_examples(index, phrases // 2)
    folds = [[example for example in questions if part_of(min(example.codes & index.row_of.keys())) == part] for part in (0, 1)]
    # As if the catalogue lacked the right one: then nothing must be answered. Rarer among real questions than here.
    lost = [[example for example in fold[::8]] for fold in folds]
    nowhere = [Example(text, frozenset()) for text in outside]
    jobs = [(example, False, prepared) for example in (*known, *plainly)]
    jobs += [(example, False, unseen[part]) for part in (0, 1) for example in folds[part]]
    jobs += [(example, False, prepared) for example in nowhere]
    jobs += [(example, True, unseen[part]) for part in (0, 1) for example in lost[part]]
    done = iter(spread(lambda job: judge(index, job[2], job[0], drop_right=job[1]), jobs))
    learned, plain, first, second, nothing, *lacking = ([next(done) for _ in part] for part in (known, plainly, *folds, nowhere, *lost))
    asked = (first, second)
    for one in (*first, *second):
        one.weight = 3.0
    parts = [learned + plain[1 - fold :: 2] + asked[1 - fold] for fold in (0, 1)] + [learned + plain + first + second]
    # The fit of trees leaves the interpreter lock, so threads do.
    rankers = Parallel(n_jobs=2, prefer="threads")(delayed(Ranker.fitted)(part) for part in parts)
    checked: list[tuple[Ranker, Judged, bool, float]] = []
    for fold, ranker in enumerate(rankers[:2]):
        checked += [(ranker, one, True, 1.0) for one in (*asked[fold], *plain[fold::2])]
        checked += [(ranker, one, False, 0.8) for one in lacking[fold]]
        checked += [(ranker, one, False, 1.0) for one in nothing[fold::2]]
    rankers[2].fit_sureness(checked)
    return rankers[2]


@dataclass
class Pair:
    """A procedure in hand, the next message, and the procedures that it means."""

    topic: str
    text: str
    codes: frozenset[str]
    weight: float = 1.0


def read_context(path: Path = QUESTIONS / "context.jsonl") -> list[Pair]:
    """Written pairs: what people say next, with the code in hand and the codes meant."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [Pair(row["topic"], normalise(row["text"]).text, frozenset(row["codes"])) for row in rows]


def _beside(training_data: TrainingData) -> list[str]:
    """Messages about no procedure: for the documents, out of scope, or about nothing."""
    found = (e.get(TEXT) for e in training_data.intent_examples if e.get(INTENT) in ("ask_guidance", "out_of_scope", "chitchat", "unsafe"))
    return [normalise(text).text for text in sorted(found)]


def learn_context(
    index: ProcedureIndex, unseen: list[Prepared], ranker: Ranker, written: list[Pair], questions: list[Example], beside: list[str]
) -> ContextModel:
    """Fit on the written pairs, and on messages after a procedure taken by chance: questions mostly move on, and what
    is `beside` all procedures means neither the one in hand nor another."""
    dice = random.Random(3)
    same_field: dict[str, list[str]] = defaultdict(list)
    for entry in index.entries:
        same_field[entry.field].append(entry.code)
    popular = [entry.code for entry in index.entries if entry.popularity >= 2] or [entry.code for entry in index.entries]
    pairs = [p for p in written if p.topic in index.row_of and p.codes & index.row_of.keys()]
    for question in dice.sample(questions, min(300, len(questions))):
        code = min(question.codes & index.row_of.keys())
        topic = dice.choice((code, dice.choice(same_field[index.entries[index.row_of[code]].field]), dice.choice(popular)))
        pairs.append(Pair(topic, question.text, frozenset({topic}) if topic in question.codes else question.codes, 0.5))

    pairs += [Pair(dice.choice(popular), text, frozenset(), 0.7) for text in dice.sample(beside, min(350, len(beside)))]

    def seen(pair: Pair) -> Looked | None:
        query = make_query(pair.text)
        prepared = unseen[part_of(min(pair.codes & index.row_of.keys() or {pair.topic}))]
        right = {index.row_of[code] for code in pair.codes if code in index.row_of}
        found = candidates(index, prepared, query, hidden=Hidden(-1, {}, frozenset(), rows=tuple(right)))
        if not len(found.rows):
            return None
        order, scores = ranker.order(found)
        rows, features = look(index, prepared, ranker, query, index.row_of[pair.topic], (found, order, scores, ranker.sureness(found, order, scores)))
        return Looked(rows, features, right, pair.weight)

    return ContextModel().fit([one for one in spread(seen, pairs) if one is not None])
