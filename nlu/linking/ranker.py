"""The learned ranker and its calibrated decision: answer, ask, or say that nothing fits.

Learned from the phrases of the catalogue (each hidden from the index while it serves as a question) and from
written questions. Nothing in it names a procedure, so procedures that are imported later are ranked as well.
"""

from __future__ import annotations

import random
import zlib
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from knowledge.search.procedures import ProcedureIndex
from nlu.linking.features import NAMES, Candidates, Hidden, Prepared, candidates, hide
from nlu.linking.query import make_query
from nlu.linking.trees import Trees
from nlu.parallel import one_thread

SHOWN = 10
LEARNED = 14  # candidates of an example that are learned from; measured: 12 to 20 rank as well as 40 or better, in a third of the time


@dataclass
class Example:
    """A question with the codes that answer it; `phrase` marks one taken from the catalogue itself."""

    text: str
    codes: frozenset[str]
    phrase: bool = False  # hidden from the index while it is asked


@dataclass
class Judged:
    """Candidates of one example with labels: 1 right, 0 wrong, -1 the same act at another level (not learned from)."""

    found: Candidates
    labels: np.ndarray
    weight: float = 1.0


def judge(index: ProcedureIndex, prepared: Prepared, example: Example, *, drop_right: bool = False, forget: str = "some") -> Judged:
    """Candidates of an example; `drop_right` takes the right procedures away, as if the catalogue lacked them.

    forget: whose remembered questions are out of sight - "some": of half of all procedures by chance, so that neither
    being remembered nor being unknown looks like being right; "right": of the right ones; "none".
    """
    rows = {index.row_of[code] for code in example.codes if code in index.row_of}
    families = {prepared.families[row] for row in rows}
    hidden = hide(index, min(rows), example.text) if example.phrase and rows else Hidden(-1, {}, frozenset(), rows=tuple(rows))
    if forget == "some":
        hidden.forgotten = np.random.default_rng(zlib.crc32(example.text.encode())).random(len(index.entries)) < 0.5
    elif forget == "right":
        hidden.forgotten = np.zeros(len(index.entries), dtype=bool)
        hidden.forgotten[list(rows)] = True
    without = {row for row, family in enumerate(prepared.families) if family in families} if drop_right else None
    found = candidates(index, prepared, make_query(example.text), hidden=hidden, without=without)
    labels = np.asarray([1 if row in rows else -1 if prepared.families[row] in families else 0 for row in found.rows], dtype=np.int8)
    found.scores = {}  # examples travel between processes
    return Judged(found, labels)


def _near(judged: Judged) -> tuple[np.ndarray, np.ndarray]:
    """(features, labels) to learn from: the right ones, and the wrong ones near the top; far ones teach nothing."""
    use = (judged.labels == 1) | ((judged.labels == 0) & (np.arange(len(judged.labels)) < LEARNED))
    return judged.found.features[use], judged.labels[use]


