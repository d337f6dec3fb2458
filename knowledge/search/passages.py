"""The passage index: notes and imported passages of the guidance documents in one ranking.

Views (accent-folded unless said): text, heading (title, place, headings, document) by words and word pairs; the titles
and everyday questions of notes phrase by phrase; text with accents. A note knows which imported passages say the same,
and hands its score on to them, so that everyday words find official text. Scores are sums of shares of the question
(0..1 a view), so they compare between questions.
"""

from __future__ import annotations

import itertools
import re
import threading
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.guidance.records import DocumentRecord, PassageRecord
from knowledge.guidance.register import load_register
from knowledge.search.analysis import fold, terms, words
from knowledge.search.cache import kept
from knowledge.search.guidance_domain import Domain, load_domain
from knowledge.search.guidance_query import HOME, Place, Question, passage_words, read_question
from knowledge.search.procedures import PhraseView
from knowledge.search.sparse import COMMON, SparseIndex
from knowledge.store import Store

FORMAT = 16  # part of the cache key; raise it when the pickled layout or the analysis changes
FEW = 600  # passages that may hold a term before it counts as one of everyday words
MIX = {"text": 0.7, "head": 0.6, "phrase": 0.6, "accented": 0.4, "whole": 0.3}
FROM_NOTE, FROM_PASSAGES, FROM_UNIT = 0.55, 0.25, 0.15
OF_TOPIC = 0.12  # the document's programme is named
IN_DOCUMENT, RIGHT_YEAR, WRONG_YEAR, AT_PLACE, KIND_OF_PLACE = 0.5, 0.15, -0.3, 1.5, 0.25
ORIGIN_OF_NOTE = 0.03  # of two equals the note is the shorter answer
SNIPPET = 200
COUNTS = 0.3
DEFINES, DULL, UNASKED_CONTACT = 0.45, 0.35, 0.1
# What a question asks for, and what a passage must hold to give it.
ASKED_FOR = {"number": 0.06, "date": 0.06, "contact": 0.25, "address": 0.2}
_ASKED = {
    "number": re.compile(r"\b(bao nhieu|may|ty le|%|phan tram|con so|so luong|chi tieu|muc tieu)\b"),
    "date": re.compile(r"\b(khi nao|ngay nao|ngay may|thang may|tuan may|bao gio|thoi gian|thoi han|han chot|truoc ngay|bao lau|hieu luc)\b"),
    "contact": re.compile(r"\b(so dien thoai|dien thoai (?:cua|dau moi|lien he|so|nao|ai)|lien he|email|e-mail|thu dien tu|hotline|goi (?:ai|ong nao|so nao)|hoi (?:ai|ong nao)|sdt|mail)\b"),
    "address": re.compile(r"\b(trang web|website|trang nao|link|duong dan|dia chi|o dau|vao dau|url|truy cap)\b"),
}
_HOLDS = {
    "number": re.compile(r"\d+ ?%|\d"),
    "date": re.compile(r"\b(ngay \d|thang \d|quy [iv]|tuan \d|hang (?:nam|thang|quy|tuan)|\d+ (?:ngay|thang|nam))"),
    "contact": re.compile(r"\b\d{4}[. ]?\d{3}[. ]?\d{3}\b|[\w.]+@[\w.]+\w"),
    "address": re.compile(r"https?://|\b\w+\.(?:gov\.)?vn\b"),
}
_DEFINED = re.compile(r"((?:\S+ ){0,7}\S+?) (?:nghia )?la (?:gi|cai gi|sao|the nao|nhu the nao|cai chi|chi)\b")
_DULL = re.compile(r"^(can cu |bang gom \d+ dong|noi nhan|theo de nghi|dieu \d+\. (?:ban hanh kem theo|phe duyet [^.]{0,250} ban hanh kem theo))")
_NUMBERS = {"mot": "1", "hai": "2", "ba": "3", "bon": "4", "nam": "5", "sau": "6", "bay": "7", "tam": "8", "chin": "9", "muoi": "10", "muoi hai": "12"}
_COUNTED = re.compile(rf"\b(\d{{1,2}}|{'|'.join(_NUMBERS)}) ((?!nam\b|thang\b|ngay\b|nguoi\b|lao dong)[a-z]{{2,}} [a-z]{{2,}})")


def _is_dull(passage: PassageRecord, folded: str) -> bool:
    """Legal grounds, table heads and scraps, which answer nothing."""
    return passage.origin == "document" and (_DULL.match(folded) is not None or (len(folded) < 70 and not passage.label))


