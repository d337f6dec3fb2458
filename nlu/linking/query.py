"""A message as the linker sees it: folded words, how much each counts, and its variant marks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import yaml

from knowledge.search.analysis import char_ngrams, fold, folded_words, terms, words
from nlu.lexicon import load

LEXICON = Path(__file__).parent.parent / "lexicon"
ASKING_WEIGHT = 0.12
WEAK_WEIGHT = 0.5
# A longer message than this is a story with repetitions; its first words carry the matter.
MAX_WORDS = 160


@lru_cache(maxsize=1)
def _asking() -> tuple[dict[tuple[str, ...], list[tuple[str, ...]]], int, frozenset[str]]:
    """(asking phrases folded -> as written, words of the longest, weak words)."""
    data = yaml.safe_load((LEXICON / "asking.yml").read_text(encoding="utf-8"))
    phrases: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for phrase in data["asking"]:
        phrases.setdefault(tuple(folded_words(phrase)), []).append(tuple(words(phrase)))
    return phrases, max(map(len, phrases)), frozenset(" ".join(folded_words(p)) for p in data["weak"])


@lru_cache(maxsize=1)
def _compounds() -> frozenset[str]:
    """Two-syllable words, as written and folded, that are no asking phrase: in "can cuoc" the first is not "cần"."""
    phrases = _asking()[0]
    listed = [words(word) for line in load("compounds")["words"] for word in line.split(",")]
    pairs = [pair for pair in listed if len(pair) == 2 and tuple(map(fold, pair)) not in phrases]
    return frozenset(" ".join(pair) for pair in pairs) | frozenset(" ".join(map(fold, pair)) for pair in pairs)


def asking_words(tokens: list[str], written: list[str]) -> list[bool]:
    """Which words only ask. `written`: the same words with the marks that were typed.

    A word typed with marks must agree with the phrase ("thẻ" is not "thế"); one without may be anything, so alone it
    counts as asking only where it builds no known word with its neighbour ("can cuoc", "ban sao", "the tam tru").
    """
    phrases, longest, _ = _asking()
    aligned = len(tokens) == len(written)
    asked = [False] * len(tokens)
    for first in range(len(tokens)):
        for size in range(min(longest, len(tokens) - first), 0, -1):
            forms = phrases.get(tuple(tokens[first : first + size]))
            if not forms:
                continue
            typed = written[first : first + size] if aligned else tokens[first : first + size]
            if not any(all(t == w or t.isascii() for t, w in zip(typed, form)) for form in forms):
                continue
            if size == 1 and _in_compound(written if aligned else tokens, first):
                continue
            asked[first : first + size] = [True] * size
            break
    return asked


def _in_compound(typed: list[str], at: int) -> bool:
    known = _compounds()
    return (at > 0 and f"{typed[at - 1]} {typed[at]}" in known) or (at + 1 < len(typed) and f"{typed[at]} {typed[at + 1]}" in known)


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
    matter_words: list[str]  # words that do not only ask
    matter: list[str]  # the same and their pairs
    pairs: dict[str, float]  # neighbouring words -> weight, those of asking words left out
    pair_mass: float


def make_query(text: str) -> Query:
    """Analyse a normalised message."""
    tokens = folded_words(text)[:MAX_WORDS]
    accented = words(text)[:MAX_WORDS]
    weak = _asking()[2]
    asked = asking_words(tokens, accented)
    word_weight: dict[str, float] = {}
    for token, is_asked in zip(tokens, asked):
        weight = ASKING_WEIGHT if is_asked else WEAK_WEIGHT if token in weak else 1.0
        word_weight[token] = max(weight, word_weight.get(token, 0.0))
    query_terms = terms(tokens)
    weights = dict(word_weight)
    pairs: dict[str, float] = {}
    for a, b in pairwise(tokens):
        weight = (word_weight[a] * word_weight[b]) ** 0.5
        weights[f"{a} {b}"] = weight
        if weight > 0.3:
            pairs[f"{a} {b}"] = weight
    kept = [t for t, is_asked in zip(tokens, asked) if not is_asked]
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
        matter_words=kept,
        matter=terms(kept),
        pairs=pairs,
        pair_mass=sum(pairs.values()),
    )
