"""Thời hạn giải quyết: the limit of each way of filing, and the stages that the source names."""

from __future__ import annotations

import re

from actions.answer import Answer, Line
from actions.aspects.merging import merge_labels
from actions.topic import METHODS, Topic, clip, sourced
from knowledge.records import ChannelRecord, TimeLimit

UNITS = {
    "minute": "phút",
    "hour": "giờ",
    "working_hour": "giờ làm việc",
    "day": "ngày",
    "working_day": "ngày làm việc",
    "month": "tháng",
    "year": "năm",
}
_DURATION = re.compile(r"\d+\s*(?:\(\w+(?: \w+)*\)\s*)?(?:giờ|ngày|tháng|phút|năm)|trong ngày|ngay sau khi", re.IGNORECASE)
_LIMIT = re.compile(r"thời hạn|thời gian giải quyết|trong (?:thời hạn|vòng)|chậm nhất|không quá|trả kết quả|kể từ", re.IGNORECASE)


def number(value: float) -> str:
    return f"{value:g}".replace(".", ",")


def limit_text(limit: TimeLimit) -> str | None:
    """'3 ngày làm việc', '10 - 15 ngày'; None when the source gives no unit."""
    if limit.value is None or limit.unit is None:
        return None
    value = number(limit.value) if limit.maximum is None else f"{number(limit.value)} - {number(limit.maximum)}"
    return f"{value} {UNITS[limit.unit]}"


def channel_text(channel: ChannelRecord, *, own_words: bool = False) -> str | None:
    """One way of filing with its limit; `own_words`: the text is an editor's, not the portal's."""
    told = limit_text(channel.time) if channel.time else None
    note = channel.time.note if channel.time else None
    if told is None and channel.time_text:
        told = clip(channel.time_text, 300) if own_words else f"cổng ghi “{clip(channel.time_text, 160)}”" + ("" if re.search(r"[^\W\d]", channel.time_text) else " nhưng không nêu đơn vị, bạn hỏi lại nơi nộp")
    if told is None and not note:
        return None
    label = METHODS[channel.method] + (f" ({clip(channel.case, 120)})" if channel.case else "")
    return f"{label}: {told or ''}{' – ' if told and note else ''}{clip(note, 300) if note else ''}"


def lines(topic: Topic, answer: Answer) -> list[Line]:
    layer = next((one for one in topic.layers if any(channel_text(c) for c in one.channels)), None)
    result: list[Line] = []
    if layer is not None:
        texts = merge_labels([t for c in layer.channels if (t := channel_text(c, own_words=layer.source.origin == "curated"))])
        result.append(Line("Thời hạn giải quyết:", "heading"))
        result += sourced(topic, answer, layer, texts, "item", "time")
    said = " ".join(line.text for line in result)
    extra: list[Line] = []
    for told in topic.layers:
        texts = [text for channel in told.channels for text in (channel.description, channel.time_text, channel.time.note if channel.time else None) if text]
        stages = [s for text in [*texts, *told.steps] for s in re.split(r"(?<=[.;])\s+|\n+", text) if _DURATION.search(s) and _LIMIT.search(s)]
        stages = list(dict.fromkeys(t for s in stages if (t := clip(s.strip(" -+*•"), 320)) and t not in said))[:4]
        extra += sourced(topic, answer, told, stages, "item", "stages")
        said += " ".join(stages)
        if len(extra) >= 4:
            break
    if extra:
        result += [Line("Nguồn nêu thêm:", "heading"), *extra[:5]]
    if not result:
        return [Line("Tôi chưa có dữ liệu về thời hạn của thủ tục này.", "note")]
    return result
