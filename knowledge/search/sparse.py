"""An inverted index over short texts: BM25 or cosine scores of all documents in two passes of compiled code."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from scipy.sparse import _sparsetools

COMMON = 0.1


class _Counts:
    """Terms counted document by document: parallel arrays `rows`, `columns`, `frequency` of the postings, `lengths` of the documents."""

    def __init__(self, documents: Iterable[Sequence[str]]):
        self.vocabulary: dict[str, int] = {}
        rows: list[int] = []
        columns: list[int] = []
        counts: list[int] = []
        lengths: list[int] = []
        for row, document in enumerate(documents):
            lengths.append(len(document))
            for term, count in Counter(document).items():
                rows.append(row)
                columns.append(self.vocabulary.setdefault(term, len(self.vocabulary)))
                counts.append(count)
        self.rows, self.columns = np.asarray(rows, dtype=np.int32), np.asarray(columns, dtype=np.int32)
        self.frequency, self.lengths = np.asarray(counts, dtype=np.float32), np.asarray(lengths, dtype=np.float32)

    def seen_in(self, postings: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Number of documents that hold each term, among the given postings; shape (terms,)."""
        return np.bincount(self.columns[postings], minlength=len(self.vocabulary))


def _rarity(size: int, seen: np.ndarray) -> np.ndarray:
    """Inverse document frequency as BM25 has it, never negative."""
    return np.log1p((size - seen + 0.5) / (seen + 0.5))


def _unknown(size: int) -> float:
    """What a term counts that no document has."""
    return math.log1p(size + 0.5)


def _is_common(size: int, seen: np.ndarray, common: float) -> np.ndarray:
    """Terms of almost every document: they say nothing and cost most, so they count in the norms only."""
    return seen > max(common * size, 200)


def _saturated(frequency: np.ndarray, length: np.ndarray, mean: float, k1: float, b: float) -> np.ndarray:
    """BM25's weight of a term by how often it stands in a text of that length."""
    return frequency * (k1 + 1) / (frequency + k1 * (1 - b + b * length / max(mean, 1.0)))


def _of_length_one(values: np.ndarray, rows: np.ndarray, size: int) -> np.ndarray:
    squares = np.bincount(rows, weights=values**2, minlength=size)
    return values / np.sqrt(np.maximum(squares, 1e-9))[rows]


class Postings:
    """Values of terms (rows) in documents (columns), compressed by row; `terms`, `documents`, `values`: parallel arrays."""

    def __init__(self, terms: np.ndarray, documents: np.ndarray, values: np.ndarray, shape: tuple[int, int]):
        order = np.argsort(terms, kind="stable")
        self.documents = np.ascontiguousarray(documents[order], dtype=np.int32)
        self.values = np.ascontiguousarray(values[order], dtype=np.float32)
        self.sizes = np.bincount(terms, minlength=shape[0]).astype(np.int32)
        self.starts = np.concatenate([[0], np.cumsum(self.sizes)]).astype(np.int32)
        self.size = shape[1]

    def weighed(self, terms: np.ndarray, scales: np.ndarray) -> np.ndarray:
        """Sum of the rows of `terms` (int32), each times its scale (float32): shape (documents,), float32.

        By the loops behind scipy's csr_matrix: its public indexing checks its arguments longer than it sums (docs/adr/0006).
        """
        summed = np.zeros(self.size, dtype=np.float32)
        starts = np.zeros(len(terms) + 1, dtype=np.int32)
        np.cumsum(self.sizes[terms], out=starts[1:])
        documents, values = np.empty(starts[-1], dtype=np.int32), np.empty(starts[-1], dtype=np.float32)
        _sparsetools.csr_row_index(len(terms), terms, self.starts, self.documents, self.values, documents, values)
        _sparsetools.csc_matvec(self.size, len(terms), starts, documents, values, scales, summed)
        return summed


def _looked_up(vocabulary: dict[str, int], query: Sequence[str], weights: dict[str, float] | None) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """(known terms of a query as int32, their scales, 1 + log of how often each stands there, sum of the squares of the unknown ones' scales)."""
    columns: list[int] = []
    counts: list[int] = []
    scales: list[float] = []
    lost = 0.0
    for term, count in Counter(query).items():
        column = vocabulary.get(term)
        scale = weights.get(term, 1.0) if weights else 1.0
        if column is None:
            # A term that no document knows still makes the query longer: what is not covered must cost.
            lost += scale**2
            continue
        columns.append(column)
        counts.append(count)
        scales.append(scale)
    return np.asarray(columns, dtype=np.int32), np.asarray(scales, dtype=np.float32), 1 + np.log(np.asarray(counts, dtype=np.float32)), lost


