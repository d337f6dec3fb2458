"""Nộp trực tuyến: whether, where and how."""

from __future__ import annotations

import re

from actions.answer import Answer, Line
from actions.aspects.time import limit_text
from actions.topic import Topic, clip, sentences, sourced

_ONLINE = re.compile(r"trực tuyến|cổng dịch vụ công|vneid|định danh|điện tử", re.IGNORECASE)


def lines(topic: Topic, answer: Answer) -> list[Line]:
    result: list[Line] = []
    layer = topic.having("channels")
    if layer is not None:
        online = [c for c in layer.channels if c.method == "online"]
        if online:
            first = "Có, thủ tục này nộp trực tuyến được."
            if layer.online_level:
                first = f"Có, nộp trực tuyến được (mức {layer.online_level})."
            texts = [first]
            for channel in online:
                if channel.description:
                    texts.append(clip(channel.description, 600))
                if channel.time and (told := limit_text(channel.time)):
                    texts.append(f"Thời hạn khi nộp trực tuyến: {told}")
            if layer.online_url or layer.source.url:
                texts.append(f"Địa chỉ: {layer.online_url or layer.source.url}")
            result += sourced(topic, answer, layer, list(dict.fromkeys(texts)), "item", "online")
        else:
            result += sourced(topic, answer, layer, ["Nguồn không nêu cách nộp trực tuyến cho thủ tục này; các cách nộp: " + ", ".join(dict.fromkeys({"in_person": "trực tiếp", "post": "bưu chính"}[c.method] for c in layer.channels)) + "."], "item", "online")
    told = topic.having("steps")
    if told is not None:
        texts = [clip(s, 420) for step in told.steps for s in sentences(step) if _ONLINE.search(s)]
        result += sourced(topic, answer, told, list(dict.fromkeys(texts))[:4], "item", "steps")
    if not result:
        return [Line("Tôi chưa có dữ liệu về cách nộp trực tuyến của thủ tục này.", "note")]
    return [Line("Nộp qua mạng:", "heading"), *result]
