"""Filing online step by step: the walk-through (knowledge/filing), the common troubles, going on by a code.

Slot `flow` while it runs: {"name": "filing", "procedure": code or None, "step": 1.., "code": code to resume or None,
"away": something else was asked meanwhile, "stuck": the step at which help was asked last,
"offered": [codes] while it is not clear which procedure}. State diagram: docs/flows-b.md.
"""

from __future__ import annotations

import logging
from typing import Any

from sqlalchemy.exc import DBAPIError

from actions.answer import Answer, Button, Line, Source
from actions.aspects import dossier, fee, time
from actions.base import AnswerAction
from actions.history import actions_before
from actions.procedures import about, aspect_buttons, known_by_name, topic_of, unknown_code
from actions.resolve import payload, picked_number, resolve
from actions.talk import Talk, store
from actions.topic import METHODS, Topic, clip, sourced
from knowledge.desk import TooMany, find_code, open_desk
from knowledge.fees import fees
from knowledge.filing import Step, Trouble, find_trouble, troubles, walk
from knowledge.records import ProcedureRecord
from knowledge.search.analysis import fold
from knowledge.settings import get_settings

logger = logging.getLogger(__name__)
NAME = "filing"
PAPERS = 8
GENERAL = "general"  # value of a button: the walk-through without a procedure
COMMON = ("otp", "mat-khau", "muc-2", "qua-dung-luong", "tru-tien-hai-lan")  # offered when nothing says where somebody is stuck
HELP = Button("Gặp cán bộ", payload("human"))


# -- the running walk-through --------------------------------------------------------------------


def running(talk: Talk) -> dict[str, Any] | None:
    """The walk-through's state when it stands at a step."""
    flow = talk.slot("flow") or {}
    return flow if flow.get("name") == NAME and flow.get("step") else None


def _keep(talk: Talk, flow: dict[str, Any]) -> dict[str, Any]:
    """Write the state into the slot, and under its code so that it can be resumed elsewhere; the state with its code."""
    state = {"procedure": flow.get("procedure"), "step": flow["step"], "case": talk.slot("case")}
    try:
        code = open_desk(get_settings().database).save_place(state, flow.get("code"))
    except DBAPIError:  # a database that cannot be written must not end the guidance
        logger.warning("the walk-through could not be kept", exc_info=True)
        code = None
    kept = {**flow, "code": code}
    talk.set("flow", kept)
    return kept


def _general(answer: Answer) -> int:
    """Index of the source of what holds for every procedure."""
    return answer.add_source(Source(document=walk().document, url=walk().url, origin="general"))


# -- what a step shows of the procedure's own data -------------------------------------------------


def online_layer(topic: Topic) -> ProcedureRecord | None:
    """The first layer that describes ways of filing, when one of them is online."""
    layer = topic.having("channels")
    return layer if layer and any(c.method == "online" for c in layer.channels) else None


def _channel(topic: Topic, answer: Answer) -> list[Line]:
    layer = online_layer(topic)
    if layer is None:
        return []
    texts = [clip(c.description, 420) for c in layer.channels if c.method == "online" and c.description]
    if layer.online_level:
        texts.append(f"Mức độ dịch vụ trực tuyến: {layer.online_level}")
    return sourced(topic, answer, layer, list(dict.fromkeys(texts)), "item", "channels")


def _link(topic: Topic, answer: Answer) -> list[Line]:
    layer = next((one for one in topic.layers if one.online_url or one.source.url), topic.main)
    texts = [f"Tên: {clip(topic.name, 200)}; mã: {topic.code}"]
    if address := layer.online_url or layer.source.url:
        texts.append(f"Trang thủ tục: {address}")
    return sourced(topic, answer, layer, texts, "item", "link")


def _agency(topic: Topic, answer: Answer) -> list[Line]:
    layer = topic.having("agency") or topic.having("competent_agency")
    if layer is None:
        return []
    return sourced(topic, answer, layer, [f"Nơi giải quyết: {clip(layer.agency or layer.competent_agency or '', 300)}"], "item", "agency")


