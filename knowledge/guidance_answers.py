"""From a question to what the guidance documents say about it: our note, the passages to quote, or "they do not say".

`find` chooses; the action (actions/guidance.py) only puts it into words. `guidance_score` tells how much a message looks
like a question to these documents rather than one about a procedure or about something else.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Literal

import numpy as np
import yaml

from knowledge.guidance.records import PassageRecord
from knowledge.guidance.register import load_register
from knowledge.guidance_asked import states_value, well_accented
from knowledge.guidance_evidence import evidence
from knowledge.search.analysis import fold, words
from knowledge.search.guidance_domain import Domain
from knowledge.search.guidance_query import (
    HOME,
    Place,
    Question,
    expanded_words,
    named_concepts,
    passage_words,
    read_question,
)
from knowledge.search.passages import Hit, PassageIndex, PassageSearch, best_rows, passage_search
from knowledge.store import Store

Status = Literal["answer", "not_said", "unknown_document", "unknown_place", "nothing"]
ROOM = 2100  # characters of notes and quotations in one answer
LOOKED_AT = 40  # rows of the ranking that can get into an answer
SUBJECT = 0.3  # rarity of the rarest word from which a message names a subject (`score_features`)
KEEP = 0.55  # a further passage is shown when its score is at least this share of the best
COVER_AT = 0.38  # ... and this share when it speaks of words of the question that the others do not
GAIN, GAIN_AT = 1.5, 0.10  # worth of such words, and the least share of the question's weight that they must have
ADDS_AT = 0.15  # a second note is shown beside a quotation when it holds so much more of the question than the first
SIBLING = 0.40  # ... and this share when it belongs to the place of the best one
NOTE_AT = 0.72  # our note leads when its score is at least this share of the best
STATES_AT = 0.6  # our note that states the kind of value asked for may lead from this share of the best on
PART_AT = 0.75  # a part of the question gets its own passage from this score on
MAX_QUOTES = 7
UNCLEAR = (0.04, 0.8)  # between these, how a message looks does not tell whether the documents are asked
UNHEARD = 6.5  # rarity of a word with marks that nobody writes
UNIT_ROOM = 1700  # a place whose pieces are no longer than this together is shown whole when a list is asked for
_LEADS_ON = re.compile(r"(:|như sau|sau đây|gồm|là)\s*$")
_LIST = re.compile(
    r"\b(liet ke|ke ten|ke ra|gom|nhung \w+(?: \w+){0,3} (?:nao|gi)|cac \w+|(?:\d{1,2}|hai|ba|bon|nam|sau|bay|tam|chin|muoi) "
    r"(?:giai phap|nguyen tac|noi dung|nhiem vu|dinh huong|buoc|nhom|tru cot|quan diem|linh vuc|loai|phuong thuc|mo hinh|cach|diem|y kien)|nhu the nao)\b"
)
_ITEM = re.compile(r"(?m)^\s*(?:\(?\d{1,2}\)|\d{1,2}\.|[a-zđ]\)|[-+*]\s)")
_CLAUSE = re.compile(r"[,;?.!:]\s+|\s+(?:và|còn|với|hay|hoặc)\s+|\n+")
_SENTENCE = re.compile(r"\n+|(?<=[.;])\s+(?=[A-ZĐÀ-Ỹ(+\-–])")
_LABELS = {
    "nhiem vu": "nhiệm vụ", "dieu": "Điều", "diem": "điểm", "nen tang": "nền tảng", "dinh huong": "định hướng",
    "huong dan": "hướng dẫn", "phu luc": "phụ lục", "chuong": "chương", "muc": "mục",
}  # fmt: skip


@dataclass
class Quote:
    """A passage to show; `text` is the passage or, where it was cut, the part of it that answers (cuts shown by …)."""

    hit: Hit
    text: str

    @property
    def passage(self) -> PassageRecord:
        return self.hit.passage


@dataclass
class Found:
    """What the documents say. `sure` is the probability (0..1) that they answer the question at all."""

    status: Status
    question: Question
    notes: list[Hit] = field(default_factory=list)
    quotes: list[Quote] = field(default_factory=list)
    sure: float = 0.0
    near: list[Hit] = field(default_factory=list)  # nearest subjects, for pointing on when there is no answer
    said: str | None = None  # unknown_*: what was asked for
    features: dict[str, float] = field(default_factory=dict)
    top: float = 0.0  # score of the best row
    silent: Hit | None = None  # our best note that says what the documents leave out
    hits: dict[int, Hit] = field(default_factory=dict, repr=False)  # rows of the ranking that say something, best first

    @property
    def ids(self) -> list[str]:
        return [hit.passage.id for hit in self.notes] + [quote.passage.id for quote in self.quotes]

    @property
    def documents(self) -> list[str]:
        shown = [hit.passage for hit in self.notes] + [quote.passage for quote in self.quotes]
        return list(dict.fromkeys(p.document for p in shown))


_last: tuple[PassageIndex, str, Found] | None = None


def find(text: str, search: PassageSearch) -> Found:
    """What to show for a question in agreed spelling (accents or none). Never quotes an unusable passage or a copy.

    The last one is kept: whether a message is asked of the documents may turn on it, and then it is the answer.
    """
    global _last
    index, last = search.index(), _last  # read once: another thread may replace it
    if last is None or last[0] is not index or last[1] != text:
        _last = last = index, text, _find(text, search)
    return last[2]


def _find(text: str, search: PassageSearch) -> Found:
    index = search.index()
    if not index.passages:
        return Found("nothing", read_question(text))
    question, total, parts = search.scored(text)
    found = judged(index, question, total, parts, search.domain())
    if found is None:
        return Found("nothing", question)
    missing = _missing(index, question)
    found.sure = _sigmoid(found.features, _weights()["answered"])
    if question.reference.places and index.rows_at(question.reference.places, question.reference.documents):
        found.sure = max(found.sure, 0.9)  # the very place was named
    if missing:
        found.status, found.said = missing
    elif found.features["held_year_gap"] >= 1.0 or found.sure < _weights()["answered"]["least"]:  # 1.0: nothing shown is of the year asked
        told = found.silent is not None and (found.features["silent"] >= 0.85 or (found.features["silent"] >= 0.6 and found.features["concept_missing"]))
        found.status = "not_said" if told else "nothing"
        if told:
            found.notes, found.quotes = [found.silent], []
    if found.status == "answer":
        found.notes = _lead(index, question, found)
    return found


def judged(index: PassageIndex, question: Question, total: np.ndarray, parts: dict[str, np.ndarray], domain: Domain) -> Found | None:
    """What would be shown from a ranking, with the figures that tell whether it answers; None where nothing is found.

    Notes that say that the documents leave something out are never shown as an answer: how well the best of them fits
    beside what does say something is one of the figures.
    """
    rows = best_rows(total, LOOKED_AT)
    hits = {row: index.hit(row, float(total[row]), parts) for row in rows}
    said = {row: hit for row, hit in hits.items() if not _leaves_out(hit)}
    if not said:
        return None
    notes, quotes = _choose(index, question, total, parts, said)
    best = next(iter(said.values()))
    found = Found("answer", question, notes, quotes, near=_near(said, list(said)), top=best.score, hits=said)
    found.silent = next((hit for hit in hits.values() if _leaves_out(hit)), None)
    found.features = _features(index, question, found, total, list(said), domain)
    return found


def _leaves_out(hit: Hit) -> bool:
    return "not-said" in hit.passage.topics


def quote_whole(ids: list[str], search: PassageSearch, *, room: int = 3000) -> list[Quote]:
    """The passages themselves, and the imported ones that notes among them stand for; whole, in reading order."""
    index = search.index()
    rows: list[int] = []
    for one in ids:
        row = index.row_of.get(one)
        if row is None:
            continue
        if index.is_note[row]:
            rows += [int(r) for r in index.linked_rows[index.linked_notes == row][:2]]
        else:
            rows.append(row)
    quotes, used = [], 0
    for row in dict.fromkeys(rows):
        passage = index.passages[row]
        if used and used + len(passage.text) > room:
            break
        quotes.append(Quote(index.hit(row, 0.0, {}), passage.text))
        used += len(passage.text)
    return quotes


def pieces_at(question: Question, search: PassageSearch) -> list[str]:
    """Ids of the imported passages at the numbered places of a question, in reading order; [] where none is named."""
    index = search.index()
    rows = [int(row) for found in index.rows_at(question.reference.places, question.reference.documents) for row in found if not index.is_note[row]]
    return [index.passages[row].id for row in sorted(set(rows)) if index.passages[row].kind != "table"]


def contents(number: str, search: PassageSearch) -> list[tuple[str, str]]:
    """(place, title) of a document in order: the imported one's headings, else those our notes and the register know."""
    index = search.index()
    registered = next((d for d in load_register().documents if d.number == number), None)
    listed: dict[str, str] = {}
    for unit in registered.units if registered else []:
        for n, title in (unit.get("titles") or {}).items():
            listed[unit["label"].replace("{n}", str(n))] = title
    if listed:
        return list(listed.items())
    imported = [d for d in index.documents if d.number == number and d.contents]
    if imported:
        headings = min(imported, key=lambda d: d.rank).contents
        articles = [heading for heading in headings if re.match(r"(Chương|Mục|Điều|Phụ lục|PHỤ LỤC)\b", heading)]
        return [("", heading) for heading in (articles if sum(h.startswith("Điều") for h in articles) >= 5 else headings)]
    rows = index.numbers.get(number, [])
    return list({(index.passages[row].label or "", index.passages[row].title or ""): None for row in rows if index.is_note[row]})


