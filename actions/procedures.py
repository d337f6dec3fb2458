"""Answers about procedures: overview, choices, and the frame that every question type shares."""

from __future__ import annotations

import re

from actions.answer import Answer, Button, Line
from actions.aspects import ASPECTS, LABELS
from actions.base import AnswerAction, fixed
from actions.measures import measured
from actions.place_reply import place_reply
from actions.resolve import payload, resolve
from actions.talk import Talk, store
from actions.topic import Topic, clip, sourced
from knowledge.life_events import find_event
from knowledge.search.analysis import fold

MAX_BUTTONS = 4
SURE_ENOUGH = 0.8  # from this sureness on no other procedure is offered beside the answer
# What people ask next, by what they asked now.
NEXT = {
    "overview": ["dossier", "fee", "online", "where"],
    "dossier": ["fee", "time", "online", "where"],
    "fee": ["dossier", "time", "online"],
    "time": ["dossier", "fee", "where"],
    "where": ["dossier", "online", "time"],
    "steps": ["dossier", "online", "fee"],
    "online": ["steps", "dossier", "fee"],
    "form": ["dossier", "online", "fee"],
    "legal": ["dossier", "fee", "time"],
    "result": ["time", "dossier", "fee"],
    "conditions": ["dossier", "steps", "fee"],
}


def topic_of(code: str, talk: Talk) -> Topic:
    # The slot's case is that of the procedure in hand; another procedure has its own answers or none.
    case = (talk.slot("case") if code == talk.procedure else (talk.slot("cases") or {}).get(code)) or {}
    return Topic(store().layers(code), talk.day, talk.text if not talk.text.startswith("/") else "", case, talk.slot("place"))


def aspect_buttons(code: str, aspects: list[str]) -> list[Button]:
    following = [a for aspect in aspects for a in NEXT.get(aspect, []) if a not in aspects]
    return [Button(LABELS[a], payload(f"ask_{a}", procedure=code)) for a in list(dict.fromkeys(following))[:MAX_BUTTONS]]


def about(codes: list[str], aspects: list[str], talk: Talk) -> Answer:
    """The answer on some aspects of one or more procedures."""
    aspects = aspects or ["overview"]
    topics = [topic_of(code, talk) for code in codes]
    undescribed = [t for t in topics if not t.described]
    if undescribed and len(undescribed) == len(topics):
        return known_by_name(undescribed, talk)
    answer = Answer("answer", procedures=codes, aspects=aspects)
    for topic in topics:
        source = topic.source(topic.main, answer)
        answer.lines.append(Line(f"{topic.name} (mã {topic.code})", "heading", source))
        if topic is topics[0]:
            answer.lines += old_terms(talk)
        for aspect in aspects:
            answer.lines += ASPECTS[aspect](topic, answer)
        if "conditions" not in aspects and topic.question:
            said = " ".join(line.text for line in answer.lines)
            extra = [(layer, s) for layer, s in topic.relevant(limit=2, least=0.6, words=2) if s[:60] not in said]
            for layer, sentence in extra:
                answer.lines += sourced(topic, answer, layer, [f"Liên quan câu hỏi: {clip(sentence, 420)}"], "item", "relevant")
    answer.buttons = aspect_buttons(codes[0], aspects)
    if len(codes) == 1 and {"dossier", "overview", "conditions"} & set(aspects) and any(layer.branches for layer in topics[0].layers):
        answer.buttons = [Button("Danh sách theo trường hợp", payload("checklist", procedure=codes[0])), *answer.buttons][:MAX_BUTTONS]
    talk.take(codes)
    talk.set("aspects", aspects)
    return answer


def old_terms(talk: Talk) -> list[Line]:
    """"... nay gọi là ..." for old and folk words of the message, with the document that changed the name."""
    notes = {e["note"]: e.get("basis") for e in talk.entities if e.get("note")}
    return [Line(f"{note} ({basis})" if basis else note, "note") for note, basis in notes.items()]


