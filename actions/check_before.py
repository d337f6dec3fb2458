"""Before you submit: the usual reasons for return as yes/no questions, and at the end what to mend.

Slot `flow`: {"name": "check_before", "procedure": code | None, "question": {...}, "left": [ids], "answers": {id: "co"|"khong"|"unknown"}}.
Ids: "giay-to" (the papers of the case), "tip-N" (a note of the procedure), or a check of knowledge/checks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from actions import flows
from actions.answer import Answer, Button, Line
from actions.base import AnswerAction
from actions.checklist import papers_of
from actions.procedures import choices, topic_of, unknown_code
from actions.resolve import payload, resolve
from actions.talk import Talk
from actions.topic import Topic, clip, sentences, sourced
from knowledge.checks import Check, check_by_id, checks_for
from knowledge.flows import UNKNOWN, control_word
from knowledge.records import ProcedureRecord
from knowledge.search.analysis import fold

MOST = 10  # questions of one round
MOST_TIPS = 3
_DOING = re.compile(r"\b(?:phải|nên|đừng|nhớ|kèm|mang|giữ|khai đúng|ghi rõ|hạn chỉ|báo trước|còn hiệu lực|quá \d+)\b", re.IGNORECASE)
_NOT_MINE = re.compile(r"^(?:cơ quan tiếp nhận|nguồn|mức |lệ phí|phí )|đã hết áp dụng|đã hết hạn từ", re.IGNORECASE)
_REASONS = re.compile(r"vi sao|tai sao|li do|loi (?:thuong|hay)|khoi bi|tranh loi|hay bi|khong bi tra|loi gi")
GENERAL = "Kinh nghiệm chung, không phải quy định:"


@dataclass
class Item:
    """One question ready to ask. `good`: the answer that needs no mending; `facts`: what the source says, with layer and section."""

    id: str
    question: str
    good: str
    mend: list[str]
    facts: list[tuple[ProcedureRecord, str, str]]


def _tips(topic: Topic) -> list[tuple[ProcedureRecord, str]]:
    layer = topic.having("tips")
    return [(layer, tip) for tip in layer.tips] if layer else []


def _cited(topic: Topic, pattern: str) -> tuple[ProcedureRecord, str, str] | None:
    """The shortest sentence of the procedure that matches, with its section."""
    found = [(layer, sentence, section) for layer, section, sentence in topic.texts() if re.search(pattern, sentence, re.IGNORECASE)]
    found += [(layer, s, "conditions") for layer in topic.layers for s in sentences(layer.conditions) if re.search(pattern, s, re.IGNORECASE)]
    return min(found, key=lambda f: len(f[1]), default=None)


def item(item_id: str, topic: Topic | None) -> Item | None:
    """The question of an id for a procedure; None when it does not apply there."""
    if item_id == "giay-to":
        layer = topic.having("dossier") if topic else None
        papers = papers_of(layer, topic.case) if layer else []
        if not papers:
            return None
        names = "; ".join(f"({n}) {clip(p.name, 90)}" for n, p in enumerate(papers[:8], 1)) + (" …" if len(papers) > 8 else "")
        return Item(item_id, f"Bạn đã chuẩn bị đủ giấy tờ của trường hợp mình chưa? Gồm: {names}", "co", ["Soát lại từng giấy theo danh sách, thiếu giấy nào thì bổ sung trước khi nộp."], [(layer, clip(p.name, 160), f"dossier{n}") for n, p in enumerate(papers[:10], 1)])
    if item_id.startswith("tip-"):
        tips = _tips(topic) if topic else []
        n = int(item_id[4:])
        if n >= len(tips):
            return None
        layer, tip = tips[n]
        return Item(item_id, f"Lưu ý của thủ tục này: “{tip}” Bạn đã xem và làm theo (nếu đúng trường hợp của mình) chưa?", "co", [], [(layer, tip, f"tips{n}")])
    check = check_by_id(item_id)
    if check is None:
        return None
    facts = []
    if check.cites:
        cited = _cited(topic, check.cites) if topic else None
        if cited is None:
            return None
        facts = [(cited[0], clip(cited[1], 300), cited[2])]
    if check.id == "dung-noi" and topic and (layer := topic.having("agency")):
        facts.append((layer, f"Cơ quan thực hiện: {clip(layer.agency, 260)}", "agency"))
    return Item(check.id, check.question, check.good, [check.mend], facts)


def plan(topic: Topic | None) -> list[str]:
    """The ids of one round, the most telling first."""
    ids = ["giay-to"] if topic else []
    if topic:
        doing = [n for n, (_, tip) in enumerate(_tips(topic)) if _DOING.search(tip) and not _NOT_MINE.search(tip)]
        ids += [f"tip-{n}" for n in doing[:MOST_TIPS]]
    ids += [check.id for check in _checks(topic)]
    return [i for i in ids if item(i, topic) is not None][:MOST]


def _checks(topic: Topic | None) -> list[Check]:
    if topic is None:
        return checks_for(None, None)
    layer = topic.having("channels")
    return checks_for(topic.code, topic.main.field, online=layer is None or any(c.method == "online" for c in layer.channels))


def _topic(talk: Talk, code: str | None) -> Topic | None:
    return topic_of(code, talk) if code else None


def _ask(talk: Talk, flow: dict[str, Any], answer: Answer) -> Answer:
    """The next question, or the end."""
    topic = _topic(talk, flow.get("procedure"))
    left = list(flow["left"])
    while left:
        asked = item(left[0], topic)
        if asked is not None:
            break
        left.pop(0)
    if not left:
        return summary(talk, {**flow, "left": []}, first=answer)
    number = len(flow["answers"]) + 1
    total = len(flow["answers"]) + len(left)
    question = {"branch": f"check:{asked.id}", "text": f"Kiểm tra {number}/{total}. {asked.question}", "options": [["co", "Có"], ["khong", "Không"]]}
    flow = {**flow, "left": left, "question": question, "told": 0, "reminded": False, "parked": False, "stopped": False}
    talk.set("flow", flow)
    return flows.put(answer, flow)


def _new_answer(flow: dict[str, Any]) -> Answer:
    code = flow.get("procedure")
    return Answer("choices", procedures=[code] if code else [], aspects=["dossier"] if code else [])


def start(talk: Talk, code: str | None) -> Answer:
    """Begin a round, or go on with the one that was left."""
    before = talk.slot("flow") or {}
    if code:
        talk.take([code])
    if before.get("name") == "check_before" and before.get("procedure") == code and not before.get("done") and before.get("question"):
        return flows.put_again(talk, {**before, "reminded": False, "stopped": False}, _new_answer(before))
    topic = _topic(talk, code)
    flow = {"name": "check_before", "procedure": code, "question": None, "left": plan(topic), "answers": {}}
    answer = _new_answer(flow)
    about = f" cho thủ tục “{clip(topic.name, 120)}” (mã {code})" if topic else ""
    answer.say(f"Ta soát nhanh những lý do hồ sơ hay bị trả{about}: {len(flow['left'])} câu, bạn trả lời Có hoặc Không. Gõ “dừng” bất cứ lúc nào để xem kết quả.")
    if topic is None:
        answer.say("Cho tôi biết tên thủ tục thì tôi kiểm tra kỹ hơn theo giấy tờ của thủ tục đó.", "note")
    flows.begin(talk, flow)
    return _ask(talk, talk.slot("flow"), answer)


def record(talk: Talk, flow: dict[str, Any], branch: str, option: str) -> Answer:
    """One answer; `branch` is "check:<id>"."""
    check_id = branch.removeprefix("check:")
    if flow.get("procedure") and talk.procedure != flow["procedure"]:
        talk.take([flow["procedure"]])
    answer = _new_answer(flow)
    if check_id in flow["answers"]:
        answer.say("Tôi đã sửa câu trả lời đó.", "note")
    asked = item(check_id, _topic(talk, flow.get("procedure")))
    if asked is None:
        answer.say("Câu đó không thuộc lượt kiểm tra này.", "note")
        return flows.put_again(talk, flow, answer)
    if option != asked.good and option != UNKNOWN:
        answer.say("Tôi ghi lại chỗ này để nhắc bạn ở cuối.", "note")
    return _ask(talk, {**flow, "answers": {**flow["answers"], check_id: option}, "left": [i for i in flow["left"] if i != check_id]}, answer)


def answered(talk: Talk, flow: dict[str, Any] | None, branch: str, option: str) -> Answer:
    """A button of a check, perhaps of a round that is over."""
    if not flow or flow.get("name") != "check_before" or not flow.get("question"):
        answer = Answer("smalltalk").say("Lượt kiểm tra đó đã xong. Bạn muốn kiểm tra lại từ đầu không?")
        answer.buttons = [Button("Kiểm tra lại", payload("check_before", **({"procedure": talk.procedure} if talk.procedure else {})))]
        return answer
    if option == "back":
        if not flow["answers"]:
            return flows.put_again(talk, flow, _new_answer(flow).say("Đây là câu đầu tiên.", "note"))
        last = list(flow["answers"])[-1]
        answers = {k: v for k, v in flow["answers"].items() if k != last}
        return _ask(talk, {**flow, "answers": answers, "left": [last, *flow["left"]]}, _new_answer(flow).say("Ta quay lại câu trước.", "note"))
    return record(talk, flow, branch, option)


def summary(talk: Talk, flow: dict[str, Any], *, stopped: bool = False, first: Answer | None = None) -> Answer:
    """What to mend, what to look at again, what the procedure's notes say."""
    code = flow.get("procedure")
    topic = _topic(talk, code)
    answer = Answer("answer" if code else "guidance", procedures=[code] if code else [], aspects=["dossier"] if code else [])
    answer.lines += first.lines if first else []
    if topic is not None:
        answer.lines.append(Line(f"Kết quả kiểm tra hồ sơ: {topic.name} (mã {topic.code})", "heading", topic.source(topic.main, answer)))
    given = {i: a for i, a in flow["answers"].items()}
    bad = [x for i, a in given.items() if (x := item(i, topic)) and a not in (x.good, UNKNOWN)]
    unsure = [x for i, a in given.items() if a == UNKNOWN and (x := item(i, topic))]
    if not given:
        answer.say("Chưa có câu nào được trả lời nên tôi chưa kết luận gì.")
    elif not bad and not unsure:
        answer.say(f"{len(given)} mục đã kiểm tra đều ổn." + ("" if not flow["left"] else f" Còn {len(flow['left'])} mục chưa kiểm tra."))
    for title, items in (("Cần sửa trước khi nộp:", bad), ("Bạn chưa chắc, nên xem lại:", unsure)):
        if items:
            answer.lines.append(Line(title, "heading"))
            for one in items:
                for text in one.mend:
                    answer.lines.append(Line(f"{text} (kinh nghiệm chung)", "item"))
                for layer, text, section in one.facts:
                    answer.lines += sourced(topic, answer, layer, [f"Thủ tục ghi: {text}" if one.id != "giay-to" else f"☐ {text}"], "item", section)
    if stopped and (bad or unsure) and flow["left"]:
        answer.say(f"Còn {len(flow['left'])} mục chưa kiểm tra.", "note")
    if not bad and not unsure and topic is not None and given:
        said = {f"tip-{n}" for n, _ in enumerate(_tips(topic)) if f"tip-{n}" in given}
        rest = [(layer, tip) for n, (layer, tip) in enumerate(_tips(topic)) if f"tip-{n}" not in said]
        if rest:
            answer.lines.append(Line("Thủ tục còn lưu ý:", "heading"))
            for layer, tip in rest:
                answer.lines += sourced(topic, answer, layer, [tip], "item", "tips")
    if given:
        answer.say("Đây là tự kiểm tra; nơi nhận hồ sơ mới là nơi kết luận hồ sơ hợp lệ.", "note")
    extra = {"procedure": code} if code else {}
    if code:
        answer.buttons = [Button("Danh sách giấy tờ", payload("checklist", procedure=code)), Button("Nộp từng bước", payload("guide_filing", procedure=code))]
    answer.buttons.append(Button("Kiểm tra lại từ đầu", payload("check_before", **extra)))
    flows.finish(talk, {**flow, "earlier": []})
    if not flow.get("under"):
        talk.set("flow", None)
    return answer


