"""What a question to the guidance documents points at: documents, years, numbered places, and its words with synonyms."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import yaml

from knowledge.guidance.register import fold_number, load_register
from knowledge.search.analysis import fold, folded_words, words

_PARTS = re.compile(r"[./-]")
# Kinds of numbered places, folded. "muc" and "khoan" need a document to mean anything.
_PLACE = re.compile(
    r"\b(nhiem vu|nvu|nv|dieu|diem|nen tang|dinh huong|huong dan|phu luc|chuong|muc)\s+(?:(?:so |xuyen suot |quoc gia ){0,2}(?:so|thu)\s+)?"
    r"(\d{1,3}|[ivx]{1,4})\b(?!\s*(?:%|nam\b|tinh|bo\b|nhiem|thang|[./]\d|ty|trieu|nguoi|muc\b|chi tieu|nen tang))((?:\s*(?:,|va|voi|den|-)\s*\d{1,3}\b(?![/.%]))*)"
)
_WHICH_PLACE = re.compile(r"\b(nhiem vu|dieu|diem|nen tang|dinh huong|huong dan|muc)\s+(?:so\s+|thu\s+)?(?:may|nao|bao nhieu)\b")
_NUMBER_OF_KIND = re.compile(
    r"\b(cong van|van ban|cv|quyet dinh|qd|nghi dinh|nd|chi thi|ct|ke hoach|kh|de an|nghi quyet|nq)\s*(?:so\s*)?[:.]?\s*(\d{1,4})(?:\s*[/-]\s*([a-z0-9/-]+))?\b"
)
_KIND_OF_WORD = {
    "cong van": "công văn", "cv": "công văn", "quyet dinh": "quyết định", "qd": "quyết định", "nghi dinh": "nghị định",
    "nd": "nghị định", "chi thi": "chỉ thị", "ct": "chỉ thị",
}  # fmt: skip
_FULL_NUMBER = re.compile(r"\b\d{1,4}(?:\s?/\s?\d{4})?\s?[/-]\s?[a-zđ]{1,6}(?:\s?-\s?[a-zđ]{2,6})*(?:/tw)?\b", re.I)
_YEAR = re.compile(r"(?<![\d/.-])(20[0-4]\d)\b(?![.,]?\d)|\d{1,2}/\d{1,2}/(20[0-4]\d)\b")
_MONTH = re.compile(r"\b(tháng|thang)\s+(\d{1,2})/(20\d\d)\b", re.I)
_PER_CENT = re.compile(r"\b(?:phần trăm|phan tram)\b", re.I)  # the documents write the sign
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10}
# Documents that a numbered place means when none is named.
HOME = {"nhiem vu": "797/BTTTT-THH", "dinh huong": "797/BTTTT-THH", "nen tang": "186/QĐ-BTTTT", "huong dan": "Tài liệu 06/4/2022"}


NAME_WEIGHT = 4.0  # weight of all words and pairs of a long name together
SYNONYM = 0.4  # weight of a word that was not typed but means the same


@dataclass(frozen=True)
class Place:
    """'nhiem vu', 16: a numbered place as typed; kind is folded."""

    kind: str
    number: int


@dataclass
class Reference:
    """documents: registered numbers named. unknown: numbers named that are no registered document.
    wanted: kind of place asked for ("nhiệm vụ số mấy")."""

    documents: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)  # documents whose programme is named ("SMEdx"), not they themselves
    unknown: list[str] = field(default_factory=list)
    years: list[int] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    wanted: str | None = None


@dataclass
class Question:
    """Folded terms with weights; `accented` words where the question has accents; `content` the words that carry meaning."""

    text: str
    reference: Reference
    weights: dict[str, float]
    content: tuple[str, ...]
    pairs: tuple[str, ...]
    accented: tuple[str, ...]


def split_tokens(tokens: list[str]) -> list[str]:
    """Tokens, and the parts of those that are joined ('797/btttt-thh' also gives '797')."""
    out = []
    for token in tokens:
        out.append(token)
        if not token.isalnum():
            out += [part for part in _PARTS.split(token) if len(part) > 1]
    return out


def passage_words(text: str) -> list[str]:
    """The folded words of a text as the passage index knows them."""
    return split_tokens(folded_words(text))


@lru_cache(maxsize=1)
def _data() -> dict:
    return yaml.safe_load((Path(__file__).parent / "synonyms.yml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _synonyms() -> tuple[list[list[str]], frozenset[str]]:
    groups = [[fold(form) for form in group] for group in _data()["groups"]]
    return groups, frozenset(folded_words(_data()["asking"]))


@lru_cache(maxsize=1)
def synonym_groups() -> list[list[tuple[frozenset[str], tuple[str, ...]]]]:
    """Each group of forms that mean the same: (its folded words without asking words, its words as written)."""
    asking = asking_words()
    groups = [[(frozenset(folded_words(form)) - asking, tuple(words(form))) for form in group] for group in _data()["groups"]]
    return [[one for one in group if one[0]] for group in groups]


@lru_cache(maxsize=4096)
def _dullness(word: str) -> float:
    """1.0 for a word that carries matter, 0.4 where that is open, 0.15 for one that only asks. 'bao' asks, 'báo' does not."""
    _, asking = _synonyms()
    folded = fold(word)
    if folded in _naming():
        return 0.4
    if word in _asking_typed():
        return 0.15
    if folded in asking and word == folded:
        return 0.4 if folded in _ambiguous() else 0.15
    return 1.0


@lru_cache(maxsize=1)
def _asking_typed() -> frozenset[str]:
    return frozenset(words(_data()["asking"]))


@lru_cache(maxsize=1)
def _ambiguous() -> frozenset[str]:
    """Asking words that mean something else with other marks ('may': mấy, máy)."""
    return frozenset(_data()["ambiguous"].split())


@lru_cache(maxsize=1)
def _mentions() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(one["match"]), one["document"]) for one in _data()["mentions"]]


@lru_cache(maxsize=1)
def _naming() -> frozenset[str]:
    return frozenset(folded_words(_data()["naming"]))


@lru_cache(maxsize=1)
def _aliases() -> list[tuple[re.Pattern[str], str, bool]]:
    """(expression over folded text, number, does the alias hold a number), the longest alias first."""
    found = []
    for document in load_register().documents:
        for alias in {*document.aliases, document.number}:
            folded = fold(alias)
            if not folded.isdigit():
                found.append((len(folded), re.compile(rf"(?<![\w/]){re.escape(folded)}(?![\w/]\d*)"), document.number, _names_document(folded)))
            elif len(folded) >= 3:
                found.append((len(folded), re.compile(rf"(?<![\w/.,]){folded}(?![\w/.,%]|\s*(?:nguoi|ho so|trieu|ty|dong|nghin|k\b))"), document.number, True))
    return [one[1:] for one in sorted(found, key=lambda one: -one[0])]


def _names_document(alias: str) -> bool:
    """Does an alias name the document, and not only its matter ('dbi', '35 nền tảng', 'trung tâm')?"""
    return (bool(re.search(r"\d", alias)) and not re.match(r"\d+ (?:nhiem vu|nen tang)", alias)) or alias.startswith("tai lieu")


@lru_cache(maxsize=1)
def _heads() -> dict[str, list]:
    """'797' -> documents whose number begins with it."""
    heads: dict[str, list] = {}
    for document in load_register().documents:
        if head := re.match(r"\d+", document.number):
            heads.setdefault(head.group(), []).append(document)
    return heads


def read_reference(text: str) -> Reference:
    """Documents, years and places named in a question (any spelling, accents or none)."""
    folded = fold(text)
    reference = Reference()
    named: list[str] = []
    register = load_register()
    for match in _FULL_NUMBER.finditer(folded):
        wanted = fold_number(match.group())
        known = next((d.number for d in register.documents if fold_number(d.number) == wanted), None)
        if known:
            named.append(known)
    for match in _NUMBER_OF_KIND.finditer(folded):
        word, head = match.group(1), match.group(2)
        kind = _KIND_OF_WORD.get(word)
        same = [d for d in _heads().get(head, []) if kind is None or d.kind == kind or (word in ("cong van", "cv") and d.kind == "công văn")]
        if same:
            named.append(same[0].number)
        elif kind and len(head) >= 2:
            reference.unknown.append(match.group().strip())
    topical: list[str] = []
    for pattern, number, by_number in _aliases():
        if pattern.search(folded):
            (named if by_number else topical).append(number)
    named += [number for pattern, number in _mentions() if pattern.search(folded)]
    reference.documents = list(dict.fromkeys(named))
    reference.topics = [number for number in dict.fromkeys(topical) if number not in reference.documents]
    reference.years = sorted({int(a or b) for a, b in _YEAR.findall(folded)})
    text = _ordinals(text)
    folded = fold(text)
    for match in _PLACE.finditer(folded):
        if match.group(1) == "muc" and text[match.start() : match.end()].lower().startswith("mức"):
            continue
        kind = "nhiem vu" if match.group(1) in ("nv", "nvu") else match.group(1)
        first = match.group(2)
        if first.isdigit():
            numbers = [int(first)]
        elif kind in ("phu luc", "chuong", "muc") and first in _ROMAN:
            numbers = [_ROMAN[first]]
        else:
            continue
        rest = match.group(3) or ""
        more = [int(n) for n in re.findall(r"\d+", rest)]
        if more and re.search(r"den|-", rest) and numbers[0] < more[-1] <= numbers[0] + 10:
            more = list(range(numbers[0] + 1, more[-1] + 1))
        for number in [*numbers, *more]:
            if 0 < number < 100:
                reference.places.append(Place(kind, number))
    reference.places = list(dict.fromkeys(reference.places))
    if which := _WHICH_PLACE.search(folded):
        reference.wanted = which.group(1)
    return reference


_ORDINAL = re.compile(
    r"((?:nhiệm vụ|định hướng|nền tảng|giải pháp) thứ )(nhất|hai|ba|tư|năm|sáu|bảy|tám|chín|mười)\b"
    r"|((?:nhiem vu|dinh huong|nen tang|giai phap) thu )(nhat|hai|ba|tu|nam|sau|bay|tam|chin|muoi)\b",
    re.I,
)
_ORDER = {"nhat": "1", "hai": "2", "ba": "3", "tu": "4", "nam": "5", "sau": "6", "bay": "7", "tam": "8", "chin": "9", "muoi": "10"}


def _ordinals(text: str) -> str:
    """'định hướng thứ ba' -> 'định hướng thứ 3'."""
    return _ORDINAL.sub(lambda found: (found[1] or found[3]) + _ORDER[fold(found[2] or found[4])], text)


def read_question(text: str) -> Question:
    """The question as the passage index takes it. Pure; about 0.3 ms."""
    text = _PER_CENT.sub("%", _MONTH.sub(r"\1 \2 năm \3", text))
    reference = read_reference(text)
    groups, asking = _synonyms()
    base = folded_words(text)
    typed = words(text)
    dullness = [_dullness(word) for word in (typed if len(typed) == len(base) else base)]
    spaced = f" {' '.join(base)} "
    weights: dict[str, float] = {}
    content = []
    for word, weight in zip(base, dullness, strict=True):
        for part in split_tokens([word]):
            weights[part] = max(weights.get(part, 0.0), weight)
            if weight == 1.0:
                content.append(part)
    pairs = []
    for (a, left), (b, right) in itertools.pairwise(zip(base, dullness, strict=True)):
        pair = f"{a} {b}"
        weights[pair] = max(weights.get(pair, 0.0), (left + right) / 2 if min(left, right) > 0.2 else 0.5 if max(left, right) == 1.0 else 0.1)
        if max(left, right) == 1.0:
            pairs.append(pair)
    found = [(group, [form for form in group if f" {form} " in spaced]) for group in groups]
    found = [(group, present) for group, present in found if present]
    # A long name ("tổ công nghệ số cộng đồng") is one thing asked about, not ten.
    for _, present in found:
        for form in present:
            tokens = form.split(" ")
            if len(tokens) > 2:
                share = NAME_WEIGHT / (2 * len(tokens) - 1)
                for term in [*tokens, *(f"{a} {b}" for a, b in itertools.pairwise(tokens))]:
                    if spaced.count(f" {term} ") == 1:
                        weights[term] = min(weights.get(term, 1.0), share)
    for group, present in found:
        for form in group:
            if form in present:
                continue
            tokens = folded_words(form)
            share = SYNONYM * min(1.0, 4.0 / (2 * len(tokens) - 1))
            for term in [*tokens, *(f"{a} {b}" for a, b in itertools.pairwise(tokens))]:
                if term not in weights and term not in asking:
                    weights[term] = share
    has_accents = fold(text) != text.lower()
    accented = tuple(w for w, weight in zip(typed, dullness, strict=False) if weight > 0.2) if has_accents else ()
    return Question(text, reference, weights, tuple(dict.fromkeys(content)), tuple(pairs), accented)


def expanded_words(question: Question) -> dict[str, list[frozenset[str]]]:
    """For each content word that is part of a form with synonyms: the word sets that say the same."""
    groups, asking = _synonyms()
    spaced = f" {' '.join(folded_words(question.text))} "
    found: dict[str, list[frozenset[str]]] = {}
    for group in groups:
        for form in group:
            if f" {form} " not in spaced:
                continue
            others = [frozenset(folded_words(other)) - asking for other in group if other != form]
            for word in folded_words(form):
                found.setdefault(word, []).extend(other for other in others if other)
    return found


@lru_cache(maxsize=1)
def _provinces() -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(words(name)) for name in _data()["provinces"].split(","))


def province_names() -> list[str]:
    """Names of the provinces as the documents know them, folded."""
    return [fold(" ".join(name)) for name in _provinces()]


def named_places(text: str) -> list[str]:
    """Provinces named in a text, folded; 'quang năm' is not Quảng Nam, 'quang nam' may be."""
    return [fold(name) for name in _named(text, "provinces")]


def named_countries(text: str) -> list[str]:
    """Countries named in a text, folded."""
    return [fold(name) for name in _named(text, "countries")]


@lru_cache(maxsize=4)
def _names(kind: str) -> dict[str, list[tuple[str, ...]]]:
    """The names of a list of synonyms.yml by their first word, folded."""
    listed = _data()[kind]
    found: dict[str, list[tuple[str, ...]]] = {}
    for name in listed.split(",") if isinstance(listed, str) else listed:
        parts = tuple(words(name))
        found.setdefault(fold(parts[0]), []).append(parts)
    return found


@lru_cache(maxsize=512)
def _named(text: str, kind: str) -> list[str]:
    """Names of a list that stand in a text, each with its accents or (provinces, names of several words) with none."""
    names, typed = _names(kind), words(text)
    bare = [fold(word) for word in typed]
    found = []
    for at, first in enumerate(bare):
        for name in names.get(first, ()):
            heard = typed[at : at + len(name)]
            if len(heard) == len(name) and all(t == w or (t == fold(w) and (len(name) > 1 or kind == "provinces")) for t, w in zip(heard, name, strict=True)):
                found.append(" ".join(name))
    return list(dict.fromkeys(found))


def asking_words() -> frozenset[str]:
    """Folded words that only ask."""
    return _synonyms()[1]


def named_concepts(text: str) -> list[str]:
    """Things asked about that only a passage with the same words can answer (`concepts` in synonyms.yml), as in the list."""
    return _named(text, "concepts")
