"""How do people's phones and habits spoil a clean sentence?

Eight kinds of noise as pure functions `(text, rng) -> text`, used to augment training data and by the noise gate
(benchmarks/noise.py). Codes, document numbers, form names and amounts are never touched.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable
from functools import cache

from nlu.lexicon import load
from nlu.syllables import MARKS, analyse, strip_tone

_WORD = re.compile(r"[^\W\d_]+")
_TOKEN = re.compile(r"\S+")
_TELEX = {"ă": "aw", "â": "aa", "ê": "ee", "ô": "oo", "ơ": "ow", "ư": "uw", "đ": "dd"}
_VNI = {"ă": "a8", "â": "a6", "ê": "e6", "ô": "o6", "ơ": "o7", "ư": "u7", "đ": "d9"}
_VNI_TONE = {"s": "1", "f": "2", "r": "3", "x": "4", "j": "5", "": ""}
_CONFUSED = (("s", "x"), ("x", "s"), ("ch", "tr"), ("tr", "ch"), ("gi", "d"), ("d", "gi"), ("l", "n"), ("n", "l"))


def _map_words(text: str, change: Callable[[str], str], share: float, rng: random.Random) -> str:
    """Change a share of the plain words; tokens with a digit in them stay."""

    def token(found: re.Match[str]) -> str:
        piece = found.group()
        if any(char.isdigit() for char in piece):
            return piece
        return _WORD.sub(lambda m: change(m.group()) if rng.random() < share else m.group(), piece)

    return _TOKEN.sub(token, text)


def strip_marks(text: str) -> str:
    """The same letters without marks, case kept (đ -> d)."""
    text = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return unicodedata.normalize("NFC", "".join(char for char in text if not unicodedata.combining(char)))


def no_marks(text: str, rng: random.Random) -> str:
    """All marks gone, as most phone messages are."""
    return strip_marks(text)


def mixed_marks(text: str, rng: random.Random) -> str:
    """Half of the words lose all marks, some only the tone ("dang ký kêt hon")."""

    def change(word: str) -> str:
        if rng.random() < 0.3:
            base, _ = strip_tone(word.lower())
            return base if word.islower() else word
        return strip_marks(word)

    return _map_words(text, change, 0.5, rng)


def _keys(word: str, table: dict[str, str], tones: Callable[[str], str]) -> str:
    base, tone = strip_tone(word.lower())
    return "".join(table.get(char, char) for char in base) + tones(tone)


def telex(text: str, rng: random.Random) -> str:
    """Telex keys left standing in half of the words ("ddawng kys")."""
    return _map_words(text, lambda word: _keys(word, _TELEX, lambda tone: tone), 0.5, rng)


def vni(text: str, rng: random.Random) -> str:
    """VNI keys left standing in half of the words ("d9a8ng ky1")."""
    return _map_words(text, lambda word: _keys(word, _VNI, _VNI_TONE.__getitem__), 0.5, rng)


@cache
def _short_forms() -> dict[str, list[str]]:
    """Meaning -> short forms, from the lexicon's unconditional entries."""
    table: dict[str, list[str]] = {}
    for name in ("slang", "abbreviations"):
        for key, value in load(name).items():
            if isinstance(value, str) and value and key.isalpha() and len(key) <= max(4, len(value) // 2):
                table.setdefault(value, []).append(key)
    return table


def slang(text: str, rng: random.Random) -> str:
    """Teencode and abbreviations in place of the words, where there is one."""
    forms = _short_forms()
    words = text.lower().split()
    out: list[str] = []
    at = 0
    while at < len(words):
        for size in (4, 3, 2, 1):
            phrase = " ".join(words[at : at + size])
            bare = phrase.rstrip("?.,!")
            if at + size <= len(words) and bare in forms and (rng.random() < 0.7 or size > 2):
                out.append(rng.choice(forms[bare]) + phrase[len(bare) :])
                at += size
                break
        else:
            out.append(words[at])
            at += 1
    return " ".join(out)


def typos(text: str, rng: random.Random) -> str:
    """One word in five misspelt: swapped letters, a missing or doubled letter, a wrong tone, letters that sound alike."""

    def change(word: str) -> str:
        if len(word) < 3:
            return word
        kind = rng.randrange(5)
        at = rng.randrange(1, len(word) - 1)
        if kind == 0:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        if kind == 1:
            return word[:at] + word[at + 1 :]
        if kind == 2:
            return word[: at + 1] + word[at] + word[at + 1 :]
        if kind == 3:
            found = analyse(word.lower())
            if found and found.tone in ("r", "x"):
                mark = MARKS["x" if found.tone == "r" else "r"]
                return unicodedata.normalize(
                    "NFC", unicodedata.normalize("NFD", word).replace(MARKS[found.tone], mark)
                )
            return word
        for sound, other in rng.sample(_CONFUSED, len(_CONFUSED)):
            if word.lower().startswith(sound) and not word.lower().startswith(sound + "h"):
                return other + word[len(sound) :]
        return word

    return _map_words(text, change, 0.2, rng)


def split_glued(text: str, rng: random.Random) -> str:
    """A missing space, and a space inside a word."""
    words = text.split()
    if len(words) > 1:
        at = rng.randrange(len(words) - 1)
        if not any(char.isdigit() or char in "?.,!:;" for char in words[at] + words[at + 1]):
            words[at : at + 2] = [words[at] + words[at + 1].lower()]
    at = rng.randrange(len(words))
    word = words[at]
    if len(word) > 3 and word.isalpha():
        cut = rng.choice([1, len(word) - 1])
        words[at] = f"{word[:cut]} {word[cut:]}"
    return " ".join(words)


def capitals(text: str, rng: random.Random) -> str:
    """Everything in capitals."""
    return _TOKEN.sub(lambda m: m.group() if any(c.isdigit() for c in m.group()) else m.group().upper(), text)


KINDS: dict[str, Callable[[str, random.Random], str]] = {
    "no_marks": no_marks,
    "mixed_marks": mixed_marks,
    "telex": telex,
    "vni": vni,
    "slang": slang,
    "typos": typos,
    "split_glued": split_glued,
    "capitals": capitals,
}


def spoil(text: str, kind: str, seed: int = 0) -> str:
    """`text` with one kind of noise, the same for the same seed. Raises KeyError for an unknown kind."""
    return KINDS[kind](text, random.Random(f"{seed} {kind} {text}"))
