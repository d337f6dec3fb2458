"""A message inside a talk: does it go on about the procedure in hand, or move to another, and to which?

Learned from written pairs (procedure in hand, next message, procedure meant). The candidates are those of the message
alone, those of the message read together with the name of the procedure in hand ("thế cấp lại?"), and that procedure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from knowledge.search.analysis import fold
from knowledge.search.procedures import ProcedureIndex, short_title
from nlu.linking.acts import likelihood
from nlu.linking.features import NAMES, UNTOUCHED, Candidates, Prepared, candidates, marks_of
from nlu.linking.query import Query, make_query
from nlu.linking.ranker import Ranker
from nlu.linking.trees import Trees
from nlu.parallel import one_thread

TITLE_WEIGHT = 0.45  # of the words that only the procedure in hand brings in
LOOKED_AT = 8  # candidates of each reading
GOES_ON = 0.5  # chance of a class of the procedure in hand, unless the message makes it likelier
FAR = -15.0  # score of a candidate that one reading did not find
CUES = {
    "deictic": r"\b(?:nay|do|ay|kia|no)\b",
    "connected": r"^(?:da |a |ok |uh |u )?(?:the|con|vay|roi|tiep|ngoai ra|nhung|neu|a|ua|ma|nhan tien|sau do|vay thi)\b",
    "wants": r"\b(?:muon|xin|can lam|dinh|tinh|dang ki|di lam)\b",
    "corrects": r"\b(?:y (?:toi|em|minh|la|mik|tui)|khong phai|k phai|ko phai|hong phai|nham|chi can|chu khong)\b",
    "named act": r"\b(?:cap|doi|gia han|xoa|huy|thay doi|sua|cham dut|tam ngung|khai|chuyen|tach|nhap|thu hoi|xac nhan|dang ki|bo sung|dieu chinh)\b",
    "asks": r"\b(?:bao lau|may ngay|bao nhieu|nhieu tien|o dau|nop|giay to|ho so|phi|online|qua mang|mau|ket qua|co can|co phai|duoc khong)\b",
    "says procedure": r"\bthu tuc\b",
    "story": r"\b(?:toi|em|con|chau|chong|vo|me|bo|ba|nha)\b",
}
_CUES = [re.compile(pattern) for pattern in CUES.values()]
COMPARED = ("alone", "merged", "covers", "body", "pairs", "asked", "variants", "associated")  # also against the procedure in hand and the best of all
FEATURES = (
    "is topic", "alone", "alone - others", "alone rank", "merged", "merged - others", "same field", "like topic", "covers", "covers - topic", "body",
    "body - topic", "pairs", "asked", "variants", "associated", "variants met", "variants unmet", "variants new",
    "topic meets", "topic does not meet", "sureness", "mass", "unknown", "words", "topical words", "title of topic said", *CUES, "act", "act - topic", "act - best",
    *(f"{name} - {other}" for other in ("of topic", "of all") for name in COMPARED),
)  # fmt: skip


@dataclass
class InTalk:
    """rows: candidates best first; shares: probability (0..1) that each is meant, shape (n,)."""

    rows: np.ndarray
    shares: np.ndarray


def merged(query: Query, title: Query) -> Query:
    """The message with the words of the procedure in hand added, at less weight."""
    said = set(query.tokens)
    added = [word for word in title.tokens if word not in said]
    weights = {term: TITLE_WEIGHT * weight for term, weight in title.weights.items()} | query.weights
    return replace(query, tokens=query.tokens + added, terms=query.terms + [t for t in title.terms if t not in query.weights], weights=weights, variants=query.variants or title.variants)


def look(index: ProcedureIndex, prepared: Prepared, ranker: Ranker, query: Query, topic: int, alone: tuple[Candidates, np.ndarray, np.ndarray, float]) -> tuple[np.ndarray, np.ndarray]:
    """(rows to choose from, features of shape (rows, FEATURES)). `alone`: the candidates without context, order, scores, sureness."""
    found, order, scores, sure = alone
    chance = found.chance
    # What the message does not speak of goes on as it was.
    joined_chance = np.where(prepared.variants[topic], np.maximum(chance, GOES_ON), chance)
    both = candidates(index, prepared, merged(query, make_query(short_title(index.entries[topic].name))), always=(topic,), known={view: found.scores[view] for view in UNTOUCHED if view in found.scores}, chance=joined_chance)
    joint = ranker.raw(both.features) if len(both.rows) else np.zeros(0)
    first = {int(found.rows[place]): (float(score), rank) for rank, (place, score) in enumerate(zip(order, scores))}
    second = {int(row): float(score) for row, score in zip(both.rows, joint)}
    rows = [int(row) for row in found.rows[order[:LOOKED_AT]]] + [int(both.rows[place]) for place in np.argsort(-joint, kind="stable")[:LOOKED_AT]]
    rows = list(dict.fromkeys([*rows, topic]))
    place_of = {int(row): place for place, row in enumerate(found.rows)}
    words = set(query.topical)
    mass = sum(index.idf(word) for word in words) or 1.0
    said = sum(index.idf(word) for word in words)
    title = index.title_sets[topic]
    folded = fold(query.text)
    cues = [float(bool(pattern.search(folded))) for pattern in _CUES]
    # Read with the topic's own name, the topic is always found; it is compared with the others, not with itself.
    rest = sorted((score for row, score in second.items() if row != topic), reverse=True)
    alone_rest = sorted((score for row, (score, _) in first.items()), reverse=True)

    def known(row: int, bag: frozenset[str]) -> float:
        return sum(index.idf(word) for word in words if word in bag) / mass

    covers_topic, body_topic = known(topic, index.vocabulary[topic]), known(topic, index.body_words[topic])
    # "Nếu bị mất?" after a first issue: the re-issue has what the message says and the procedure in hand lacks.
    marks, own = marks_of(query.variants), prepared.variants[topic]
    shared = [int((marks & own).sum()), int((marks & ~own).sum()), sure, said, found.features[order[0], _UNKNOWN] if len(order) else 1.0, len(query.tokens), len(words), len(words & title) / max(1, len(title)), *cues]
    table = []
    for row in rows:
        score, rank = first.get(row, (FAR, 40))
        place = place_of.get(row)
        other = next((s for s in alone_rest if s != score), FAR)
        joined = second.get(row, FAR)
        rival = next((s for s in rest if s != joined), FAR)
        covers, body = known(row, index.vocabulary[row]), known(row, index.body_words[row])
        theirs, kind = index.title_sets[row], prepared.variants[row]
        table.append(
            [
                row == topic, score, score - other, rank, joined, joined - rival, prepared.fields[row] == prepared.fields[topic],
                len(title & theirs) / max(1, len(title | theirs)), covers, covers - covers_topic, body, body - body_topic,
                found.features[place, _PAIRS] if place is not None else 0.0, found.features[place, _ASKED] if place is not None else 0.0,
                found.features[place, _VARIANTS] if place is not None else -1.0, found.features[place, _ASSOCIATED] if place is not None else -1.0,
                int((marks & kind).sum()), int((marks & ~kind).sum()), int((kind & ~marks & ~own).sum()), *shared,
            ]
        )  # fmt: skip
    acts = likelihood(chance, prepared.variants[rows]).sum(1)
    acts = np.stack([acts, acts - acts[rows.index(topic)], acts - acts.max()], axis=1)
    known_so_far = np.asarray(table, dtype=np.float32)
    compared = known_so_far[:, _COMPARED]
    return np.asarray(rows), np.hstack([known_so_far, acts, compared - compared[rows.index(topic)], compared - compared.max(axis=0)])


_COMPARED = [FEATURES.index(name) for name in COMPARED]
_UNKNOWN, _PAIRS, _ASKED, _VARIANTS, _ASSOCIATED = (NAMES.index(name) for name in ("unknown share", "pairs", "asked", "variants - best", "associated"))


@dataclass
class Looked:
    """One pair to learn from: rows to choose from, their features, the right rows."""

    rows: np.ndarray
    features: np.ndarray
    right: set[int]
    weight: float = 1.0


class ContextModel:
    """Chooses between the procedure in hand and others."""

    def __init__(self) -> None:
        self.trees: Trees | None = None

    def fit(self, looked: list[Looked]) -> ContextModel:
        """Learn from the pairs whose right procedure is among the rows, and from messages that mean none."""
        kept = [(one, np.isin(one.rows, list(one.right))) for one in looked if not one.right or one.right & set(one.rows.tolist())]
        weights = np.concatenate([np.full(len(one.rows), one.weight) for one, _ in kept])
        trees = HistGradientBoostingClassifier(max_iter=100, learning_rate=0.09, max_leaf_nodes=10, min_samples_leaf=25, l2_regularization=3.0, random_state=0)
        with one_thread():
            trees.fit(np.vstack([one.features for one, _ in kept]), np.concatenate([labels for _, labels in kept]), sample_weight=weights)
        self.trees = Trees(trees)
        return self

    def choose(self, rows: np.ndarray, features: np.ndarray) -> InTalk:
        chance = self.trees.chance(features)
        order = np.argsort(-chance, kind="stable")
        return InTalk(rows[order], chance[order])
