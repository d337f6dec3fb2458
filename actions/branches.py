""""Which case are you": the questions of a procedure, one at a time, until the checklist can be drawn up.

Slot `flow`: {"name": "branches", "procedure", "question": {"branch", "text", "options"} | None, "asked": [branch ids in order],
"earlier": [questions answered], "via": [codes that led here], "parked", "reminded", "stopped", "told", "under"}.
Answers go to slot `case` (of the procedure in hand) and `cases` (code -> case).
"""

from __future__ import annotations

from typing import Any

from actions import flows
from actions.answer import Answer, Button, Line
from actions.base import AnswerAction, fixed
from actions.checklist import checklist_answer
from actions.procedures import choices, known_by_name, topic_of, unknown_code
from actions.resolve import payload, resolve
from actions.talk import Talk, store
from actions.topic import clip
from knowledge.flows import UNKNOWN, said_option
from knowledge.records import Branch, ProcedureRecord

# Said in turn: asked for twice, the open question does not come twice in the same words.
GOING_ON = ("Ta làm tiếp danh sách giấy tờ.", "Danh sách còn dở ở câu này:", "Bạn trả lời câu này là tôi lập tiếp được danh sách:")
REMEMBERED = 12  # procedures whose answers are kept


def branching_layer(code: str) -> ProcedureRecord | None:
    """The layer that asks; None when no layer does."""
    return next((layer for layer in store().layers(code) if layer.branches), None)


def questions(code: str) -> list[Branch]:
    """The questions that change something: papers, fees, ways of filing, or the procedure itself."""
    layer = branching_layer(code)
    if layer is None:
        return []
    parts = [*layer.dossier, *layer.channels, *(fee for channel in layer.channels for fee in channel.fees)]
    used = {branch for part in parts for branch in part.when}
    return [b for b in layer.branches if b.id in used or any(o.get("procedure") for o in b.options)]


def as_question(branch: Branch, number: int, total: int) -> dict[str, Any]:
    text = branch.question if total == 1 else f"Câu {number}/{total}. {branch.question}"
    return {"branch": branch.id, "text": text, "options": [[o["id"], o["label"]] for o in branch.options]}


def remember(talk: Talk, code: str, case: dict[str, str]) -> None:
    """Keep the answers with their procedure."""
    cases = {k: v for k, v in (talk.slot("cases") or {}).items() if k != code}
    cases = dict([*cases.items(), (code, case)][-REMEMBERED:])
    talk.set("cases", cases)
    talk.set("case", case)


def said_before(talk: Talk, code: str) -> list[str]:
    """What the person wrote since this procedure is in hand, the latest first; buttons left out."""
    texts = [talk.text]
    for event in reversed(talk.events):
        if event.get("event") == "slot" and event.get("name") == "procedure" and event.get("value") not in (None, code):
            break
        if event.get("event") == "user" and event.get("text"):
            texts.append(event["text"])
    return [t for t in dict.fromkeys(texts) if t and not t.startswith("/")][:8]


def known_from_talk(talk: Talk, code: str, case: dict[str, str]) -> dict[str, str]:
    """Answers that the talk already gave, by unmistakable words; only for what `case` leaves open."""
    found: dict[str, str] = {}
    for branch in questions(code):
        if branch.id in case:
            continue
        options = [(o["id"], o["label"]) for o in branch.options]
        for text in said_before(talk, code):
            if option := said_option(text, branch.id, options):
                found[branch.id] = option
                break
    return found


def option_of(code: str, branch_id: str, option_id: str) -> dict | None:
    layer = branching_layer(code)
    branch = next((b for b in layer.branches if b.id == branch_id), None) if layer else None
    return next((o for o in branch.options if o["id"] == option_id), None) if branch else None


def start(talk: Talk, code: str, *, again: bool = False) -> Answer:
    """Begin (or go on with) the questions of a procedure."""
    flow = talk.slot("flow") or {}
    same = flow.get("name") == "branches" and flow.get("procedure") == code
    talk.take([code])
    case = {} if again else dict(talk.slot("case") or {})
    answer = Answer("choices", procedures=[code], aspects=["dossier"])
    found = {} if again or (same and not flow.get("done")) else known_from_talk(talk, code, case)
    case |= found
    if same and not flow.get("done") and not again:
        back = int(flow.get("back") or 0)
        fresh = {**flow, "parked": False, "stopped": False, "reminded": False, "back": back + 1}
        answer.say(GOING_ON[back % len(GOING_ON)])
    else:
        fresh = {"name": "branches", "procedure": code, "question": None, "asked": [], "earlier": [], "via": []}
        left = [b for b in questions(code) if b.id not in case]
        if left:
            name = topic_of(code, talk).name
            answer.say(f"Để lập danh sách đúng trường hợp của bạn cho thủ tục “{clip(name, 120)}” (mã {code}), tôi hỏi {len(left)} câu ngắn; không cần thông tin cá nhân nào.")
        flows.begin(talk, fresh)
        fresh = talk.slot("flow")
    _note_found(answer, code, found)
    remember(talk, code, case)
    return advance(talk, code, case, fresh, answer)