def _papers(topic: Topic, answer: Answer, *, forms: bool = False) -> list[Line]:
    layer = topic.having("dossier")
    if layer is None:
        return []
    mine = [p for _, group in dossier.ordered_groups(topic, layer) for p in group if not p.is_note]
    if forms:
        mine = [p for p in mine if p.form or fold(p.name).startswith(("to khai", "don ", "mau ", "phieu ", "giay de nghi", "van ban de nghi"))]
    lines = sourced(topic, answer, layer, [dossier.paper_text(p, 200) for p in mine[:PAPERS]], "item", "dossier")
    if len(mine) > PAPERS:
        lines.append(Line(f"(còn {len(mine) - PAPERS} giấy tờ nữa, hỏi “cần giấy tờ gì” để xem đủ)", "note"))
    return lines


def _forms(topic: Topic, answer: Answer) -> list[Line]:
    return _papers(topic, answer, forms=True)


def _fee(topic: Topic, answer: Answer) -> list[Line]:
    layer = online_layer(topic)
    if layer is None:
        return []
    told = fees(layer, topic.day, method="online", place=topic.place, case=topic.case)
    texts = list(dict.fromkeys(text.strip() for one in told for text in fee.channel_texts(one)))
    return sourced(topic, answer, layer, texts[:6], "item", "fee")


def _time(topic: Topic, answer: Answer) -> list[Line]:
    layer = online_layer(topic)
    if layer is None:
        return []
    texts = [text for c in layer.channels if c.method == "online" and (text := time.channel_text(c))]
    return sourced(topic, answer, layer, [f"Thời hạn – {text}" for text in dict.fromkeys(texts)], "item", "time")


def _result(topic: Topic, answer: Answer) -> list[Line]:
    layer = topic.having("results")
    names = [clip(r.name, 200) for r in layer.results if not r.refusal] if layer else []
    return sourced(topic, answer, layer, [f"Kết quả: {name}" for name in names[:3]], "item", "result") if layer else []


OWN = {"channel": _channel, "link": _link, "agency": _agency, "forms": _forms, "papers": _papers, "fee": _fee, "time": _time, "result": _result}


# -- answers -------------------------------------------------------------------------------------


def step_answer(talk: Talk, flow: dict[str, Any], note: str | None = None) -> Answer:
    """Show the step at which the walk-through stands, and keep that it stands there."""
    steps = walk().steps
    step: Step = steps[flow["step"] - 1]
    topic = topic_of(flow["procedure"], talk) if flow.get("procedure") else None
    answer = Answer("answer" if topic else "smalltalk", procedures=[topic.code] if topic else [], aspects=["online"] if topic else [])
    if note:
        answer.say(note, "note")
    about_what = f" – {clip(topic.name, 90)}" if topic else ""
    answer.say(f"Bước {flow['step']}/{len(steps)}: {step.title}{about_what}", "heading")
    general = _general(answer)
    answer.lines += [Line(text, "item", general) for text in step.say]
    if topic:
        own = [line for name in step.own for line in OWN[name](topic, answer)]
        if own:
            answer.lines += [Line("Riêng thủ tục này:", "heading"), *own]
    first = not flow.get("code")
    flow = {k: v for k, v in flow.items() if k not in ("away", "stuck", "offered")}
    flow = _keep(talk, flow)
    if first and flow.get("code"):
        answer.say(f"Muốn dừng rồi làm tiếp, kể cả trên kênh khác hay máy khác trong 30 ngày: nhắn “tiếp tục {flow['code']}”.", "note")
    if step.ask:
        answer.say(step.ask)
    answer.buttons = _step_buttons(flow["step"])
    if topic and "papers" in step.own and not topic.case and any(layer.branches for layer in topic.layers):
        answer.buttons.insert(2, Button("Lọc giấy tờ theo trường hợp của tôi", payload("checklist", procedure=topic.code)))
    return answer


