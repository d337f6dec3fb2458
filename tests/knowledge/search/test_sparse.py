"""The inverted indexes against the same formulas said plainly, text by text."""

import math
import random
from collections import Counter

import numpy as np
import pytest

from knowledge.search.passages import best_rows
from knowledge.search.sparse import SectionedIndex, SparseIndex

RNG = random.Random(7)
WORDS = [f"w{n}" for n in range(400)]
ODDS = [1 / (n + 1) for n in range(400)]
DOCUMENTS = [RNG.choices(WORDS, ODDS, k=RNG.randint(1, 20)) for _ in range(900)] + [[]]
QUERIES = [[*RNG.choices(WORDS, ODDS, k=5), "never-seen"] for _ in range(40)]


def holding(documents):
    return Counter(term for document in documents for term in set(document))


def idf(documents, seen):
    return math.log1p((len(documents) - seen + 0.5) / (seen + 0.5)) if seen else math.log1p(len(documents) + 0.5)


def is_common(documents, seen):
    return seen > max(0.1 * len(documents), 200)


def bm25(documents, query, k1=1.2, b=0.6):
    mean = max(sum(map(len, documents)) / len(documents), 1.0)
    seen = holding(documents)
    rarity = {term: 0.0 if is_common(documents, seen[term]) else idf(documents, seen[term]) for term in query}
    told = []
    for document in documents:
        counts = Counter(document)
        norm = k1 * (1 - b + b * len(document) / mean)
        told.append(sum(rarity[t] * counts[t] * (k1 + 1) / (counts[t] + norm) for t in set(query) if counts[t]))
    return told


def cosine(documents, query):
    seen = holding(documents)
    rarity = {term: idf(documents, seen[term]) for term in {*query, *WORDS}}

    def vector(text):
        return {t: (1 + math.log(n)) * rarity[t] for t, n in Counter(text).items()}

    asked, told = vector(query), []
    for document in documents:
        has = vector(document)
        sizes = [math.sqrt(sum(v * v for v in one.values())) for one in (asked, has)]
        told.append(sum(asked[t] * has.get(t, 0) for t in asked if not is_common(documents, seen[t])) / max(sizes[0] * sizes[1], 1e-9))
    return told


@pytest.mark.parametrize("weighting, plainly", [("bm25", bm25), ("cosine", cosine)])
def test_one_collection(weighting, plainly):
    index = SparseIndex(DOCUMENTS, weighting)
    for query in QUERIES:
        assert np.allclose(index.scores(query), plainly(DOCUMENTS, query), atol=1e-4)


def test_several_collections_in_one_pass():
    sections = [DOCUMENTS[:400], DOCUMENTS[400:600], DOCUMENTS[600:]]
    index = SectionedIndex(sections, (0, 1, 1))
    for query in QUERIES:
        by_cosine, by_bm25 = index.scores(query)
        assert np.allclose(by_cosine, [score for section in sections for score in cosine(section, query)], atol=1e-4)
        assert np.allclose(by_bm25, bm25(sections[0], query) + bm25(DOCUMENTS[400:], query), atol=1e-4)


def test_a_query_of_nothing_but_everyday_words_finds_nothing():
    index = SectionedIndex([[["w0", f"x{n}"] for n in range(300)]], (0,))
    for query in (["w0"], [], ["never-seen"]):
        assert [score.tolist() for score in index.scores(query)] == [[0.0] * 300] * 2


@pytest.mark.parametrize("size", [0, 1, 63, 64, 1000, 5000])
@pytest.mark.parametrize("limit", [1, 10])
def test_the_best_rows_are_those_of_a_full_sort(size, limit):
    total = np.round(np.random.default_rng(size).normal(size=size), 1).astype(np.float32)
    expected = [row for row in np.argsort(-total, kind="stable")[:limit].tolist() if total[row] > 0]
    assert best_rows(total, limit) == expected
