"""What an answer says about each aspect of a procedure: one file an aspect, `lines(topic, answer) -> list[Line]`."""

from __future__ import annotations

from collections.abc import Callable

from actions.answer import Answer, Line
from actions.aspects import conditions, dossier, fee, form, legal, online, overview, result, steps, time, where
from actions.topic import Topic

ASPECTS: dict[str, Callable[[Topic, Answer], list[Line]]] = {
    "overview": overview.lines,
    "dossier": dossier.lines,
    "fee": fee.lines,
    "time": time.lines,
    "where": where.lines,
    "steps": steps.lines,
    "online": online.lines,
    "form": form.lines,
    "legal": legal.lines,
    "result": result.lines,
    "conditions": conditions.lines,
}

LABELS = {
    "overview": "Tổng quan",
    "dossier": "Giấy tờ cần nộp",
    "fee": "Lệ phí",
    "time": "Thời hạn",
    "where": "Nơi nộp",
    "steps": "Các bước",
    "online": "Nộp qua mạng",
    "form": "Mẫu đơn",
    "legal": "Căn cứ",
    "result": "Kết quả",
    "conditions": "Điều kiện",
}
