"""What all guiding flows share: the open question in slot `flow`, offering it again, stopping, repeating.

A flow is parked when the talk goes elsewhere; nothing that was answered is lost (slots `case` and `cases`).
"""

from __future__ import annotations

from typing import Any

from actions.answer import Answer, Button
from actions.base import AnswerAction
from actions.resolve import payload
from actions.talk import Talk, store
from actions.topic import Topic, clip

ASKING = ("branches", "check_before")  # flows that ask a question and wait
FLOW_ACTIONS = frozenset(
    ["action_checklist", "action_branch_answer", "action_check_before", "action_life_event", "action_flow_repeat", "action_flow_stop", "action_flow_unknown"]
)
AGAIN = {"branches": "checklist", "check_before": "check_before"}
NAMES = {"branches": "danh sách giấy tờ", "check_before": "phần kiểm tra hồ sơ"}
# Ways to put the open question a second time; a question is never said twice in the same words.
LEADS = ("Tôi nhắc lại câu hỏi:", "Bạn chọn giúp tôi một ý:", "Câu đang chờ bạn trả lời:")


def running(talk: Talk) -> dict[str, Any] | None:
    """The flow that waits for an answer; None when none does."""
    flow = talk.slot("flow")
    return flow if flow and flow.get("name") in ASKING and flow.get("question") and not flow.get("parked") else None


def begin(talk: Talk, flow: dict[str, Any]) -> None:
    """Start a flow; another one under way waits below it (one deep) and comes back at the end."""
    before = talk.slot("flow")
    if before and before.get("name") != flow["name"] and not before.get("done"):
        flow = {**flow, "under": {k: v for k, v in before.items() if k != "under"}}
    elif before and before.get("under"):
        flow = {**flow, "under": before["under"]}
    talk.set("flow", flow)


def finish(talk: Talk, flow: dict[str, Any]) -> dict[str, Any] | None:
    """End a flow; returns the one that waited below it, which runs again."""
    under = flow.get("under")
    talk.set("flow", under or {k: v for k, v in flow.items() if k in ("name", "procedure", "earlier")} | {"question": None, "done": True})
    return under


def question_text(flow: dict[str, Any]) -> str:
    return flow["question"]["text"]


def option_buttons(flow: dict[str, Any]) -> list[Button]:
    question = flow["question"]
    buttons = [Button(label, payload("branch_answer", branch=question["branch"], option=oid)) for oid, label in question["options"]]
    return [*buttons, Button("Không biết", payload("flow_unknown"))]


def put(answer: Answer, flow: dict[str, Any], lead: str | None = None) -> Answer:
    """Say the open question with its numbered options."""
    if lead:
        answer.say(lead)
    answer.say(question_text(flow))
    answer.buttons = option_buttons(flow)
    for number, button in enumerate(answer.buttons, 1):
        answer.say(f"{number}. {button.title}")
    return answer


def put_again(talk: Talk, flow: dict[str, Any], answer: Answer) -> Answer:
    """The open question in other words than the last time."""
    told = int(flow.get("told") or 0)
    talk.set("flow", {**flow, "told": told + 1, "parked": False})
    return put(answer, flow, LEADS[told % len(LEADS)])


def short_name(code: str) -> str:
    layers = store().layers(code)
    return clip(Topic(layers, None).name, 60) if layers else code


def remind(name: str, talk: Talk, answer: Answer) -> Answer:
    """After an answer in the middle of a flow: offer the open question once; park the flow when the matter changed."""
    flow = talk.slot("flow")
    if name in FLOW_ACTIONS or "flow" in talk.changes or not flow or answer.kind in ("error", "emergency"):
        return answer
    here = talk.procedure
    mine = flow.get("procedure")
    if flow.get("done"):
        if mine and here != mine:
            talk.set("flow", None)
        return answer
    if flow.get("name") not in ASKING or not flow.get("question"):
        return answer
    if answer.kind == "choices" or (mine and here and here != mine):
        # A number now picks among the choices; the flow waits until it is asked for.
        if not flow.get("parked"):
            talk.set("flow", {**flow, "parked": True, "reminded": False})
            _offer_back(answer, flow)
        return answer
    if flow.get("stopped"):
        return answer
    if flow.get("parked") and not (mine and here == mine and answer.kind == "answer"):
        return answer
    if flow.get("reminded"):
        talk.set("flow", {**flow, "parked": False})
        _offer_back(answer, flow)
        return answer
    talk.set("flow", {**flow, "parked": False, "reminded": True})
    return put(answer, flow, f"Ta còn dở {NAMES[flow['name']]}, bạn trả lời tiếp giúp tôi:")


