"""Keeping the thread: choosing, correcting, going back, more, comparing."""

from __future__ import annotations

import re

from actions.answer import Answer, Line
from actions.base import AnswerAction, fixed
from actions.procedures import about, answer_question, choices
from actions.resolve import index, resolve
from actions.talk import Talk, store
from knowledge.search.analysis import fold, folded_words

_ORDINALS = {"dau": 1, "dau tien": 1, "nhat": 1, "mot": 1, "hai": 2, "nhi": 2, "ba": 3, "tu": 4, "bon": 4, "nam": 5, "sau": 6, "cuoi": -1, "cuoi cung": -1}
_ORDINAL = re.compile(r"(?:cai|so|thu|muc|cau|y|phuong an|truong hop|chon|lua chon)\s*(?:thu\s*)?(\d+|" + "|".join(sorted(_ORDINALS, key=len, reverse=True)) + r")\b|^\s*(\d)\s*[.)]?\s*(?:a|nha|nhe|di)?\s*$")


def picked_number(text: str) -> int | None:
    """1-based number of a choice named by words or digit; -1 is the last."""
    match = _ORDINAL.search(fold(text))
    if not match:
        return None
    word = match.group(1) or match.group(2)
    return int(word) if word.isdigit() else _ORDINALS[word]


def picked_code(talk: Talk, offered: list[str]) -> str | None:
    """Which of the offered procedures a reply means: by number, else by words that only one of them has."""
    for code in talk.entity_values("procedure"):
        return code
    number = picked_number(talk.text)
    if number is not None:
        position = len(offered) if number == -1 else number
        return offered[position - 1] if 1 <= position <= len(offered) else None
    words = set(folded_words(talk.text))
    procedures = index()
    scores = []
    for code in offered:
        row = procedures.row_of.get(code)
        if row is None:
            continue
        entry = procedures.entries[row]
        level = {f"cap {x}" for x in entry.levels}
        bag = set(procedures.title_sets[row]) | set(folded_words(" ".join(entry.levels)))
        others = [set(procedures.title_sets[procedures.row_of[c]]) for c in offered if c != code and c in procedures.row_of]
        special = bag - set.union(*others) if others else bag
        special |= set(folded_words(" ".join(level))) - {"cap"}
        scores.append((sum(procedures.idf(w) for w in words & special), sum(procedures.idf(w) for w in words & bag), code))
    scores.sort(reverse=True)
    if scores and scores[0][0] > 0 and (len(scores) == 1 or scores[0][:2] > scores[1][:2]):
        return scores[0][2]
    return None


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
        aspects = talk.aspects or talk.slot("aspects") or ["overview"]
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
        history = talk.slot("history") or []
        aspects = talk.aspects or ["overview"]
        if not history:
            return fixed("smalltalk", "nothing_before")
        words = set(folded_words(talk.text))
        procedures = index()

        def fit(code: str) -> float:
            row = procedures.row_of.get(code)
            return sum(procedures.idf(w) for w in words & procedures.vocabulary[row]) if row is not None else 0.0

        earlier = [c for c in history if c != talk.procedure] or history
        best = max(earlier, key=fit)
        return about([best if fit(best) > 0 else earlier[0]], aspects, talk)


class More(AnswerAction):
    """What the last answer left out."""

    action_name = "action_more"

    def answer(self, talk: Talk) -> Answer:
        left = talk.slot("more") or []
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
        return answer


class Compare(AnswerAction):
    """Two procedures side by side: those named, else the last two talked about."""

    action_name = "action_compare"

    def answer(self, talk: Talk) -> Answer:
        aspects = [a for a in talk.aspects if a != "overview"] or ["overview"]
        found = resolve(talk)
        history = talk.slot("history") or []
        codes = found.codes if found.kind == "procedures" and not found.followed else []
        pair = list(dict.fromkeys([*codes, *history]))[:2]
        if len(pair) < 2:
            return answer_question(talk, aspects)
        return about(pair, aspects, talk)
