"""The procedure index: one set of views over all procedures of a store.

Views (all accent-folded unless said): title, everyday names, situations, body (papers, results,
conditions) by words and word pairs; title and names by characters; title and names with accents.
Names and situations are indexed one phrase a document; a procedure's score is that of its best phrase.
"""

from __future__ import annotations

import itertools
import threading
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import select

from knowledge import models as m
from knowledge.records import NAMED_ONLY, ORIGIN_RANK
from knowledge.search.analysis import char_ngrams, folded_words, terms, words
from knowledge.search.cache import kept
from knowledge.search.sparse import SectionedIndex, SparseIndex
from knowledge.store import Store

FORMAT = 13  # part of the cache key; raise it when the pickled layout or the analysis changes
_PREFIXES = ("thủ tục ", "thủ tục: ")


@dataclass(frozen=True)
class Entry:
    """What the linker knows of one procedure. `detail` is False for codes known by name only."""

    code: str
    name: str
    field: str
    levels: tuple[str, ...]
    agency: str
    audience: tuple[str, ...]
    popularity: int
    family: str
    detail: bool
    names: tuple[str, ...]
    situations: tuple[str, ...]


class Phrases:
    """Many short texts, each owned by a procedure.

    They stand in layers: the first text of every owner, then the second of every owner that has two, and so on, owners
    of most texts first. The best text of each owner is then the maximum of a few arrays laid over one another.
    """

    def __init__(self, phrases: list[tuple[int, str]], size: int):
        held = Counter(owner for owner, _ in phrases)
        of_owner: dict[int, int] = defaultdict(int)
        placed = []
        for owner, text in phrases:
            placed.append((of_owner[owner], -held[owner], owner, text))
            of_owner[owner] += 1
        placed.sort(key=lambda phrase: phrase[:3])
        self.texts = [text for *_, text in placed]
        self.owners = np.asarray([owner for _, _, owner, _ in placed], dtype=np.int64)
        self.size = size
        self.single = len(phrases) == size and bool((self.owners == np.arange(size)).all())  # one text a procedure
        self.layers = [0, *itertools.accumulate(Counter(layer for layer, *_ in placed).values())]

    def of(self, owner: int) -> list[int]:
        """Numbers of the texts of one owner."""
        return np.flatnonzero(self.owners == owner).tolist()

    def best(self, raw: np.ndarray, exclude: np.ndarray | None = None) -> np.ndarray:
        """Score of each procedure, shape (procedures,), from those of its texts; `exclude`: texts to leave out."""
        if exclude is not None and len(exclude):
            raw = raw.copy()
            raw[exclude] = 0.0
        if self.single:
            return raw
        result = np.zeros(self.size, dtype=np.float32)
        if len(raw):
            owned = self.layers[1]
            best = raw[:owned].copy()
            for first, last in itertools.pairwise(self.layers[1:]):
                np.maximum(best[: last - first], raw[first:last], out=best[: last - first])
            result[self.owners[:owned]] = best
        return result


class PhraseView(Phrases):
    """Phrases with an index of their own; scores are the best phrase of each procedure."""

    def __init__(self, phrases: list[tuple[int, str]], size: int, analyse, weighting: str):
        super().__init__(phrases, size)
        self.index = SparseIndex(map(analyse, self.texts), weighting)

    def scores(self, query, weights=None, exclude: np.ndarray | None = None) -> np.ndarray:
        """Shape (procedures,). `exclude`: phrase numbers to leave out (learning from a phrase without seeing it)."""
        if not len(self.owners):
            return np.zeros(self.size, dtype=np.float32)
        return self.best(self.index.scores(query, weights), exclude)


def short_title(name: str) -> str:
    """An official name without "Thủ tục" before it."""
    lowered = name.lower()
    for prefix in _PREFIXES:
        if lowered.startswith(prefix):
            return name[len(prefix) :]
    return name


def folded_terms(text: str) -> list[str]:
    """Words and pairs of neighbours without accents."""
    return terms(folded_words(text))


def _characters(text: str) -> list[str]:
    return char_ngrams(folded_words(text))


def _accented_terms(text: str) -> list[str]:
    return terms(words(text))