# -- what was asked for and does not exist -----------------------------------------------------------


def _missing(index: PassageIndex, question: Question) -> tuple[Status, str] | None:
    reference = question.reference
    if reference.unknown and not reference.documents and not any(_mentioned(index, one) for one in reference.unknown):
        return "unknown_document", reference.unknown[0]
    if not reference.documents and (other := _other_document(index, question)):
        return "unknown_document", other
    for place in reference.places:
        numbers = reference.documents or ([HOME[place.kind]] if place.kind in ("nhiem vu", "nen tang") else [])
        if not numbers or place.kind in ("muc", "chuong", "phu luc", "huong dan"):
            continue
        if index.rows_at([place], numbers):
            continue
        last = next((d.last.get(place.kind) for d in load_register().documents if d.number == numbers[0]), None)
        if last is not None:
            if place.number > last:
                return "unknown_place", f"{_LABELS[place.kind]} {place.number} của {numbers[0]}"
            continue
        if place.kind == "dieu" and not any((~index.is_note[index.numbers[n]]).any() for n in numbers if n in index.numbers):
            continue  # our notes do not go through every article; only the imported text can tell
        if any(_has_kind(index, place, number) for number in numbers):
            return "unknown_place", f"{_LABELS[place.kind]} {place.number} của {numbers[0]}"
    return None


