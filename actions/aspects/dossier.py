"""Thành phần hồ sơ: the papers of the person's case, with originals, copies and forms."""

from __future__ import annotations

from actions.answer import Answer, Line
from actions.topic import Topic, clip, sourced
from knowledge.fees import holds
from knowledge.records import DossierItem, ProcedureRecord
from knowledge.search.analysis import folded_words
from knowledge.views import group_heading

LONGEST = 18  # papers shown at once; the rest follows on "xem thêm"


def counts(paper: DossierItem) -> str:
    parts = []
    if paper.originals:
        parts.append(f"{paper.originals} bản chính")
    if paper.copies:
        parts.append(f"{paper.copies} bản sao")
    return ", ".join(parts)


def paper_text(paper: DossierItem, limit: int = 460) -> str:
    """'Tờ khai ... (mẫu CT01; 1 bản chính)'."""
    text = clip(paper.name, limit)
    about = []
    if paper.form and paper.form not in paper.name and "." not in paper.form[-5:]:
        about.append(f"mẫu {paper.form}")
    if counts(paper):
        about.append(counts(paper))
    if about:
        text = f"{text.rstrip(' .;')} ({'; '.join(about)})"
    if paper.condition:
        text += f" – {clip(paper.condition, 300)}"
    return text


def _by_group(papers: list[DossierItem]) -> dict[str, list[DossierItem]]:
    groups: dict[str, list[DossierItem]] = {}
    for paper in papers:
        groups.setdefault(paper.group or "", []).append(paper)
    return groups


def ordered_groups(topic: Topic, layer: ProcedureRecord) -> list[tuple[str, list[DossierItem]]]:
    """Papers of the person's case by group; the group that the question speaks of comes first."""
    groups = _by_group([p for p in layer.dossier if holds(p.when, topic.case)])
    asked = set(folded_words(topic.question))

    def closeness(item: tuple[str, list[DossierItem]]) -> int:
        return -len(asked & set(folded_words(item[0])))

    return sorted(groups.items(), key=closeness) if len(groups) > 1 and asked else list(groups.items())


def lines(topic: Topic, answer: Answer) -> list[Line]:
    layer = topic.having("dossier")
    if layer is None:
        return [Line("Tôi chưa có dữ liệu về giấy tờ của thủ tục này.", "note")]
    result = [Line("Giấy tờ cần chuẩn bị:", "heading")]
    later: list[Line] = []
    shown = 0
    before = None
    for group, papers in ordered_groups(topic, layer):
        target = result if shown < LONGEST else later
        if heading := group_heading(group, before):
            target.append(Line(f"{clip(heading, 200).rstrip(':')}:", "heading"))
        before = group
        real = [p for p in papers if not p.is_note]
        notes = [p for p in papers if p.is_note]
        for line in sourced(topic, answer, layer, [paper_text(p) for p in real], "item", "dossier"):
            (result if shown < LONGEST else later).append(line)
            shown += 1
        later += sourced(topic, answer, layer, [f"Lưu ý: {clip(p.name, 500)}" for p in notes], "note", "notes")
    if layer.dossier_sets:
        result += sourced(topic, answer, layer, [f"Số lượng hồ sơ: {clip(layer.dossier_sets, 120)}"], "fact", "sets")
    result += uncovered(topic, answer, layer)
    answer.more += later
    hidden = sum(line.kind == "item" for line in later)
    if hidden:
        result.append(Line(f"Còn {hidden} giấy tờ của trường hợp khác, gõ “xem thêm” để xem.", "note"))
    return result


def uncovered(topic: Topic, answer: Answer, layer: ProcedureRecord) -> list[Line]:
    """Papers that a fuller layer names and the shown one does not (by words): said apart, with its date."""
    known = [frozenset(folded_words(p.name)) for p in layer.dossier]
    result: list[Line] = []
    for other in topic.layers:
        if other is layer or layer.source.origin != "curated":
            continue
        for paper in other.dossier:
            bag = frozenset(folded_words(paper.name))
            if paper.is_note or not bag or any(len(bag & k) >= 0.5 * min(len(bag), len(k)) for k in known if k):
                continue
            known.append(bag)
            if len(result) < 6:
                result += sourced(topic, answer, other, [f"Cổng còn nêu: {paper_text(paper, 300)}"], "item", "dossier")
    return result
