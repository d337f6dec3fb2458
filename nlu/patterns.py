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


_PART = re.compile(r"\(|\)\??|\||[^()|]+")


def needed_words(pattern: str) -> set[frozenset[str]]:
    """Folded words without which a pattern cannot match: all words of one of these sets must occur.

    Words outside all choices are needed; where there are none, those of one of the choices. An option needs nothing.
    """
    parts = iter(_PART.findall(pattern.replace("<n>", "")))

    def choice() -> tuple[set[frozenset[str]], bool]:
        """(what one of the alternatives up to the closing bracket needs, whether it may be left out)."""
        found: set[frozenset[str]] = set()
        words: set[str] = set()
        inner: list[set[frozenset[str]]] = []

        def end() -> None:
            found.update({frozenset(words)} if words or not inner else min(inner, key=len))
            words.clear()
            inner.clear()

        for part in parts:
            if part == "(":
                needs, optional = choice()
                if not optional:
                    inner.append(needs)
            elif part == "|":
                end()
            elif part.startswith(")"):
                end()
                return found, part == ")?"
            else:
                words.update(fold(word) for word in _BARE.findall(part))
        end()
        return found, False

    return choice()[0]


@cache
def _keys(patterns: tuple[str, ...]) -> tuple[bool, dict[str, list[frozenset[str]]]]:
    """(whether some pattern needs no word, longest needed word -> the sets that hold it)."""
    needs = sorted({need for pattern in patterns for need in needed_words(pattern)}, key=sorted)
    by_word: dict[str, list[frozenset[str]]] = {}
    for need in filter(None, needs):
        by_word.setdefault(max(need, key=lambda word: (len(word), word)), []).append(need)
    return not all(needs), by_word


class Phrases:
    """Several patterns as one test; messages without the words of any of them are passed over quickly."""

    def __init__(self, patterns: Iterable[str]) -> None:
        chosen = tuple(patterns)
        self._pattern = compile_phrases(chosen) if chosen else None
        self._exact = compile_phrases(chosen, True) if chosen else None
        self._always, self._needed = _keys(chosen)
        self._words = frozenset(self._needed)

    def possible(self, words: frozenset[str]) -> bool:
        """Whether a message of these folded words can match at all."""
        return self._always or any(need <= words for word in self._words & words for need in self._needed[word])

    def search(self, text: str, words: frozenset[str], exact: bool = False) -> re.Match[str] | None:
        """First match in `text` (from `searchable`); `words`: its folded words; `exact`: the writer sets marks, so "tay" is not "tẩy"."""
        if self._pattern is None or not self.possible(words):
            return None
        return (self._exact if exact else self._pattern).search(text)

    def findall(self, text: str, words: frozenset[str]) -> list[re.Match[str]]:
        """Every match in `text`, in order."""
        if self._pattern is None or not self.possible(words):
            return []
        return list(self._pattern.finditer(text))


def writes_marks(text: str) -> bool:
    """Whether a text is written with marks: Vietnamese sets them on some two words of three."""
    found = _BARE.findall(text)
    return sum(not word.isascii() for word in found) >= 0.45 * len(found) > 0


def searchable(message: Normalised) -> str:
    """The text that patterns are matched against: lower case, agreed spelling."""
    return message.text.lower()