_OTHER_NUMBER = re.compile(r"\b\d{1,4}(?:/\d{4})?[/-](?:nd|qd|ct|tt|nq|cv|kh|tb|btttt|ttg|tw|cp|ubnd|bttt)[a-zđ/-]*", re.I)
_LAW = re.compile(r"\bđiều \d+,? (?:của )?((?:bộ luật|luật|thông tư|pháp lệnh|hiến pháp)(?: [^\W\d_]+){1,4}(?: (?:năm )?\d{4})?)|\bdieu \d+,? (?:cua )?((?:bo luat|luat|thong tu|phap lenh|hien phap)(?: [a-z]+){1,4}(?: (?:nam )?\d{4})?)")
_SESSION = re.compile(r"\bphien hop (?:thu |lan thu |so )?(\d{1,2})\b(?![/%])")


def _other_document(index: PassageIndex, question: Question) -> str | None:
    """A document that is named and that nothing here is of or speaks of: by its number, as an article of a law, as a session."""
    lower = question.text.lower()
    for number in _OTHER_NUMBER.findall(lower):
        if not any(fold(number) in fold(known) for known in index.full_numbers):
            return number.upper()
    if law := _LAW.search(lower):
        return next(name for name in law.groups() if name)
    if (session := _SESSION.search(fold(question.text))) and not index.known(f"phien {session.group(1)}") and not index.known(f"hop {session.group(1)}"):
        return f"phiên họp thứ {session.group(1)}"
    return None


def _has_kind(index: PassageIndex, place: Place, number: str) -> bool:
    rows = index.by_kind.get(place.kind)
    return rows is not None and number in index.numbers and bool(len(np.intersect1d(rows, index.numbers[number])))


_SUFFIX = {"nghi dinh": "nd", "nd": "nd", "quyet dinh": "qd", "qd": "qd", "chi thi": "ct", "ct": "ct", "cong van": "bttt", "cv": "bttt"}


def _mentioned(index: PassageIndex, typed: str) -> bool:
    """Does any passage speak of a document with this number ('quyet dinh 749')?"""
    number = re.search(r"\d+", typed)
    kind = next((suffix for word, suffix in _SUFFIX.items() if typed.startswith(word)), "")
    return bool(number) and any(
        term.startswith(f"{number.group()}/") and kind in term for term in index.full_numbers if " " not in term
    )


# -- choosing ---------------------------------------------------------------------------------------


