"""Căn cứ pháp lý và quyết định công bố."""

from __future__ import annotations

from actions.answer import Answer, Line, vietnamese_date
from actions.topic import Topic, clip, sourced


def lines(topic: Topic, answer: Answer) -> list[Line]:
    result: list[Line] = []
    for layer in topic.layers:
        if layer.source.decision:
            read = f" (xem ngày {vietnamese_date(layer.source.retrieved.isoformat())})" if layer.source.retrieved else ""
            text = f"Quyết định công bố thủ tục: {layer.source.decision}{read}"
            if all(text != line.text for line in result):
                result += sourced(topic, answer, layer, [text], "fact", "decision")
    layer = topic.having("legal_basis")
    if layer is not None:
        texts = [
            (f"{d.number} – {clip(d.title, 200)}" if d.number and d.title and d.number not in d.title else clip(d.title or d.number or "", 240))
            for d in layer.legal_basis
        ]
        told = sourced(topic, answer, layer, [t for t in texts if t], "item", "legal")
        result += [Line("Căn cứ pháp lý:", "heading"), *told[:14]]
        answer.more += told[14:]
        if len(told) > 14:
            result.append(Line(f"Còn {len(told) - 14} văn bản, gõ “xem thêm” để xem.", "note"))
    return result or [Line("Tôi chưa có dữ liệu về căn cứ pháp lý của thủ tục này.", "note")]
