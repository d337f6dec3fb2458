"""The checklist of one case: papers, fee now, time, where, how to file; every line with its source.

`build` makes it as data (bot/printing.py prints it), `checklist_answer` says it as one message to forward.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Literal

from actions.answer import Answer, Button, Line, Source, vietnamese_date
from actions.aspects.dossier import paper_text
from actions.aspects.fee import _with_fees, channel_texts
from actions.aspects.time import channel_text
from actions.resolve import payload
from actions.talk import Talk, store
from actions.topic import METHODS, Topic, clip, sourced
from knowledge.fees import fees, holds
from knowledge.flows import UNKNOWN
from knowledge.records import Branch, ChannelRecord, DossierItem, ProcedureRecord
from knowledge.views import group_heading

FORWARDABLE = 2000  # characters of one message
# (paper, condition) lengths tried in turn until the message fits.
CLIPS = ((460, 300), (300, 200), (220, 150), (170, 120), (140, 90), (120, 70), (100, 50))
HOW = 110  # characters of one way of filing in a shortened message
DETAIL = 130  # characters of a fee's or time's detail in a shortened message
Key = Literal["papers", "notes", "fee", "time", "where", "how"]


@dataclass
class Section:
    key: Key
    title: str
    lines: list[Line] = field(default_factory=list)


@dataclass
class Checklist:
    """`case`: (question, answer) pairs as said to the person; `sources`: Line.source indexes it; `link`: where to file or read."""

    code: str
    name: str
    day: dt.date
    case: list[tuple[str, str]]
    sections: list[Section]
    sources: list[Source]
    link: str | None = None
    shortened: bool = False

    def section(self, key: Key) -> Section:
        return next(s for s in self.sections if s.key == key)

    @property
    def title(self) -> str:
        return f"Danh sách chuẩn bị: {self.name} (mã {self.code})"


def papers_of(layer: ProcedureRecord, case: dict[str, str]) -> list[DossierItem]:
    """The papers (not the notes) of a case, in the source's order."""
    return [p for p in layer.dossier if not p.is_note and holds(p.when, case)]


def case_pairs(branches: list[Branch], case: dict[str, str]) -> list[tuple[str, str]]:
    """What the person answered, in words."""
    pairs = []
    for branch in branches:
        chosen = case.get(branch.id)
        if chosen is None:
            continue
        label = next((o["label"] for o in branch.options if o["id"] == chosen), None)
        pairs.append((branch.question, label or "Không biết"))
    return pairs


def open_condition(paper: DossierItem, branches: list[Branch], case: dict[str, str]) -> str:
    """'cần khi: A hoặc B' for a paper that hangs on a question left open; '' otherwise."""
    parts = []
    for branch in branches:
        if branch.id in paper.when and case.get(branch.id) in (None, UNKNOWN):
            labels = [o["label"] for o in branch.options if o["id"] in paper.when[branch.id]]
            question = branch.question.rstrip("?").strip()
            parts.append(f"{question}: {' hoặc '.join(labels)}")
    return f"chỉ cần khi – {'; '.join(parts)}" if parts else ""


Told = tuple[str, str | None, tuple[str, ...]]  # (way of filing, its case, what is said of it)


def _grouped(items: list[Told]) -> list[str]:
    """Ways of which the same is said share a line: 'Trực tiếp, bưu chính: ...'; details follow as lines of their own."""
    items = [item for item in items if item[2]]
    every = {(method, case) for method, case, _ in items}
    groups: dict[tuple[str | None, tuple[str, ...]], list[str]] = {}
    for method, case, bodies in items:
        same = {(m, c) for m, c, b in items if b == bodies}
        # A case that changes nothing is not worth a word.
        shown = None if all((method, c) in same for m, c in every if m == method) else case
        groups.setdefault((shown, bodies), []).append(method)
    lines: list[str] = []
    before: tuple[str, ...] = ()
    for (case, bodies), methods in groups.items():
        label = ", ".join(dict.fromkeys(methods))
        label = label[:1].upper() + label[1:] + (f" ({clip(case, 90)})" if case else "")
        if len(before) > 1 and set(before) < set(bodies):
            lines.append(f"{label}: như trên, thêm:")
            lines += [f"   – {body.strip()}" for body in bodies if body not in before]
        else:
            lines += [f"{label}: {bodies[0]}", *(f"   – {body.strip()}" for body in bodies[1:])]
        before = bodies
    return lines


