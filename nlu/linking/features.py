"""Candidates of a message and the features by which the ranker weighs them."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from knowledge.search.analysis import fold, folded_words
from knowledge.search.procedures import ProcedureIndex
from nlu.linking.query import Query, variant_patterns, variants

CANDIDATES = 40
VIEWS = ("title", "title_bm25", "names", "situations", "phrases_bm25", "body", "title_characters", "name_characters", "accented")
# First rough mix, only to choose who is looked at closely; the ranker weighs anew.
MIX = {"title": 1.0, "title_bm25": 0.8, "names": 1.0, "situations": 0.9, "phrases_bm25": 1.0, "body": 0.5, "title_characters": 0.6, "name_characters": 0.7, "accented": 0.6}
LEVEL_CLASSES = ("commune", "province", "ministry")
KEY_VARIANTS = ("foreign", "border", "reissue", "change", "extend", "revoke", "first", "organisation", "child", "transfer", "copy", "combined", "military")

# The ranker is learned on the shipped catalogue, where most procedures have names but no papers yet; so papers (the
# body view) help to find candidates but are not weighed. Measured: no loss (docs/adr/0003-linker.md).
RANKED = tuple(view for view in VIEWS if view != "body")
NAMES = (
    [f"{view}" for view in RANKED]
    + [f"{view}/max" for view in RANKED]
    + ["mix", "mix/max", "covers question", "covers question (title)", "title covered"]
    + ["variants both", "variants question only", "variants title only"]
    + [f"variant {name}" for name in KEY_VARIANTS]
    + ["level said fits", "level said differs", "popularity", "is commune", "is province", "is ministry", "title words"]
    + ["question words", "topical mass", "unknown share", "has accents", "best title", "best names", "best situations", "fields agreeing"]
)

_PAREN = re.compile(r"\([^()]*\)")
_LEVEL_WORDS = re.compile(r"\b(?:cap|tai|o) (?:trung uong|tinh|xa|bo|huyen)\b|\btrung uong\b")


def family_key(name: str) -> str:
    """A title without what names only the level: procedures that share it are the same act at other levels."""
    folded = fold(name)
    stripped = _PAREN.sub(lambda m: " " if re.search(r"cap (?:trung uong|tinh|xa|bo|huyen)|thuc hien tai", m.group()) else m.group(), folded)
    return re.sub(r"\s+", " ", _LEVEL_WORDS.sub(" ", stripped).replace("thu tuc ", "")).strip()


@dataclass
class Prepared:
    """Per index, computed once: what the features need of every procedure."""

    variants: list[frozenset[str]]
    level: list[str]
    families: list[str]
    fields: list[str]


def prepare(index: ProcedureIndex) -> Prepared:
    marks = [variants(entry.name) for entry in index.entries]
    level = ["xã" if "xã" in e.levels else "tỉnh" if "tỉnh" in e.levels else "bộ" if "bộ" in e.levels else "khác" for e in index.entries]
    return Prepared(marks, level, [family_key(e.name) for e in index.entries], [e.field for e in index.entries])


@dataclass
class Hidden:
    """One phrase of a procedure taken out of sight, so that the ranker can learn from it as a question."""

    row: int
    phrases: dict[str, np.ndarray]  # view -> phrase numbers
    words: frozenset[str]  # words that the procedure is known by only through this phrase


def hide(index: ProcedureIndex, row: int, text: str) -> Hidden:
    entry = index.entries[row]
    rest = frozenset(folded_words(" ".join((entry.name, entry.field, entry.agency, *(t for t in (*entry.names, *entry.situations) if t != text)))))
    phrases = {}
    for view in VIEWS:
        phrase_view = getattr(index, view)
        first, last = np.searchsorted(phrase_view.owners, [row, row + 1])
        phrases[view] = np.asarray([n for n in range(first, last) if phrase_view.texts[n] == text], dtype=np.int64)
    return Hidden(row, phrases, index.vocabulary[row] - rest)


@dataclass
class Candidates:
    """rows: (n,) positions in the index, best of the rough mix first; features: (n, len(NAMES)) float32."""

    rows: np.ndarray
    features: np.ndarray
    mix: np.ndarray


def view_scores(index: ProcedureIndex, query: Query, exclude: dict[str, np.ndarray] | None = None) -> dict[str, np.ndarray]:
    exclude = exclude or {}
    scores = {}
    for view in VIEWS:
        if view in ("title_characters", "name_characters"):
            scores[view] = getattr(index, view).scores(query.characters, None, exclude.get(view))
        elif view == "accented":
            scores[view] = index.accented.scores(query.accented, query.accented_weights, exclude.get(view)) if query.has_accents else np.zeros(len(index.entries), np.float32)
        else:
            scores[view] = getattr(index, view).scores(query.terms, query.weights, exclude.get(view))
    return scores


def candidates(
    index: ProcedureIndex,
    prepared: Prepared,
    query: Query,
    *,
    hidden: Hidden | None = None,
    without: set[int] | None = None,
    always: tuple[int, ...] = (),
) -> Candidates:
    """The best CANDIDATES procedures of the rough mix, with features.

    hidden: a phrase that must not be seen (learning from it); without: rows not to be offered; always: rows to add.
    """
    exclude = hidden.phrases if hidden else None
    scores = view_scores(index, query, exclude)
    best = {view: float(values.max()) if len(values) else 0.0 for view, values in scores.items()}
    mix = np.zeros(len(index.entries), dtype=np.float32)
    for view, values in scores.items():
        if best[view] > 0:
            mix += MIX[view] * values / best[view]
    if without:
        mix[list(without)] = -1.0
    count = min(CANDIDATES, len(mix))
    rows = np.argpartition(-mix, count - 1)[:count] if count else np.zeros(0, int)
    rows = rows[np.argsort(-mix[rows], kind="stable")]
    rows = rows[mix[rows] > 0]
    if always:
        rows = np.concatenate([rows, [r for r in always if r not in set(rows.tolist())]]).astype(int)
    return Candidates(rows, _features(index, prepared, query, rows, scores, best, mix, hidden), mix)


def _features(index, prepared, query, rows, scores, best, mix, hidden) -> np.ndarray:
    n = len(rows)
    columns = [scores[view][rows] for view in RANKED]
    columns += [scores[view][rows] / best[view] if best[view] > 0 else np.zeros(n) for view in RANKED]
    bodiless = mix[rows] - (MIX["body"] * scores["body"][rows] / best["body"] if best["body"] > 0 else 0.0)
    top = float(bodiless.max()) if n else 0.0
    columns += [bodiless, bodiless / top if top > 0 else np.zeros(n)]

    asked = {word: index.idf(word) * query.weights.get(word, 1.0) for word in dict.fromkeys(query.tokens)}
    total = sum(asked.values()) or 1.0
    unknown = sum(value for word, value in asked.items() if word not in index.word_idf) / total
    own = np.zeros((n, 3), dtype=np.float32)
    marks = np.zeros((n, 3 + len(KEY_VARIANTS) + 2), dtype=np.float32)
    tail = np.zeros((n, 5), dtype=np.float32)
    levels_said = [c for c in LEVEL_CLASSES if c in query.variants]
    fields: dict[str, int] = {}
    for row in rows[:10]:
        fields[prepared.fields[row]] = fields.get(prepared.fields[row], 0) + 1
    agreeing = np.zeros(n, dtype=np.float32)
    nothing: frozenset[str] = frozenset()
    for i, row in enumerate(rows):
        title = index.title_sets[row]
        vocabulary = index.vocabulary[row]
        unseen = hidden.words if hidden and row == hidden.row else nothing
        in_vocabulary = in_title = 0.0
        for word, value in asked.items():
            if word in title:
                in_title += value
            if word in vocabulary and word not in unseen:
                in_vocabulary += value
        title_total = title_seen = 0.0
        for word in title:
            value = index.idf(word)
            title_total += value
            if word in asked:
                title_seen += value
        own[i] = (in_vocabulary / total, in_title / total, title_seen / (title_total or 1.0))
        mine = prepared.variants[row]
        both, question_only, title_only = query.variants & mine, query.variants - mine, mine - query.variants
        marks[i, 0:3] = (len(both), len(question_only), len(title_only))
        for k, name in enumerate(KEY_VARIANTS):
            marks[i, 3 + k] = 1.0 if name in both else -1.0 if name in title_only else -0.5 if name in question_only else 0.0
        level = prepared.level[row]
        said = {"commune": "xã", "province": "tỉnh", "ministry": "bộ"}
        marks[i, -2] = float(any(said[c] == level for c in levels_said))
        marks[i, -1] = float(bool(levels_said) and not marks[i, -2])
        tail[i] = (index.popularity[row], level == "xã", level == "tỉnh", level == "bộ", len(title))
        agreeing[i] = fields.get(prepared.fields[row], 0)
    mass = sum(index.idf(w) for w in query.topical)
    shared = np.tile(
        np.asarray([len(query.tokens), mass, unknown, float(query.has_accents), best["title"], best["names"], best["situations"]], dtype=np.float32), (n, 1)
    )
    return np.column_stack([*columns, own, marks, tail, shared, agreeing]).astype(np.float32) if n else np.zeros((0, len(NAMES)), np.float32)


assert len(NAMES) == 2 * len(RANKED) + 2 + 3 + 3 + len(KEY_VARIANTS) + 2 + 5 + 7 + 1, "NAMES must follow _features"
assert {c for c in KEY_VARIANTS} <= {name for name, _ in variant_patterns()}
