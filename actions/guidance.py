"""Questions to the guidance documents: the shortest exact answer first, then the passage itself, each with its source."""

from __future__ import annotations

import re

from actions.answer import Answer, Button, Line, Source, vietnamese_date
from actions.base import AnswerAction
from actions.resolve import payload
from actions.talk import Talk, store
from knowledge.guidance.records import PassageRecord
from knowledge.guidance.register import Document, load_register
from knowledge.guidance_answers import (
    WHICH_DOCUMENTS,
    Found,
    Quote,
    contents,
    find,
    follow_up,
    keep_percent,
    pieces_at,
    quote_whole,
    relevant_part,
)
from knowledge.search.analysis import fold
from knowledge.search.guidance_query import read_reference
from knowledge.search.passages import Hit, PassageSearch, passage_search, source_of
from knowledge.settings import get_settings

BORDERLINE = 0.3  # a procedure was answered; from this guidance score on the documents are offered beside it
LIMIT = 2500  # characters of an answer, sources not counted
OLD_AFTER = 1  # years after which the age of a document is said
_CONTENTS = re.compile(r"\b(muc luc|gom nhung (?:muc|phan) nao|co nhung (?:muc|phan) nao|liet ke cac muc)\b")
_VERBATIM = re.compile(r"\b(trich nguyen van|nguyen van|trich doan|doc nguyen doan|trich dan nguyen|nguyen doan)\b")
_ABOUT_DOCUMENT = re.compile(r"\b(ai ky|nguoi ky|ky ngay|ngay ban hanh|ban hanh (?:ngay|khi|nam) nao|ngay nao ban hanh|co quan nao ban hanh|ai ban hanh|con hieu luc|het hieu luc|ve viec gi|trich yeu|la van ban gi|noi ve (?:cai )?gi|gui ai|gui cho ai)\b")


def search() -> PassageSearch:
    return passage_search(store(), get_settings().cache)


class AskGuidance(AnswerAction):
    """`guidance` remembers {"ids", "document", "question"} for what follows ("còn năm 2023?", "trích nguyên văn")."""

    action_name = "action_ask_guidance"

    def answer(self, talk: Talk) -> Answer:
        text = question_text(talk)
        context = talk.slot("guidance") or {}
        folded = fold(text)
        reference = read_reference(text)
        if WHICH_DOCUMENTS.search(folded):
            return documents()
        if _CONTENTS.search(folded) and (number := next(iter(reference.documents), context.get("document"))):
            return table_of_contents(number, talk)
        if (asked := _VERBATIM.search(folded)) and context.get("ids"):
            rest = (folded[: asked.start()] + folded[asked.end() :]).split()
            if len(rest) <= 4 and not reference.documents and not reference.places:
                return verbatim(context["ids"], talk)
        question = follow_up(text, context) or text
        found = find(question, search())
        if asked and found.status == "answer":
            return verbatim(pieces_at(found.question, search()) or found.ids, talk, question)
        return said(found, talk, question)


def question_text(talk: Talk) -> str:
    """The question in agreed spelling; a button carries it in `value`."""
    if talk.text.startswith("/"):
        number = talk.entity("document_number") or ""
        return f"{talk.entity('value') or 'mục lục'} {number}".strip()
    return keep_percent(talk.text, talk.extras.get("normalised") or talk.text)


# -- answers -----------------------------------------------------------------------------------------


def said(found: Found, talk: Talk, question: str) -> Answer:
    """What the documents say, or that they do not."""
    about = document_lines(found, question)
    if found.status != "answer" and not about:
        return silent(found, talk)
    answer = Answer("guidance")
    for document in about:
        answer.say(card(document), "fact", answer.add_source(document_source(document)))
    shown: list[str] = []
    if found.status == "answer":
        for hit in found.notes:
            shown += note_lines(hit, answer)
        shown += [warning for hit in found.notes if (warning := hit.passage.warning)]
        room = LIMIT - sum(len(line.text) for line in answer.lines)
        for quote in found.quotes:
            known = len(answer.sources)
            lines = quote_lines(quote, answer, shown)
            size = sum(len(line.text) for line in lines)
            if size > room and answer.lines:
                spare = room - (size - len(quote.text))
                if spare < 250:
                    del answer.sources[known:]
                    continue
                part = relevant_part(search().index(), found.question, quote.text, spare - 150)
                lines = quote_lines(Quote(quote.hit, part), answer, shown)
                size = sum(len(line.text) for line in lines)
            answer.lines += lines
            room -= size
    if old := age(answer.sources, talk):
        answer.say(old, "note")
    answer.buttons = buttons(found, talk)
    talk.set("guidance", {"ids": found.ids[:8], "document": next(iter(found.documents), None), "question": question})
    return answer