def known_by_name(topics: list[Topic], talk: Talk) -> Answer:
    """Procedures that exist but that we hold no details of: named, linked, not described."""
    answer = Answer("declined", procedures=[t.code for t in topics])
    for topic in topics:
        source = topic.source(topic.main, answer)
        answer.say(f"Có thủ tục “{topic.name}” (mã {topic.code}), nhưng tôi chưa có dữ liệu chi tiết nên không nêu giấy tờ hay lệ phí.", "fact", source)
        if topic.main.agency:
            answer.say(f"Cơ quan thực hiện: {clip(topic.main.agency, 300)}", "fact", source)
    answer.say("Bạn tra mã này trên Cổng Dịch vụ công quốc gia (https://dichvucong.gov.vn) hoặc hỏi Bộ phận Một cửa.", "note")
    talk.take([t.code for t in topics])
    return answer


def choices(codes: list[str], talk: Talk, aspects: list[str]) -> Answer:
    """Two or more procedures fit: offer them in words that tell them apart."""
    answer = Answer("choices", procedures=codes, aspects=aspects)
    answer.say("Có vài thủ tục gần với câu bạn hỏi. Bạn cần thủ tục nào?")
    for number, code in enumerate(codes, start=1):
        topic = topic_of(code, talk)
        source = topic.source(topic.main, answer)
        level = f" – cấp {', '.join(topic.main.levels)}" if topic.main.levels else ""
        answer.lines.append(Line(f"{number}. {clip(topic.name, 200)}{level} (mã {code})", "fact", source))
        answer.buttons.append(Button(clip(topic.name, 60), payload("choose", procedure=code)))
    answer.say("Bạn trả lời bằng số thứ tự, hoặc nói rõ thêm.", "note")
    talk.set("choices", codes)
    talk.set("pending_aspects", aspects)
    return answer


def unknown_code(codes: list[str]) -> Answer:
    answer = Answer("declined")
    return answer.say(
        f"Tôi không có thủ tục nào mang mã {', '.join(codes)} trong dữ liệu. Bạn kiểm tra lại mã, hoặc cho tôi biết việc cần làm bằng lời."
    )


SHORT = 7  # words: "thế còn cấp đổi thì sao"
# "còn ...", "thế ...": going on. Without marks "con" is a child and "the" a card as well, so more has to be said.
_GOES_ON = re.compile(r"(?:(?:thế|vậy|à|rồi|ờ|ừ) )?còn (?!nữa\b)|(?:thế|vậy) (?!(?:là|thôi|nhé|à|ạ)\b)", re.IGNORECASE)
_GOES_ON_BARE = re.compile(r"(?:the|vay|a|roi) con |(?:con|the|vay) .*\b(?:thi sao|sao|the nao|thi the nao)\W*$", re.IGNORECASE)


def goes_on(text: str) -> bool:
    """Whether a message carries on what was asked: "thế còn cấp đổi?", "con cap doi thi sao"; not "thẻ ..." nor "con tôi ..."."""
    return bool((_GOES_ON_BARE if text.isascii() else _GOES_ON).match(text))


_YES_NO = re.compile(r"\b(?:co |can |phai ).*\b(?:khong|ko|k|hong|hok|hay sao|a|ha|nua|chua)\W*$|\b(?:co phai|co can|bat buoc)\b|\bdung khong\b")


def _among_papers(topic: Topic) -> bool:
    """Whether a paper of the procedure is what the question speaks of."""
    return bool(topic.relevant(limit=1, least=0.6, sections={"dossier"}, words=2))