def _choose(
    index: PassageIndex, question: Question, total: np.ndarray, parts: dict[str, np.ndarray], hits: dict[int, Hit]
) -> tuple[list[Hit], list[Quote]]:
    rows = list(hits)
    best = hits[rows[0]].score
    wanted = [row for row in _wanted_rows(index, question, total) if "not-said" not in index.passages[row].topics]
    for row in wanted:
        if row not in hits:
            hits[row] = index.hit(row, float(total[row]), parts)
    note_rows = [row for row in [*rows[:1], *wanted, *rows] if index.is_note[row]]
    if named := [*question.reference.documents, *question.reference.topics]:  # a note that neither is of them nor speaks of them does not lead
        note_rows = [row for row in note_rows if _of_documents(index.passages[row], named)] or note_rows
    quote_rows = [row for row in [*rows, *wanted] if not index.is_note[row]]
    imported = bool(quote_rows)

    notes: list[Hit] = []
    for row in dict.fromkeys(note_rows):
        hit = hits[row]
        enough = NOTE_AT if imported or not notes else KEEP
        if (hit.score >= enough * best or row in wanted) and not _told(index.counts(row), [index.counts(n.row) for n in notes]):
            notes.append(hit)
        if len(notes) >= (2 if imported else 4):
            break
    room = ROOM - sum(len(hit.passage.text) for hit in notes)
    if imported and len(notes) > 1 and not set(note_rows[:2]) & set(wanted) and not _adds(index, question, notes[1].row, notes[0].row):
        room += len(notes[1].passage.text)
        notes = notes[:1]  # the quotation says the rest

    chosen: list[int] = []
    texts: dict[int, str] = {}

    def take(row: int) -> bool:
        nonlocal room
        if row in texts or len(texts) >= MAX_QUOTES:
            return False
        text = index.passages[row].text
        if len(text) > room and room < 220 and texts:
            return False
        if _told(index.counts(row), [index.counts(other) for other in texts]):
            return False
        if len(text) > room:
            text = relevant_part(index, question, text, max(room, 500))
        texts[row] = text
        chosen.append(row)
        room -= len(text)
        return True

    quote_rows = list(dict.fromkeys(quote_rows))
    if quote_rows:
        top = hits[quote_rows[0]].score
        lead = quote_rows[0]
        take(lead)
        for row in [r for r in wanted if not index.is_note[r]]:
            take(row)
        if asks_list(question.text):
            for row in _whole_unit(index, lead) or _continuation(index, lead):
                take(row)
        unfinished = _LEADS_ON.search(index.passages[lead].text) or len(index.passages[lead].text) < 120
        if unfinished and (following := _next_piece(index, lead)) is not None:
            take(following)
        siblings = [row for row in quote_rows[1:] if index.unit[row] == index.unit[lead] and hits[row].score >= SIBLING * top]
        for row in siblings[:3]:
            take(row)
        _cover(index, question, {row: hits[row].score / top for row in quote_rows if hits[row].score >= COVER_AT * top}, chosen, take)
    order = {row: place for place, row in enumerate(chosen)}
    first_of_unit = {}
    for row in chosen:
        first_of_unit.setdefault(int(index.unit[row]), order[row])
    chosen.sort(key=lambda row: (first_of_unit[int(index.unit[row])], row))
    return notes, [Quote(hits.get(row) or index.hit(row, float(total[row]), parts), texts[row]) for row in chosen]


def _lead(index: PassageIndex, question: Question, found: Found) -> list[Hit]:
    """The notes to show; before them the one that states the value (or the list) asked for, where the first does not.

    Only how an answer is told: whether there is one is judged before, on what the ranking alone brings up.
    """
    near = [hit for hit in found.hits.values() if index.is_note[hit.row] and hit.score >= STATES_AT * found.top]
    first = found.notes[0] if found.notes else None
    counted = asks_list(question.text) and _SO_MANY.search(fold(question.text))
    states = partial(_enumerates, fold(question.text)) if counted else partial(states_value, question)
    if first is None or states(first.passage.text) is not False:
        return found.notes
    stating = [hit for hit in near if states(hit.passage.text)]
    if not stating:
        return found.notes
    # Where documents differ and no year is asked, the note that sets them side by side.
    both = [hit for hit in stating if "comparison" in hit.passage.topics and not question.reference.years]
    better = (both or stating)[0]
    return [better, *(hit for hit in found.notes[1:] if hit.row != better.row)]


_SO_MANY = re.compile(r"\b(\d{1,2}) ([a-z]+ [a-z]+)")


def _enumerates(question: str, text: str) -> bool:
    """'12 hướng dẫn gồm những gì': does the text name them one by one?"""
    number, noun = _SO_MANY.search(question).groups()
    return f"{number.lstrip('0')} {noun}" in fold(text) and len(re.findall(r"[;,]", text)) + 1 >= int(number) / 2


