"""Trình tự thực hiện."""

from __future__ import annotations

from actions.answer import Answer, Line
from actions.topic import Topic, clip, sourced

LIMIT = 2600  # characters said at once


def lines(topic: Topic, answer: Answer) -> list[Line]:
    layer = topic.having("steps")
    if layer is None:
        return [Line("Tôi chưa có dữ liệu về các bước của thủ tục này.", "note")]
    told = sourced(topic, answer, layer, [clip(step, 700) for step in layer.steps], "item", "steps")
    shown: list[Line] = []
    length = 0
    for line in told:
        length += len(line.text)
        (shown if length <= LIMIT or not shown else answer.more).append(line)
    result = [Line("Các bước:", "heading"), *shown]
    if len(shown) < len(told):
        result.append(Line(f"Còn {len(told) - len(shown)} bước, gõ “xem thêm” để xem.", "note"))
    return result