def _step_buttons(number: int) -> list[Button]:
    buttons = [Button("Xong, bước tiếp theo" if number < len(walk().steps) else "Xong", payload("guide_next")), Button("Tôi bị kẹt ở đây", payload("stuck"))]
    if number > 1:
        buttons.append(Button("Bước trước", payload("guide_back")))
    return [*buttons, Button("Dừng, làm sau", payload("flow_stop"))]


def start(talk: Talk, code: str | None, note: str | None = None) -> Answer:
    """Begin the walk-through of a procedure (None: the general one), when it can be filed online at all."""
    if code:
        topic = topic_of(code, talk)
        if not topic.described:
            return known_by_name([topic], talk)
        if online_layer(topic) is None:
            return _not_online(talk, topic)
        talk.take([code])
        talk.set("aspects", ["online"])
    under = talk.slot("flow") or {}
    waiting = under if under.get("name") not in (None, NAME) and not under.get("done") else under.get("under")
    return step_answer(talk, {"name": NAME, "procedure": code, "step": 1, **({"under": waiting} if waiting else {})}, note)


def _not_online(talk: Talk, topic: Topic) -> Answer:
    """No online way in the source: said, with the other ways."""
    answer = Answer("answer", procedures=[topic.code], aspects=["online"])
    layer = topic.having("channels")
    answer.lines.append(Line(f"{topic.name} (mã {topic.code})", "heading", topic.source(topic.main, answer)))
    if layer:
        texts = ["Nguồn không nêu cách nộp trực tuyến cho thủ tục này nên tôi không hướng dẫn nộp qua mạng."]
        texts += [f"{METHODS[c.method]}: {clip(c.description, 300)}" if c.description else f"Nộp được: {METHODS[c.method].lower()}" for c in layer.channels]
        answer.lines += sourced(topic, answer, layer, list(dict.fromkeys(texts)), "item", "channels")
    else:
        answer.say("Tôi chưa có dữ liệu về cách nộp trực tuyến của thủ tục này; bạn xem trên cổng hoặc hỏi Bộ phận Một cửa.", "note")
    talk.take([topic.code])
    talk.set("aspects", ["online"])
    answer.buttons = aspect_buttons(topic.code, ["online"])[:3]
    if not layer:
        answer.buttons.append(Button("Hướng dẫn nộp qua mạng nói chung", payload("guide_filing", value=GENERAL)))
    return answer


def which_procedure(talk: Talk, codes: list[str]) -> Answer:
    """Several fit: offer them; the answer starts the walk-through (knowledge/filing/flow.py reads typed numbers)."""
    answer = Answer("choices", procedures=codes, aspects=["online"])
    answer.say("Bạn muốn được hướng dẫn nộp thủ tục nào?")
    for number, code in enumerate(codes, start=1):
        topic = topic_of(code, talk)
        answer.lines.append(Line(f"{number}. {clip(topic.name, 200)} (mã {code})", "fact", topic.source(topic.main, answer)))
        answer.buttons.append(Button(clip(topic.name, 60), payload("guide_filing", procedure=code)))
    talk.set("flow", {"name": NAME, "offered": codes})
    talk.set("choices", codes)
    talk.set("pending_aspects", ["online"])
    return answer