def _cover(index: PassageIndex, question: Question, shares: dict[int, float], chosen: list[int], take: Callable[[int], bool]) -> None:
    """Take further passages, best first, where a passage also counts for words of the question that none before it has."""
    forms = expanded_words(question)
    weight = {word: index.idf(word) for word in question.content}
    whole = sum(weight.values()) or 1.0

    held = held_words(index, shares, weight, forms)
    done = set().union(*held_words(index, chosen, weight, forms).values())
    left = [row for row in shares if row not in chosen]
    while left:
        gains = {row: sum(weight[word] for word in held[row] - done) / whole for row in left}
        best = max(left, key=lambda row: shares[row] + GAIN * gains[row])
        left.remove(best)
        if shares[best] < KEEP and gains[best] < GAIN_AT:
            if shares[best] + GAIN * gains[best] < KEEP:
                break
            continue
        if take(best):
            done |= held[best]


def _adds(index: PassageIndex, question: Question, row: int, beside: int) -> bool:
    """Does a passage speak of words of the question that another leaves out?"""
    weight = {word: index.idf(word) for word in question.content}
    held = held_words(index, (row, beside), weight, expanded_words(question))
    return sum(weight[word] for word in held[row] - held[beside]) >= ADDS_AT * (sum(weight.values()) or 1.0)


def _of_documents(passage: PassageRecord, numbers: list[str]) -> bool:
    said = f"{passage.title} {passage.text} {' '.join(passage.questions)}"
    return passage.document in numbers or any(one["document"] in numbers for one in passage.also) or any(re.search(rf"\b{number.split('/')[0].split('-')[0]}\b", said) for number in numbers)


def held_words(index: PassageIndex, rows: Iterable[int], wanted: Iterable[str], forms: dict[str, list[frozenset[str]]]) -> dict[int, set[str]]:
    """Which of the folded words each passage holds, itself or by another form of the same meaning."""
    found = {}
    for row in rows:
        text = _spaced(index, row)
        found[row] = {
            word for word in wanted
            if f" {_NO_WORD.sub(' ', word)} " in text or any(all(f" {part} " in text for part in form) for form in forms.get(word, ()))
        }  # fmt: skip
    return found


def _spaced(index: PassageIndex, row: int) -> str:
    """Every folded word a passage is known by, between spaces; joined ones ("797/btttt-thh") in parts."""
    p = index.passages[row]
    above = fold(" ".join([p.title or "", *p.heading, p.section, p.document, *p.questions]))
    return f" {_NO_WORD.sub(' ', index.folded[row])} {_NO_WORD.sub(' ', above)} "


_NO_WORD = re.compile(r"[^0-9a-z]+")


def _wanted_rows(index: PassageIndex, question: Question, total: np.ndarray) -> list[int]:
    """Rows that a part of the question asks for by itself: each place, year, document named, each clause."""
    wanted: list[int] = []

    def best_of(rows: np.ndarray, scores: np.ndarray, least: float = 0.0) -> None:
        for kind in (True, False):
            some = rows[index.is_note[rows] == kind]
            if len(some):
                row = int(some[np.argmax(scores[some])])
                if scores[row] > least:
                    wanted.append(row)

    reference = question.reference
    if len(reference.places) > 1:
        for rows in index.rows_at(reference.places, reference.documents):
            best_of(rows, total)
    if len(reference.documents) > 1:
        for number in reference.documents:
            if (rows := index.numbers.get(number)) is not None:
                best_of(rows, total, 0.5 * float(total.max()))
    if len(reference.years) > 1:
        for year in reference.years:
            rows = np.flatnonzero(index.year == year)
            if len(rows):
                best_of(rows, total, 0.5 * float(total.max()))
    clauses = [part for part in _CLAUSE.split(question.text) if len(part.split()) >= 3]
    if len(clauses) > 1:
        best = float(total.max())
        for part in clauses[:3]:
            sub = read_question(part)
            if len(sub.content) < 2:
                continue
            sub.reference.documents = sub.reference.documents or reference.documents
            sub.reference.years = sub.reference.years or reference.years
            scores = index.light_scores(sub) + 0.35 * total
            rows = np.flatnonzero(~index.is_note)
            if not len(rows):
                rows = np.arange(len(total))
            row = int(rows[np.argmax(scores[rows])])
            if scores[row] - 0.35 * total[row] >= PART_AT and total[row] >= 0.35 * best:
                wanted.append(row)
    return list(dict.fromkeys(wanted))[:6]


