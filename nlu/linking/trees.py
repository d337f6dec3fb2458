"""Boosted trees, learned by scikit-learn, evaluated all at once.

scikit-learn walks its trees one by one from Python, which costs 2 ms a call for 40 rows; here all rows go down all
trees together, level by level. Same sums (tests/nlu/test_trees.py).
"""

from __future__ import annotations

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier


class Trees:
    """A fitted two-class HistGradientBoostingClassifier without categories: `raw` gives the sums, `chance` probabilities."""

    def __init__(self, fitted: HistGradientBoostingClassifier):
        nodes = [tree[0].nodes for tree in fitted._predictors]
        starts = np.cumsum([0, *map(len, nodes)])[:-1]
        joined = np.concatenate(nodes)
        shift = np.repeat(starts, list(map(len, nodes)))
        leaf = joined["is_leaf"].astype(bool)
        own = np.arange(len(joined))
        self.baseline = float(np.ravel(fitted._baseline_prediction)[0])
        self.roots = starts.astype(np.int32)
        self.feature = np.where(leaf, 0, joined["feature_idx"]).astype(np.int32)
        self.threshold = joined["num_threshold"].astype(np.float64)
        # A leaf leads to itself, so that short branches wait for the long ones.
        self.left = np.where(leaf, own, joined["left"] + shift).astype(np.int32)
        self.right = np.where(leaf, own, joined["right"] + shift).astype(np.int32)
        self.value = np.where(leaf, joined["value"], 0.0)
        self.depth = int(joined["depth"].max())

    def raw(self, features: np.ndarray) -> np.ndarray:
        """Log-odds of the second class, shape (rows,), for features of shape (rows, features) without NaN."""
        at = np.broadcast_to(self.roots, (len(features), len(self.roots)))
        rows = np.arange(len(features))[:, None]
        for _ in range(self.depth):
            at = np.where(features[rows, self.feature[at]] <= self.threshold[at], self.left[at], self.right[at])
        return self.baseline + self.value[at].sum(axis=1)

    def chance(self, features: np.ndarray) -> np.ndarray:
        """Probability (0..1) of the second class, shape (rows,)."""
        return 1.0 / (1.0 + np.exp(-self.raw(features)))
