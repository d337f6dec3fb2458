"""Greetings, thanks, what the assistant is, what it does not do, emergencies, human help."""

from __future__ import annotations

from actions.answer import Answer, Button, Source
from actions.base import AnswerAction, fixed, texts
from actions.place_reply import place_reply
from actions.resolve import payload
from actions.talk import Talk, store

POPULAR = ["1.001193", "1.004194", "1.000894", "1.004222"]


def starters() -> list[Button]:
    """Buttons to frequent procedures that the knowledge base really has."""
    from actions.topic import Topic

    buttons = []
    for code in POPULAR:
        if layers := store().layers(code):
            buttons.append(Button(Topic(layers, None).name[:40], payload("ask_overview", procedure=code)))
    return buttons


class Fixed(AnswerAction):
    """One fixed sentence; subclasses name it."""

    key = "help"
    kind = "smalltalk"
    offer = False

    def answer(self, talk: Talk) -> Answer:
        return fixed(self.kind, self.key, starters() if self.offer else None)


class Greet(Fixed):
    action_name, key, offer = "action_greet", "greet", True


class Thank(Fixed):
    action_name, key = "action_thank", "thank"


class Bye(Fixed):
    action_name, key = "action_bye", "bye"


class Ack(Fixed):
    action_name, key = "action_ack", "ack"


class BotChallenge(Fixed):
    action_name, key = "action_bot_challenge", "bot_challenge"


class Chitchat(Fixed):
    action_name, key = "action_chitchat", "chitchat"


class Help(Fixed):
    action_name, key, offer = "action_help", "help", True


class OutOfScope(Fixed):
    action_name, key, kind = "action_out_of_scope", "out_of_scope", "declined"


class Unsafe(Fixed):
    action_name, key, kind = "action_unsafe", "unsafe", "declined"


class PromptInjection(Fixed):
    action_name, key, kind = "action_prompt_injection", "prompt_injection", "declined"


class NotFound(Fixed):
    action_name, key, kind = "action_not_found", "not_found", "declined"

    def answer(self, talk: Talk) -> Answer:
        if reply := place_reply(talk):
            from actions.procedures import about

            return about([reply[0]], ["where"], reply[1])
        return super().answer(talk)


class Vague(Fixed):
    action_name, key, kind, offer = "action_vague", "vague", "choices", True


class Status(Fixed):
    action_name, key, kind = "action_status", "status", "declined"


class Affirm(Fixed):
    action_name, key = "action_affirm", "affirm"


class Deny(Fixed):
    action_name, key = "action_deny", "deny"


class Empty(Fixed):
    action_name, key = "action_empty", "empty"


class Emergency(AnswerAction):
    """The numbers to call, at once. NLU says which kind (message key `safety`: group and call)."""

    action_name = "action_emergency"

    def answer(self, talk: Talk) -> Answer:
        safety = talk.extras.get("safety") or {}
        key = f"emergency_{safety.get('group')}"
        answer = fixed("emergency", key if key in texts() else "emergency_other")
        numbers = [n for n in safety.get("call") or [] if n not in answer.lines[0].text]
        if numbers:
            answer.say(f"Số gọi ngay: {', '.join(numbers)}.")
        return answer


class AskSource(AnswerAction):
    """Where the last answer came from, and how old it is."""

    action_name = "action_ask_source"

    def answer(self, talk: Talk) -> Answer:
        if not talk.procedure:
            return Answer("smalltalk").say(
                "Thông tin của tôi lấy từ Cổng Dịch vụ công quốc gia và các văn bản hướng dẫn; mỗi câu trả lời đều ghi nguồn và ngày lấy. Trước khi nộp, bạn nên xem lại trên cổng."
            )
        from actions.procedures import topic_of

        topic = topic_of(talk.procedure, talk)
        answer = Answer("smalltalk", procedures=[])
        answer.say(f"Thông tin về “{topic.name}” (mã {topic.code}) lấy từ:")
        for layer in topic.layers:
            number = topic.source(layer, answer)
            told: Source = answer.sources[number]
            kind = {"curated": "bản biên tập của Một Cửa theo dữ liệu cổng", "structured": "bản chi tiết của cổng", "portal": "trang thủ tục trên cổng", "list": "danh mục thủ tục của cổng", "register": "danh mục thủ tục của cổng"}[layer.source.origin]
            answer.say(f"{kind}{f', quyết định {told.number}' if told.number else ''}", "item", number)
        return answer.say("Quy định có thể đã thay đổi sau ngày ghi ở nguồn; bạn nên kiểm tra lại trên cổng trước khi nộp.", "note")
