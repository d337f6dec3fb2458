"""What an action knows of the talk: the message as understood, and the slots as typed values."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk import Tracker

from knowledge.settings import get_settings
from knowledge.store import Store, open_store

ASPECT_OF_INTENT = {
    f"ask_{aspect}": aspect
    for aspect in ("overview", "dossier", "fee", "time", "where", "steps", "online", "form", "legal", "result", "conditions")
}


def store() -> Store:
    """The knowledge base of this process."""
    return open_store(get_settings().database)


@dataclass(frozen=True)
class Candidate:
    code: str
    score: float


@dataclass
class Talk:
    """`slots` are read through `slot`; changes go into `changes` and become SlotSet events."""

    text: str
    intent: str
    confidence: float
    aspects: list[str]  # question types found, best first
    entities: list[dict]
    candidates: list[Candidate]
    decision: str  # answer | ask | none, as the linker sees the message alone
    topical: float  # how much the message says about the matter (0: "mấy ngày?")
    extras: dict[str, Any]
    slots: dict[str, Any]
    changes: dict[str, Any] = field(default_factory=dict)
    day: dt.date = field(default_factory=lambda: get_settings().today())
    sender: str = ""  # the conversation, as the channel names it
    channel: str = ""
    events: list[dict[str, Any]] = field(default_factory=list, repr=False)  # the tracker's, oldest first

    @classmethod
    def from_tracker(cls, tracker: Tracker) -> Talk:
        message = tracker.latest_message or {}
        link = message.get("link") or {}
        intent = (message.get("intent") or {}).get("name") or ""
        types = [t["name"] for t in message.get("question_types") or []]
        aspects = [ASPECT_OF_INTENT[t] for t in types if t in ASPECT_OF_INTENT]
        if intent in ASPECT_OF_INTENT and ASPECT_OF_INTENT[intent] not in aspects:
            aspects.insert(0, ASPECT_OF_INTENT[intent])
        return cls(
            text=message.get("text") or "",
            intent=intent,
            confidence=(message.get("intent") or {}).get("confidence") or 0.0,
            aspects=list(dict.fromkeys(aspects)),
            entities=message.get("entities") or [],
            candidates=[Candidate(c["code"], c["score"]) for c in link.get("candidates") or []],
            decision=link.get("decision") or "none",
            topical=link.get("topical") or 0.0,
            extras=message,
            slots={k: v for k, v in tracker.slots.items() if v is not None},
            sender=tracker.sender_id or "",
            channel=tracker.get_latest_input_channel() or "",
            events=tracker.events or [],
        )

    def slot(self, name: str, default: Any = None) -> Any:
        if name in self.changes:
            value = self.changes[name]
            return default if value is None else value
        return self.slots.get(name, default)

    def set(self, name: str, value: Any) -> None:
        self.changes[name] = value

    def entity(self, name: str) -> str | None:
        return next((e["value"] for e in self.entities if e.get("entity") == name), None)

    def entity_values(self, name: str) -> list:
        return list(dict.fromkeys(e["value"] for e in self.entities if e.get("entity") == name))

    # -- the procedures talked about -------------------------------------------------------------

    @property
    def procedure(self) -> str | None:
        """The code in hand."""
        return self.slot("procedure")

    def take(self, codes: list[str]) -> None:
        """Take procedures in hand (the first leads) and remember them; offered choices are settled."""
        history = [c for c in self.slot("history", []) if c not in codes]
        self.set("history", (codes + history)[:12])
        self.set("procedure", codes[0])
        self.set("compared", codes if len(codes) > 1 else None)
        self.set("choices", None)
        self.set("guidance", None)
        self.set("case", (self.slot("cases") or {}).get(codes[0]))  # answers given before are not asked again