def asked_point(text: str, topic: Topic | None) -> Check | None:
    """The check that a question speaks of ("ảnh mờ có bị trả không"), by its words."""
    folded = f" {fold(text)} "
    hits = [(len(word), check) for check in _checks(topic) for word in check.words if f" {fold(word)}" in folded]
    return max(hits, key=lambda h: h[0])[1] if hits else None


def _about_point(topic: Topic, check: Check) -> list[tuple[ProcedureRecord, str, str]]:
    """At most two sentences of the procedure that name the point."""
    words = [fold(w) for w in check.words if " " in w]
    found = [(layer, s, section) for layer, section, s in topic.texts() if any(w in fold(s) for w in words) or (check.cites and re.search(check.cites, s, re.IGNORECASE))]
    return sorted({f[1]: f for f in found}.values(), key=lambda f: len(f[1]))[:2]


def advice(talk: Talk, code: str | None, check: Check) -> Answer:
    """One point asked about: our advice, what the procedure's text says of it, and the offer to check all."""
    topic = _topic(talk, code)
    answer = Answer("answer" if code else "guidance", procedures=[code] if code else [], aspects=["conditions"] if code else [])
    if topic is not None:
        talk.take([topic.code])
        answer.lines.append(Line(f"{topic.name} (mã {topic.code})", "heading", topic.source(topic.main, answer)))
        for layer, sentence, section in _about_point(topic, check):
            answer.lines += sourced(topic, answer, layer, [f"Thủ tục ghi: {clip(sentence, 360)}"], "item", section)
    answer.lines += [Line(GENERAL, "heading"), Line(check.mend, "item")]
    answer.buttons = [Button("Kiểm tra cả hồ sơ", payload("check_before", **({"procedure": code} if code else {})))]
    return answer


