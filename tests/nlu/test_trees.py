"""The flat evaluation of boosted trees gives scikit-learn's own sums."""

from __future__ import annotations

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from nlu.linking.trees import Trees


def test_the_same_sums():
    dice = np.random.default_rng(4)
    features = dice.normal(size=(900, 7)).astype(np.float32)
    features[:, 3] = dice.integers(0, 3, 900)
    labels = (features[:, 0] * features[:, 1] + (features[:, 3] == 2) + dice.normal(size=900) > 0.5).astype(int)
    fitted = HistGradientBoostingClassifier(max_iter=40, max_leaf_nodes=9, random_state=0).fit(features, labels)
    fresh = dice.normal(size=(300, 7)).astype(np.float32)
    fresh[:, 3] = dice.integers(-1, 4, 300)
    trees = Trees(fitted)
    assert np.allclose(trees.raw(fresh), fitted._raw_predict(fresh).ravel(), atol=1e-9)
    assert np.allclose(trees.chance(fresh), fitted.predict_proba(fresh)[:, 1], atol=1e-9)
    assert trees.raw(fresh[:0]).shape == (0,)
