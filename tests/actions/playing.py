"""Plays actions without Rasa: a talk's slots and events are kept here, buttons and typed words go the way NLU sends them."""

from __future__ import annotations

import json
import re
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher

from actions.answer import Answer
from knowledge.commands import command_payload
from knowledge.filing.flow import filing_accepts
from knowledge.flows import flow_accepts

PAYLOAD = re.compile(r"/(\w+)(\{.*\})?", re.DOTALL)


class Play:
    """One conversation. `text` is what was shown last; `forgotten` whether the talk was deleted."""

    executor: ActionExecutor

    def __init__(self, sender: str = "web:1", channel: str = "web"):
        self.sender, self.channel = sender, channel
        self.slots: dict[str, Any] = {}
        self.events: list[dict[str, Any]] = []
        self.last: Answer | None = None
        self.forgotten = False

    def say(self, text: str, intent: str = "not_found", **message: Any) -> Answer:
        """A typed message; running flows and commands take it first, else it is `intent`."""
        flow = self.slots.get("flow")
        taken = flow and (filing_accepts(text, flow) if flow.get("name") == "filing" else flow_accepts(text, flow))
        payload = taken or command_payload(text)
        if payload:
            match = PAYLOAD.fullmatch(payload)
            return self._turn(text, match.group(1), json.loads(match.group(2) or "{}"), message)
        return self._turn(text, intent, {}, message)

    def tap(self, payload: str) -> Answer:
        """A button's payload."""
        match = PAYLOAD.fullmatch(payload)
        assert match, payload
        return self._turn(payload, match.group(1), json.loads(match.group(2) or "{}"), {})

    def press(self, title: str) -> Answer:
        """The button of the last answer whose title begins so."""
        found = [b for b in self.last.buttons if b.title.startswith(title)]
        assert found, f"no button {title!r} among {[b.title for b in self.last.buttons]}"
        return self.tap(found[0].payload)

    def _turn(self, text: str, intent: str, values: dict, message: dict) -> Answer:
        entities = [{"entity": name, "value": value} for name, value in values.items()]
        parse = {"text": text, "intent": {"name": intent, "confidence": 1.0}, "entities": entities, **message}
        self.events.append({"event": "user", "text": text, "input_channel": self.channel, "parse_data": parse})
        tracker = Tracker(self.sender, dict(self.slots), parse, list(self.events), False, None, {}, "action_listen")
        dispatcher = CollectingDispatcher()
        action = self.executor.actions[f"action_{intent}"]
        for event in action(dispatcher, tracker, {}):
            if event["event"] == "reset_slots":
                self.slots.clear()
            elif event["event"] == "followup":
                assert event["name"] == "action_listen"
            elif event["value"] is None:
                self.slots.pop(event["name"], None)
            else:
                self.slots[event["name"]] = json.loads(json.dumps(event["value"]))  # as it comes back from a store
        told = dispatcher.messages[-1]
        self.forgotten = bool(told.get("forget"))
        self.events.append({"event": "bot", "text": told["text"], "metadata": {"answer": told["answer"]}})
        self.last = Answer.from_dict(json.loads(json.dumps(told["answer"])))
        assert self.last.kind != "error", self.last.plain_text()
        return self.last

    @property
    def text(self) -> str:
        return self.last.plain_text()

    @property
    def titles(self) -> list[str]:
        return [b.title for b in self.last.buttons]