def asks_list(text: str) -> bool:
    """'liệt kê', 'gồm những gì', 'tám giải pháp', 'các bước' ..."""
    return _LIST.search(fold(text)) is not None


def _whole_unit(index: PassageIndex, row: int) -> list[int]:
    """All pieces of the place of a passage, where they fit into one answer; else []."""
    pieces = [r for r in index.units[int(index.unit[row])] if not index.is_note[r]]
    pieces = [r for r in pieces if index.document_of(index.passages[r]) is index.document_of(index.passages[row])]
    lead = index.passages[row].text
    listed = sum(_ITEM.match(index.passages[r].text) is not None for r in pieces) * 2 >= len(pieces) or _LEADS_ON.search(lead) or len(lead) < 250
    return pieces if listed and 1 < len(pieces) <= MAX_QUOTES and sum(len(index.passages[r].text) for r in pieces) <= UNIT_ROOM else []


def _continuation(index: PassageIndex, row: int) -> list[int]:
    """The pieces of the same place that carry a list on: (2) after (1), c) after b)."""
    found: list[int] = []
    at = row
    while len(found) < MAX_QUOTES and (following := _next_piece(index, at)) is not None:
        before, text = index.passages[at].text, index.passages[following].text
        if index.unit[following] != index.unit[row] or not _ITEM.match(text) or not _ITEM.search(before):
            break
        found.append(following)
        at = following
    return found


def _next_piece(index: PassageIndex, row: int) -> int | None:
    following = index.passages[row].following
    other = index.row_of.get(following) if following else None
    if other is None or index.passages[other].document != index.passages[row].document:
        return None
    return other


def _told(words_of: Counter, others: list[Counter]) -> bool:
    """Is (nearly) all of a text already there?"""
    size = sum(words_of.values())
    return bool(size) and any(sum((words_of & other).values()) >= 0.9 * size for other in others)


def relevant_part(index: PassageIndex, question: Question, text: str, room: int) -> str:
    """The sentences or lines of a text that answer best, in order, within `room` characters; cuts shown by …"""
    pieces = [piece for piece in _SENTENCE.split(text) if piece.strip()]
    asked = {word: index.idf(word) for word in question.weights if " " not in word and question.weights[word] > 0.2}
    scored = []
    for n, piece in enumerate(pieces):
        bag = set(passage_words(piece))
        scored.append((-sum(value for word, value in asked.items() if word in bag) / math.sqrt(20 + len(bag)), n))
    kept: set[int] = set()
    used = 0
    for _, n in sorted(scored):
        if used + len(pieces[n]) > room and kept:
            continue
        kept.add(n)
        used += len(pieces[n]) + 2
        if used >= room:
            break
    out: list[str] = []
    for n, piece in enumerate(pieces):
        if n in kept:
            out.append(piece.strip())
        elif not out or out[-1] != "…":
            out.append("…")
    joined = "\n".join(out)
    return joined if len(joined) <= room + 200 else joined[: room + 200].rsplit(" ", 1)[0] + " …"


def _near(hits: dict[int, Hit], rows: list[int]) -> list[Hit]:
    """Up to three nearest subjects, one a place, notes first."""
    seen, near = set(), []
    for row in sorted(rows[:12], key=lambda r: (hits[r].passage.origin != "note", -hits[r].score)):
        passage = hits[row].passage
        key = (passage.document, passage.section)
        if key not in seen:
            seen.add(key)
            near.append(hits[row])
    return near[:3]


# -- how sure ---------------------------------------------------------------------------------------


