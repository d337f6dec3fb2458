"""An inverted index over short texts: BM25 or cosine scores of all documents in one numpy pass."""

from __future__ import annotations

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
