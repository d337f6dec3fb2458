"""The frame of every action: read the talk, make an Answer, hand it over with the slots that changed."""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answer import Answer, Button
from actions.talk import Talk

logger = logging.getLogger(__name__)
# One action a turn: without this a message that no rule knows would run the fallback action ten times over.
LISTEN = FollowupAction("action_listen")


@lru_cache(maxsize=1)
def texts() -> dict[str, str]:
    """The fixed sentences (actions/texts.yml)."""
    return yaml.safe_load((Path(__file__).parent / "texts.yml").read_text(encoding="utf-8"))


def fixed(kind: str, key: str, buttons: list[Button] | None = None) -> Answer:
    """An Answer made of a fixed sentence."""
    answer = Answer(kind=kind, buttons=buttons or [])
    return answer.say(texts()[key].strip())


class AnswerAction(Action):
    """Subclasses say their `action_name` and make the answer; a fault becomes an apology, never silence."""

    action_name = ""

    def name(self) -> str:
        return self.action_name

    def answer(self, talk: Talk) -> Answer:
        raise NotImplementedError

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        from actions.turn import AFTER, BEFORE  # they make answers themselves, so they import this module

        talk = Talk.from_tracker(tracker)
        try:
            for before in BEFORE:
                before(self.action_name, talk)
            answer = self.answer(talk)
            for after in AFTER:
                answer = after(self.action_name, talk, answer)
        except Exception:
            logger.exception("action %s failed", self.action_name)
            talk.changes.clear()
            answer = fixed("error", "error")
        if answer.kind != "error":
            talk.set("more", [line.__dict__ for line in answer.more] or None)
        dispatcher.utter_message(
            text=answer.plain_text(),
            buttons=[{"title": b.title, "payload": b.payload} for b in answer.buttons],
            answer=answer.as_dict(),
        )
        return [*(SlotSet(key, value) for key, value in talk.changes.items() if _differs(value, tracker.get_slot(key))), LISTEN]


def _differs(value: Any, before: Any) -> bool:
    """Whether a slot needs an event: one that changes nothing still costs the tracker, and most turns set most slots so.

    The slot's own list or dict handed back may have been changed in place, which the tracker, made of events, never sees.
    """
    return value != before or (value is before and isinstance(value, (dict, list)))
