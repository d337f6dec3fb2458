"""Yêu cầu, điều kiện, and the rule that the question asks about."""

from __future__ import annotations

from actions.answer import Answer, Line
from actions.topic import Topic, clip, sentences, sourced

LIMIT = 1500


def lines(topic: Topic, answer: Answer) -> list[Line]:
    result: list[Line] = []
    for layer, sentence in topic.relevant(limit=4, least=0.34):
        result += sourced(topic, answer, layer, [clip(sentence, 420)], "item", "relevant")
    if result:
        result.insert(0, Line("Nguồn nêu:", "heading"))
    layer = topic.having("conditions")
    if layer is not None:
        said = {line.text for line in result}
        texts, length = [], 0
        for sentence in sentences(layer.conditions) or [layer.conditions]:
            text = clip(sentence, 420)
            length += len(text)
            if text not in said and (length <= LIMIT or not texts):
                texts.append(text)
        if texts:
            result += [Line("Yêu cầu, điều kiện:", "heading"), *sourced(topic, answer, layer, texts, "item", "conditions")]
    return result or [Line("Nguồn không nêu điều kiện riêng cho thủ tục này.", "note")]