def _note_found(answer: Answer, code: str, found: dict[str, str]) -> None:
    layer = branching_layer(code)
    for branch in layer.branches if layer else []:
        if branch.id in found:
            label = next((o["label"] for o in branch.options if o["id"] == found[branch.id]), found[branch.id])
            answer.say(f"Theo lời bạn, tôi ghi nhận: {branch.question} → {label}. (Nếu chưa đúng, bạn gõ “nhầm, …” để sửa.)", "note")


def advance(talk: Talk, code: str, case: dict[str, str], flow: dict[str, Any], answer: Answer) -> Answer:
    """Follow an option that leads elsewhere, else ask the next open question, else hand over the checklist."""
    for _ in range(6):
        target = _target(code, case, flow)
        if target is None:
            break
        option, to = target
        layers = store().layers(to)
        if not layers:
            answer.kind = "declined"
            answer.say(f"Trường hợp “{option['label']}” thuộc thủ tục mã {to}, thủ tục này chưa có trong dữ liệu của tôi. Bạn tra mã này trên Cổng Dịch vụ công quốc gia (https://dichvucong.gov.vn).")
            flows.finish(talk, flow)
            return answer
        topic = topic_of(to, talk)
        source = topic.source(topic.main, answer)
        answer.lines.append(Line(f"Trường hợp của bạn làm theo thủ tục khác: “{clip(topic.name, 160)}” (mã {to}).", "fact", source))
        if not topic.described:
            told = known_by_name([topic], talk)
            flows.finish(talk, flow)
            answer.kind, answer.procedures, answer.aspects = told.kind, told.procedures, []
            answer.lines += [Line(line.text, line.kind, source if line.source is not None else None) for line in told.lines[1:]]
            return answer
        carried = {b.id: case[b.id] for b in questions(to) if option_of(to, b.id, case.get(b.id, "")) or case.get(b.id) == UNKNOWN}
        via = [*flow.get("via", []), code]
        talk.take([to])
        known = dict(talk.slot("case") or {})
        case = {**carried, **known}
        # Someone sent here from the other side of a question means this side of it.
        for b in questions(to):
            if (o := option_of(to, b.id, case.get(b.id, ""))) and o.get("procedure") in via:
                rest = [x["id"] for x in b.options if x.get("procedure") not in via]
                case.pop(b.id)
                if len(rest) == 1:
                    case[b.id] = rest[0]
        code = to
        flow = {"name": "branches", "procedure": code, "question": None, "asked": [], "earlier": [], "via": via, **({"under": flow["under"]} if flow.get("under") else {})}
        case |= known_from_talk(talk, code, case)
        remember(talk, code, case)
    asked = questions(code)
    left = [b for b in asked if b.id not in case]
    answer.procedures = [code]
    if not left:
        flows.finish(talk, {**flow, "procedure": code, "question": None, "earlier": _all_questions(code)})
        done = checklist_answer(code, case, talk)
        done.lines[:0] = [Line(line.text, line.kind, done.add_source(answer.sources[line.source]) if line.source is not None else None, line.row) for line in answer.lines]
        return done
    branch = left[0]
    before = [x for x in flow.get("asked", []) if x != branch.id]
    question = as_question(branch, len(before) + 1, len(before) + len(left))
    earlier = [as_question(b, 1, 1) for b in asked if b.id in case]
    talk.set("flow", {**flow, "procedure": code, "question": question, "earlier": earlier, "asked": [*before, branch.id], "told": 0, "reminded": False})
    return flows.put(answer, talk.slot("flow"))


def _all_questions(code: str) -> list[dict[str, Any]]:
    return [as_question(b, 1, 1) for b in questions(code)]


def _target(code: str, case: dict[str, str], flow: dict[str, Any]) -> tuple[str, dict, str] | None:
    """(option, code) of the first answer that leads to another procedure not yet left behind."""
    for branch in questions(code):
        option = option_of(code, branch.id, case.get(branch.id, ""))
        if option and (to := option.get("procedure")) and to != code and to not in flow.get("via", []):
            return option, to
    return None


def record(talk: Talk, flow: dict[str, Any], branch_id: str, option_id: str) -> Answer:
    """One answer (or a correction of an earlier one) and what follows from it."""
    code = flow["procedure"]
    if talk.procedure != code:
        talk.take([code])
    case = dict(talk.slot("case") or {})
    answer = Answer("choices", procedures=[code], aspects=["dossier"])
    branch = next((b for b in questions(code) if b.id == branch_id), None)
    if branch is None or (option_id != UNKNOWN and option_of(code, branch_id, option_id) is None):
        return _stale(talk, flow)
    before = case.get(branch_id)
    case[branch_id] = option_id
    if before is not None and before != option_id:
        label = next((o["label"] for o in branch.options if o["id"] == option_id), "không biết")
        answer.say(f"Tôi đã sửa: {branch.question} → {label}.", "note")
        flow = {**flow, "via": []}
    elif (option := option_of(code, branch_id, option_id)) and option.get("procedure") in flow.get("via", []):
        return _turned_back(talk, flow, branch, option["procedure"], answer)
    remember(talk, code, case)
    return advance(talk, code, case, {**flow, "parked": False, "stopped": False}, answer)


