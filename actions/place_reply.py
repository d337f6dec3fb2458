""""xã Bình Mỹ" said after "Bạn nay ở xã, phường nào?": the reply goes on asking where to file, with the place told before."""

from __future__ import annotations

from dataclasses import replace

from actions.history import last_rows, questions
from actions.talk import Talk
from knowledge.place_mentions import told_places
from knowledge.places import PlaceMatch, find_place, plain
from knowledge.search.analysis import fold

ASKED = "/places/ask"  # ends the row of a line that asks for the place
LONGEST = 14  # words
# What may stand around the name in such a reply; another word makes it another message.
_AROUND = frozenset(
    fold(
        "dạ vâng à ạ a ừ ở o tại em e tôi mình m tui tớ con cháu anh chị nhà đang thì là nay giờ nó của thuộc bây còn thế vậy "
        "nộp đâu chỗ nào hồ sơ cũ mới nhé nha ấy đó tỉnh thành phố quận huyện thị xã phường trấn đặc khu tp"
    ).split()
)


def place_reply(talk: Talk) -> tuple[str, Talk] | None:
    """(code, the talk with the place in full) when the message answers the question for a place, and says no more."""
    code = next((row.removesuffix(ASKED) for row in last_rows(talk) if row.endswith(ASKED)), None)
    if code is None or talk.text.startswith("/") or len(talk.text.split()) > LONGEST:
        return None
    match = next(iter(told_places(talk.text)), None) or find_place(talk.text)
    if match is None or not _only_the_place(talk.text, match):
        return None
    if match.ambiguous:
        match = _with_earlier(talk, match)
    name = match.old or (match.place.name if match.place else None)
    return code, replace(talk, text=f"ở {name}" if name else talk.text)


def _only_the_place(text: str, match: PlaceMatch) -> bool:
    names = " ".join(filter(None, (match.said, match.old, *(place.name for place in match.places))))
    known = {fold(word) for word in plain(names).split()} | _AROUND
    return all(fold(word) in known for word in plain(text).split())


def _with_earlier(talk: Talk, match: PlaceMatch) -> PlaceMatch:
    """The reply read as a part of the place that the question was about."""
    for text in questions(talk, 1):
        for earlier in told_places(text):
            for whole in filter(None, (earlier.old, earlier.province)):
                found = find_place(f"{match.said}, {whole}")
                if found and found.level == match.level and len(found.places) < len(match.places):
                    return found
    return match
