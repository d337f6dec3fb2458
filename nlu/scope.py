"""Which words of a message put it outside the knowledge base?

The patterns of `lexicon/scope.yml` with their exceptions; `safety.py` decides with them, the question type learns from
them as features. Pure functions on normalised text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from nlu.lexicon import load
from nlu.patterns import Phrases, searchable, writes_marks
from nlu.text import Normalised

_WORDS = re.compile(r"\w+")
_NAMES = {"injection": "prompt_injection"}


class Hit(NamedTuple):
    """kind: intent. group: which (fire, forgery, weather ...). call: number to ring or "". words: what matched."""

    kind: str
    group: str
    call: str
    words: str


@dataclass(frozen=True)
class _Group:
    kind: str
    name: str
    call: str
    patterns: Phrases
    unless: Phrases
    raw: re.Pattern[str] | None


@cache
def _groups() -> list[_Group]:
    out = []
    for kind, groups in load("scope").items():
        for name, data in groups.items():
            raw = re.compile("|".join(data["raw"]), re.I) if data.get("raw") else None
            patterns, unless = Phrases(data["patterns"]), Phrases(data["unless"] or [])
            out.append(_Group(_NAMES.get(kind, kind), name, data.get("call", ""), patterns, unless, raw))
    return out


@cache
def _procedure_words() -> Phrases:
    return Phrases(load("cues")["procedure_words"])


def bare_words(message: Normalised) -> frozenset[str]:
    """The folded words of a message."""
    return frozenset(_WORDS.findall(message.folded))


def about_procedure(message: Normalised) -> bool:
    """Whether words of administrative procedures occur at all."""
    return _procedure_words().search(searchable(message), bare_words(message)) is not None


def matches(message: Normalised) -> tuple[list[Hit], frozenset[str]]:
    """Groups whose pattern fits and whose exceptions do not, and the kinds for which an exception held."""
    text = searchable(message)
    words = bare_words(message)
    exact = writes_marks(text)
    found: list[Hit] = []
    excepted: set[str] = set()
    for group in _groups():
        hit = group.patterns.search(text, words, exact)
        if hit and group.unless.search(text, words):
            excepted.add(group.kind)
        elif hit:
            found.append(Hit(group.kind, group.name, group.call, hit.group()))
        elif group.raw and (raw := group.raw.search(message.original)):
            found.append(Hit(group.kind, group.name, group.call, raw.group()))
    return found, frozenset(excepted)
