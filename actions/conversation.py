"""Keeping the thread: choosing, correcting, going back, more, comparing."""

from __future__ import annotations

from actions.answer import Answer, Line
from actions.base import AnswerAction, fixed
from actions.measures import measured
from actions.procedures import about, answer_question, aspect_buttons, choices
from actions.resolve import earlier, index, picked_code, picked_number, resolve
from actions.talk import Talk, store
from actions.team import ListField


class Choose(AnswerAction):
    """The person picks one of the choices offered; without choices the words are a question of their own."""

    action_name = "action_choose"

    def answer(self, talk: Talk) -> Answer:
        offered = talk.slot("choices") or []
        code = picked_code(talk, offered) if offered or talk.entity_values("procedure") else None
        if code and store().layers(code):
            return about([code], talk.slot("pending_aspects") or ["overview"], talk)
        compared = talk.slot("compared") or talk.slot("history") or []
        number = picked_number(talk.text)
        if not offered and number is not None and compared and 0 < abs(number) <= len(compared):
            ordered = list(compared)
            return about([ordered[number - 1 if number > 0 else -1]], talk.aspects or ["overview"], talk)
        if offered and number is not None:
            answer = choices(offered, talk, talk.slot("pending_aspects") or ["overview"])
            answer.lines.insert(0, Line(f"Chỉ có {len(offered)} lựa chọn.", "note"))
            return answer
        return answer_question(talk, talk.aspects or talk.slot("pending_aspects") or ["overview"])


class Correct(AnswerAction):
    """"Không phải, ý tôi là ...": what follows is asked anew, the procedure in hand set aside."""

    action_name = "action_correct"

    def answer(self, talk: Talk) -> Answer:
        before = talk.procedure
        # What was asked before is answered for the right procedure too.
        aspects = talk.aspects or list(dict.fromkeys(["overview", *(talk.slot("aspects") or [])]))[:2]
        if talk.topical < 0.5:
            return fixed("smalltalk", "correct")
        offered = talk.slot("choices") or []
        if offered and (code := picked_code(talk, offered)):
            return about([code], aspects, talk)
        found = resolve(talk)
        if found.kind == "procedures" and found.codes:
            return about(found.codes, aspects, talk)
        if found.kind == "choices":
            return choices([c for c in found.codes if c != before] or found.codes, talk, aspects)
        return fixed("declined", "not_found")


class Back(AnswerAction):
    """"Quay lại cái khai sinh lúc nãy": an earlier procedure, found by its words."""

    action_name = "action_back"

    def answer(self, talk: Talk) -> Answer:
        if not talk.slot("history"):
            return fixed("smalltalk", "nothing_before")
        return about([earlier(talk, index())], talk.aspects or ["overview"], talk)


class More(AnswerAction):
    """What the last answer left out."""

    action_name = "action_more"

    def answer(self, talk: Talk) -> Answer:
        left = talk.slot("more") or []
        if not left and (page := ListField().after(talk)):
            return page
        if not left or not talk.procedure:
            return fixed("smalltalk", "ack")
        answer = Answer("answer", procedures=[talk.procedure], aspects=talk.slot("aspects") or ["overview"])
        lines = [Line(**line) for line in left]
        layers = store().layers(talk.procedure)
        from actions.topic import Topic

        topic = Topic(layers, talk.day)
        origin = {layer.source.origin: layer for layer in layers}
        for line in lines:
            part = (line.row or "").split("/")
            layer = origin.get(part[1]) if len(part) > 1 else layers[0]
            answer.lines.append(Line(line.text, line.kind, topic.source(layer or layers[0], answer), line.row))
        shown, answer.lines = answer.lines[:25], answer.lines[:25]
        answer.more = lines[len(shown):]
        answer.buttons = aspect_buttons(talk.procedure, answer.aspects)[:3]
        return answer


class Compare(AnswerAction):
    """Two procedures side by side: those named, else the last two talked about."""

    action_name = "action_compare"

    def answer(self, talk: Talk) -> Answer:
        aspects = [a for a in talk.aspects if a != "overview"] or measured(talk.text)[:2] or ["overview"]
        found = resolve(talk)
        history = talk.slot("history") or []
        codes = found.codes if found.kind == "procedures" and not found.followed else []
        # In the order in which they were spoken of: "cái đầu" is the older one.
        pair = list(dict.fromkeys([*codes, *history]))[:2] if codes else history[1::-1]
        if len(pair) < 2:
            return answer_question(talk, aspects)
        return about(pair, aspects, talk)
