"""Rasa component, the last of the pipeline: one intent from all that was found.

The question type classifier sees the asking words, the linker sees the matter, the safety check sees danger, the
guidance score sees the documents. Where they disagree this component decides by the rules below, in order, and says
which rule it was in the message key `arbiter`. What a running flow waits for wins over a guess (the flow comes in the
message's metadata, put there by bot/assistant.py).
"""

from __future__ import annotations

import json
import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from knowledge.commands import command_payload
from knowledge.guidance_answers import follow_up
from knowledge.settings import get_settings
from knowledge.store import open_store

CODE = re.compile(r"\b\d\.\d{6}\b")
PAYLOAD = re.compile(r"^/(\w+)(\{.*\})?$", re.DOTALL)
ASKING = "ask_"
# Acts of the talk that need no procedure: kept unless the matter speaks clearly against them.
TALK = {"greet", "thank", "bye", "ack", "bot_challenge", "chitchat", "help", "human", "complain", "status", "delete_data", "affirm", "deny", "choose", "back", "more", "ask_source"}
TALK |= {"feedback_good", "feedback_bad", "report_line", "team_mode", "household", "forward", "resume", "guide_next", "guide_back", "guide_repeat", "guide_step", "flow_stop", "flow_repeat", "flow_unknown"}
# Things to do with the talk or with a procedure: the guidance documents use the same words and may not take them.
TASKS = {"guide_filing", "stuck", "checklist", "check_before", "list_field", "forward", "resume", "feedback_good", "feedback_bad", "report_line", "team_mode", "household", "guide_next", "guide_back", "guide_repeat", "guide_step"}
# Acts that share words with procedures: "xóa tạm trú", "báo với ai".
MISTAKEN = {"delete_data", "bot_challenge", "chitchat"}
UNSURE = {"nlu_fallback", "vague", "not_found", "out_of_scope", "chitchat", "empty"}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class Arbiter(GraphComponent):
    """See the module. Config: the borders of the rules, all probabilities."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"talk_sure": 0.6, "link_clear": 0.75, "guidance_at": 0.5, "guidance_over_talk": 0.5, "guidance_sure": 0.8, "guidance_over_procedure": 0.9, "asked": 0.12, "stays_at": 0.6, "link_sure": 0.85, "alarm_at": 0.75, "certain": 0.95, "speaks": 0.5}

    def __init__(self, config: dict[str, Any]):
        self.config = config

    @classmethod
    def create(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext) -> Arbiter:
        return cls(config)

    def process_training_data(self, training_data: Any) -> Any:
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            if text and not text.startswith("/"):
                self._decide(message, text)
        return messages

    def _decide(self, message: Message, text: str) -> None:
        intent = (message.get(INTENT) or {}).get("name") or "nlu_fallback"
        confidence = (message.get(INTENT) or {}).get("confidence") or 0.0
        link = message.get("link") or {}
        sure = link.get("sureness") or 0.0
        in_talk = (link.get("talk") or {}).get("candidates") or [{}]
        stays = in_talk[0].get("score", 0.0) if in_talk[0].get("code") == (link.get("talk") or {}).get("topic") else 0.0
        sure = max(sure, in_talk[0].get("score", 0.0))
        safety = message.get("safety") or {}
        flow = (message.get("metadata") or {}).get("flow")
        asked = self._asked(message)

        if safety.get("kind") == "emergency":
            return self._say(message, "emergency stays")
        if flow and (payload := _flow_payload(text, flow)):
            return self._payload(message, payload)
        if payload := command_payload(text):
            return self._payload(message, payload, "a command")
        mild = safety.get("kind") == "out_of_scope"
        normalised = message.get("normalised") or text
        if (mild or safety.get("group") == "classifier") and guidance_score(normalised) >= max(self.config["guidance_sure"], sure):
            return self._set(message, "ask_guidance", "the documents speak of it")
        if safety and safety.get("group") != "classifier" and not (mild and sure >= self.config["link_sure"]):
            return self._say(message, "safety stays")
        if CODE.search(text):
            return self._set(message, asked or "ask_overview", "a code was typed")
        if safety and sure < self.config["link_clear"]:
            return self._say(message, "safety stays")
        if safety and mild:
            return self._set(message, asked or "ask_overview", "a procedure is named")
        if not safety and intent in ("emergency", "unsafe", "prompt_injection") and confidence < self.config["alarm_at"]:
            return self._set(message, asked or "nlu_fallback", "not sure enough for an alarm")
        if stays >= self.config["stays_at"] and (safety or intent in UNSURE or intent == "status"):
            return self._set(message, asked or "ask_conditions", "goes on about the procedure in hand")
        if intent in TASKS and confidence >= self.config["talk_sure"]:
            return self._say(message, "task stays")
        before = (message.get("metadata") or {}).get("guidance")
        if before and sure < self.config["link_clear"] and follow_up(normalised, before) is not None:
            return self._set(message, "ask_guidance", "goes on about the document")
        if intent.startswith(ASKING) and intent not in ("ask_guidance", "ask_source", "ask_overview") and not link.get("topical") and confidence >= self.config["talk_sure"]:
            return self._say(message, "a bare question goes on about the procedure")
        # Where the procedure is as good as certain, the documents cannot speak of it more surely.
        guidance = guidance_score(normalised) if sure < self.config["certain"] or intent == "ask_guidance" else 0.0
        message.set("guidance", round(guidance, 3), add_to_output=True)
        if intent == "ask_guidance":
            if sure >= self.config["link_clear"] and guidance < sure:
                return self._set(message, asked or "ask_overview", "documents do not speak of it, a procedure does")
            return self._say(message, "guidance stays")
        # Asking words alone ("hồ sơ?") speak of nothing, so no document answers them. Where a procedure is found, or in hand,
        # the documents must be surer: of its own words ("tạm ngừng kinh doanh") they say something, too.
        asks = intent in UNSURE or intent.startswith(ASKING)
        in_hand = (link.get("talk") or {}).get("topic") is not None
        if in_hand and intent == "ask_source":
            return self._say(message, "talk stays")
        over = in_hand or link.get("decision") == "answer"
        border = self.config["guidance_over_procedure" if over else "guidance_at" if asks else "guidance_over_talk"]
        # Two that are nearly as sure tell nothing: over a procedure the documents' doubt must be half of the linker's.
        surer = 1 - guidance < 0.5 * (1 - sure) if over else guidance > sure
        if guidance >= border and surer and (link.get("topical") or 0.0) >= self.config["speaks"]:
            return self._set(message, "ask_guidance", "the documents speak of it")
        if intent in MISTAKEN and sure >= self.config["link_clear"]:
            return self._set(message, asked or "ask_overview", "a procedure is named")
        if intent in TALK and confidence >= self.config["talk_sure"]:
            return self._say(message, "talk stays")
        if intent in UNSURE or (intent in TALK and confidence < self.config["talk_sure"]):
            decision = link.get("decision")
            if decision == "answer" or (decision == "ask" and intent != "out_of_scope"):
                return self._set(message, asked or "ask_overview", "the matter is clear, the question is not")
        return self._say(message, "question type stays")

    def _asked(self, message: Message) -> str | None:
        """The best asking intent of the ranking that is not wholly unlikely."""
        for item in message.get(INTENT_RANKING_KEY) or []:
            if item["name"].startswith(ASKING) and item["name"] not in ("ask_guidance", "ask_source"):
                return item["name"] if item["confidence"] >= self.config["asked"] else None
        return None

    @staticmethod
    def _say(message: Message, why: str) -> None:
        message.set("arbiter", why, add_to_output=True)

    def _set(self, message: Message, intent: str, why: str) -> None:
        ranking = message.get(INTENT_RANKING_KEY) or []
        confidence = next((item["confidence"] for item in ranking if item["name"] == intent), self.config["asked"])
        message.set(INTENT, {"name": intent, "confidence": confidence}, add_to_output=True)
        self._say(message, why)

    def _payload(self, message: Message, payload: str, why: str = "the running flow takes it") -> None:
        match = PAYLOAD.match(payload)
        if not match:
            return
        message.set(INTENT, {"name": match.group(1), "confidence": 1.0}, add_to_output=True)
        values = json.loads(match.group(2)) if match.group(2) else {}
        entities = [{"entity": name, "value": value, "start": 0, "end": 0} for name, value in values.items()]
        message.set(ENTITIES, entities, add_to_output=True)
        self._say(message, why)


def _flow_payload(text: str, flow: dict[str, Any]) -> str | None:
    """What the running flow makes of a message, as a button's payload; None when it is not for the flow."""
    if flow.get("name") == "filing":
        from knowledge.filing.flow import filing_accepts

        return filing_accepts(text, flow)
    from knowledge.flows import flow_accepts

    return flow_accepts(text, flow)


def guidance_score(text: str) -> float:
    """How surely (0..1) the guidance documents answer a message."""
    from knowledge import guidance_answers

    settings = get_settings()
    return guidance_answers.guidance_score(text, open_store(settings.database), settings.cache)
