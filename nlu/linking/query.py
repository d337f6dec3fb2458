"""A message as the linker sees it: folded words, how much each counts, and its variant marks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import yaml

from knowledge.search.analysis import char_ngrams, fold, folded_words, terms, words

LEXICON = Path(__file__).parent.parent / "lexicon"
ASKING_WEIGHT = 0.12
WEAK_WEIGHT = 0.5
# A longer message than this is a story with repetitions; its first words carry the matter.
MAX_WORDS = 160


@lru_cache(maxsize=1)
def _asking() -> tuple[frozenset[tuple[str, ...]], int, frozenset[str]]:
    """(asking phrases as words, words of the longest, weak words)."""
    data = yaml.safe_load((LEXICON / "asking.yml").read_text(encoding="utf-8"))
    phrases = frozenset(tuple(folded_words(p)) for p in data["asking"])
    return phrases, max(map(len, phrases)), frozenset(" ".join(folded_words(p)) for p in data["weak"])


@lru_cache(maxsize=1)
def variant_patterns() -> list[tuple[str, re.Pattern]]:
    """(class, pattern) in file order."""
    data = yaml.safe_load((LEXICON / "variants.yml").read_text(encoding="utf-8"))
    return [(name, re.compile("|".join(f"(?:{p})" for p in patterns))) for name, patterns in data.items()]


@lru_cache(maxsize=20000)
def variants(text: str) -> frozenset[str]:
    """The variant classes found in a text (any writing)."""
    folded = " ".join(folded_words(text))
    return frozenset(name for name, pattern in variant_patterns() if pattern.search(folded))


@dataclass
class Query:
    """`weights` scales terms of every view; `topical` are the words that name the matter."""

    text: str
    tokens: list[str]
    terms: list[str]
    weights: dict[str, float]
    characters: list[str]
    accented: list[str]
    accented_weights: dict[str, float]
    topical: list[str]
    has_accents: bool
    variants: frozenset[str]
    matter: list[str]  # terms without the asking words


def make_query(text: str) -> Query:
    """Analyse a normalised message."""
    tokens = folded_words(text)[:MAX_WORDS]
    phrases, longest, weak = _asking()
    # Words that belong to an asking phrase; phrases may overlap ("mất mấy" and "mấy hôm").
    asked = [False] * len(tokens)
    for first in range(len(tokens)):
        for size in range(min(longest, len(tokens) - first), 0, -1):
            if tuple(tokens[first : first + size]) in phrases:
                asked[first : first + size] = [True] * size
                break
    word_weight: dict[str, float] = {}
    for token, is_asked in zip(tokens, asked):
        weight = ASKING_WEIGHT if is_asked else WEAK_WEIGHT if token in weak else 1.0
        word_weight[token] = max(weight, word_weight.get(token, 0.0))
    query_terms = terms(tokens)
    weights = dict(word_weight)
    for a, b in pairwise(tokens):
        weights[f"{a} {b}"] = (word_weight[a] * word_weight[b]) ** 0.5
    kept = [t for t, is_asked in zip(tokens, asked) if not is_asked]
    accented = words(text)[:MAX_WORDS]
    accented_weights = {}
    for a in accented:
        accented_weights[a] = word_weight.get(fold(a), 1.0)
    for a, b in pairwise(accented):
        accented_weights[f"{a} {b}"] = (accented_weights[a] * accented_weights[b]) ** 0.5
    return Query(
        text=text,
        tokens=tokens,
        terms=query_terms,
        weights=weights,
        characters=char_ngrams(kept),
        accented=terms(accented),
        accented_weights=accented_weights,
        topical=[t for t, is_asked in zip(tokens, asked) if not is_asked and t not in weak],
        has_accents=fold(text) != text.lower(),
        variants=variants(text),
        matter=terms(kept),
    )