class ProcedureIndex:
    """All views over `entries`; row numbers are positions in `entries`."""

    def __init__(self, entries: list[Entry], bodies: list[str]):
        self.entries = entries
        self.row_of = {entry.code: row for row, entry in enumerate(entries)}
        size = len(entries)
        names = [(row, text) for row, entry in enumerate(entries) for text in entry.names]
        situations = [(row, text) for row, entry in enumerate(entries) for text in entry.situations]
        titles = [(row, short_title(entry.name)) for row, entry in enumerate(entries)]
        self.title, self.names, self.situations = Phrases(titles, size), Phrases(names, size), Phrases(situations, size)
        self.words = SectionedIndex([map(folded_terms, section.texts) for section in (self.title, self.names, self.situations)], (0, 1, 1))
        self.body = PhraseView([(row, text) for row, text in enumerate(bodies)], size, folded_terms, "bm25")
        self.phrased = Phrases(names + situations, size)
        # Character n-grams of many texts cost most of a query and tell least: the rare ones find the typing errors.
        self.characters = SectionedIndex([map(_characters, section.texts) for section in (self.title, self.phrased)], common=0.03)
        self.accented = PhraseView(titles + names + situations, size, _accented_terms, "cosine")
        self.phrases = names + situations
        # Everything a procedure is known by, as one bag: what share of the question does it explain?
        self.vocabulary: list[frozenset[str]] = [
            frozenset(folded_words(" ".join((e.name, e.field, e.agency, *e.names, *e.situations)))) for e in entries
        ]
        self.pairs: list[frozenset[str]] = [
            frozenset(pair for text in (short_title(e.name), *e.names, *e.situations) for pair in folded_terms(text) if " " in pair) for e in entries
        ]
        self.title_words: list[tuple[str, ...]] = [tuple(dict.fromkeys(folded_words(short_title(e.name)))) for e in entries]
        self.title_sets: list[frozenset[str]] = [frozenset(w) for w in self.title_words]
        self.body_words: list[frozenset[str]] = [frozenset(folded_words(body)) for body in bodies]
        seen: dict[str, int] = defaultdict(int)
        for bag in self.vocabulary:
            for word in bag:
                seen[word] += 1
        self.word_idf = {word: float(np.log1p(size / count)) for word, count in seen.items()}
        self.unknown_idf = float(np.log1p(size))
        # The same as arrays of word numbers, for scoring many candidates at once.
        self.word_number = {word: number for number, word in enumerate(self.word_idf)}
        self.idf_of = np.asarray(list(self.word_idf.values()), dtype=np.float32)
        self.vocabulary_numbers = [self._numbers(bag) for bag in self.vocabulary]
        self.title_numbers = [self._numbers(bag) for bag in self.title_sets]
        self.title_mass = np.asarray([float(self.idf_of[n].sum()) for n in self.title_numbers], dtype=np.float32)
        self.popularity = np.asarray([e.popularity for e in entries], dtype=np.float32)
        self.detail = np.asarray([e.detail for e in entries], dtype=np.float32)

    def word_scores(self, terms: Collection[str], weights: dict[str, float] | None = None, exclude: dict[str, np.ndarray] | None = None) -> dict[str, np.ndarray]:
        """Scores of every procedure, shape (procedures,), by the views over folded words.

        `exclude`: section -> numbers of texts to leave out (learning from a phrase without seeing it).
        """
        cosine, bm25 = self.words.scores(terms, weights)
        exclude = exclude or {}
        found = {}
        phrases = []
        for name, first, last in zip(("title", "names", "situations"), self.words.borders, self.words.borders[1:], strict=False):
            section = getattr(self, name)
            found[name] = section.best(cosine[first:last], exclude.get(name))
            best = section.best(bm25[first:last], exclude.get(name))
            if name == "title":
                found["title_bm25"] = best
            else:
                phrases.append(best)
        found["phrases_bm25"] = np.maximum(*phrases)
        return found

    def character_scores(self, characters: Collection[str], exclude: dict[str, np.ndarray] | None = None) -> dict[str, np.ndarray]:
        """The same by the views over characters."""
        cosine, _ = self.characters.scores(characters)
        exclude, border = exclude or {}, self.characters.borders[1]
        return {
            "title_characters": self.title.best(cosine[:border], exclude.get("title_characters")),
            "name_characters": self.phrased.best(cosine[border:], exclude.get("name_characters")),
        }

    def _numbers(self, bag: frozenset[str]) -> np.ndarray:
        return np.asarray(sorted(self.word_number[word] for word in bag), dtype=np.int32)

    def idf(self, word: str) -> float:
        return self.word_idf.get(word, self.unknown_idf)


