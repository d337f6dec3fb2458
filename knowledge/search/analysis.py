"""Words and character n-grams of Vietnamese text, with and without accents."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

_WORD = re.compile(r"[^\W_]+(?:[./-][^\W_]+)*", re.UNICODE)
_MARKS = re.compile(r"[\u0300-\u036f]")


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Lower case without accents: 'Đăng ký' -> 'dang ky'. Y and i at a word's end are one ('ký' = 'kí')."""
    stripped = _MARKS.sub("", unicodedata.normalize("NFD", text.lower())).replace("đ", "d")
    return re.sub(r"(?<=[hklmst])y\b", "i", stripped)


# Long names that stand for one thing would outweigh the words that tell procedures apart, so they count as one word.
_WHOLE = {"trách nhiệm hữu hạn": "tnhh", "ủy ban nhân dân": "ubnd", "uỷ ban nhân dân": "ubnd"}
_WHOLE_WRITTEN = re.compile("|".join(_WHOLE))
_WHOLE_FOLDED = re.compile(r"\btrach nhiem huu han\b|\bui ban nhan dan\b|\buy ban nhan dan\b")


def words(text: str) -> list[str]:
    """Lower-case words in order; codes and numbers such as '1.004194' or '01/bđs' stay whole."""
    return _WORD.findall(_WHOLE_WRITTEN.sub(lambda found: _WHOLE[found.group()], unicodedata.normalize("NFC", text).lower()))


def folded_words(text: str) -> list[str]:
    """The same without accents."""
    return _WORD.findall(_WHOLE_FOLDED.sub(lambda found: "tnhh" if found.group()[0] == "t" else "ubnd", fold(text)))


def terms(tokens: list[str]) -> list[str]:
    """Words and pairs of neighbours: Vietnamese words are mostly two syllables, so pairs carry the meaning."""
    return tokens + [f"{a} {b}" for a, b in pairwise(tokens)]


def char_ngrams(tokens: list[str], low: int = 3, high: int = 4) -> list[str]:
    """Character n-grams inside a text of words joined by single spaces, borders marked by a space."""
    text = f" {' '.join(tokens)} "
    return [text[i : i + n] for n in range(low, high + 1) for i in range(len(text) - n + 1)]