class SparseIndex:
    """Postings of terms. `scores(query)` gives float32 of shape (documents,).

    weighting "bm25": term frequency saturated, length normalised, times idf;
    "cosine": tf-idf vectors of length one, so that scores lie in 0..1.
    """

    def __init__(self, documents: Iterable[Sequence[str]], weighting: str = "bm25", k1: float = 1.2, b: float = 0.6, common: float = COMMON):
        counts = _Counts(documents)
        self.vocabulary, self.size = counts.vocabulary, len(counts.lengths)
        rows, columns, seen = counts.rows, counts.columns, counts.seen_in()
        self.idf = _rarity(self.size, seen).astype(np.float32)
        if weighting == "bm25":
            mean = float(counts.lengths.mean()) if self.size else 1.0
            values = self.idf[columns] * _saturated(counts.frequency, counts.lengths[rows], mean, k1, b)
        else:
            values = _of_length_one((1 + np.log(counts.frequency)) * self.idf[columns], rows, self.size)
        kept = ~_is_common(self.size, seen, common)[columns]
        self.postings = Postings(columns[kept], rows[kept], values[kept], (len(self.vocabulary), self.size))
        self.weighting = weighting
        self.seen = seen.tolist()
        self.unknown_idf = _unknown(self.size)

    def frequency(self, term: str) -> int:
        """Number of documents that hold the term."""
        column = self.vocabulary.get(term)
        return self.seen[column] if column is not None else 0

    def scores(self, query: Sequence[str], weights: dict[str, float] | None = None) -> np.ndarray:
        """Scores of all documents; `weights` scales single terms (1.0 where absent)."""
        columns, scales, times, lost = _looked_up(self.vocabulary, query, weights)
        if not len(columns):
            return np.zeros(self.size, dtype=np.float32)
        if self.weighting == "bm25":
            return self.postings.weighed(columns, scales)
        scales = scales * times * self.idf[columns]
        norm = math.sqrt(float(scales @ scales) + lost * self.unknown_idf**2)
        return self.postings.weighed(columns, scales / np.float32(norm or 1.0))


class SectionedIndex:
    """Several collections of short texts (sections) under one vocabulary: a query is looked up once for all of them.

    Rarity of a term is counted by section for the cosine, by group of sections for BM25 (`groups[section]`; no groups:
    no BM25). Rows are numbered through all sections, one after another.
    """

    def __init__(self, sections: Sequence[Iterable[Sequence[str]]], groups: Sequence[int] | None = None, k1: float = 1.2, b: float = 0.6, common: float = COMMON):
        borders = [0]

        def all_documents() -> Iterator[Sequence[str]]:
            for documents in sections:
                borders.append(borders[-1])
                for document in documents:
                    borders[-1] += 1
                    yield document

        counted = _Counts(all_documents())
        self.vocabulary, self.borders = counted.vocabulary, borders
        row, column, frequency, length = counted.rows, counted.columns, counted.frequency, counted.lengths
        size, terms = len(length), len(self.vocabulary)
        section_of = np.repeat(np.arange(len(sections)), np.diff(borders))
        cosine = np.zeros(len(row), np.float32)
        # Shape (sections, terms): how much a term of the query counts there.
        self.idf = np.zeros((len(sections), terms), dtype=np.float32)
        self.unknown = np.asarray([_unknown(last - first) for first, last in itertools.pairwise(borders)])
        for section, (first, last) in enumerate(itertools.pairwise(borders)):
            mine = section_of[row] == section
            seen = counted.seen_in(mine)
            self.idf[section] = np.where(seen > 0, _rarity(last - first, seen), self.unknown[section])
            idf = self.idf[section][column[mine]]
            # The query's own idf is multiplied in as well, so that a look-up needs none.
            cosine[mine] = _of_length_one((1 + np.log(frequency[mine])) * idf, row[mine], size) * idf
            cosine[mine] *= ~_is_common(last - first, seen, common)[column[mine]]
        self.cosine = _kept(column, row, cosine, (terms, size))
        self.bm25: Postings | None = None
        if groups is None:
            return
        bm25 = np.zeros(len(row), np.float32)
        for group in set(groups):
            texts = np.isin(section_of, [n for n, g in enumerate(groups) if g == group])
            count, mean = int(texts.sum()), float(length[texts].mean()) if texts.any() else 1.0
            mine = texts[row]
            seen = counted.seen_in(mine)
            bm25[mine] = _rarity(count, seen)[column[mine]] * _saturated(frequency[mine], length[row[mine]], mean, k1, b)
            bm25[mine] *= ~_is_common(count, seen, common)[column[mine]]
        self.bm25 = _kept(column, row, bm25, (terms, size))

    def scores(self, query: Sequence[str], weights: dict[str, float] | None = None) -> tuple[np.ndarray, np.ndarray | None]:
        """(cosine, BM25) of all documents, each of shape (rows,); `weights` scales single terms (1.0 where absent)."""
        columns, scales, times, lost = _looked_up(self.vocabulary, query, weights)
        if not len(columns):
            nothing = np.zeros(self.borders[-1], dtype=np.float32)
            return nothing, nothing if self.bm25 is not None else None
        repeated = scales * times
        norms = np.sqrt((self.idf[:, columns] ** 2 @ repeated**2) + lost * self.unknown**2)
        cosine = self.cosine.weighed(columns, repeated)
        for first, last, norm in zip(self.borders, self.borders[1:], norms, strict=False):
            cosine[first:last] /= max(norm, 1e-9)
        return cosine, self.bm25.weighed(columns, scales) if self.bm25 is not None else None


def _kept(terms: np.ndarray, documents: np.ndarray, values: np.ndarray, shape: tuple[int, int]) -> Postings:
    """Postings of what counts at all."""
    counts = values > 0
    return Postings(terms[counts], documents[counts], values[counts], shape)