def trouble_answer(talk: Talk, trouble: Trouble) -> Answer:
    """What to do about one trouble, whom to ask, and back to the step."""
    flow = running(talk)
    code = flow.get("procedure") if flow else talk.procedure
    topic = topic_of(code, talk) if code and store().layers(code) else None
    if topic and (not topic.described or not (flow or trouble.own)):
        topic = None
    answer = Answer("answer" if topic else "smalltalk", procedures=[topic.code] if topic else [], aspects=["online"] if topic else [])
    answer.say(f"{trouble.title}:", "heading")
    general = _general(answer)
    answer.lines += [Line(text, "item", general) for text in trouble.do]
    if topic and trouble.own:
        answer.lines += OWN[trouble.own](topic, answer)
    answer.lines.append(Line(f"Vẫn chưa được thì hỏi: {trouble.ask}.", "text", general))
    if flow:
        talk.set("flow", {**flow, "away": False, "stuck": flow["step"]})
        answer.buttons = [Button("Được rồi, bước tiếp", payload("guide_next")), Button(f"Xem lại bước {flow['step']}", payload("guide_repeat"))]
    if trouble.procedure and store().layers(trouble.procedure):
        answer.buttons.append(Button("Cách lên mức 2" if trouble.id == "muc-2" else "Xem thủ tục", payload("ask_overview", procedure=trouble.procedure)))
    answer.buttons.append(HELP)
    return answer


def _where_stuck(talk: Talk) -> Answer:
    """Nothing says what is wrong: the usual troubles of the step, or the commonest of all; asked again, a person helps."""
    flow = running(talk)
    again = flow.get("stuck") == flow["step"] if flow else Stuck.action_name in actions_before(talk)
    ids = walk().steps[flow["step"] - 1].troubles if flow else COMMON
    answer = Answer("smalltalk")
    if again:
        later = "; hoặc bỏ qua để xem bước sau trước" if flow else ""
        answer.say(f"Chỗ này khó xử lý qua tin nhắn. Bạn có thể nhờ cán bộ hoặc Tổ công nghệ số cộng đồng ngồi cùng{later}.")
        answer.buttons = [HELP, *([Button("Xem bước tiếp theo", payload("guide_next")), Button("Dừng, làm sau", payload("flow_stop"))] if flow else [])]
        return answer
    where = f" ở bước {flow['step']} ({walk().steps[flow['step'] - 1].title.lower()})" if flow else ""
    answer.say(f"Bạn kẹt{where} vì chuyện gì? Chọn một mục, hoặc kể ngắn gọn màn hình đang báo gì (đừng gửi mật khẩu, OTP hay ảnh giấy tờ).")
    answer.buttons = [Button(troubles()[one].title, payload("stuck", trouble=one)) for one in ids] + ([HELP] if len(ids) < 5 else [])
    if flow:
        talk.set("flow", {**flow, "stuck": flow["step"]})
    return answer


def offer_return(action: str, talk: Talk, answer: Answer) -> Answer:
    """After something else was asked: offer the way back, in words once, then by the button only (actions/turn.py)."""
    flow = running(talk)
    if flow is None or action in _OWN_ACTIONS or answer.kind in ("emergency", "error"):
        return answer
    if any(button.payload in ("/guide_next", "/guide_repeat") for button in answer.buttons):
        return answer
    answer.buttons = [*answer.buttons[:3], Button(f"Làm tiếp bước {flow['step']}", payload("guide_repeat"))]
    if not flow.get("away"):
        what = f" ({clip(topic_of(flow['procedure'], talk).name, 60)})" if flow.get("procedure") else ""
        answer.say(f"Hướng dẫn nộp trực tuyến{what} đang ở bước {flow['step']}; nhắn “tiếp” khi muốn làm tiếp.", "note")
        talk.set("flow", {**flow, "away": True})
    return answer


# -- actions -------------------------------------------------------------------------------------


