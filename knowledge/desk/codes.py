"""Short codes that people read aloud and type: six signs, none that looks or sounds like another, no vowel (no words)."""

from __future__ import annotations

import re
import secrets

LETTERS = "BCDFGHJKMNPQRTVWXZ"
DIGITS = "2346789"
LENGTH = 6
_SHAPE = re.compile(rf"(?<![^\W_])(?=[{LETTERS}]*[{DIGITS}])(?=[{DIGITS}]*[{LETTERS}])[{LETTERS}{DIGITS}]{{{LENGTH}}}(?![^\W_])", re.IGNORECASE)
# Somebody writes the code in two halves or with a dash.
_SPACED = re.compile(rf"(?<![^\W_])([{LETTERS}{DIGITS}]{{3}})[ .\-]([{LETTERS}{DIGITS}]{{3}})(?![^\W_])", re.IGNORECASE)


def new_code() -> str:
    """A random code with at least two letters and one digit; about 10^8 of them exist."""
    while True:
        code = "".join(secrets.choice(LETTERS + DIGITS) for _ in range(LENGTH))
        if 1 <= sum(sign in DIGITS for sign in code) <= LENGTH - 2:
            return code


def find_code(text: str) -> str | None:
    """The first code in a text, in capitals; None when there is none. 'bcd 234' and 'bcd-234' count."""
    match = _SHAPE.search(text)
    if match:
        return match.group().upper()
    for spaced in _SPACED.finditer(text):
        joined = (spaced.group(1) + spaced.group(2)).upper()
        if _SHAPE.fullmatch(joined):
            return joined
    return None
