"""How are the small phrase patterns of the lexicon matched?

A pattern is words with marks; each also matches its unaccented form, never another word with marks ("cháy" matches
"cháy" and "chay", not "chạy"); "=cháy" only with its marks. "(a|b)" is a choice, "( a)?" an option, "…" up to five words, "<n>" a number. Punctuation
between words is ignored. Matched against normalised text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from nlu.syllables import fold
from nlu.text import Normalised

_WORD = re.compile(r"=?[^\W\d_]+")
_BARE = re.compile(r"[^\W\d_]+")
_GAP = r"(?:\S+[\s,.;:?!]+){0,5}?"
_SPACE = r"[\s,.;:?!]+"


def _source(pattern: str, exact: bool) -> str:
    def word(found: re.Match[str]) -> str:
        written = found.group()
        if written.startswith("="):
            return written[1:]
        bare = fold(written)
        return written if exact or bare == written else f"(?:{written}|{bare})"

    source = _WORD.sub(word, pattern.replace("<n>", "\0"))
    source = source.replace(" … ", f"{_SPACE}{_GAP}").replace(" …", f"(?:{_SPACE}\\S+)+").replace("…", _GAP)
    return source.replace("( ", f"(?:{_SPACE}").replace(" )?", f"{_SPACE})?").replace(" ", _SPACE).replace("\0", r"\d[\d/.]*\S*")


@cache
def compile_phrases(patterns: tuple[str, ...], exact: bool = False) -> re.Pattern[str]:
    """One expression for several patterns, at word borders; `exact`: only with the marks as written."""
    return re.compile(r"(?<!\S)(?:" + "|".join(_source(pattern, exact) for pattern in patterns) + r")(?=[\s,.;:?!]|$)")


@cache
def _first_words(patterns: tuple[str, ...]) -> frozenset[str]:
    return frozenset(fold(word) for pattern in patterns for word in _BARE.findall(pattern.replace("<n>", "")))


class Phrases:
    """Several patterns as one test; messages that share no word with them are passed over quickly."""

    def __init__(self, patterns: Iterable[str]) -> None:
        chosen = tuple(patterns)
        self._pattern = compile_phrases(chosen) if chosen else None
        self._exact = compile_phrases(chosen, True) if chosen else None
        self._words = _first_words(chosen)

    def search(self, text: str, words: frozenset[str], exact: bool = False) -> re.Match[str] | None:
        """First match in `text` (from `searchable`); `words`: its folded words; `exact`: the writer sets marks, so "tay" is not "tẩy"."""
        if self._pattern is None or self._words.isdisjoint(words):
            return None
        return (self._exact if exact else self._pattern).search(text)

    def findall(self, text: str, words: frozenset[str]) -> list[re.Match[str]]:
        """Every match in `text`, in order."""
        if self._pattern is None or self._words.isdisjoint(words):
            return []
        return list(self._pattern.finditer(text))


def writes_marks(text: str) -> bool:
    """Whether a text is written with marks: Vietnamese sets them on some two words of three."""
    found = _BARE.findall(text)
    return sum(not word.isascii() for word in found) >= 0.45 * len(found) > 0


def searchable(message: Normalised) -> str:
    """The text that patterns are matched against: lower case, agreed spelling."""
    return message.text.lower()