def _turned_back(talk: Talk, flow: dict[str, Any], branch: Branch, to: str, answer: Answer) -> Answer:
    """An answer that leads back where the person came from: the answer that led here was wrong, so it goes."""
    here = flow["procedure"]
    talk.take([to])
    case = {b: o for b, o in (talk.slot("case") or {}).items() if (option_of(to, b, o) or {}).get("procedure") != here}
    for b in questions(to):
        rest = [o["id"] for o in b.options if not o.get("procedure")]
        if b.id not in case and any(o.get("procedure") == here for o in b.options) and len(rest) == 1:
            case[b.id] = rest[0]
    answer.say(f"Vậy trường hợp của bạn vẫn là thủ tục “{clip(topic_of(to, talk).name, 160)}” (mã {to}).", "fact", topic_of(to, talk).source(topic_of(to, talk).main, answer))
    remember(talk, to, case)
    fresh = {**flow, "procedure": to, "question": None, "asked": [], "earlier": [], "via": []}
    return advance(talk, to, case, fresh, answer)


def _stale(talk: Talk, flow: dict[str, Any] | None) -> Answer:
    """A button of a question that is no longer open."""
    current = flows.running(talk)
    if current is not None:
        answer = Answer("choices", procedures=[current["procedure"]] if current.get("procedure") else [], aspects=["dossier"])
        answer.say("Nút đó thuộc một câu hỏi trước.", "note")
        return flows.put_again(talk, current, answer)
    answer = Answer("smalltalk").say("Nút đó thuộc một câu hỏi đã xong. Bạn muốn lập lại danh sách giấy tờ không?")
    if talk.procedure:
        answer.buttons = [
            Button("Lập lại danh sách", payload("checklist", procedure=talk.procedure, option="again")),
            Button("Giấy tờ cần nộp", payload("ask_dossier", procedure=talk.procedure)),
        ]
    return answer


def step_back(talk: Talk, flow: dict[str, Any]) -> Answer:
    """The question before, answered anew."""
    code = flow["procedure"]
    asked = flow.get("asked") or []
    answer = Answer("choices", procedures=[code], aspects=["dossier"])
    if len(asked) < 2:
        answer.say("Đây là câu đầu tiên.", "note")
        return flows.put_again(talk, flow, answer)
    case = {b: o for b, o in (talk.slot("case") or {}).items() if b != asked[-2]}
    remember(talk, code, case)
    answer.say("Ta quay lại câu trước.", "note")
    branch = next(b for b in questions(code) if b.id == asked[-2])
    left = [b for b in questions(code) if b.id not in case]
    fresh = {**flow, "asked": asked[:-1], "question": as_question(branch, len(asked) - 1, len(asked) - 2 + len(left)), "told": 0, "reminded": False}
    talk.set("flow", fresh)
    return flows.put(answer, fresh)


class MakeChecklist(AnswerAction):
    """Intent `checklist`: questions first when the case matters, then the list."""

    action_name = "action_checklist"

    def answer(self, talk: Talk) -> Answer:
        option = talk.entity("option")
        code = self._code(talk)
        if isinstance(code, Answer):
            return code
        if option == "now":
            talk.take([code])
            flow = talk.slot("flow") or {}
            flows.finish(talk, {**flow, "name": "branches", "procedure": code, "question": None, "earlier": _all_questions(code)})
            return checklist_answer(code, talk.slot("case") or {}, talk)
        return start(talk, code, again=option == "again")

    @staticmethod
    def _code(talk: Talk) -> str | Answer:
        """The procedure meant, else the answer that asks for it."""
        flow = talk.slot("flow") or {}
        if flow.get("name") == "branches" and not flow.get("done") and not talk.entity("procedure") and talk.topical < 0.5:
            return flow["procedure"]
        found = resolve(talk)
        if found.kind == "unknown_code":
            return unknown_code(found.codes)
        if found.kind == "choices":
            return choices(found.codes, talk, ["dossier"])
        if found.kind == "none" or not found.codes:
            talk.set("pending_aspects", ["dossier"])
            return fixed("choices", "no_topic")
        topic = topic_of(found.codes[0], talk)
        return found.codes[0] if topic.described else known_by_name([topic], talk)


class BranchAnswer(AnswerAction):
    """A button (or words that amount to one): the answer to the open question, or to one answered before."""

    action_name = "action_branch_answer"

    def answer(self, talk: Talk) -> Answer:
        branch, option = talk.entity("branch"), talk.entity("option")
        flow = talk.slot("flow")
        if not branch or not option:
            return _stale(talk, flow)
        if branch.startswith("check:"):
            from actions import check_before

            return check_before.answered(talk, flow, branch, option)
        if not flow or flow.get("name") != "branches":
            under = (flow or {}).get("under") or {}
            if under.get("name") != "branches":
                return _stale(talk, flow)
            flow = under
            talk.set("flow", flow)
        if option == "back":
            return step_back(talk, flow) if flow.get("question") else _stale(talk, flow)
        return record(talk, flow, branch, option)
