"""A person should answer: a question with the talk's summary goes to the desk, under a code to come back with.

Slot `ticket`: {"code", "empty": True while no question stands in it}. Officials work with `motcua tickets`.
Everything kept is what Assistant already masked; the summary holds no more than the last questions.
"""

from __future__ import annotations

import logging
import re

from sqlalchemy.exc import DBAPIError

from actions.answer import Answer, Button, Line
from actions.base import AnswerAction, fixed
from actions.filing import running
from actions.history import questions
from actions.procedures import topic_of
from actions.resolve import payload
from actions.talk import Talk, store
from actions.topic import clip
from knowledge.desk import TooMany, open_desk
from knowledge.search.analysis import fold
from knowledge.settings import get_settings

logger = logging.getLogger(__name__)
ASK = "ask"  # value of the button that sends the question
_PHONE = re.compile(r"\b(?:tong dai|hotline|duong day nong|so dien thoai|sdt|dien thoai cua|cho (?:xin )?so|xin so|goi (?:ai|cho ai|so nao)|1022)\b")
# Messages that ask for a person and nothing else: no question to hand on.
_SMALL = frozenset({"greet", "thank", "bye", "ack", "affirm", "deny", "human", "complain", "delete_data", "chitchat", "bot_challenge", "help", "feedback_good", "feedback_bad", "report_line", "emergency", "unsafe", "prompt_injection", "empty"})


def summary(talk: Talk) -> list[str]:
    """What an official should know, in lines: procedure, case, step, the last questions (masked before they came here)."""
    lines = []
    code = talk.procedure
    if code and (layers := store().layers(code)):
        lines.append(f"Thủ tục đang hỏi: {topic_of(code, talk).name} (mã {code})")
        case = talk.slot("case") or {}
        for branch in next((layer.branches for layer in layers if layer.branches), []):
            label = next((o["label"] for o in branch.options if o["id"] == case.get(branch.id)), None)
            if label:
                lines.append(f"{branch.question} {label}")
    if flow := running(talk):
        lines.append(f"Đang nộp trực tuyến, ở bước {flow['step']}")
    return lines + [f"Đã hỏi: {clip(text, 300)}" for text in questions(talk, 4)]


class Human(AnswerAction):
    """"Gặp cán bộ": hand the question on, say when and how the answer comes, and where people sit."""

    action_name = "action_human"

    def answer(self, talk: Talk) -> Answer:
        hours = get_settings().opening_hours
        if _PHONE.search(fold(talk.text)) and talk.entity("value") != ASK:
            answer = Answer("handoff").say("Tôi không có số điện thoại nào đã được kiểm chứng nên không đọc số. Số liên hệ chính thức ghi ở cuối trang Cổng Dịch vụ công quốc gia (https://dichvucong.gov.vn) và trên trang của xã, phường bạn.")
            answer.say(f"Giờ làm việc: {hours}")
            answer.buttons = [Button("Gửi câu hỏi cho cán bộ", payload("human", value=ASK))]
            return answer
        lines = summary(talk)
        said = questions(talk, 1)
        try:
            code, new = open_desk(get_settings().database).open_ticket(
                talk.channel, talk.sender, procedure=talk.procedure, question=clip(said[-1], 400) if said else None, summary=lines
            )
        except TooMany:
            answer = fixed("handoff", "human")
            return answer.say(f"Hôm nay bạn đã gửi nhiều câu hỏi nên tôi chưa nhận thêm được. Giờ làm việc: {hours}")
        except DBAPIError:
            logger.warning("a question for a person could not be kept", exc_info=True)
            return fixed("handoff", "human").say(f"Giờ làm việc: {hours}")
        answer = Answer("handoff")
        if new:
            answer.say(f"Tôi đã ghi câu hỏi của bạn để cán bộ trả lời. Mã phiếu: {code}.")
        else:
            answer.say(f"Câu hỏi của bạn đã ở trong phiếu {code}, đang chờ cán bộ trả lời; tôi đã ghi thêm phần vừa trao đổi.")
        if not said:
            answer.say("Bạn nhắn luôn điều cần hỏi, tôi sẽ gửi kèm vào phiếu. Xin đừng gửi số căn cước, mật khẩu hay mã OTP.")
        talk.set("ticket", {"code": code, "empty": not said})
        answer.say(f"Câu trả lời sẽ hiện ngay trong cuộc trò chuyện này; ở kênh khác, bạn nhắn “tiếp tục {code}”.")
        answer.say(f"Giờ làm việc: {hours}", "note")
        answer.say("Cần gấp, bạn đến Bộ phận Một cửa (Trung tâm Phục vụ hành chính công) nơi nộp hồ sơ.", "note")
        return answer


def add_question(action: str, talk: Talk, answer: Answer) -> Answer:
    """The first real message after an empty ticket belongs to it (actions/turn.py); it is answered here all the same."""
    ticket = talk.slot("ticket") or {}
    intent = action.removeprefix("action_")
    if not ticket.get("empty") or intent in _SMALL or talk.text.startswith("/") or not talk.text.strip():
        return answer
    try:
        code, _ = open_desk(get_settings().database).open_ticket(talk.channel, talk.sender, procedure=talk.procedure, question=clip(talk.text, 400), summary=[f"Đã hỏi: {clip(talk.text, 300)}"])
    except (TooMany, DBAPIError):
        logger.warning("a question for a person could not be added", exc_info=True)
        return answer
    talk.set("ticket", {"code": code, "empty": False})
    answer.lines.append(Line(f"Tôi đã gửi kèm câu này vào phiếu {code} cho cán bộ.", "note"))
    return answer