def reasons(talk: Talk, code: str | None) -> Answer:
    """The usual reasons for return: the procedure's own notes first, then general experience."""
    topic = _topic(talk, code)
    answer = Answer("answer" if code else "guidance", procedures=[code] if code else [], aspects=["conditions"] if code else [])
    if topic is not None:
        talk.take([topic.code])
        answer.lines.append(Line(f"{topic.name} (mã {topic.code})", "heading", topic.source(topic.main, answer)))
        if tips := [(layer, tip) for layer, tip in _tips(topic) if not _NOT_MINE.search(tip)]:
            answer.lines.append(Line("Thủ tục này cần lưu ý:", "heading"))
            for layer, tip in tips:
                answer.lines += sourced(topic, answer, layer, [tip], "item", "tips")
    answer.lines.append(Line(GENERAL, "heading"))
    answer.lines += [Line(check.mend, "item") for check in _checks(topic) if not check.cites and not check.codes][:8]
    answer.buttons = [Button("Kiểm tra từng câu", payload("check_before", **({"procedure": code} if code else {})))]
    return answer


class CheckBefore(AnswerAction):
    """Intent `check_before`: a question on one point is answered; otherwise the round of yes/no questions begins."""

    action_name = "action_check_before"

    def answer(self, talk: Talk) -> Answer:
        flow = talk.slot("flow") or {}
        typed = talk.text and not talk.text.startswith("/")
        if flow.get("name") == "check_before" and flow.get("parked") and (control_word(talk.text) == "resume" or (talk.topical < 0.5 and not talk.entity("procedure"))):
            return start(talk, flow.get("procedure"))
        found = resolve(talk)
        if found.kind == "unknown_code":
            return unknown_code(found.codes)
        code = None
        if found.kind == "procedures" and found.codes and topic_of(found.codes[0], talk).described:
            code = found.codes[0]
        elif found.kind == "choices" and talk.topical > 3:
            return choices(found.codes, talk, ["dossier"])
        if typed:
            topic = _topic(talk, code)
            if _REASONS.search(fold(talk.text)):
                return reasons(talk, code)
            if check := asked_point(talk.text, topic):
                return advice(talk, code, check)
        return start(talk, code)
