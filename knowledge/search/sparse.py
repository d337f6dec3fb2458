"""An inverted index over short texts: BM25 or cosine scores of all documents in one numpy pass."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

COMMON = 0.1


class SparseIndex:
    """Postings of terms. `scores(query)` gives float32 of shape (documents,).

    weighting "bm25": term frequency saturated, length normalised, times idf;
    "cosine": tf-idf vectors of length one, so that scores lie in 0..1.
    """

    def __init__(self, documents: Iterable[Sequence[str]], weighting: str = "bm25", k1: float = 1.2, b: float = 0.6, common: float = COMMON):
        vocabulary: dict[str, int] = {}
        rows: list[int] = []
        columns: list[int] = []
        counts: list[int] = []
        lengths: list[int] = []
        for row, document in enumerate(documents):
            lengths.append(len(document))
            for term, count in Counter(document).items():
                rows.append(row)
                columns.append(vocabulary.setdefault(term, len(vocabulary)))
                counts.append(count)
        self.size = len(lengths)
        self.vocabulary = vocabulary
        row_array = np.asarray(rows, dtype=np.int32)
        column_array = np.asarray(columns, dtype=np.int32)
        frequency = np.asarray(counts, dtype=np.float32)
        seen_in = np.bincount(column_array, minlength=len(vocabulary)) if len(column_array) else np.zeros(0)
        self.idf = np.log1p((self.size - seen_in + 0.5) / (seen_in + 0.5)).astype(np.float32)
        if weighting == "bm25":
            length = np.asarray(lengths, dtype=np.float32)
            mean = float(length.mean()) if self.size else 1.0
            norm = k1 * (1 - b + b * length / max(mean, 1.0))
            values = self.idf[column_array] * frequency * (k1 + 1) / (frequency + norm[row_array])
        else:
            values = (1 + np.log(frequency)) * self.idf[column_array]
            squares = np.bincount(row_array, weights=values**2, minlength=self.size) if len(values) else np.zeros(self.size)
            values = values / np.sqrt(np.maximum(squares, 1e-9))[row_array]
        order = np.argsort(column_array, kind="stable")
        self.rows = row_array[order]
        self.values = values[order].astype(np.float32)
        self.starts = [0, *np.cumsum(np.bincount(column_array, minlength=len(vocabulary))).tolist()]
        self.weighting = weighting
        self.idf_list = self.idf.tolist()
        # Terms of almost every document say nothing and cost most; they count in the norm only.
        self.common = (seen_in > max(common * self.size, 200)).tolist()
        self.unknown_idf = float(np.log1p(self.size + 0.5))

    def scores(self, query: Sequence[str], weights: dict[str, float] | None = None) -> np.ndarray:
        """Scores of all documents; `weights` scales single terms (1.0 where absent)."""
        spans: list[tuple[int, int]] = []
        scales: list[float] = []
        norm = 0.0
        cosine = self.weighting == "cosine"
        for term, count in Counter(query).items():
            column = self.vocabulary.get(term)
            scale = weights.get(term, 1.0) if weights else 1.0
            if column is None:
                if cosine:
                    # A term that no document knows still makes the query longer: what is not covered must cost.
                    norm += (scale * self.unknown_idf) ** 2
                continue
            weight = scale
            if cosine:
                weight = scale * (1 + math.log(count)) * self.idf_list[column]
                norm += weight**2
            if self.common[column]:
                continue
            spans.append((self.starts[column], self.starts[column + 1]))
            scales.append(weight)
        if not spans:
            return np.zeros(self.size, dtype=np.float32)
        rows = np.concatenate([self.rows[a:b] for a, b in spans])
        values = np.concatenate([self.values[a:b] * scale for (a, b), scale in zip(spans, scales)])
        result = np.bincount(rows, weights=values, minlength=self.size).astype(np.float32)
        if cosine and norm:
            result /= np.float32(math.sqrt(norm))
        return result


class SectionedIndex:
    """Several collections of short texts (sections) under one vocabulary: one pass gives the scores of all of them.

    Rarity of a term is counted by section for the cosine, by group of sections for BM25 (`groups[section]`). Rows are
    numbered through all sections, one after another.
    """

    def __init__(self, sections: Sequence[Iterable[Sequence[str]]], groups: Sequence[int], k1: float = 1.2, b: float = 0.6, common: float = COMMON):
        vocabulary: dict[str, int] = {}
        rows: list[int] = []
        columns: list[int] = []
        counts: list[int] = []
        lengths: list[int] = []
        borders = [0]
        for documents in sections:
            for document in documents:
                for term, count in Counter(document).items():
                    rows.append(len(lengths))
                    columns.append(vocabulary.setdefault(term, len(vocabulary)))
                    counts.append(count)
                lengths.append(len(document))
            borders.append(len(lengths))
        self.vocabulary = vocabulary
        self.borders = borders
        row, column = np.asarray(rows, dtype=np.int32), np.asarray(columns, dtype=np.int32)
        frequency, length = np.asarray(counts, dtype=np.float32), np.asarray(lengths, dtype=np.float32)
        size, terms = len(lengths), len(vocabulary)
        section_of = np.repeat(np.arange(len(sections)), np.diff(borders))
        cosine, bm25 = np.zeros(len(row), np.float32), np.zeros(len(row), np.float32)
        # Shape (sections, terms): how much a term of the query counts there.
        self.idf = np.zeros((len(sections), terms), dtype=np.float32)
        for section, (first, last) in enumerate(itertools.pairwise(borders)):
            mine = section_of[row] == section
            seen = np.bincount(column[mine], minlength=terms)
            self.idf[section] = np.where(seen > 0, np.log1p((last - first - seen + 0.5) / (seen + 0.5)), math.log1p(last - first + 0.5))
            values = (1 + np.log(frequency[mine])) * self.idf[section][column[mine]]
            squares = np.bincount(row[mine], weights=values**2, minlength=size)
            # The query's own idf is multiplied in as well, so that a look-up needs none.
            cosine[mine] = values / np.sqrt(np.maximum(squares, 1e-9))[row[mine]] * self.idf[section][column[mine]]
            # Terms of almost every document say nothing and cost most; they count in the norms only.
            cosine[mine] *= (seen <= max(common * (last - first), 200))[column[mine]]
        for group in set(groups):
            mine = np.isin(section_of, [n for n, g in enumerate(groups) if g == group])
            count, mean = int(mine.sum()), float(length[mine].mean()) if mine.any() else 1.0
            mine = mine[row]
            seen = np.bincount(column[mine], minlength=terms)
            idf = np.log1p((count - seen + 0.5) / (seen + 0.5))
            norm = k1 * (1 - b + b * length / max(mean, 1.0))
            bm25[mine] = idf[column[mine]] * frequency[mine] * (k1 + 1) / (frequency[mine] + norm[row[mine]])
            bm25[mine] *= (seen <= max(common * count, 200))[column[mine]]
        kept = (cosine > 0) | (bm25 > 0)
        row, column, cosine, bm25 = row[kept], column[kept], cosine[kept], bm25[kept]
        order = np.argsort(column, kind="stable")
        self.rows, self.cosine, self.bm25 = row[order], cosine[order], bm25[order]
        self.starts = [0, *np.cumsum(np.bincount(column, minlength=terms)).tolist()]
        self.unknown = np.asarray([math.log1p(last - first + 0.5) for first, last in itertools.pairwise(borders)])

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
        spans = [slice(self.starts[column], self.starts[column + 1]) for column in columns]
        many = [span.stop - span.start for span in spans]
        rows = np.concatenate([self.rows[span] for span in spans])
        cosine = np.bincount(rows, weights=np.concatenate([self.cosine[span] for span in spans]) * np.repeat(repeated, many), minlength=size)
        bm25 = np.bincount(rows, weights=np.concatenate([self.bm25[span] for span in spans]) * np.repeat(weight, many), minlength=size)
        for first, last, norm in zip(self.borders, self.borders[1:], norms, strict=False):
            cosine[first:last] /= max(norm, 1e-9)
        return cosine.astype(np.float32), bm25.astype(np.float32)
