"""Which act and case does a message speak of - first issue, re-issue, foreign element, organisation, child ...?

The patterns of lexicon/variants.yml know the official words and their usual everyday forms. What people say instead
("nghỉ hẳn luôn", "xin cuốn mới", "gạch tên khỏi sổ") is learned here: from the everyday names, situations and written
questions of procedures, whose titles say their classes. One linear model a class over words and word pairs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import SGDClassifier

from knowledge.search.analysis import folded_words, terms
from nlu.linking.query import variants

FEWEST = 15  # examples of a class; the chance of a rarer one stays what it is among all
LOWEST = 0.002  # no class is ever wholly sure or wholly out


def _named(text: str) -> list[str]:
    """What a text is known by here: folded words, pairs of neighbours, classes that the patterns find."""
    return [*terms(folded_words(text)), *(f"<{name}>" for name in variants(text))]


def _whole(names: list[str]) -> list[str]:
    return names


@dataclass
class ActModel:
    """`chance` gives probabilities by class; plain arrays, pickled by the linker."""

    vocabulary: dict[str, int]
    idf: np.ndarray  # (terms,)
    weights: np.ndarray  # (terms, classes)
    bias: np.ndarray  # (classes,)

    @classmethod
    def fitted(cls, texts: Sequence[str], marks: np.ndarray, weights: Sequence[float]) -> ActModel:
        """`marks`: bool, (texts, classes), what is right for each text; `weights`: how much each text counts."""
        vectorizer = TfidfVectorizer(analyzer=_whole, min_df=2, sublinear_tf=True)
        matrix = vectorizer.fit_transform([_named(text) for text in texts])

        def column(right: np.ndarray) -> tuple[np.ndarray, float]:
            if right.sum() < FEWEST:
                share = max(float(right.mean()), LOWEST)
                return np.zeros(matrix.shape[1]), float(np.log(share / (1 - share)))
            model = SGDClassifier(loss="log_loss", alpha=2e-6, max_iter=5, tol=None, average=True, random_state=0)
            model.fit(matrix, right, sample_weight=weights)
            return model.coef_[0], float(model.intercept_[0])

        columns = Parallel(n_jobs=2, prefer="threads")(delayed(column)(marks[:, place]) for place in range(marks.shape[1]))
        return cls(
            {term: int(place) for term, place in vectorizer.vocabulary_.items()},
            vectorizer.idf_.astype(np.float32),
            np.stack([slope for slope, _ in columns], axis=1).astype(np.float32),
            np.asarray([base for _, base in columns], dtype=np.float32),
        )

    def chance(self, words: Iterable[str], classes: Iterable[str]) -> np.ndarray:
        """Probability (0..1) of each class, shape (classes,). `words`: folded words and pairs; `classes`: found by patterns."""
        counts = Counter([*words, *(f"<{name}>" for name in classes)])
        known = [(place, count) for term, count in counts.items() if (place := self.vocabulary.get(term)) is not None]
        logit = self.bias
        if known:
            places = [place for place, _ in known]
            values = self.idf[places] * (1 + np.log(np.asarray([count for _, count in known], dtype=np.float32)))
            logit = logit + values @ self.weights[places] / np.sqrt(values @ values)
        return np.clip(1.0 / (1.0 + np.exp(-logit)), LOWEST, 1 - LOWEST)


def likelihood(chance: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """Logarithm of how likely each row of `marks` (bool, (n, classes)) is under `chance`, class by class: (n, classes)."""
    return np.where(marks, np.log(chance), np.log1p(-chance)).astype(np.float32)
