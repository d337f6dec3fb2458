"""Mẫu đơn, tờ khai: the forms to fill in."""

from __future__ import annotations

import re

from actions.answer import Answer, Line
from actions.aspects.dossier import paper_text
from actions.topic import Topic, sourced
from knowledge.fees import holds

_FORM = re.compile(r"\bmẫu\b|tờ khai|\bđơn\b|phiếu|biểu mẫu|giấy đề nghị|bản khai|\b[A-Z]{1,3}\d{2}[a-z]?\b|\d{2}[a-z]?[./-][A-ZĐ]", re.IGNORECASE)


def lines(topic: Topic, answer: Answer) -> list[Line]:
    result: list[Line] = []
    seen: set[str] = set()
    # Only a layer with questions can tell whose papers are whose; the others would bring those of every case.
    asking = [layer for layer in topic.layers if layer.branches] if topic.case else []
    for layer in asking or topic.layers:
        papers = [p for p in layer.dossier if not p.is_note and holds(p.when, topic.case) and (p.form or _FORM.search(p.name))]
        papers.sort(key=lambda p: (not p.form, not re.search(r"\bmẫu\b", p.name, re.IGNORECASE)))
        texts = []
        for paper in papers:
            key = paper.form or paper.name
            if key not in seen:
                seen.add(key)
                file = f" – tệp mẫu trên cổng: {paper.form}" if paper.form and "." in paper.form[-5:] else ""
                texts.append(paper_text(paper) + file)
        result += sourced(topic, answer, layer, texts[:8], "item", "form")
        if result and layer.source.origin != "curated":
            break
    if not result:
        return [Line("Nguồn không nêu mẫu đơn riêng cho thủ tục này.", "note")]
    return [Line("Mẫu đơn, tờ khai:", "heading"), *result]
