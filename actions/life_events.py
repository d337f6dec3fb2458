"""Life events: the procedures of one turn of life as steps, each with a button; only those in the knowledge base.

Slot `flow`: {"name": "life_event", "event": id, "step": n of the step last offered as next, "parked": True (it waits for no answer)}.
"""

from __future__ import annotations

from actions import flows
from actions.answer import Answer, Button, Line
from actions.base import AnswerAction
from actions.procedures import about, answer_question, topic_of
from actions.resolve import payload
from actions.talk import Talk, store
from actions.topic import Topic, clip
from knowledge.life_events import LifeEvent, event_by_id, events, find_event

MAX_BUTTONS = 8


def offered(event: LifeEvent) -> list[str]:
    """The event's codes that the knowledge base has, in order."""
    return [code for code in event.codes if store().layers(code)]


def gives(topic: Topic) -> str | None:
    """What one gets at the end, as the source says it; None when it says nothing."""
    layer = topic.having("results")
    first = next((r.name for r in layer.results if not r.refusal), None) if layer else None
    return clip(first, 90).rstrip(" .;") if first else None


def overview(talk: Talk, event: LifeEvent) -> Answer:
    """All steps in order."""
    codes = offered(event)
    answer = Answer("answer", procedures=codes, aspects=["overview"])
    answer.lines.append(Line(f"{event.title}: các việc cần làm theo thứ tự", "heading"))
    topics = {code: topic_of(code, talk) for code in codes}
    shown: list[str] = []  # in the order of the numbers: a typed number picks by it
    for one in event.together:
        if one.code in topics:
            shown.append(one.code)
            source = topics[one.code].source(topics[one.code].main, answer)
            answer.lines.append(Line(f"{len(shown)}. ★ {one.text} – liên thông (mã {one.code})", "fact", source))
    for step in event.steps:
        if step.code not in topics or step.code in shown:
            continue
        shown.append(step.code)
        number = len(shown)
        topic = topics[step.code]
        source = topic.source(topic.main, answer)
        text = f"{number}. {step.do} (mã {step.code})"
        if step.when:
            text += f" – {step.when}"
        if step.needs:
            text += f"; cần: {step.needs}"
        if told := gives(topic):
            text += f" → nhận: {told}"
        answer.lines.append(Line(text, "fact", source))
    for note in event.notes:
        answer.say(note, "note")
    answer.say("Không phải ai cũng cần làm hết; bạn bấm hoặc nhắn số của việc để xem giấy tờ, lệ phí, nơi nộp.", "note")
    titles = {s.code: s.do for s in event.steps} | {t.code: t.text for t in event.together}
    answer.buttons = [Button(clip(titles[code], 48), payload("ask_overview", procedure=code)) for code in shown[:MAX_BUTTONS]]
    talk.take([codes[0]])
    talk.set("choices", shown)
    talk.set("pending_aspects", ["overview"])
    talk.set("aspects", ["overview"])
    flows.begin(talk, {"name": "life_event", "event": event.id, "step": 0, "parked": True})
    return answer


def following(talk: Talk, event: LifeEvent) -> Answer:
    """The step after the procedure in hand, in short."""
    codes = [s.code for s in event.steps if store().layers(s.code)]
    covered = {c for t in event.together if t.code == talk.procedure for c in t.covers}
    at = codes.index(talk.procedure) if talk.procedure in codes else -1
    if covered:
        at = max((codes.index(c) for c in covered if c in codes), default=-1)
    if at + 1 >= len(codes):
        answer = Answer("smalltalk").say(f"Đó là việc cuối trong danh sách “{event.title}”. Bạn còn cần việc gì nữa không?")
        answer.buttons = [Button("Xem lại danh sách", payload("life_event", event=event.id))]
        return answer
    step = next(s for s in event.steps if s.code == codes[at + 1])
    answer = about([step.code], ["overview"], talk)
    head = f"Việc tiếp theo: {step.do}" + (f" – {step.when}" if step.when else "") + (f"; cần: {step.needs}" if step.needs else "") + "."
    answer.lines.insert(0, Line(head, "text"))
    answer.buttons = [*answer.buttons[:3], Button("Xem lại danh sách", payload("life_event", event=event.id))]
    flow = talk.slot("flow") or {}
    if flow.get("name") == "life_event":
        talk.set("flow", {**flow, "step": at + 1})
    return answer


def menu(lead: str) -> Answer:
    answer = Answer("choices").say(lead)
    answer.buttons = [Button(e.title, payload("life_event", event=e.id)) for e in events() if offered(e)]
    return answer


class TellLifeEvent(AnswerAction):
    """Intent `life_event`: the event by button or by words; without one, the linker's answer or the list of events."""

    action_name = "action_life_event"

    def answer(self, talk: Talk) -> Answer:
        named = talk.entity("event")
        event = event_by_id(named) if named else find_event(talk.text)
        if event is not None and offered(event):
            return following(talk, event) if talk.entity("option") == "next" else overview(talk, event)
        if not named and talk.decision in ("answer", "ask") and talk.topical >= 0.5:
            return answer_question(talk, ["overview"])
        return menu("Bạn đang chuẩn bị cho việc nào? Tôi liệt kê các thủ tục theo thứ tự.")