def _listed(lines: list[Line]) -> list[Line]:
    """Details under an item carry no bullet of their own."""
    return [Line(line.text, "fact", line.source, line.row) if line.text.startswith("   – ") else line for line in lines]


def _ways(channels: list[ChannelRecord], limit: int) -> list[str]:
    """One line a way of filing; a sentence that all ways begin with is said once, before them."""
    told: dict[str, list[str]] = {}
    for channel in channels:
        texts = told.setdefault(METHODS[channel.method], [])
        text = _tidy(channel.description or "")
        if text and text not in texts:
            texts.append(text)
    firsts = {text.split(". ")[0] for texts in told.values() for text in texts}
    shared = next(iter(firsts)) if len(told) > 1 and len(firsts) == 1 and all(told.values()) else ""
    lines = [f"{shared.rstrip('.')}."] if shared else []
    bare = [label for label, texts in told.items() if not texts]
    for label, texts in told.items():
        for text in texts:
            text = text.removeprefix(shared).lstrip(". ") if shared else text
            lines.append(f"{label}: {clip(text, limit)}" if text else label)
    return [*lines, *([", ".join(bare)] if bare else [])]


def _fee_texts(layer: ProcedureRecord, topic: Topic, detail: int) -> list[str]:
    """What is due in this case, ways of filing with the same fee said once."""
    items: list[Told] = []
    for told in fees(layer, topic.day, place=topic.place, case=topic.case):
        label = METHODS[told.channel.method]
        full = label + (f" ({clip(told.channel.case, 120)})" if told.channel.case else "")
        bodies = [t.strip().removeprefix(f"{full}: ") for t in channel_texts(told)]
        if detail <= DETAIL:  # a message says what is due now; the print also says what has ended
            bodies = [b for b in bodies if not b.startswith("Không còn áp dụng")] or bodies
        # An exemption that the answers settle comes first: it is what this person wants to know.
        mine = [f"Miễn: {clip(f.condition, 260)}" for f in told.exempt if f.condition and f.when and all(topic.case.get(b) in o for b, o in f.when.items())]
        bodies.sort(key=lambda b: b not in mine)
        if mine and len(bodies) > 1 and bodies[1].startswith("mức thu"):
            bodies[1] = f"Phần khác: {bodies[1]}"
        short = [clip(b, max(detail, 170) if n == 0 else detail) for n, b in enumerate(dict.fromkeys(bodies))]
        items.append((label.lower(), told.channel.case, tuple(short)))
    return _grouped(items)


def _time_texts(layer: ProcedureRecord, case: dict[str, str], detail: int) -> list[str]:
    items: list[Told] = []
    for channel in layer.channels:
        if holds(channel.when, case) and (told := channel_text(channel)):
            full = METHODS[channel.method] + (f" ({clip(channel.case, 120)})" if channel.case else "")
            items.append((METHODS[channel.method].lower(), channel.case, (clip(told.removeprefix(f"{full}: "), detail),)))
    return _grouped(items)