class Ranker:
    """Scores candidates (boosted trees and a linear model, summed) and tells how sure the first one is."""

    def __init__(self) -> None:
        self.linear: tuple[np.ndarray, float] | None = None
        self.trees: Trees | None = None
        self.sure: Trees | None = None

    # -- learning --------------------------------------------------------------------------------

    @classmethod
    def fitted(cls, judged: list[Judged]) -> Ranker:
        ranker = cls()
        ranker.fit(judged)
        return ranker

    def fit(self, judged: list[Judged]) -> None:
        kept = [(*_near(j), j.weight) for j in judged if (j.labels == 1).any()]
        features = np.vstack([f for f, _, _ in kept])
        labels = np.concatenate([y for _, y, _ in kept])
        weights = np.concatenate([np.full(len(y), w) for _, y, w in kept])
        linear = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=400))
        linear.fit(features, labels, logisticregression__sample_weight=weights)
        # One product a turn instead of two steps of scikit-learn with their checks.
        scaler, model = linear[0], linear[1]
        slope = model.coef_[0] / scaler.scale_
        self.linear = (slope, float(model.intercept_[0] - scaler.mean_ @ slope))
        trees = HistGradientBoostingClassifier(max_iter=75, learning_rate=0.17, max_leaf_nodes=15, min_samples_leaf=40, l2_regularization=1.0, random_state=0)
        with one_thread():
            self.trees = Trees(trees.fit(features, labels, sample_weight=weights))

    def fit_sureness(self, judged: list[tuple[Ranker, Judged, bool, float]]) -> None:
        """(a ranker that did not learn from it, judged, answerable, weight): weights make up for how often it happens."""
        rows, labels, weights = [], [], []
        judged = [item for item in judged if len(item[1].found.rows)]
        # All at once: a call for each would cost more in calling than in scoring.
        raw: dict[int, np.ndarray] = {}
        for ranker in {id(item[0]): item[0] for item in judged}.values():
            own = [number for number, item in enumerate(judged) if item[0] is ranker]
            scored = ranker.raw(np.vstack([judged[number][1].found.features for number in own]))
            raw.update(zip(own, np.split(scored, np.cumsum([len(judged[number][1].found.rows) for number in own])[:-1])))
        for number, (_, one, answerable, weight) in enumerate(judged):
            order = np.argsort(-raw[number], kind="stable")
            scores = raw[number][order]
            right = answerable and one.labels[order[0]] != 0 and (one.labels == 1).any()
            rows.append(self._decision_features(one.found, order, scores))
            labels.append(int(right))
            weights.append(weight)
        trees = HistGradientBoostingClassifier(max_iter=80, learning_rate=0.07, max_leaf_nodes=6, min_samples_leaf=30, l2_regularization=5.0, random_state=0)
        with one_thread():
            self.sure = Trees(trees.fit(np.vstack(rows), labels, sample_weight=weights))

    # -- using -----------------------------------------------------------------------------------

    def raw(self, features: np.ndarray) -> np.ndarray:
        """Scores of candidates, shape (n,), from features (n, len(NAMES))."""
        slope, base = self.linear
        return features @ slope + base + self.trees.raw(features)

    def order(self, found: Candidates) -> tuple[np.ndarray, np.ndarray]:
        """(positions best first, their raw scores)."""
        raw = self.raw(found.features)
        order = np.argsort(-raw, kind="stable")
        return order, raw[order]

    _KEPT = tuple(NAMES.index(n) for n in ("covers question", "covers question (title)", "title covered", "title", "names", "situations", "variants question only", "variants title only", "popularity", "question words", "topical mass", "unknown share", "fields agreeing", "accented", "name_characters", "asked", "asked/max", "asked votes", "pairs", "pairs - best", "covers question - best", "variants - best"))

    def _decision_features(self, found: Candidates, order: np.ndarray, scores: np.ndarray) -> np.ndarray:
        first = found.families[order[0]]
        rivals = [score for place, score in zip(order, scores) if found.families[place] != first][:3]
        rivals += [(rivals or [scores[-1]])[-1] - 3.0] * (3 - len(rivals))
        spread = np.asarray([scores[0], scores[0] - rivals[0], scores[0] - rivals[1], scores[0] - rivals[2]])
        return np.concatenate([spread, found.features[order[0], list(self._KEPT)]])

    def sureness(self, found: Candidates, order: np.ndarray, scores: np.ndarray) -> float:
        """Calibrated probability (0..1) that the first candidate is the right procedure."""
        if not len(order):
            return 0.0
        return float(self.sure.chance(self._decision_features(found, order, scores)[None, :])[0])

    @staticmethod
    def shares(scores: np.ndarray, sureness: float) -> np.ndarray:
        """Scores of the first SHOWN candidates as shares: the first has its sureness, the rest divide by softmax."""
        shown = scores[:SHOWN]
        if not len(shown):
            return shown
        softmax = np.exp((shown - shown[0]) / 2.0)
        return sureness * softmax


def learning_examples(index: ProcedureIndex, limit: int, seed: int = 13) -> list[Example]:
    """Phrases of the catalogue as questions: popular procedures more often than rare ones."""
    rng = random.Random(seed)
    by_row: dict[int, list[str]] = defaultdict(list)
    for row, text in index.phrases:
        by_row[row].append(text)
    rows = sorted(by_row)
    weights = [1.0 + index.entries[row].popularity for row in rows]
    examples, seen = [], set()
    for row in rng.choices(rows, weights, k=limit * 3):
        text = rng.choice(by_row[row])
        if (row, text) not in seen:
            seen.add((row, text))
            examples.append(Example(text, frozenset({index.entries[row].code}), phrase=True))
        if len(examples) == limit:
            break
    return examples


def plain_examples(index: ProcedureIndex, limit: int, seed: int = 17) -> list[Example]:
    """People also use the official name, or just a name that is known: those must not look doubtful."""
    rng = random.Random(seed)
    rows = rng.choices(range(len(index.entries)), [1.0 + 2 * e.popularity for e in index.entries], k=limit)
    examples = []
    for row in dict.fromkeys(rows):
        entry = index.entries[row]
        text = entry.name if rng.random() < 0.5 or not entry.names else rng.choice(entry.names)
        examples.append(Example(f"{text} {rng.choice(ASKED)}", frozenset({entry.code})))
    return examples


ASKED = ("cần giấy tờ gì", "hết bao nhiêu tiền", "mất bao lâu", "nộp ở đâu", "làm thế nào", "dùng mẫu nào", "có làm qua mạng được không", "")
