"""An inverted index over short texts: BM25 or cosine scores of all documents in one numpy pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np


class SparseIndex:
    """Postings of terms. `scores(query)` gives float32 of shape (documents,).

    weighting "bm25": term frequency saturated, length normalised, times idf;
    "cosine": tf-idf vectors of length one, so that scores lie in 0..1.
    """

    def __init__(self, documents: Iterable[Sequence[str]], weighting: str = "bm25", k1: float = 1.2, b: float = 0.6):
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
        self.starts = np.concatenate([[0], np.cumsum(np.bincount(column_array, minlength=len(vocabulary)))]).astype(np.int64)
        self.weighting = weighting

    def known(self, query: Iterable[str]) -> dict[int, int]:
        """Column -> count of the query's terms that the index knows."""
        get = self.vocabulary.get
        return Counter(column for term in query if (column := get(term)) is not None)

    def scores(self, query: Sequence[str], weights: dict[str, float] | None = None) -> np.ndarray:
        """Scores of all documents; `weights` scales single terms (1.0 where absent)."""
        result = np.zeros(self.size, dtype=np.float32)
        counts = Counter(query)
        norm = 0.0
        for term, count in counts.items():
            column = self.vocabulary.get(term)
            scale = weights.get(term, 1.0) if weights else 1.0
            if column is None:
                if self.weighting == "cosine":
                    # A term that no document knows still makes the query longer: what is not covered must cost.
                    norm += (scale * float(np.log1p(self.size + 0.5))) ** 2
                continue
            start, end = self.starts[column], self.starts[column + 1]
            if self.weighting == "cosine":
                weight = scale * (1 + np.log(count)) * float(self.idf[column])
                norm += weight**2
            else:
                weight = scale
            result[self.rows[start:end]] += weight * self.values[start:end]
        if self.weighting == "cosine" and norm:
            result /= np.float32(np.sqrt(norm))
        return result
