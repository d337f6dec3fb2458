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


def actions_before(talk: Talk) -> set[str]:
    """Names of the actions of the turn before this one."""
    turns: list[set[str]] = [set()]
    for event in talk.events:
        if event.get("event") == "user":
            turns.append(set())
        elif event.get("event") == "action":
            turns[-1].add(event.get("name") or "")
    return turns[-2] if len(turns) > 2 else set()


def last_rows(talk: Talk) -> list[str]:
    """Rows (Line.row) that the newest reply of any kind told of."""
    last = next((event for event in reversed(talk.events) if event.get("event") == "bot"), None)
    lines = (((last or {}).get("metadata") or {}).get("answer") or {}).get("lines") or []
    return [line["row"] for line in lines if line.get("row")]