def answer_question(talk: Talk, aspects: list[str]) -> Answer:
    """Resolve and answer; shared by all question types."""
    if set(aspects) <= {"overview", "where"} and (reply := place_reply(talk)):
        return about([reply[0]], ["where"], reply[1])
    found = resolve(talk)
    if found.kind == "procedures" and found.codes:
        if found.picked and aspects == ["overview"]:
            aspects = talk.slot("pending_aspects") or aspects
        if aspects == ["overview"] and len(talk.text.split()) <= SHORT and (found.sibling or goes_on(talk.text)):
            aspects = talk.slot("aspects") or aspects  # "thế cấp đổi?", "còn giấy phép môi trường?" go on asking what was asked
        if found.followed and len(found.codes) == 1 and set(aspects) <= {"overview", "conditions"} and _YES_NO.search(fold(talk.text)) and _among_papers(topic_of(found.codes[0], talk)):
            aspects = ["dossier", *(a for a in aspects if a != "overview")]  # "có phải khám sức khỏe không?"
        answer = about(found.codes, aspects, talk)
        return answer if found.followed or found.picked else with_alternatives(answer, talk)
    if found.kind == "choices":
        return choices(found.codes, talk, aspects)
    if found.kind == "unknown_code":
        return unknown_code(found.codes)
    if aspects[0] in ("overview", "dossier", "steps") and (event := find_event(talk.text)):
        # A turn of life, told without naming a procedure. That module answers by this one.
        from actions.life_events import overview

        return overview(talk, event)
    talk.set("pending_aspects", aspects)
    return fixed("choices" if talk.topical < 0.5 else "declined", "no_topic" if talk.topical < 0.5 else "not_found")


def with_alternatives(answer: Answer, talk: Talk) -> Answer:
    """Where the linker was not wholly sure, the next candidates stay one tap away."""
    link = talk.extras.get("link") or {}
    if answer.kind != "answer" or not link or (link.get("sureness") or 1.0) >= SURE_ENOUGH:
        return answer
    others = [code for code in link.get("offer") or [] if code not in answer.procedures][:2]
    answer.buttons = answer.buttons[: MAX_BUTTONS - len(others)]
    answer.buttons += [Button(f"Ý tôi là: {clip(topic_of(code, talk).name, 48)}", payload("choose", procedure=code)) for code in others]
    return answer


CLEARLY_ASKED = 0.65  # confidence of a question type; of first messages below it two in three want to know about the matter


class AskAction(AnswerAction):
    """One question type; further types in the same message are answered with it.

    Where a message tells a matter and only seems to ask a type ("nghỉ hai tháng nay ..."), the overview is told as well.
    """

    aspect = "overview"

    def answer(self, talk: Talk) -> Answer:
        aspects = [self.aspect, *(a for a in talk.aspects if a != self.aspect)][:3]
        if len(aspects) == 1 and talk.confidence < CLEARLY_ASKED and talk.topical >= 0.5 and "overview" not in aspects:
            aspects = measured(talk.text)[:2] or [*aspects, "overview"]  # "đám ma thì có lẹ hơn không" asks for the time
        return answer_question(talk, aspects)


class AskOverview(AskAction):
    action_name = "action_ask_overview"
    aspect = "overview"


class AskDossier(AskAction):
    action_name = "action_ask_dossier"
    aspect = "dossier"


class AskFee(AskAction):
    action_name = "action_ask_fee"
    aspect = "fee"


class AskTime(AskAction):
    action_name = "action_ask_time"
    aspect = "time"


class AskWhere(AskAction):
    action_name = "action_ask_where"
    aspect = "where"


class AskSteps(AskAction):
    action_name = "action_ask_steps"
    aspect = "steps"


class AskOnline(AskAction):
    action_name = "action_ask_online"
    aspect = "online"


class AskForm(AskAction):
    action_name = "action_ask_form"
    aspect = "form"


class AskLegal(AskAction):
    action_name = "action_ask_legal"
    aspect = "legal"


class AskResult(AskAction):
    action_name = "action_ask_result"
    aspect = "result"


class AskConditions(AskAction):
    action_name = "action_ask_conditions"
    aspect = "conditions"