def _features(index: PassageIndex, question: Question, found: Found, total: np.ndarray, rows: list[int], domain: Domain) -> dict[str, float]:
    """What tells an answerable question from others; all about 0..1."""
    shown = [hit.passage for hit in found.notes] + [quote.passage for quote in found.quotes]
    forms = expanded_words(question)
    weight = {word: index.idf(word) for word in question.content}
    whole = sum(weight.values()) or 1.0
    rows_shown = [hit.row for hit in found.notes] + [quote.hit.row for quote in found.quotes]
    covered = max((sum(weight[word] for word in said) / whole for said in held_words(index, rows_shown, weight, forms).values()), default=0.0)
    reference = question.reference
    years = set(reference.years)
    # What stands further down may speak of anything; what is asked for must stand in the best.
    quotes = sorted(found.quotes, key=lambda quote: -quote.hit.score)
    first = [hit.passage for hit in found.notes] + [quote.passage for quote in quotes[:2]]
    said = "\n".join(f"{p.text}\n{p.title or ''}\n{' '.join(p.heading)}" for p in first)
    told_years = {p.year for p in first} | {int(y) for y in re.findall(r"(?<![/\d])20\d\d", said)}
    told_years |= {p.document_date.year for p in first if p.document_date and p.document in reference.documents}
    heard_text = f" {' '.join(words(said))} "
    typed = [word for word in question.accented if not word.isdigit()] if well_accented(question.text) else []
    heard = set(heard_text.split()) | set(words(" ".join(" ".join(p.questions) for p in shown)))
    typed_weight = {word: index.idf(fold(word)) if word in index.accented.vocabulary else UNHEARD for word in typed}
    typed_whole = sum(typed_weight.values()) or 1.0
    held = evidence(index, question, domain, [(hit.row, hit.passage.text) for hit in found.notes] + [(quote.hit.row, quote.text) for quote in quotes[:3]])
    return {
        **{f"held_{name}": value for name, value in held.items()},
        "top": min(float(total[rows[0]]), 3.0) / 3.0,
        "covered": covered,
        "named": float(bool(reference.documents or reference.places)),
        "silent": min(found.silent.score / found.top, 1.5) if found.silent and found.top > 0 else 0.0,
        "silent_asked": max(found.silent.parts["phrase"] - max((hit.parts["phrase"] for hit in found.hits.values()), default=0.0), 0.0) if found.silent else 0.0,
        "notes_only": float(not found.quotes),
        "year_missing": float(bool(years - told_years)),
        "typed": sum(v for word, v in typed_weight.items() if word in heard or fold(word) in forms) / typed_whole if typed else covered,
        "concept_missing": float(any(f" {one} " not in heard_text for one in named_concepts(question.text))),
    }


@lru_cache(maxsize=1)
def _weights() -> dict[str, dict[str, float]]:
    return yaml.safe_load((Path(__file__).parent / "search" / "guidance_weights.yml").read_text(encoding="utf-8"))


def _sigmoid(features: dict[str, float], weights: dict[str, float]) -> float:
    value = weights["bias"] + sum(weights.get(name, 0.0) * one for name, one in features.items())
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, value))))


def score_features(text: str, search: PassageSearch, *, unseen: int | None = None) -> dict[str, float]:
    """What tells a question to the documents from one about a procedure or about something else.

    `unseen`: number of a note's question that the search shall not know (for the fit).
    """
    index = search.index()
    if unseen is None:
        question, total, parts = search.scored(text)
    else:
        question = read_question(text)
        total, parts = index.scores(question, exclude=np.asarray([unseen]))
    rows = best_rows(total, 4)
    if not rows:
        return {"empty": 1.0}
    weight = {word: index.idf(word) for word in question.content}
    whole = sum(weight.values()) or 1.0
    forms = expanded_words(question)
    bag = frozenset().union(*(index.bag(row) for row in rows))
    domain = search.domain()
    reference = question.reference
    return {
        "top": min(float(total[rows[0]]), 2.5) / 2.5,
        "text": float(max(parts["text"][row] for row in rows)),
        "head": float(max(parts["head"][row] for row in rows)),
        "phrase": float(max(parts["phrase"][row] for row in rows)),
        "covered": sum(v for w, v in weight.items() if w in bag or any(form <= bag for form in forms.get(w, ()))) / whole,
        "unknown": sum(v for w, v in weight.items() if not index.known(w) and w not in forms) / whole,
        "named": float(bool(reference.documents)),
        "topics": float(bool(reference.topics)),
        "places": float(bool(reference.places or reference.wanted)),
        "lean": domain.lean(text),
        "strongest": domain.strongest(text),
        "length": min(len(question.content), 15) / 15.0,
    }


WHICH_DOCUMENTS = re.compile(
    r"\b(?:co )?(?:nhung|cac|danh sach|co) (?:tai lieu|van ban)(?: huong dan)? (?:nao|gi)\b.*\b(?:co|trong day|tra cuu|biet|tra duoc)\b"
    r"|^(?:danh sach|cac|nhung) (?:tai lieu|van ban)(?: huong dan| nao| gi)*$"
)