def note_lines(hit: Hit, answer: Answer) -> list[str]:
    """Our own words on it, with the place in brackets; further sources behind it. Returns what was said."""
    note = hit.passage
    index = answer.add_source(as_source(hit))
    for one in note.also:
        extra = PassageRecord("", one["document"], one.get("date"), "", label=one.get("section"))
        answer.add_source(Source(**source_of(extra), origin="guidance"))
    answer.say(f"{note.text} ({note.citation()})", "fact", index, note.id)
    if note.warning:
        answer.say(note.warning, "warning")
    return [note.text]


def quote_lines(quote: Quote, answer: Answer, shown: list[str]) -> list[Line]:
    passage = quote.passage
    index = answer.add_source(as_source(quote.hit))
    titles = [title for title in passage.heading[-2:] if fold(title) not in fold(quote.text)]
    title = f" – {' › '.join(titles)}" if titles else ""
    heading = f"Nguyên văn {passage.citation()}{title}:"
    lines = [] if any(line.text == heading for line in answer.lines) else [Line(heading, "heading", index)]
    lines.append(Line(f"“{quote.text.strip()}”", "fact", index, passage.id))
    if passage.warning and passage.warning not in shown:
        shown.append(passage.warning)
        lines.append(Line(passage.warning, "warning", index))
    return lines


def silent(found: Found, talk: Talk) -> Answer:
    """The documents do not say it: what was asked for, the nearest that they do say, and the procedures if one fits."""
    answer = Answer("declined")
    if found.status == "unknown_document":
        answer.say(f"Trong các tài liệu tôi có không có “{found.said}”, nên tôi không nêu nội dung của văn bản đó.")
    elif found.status == "unknown_place":
        answer.say(f"Tài liệu không có {found.said}. {span_of(found)}".strip())
    elif found.status == "not_said":
        for hit in found.notes:
            note_lines(hit, answer)
    else:
        answer.say("Tài liệu không nói về điều này, nên tôi không trả lời thay.")
    near = [hit for hit in found.near if hit.passage.title or hit.passage.heading][:2]
    if near and found.status in ("nothing", "not_said"):
        names = "; ".join(f"{name_of(hit)} ({hit.passage.citation()})" for hit in near)
        answer.say(f"Gần nhất, tài liệu có nói về: {names}.", "note")
        answer.buttons = [Button(clip_title(name_of(hit)), payload("ask_guidance", value=name_of(hit))) for hit in near]
    answer.buttons += procedure_button(talk)
    return answer


def verbatim(ids: list[str], talk: Talk, question: str | None = None) -> Answer:
    """The passages themselves, whole."""
    quotes = quote_whole(ids, search())
    if not quotes:
        answer = Answer("declined")
        return answer.say("Văn bản này chưa được nạp vào dữ liệu nên tôi chưa trích nguyên văn được; tôi chỉ có phần ghi lại kèm số, ngày và mục của văn bản.")
    answer = Answer("guidance")
    shown: list[str] = []
    for quote in quotes:
        answer.lines += quote_lines(quote, answer, shown)
    context = talk.slot("guidance") or {}
    talk.set("guidance", {"ids": [q.passage.id for q in quotes], "document": quotes[0].passage.document, "question": question or context.get("question")})
    return answer


def table_of_contents(number: str, talk: Talk) -> Answer:
    document = next(d for d in load_register().documents if d.number == number)
    answer = Answer("guidance")
    source = answer.add_source(document_source(document))
    answer.say(card(document), "heading", source)
    listed = contents(number, search())
    room = LIMIT
    for n, (place, title) in enumerate(listed):
        text = f"{place}: {title}" if place and fold(place) not in fold(title) else title or place
        room -= len(text)
        if room < 0:
            answer.say(f"… và {len(listed) - n} mục nữa; bạn hỏi tên mục cần xem.", "note")
            break
        answer.say(text[:1].upper() + text[1:], "item", source)
    if not listed:
        answer.say("Tôi chưa có mục lục của văn bản này.", "note")
    talk.set("guidance", {"ids": [], "document": number, "question": f"{number}"})
    return answer


