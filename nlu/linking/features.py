"""Candidates of a message and the features by which the ranker weighs them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.search.analysis import fold, folded_words
from knowledge.search.procedures import PhraseView, ProcedureIndex, folded_terms, short_title
from nlu.linking.acts import ActModel, likelihood
from nlu.linking.associations import AssociatedTitles, Associations
from nlu.linking.query import Query, make_query, variant_patterns, variants

CANDIDATES = 40
VIEWS = ("title", "title_bm25", "names", "situations", "phrases_bm25", "body", "title_characters", "name_characters", "accented")
# View -> what holds its texts, where a phrase can be hidden; BM25 looks at the same.
HELD = {"title": "title", "names": "names", "situations": "situations", "body": "body", "title_characters": "title", "name_characters": "phrased", "accented": "accented"}
# First rough mix, only to choose who is looked at closely; the ranker weighs anew.
MIX = {"title": 1.0, "title_bm25": 0.8, "names": 1.0, "situations": 0.9, "phrases_bm25": 1.0, "body": 0.5, "title_characters": 0.6, "name_characters": 0.7, "accented": 0.6}
MIX_ASKED = 1.0
LEVEL_CLASSES = ("commune", "province", "ministry")
KEY_VARIANTS = ("foreign", "border", "reissue", "change", "extend", "revoke", "first", "organisation", "child", "transfer", "copy", "combined", "military")

# The ranker is learned on the shipped catalogue, where most procedures have names but no papers yet; so papers (the
# body view) help to find candidates but are not weighed. Measured: no loss (docs/adr/0003-linker.md).
RANKED = tuple(view for view in VIEWS if view != "body")
NEAREST = 12  # remembered questions that vote
NAMES = (
    [f"{view}" for view in RANKED]
    + [f"{view}/max" for view in RANKED]
    + ["mix", "mix/max", "covers question", "covers question (title)", "title covered"]
    + ["variants both", "variants question only", "variants title only"]
    + [f"variant {name}" for name in KEY_VARIANTS]
    + ["level said fits", "level said differs", "popularity", "is commune", "is province", "is ministry", "title words"]
    + ["question words", "topical mass", "unknown share", "has accents", "best title", "best names", "best situations", "fields agreeing"]
    + ["asked", "asked/max", "asked votes"]
    + ["covers question - best", "covers question (title) - best", "variants - best", "pairs", "pairs - best"]
    + ["act", "act - best", "act (key)"]
    + [f"act {name}" for name in KEY_VARIANTS]
    + ["associated", "associated - best", "associated (sum)", "associated (sum) - best"]
)

_PAREN = re.compile(r"\([^()]*\)")
_LEVEL_WORDS = re.compile(r"\b(?:cap|tai|o) (?:trung uong|tinh|xa|bo|huyen)\b|\btrung uong\b")


def family_key(name: str) -> str:
    """A title without what names only the level: procedures that share it are the same act at other levels."""
    folded = fold(name)
    stripped = _PAREN.sub(lambda m: " " if re.search(r"cap (?:trung uong|tinh|xa|bo|huyen)|thuc hien tai", m.group()) else m.group(), folded)
    return re.sub(r"\s+", " ", _LEVEL_WORDS.sub(" ", stripped).replace("thu tuc ", "")).strip()


CLASSES = tuple(name for name, _ in variant_patterns())
_LEVELS = {"xã": 0, "tỉnh": 1, "bộ": 2, "khác": 3}


def marks_of(found: frozenset[str]) -> np.ndarray:
    """Variant classes as booleans in the order of CLASSES."""
    return np.asarray([name in found for name in CLASSES], dtype=bool)


@dataclass
class Prepared:
    """Per index, computed once: what the features need of every procedure.

    variants: (procedures, CLASSES) bool; level: (procedures,) 0 commune, 1 province, 2 ministry, 3 other;
    families: title without level; fields: (procedures,) numbers.
    """

    variants: np.ndarray
    level: np.ndarray
    families: list[str]
    fields: np.ndarray
    asked: Asked
    acts: ActModel | None = None  # None: nothing was learned, every class is as likely as not
    associated: AssociatedTitles | None = None

    def chance(self, query: Query) -> np.ndarray:
        """Probability of each class of CLASSES for a message."""
        return self.acts.chance(query.terms, query.variants) if self.acts is not None else np.full(len(CLASSES), 0.5)


class Asked:
    """Written questions with their answers, remembered as further ways in which people speak of a procedure."""

    def __init__(self, index: ProcedureIndex, questions: Iterable[tuple[str, Iterable[str]]] = ()):
        phrases = sorted((index.row_of[code], text) for text, codes in questions for code in codes if code in index.row_of)
        self.view = PhraseView(phrases, len(index.entries), lambda text: make_query(text).matter, "cosine")

    def scores(self, query: Query, hidden: Hidden | None = None) -> tuple[np.ndarray, np.ndarray]:
        """(likeness of the nearest question of each procedure, share of the votes of the nearest of all), shape (procedures,)."""
        votes = np.zeros(self.view.size, dtype=np.float32)
        best = np.zeros(self.view.size, dtype=np.float32)
        if not len(self.view.owners):
            return best, votes
        raw = self.view.index.scores(query.matter, query.weights)
        if hidden is not None:
            own = np.isin(self.view.owners, hidden.rows)
            raw[own & (raw > ALIKE)] = 0.0
            if hidden.forgotten is not None:
                raw[hidden.forgotten[self.view.owners]] = 0.0
        best = self.view.best(raw)
        nearest = np.argpartition(-raw, min(NEAREST, len(raw) - 1))[:NEAREST]
        weight = raw[nearest] ** 2
        np.add.at(votes, self.view.owners[nearest], weight / max(float(weight.sum()), 1e-6))
        return best, votes


ALIKE = 0.85  # a remembered question so near to the one learned from is the same question in another writing


def prepare(index: ProcedureIndex, questions: Iterable[tuple[str, Iterable[str]]] = (), acts: ActModel | None = None, associations: Sequence[Associations] = ()) -> Prepared:
    """What is needed of each procedure; `questions`: (text, codes) to remember; `acts`, `associations`: what was learned."""
    level = [next((n for name, n in _LEVELS.items() if name in e.levels), 3) for e in index.entries]
    number_of: dict[str, int] = {}
    return Prepared(
        np.stack([marks_of(variants(entry.name)) for entry in index.entries]) if index.entries else np.zeros((0, len(CLASSES)), bool),
        np.asarray(level),
        [family_key(e.name) for e in index.entries],
        np.asarray([number_of.setdefault(e.field, len(number_of)) for e in index.entries]),
        Asked(index, questions),
        acts,
        AssociatedTitles(associations, index) if associations else None,
    )


@dataclass
class Hidden:
    """One phrase of a procedure taken out of sight, so that the ranker can learn from it as a question."""

    row: int  # -1: no phrase is hidden, only remembered questions
    phrases: dict[str, np.ndarray]  # view -> phrase numbers
    words: frozenset[str]  # words that the procedure is known by only through this phrase
    pairs: frozenset[str] = frozenset()  # and neighbouring words
    rows: tuple[int, ...] = ()  # all procedures that answer it
    forgotten: np.ndarray | None = None  # (procedures,) bool: whose remembered questions may not be seen at all


def hide(index: ProcedureIndex, row: int, text: str) -> Hidden:
    entry = index.entries[row]
    rest = frozenset(folded_words(" ".join((entry.name, entry.field, entry.agency, *(t for t in (*entry.names, *entry.situations) if t != text)))))
    phrases = {}
    for view, held in HELD.items():
        phrase_view = getattr(index, held)
        phrases[view] = np.asarray([n for n in phrase_view.of(row) if phrase_view.texts[n] == text], dtype=np.int64)
    left = (pair for other in (short_title(entry.name), *(t for t in (*entry.names, *entry.situations) if t != text)) for pair in folded_terms(other) if " " in pair)
    return Hidden(row, phrases, index.vocabulary[row] - rest, index.pairs[row].difference(left), (row,))


@dataclass
class Candidates:
    """rows: (n,) positions in the index, best of the rough mix first; features: (n, len(NAMES)) float32."""

    rows: np.ndarray
    features: np.ndarray
    scores: dict[str, np.ndarray]  # of every procedure by view; empty where nothing needs them any more
    families: list[str]  # of each row: the same act at another level is no rival
    chance: np.ndarray  # of each class of CLASSES, as the message speaks of them


UNTOUCHED = ("title_characters", "name_characters", "accented")  # views that words added by context do not reach


def view_scores(index: ProcedureIndex, query: Query, exclude: dict[str, np.ndarray] | None = None, known: dict[str, np.ndarray] | None = None) -> dict[str, np.ndarray]:
    """Scores of every procedure by view; `known`: those computed already."""
    exclude = exclude or {}
    scores = dict(known or {})
    scores |= index.word_scores(query.terms, query.weights, exclude)
    scores["body"] = index.body.scores(query.terms, query.weights, exclude.get("body"))
    if "title_characters" not in scores:
        scores |= index.character_scores(query.characters, exclude)
    if "accented" not in scores:
        scores["accented"] = index.accented.scores(query.accented, query.accented_weights, exclude.get("accented")) if query.has_accents else np.zeros(len(index.entries), np.float32)
    return scores


def candidates(
    index: ProcedureIndex,
    prepared: Prepared,
    query: Query,
    *,
    hidden: Hidden | None = None,
    without: set[int] | None = None,
    always: tuple[int, ...] = (),
    known: dict[str, np.ndarray] | None = None,
    chance: np.ndarray | None = None,
) -> Candidates:
    """The best CANDIDATES procedures of the rough mix, with features.

    hidden: a phrase that must not be seen (learning from it); without: rows not to be offered; always: rows to add;
    known: scores of some views, computed before; chance: of each class (Prepared.chance), where it is not the query's own.
    """
    exclude = hidden.phrases if hidden else None
    scores = view_scores(index, query, exclude, known)
    near = prepared.asked.scores(query, hidden)
    best = {view: float(values.max()) if len(values) else 0.0 for view, values in scores.items()}
    mix = np.zeros(len(index.entries), dtype=np.float32)
    for view, values in scores.items():
        if best[view] > 0:
            mix += MIX[view] * values / best[view]
    mix += MIX_ASKED * near[0]
    if without:
        mix[list(without)] = -1.0
    count = min(CANDIDATES, len(mix))
    rows = np.argpartition(-mix, count - 1)[:count] if count else np.zeros(0, int)
    rows = rows[np.argsort(-mix[rows], kind="stable")]
    rows = rows[mix[rows] > 0]
    if always:
        rows = np.concatenate([rows, [r for r in always if r not in set(rows.tolist())]]).astype(int)
    chance = prepared.chance(query) if chance is None else chance
    features = _features(index, prepared, query, rows, scores, best, mix, hidden, near, chance)
    return Candidates(rows, features, scores, [prepared.families[row] for row in rows], chance)


def _features(index, prepared, query, rows, scores, best, mix, hidden, near, chance) -> np.ndarray:
    """Shape (rows, NAMES), float32; filled column by column in the order of NAMES."""
    n = len(rows)
    table = np.empty((n, len(NAMES)), dtype=np.float32)
    if not n:
        return table
    filled = 0

    def put(*columns) -> None:
        nonlocal filled
        for column in columns:
            table[:, filled] = column
            filled += 1

    by_view = [scores[view][rows] for view in RANKED]
    put(*by_view)
    put(*(values / best[view] if best[view] > 0 else 0.0 for view, values in zip(RANKED, by_view)))
    bodiless = mix[rows] - (MIX["body"] * scores["body"][rows] / best["body"] if best["body"] > 0 else 0.0)
    top = float(bodiless.max())
    put(bodiless, bodiless / top if top > 0 else 0.0)

    asked = {word: index.idf(word) * query.weights.get(word, 1.0) for word in dict.fromkeys(query.tokens)}
    total = sum(asked.values()) or 1.0
    unknown = sum(value for word, value in asked.items() if word not in index.word_idf) / total
    # What the question asks for, spread over all known words: sums over a procedure's words are then one look-up.
    worth = np.zeros(len(index.idf_of), dtype=np.float32)
    for word, value in asked.items():
        number = index.word_number.get(word)
        if number is not None:
            worth[number] = value
    covers = _sums([index.vocabulary_numbers[row] for row in rows], worth)
    titles = [index.title_numbers[row] for row in rows]
    covers_title = _sums(titles, worth) / total
    title_mass = index.title_mass[rows]
    title_covered = _sums(titles, np.where(worth > 0, index.idf_of, np.float32(0))) / np.where(title_mass > 0, title_mass, 1.0)
    if hidden is not None and (at := np.flatnonzero(rows == hidden.row)).size:
        covers[at[0]] -= sum(asked.get(word, 0.0) for word in hidden.words)
    covers /= total
    put(covers, covers_title, title_covered)

    mine, theirs = prepared.variants[rows], marks_of(query.variants)
    both, question_only, title_only = mine & theirs, ~mine & theirs, mine & ~theirs
    met, unmet, added = both.sum(1), question_only.sum(1), title_only.sum(1)
    put(met, unmet, added)
    put(*(both[:, _KEYS] * 1.0 - title_only[:, _KEYS] * 1.0 - question_only[:, _KEYS] * 0.5).T)
    level = prepared.level[rows]
    levels_said = [number for number, name in enumerate(LEVEL_CLASSES) if name in query.variants]
    fits = np.isin(level, levels_said) if levels_said else np.zeros(n, dtype=bool)
    put(fits, ~fits if levels_said else 0.0)
    put(index.popularity[rows], level == 0, level == 1, level == 2, [len(title) for title in titles])

    put(len(query.tokens), sum(index.idf(w) for w in query.topical), unknown, float(query.has_accents), best["title"], best["names"], best["situations"])
    fields = prepared.fields[rows]
    put((fields[:, None] == fields[None, :10]).sum(1))
    nearest = float(near[0].max())
    like = near[0][rows]
    put(like, like / nearest if nearest > 0 else 0.0, near[1][rows])
    balance = met - unmet - 0.5 * added
    pairs = np.asarray([_pairs(query, index.pairs[row] if hidden is None or row != hidden.row else index.pairs[row] - hidden.pairs) for row in rows], dtype=np.float32)
    put(covers - covers.max(), covers_title - covers_title.max(), balance - balance.max(), pairs, pairs - pairs.max())
    acts = likelihood(chance, mine)
    whole = acts.sum(1)
    put(whole, whole - whole.max(), acts[:, _KEYS].sum(1))
    put(*np.where(mine[:, _KEYS], chance[_KEYS], -chance[_KEYS]).T)
    mean, summed = prepared.associated.of(query, rows) if prepared.associated is not None else (np.zeros(n), np.zeros(n))
    put(mean, mean - mean.max(), summed, summed - summed.max())
    return table


def _sums(bags: list[np.ndarray], worth: np.ndarray) -> np.ndarray:
    """Sum of `worth` over each bag of word numbers, shape (bags,); an empty bag has none."""
    sizes = np.asarray([len(bag) for bag in bags])
    summed = np.concatenate([[0.0], np.cumsum(worth.take(np.concatenate(bags)), dtype=np.float64)])
    ends = np.cumsum(sizes)
    return (summed[ends] - summed[ends - sizes]).astype(np.float32)


def _pairs(query: Query, own: frozenset[str]) -> float:
    """Share (0..1) of the question's word pairs, by weight, that stand in a name of the procedure."""
    if not query.pairs:
        return 0.0
    # A sum that does not hang on the order of a set.
    return math.fsum(map(query.pairs.__getitem__, own.intersection(query.pairs))) / query.pair_mass


_KEYS = [CLASSES.index(name) for name in KEY_VARIANTS]