_PLACES = re.compile(r"(nhiem vu|dieu|diem|nen tang|dinh huong|huong dan|phu luc|chuong|muc) (\d{1,3}|[ivx]{1,4})\b((?:, \d{1,3}\b)*)")
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10}


def places_of(passage: PassageRecord) -> frozenset[Place]:
    """The numbered places of a passage's label ('Điều 5, khoản 2' -> {dieu 5})."""
    return _places(passage.label or "")


def _places(label: str) -> frozenset[Place]:
    found = set()
    for kind, number, rest in _PLACES.findall(fold(label)):
        value = int(number) if number.isdigit() else _ROMAN.get(number)
        if value:
            found.add(Place(kind, value))
        found.update(Place(kind, int(n)) for n in re.findall(r"\d+", rest))
    return frozenset(found)


def unit_of(passage: PassageRecord) -> str:
    """The place whose pieces belong together: 'điểm 11, mục 5' -> 'điểm 11'; 'Điều 1, mục II.3.a' -> 'Điều 1, mục II.3'."""
    if not passage.label:
        return "/".join(passage.heading[-1:]) or passage.id
    label = passage.label.split(", dòng")[0]
    first, _, rest = label.partition(", ")
    if fold(first).split(" ")[0] in ("diem", "nhiem", "nen", "dinh") or rest.startswith("khoản"):
        return first
    if (deep := re.match(r"(.*mục [^.,;\s]+\.[^.,;\s]+)\.[^,;]+$", label)) is not None:
        return deep.group(1)
    return label


@dataclass
class Hit:
    """A passage found. `score` is comparable between questions (about 0..4); `parts` say what it is made of."""

    passage: PassageRecord
    score: float
    row: int
    document: DocumentRecord | None = None
    parts: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        passage = self.passage
        text = re.sub(r"\s+", " ", passage.text)
        return {
            "id": passage.id,
            "kind": "guidance",
            "score": round(self.score, 4),
            "title": passage.title or (passage.heading[-1] if passage.heading else passage.citation()),
            "source": source_of(passage, self.document),
            "snippet": text if len(text) <= SNIPPET else text[:SNIPPET].rsplit(" ", 1)[0] + " …",
        }


def source_of(passage: PassageRecord, document: DocumentRecord | None = None) -> dict[str, Any]:
    """{"document", "number", "section", "date", "url", "retrieved"}; dates as ISO text, None where not known."""
    registered = load_register().document(passage.document, passage.document_date)
    return {
        "document": document.title if document else registered.title if registered else passage.document,
        "number": passage.document,
        "section": passage.section or None,
        "date": passage.document_date.isoformat() if passage.document_date else None,
        "url": (document.url if document else None) or (registered.url if registered else None),
        "retrieved": document.retrieved.isoformat() if document and document.retrieved else None,
    }


def _heading(passage: PassageRecord, title: str) -> str:
    return " . ".join(dict.fromkeys([passage.title or "", passage.label or "", *passage.heading[-3:], passage.document, title]))


def _phrases(passage: PassageRecord) -> list[str]:
    """What a question may look like: the questions of a note, the title, the innermost heading."""
    found = [*passage.questions, passage.title or ""]
    if passage.origin == "document" and passage.heading:
        found.append(passage.heading[-1])
    return [text for text in dict.fromkeys(found) if text.strip()]