def documents() -> Answer:
    """Everything that can be asked."""
    answer = Answer("guidance")
    answer.say("Tôi tra được các văn bản hướng dẫn sau:", "heading")
    for document in load_register().documents:
        answer.say(f"{citation(document)}: {document.title}", "item", answer.add_source(document_source(document)))
    answer.say("Bạn hỏi ví dụ “mục lục 797”, “nhiệm vụ 16 của 797 là gì”, “nền tảng 34 để làm gì”.", "note")
    return answer


# -- parts -------------------------------------------------------------------------------------------


def document_lines(found: Found, question: str) -> list[Document]:
    """Documents to introduce: those named in a question about the document itself."""
    reference = found.question.reference
    if not reference.documents or not _ABOUT_DOCUMENT.search(fold(question)) or reference.places:
        return []
    return [d for d in load_register().documents if d.number in reference.documents][:2]


def card(document: Document) -> str:
    parts = [f"{citation(document)} của {document.issuer}: {document.title}."]
    if document.signer:
        parts.append(f"Người ký: {document.signer}.")
    if document.validity:
        parts.append(document.validity)
    if document.superseded_by:
        parts.append(f"Đã được thay bằng {document.superseded_by}.")
    return " ".join(parts)


def citation(document: Document) -> str:
    return PassageRecord("", document.number, document.date, "").citation()


def document_source(document: Document) -> Source:
    return Source(document.title, document.number, None, document.date.isoformat() if document.date else None, document.url, None, "guidance")


def as_source(hit: Hit) -> Source:
    return Source(**source_of(hit.passage, hit.document), origin="guidance")


def name_of(hit: Hit) -> str:
    return hit.passage.title or hit.passage.heading[-1]


def clip_title(title: str, limit: int = 60) -> str:
    return title if len(title) <= limit else title[: limit - 2].rsplit(" ", 1)[0] + " …"


def span_of(found: Found) -> str:
    """'797/BTTTT-THH có 22 nhiệm vụ.' for a numbered place that does not exist."""
    match = re.match(r"(.+?) (\d+) của (.+)$", found.said or "")
    if not match:
        return ""
    kind, number = match.group(1), match.group(3)
    places = [place for place, _ in contents(number, search()) if fold(place).startswith(fold(kind))]
    return f"{number} có {len(places)} {kind}." if places else ""


def age(sources: list[Source], talk: Talk) -> str | None:
    years = sorted({int(s.date[:4]) for s in sources if s.date})
    if not years or talk.day.year - years[-1] <= OLD_AFTER:
        return None
    newest = max((s for s in sources if s.date), key=lambda s: s.date)
    return f"Văn bản mới nhất nêu ở đây là ngày {vietnamese_date(newest.date)}; quy định có thể đã thay đổi sau đó."


def buttons(found: Found, talk: Talk) -> list[Button]:
    """What follows: the passage whole where it was not shown, the document's contents, a procedure that fits as well."""
    out = []
    if found.notes and not found.quotes and quote_whole(found.ids[:2], search()):
        out.append(Button("Trích nguyên văn", payload("ask_guidance", value="trích nguyên văn")))
    if found.documents:
        out.append(Button(f"Mục lục {found.documents[0]}", payload("ask_guidance", value="mục lục", document_number=found.documents[0])))
    return out + procedure_button(talk)


def procedure_button(talk: Talk) -> list[Button]:
    """The procedure that the linker is sure of: people may have meant that."""
    if talk.decision == "none" or not talk.candidates or talk.candidates[0].score < 0.3:
        return []
    layers = store().layers(talk.candidates[0].code)
    return [Button(clip_title(f"Thủ tục: {layers[0].name}"), payload("ask_overview", procedure=talk.candidates[0].code))] if layers else []


def offer_documents(action: str, talk: Talk, answer: Answer) -> Answer:
    """Beside a procedure, where the message may as well have asked the guidance documents (actions/turn.py)."""
    heard = talk.extras.get("guidance") or 0.0
    if answer.kind not in ("answer", "choices") or not answer.procedures or heard < BORDERLINE or talk.slot("flow") or talk.text.startswith("/"):
        return answer
    offered = Button("Văn bản hướng dẫn nói gì?", payload("ask_guidance", value=question_text(talk)[:200]))
    # Choices keep their numbers; an answer keeps its first two suggestions (feedback.offer shows three).
    answer.buttons = [*answer.buttons, offered] if answer.kind == "choices" else [*answer.buttons[:2], offered]
    return answer
