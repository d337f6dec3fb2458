"""What was said before in this talk, read from the tracker's events (gone after a restart; the slots stay)."""

from __future__ import annotations

from actions.answer import Answer
from actions.talk import Talk

# Messages that move the talk and ask nothing.
_MOVES = frozenset(
    ["guide_next", "guide_back", "guide_repeat", "guide_step", "resume", "flow_stop", "flow_repeat", "flow_unknown", "branch_answer", "household", "team_mode", "more", "human", "greet", "thank", "bye", "ack", "affirm", "deny", "choose", "feedback_good", "feedback_bad", "report_line", "forward", "delete_data"]
)


def questions(talk: Talk, limit: int = 5, *, present: bool = False) -> list[str]:
    """What the person asked last, oldest first, buttons and moves ("tiếp") left out; without the present message unless `present`."""
    said = [event for event in talk.events if event.get("event") == "user"]
    if said and not present:
        said = said[:-1]
    asked = [event.get("text") or "" for event in said if ((event.get("parse_data") or {}).get("intent") or {}).get("name") not in _MOVES]
    return [text for text in asked if text.strip() and not text.startswith("/")][-limit:]


def last_answer(talk: Talk) -> Answer | None:
    """The newest answer that told something with a source; None when there is none."""
    for event in reversed(talk.events):
        data = (event.get("metadata") or {}).get("answer") if event.get("event") == "bot" else None
        if data and data.get("kind") in ("answer", "guidance"):
            return Answer.from_dict(data)
    return None
