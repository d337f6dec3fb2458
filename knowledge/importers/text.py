"""One form of text before anything is parsed: NFC, plain spaces, no invisible characters.

The portal mixes decomposed letters ("ê" as e + U+0302), U+200E marks, tabs, no-break spaces and bullets
from a symbol font (private use area). `normalise` repairs all of them without touching a visible letter.
"""

from __future__ import annotations

import re
import unicodedata

# Letters for character classes. A range such as "À-Ỹ" would not do: capitals and small letters alternate there.
UPPER = "A-Z" + "".join(chr(code) for code in (*range(0xC0, 0x1B1), *range(0x1EA0, 0x1EFA)) if chr(code).isupper())
LOWER = "a-z" + "".join(chr(code) for code in (*range(0xDF, 0x1B1), *range(0x1EA0, 0x1EFA)) if chr(code).islower())

# Format characters and the like that show nothing: marks of direction, zero-width, soft hyphen, BOM.
_HALF = re.compile("[\ud800-\udfff]")  # half surrogates are no text, and no database takes them
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]")
_ODD_SPACE = re.compile("[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_SYMBOL_BULLET = re.compile("[\ue000-\uf8ff]")  # Wingdings and friends: always a bullet in this data
_SPACES = re.compile(r" {2,}")
_AROUND_NEWLINE = re.compile(r" *\n *")
_EMPTY = {"", "không có thông tin", "không có thông tin.", "chưa có thông tin", "...", "…", ".", "--", "-", "----"}
_EMPTY_ANSWER = _EMPTY | {"không", "không có", "không quy định", "chưa quy định", "khác"}
_BULLET = re.compile(r"^(?:[-–—+*•●▪◦·]\s*)+(?=\S)")


def normalise(text: str | None) -> str:
    """`text` in NFC with single spaces; newlines stay, as one "\\n" each. None becomes ""."""
    if not text:
        return ""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _INVISIBLE.sub("", _HALF.sub("", text))
    text = _ODD_SPACE.sub(" ", text)
    text = _SYMBOL_BULLET.sub("-", text)
    text = _SPACES.sub(" ", text)
    # Removing an invisible mark may bring a letter and its accent together.
    return unicodedata.normalize("NFC", _AROUND_NEWLINE.sub("\n", text)).strip()


def was_decomposed(text: str) -> bool:
    """True if `text` was written with letters and accents apart (or has characters that show nothing)."""
    return not unicodedata.is_normalized("NFC", text) or bool(_INVISIBLE.search(text))


def one_line(text: str) -> str:
    """All white space as single spaces."""
    return " ".join(text.split())


def says_nothing(text: str | None, *, answers: bool = False) -> bool:
    """True for the portal's empty markers, also run together ("Không có thông tinKhông có thông tin").

    With `answers`, also for "Không", "Không quy định" and the like, which are empty in a cell of time or conditions.
    """
    plain = one_line(normalise(text)).casefold().strip(" ;,*+")
    while plain.startswith("không có thông tin") and plain != "không có thông tin":
        plain = plain[len("không có thông tin") :].strip()
    plain = plain or "không có thông tin"
    return plain in _EMPTY or plain.strip("-") == "" or (answers and plain.rstrip(".") in _EMPTY_ANSWER)


def or_none(text: str | None) -> str | None:
    """Normalised text, or None when it says nothing."""
    return None if says_nothing(text) else normalise(text)


def strip_bullet(text: str) -> str:
    """Without "- ", "+ ", "* " at the start and stray spaces around. A text of bullets only stays as it is."""
    return _BULLET.sub("", text.strip()).strip()


def short(text: str, limit: int = 160) -> str:
    """For a flag: one line, cut at `limit` characters with an ellipsis."""
    text = one_line(text)
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
