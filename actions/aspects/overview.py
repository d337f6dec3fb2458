"""Tổng quan: what the procedure is, who handles it, how long, how much, and the main papers."""

from __future__ import annotations

from actions.answer import Answer, Line
from actions.aspects import dossier, fee, time
from actions.aspects.merging import merge_labels
from actions.topic import METHODS, Topic, clip, sourced

PAPERS = 5


def lines(topic: Topic, answer: Answer) -> list[Line]:
    result: list[Line] = []
    layer = topic.having("summary")
    if layer is not None:
        result += sourced(topic, answer, layer, [layer.summary], "fact", "summary")
    layer = topic.having("agency") or topic.having("competent_agency")
    if layer is not None:
        result += sourced(topic, answer, layer, [f"Nơi giải quyết: {clip(layer.agency or layer.competent_agency, 260)}"], "item", "agency")
    layer = topic.having("channels")
    if layer is not None:
        methods = ", ".join(dict.fromkeys(METHODS[c.method].lower() for c in layer.channels))
        result += sourced(topic, answer, layer, [f"Cách nộp: {methods}"], "item", "channels")
        limits = merge_labels([t for c in layer.channels if (t := time.channel_text(c, own_words=layer.source.origin == "curated"))])
        result += sourced(topic, answer, layer, [f"Thời hạn – {t}" for t in limits[:3]], "item", "time")
        fees = [t for one in fee.fees(layer, topic.day, place=topic.place, case=topic.case) for t in fee.channel_texts(one)]
        result += sourced(topic, answer, layer, [f"Phí – {t.strip()}" for t in merge_labels(fees)[:3]], "item", "fee")
    layer = topic.having("dossier")
    if layer is not None:
        papers = [p for _, group in dossier.ordered_groups(topic, layer) for p in group if not p.is_note]
        if papers:
            result.append(Line("Giấy tờ chính:", "heading"))
            result += sourced(topic, answer, layer, [dossier.paper_text(p, 220) for p in papers[:PAPERS]], "item", "dossier")
            if len(papers) > PAPERS:
                result.append(Line(f"(còn {len(papers) - PAPERS} giấy tờ khác – bấm “Giấy tờ cần nộp” để xem đủ)", "note"))
    return result or [Line("Tôi chưa có dữ liệu chi tiết về thủ tục này.", "note")]