class GuideFiling(AnswerAction):
    """Begin the walk-through for the procedure named or in hand; asked while it runs, it goes on."""

    action_name = "action_guide_filing"

    def answer(self, talk: Talk) -> Answer:
        if talk.entity("value") == GENERAL:
            return start(talk, None)
        if find_code(talk.text):
            return resume(talk)
        found = resolve(talk)
        flow = running(talk)
        if found.kind == "unknown_code":
            return unknown_code(found.codes)
        if found.kind == "choices":
            return which_procedure(talk, found.codes)
        if found.picked and talk.topical < 0.5 and picked_number(talk.text) is None:
            return which_procedure(talk, (talk.slot("choices") or found.codes)[:4])  # "hướng dẫn nộp" picks none of the choices
        if found.kind == "procedures" and found.codes:
            anew = any(way in fold(talk.text) for way in ("tu dau", "bat dau lai", "lai tu"))
            if flow and flow.get("procedure") == found.codes[0] and not anew:
                return step_answer(talk, flow, "Chúng ta làm tiếp chỗ đang dở.")
            return start(talk, found.codes[0])
        if flow:
            return step_answer(talk, flow, "Chúng ta làm tiếp chỗ đang dở.")
        answer = Answer("choices")
        answer.say("Bạn cần nộp thủ tục nào qua mạng? Hãy nói tên việc cần làm (ví dụ “đăng ký tạm trú”), hoặc xem các bước nộp nói chung.")
        answer.buttons = [Button("Các bước nộp nói chung", payload("guide_filing", value=GENERAL))]
        talk.set("pending_aspects", ["online"])
        return answer


class _Move(AnswerAction):
    """Moving inside the walk-through; without one, the nearest sensible thing."""

    def moved(self, talk: Talk, flow: dict[str, Any]) -> Answer:
        raise NotImplementedError

    def answer(self, talk: Talk) -> Answer:
        if find_code(talk.text):
            return resume(talk)
        flow = running(talk)
        if flow is not None:
            return self.moved(talk, dict(flow))
        if talk.slot("more") and self.action_name == "action_guide_next":
            from actions.conversation import More

            return More().answer(talk)
        if talk.procedure:
            return about([talk.procedure], ["steps"], talk)
        return Answer("smalltalk").say("Hiện chưa có phần hướng dẫn nào đang làm dở. Bạn nói tên thủ tục cần nộp qua mạng, hoặc nhắn “tiếp tục” kèm mã đã nhận.")


class GuideNext(_Move):
    action_name = "action_guide_next"

    def moved(self, talk: Talk, flow: dict[str, Any]) -> Answer:
        if flow["step"] < len(walk().steps):
            return step_answer(talk, {**flow, "step": flow["step"] + 1})
        answer = Answer("smalltalk", procedures=[])
        answer.say("Bạn đã đi hết các bước. Giữ mã hồ sơ cẩn thận và theo dõi thông báo cho đến khi nhận kết quả.")
        if flow.get("code"):
            _drop(flow["code"])
        talk.set("flow", flow.get("under"))
        answer.buttons = [Button("Tra cứu hồ sơ", payload("status")), HELP]
        return answer


class GuideBack(_Move):
    action_name = "action_guide_back"

    def moved(self, talk: Talk, flow: dict[str, Any]) -> Answer:
        if flow["step"] > 1:
            return step_answer(talk, {**flow, "step": flow["step"] - 1})
        return step_answer(talk, flow, "Đây là bước đầu tiên.")


class GuideRepeat(_Move):
    action_name = "action_guide_repeat"

    def moved(self, talk: Talk, flow: dict[str, Any]) -> Answer:
        return step_answer(talk, flow, "Tôi nhắc lại bước này." if not flow.get("away") else "Chúng ta làm tiếp.")


class GuideStep(_Move):
    """A step by its number."""

    action_name = "action_guide_step"

    def moved(self, talk: Talk, flow: dict[str, Any]) -> Answer:
        number = _number(talk)
        if number is None or not 1 <= number <= len(walk().steps):
            return step_answer(talk, flow, f"Hướng dẫn có {len(walk().steps)} bước, từ 1 đến {len(walk().steps)}.")
        return step_answer(talk, {**flow, "step": number})


def _number(talk: Talk) -> int | None:
    said = talk.entity("step")
    if said is None:
        return picked_number(talk.text)
    try:
        return int(said)
    except (TypeError, ValueError):
        return None