def guidance_score(text: str, store: Store | None = None, cache: Path | None = None) -> float:
    """How likely (0..1) a message in agreed spelling asks the guidance documents. About 5 ms; 0.5 is even odds."""
    if store is None:
        from knowledge.settings import get_settings
        from knowledge.store import open_store

        settings = get_settings()
        store, cache = open_store(settings.database), settings.cache
    search = passage_search(store, cache)
    if WHICH_DOCUMENTS.search(fold(text)):
        return 1.0
    if not search.index().passages or not re.search(r"[^\W\d_]{2}", text):  # a number alone asks nothing
        return 0.0
    question = read_question(text)
    reference = question.reference
    if not (reference.documents or reference.topics or reference.places) and all(word.isdigit() or word in _EMPTY for word in question.content):
        return 0.0  # "cái số 2 nhé" picks one of what was offered
    looks = score_features(text, search)
    asked = _sigmoid(looks, _weights()["asked"])
    # What names no subject ("xử lý trong mấy ngày") some passage always says.
    if not UNCLEAR[0] <= asked <= UNCLEAR[1] or len(question.content) < 3 or looks["strongest"] < SUBJECT:
        return asked
    return weighed(asked, find(text, search).sure)


def weighed(asked: float, answered: float) -> float:
    """The probability that the documents are asked, from how much a message looks so and how surely they answer it.

    What a citizen asks in everyday words looks little like the documents; that they answer it speaks for them.
    """
    return _sigmoid({"asked": _odds(asked), "answered": _odds(answered)}, _weights()["weighed"])


def _odds(probability: float) -> float:
    probability = min(max(probability, 1e-4), 1 - 1e-4)
    return math.log(probability / (1 - probability))


def guidance_search(store: Store, cache: Path | None = None) -> PassageSearch:
    """The passage search of a store."""
    return passage_search(store, cache)


# -- the thread of the talk --------------------------------------------------------------------------

_GOES_ON = re.compile(r"^(?:con|the con|vay con|a con|roi con|the|vay|the thi|vay thi|con ve|ve)\b|(?:thi sao|thi the nao|sao nhi|thi bao nhieu|la gi nua)\W*$")


def keep_percent(typed: str, text: str) -> str:
    """The question in agreed spelling with the per cent sign that the agreed spelling drops ("bao nhiêu % hộ")."""
    if "%" not in typed or "%" in text or re.search(r"phần trăm|phan tram", text):
        return text
    return _HOW_MANY.sub(r"\1 %", text, count=1)


_HOW_MANY = re.compile(r"\b(bao nhiêu|mấy|bao nhieu|may)\b")


def follow_up(text: str, context: dict) -> str | None:
    """The whole question that an elliptic message asks in a talk about documents; None when it stands by itself.

    `context` is what the action remembers: {"question", "document", ...}. "còn năm 2023?" keeps the question and changes
    the year, "nhiệm vụ 7 thì sao?" keeps the document, "còn bệnh viện?" keeps the question.
    """
    before = context.get("question")
    if not before:
        return None
    if _VERBATIM.match(fold(text).strip(" ?!.")):
        return text
    question = read_question(text)
    reference = question.reference
    matter = [word for word in question.content if not word.isdigit() and word not in _EMPTY]
    folded = fold(text).strip(" ?!.")
    if reference.places and not reference.documents and context.get("document") and len(matter) <= 4:
        home = {HOME.get(place.kind) for place in reference.places}
        return text if home - {None} else f"{text} {context['document']}"
    if (another := _NEXT_NUMBER.fullmatch(folded)) and len(places := read_question(before).reference.places) == 1:
        return re.sub(rf"\b0?{places[0].number}\b", another.group(1), before, count=1)
    if reference.years and len(matter) <= 1:
        return f"{_YEARS.sub(' ', before).strip()} năm {' '.join(str(year) for year in reference.years)}"
    if reference.documents and not matter:
        return f"{before} {text}"
    if _GOES_ON.search(folded) and 0 < len(matter) <= 4 and not reference.documents:
        return f"{text} {before}"
    if _GOES_ON.search(folded) and matter:
        return text  # says all by itself, but goes on about the documents
    return None


_VERBATIM = re.compile(r"(?:cho (?:toi |minh )?)?(?:xem |doc |trich |trich dan )?(?:nguyen van|trich doan|nguyen doan)\b.{0,20}$|muc luc$")
_NEXT_NUMBER = re.compile(r"(?:con|the con|vay con|roi con|the|a con) (?:cai )?(?:so|thu) (\d{1,2})(?: (?:thi sao|la gi|thi the nao|noi gi))?")  # "còn số 10?"
_YEARS = re.compile(r"(?:năm|nam)?\s*(?<![\d/])20[0-4]\d(?![\d/])", re.I)
_EMPTY = frozenset({"con", "the", "vay", "sao", "nam", "nhiem", "vu", "dieu", "diem", "nen", "tang", "noi", "ve", "muc", "so", "dinh", "huong"})
