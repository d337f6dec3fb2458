"""What was said before in this talk, read from the tracker's events (gone after a restart; the slots stay)."""

from __future__ import annotations

from actions.answer import Answer
from actions.talk import Talk


def questions(talk: Talk, limit: int = 5, *, present: bool = False) -> list[str]:
    """What the person wrote last, oldest first, buttons left out; without the present message unless `present`."""
    said = [event.get("text") or "" for event in talk.events if event.get("event") == "user"]
    if said and not present:
        said = said[:-1]
    return [text for text in said if text.strip() and not text.startswith("/")][-limit:]


def last_answer(talk: Talk) -> Answer | None:
    """The newest answer that told something with a source; None when there is none."""
    for event in reversed(talk.events):
        data = (event.get("metadata") or {}).get("answer") if event.get("event") == "bot" else None
        if data and data.get("kind") in ("answer", "guidance"):
            return Answer.from_dict(data)
    return None
