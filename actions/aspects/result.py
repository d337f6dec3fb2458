"""Kết quả nhận được."""

from __future__ import annotations

from actions.answer import Answer, Line
from actions.topic import Topic, clip, sourced


def lines(topic: Topic, answer: Answer) -> list[Line]:
    layer = topic.having("results")
    if layer is None:
        return [Line("Tôi chưa có dữ liệu về kết quả của thủ tục này.", "note")]
    received = [clip(r.name, 300) for r in layer.results if not r.refusal]
    refusals = [f"Khi không được giải quyết: {clip(r.name, 300)}" for r in layer.results if r.refusal]
    return [Line("Kết quả bạn nhận:", "heading"), *sourced(topic, answer, layer, received + refusals, "item", "result")]