class Stuck(AnswerAction):
    """Somebody cannot go on: the trouble that was named, or a question which one it is."""

    action_name = "action_stuck"

    def answer(self, talk: Talk) -> Answer:
        trouble = troubles().get(talk.entity("trouble") or "") or find_trouble(talk.text)
        return trouble_answer(talk, trouble) if trouble else _where_stuck(talk)


class Resume(AnswerAction):
    """"Tiếp tục BCD234": the walk-through or the question to a person behind a code."""

    action_name = "action_resume"

    def answer(self, talk: Talk) -> Answer:
        return resume(talk)


def resume(talk: Talk) -> Answer:
    """Go on by the code in the message; without one, with what is running."""
    code = find_code(str(talk.entity("code") or "")) or find_code(talk.text)
    if code is None:
        if flow := running(talk):
            return step_answer(talk, flow, "Chúng ta làm tiếp chỗ đang dở.")
        if talk.procedure and not talk.text.startswith("/"):
            return start(talk, talk.procedure)
        return Answer("smalltalk").say("Bạn nhắn “tiếp tục” kèm mã 6 ký tự đã nhận, ví dụ “tiếp tục BCD234”.")
    try:
        found = open_desk(get_settings().database).find(code, talk.sender)
    except TooMany as limit:
        minutes = max(1, round(limit.wait / 60))
        return Answer("declined").say(f"Đã có nhiều lần nhập mã không đúng. Bạn thử lại sau khoảng {minutes} phút.")
    if found is None:
        answer = Answer("declined").say(f"Không có gì được lưu dưới mã {code}: mã có thể gõ nhầm hoặc đã hết hạn (30 ngày).")
        return answer.say("Bạn kiểm tra lại mã, hoặc nói tên thủ tục để bắt đầu lại.")
    if found["kind"] == "ticket":
        return _ticket(found, code)
    procedure = found.get("procedure")
    if procedure and not store().layers(procedure):
        return unknown_code([procedure])
    if procedure:
        talk.take([procedure])
        talk.set("aspects", ["online"])
        if found.get("case"):
            talk.set("case", found["case"])
    step = min(max(1, int(found.get("step") or 1)), len(walk().steps))
    return step_answer(talk, {"name": NAME, "procedure": procedure, "step": step, "code": code}, f"Làm tiếp theo mã {code}.")


def _ticket(found: dict[str, Any], code: str) -> Answer:
    answer = Answer("handoff")
    if found["answer"]:
        answer.say(f"Trả lời của cán bộ cho phiếu {code}:", "heading")
        return answer.say(found["answer"])
    if found["state"] == "closed":
        return answer.say(f"Phiếu {code} đã đóng. Nếu cần hỏi lại, bạn nhắn “gặp cán bộ”.")
    return answer.say(f"Phiếu {code} đang chờ cán bộ trả lời. Bạn có thể hỏi lại bằng mã này bất kỳ lúc nào.")


def _drop(code: str) -> None:
    try:
        open_desk(get_settings().database).drop_place(code)
    except DBAPIError:
        logger.warning("a place could not be dropped", exc_info=True)


def stopped(talk: Talk) -> Answer:
    """End the walk-through for now; the code brings it back. For action_flow_stop."""
    flow = running(talk)
    talk.set("flow", (flow or {}).get("under"))
    answer = Answer("smalltalk").say("Vâng, tạm dừng hướng dẫn nộp ở đây.")
    if flow and flow.get("code"):
        answer.say(f"Khi muốn làm tiếp từ bước {flow['step']}, nhắn “tiếp tục {flow['code']}” (trong 30 ngày, trên kênh nào cũng được).")
    if talk.procedure:
        answer.buttons = aspect_buttons(talk.procedure, ["online"])[:2]
    return answer


_OWN_ACTIONS = frozenset(
    f"action_{name}" for name in ("guide_filing", "guide_next", "guide_back", "guide_repeat", "guide_step", "stuck", "resume", "delete_data", "household", "team_mode", "feedback_good", "feedback_bad", "report_line")
)
