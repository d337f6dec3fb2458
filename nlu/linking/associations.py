"""Which words of official titles go with the words that people say?

"Bị mối ăn lỗ chỗ" shares no word with "đổi tiền không đủ tiêu chuẩn lưu thông". Everyday names, situations and written
questions with the titles that they mean tell which words of titles go with which words of questions - also for a procedure
of which nothing but its title is known. Plain shares of co-occurrence: the alignment of IBM model 1, which sharpens them,
made the order of candidates worse with each round (docs/adr/0003).
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import diags
from sklearn.feature_extraction.text import CountVectorizer

from knowledge.search.procedures import ProcedureIndex, folded_terms, short_title
from knowledge.search.sparse import Postings
from nlu.linking.query import Query

FEWEST = 2  # texts in which a word, or pair of words, must stand
DOUBT = 2.0  # units of co-occurrence that a word lacks: one heard rarely says little
LEAST = 0.002  # smaller shares say nothing and are most of all
HEARD = 0.7  # how far what goes with the words is believed, against what titles usually say


def title_terms(name: str) -> list[str]:
    """Words and pairs of neighbours of an official name, each once."""
    return list(dict.fromkeys(folded_terms(short_title(name))))


def _whole(words: Sequence[str]) -> Sequence[str]:
    return words


@dataclass
class Associations:
    """Shares of title words by said word; plain arrays, pickled by the linker."""

    said: dict[str, int]
    titled: dict[str, int]
    shares: Postings  # said x titled
    usual: np.ndarray  # (titled,) share of each word among all of all titles that were meant

    @classmethod
    def fitted(cls, said: Sequence[Sequence[str]], titles: Sequence[Sequence[str]]) -> Associations:
        """Terms of texts, and of the title that each means."""
        heard, known = (CountVectorizer(analyzer=_whole, min_df=FEWEST, binary=True, dtype=np.float32) for _ in range(2))
        texts, meant = heard.fit_transform(said), known.fit_transform(titles)
        # A title word is owed to all words of its text alike.
        words = np.maximum(np.asarray(texts.sum(axis=1)).ravel(), 1.0)
        together = (diags(1.0 / words) @ texts).T.tocsr() @ meant
        rows = diags(1.0 / (np.asarray(together.sum(axis=1)).ravel() + DOUBT)) @ together
        kept = rows.tocoo()
        counts = kept.data >= LEAST
        usual = np.asarray(meant.sum(axis=0)).ravel()
        return cls(
            {term: int(number) for term, number in heard.vocabulary_.items()},
            {term: int(number) for term, number in known.vocabulary_.items()},
            Postings(kept.row[counts], kept.col[counts], kept.data[counts], rows.shape),
            (usual / usual.sum()).astype(np.float32),
        )

    def heard(self, query: Query) -> np.ndarray:
        """Share of each title word, shape (titled,), that goes with the words of a message."""
        terms = list(dict.fromkeys(query.matter))
        weights = [query.weights.get(term, 1.0) for term in terms]
        known = [(self.said[term], weight) for term, weight in zip(terms, weights) if term in self.said]
        numbers = np.asarray([number for number, _ in known], dtype=np.int32)
        scales = np.asarray([weight for _, weight in known], dtype=np.float32) / max(sum(weights), 1e-6)
        return self.shares.weighed(numbers, scales.astype(np.float32))


class AssociatedTitles:
    """Associations beside the titles of an index: each title is judged by what was heard of others (`without_part`).

    What people say of the procedure itself the other views know already; here it would only repeat them.
    """

    def __init__(self, without_part: Sequence[Associations], index: ProcedureIndex) -> None:
        self.without_part = without_part
        self.parts = np.asarray([part_of(entry.code) for entry in index.entries], dtype=np.int64)
        names = [title_terms(entry.name) for entry in index.entries]
        numbers = [[known[term] for term in name if term in known] for name, known in zip(names, (without_part[part].titled for part in self.parts))]
        self.sizes = np.asarray([len(one) for one in numbers], dtype=np.int64)
        self.starts = np.cumsum(self.sizes) - self.sizes
        self.numbers = np.asarray([number for one in numbers for number in one], dtype=np.int64)

    def of(self, query: Query, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How much more than usual the titles of `rows` go with a message: mean over their words, sum over those that do. Shape (rows,)."""
        mean, summed = np.zeros(len(rows), dtype=np.float32), np.zeros(len(rows), dtype=np.float32)
        for part, associations in enumerate(self.without_part):
            places = np.flatnonzero(self.parts[rows] == part)
            sizes = self.sizes[rows[places]]
            ends = np.cumsum(sizes)
            if not len(ends) or not ends[-1]:
                continue
            numbers = self.numbers[np.arange(ends[-1]) + np.repeat(self.starts[rows[places]] - ends + sizes, sizes)]
            usual = associations.usual[numbers]
            more = np.log((HEARD * associations.heard(query)[numbers] + (1 - HEARD) * usual) / usual)
            owner = np.repeat(np.arange(len(places)), sizes)
            mean[places] = np.bincount(owner, weights=more, minlength=len(places)) / np.maximum(sizes, 1)
            summed[places] = np.bincount(owner, weights=np.maximum(more, 0), minlength=len(places))
        return mean, summed


def part_of(code: str) -> int:
    """0 or 1: procedures are learned from in two parts, so that what is judged was not seen by what judges it."""
    return zlib.crc32(code.encode()) % 2
