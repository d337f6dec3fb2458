"""What is a Vietnamese syllable, and how is it spelt?

A syllable is onset + rime + tone. The closed lists of onsets and rimes are data
(`lexicon/syllables.yml`); this file splits a word into the three, puts the tone mark in
one agreed place ("hoà" -> "hòa"), reads Telex and VNI key residue ("ddawng", "d9a8ng"),
and repairs misplaced marks ("ngừoi" -> "người"). Pure functions, cached.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NamedTuple

from nlu.lexicon import load

TONES = {"": "", "\u0301": "s", "\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
MARKS = {name: mark for mark, name in TONES.items() if name}
_VNI_TONES = {"1": "s", "2": "f", "3": "r", "4": "x", "5": "j"}
_HORN = {"u": "ư", "o": "ơ", "a": "ă"}
_CIRCUMFLEX = {"a": "â", "e": "ê", "o": "ô"}
VOWELS = frozenset("aăâeêioôơuưy")


class Syllable(NamedTuple):
    """Onset, rime with vowel quality but without tone, and tone as a Telex key ("" is level)."""

    onset: str
    rime: str
    tone: str


def _fold_table() -> dict[int, str]:
    table = {}
    for code in range(0x00C0, 0x1EFA):
        char = chr(code)
        base = unicodedata.normalize("NFD", char)
        if len(base) > 1 and base[0].isalpha():
            table[code] = base[0].lower()
    table.update({ord("đ"): "d", ord("Đ"): "d"})
    table.update({mark: "" for mark in range(0x0300, 0x0370)})
    table.update({code: chr(code + 32) for code in range(65, 91)})
    return table


_FOLD = _fold_table()


def fold(text: str) -> str:
    """Lower-case text without any Vietnamese mark (đ -> d). Same length for composed (NFC) text."""
    return text.translate(_FOLD).lower() if not text.isascii() else text.lower()


@lru_cache(maxsize=1)
def _grammar() -> tuple[list[str], frozenset[str], frozenset[str], dict[str, list[str]], frozenset[str]]:
    data = load("syllables")
    rimes = frozenset(data["rimes"].split())
    qu_rimes = frozenset(data["qu_rimes"].split())
    by_fold: dict[str, list[str]] = {}
    for rime in sorted(rimes):
        by_fold.setdefault(fold(rime), []).append(rime)
    onsets = sorted(data["onsets"], key=len, reverse=True)
    return onsets, rimes, qu_rimes, by_fold, frozenset(data["exceptions"])


@lru_cache(maxsize=20_000)
def strip_tone(word: str) -> tuple[str, str]:
    """Lower-case NFC word -> (word without tone marks, tone). The last tone wins where there are two."""
    if word.isascii():
        return word, ""
    out, tone = [], ""
    for char in unicodedata.normalize("NFD", word):
        if char in MARKS.values():
            tone = TONES[char]
        else:
            out.append(char)
    return unicodedata.normalize("NFC", "".join(out)), tone


def _rime_fits(onset: str, rime: str) -> bool:
    _, rimes, qu_rimes, by_fold, _ = _grammar()
    if onset == "qu":
        return rime in qu_rimes or rime in {fold(r) for r in qu_rimes}
    if onset == "gi" and rime == "":
        return True
    if rime.startswith("y") and len(rime) > 1 and onset:
        return False  # "yêu", "yên" stand without an onset
    return rime in rimes or (rime.isascii() and rime in by_fold)


@lru_cache(maxsize=20_000)
def analyse(word: str) -> Syllable | None:
    """Split a lower-case NFC word; None when it is no Vietnamese syllable.

    A rime without any mark counts when it is the bare form of a real one ("khong"); half-marked rimes do not.
    """
    if not word or len(word) > 7:
        return None
    if word in _grammar()[4]:
        return Syllable("", word, "")
    base, tone = strip_tone(word)
    for onset in [*_grammar()[0], ""]:
        if base.startswith(onset):
            rime = base[len(onset) :]
            if (rime or onset == "gi") and _rime_fits(onset, rime):
                # Stops (c, ch, p, t) take only sắc or nặng; no mark at all is unaccented typing.
                if tone in "frx" and tone and rime[-1:] in ("c", "p", "t"):
                    return None
                if tone in "frx" and tone and rime.endswith("ch"):
                    return None
                return Syllable(onset, rime, tone)
    return None


def is_syllable(word: str) -> bool:
    """True for a lower-case NFC word that can be a Vietnamese syllable, with or without its marks."""
    return analyse(word) is not None


def spell(syllable: Syllable) -> str:
    """Write a syllable with the tone in the older, commoner place ("hòa", "thủy")."""
    onset, rime, tone = syllable
    if onset == "gi" and rime == "":
        onset, rime = "g", "i"
    if not tone:
        return onset + rime
    spots = [i for i, char in enumerate(rime) if char in VOWELS]
    if not spots:
        return onset + rime
    marked = [i for i in spots if rime[i] in "ăâêôơư"]
    if marked:
        spot = marked[-1]
    elif len(spots) == 1:
        spot = spots[0]
    elif len(spots) == 3 or spots[-1] < len(rime) - 1:
        spot = spots[1]
    else:
        spot = spots[0]
    char = unicodedata.normalize("NFC", rime[spot] + MARKS[tone])
    return onset + rime[:spot] + char + rime[spot + 1 :]


def decode_keys(word: str) -> str | None:
    """Read Telex or VNI residue as the input method would: "ddawng" -> "đăng", "ky1" -> "ký".

    None when the keys do not give a Vietnamese syllable. Marks that are there already stay.
    """
    vni = any(char in "0123456789" for char in word)
    base, tone = strip_tone(word)
    letters: list[str] = []
    for key in base:
        seen_vowel = any(char in VOWELS for char in letters)
        if vni and key.isdigit():
            if not letters:
                return None
            if key in _VNI_TONES and seen_vowel:
                tone = _VNI_TONES[key]
            elif key == "9" and letters[0] == "d":
                letters[0] = "đ"
            elif key in "678" and seen_vowel:
                _apply(letters, _CIRCUMFLEX if key == "6" else _HORN, "uo" if key == "7" else "aeo" if key == "6" else "a")
            elif key != "0":
                return None
        elif not vni and seen_vowel and key in "sfrxj":
            tone = key
        elif not vni and seen_vowel and key == "w":
            _apply(letters, _HORN, "uoa")
        elif not vni and key == "w":
            letters.append("ư")
        elif not vni and key == "d" and letters and letters[0] == "d" and (seen_vowel or len(letters) == 1):
            letters[0] = "đ"
        elif not vni and key in "aeo" and key in letters and seen_vowel:
            at = len(letters) - 1 - letters[::-1].index(key)
            letters[at] = _CIRCUMFLEX[key]
        else:
            letters.append(key)
    found = analyse("".join(letters))
    if found is None:
        found = _complete("".join(letters))
    if found is None or (found.rime.isascii() and not tone and not found.onset.startswith("đ")):
        return None
    if tone in "frx" and tone and (found.rime[-1:] in ("c", "p", "t") or found.rime.endswith("ch")):
        return None
    result = spell(Syllable(found.onset, found.rime, tone))
    return result if result != word else None


def _apply(letters: list[str], table: dict[str, str], which: str) -> None:
    """Put horn, breve or circumflex on the last fitting vowel ("uo" takes two horns)."""
    for at in range(len(letters) - 1, -1, -1):
        if letters[at] in table and letters[at] in which:
            letters[at] = table[letters[at]]
            if letters[at] == "ơ" and at and letters[at - 1] == "u" and (at < 2 or letters[at - 2] != "q"):
                letters[at - 1] = "ư"
            elif letters[at] == "ư" and at + 1 < len(letters) and letters[at + 1] == "o":
                letters[at + 1] = "ơ"
            return


def _complete(base: str) -> Syllable | None:
    """A half-marked rime with exactly one full form: "ưoi" -> "ươi"."""
    onsets, _, _, by_fold, _ = _grammar()
    for onset in [*onsets, ""]:
        if base.startswith(onset):
            rime = base[len(onset) :]
            fits = [
                full
                for full in by_fold.get(fold(rime), ())
                if len(full) == len(rime) and all(typed in (full[i], fold(full[i])) for i, typed in enumerate(rime))
            ]
            if len(fits) == 1 and not (fits[0].startswith("y") and onset):
                return Syllable(onset, fits[0], "")
            if fits:
                return None
    return None


def repair(word: str) -> str | None:
    """Put misplaced or half-set marks right ("ngừoi", "đựoc", "naò"); None when not certain."""
    base, tone = strip_tone(word)
    found = analyse(base) or _complete(base)
    if found is None:
        return None
    result = spell(Syllable(found.onset, found.rime, tone))
    return result if analyse(result) else None
