"""Boosted trees, learned by scikit-learn, evaluated all at once.

scikit-learn walks its trees one by one from Python, which costs 2 ms a call for 40 rows. Here every test of every tree
is made at once, and the leaf follows from the tests that failed: a failed test rules out the leaves on its left, and
the leftmost leaf that is left is the one (QuickScorer, Lucchese et al., SIGIR 2015). Same sums (tests/nlu/test_trees.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

TOGETHER = 64  # rows tested at once
MANY = 5000  # rows from which scikit-learn's own loop is the quicker one
LEAVES = 32  # a tree's leaves are the bits of one number


class Trees:
    """A fitted two-class HistGradientBoostingClassifier without categories: `raw` gives the sums, `chance` probabilities.

    Raises ValueError for trees of more than LEAVES leaves.
    """

    def __init__(self, fitted: HistGradientBoostingClassifier):
        read = [_read(tree[0].nodes) for tree in fitted._predictors]
        self.baseline = float(np.ravel(fitted._baseline_prediction)[0])
        most = max(max((len(tests) for tests, _ in read), default=0), 1)
        shape = (most, len(read))
        self.feature = np.zeros(shape, dtype=np.int32)
        self.threshold = np.full(shape, np.inf, dtype=np.float32)  # a test that is not there never fails
        # Leaves left when the test fails, as bits; most trees have few, and narrow numbers are quicker.
        narrow = all(len(leaves) <= 16 for _, leaves in read)
        self.kept = np.full(shape, -1, dtype=np.int16 if narrow else np.int32)
        self.value = np.zeros((len(read), LEAVES))
        for tree, (tests, leaves) in enumerate(read):
            for place, (feature, threshold, kept) in enumerate(tests):
                self.feature[place, tree], self.threshold[place, tree], self.kept[place, tree] = feature, _down(threshold), kept
            self.value[tree, : len(leaves)] = leaves
        self.first = (np.arange(len(read)) * LEAVES).astype(np.int64)
        self._fitted: HistGradientBoostingClassifier | None = fitted

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_fitted": None}  # of use while learning only

    def raw(self, features: np.ndarray) -> np.ndarray:
        """Log-odds of the second class, shape (rows,), for float32 features of shape (rows, features) without NaN."""
        if len(features) > MANY and self._fitted is not None:  # in learning: scikit-learn is the quicker one for so many
            return self._fitted.decision_function(features)
        if len(features) > TOGETHER:  # blocks that the cache holds
            return np.concatenate([self.raw(features[at : at + TOGETHER]) for at in range(0, len(features), TOGETHER)])
        failed = features.take(self.feature, axis=1) > self.threshold
        left = np.bitwise_and.reduce(np.where(failed, self.kept, self.kept.dtype.type(-1)), axis=1)
        lowest = np.frexp((left & -left).astype(np.float32))[1] - 1
        return self.baseline + self.value.ravel().take(self.first + lowest).sum(axis=1)

    def chance(self, features: np.ndarray) -> np.ndarray:
        """Probability (0..1) of the second class, shape (rows,)."""
        return 1.0 / (1.0 + np.exp(-self.raw(features)))


def _down(threshold: float) -> np.float32:
    """The largest float32 not above: no float32 lies between, so comparisons stay what they were."""
    narrow = np.float32(threshold)
    return narrow if narrow <= threshold else np.nextafter(narrow, np.float32(-np.inf))


def _read(nodes: np.ndarray) -> tuple[list[tuple[int, float, int]], list[float]]:
    """([(feature, threshold, leaves kept when its test fails)], values of the leaves from left to right)."""
    tests: list[tuple[int, float, int]] = []
    leaves: list[float] = []

    def walk(at: int) -> None:
        node = nodes[at]
        if node["is_leaf"]:
            leaves.append(float(node["value"]))
            return
        first = len(leaves)
        place = len(tests)
        tests.append((0, 0.0, 0))
        walk(node["left"])
        ruled_out = ((1 << len(leaves)) - 1) & ~((1 << first) - 1)
        tests[place] = (int(node["feature_idx"]), float(node["num_threshold"]), ~ruled_out)
        walk(node["right"])

    walk(0)
    if len(leaves) > LEAVES:
        raise ValueError(f"a tree has {len(leaves)} leaves, at most {LEAVES} are evaluated")
    return tests, leaves