def _offer_back(answer: Answer, flow: dict[str, Any]) -> None:
    code = flow.get("procedure")
    title = f"Làm tiếp {NAMES[flow['name']]}"
    intent = AGAIN[flow["name"]]
    button = Button(title, payload(intent, procedure=code) if code else payload(intent))
    if all(b.payload != button.payload for b in answer.buttons):
        answer.buttons.insert(min(2, len(answer.buttons)), button)  # among the first three: those are shown everywhere


class FlowStop(AnswerAction):
    """"Thôi", "dừng": the flow ends, what was answered stays."""

    action_name = "action_flow_stop"

    def answer(self, talk: Talk) -> Answer:
        flow = talk.slot("flow")
        answer = Answer("smalltalk")
        if not flow or flow.get("done") or flow.get("stopped"):
            return answer.say("Vâng, ta dừng ở đây. Bạn cần tra thủ tục nào khác thì cứ nhắn nhé.")
        if flow.get("name") == "filing":
            from actions.filing import stopped

            return stopped(talk)
        if flow.get("name") == "check_before":
            from actions.check_before import summary

            return summary(talk, flow, stopped=True)
        if flow.get("name") == "branches":
            code = flow["procedure"]
            if under := flow.get("under"):
                talk.set("flow", under)
            else:
                talk.set("flow", {**flow, "parked": True, "stopped": True})
            answer.say("Vâng, tôi dừng các câu hỏi. Những gì bạn đã trả lời tôi vẫn nhớ trong cuộc trò chuyện này; muốn làm tiếp, bạn gõ “tiếp tục danh sách”.")
            answer.buttons = [
                Button("Xem danh sách đến đây", payload("checklist", procedure=code, option="now")),
                Button("Giấy tờ cần nộp", payload("ask_dossier", procedure=code)),
                Button("Lệ phí", payload("ask_fee", procedure=code)),
            ]
            return answer
        talk.set("flow", None)
        return answer.say("Vâng, ta dừng phần hướng dẫn. Khi nào cần làm tiếp, bạn cứ nhắn tên thủ tục.")


class FlowRepeat(AnswerAction):
    """"Nhắc lại": the open question again, in other words."""

    action_name = "action_flow_repeat"

    def answer(self, talk: Talk) -> Answer:
        flow = running(talk)
        if (talk.slot("flow") or {}).get("name") == "filing":
            from actions.filing import GuideRepeat

            return GuideRepeat().answer(talk)
        if flow is None:
            return Answer("smalltalk").say("Hiện không có câu hỏi nào đang chờ bạn. Bạn cần tra thủ tục gì ạ?")
        return put_again(talk, flow, _about(flow))


def _about(flow: dict[str, Any]) -> Answer:
    codes = [flow["procedure"]] if flow.get("procedure") else []
    return Answer("choices", procedures=codes, aspects=["dossier"] if codes else [])


class FlowUnknown(AnswerAction):
    """"Không biết" is an answer: the question is left open and rules nothing out."""

    action_name = "action_flow_unknown"

    def answer(self, talk: Talk) -> Answer:
        flow = running(talk)
        if (talk.slot("flow") or {}).get("name") == "filing":
            from actions.filing import Stuck

            return Stuck().answer(talk)
        if flow is None:
            return Answer("smalltalk").say("Không sao ạ. Bạn kể việc bạn cần làm bằng lời thường, tôi sẽ tìm thủ tục giúp.")
        from actions import branches, check_before
        from knowledge.flows import UNKNOWN

        if flow["name"] == "check_before":
            return check_before.record(talk, flow, flow["question"]["branch"], UNKNOWN)
        return branches.record(talk, flow, flow["question"]["branch"], UNKNOWN)