def load_entries(store: Store, origins: Collection[str] | None = None) -> tuple[list[Entry], list[str]]:
    """Entries and body texts (papers, results, conditions; at most 1,500 characters) of every code of some origins (None: all)."""
    with store.engine.connect() as connection:
        layers: dict[str, list] = defaultdict(list)
        p = m.Procedure
        for row in connection.execute(
            select(p.id, p.code, p.origin, p.name, p.field, p.levels, p.agency, p.audience, p.popularity, p.family, p.summary, p.conditions)
        ):
            if origins is None or row.origin in origins:
                layers[row.code].append(row)
        texts: dict[str, dict[str, list[str]]] = {"name": defaultdict(list), "situation": defaultdict(list)}
        popularity: dict[str, int] = {}
        for code, kind, text, level in connection.execute(
            select(m.EverydayName.code, m.EverydayName.kind, m.EverydayName.text, m.EverydayName.popularity)
        ):
            texts[kind][code].append(text)
            if level is not None:
                popularity[code] = level
        own: dict[int, list] = defaultdict(list)
        for owner, kind, text in connection.execute(
            select(m.ProcedureName.procedure_id, m.ProcedureName.kind, m.ProcedureName.text)
        ):
            own[owner].append((kind, text))
        papers: dict[int, list[str]] = defaultdict(list)
        for owner, text in connection.execute(
            select(m.DossierPaper.procedure_id, m.DossierPaper.name).where(m.DossierPaper.is_note.is_(False))
        ):
            papers[owner].append(text[:160])
        results: dict[int, list[str]] = defaultdict(list)
        for owner, text in connection.execute(select(m.Result.procedure_id, m.Result.name).where(m.Result.refusal.is_(False))):
            results[owner].append(text)

    entries, bodies = [], []
    for code in sorted(layers):
        rows = sorted(layers[code], key=lambda r: ORIGIN_RANK[r.origin])
        first = rows[0]
        names, situations = list(texts["name"][code]), list(texts["situation"][code])
        for row in rows:
            names += [text for kind, text in own[row.id] if kind == "name"]
            situations += [text for kind, text in own[row.id] if kind == "situation"]
        # Another layer's official name is one more way to say it - unless the code was given to another procedure since.
        names += [row.name for row in rows[1:] if row.name.lower() != first.name.lower() and _alike(row.name, first.name)]
        chosen = next((row.popularity for row in rows if row.popularity is not None), popularity.get(code, 1))
        body = " . ".join(
            [row.summary or "" for row in rows]
            + [text for row in rows[:2] for text in results[row.id]]
            + [(row.conditions or "")[:400] for row in rows[:2]]
            + [text for row in rows[:2] for text in papers[row.id]]
        )
        entries.append(
            Entry(
                code=code,
                name=first.name,
                field=first.field or next((r.field for r in rows if r.field), "") or "",
                levels=tuple(next((r.levels for r in rows if r.levels), ()) or ()),
                agency=next((r.agency for r in rows if r.agency), "") or "",
                audience=tuple(next((r.audience for r in rows if r.audience), ()) or ()),
                popularity=chosen,
                family=next((r.family for r in rows if r.family), "") or "",
                detail=any(row.origin not in NAMED_ONLY for row in rows),
                names=tuple(dict.fromkeys(names)),
                situations=tuple(dict.fromkeys(situations)),
            )
        )
        bodies.append(body[:1500])
    return entries, bodies


def _alike(name: str, other: str) -> bool:
    """Whether two official names share half of the shorter one's words."""
    mine, theirs = set(folded_words(name)), set(folded_words(other))
    return len(mine & theirs) >= 0.5 * min(len(mine), len(theirs))


class ProcedureSearch:
    """A ProcedureIndex that follows its store: rebuilt (or read from the cache folder) when the revision moves."""

    def __init__(self, store: Store, cache: Path | None = None):
        self.store = store
        self.cache = cache
        self._lock = threading.Lock()
        self._revision = -1
        self._index: ProcedureIndex | None = None

    def index(self) -> ProcedureIndex:
        revision = self.store.revision()
        if revision != self._revision or self._index is None:
            with self._lock:
                if revision != self._revision or self._index is None:
                    self._index = self._load()
                    self._revision = revision
        return self._index

    def _load(self) -> ProcedureIndex:
        return cached_index(*load_entries(self.store), self.cache)


def cached_index(entries: list[Entry], bodies: list[str], cache: Path | None) -> ProcedureIndex:
    """The index of these entries, from the folder `cache` when it was built before, else built and kept there."""
    return kept("procedures", (FORMAT, entries, bodies), cache, lambda: ProcedureIndex(entries, bodies))
