"""Nơi nộp: the office at the place that the message names, the agency, the place of receipt, what the source says of choosing."""

from __future__ import annotations

import re

from actions.answer import Answer, Line
from actions.aspects import place
from actions.topic import METHODS, Topic, clip, sentences, sourced

_PLACE = re.compile(r"\b(?:nộp (?:hồ sơ|trực tiếp|qua|tại|đến)|tiếp nhận|tại (?:Trung tâm|Bộ phận|trụ sở|cơ quan|Ủy ban|UBND|Công an|Sở|Cục|Phòng|Văn phòng)|không phụ thuộc|nơi cư trú|gửi (?:hồ sơ|đến|về))", re.IGNORECASE)


def lines(topic: Topic, answer: Answer) -> list[Line]:
    result: list[Line] = []
    layer = next((one for one in topic.layers if one.agency or one.receiving_address or one.competent_agency), None)
    if layer is not None:
        texts = []
        if layer.agency:
            texts.append(f"Cơ quan thực hiện: {clip(layer.agency, 500)}")
        if layer.competent_agency and layer.competent_agency != layer.agency:
            texts.append(f"Cơ quan có thẩm quyền: {clip(layer.competent_agency, 300)}")
        if layer.receiving_address and layer.receiving_address not in (layer.agency, layer.competent_agency):
            texts.append(f"Nơi tiếp nhận: {clip(layer.receiving_address, 400)}")
        result += sourced(topic, answer, layer, texts, "item", "agency")
    told = topic.having("channels")
    if told is not None:
        texts = []
        for channel in told.channels:
            picked = [s for s in sentences(channel.description) if _PLACE.search(s)] or sentences(channel.description)[:1]
            if picked:
                texts.append(f"{METHODS[channel.method]}: {clip(' '.join(picked), 420)}")
        result += sourced(topic, answer, told, list(dict.fromkeys(texts)), "item", "channels")
    told = topic.having("steps")
    if told is not None:
        texts = [clip(s, 360) for step in told.steps for s in sentences(step) if _PLACE.search(s)]
        result += sourced(topic, answer, told, list(dict.fromkeys(texts))[:3], "item", "steps")
    here = place.lines(topic, answer)
    if not result:
        return [*here, Line("Tôi chưa có dữ liệu về nơi nộp của thủ tục này.", "note")]
    if any(place.DISTRICT.search(line.text) for line in result):
        result.append(Line("Từ 01/7/2025 không còn cấp huyện: chỗ nguồn còn ghi cấp huyện, bạn hỏi Bộ phận Một cửa cấp xã hoặc cấp tỉnh.", "warning"))
    return [Line("Nơi nộp hồ sơ:", "heading"), *here, *result]
