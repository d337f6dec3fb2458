"""Conversations in memory as live objects.

Rasa's own in-memory store writes every tracker out and reads it back three times a turn; that was a third of a turn's
time (docs/adr/0005). Conversations survive a restart through bot/storage.py, which keeps the slots.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.trackers import DialogueStateTracker

KEPT = 20_000  # conversations; the one not used for longest goes first
EVENTS = 120  # events of a conversation; the slots carry the talk, not the history


class LiveTrackerStore(TrackerStore):
    """One process, one object a conversation. `Assistant` lets only one turn of a conversation run at a time."""

    def __init__(self, domain: Any) -> None:
        super().__init__(domain)
        self._live: OrderedDict[str, DialogueStateTracker] = OrderedDict()

    def init_tracker(self, sender_id: str) -> DialogueStateTracker:
        return DialogueStateTracker(sender_id, self.domain.slots if self.domain else None, max_event_history=EVENTS)

    async def save(self, tracker: DialogueStateTracker) -> None:
        self._live[tracker.sender_id] = tracker
        self._live.move_to_end(tracker.sender_id)
        while len(self._live) > KEPT:
            self._live.popitem(last=False)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        return self._live.get(sender_id)

    async def keys(self) -> Iterable[str]:
        return list(self._live)

    async def delete(self, sender_id: str) -> None:
        self._live.pop(sender_id, None)
