"""Answers of officials (`motcua tickets answer`) reach their person on the same channel: by themselves where the channel can
write first (bot/delivery), else with the next reply."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError

from actions.answer import Answer, Line
from knowledge.desk import open_desk

logger = logging.getLogger(__name__)


def with_human_answers(answer: Answer, channel: str, person: str, database: str) -> Answer:
    """The answer, preceded by what officials wrote to this conversation since; each is told once."""
    try:
        desk = open_desk(database)
        waiting = desk.pending_answers(channel, person=person)
        told = [one for one in waiting if desk.mark_told(one["code"])]
    except DBAPIError:
        logger.warning("answers of officials could not be looked up", exc_info=True)
        return answer
    lines = []
    for one in told:
        lines.append(Line(f"Cán bộ đã trả lời phiếu {one['code']}:", "heading"))
        lines.append(Line(one["answer"], "text"))
    if lines:
        answer.lines[:0] = [*lines, Line("—", "text")]
    return answer


@dataclass(frozen=True)
class HumanAnswer:
    """An official's answer as a message of its own, for channels that can write first."""

    code: str
    person: str
    answer: Answer


def waiting(channel: str, database: str) -> list[HumanAnswer]:
    """Answers that nobody on this channel was told yet, oldest first."""
    found = []
    for one in open_desk(database).pending_answers(channel):
        answer = Answer("handoff").say(f"Cán bộ đã trả lời phiếu {one['code']}:", "heading").say(one["answer"])
        found.append(HumanAnswer(one["code"], one["person"], answer.say("Cần hỏi thêm, bạn cứ nhắn tiếp ở đây.", "note")))
    return found


def mark_told(code: str, database: str) -> bool:
    """False when it was told already."""
    return open_desk(database).mark_told(code)
