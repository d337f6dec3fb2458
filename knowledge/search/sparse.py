"""An inverted index over short texts: BM25 or cosine scores of all documents in one numpy pass."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

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


class _Postings:
    """Rows (and what stands beside them) of every term, sorted by term."""

    def __init__(self, columns: np.ndarray, terms: int, *beside: np.ndarray):
        order = np.argsort(columns, kind="stable")
        self.beside = [values[order] for values in beside]
        self.sizes = np.bincount(columns, minlength=terms)
        self.starts = np.cumsum(self.sizes) - self.sizes

    def places(self, columns: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """(places of all postings of the terms in the arrays, number of postings of each term): one take instead of a slice a term."""
        sizes = self.sizes[columns]
        ends = np.cumsum(sizes)
        first = self.starts[columns] - ends + sizes
        return np.arange(ends[-1]) + np.repeat(first, sizes), sizes


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
        self.postings = _Postings(columns[kept], len(self.vocabulary), rows[kept], values[kept].astype(np.float32))
        self.weighting = weighting
        self.idf_list = self.idf.tolist()
        self.seen = seen.tolist()
        self.unknown_idf = _unknown(self.size)

    def frequency(self, term: str) -> int:
        """Number of documents that hold the term."""
        column = self.vocabulary.get(term)
        return self.seen[column] if column is not None else 0

    def scores(self, query: Sequence[str], weights: dict[str, float] | None = None) -> np.ndarray:
        """Scores of all documents; `weights` scales single terms (1.0 where absent)."""
        columns: list[int] = []
        scales: list[float] = []
        norm = 0.0
        cosine = self.weighting == "cosine"
        vocabulary = self.vocabulary
        for term, count in Counter(query).items():
            column = vocabulary.get(term)
            scale = weights.get(term, 1.0) if weights else 1.0
            if column is None:
                # A term that no document knows still makes the query longer: what is not covered must cost.
                norm += (scale * self.unknown_idf) ** 2
                continue
            if cosine:
                scale *= self.idf_list[column] * (1.0 if count == 1 else 1 + math.log(count))
                norm += scale**2
            columns.append(column)
            scales.append(scale)
        if not columns:
            return np.zeros(self.size, dtype=np.float32)
        places, sizes = self.postings.places(columns)
        rows, values = self.postings.beside
        result = np.bincount(rows[places], weights=values[places] * np.repeat(scales, sizes), minlength=self.size)
        if cosine:
            result = result / math.sqrt(norm or 1.0)
        return result.astype(np.float32)


class SectionedIndex:
    """Several collections of short texts (sections) under one vocabulary: one pass gives the scores of all of them.

    Rarity of a term is counted by section for the cosine, by group of sections for BM25 (`groups[section]`). Rows are
    numbered through all sections, one after another.
    """

    def __init__(self, sections: Sequence[Iterable[Sequence[str]]], groups: Sequence[int], k1: float = 1.2, b: float = 0.6, common: float = COMMON):
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
        cosine, bm25 = np.zeros(len(row), np.float32), np.zeros(len(row), np.float32)
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
        for group in set(groups):
            texts = np.isin(section_of, [n for n, g in enumerate(groups) if g == group])
            count, mean = int(texts.sum()), float(length[texts].mean()) if texts.any() else 1.0
            mine = texts[row]
            seen = counted.seen_in(mine)
            bm25[mine] = _rarity(count, seen)[column[mine]] * _saturated(frequency[mine], length[row[mine]], mean, k1, b)
            bm25[mine] *= ~_is_common(count, seen, common)[column[mine]]
        kept = (cosine > 0) | (bm25 > 0)
        row, column, cosine, bm25 = row[kept], column[kept], cosine[kept], bm25[kept]
        self.postings = _Postings(column, terms, row, cosine, bm25)

    def scores(self, query: Sequence[str], weights: dict[str, float] | None = None) -> tuple[np.ndarray, np.ndarray]:
        """(cosine, BM25) of all documents, each of shape (rows,); `weights` scales single terms (1.0 where absent)."""
        columns: list[int] = []
        scales: list[float] = []
        times: list[float] = []
        lost = 0.0
        for term, count in Counter(query).items():
            column = self.vocabulary.get(term)
            scale = weights.get(term, 1.0) if weights else 1.0
            if column is None:
                # A term that no document knows still makes the query longer: what is not covered must cost.
                lost += scale**2
                continue
            columns.append(column)
            scales.append(scale)
            times.append(1.0 if count == 1 else 1 + math.log(count))
        size = self.borders[-1]
        if not columns:
            return np.zeros(size, dtype=np.float32), np.zeros(size, dtype=np.float32)
        weight = np.asarray(scales)
        repeated = weight * times
        norms = np.sqrt((self.idf[:, columns] ** 2 @ repeated**2) + lost * self.unknown**2)
        places, sizes = self.postings.places(columns)
        rows, of_cosine, of_bm25 = self.postings.beside
        rows = rows[places]
        cosine = np.bincount(rows, weights=of_cosine[places] * np.repeat(repeated, sizes), minlength=size).astype(np.float32)
        bm25 = np.bincount(rows, weights=of_bm25[places] * np.repeat(weight, sizes), minlength=size).astype(np.float32)
        for first, last, norm in zip(self.borders, self.borders[1:], norms, strict=False):
            cosine[first:last] /= max(norm, 1e-9)
        return cosine, bm25
