"""Answers of officials (`motcua tickets answer`) reach their person with the next reply on the same channel."""

from __future__ import annotations

import logging

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


def message(one: dict) -> Answer:
    """An official's answer (a row of `pending_answers`) as a message of its own, for channels that can write first."""
    answer = Answer("handoff").say(f"Cán bộ đã trả lời phiếu {one['code']}:", "heading").say(one["answer"])
    return answer.say("Cần hỏi thêm, bạn cứ nhắn tiếp ở đây.", "note")