def build(code: str, case: dict[str, str], day: dt.date, *, place: str | None = None, limits: tuple[int, int] = (2000, 2000)) -> Checklist:
    """The checklist of a case. Raises KeyError for an unknown code.

    `case`: branch id -> option id or "unknown". `limits`: longest paper name and condition, in characters.
    """
    layers = store().layers(code)
    if not layers:
        raise KeyError(code)
    topic = Topic(layers, day, "", case, place)
    answer = Answer("answer")
    branches = next((layer.branches for layer in layers if layer.branches), [])
    paper_limit, condition_limit = limits
    whole = paper_limit > CLIPS[0][0]
    detail = 1000 if whole else DETAIL
    sections = [Section("papers", "Giấy tờ"), Section("fee", f"Phí, lệ phí tính đến ngày {vietnamese_date(day.isoformat())}"), Section("time", "Thời hạn giải quyết"), Section("where", "Nơi nộp"), Section("how", "Cách nộp"), Section("notes", "Lưu ý")]
    papers, fee, time, where, how, notes = sections

    layer = topic.having("dossier")
    if layer is not None:
        group = None
        titled = len({p.group for p in papers_of(layer, case)}) > 1
        for number, paper in enumerate(papers_of(layer, case), 1):
            if titled and (heading := group_heading(paper.group, group)):
                papers.lines.append(Line(f"{clip(heading, 120).rstrip(':')}:", "heading"))
            group = paper.group
            waiting = open_condition(paper, branches, case)
            text = _paper(paper, paper_limit, condition_limit)
            if waiting:
                text += f" [{waiting}]"
            papers.lines += sourced(topic, answer, layer, [f"☐ {text}"], "fact", f"dossier{number}")
        if layer.dossier_sets:
            papers.lines += sourced(topic, answer, layer, [f"Số lượng hồ sơ: {clip(layer.dossier_sets, 120)}"], "fact", "sets")
        notes.lines += sourced(topic, answer, layer, [clip(p.name, paper_limit) for p in layer.dossier if p.is_note and holds(p.when, case)], "item", "notes")
    if (told := topic.having("tips")) is not None:
        notes.lines += sourced(topic, answer, told, [clip(t, paper_limit) for t in told.tips], "item", "tips")
    if (layer := _with_fees(topic)) is not None:
        fee.lines += _listed(sourced(topic, answer, layer, _fee_texts(layer, topic, detail), "item", "fee"))
    layer = next((one for one in layers if any(channel_text(c) for c in one.channels)), None)
    if layer is not None:
        time.lines += sourced(topic, answer, layer, _time_texts(layer, case, detail), "item", "time")
    layer = next((one for one in layers if one.agency or one.competent_agency), None)
    if layer is not None:
        where.lines += sourced(topic, answer, layer, [clip(layer.agency or layer.competent_agency, 260)], "item", "agency")
    link = None
    if (layer := topic.having("channels")) is not None:
        used = [c for c in layer.channels if holds(c.when, case)]
        how.lines += sourced(topic, answer, layer, _ways(used, 400 if whole else HOW), "item", "channels")
        if layer.online_url and any(c.method == "online" for c in used):
            link = layer.online_url
    link = link or next((one.source.url for one in layers if one.source.url), None)
    return Checklist(code, topic.name, day, case_pairs(branches, case), [s for s in sections if s.lines], answer.sources, link)


def _paper(paper: DossierItem, paper_limit: int, condition_limit: int) -> str:
    text = paper_text(DossierItem(**{**paper.__dict__, "condition": None}), paper_limit)
    return f"{text} – {clip(paper.condition, condition_limit)}" if paper.condition else text


def _tidy(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def as_answer(made: Checklist) -> Answer:
    """One message: the case, papers, fee, time, where, how, link."""
    answer = Answer("answer", procedures=[made.code], aspects=["dossier", "fee", "time", "where", "online"], sources=list(made.sources))
    answer.lines.append(Line(made.title, "heading", 0 if made.sources else None))
    if made.case:
        told = "; ".join(label if len(label.split()) > 2 else f"{question} {label}" for question, label in made.case)
        answer.say(f"Trường hợp: {told}.")
    for section in made.sections:
        if section.key == "notes":
            continue
        answer.lines += [Line(f"{section.title}:", "heading"), *section.lines]
    return answer


def checklist_answer(code: str, case: dict[str, str], talk: Talk) -> Answer:
    """The checklist as an Answer of at most FORWARDABLE characters where the source allows; the full words on "xem thêm"."""
    full = build(code, case, talk.day, place=talk.slot("place"))
    answer = as_answer(full)
    shortened = False
    for limits in CLIPS:
        if len(answer.plain_text()) <= FORWARDABLE:
            break
        answer = as_answer(build(code, case, talk.day, place=talk.slot("place"), limits=limits))
        shortened = True
    notes = [s for s in full.sections if s.key == "notes"]
    answer.more = [line for section in full.sections if section.key == "papers" for line in section.lines] if shortened else []
    answer.more += [line for section in notes for line in (Line("Lưu ý:", "heading"), *section.lines)]
    if not any(s.key == "papers" for s in full.sections):
        answer.say("Tôi chưa có dữ liệu về giấy tờ của thủ tục này.", "note")
    if shortened:
        answer.say("Chữ đã rút gọn để gửi được một tin; gõ “xem thêm” hoặc mở bản in để xem đủ.", "note")
    place = talk.slot("place")
    answer.attachments = [{"kind": "checklist", "code": code, "case": dict(case), **({"place": place} if place else {})}]
    answer.buttons = [
        Button("Kiểm tra trước khi nộp", payload("check_before", procedure=code)),
        Button("Nộp từng bước", payload("guide_filing", procedure=code)),
    ]
    if any(layer.branches for layer in store().layers(code)):
        answer.buttons.append(Button("Chọn lại trường hợp", payload("checklist", procedure=code, option="again")))
    talk.set("aspects", ["dossier"])
    return answer