class PassageIndex:
    """All views over `passages` (those that may be quoted); row numbers are positions there."""

    def __init__(self, passages: list[PassageRecord], documents: list[DocumentRecord]):
        self.passages = [p for p in passages if p.shown]
        self.row_of = {p.id: row for row, p in enumerate(self.passages)}
        self.documents = documents
        self._bags: dict[int, frozenset[str]] = {}
        self._counts: dict[int, Counter] = {}
        self._pairs: dict[int, frozenset[str]] = {}
        self._by_key = {d.key: d for d in documents}
        size = len(self.passages)
        titles = {(d.number, d.date): " ".join([d.title, *d.aliases[:4]]) for d in load_register().documents}
        bags = [passage_words(p.text) for p in self.passages]
        # Among few passages the subject itself ("chuyển đổi số") stands in many; leaving it out would save nothing there.
        common = max(COMMON, FEW / max(1, size))
        self.text = SparseIndex((terms(bag) for bag in bags), "bm25", 1.0, 0.45, common)
        self.head = SparseIndex(
            (terms(passage_words(_heading(p, titles.get((p.document, p.document_date), "")))) for p in self.passages), "bm25", 0.8, 0.4, common
        )
        self.whole = SparseIndex(
            (passage_words(" ".join([p.title or "", *p.heading, p.text, *p.questions])) for p in self.passages), "bm25", 1.5, 0.75, common
        )
        phrases = [(row, text) for row, p in enumerate(self.passages) for text in _phrases(p)]
        self.phrase = PhraseView(phrases, size, _phrase_terms, "cosine")
        self.accented = SparseIndex((words(p.text + " " + (p.title or "")) for p in self.passages), "bm25", 1.0, 0.45, common)
        # Neighbours with their accents: 'hoa hồng' is not said where only 'số hóa' and 'hồng' are.
        self.accented_pairs = {
            f"{a} {b}" for p in self.passages for text in (p.text, p.title or "", *p.heading, *p.questions) for a, b in itertools.pairwise(words(text))
        }
        # Numbers of documents that any text speaks of ('749/qd-ttg').
        self.full_numbers = [term for term in self.text.vocabulary if "/" in term and " " not in term and term[0].isdigit()]
        self.numbers: dict[str, np.ndarray] = _grouped(p.document for p in self.passages)
        self.year = np.asarray([p.year or 0 for p in self.passages], dtype=np.int16)
        self.is_note = np.asarray([p.origin == "note" for p in self.passages], dtype=bool)
        folded = [fold(p.text) for p in self.passages]
        self.holds = {
            name: np.asarray([pattern.search(text) is not None for text in folded], dtype=bool) for name, pattern in _HOLDS.items()
        }
        self.holds["contact"] |= np.asarray([p.kind == "contact" for p in self.passages], dtype=bool)
        self.dull = np.asarray([_is_dull(p, text) for p, text in zip(self.passages, folded, strict=True)], dtype=bool)
        self.folded = folded
        # Row numbers beside the truth values: adding to a few rows is cheaper than to all.
        self._holding = {name: np.flatnonzero(held) for name, held in self.holds.items()}
        self._dull_rows, self._note_rows = np.flatnonzero(self.dull), np.flatnonzero(self.is_note)
        self._years, self._year_number = np.unique(self.year, return_inverse=True)
        by_place: dict[Place, list[int]] = defaultdict(list)
        by_kind: dict[str, list[int]] = defaultdict(list)
        for row, p in enumerate(self.passages):
            for place in places_of(p):
                by_place[place].append(row)
                by_kind[place.kind].append(row)
        self.by_place = {k: np.unique(v) for k, v in by_place.items()}
        self.by_kind = {k: np.unique(v) for k, v in by_kind.items()}
        # A unit is one numbered place (or heading) of one document; its pieces help each other.
        units = [(p.document, str(p.document_date), unit_of(p)) for p in self.passages]
        number_of = {unit: n for n, unit in enumerate(dict.fromkeys(units))}
        self.unit = np.asarray([number_of[unit] for unit in units], dtype=np.int64)
        # Rows of units with more than one piece, unit by unit, and where each unit begins among them.
        shared = np.bincount(self.unit, minlength=len(number_of))[self.unit] > 1
        order = np.argsort(self.unit, kind="stable")
        self._shared_rows = order[shared[order]]
        self._shared_starts = np.unique(self.unit[self._shared_rows], return_index=True)[1]
        self._shared_sizes = np.diff([*self._shared_starts, len(self._shared_rows)])
        self.units: dict[int, list[int]] = defaultdict(list)
        for row, unit in enumerate(self.unit.tolist()):
            self.units[unit].append(row)
        self.linked_notes, self.linked_rows, self.linked_weights = self._link(bags)

    def _link(self, bags: list[list[str]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Which imported passages say what a note says: the nearest texts at the same place of the same document."""
        notes, rows, weights = [], [], []
        for row in np.flatnonzero(self.is_note).tolist():
            note = self.passages[row]
            for number, label in [(note.document, note.label or ""), *((one["document"], one["section"]) for one in note.also)]:
                same = self.numbers.get(number)
                if same is None:
                    continue
                same = same[~self.is_note[same]]
                at = [self.by_place[place] for place in _places(label) if place in self.by_place and place.kind not in ("muc", "chuong")]
                narrow = np.intersect1d(same, np.concatenate(at)) if at else same
                pool = narrow if len(narrow) else same
                if not len(pool):
                    continue
                scores = self.text.scores(terms(bags[row]))[pool]
                best = float(scores.max())
                if best <= 0:
                    continue
                for index in np.argsort(-scores)[:4]:
                    if scores[index] >= 0.55 * best:
                        notes.append(row)
                        rows.append(int(pool[index]))
                        weights.append(float(scores[index]) / best)
        return np.asarray(notes, dtype=np.int64), np.asarray(rows, dtype=np.int64), np.asarray(weights, dtype=np.float32)

    def document_of(self, passage: PassageRecord) -> DocumentRecord | None:
        """The imported document of a passage; for a note the one of its number and date that is nearest the original."""
        if passage.origin == "document":
            return self._by_key.get(passage.id.split(":", 1)[0])
        same = [d for d in self.documents if d.number == passage.document and d.date == passage.document_date]
        return min(same, key=lambda d: d.rank, default=None)

    def bag(self, row: int) -> frozenset[str]:
        """Every folded word a passage is known by."""
        if row not in self._bags:
            p = self.passages[row]
            texts = [p.text, p.title or "", *p.heading, p.section, p.document, *p.questions]
            self._bags[row] = frozenset(passage_words(" ".join(texts)))
        return self._bags[row]

    def counts(self, row: int) -> Counter:
        """The folded words of a passage's text with their counts."""
        if row not in self._counts:
            self._counts[row] = Counter(passage_words(self.passages[row].text))
        return self._counts[row]

    def pairs(self, row: int) -> frozenset[str]:
        """Every pair of folded neighbours in a passage, its headings and its questions."""
        if row not in self._pairs:
            p = self.passages[row]
            bags = [passage_words(text) for text in (p.text, p.title or "", *p.heading, *p.questions)]
            self._pairs[row] = frozenset(f"{a} {b}" for bag in bags for a, b in itertools.pairwise(bag))
        return self._pairs[row]

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_bags": {}, "_counts": {}, "_pairs": {}}  # lazily filled; not for the cache file

    def idf(self, term: str) -> float:
        """Rarity of a folded word in the passages; that of a word never seen where it is unknown."""
        column = self.text.vocabulary.get(term)
        return float(self.text.idf[column]) if column is not None else float(np.log1p(self.text.size + 0.5))

    def known(self, term: str) -> bool:
        return term in self.text.vocabulary or term in self.phrase.index.vocabulary or term in self.head.vocabulary

    # -- scoring ---------------------------------------------------------------------------------

    def scores(self, question: Question, *, exclude: np.ndarray | None = None) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """(score of every row, its parts). `exclude`: phrase numbers to leave out when measuring on a note's own question."""
        query = list(question.weights)
        folded = fold(question.text)
        parts = {
            "text": _share(self.text, query, question.weights),
            "head": _share(self.head, query, question.weights),
            "phrase": self.phrase.scores(query, question.weights, exclude),
            "whole": _share(self.whole, [term for term in query if " " not in term], question.weights),
            "accented": _share(self.accented, list(question.accented), None),
        }
        total = np.zeros(len(self.passages), dtype=np.float32)
        for name, values in parts.items():
            total += MIX[name] * values
        if not len(total):
            return total, parts
        reference = question.reference
        boost = np.zeros_like(total)
        for rows in self._rows_of(reference.topics):
            boost[rows] = OF_TOPIC
        for rows in self._rows_of(reference.documents):
            boost[rows] = np.maximum(boost[rows], IN_DOCUMENT)
        if reference.years:
            right = np.isin(self._years, reference.years)
            boost += np.where(right, RIGHT_YEAR, np.where(self._years > 0, WRONG_YEAR, 0)).astype(np.float32)[self._year_number]
        for rows in self.rows_at(reference.places, reference.documents):
            boost[rows] += AT_PLACE
        if reference.wanted and (of_kind := self.by_kind.get(reference.wanted)) is not None:
            boost[of_kind] += KIND_OF_PLACE
        for name, expression in _ASKED.items():
            if expression.search(folded):
                boost[self._holding[name]] += ASKED_FOR[name]
            elif name == "contact":
                boost[self._holding[name]] -= UNASKED_CONTACT
        boost[self._dull_rows] -= DULL
        for number, noun in _COUNTED.findall(folded)[:3]:
            self._count(number, noun, total, boost)
        if defined := _DEFINED.search(folded):
            self._define([word for word in defined.group(1).split()[-6:] if word not in ("nghia", "goi", "duoc", "hieu")], total, boost)
        before = total
        total = total + boost
        if len(self.linked_notes):
            given = FROM_NOTE * self.linked_weights * before[self.linked_notes]
            gained = np.zeros_like(total)
            np.maximum.at(gained, self.linked_rows, given)
            back = np.zeros_like(total)
            np.maximum.at(back, self.linked_notes, FROM_PASSAGES * self.linked_weights * before[self.linked_rows])
            total = total + gained + back
        best = total.copy()
        if len(self._shared_rows):
            best[self._shared_rows] = np.repeat(np.maximum.reduceat(total[self._shared_rows], self._shared_starts), self._shared_sizes)
        total = (1 - FROM_UNIT) * total + FROM_UNIT * best
        total[self._note_rows] += ORIGIN_OF_NOTE
        total[(parts["text"] <= 0) & (parts["head"] <= 0) & (parts["phrase"] <= 0) & (boost <= 0)] = 0.0
        return total, parts

    def light_scores(self, question: Question) -> np.ndarray:
        """Text and headings alone, on the scale of `scores`: for the parts of a question, several in one turn."""
        query = list(question.weights)
        total = (MIX["text"] + MIX["whole"]) * _share(self.text, query, question.weights)
        total += (MIX["head"] + MIX["phrase"]) * _share(self.head, query, question.weights)
        for rows in self._rows_of(question.reference.documents):
            total[rows] += IN_DOCUMENT
        return total

    def _define(self, tail: list[str], total: np.ndarray, boost: np.ndarray) -> None:
        """Raise the passages that say 'X là ...' for the longest end X of the words before 'là gì' that any of them has."""
        rows = best_rows(total, 80)
        for start in range(len(tail)):
            term = " ".join(tail[start:])
            if len(term) < 3 or term in ("do", "day", "nay"):
                return
            holding = [row for row in rows if term in self.folded[row]]  # the expression below is slow, and needs the words
            if not holding:
                continue
            saying = re.compile(rf"(^|[.;:\n(“] ?|\d[.)-] ?){re.escape(term)}(?: \([^)]*\))?:? (?:la|gom|nghia la) |(?<!\w){re.escape(term)}: ")
            found = [row for row in holding if saying.search(self.folded[row])]
            if found:
                boost[found] += DEFINES
                return

    def _count(self, number: str, noun: str, total: np.ndarray, boost: np.ndarray) -> None:
        """Raise the passages that name so many of a thing: 'tám giải pháp', '8 giải pháp', '08 giải pháp'."""
        words = {number, *(k for k, v in _NUMBERS.items() if v == number)}
        if digits := _NUMBERS.get(number, number if number.isdigit() else None):
            words |= {digits, digits.zfill(2)}
        saying = re.compile(rf"\b(?:{'|'.join(sorted(words))}) {re.escape(noun)}\b")
        found = [row for row in best_rows(total, 120) if noun in self.folded[row] and saying.search(self.folded[row])]
        if 0 < len(found) <= 25:
            boost[found] += COUNTS

    def _rows_of(self, numbers: list[str]) -> list[np.ndarray]:
        return [self.numbers[number] for number in numbers if number in self.numbers]

    def rows_at(self, places: list[Place], documents: list[str]) -> list[np.ndarray]:
        """Rows of each numbered place, within the documents named (or the one that such places belong to)."""
        found = []
        for place in places:
            rows = self.by_place.get(place)
            if rows is None or (place.kind in ("muc", "chuong", "phu luc") and not documents):
                continue
            numbers = documents or ([HOME[place.kind]] if place.kind in HOME else [])
            inside = [self.numbers[n] for n in numbers if n in self.numbers]
            if inside:
                narrowed = np.intersect1d(rows, np.concatenate(inside))
                rows = narrowed if len(narrowed) or documents else rows
            if len(rows):
                found.append(rows)
        return found

    def search(self, text: str | Question, limit: int = 10, *, document: str | None = None, year: int | None = None) -> list[Hit]:
        """Best passages first; `document` (a number) and `year` keep only those."""
        question = read_question(text) if isinstance(text, str) else text
        total, parts = self.scores(question)
        if document is not None:
            keep = np.zeros(len(total), dtype=bool)
            keep[self.numbers.get(document, np.zeros(0, dtype=np.int64))] = True
            total = np.where(keep, total + 1e-6, 0.0)
        if year is not None:
            total = np.where((self.year == year) | (self.year == 0), total, 0.0)
        return [self.hit(int(row), float(total[row]), parts) for row in best_rows(total, limit)]

    def hit(self, row: int, score: float, parts: dict[str, np.ndarray]) -> Hit:
        passage = self.passages[row]
        return Hit(passage, score, row, self.document_of(passage), {name: float(values[row]) for name, values in parts.items()})


_BLOCK = 64


def best_rows(total: np.ndarray, limit: int) -> list[int]:
    """The highest positive rows in order, equals by row number, without sorting all."""
    blocks = len(total) // _BLOCK
    border = 0.0
    if blocks > 4 * limit:
        # So many blocks reach the border that at least `limit` rows do: no lower row can be among the highest.
        tops = total[: blocks * _BLOCK].reshape(blocks, _BLOCK).max(axis=1)
        border = max(0.0, float(np.partition(tops, blocks - limit)[blocks - limit]))
    few = np.flatnonzero(total >= border if border > 0 else total > 0)
    return few[np.argsort(-total[few], kind="stable")][:limit].tolist()


def _share(index: SparseIndex, query: list[str], weights: dict[str, float] | None) -> np.ndarray:
    """Scores as a share of what a text holding every known term of the question often would get."""
    scores = index.scores(query, weights)
    whole = 0.0
    unknown = float(np.log1p(index.size + 0.5))
    for term in query:
        column = index.vocabulary.get(term)
        weight = weights.get(term, 1.0) if weights else 1.0
        # A pair nobody wrote costs little: its words may stand apart.
        whole += weight * (float(index.idf[column]) if column is not None else unknown * (0.2 if " " in term else 1.0))
    return scores / np.float32(1.6 * whole) if whole else scores


def _phrase_terms(text: str) -> list[str]:
    return terms(passage_words(text))


def _grouped(keys) -> dict[str, np.ndarray]:
    rows: dict[str, list[int]] = defaultdict(list)
    for row, key in enumerate(keys):
        rows[key].append(row)
    return {key: np.asarray(found, dtype=np.int64) for key, found in rows.items()}


class PassageSearch:
    """A PassageIndex that follows its store: rebuilt (or read from the cache folder) when the revision moves."""

    def __init__(self, store: Store, cache: Path | None = None):
        self.store = store
        self.cache = cache
        self._lock = threading.Lock()
        self._revision = -1
        self._index: PassageIndex | None = None
        self._domain: tuple[PassageIndex, Domain] | None = None
        self._recent: dict[tuple[int, str], tuple[Question, np.ndarray, dict[str, np.ndarray]]] = {}

    def index(self) -> PassageIndex:
        revision = self.store.revision()
        if revision != self._revision or self._index is None:
            with self._lock:
                if revision != self._revision or self._index is None:
                    self._index = self._load()
                    self._revision = revision
        return self._index

    def domain(self) -> Domain:
        """Word odds between the documents and the procedures of the store."""
        index = self.index()
        if self._domain is None or self._domain[0] is not index:
            with self._lock:
                if self._domain is None or self._domain[0] is not index:
                    self._domain = (index, load_domain(self.store, index.passages))
        return self._domain[1]

    def scored(self, text: str) -> tuple[Question, np.ndarray, dict[str, np.ndarray]]:
        """Question and scores of every row; the last few texts are remembered (NLU and the action ask the same)."""
        index = self.index()
        key = (id(index), text)
        known = self._recent.get(key)
        if known is None:
            question = read_question(text)
            known = (question, *index.scores(question))
            if len(self._recent) >= 16:
                self._recent.clear()
            self._recent[key] = known
        return known

    def search(self, words: str, limit: int = 10, *, document: str | None = None, year: int | None = None) -> list[Hit]:
        return self.index().search(words, limit, document=document, year=year)

    def _load(self) -> PassageIndex:
        passages, documents = self.store.passages(), self.store.documents()
        _add_further_sources(passages)
        return kept("passages", (FORMAT, MIX, passages, documents), self.cache, lambda: PassageIndex(passages, documents))


def _add_further_sources(passages: list[PassageRecord]) -> None:
    """The further sources of our notes, which the database does not keep."""
    from knowledge.guidance.own_notes import load_notes

    further = {note.id: note.also for note in load_notes() if note.also}
    for passage in passages:
        if passage.origin == "note" and not passage.also:
            passage.also = further.get(passage.id, [])


_opened: dict[tuple, PassageSearch] = {}


def passage_search(store: Store, cache: Path | None = None) -> PassageSearch:
    """One follower a store and cache folder."""
    key = (id(store), cache)
    if key not in _opened:
        _opened[key] = PassageSearch(store, cache)
    return _opened[key]
