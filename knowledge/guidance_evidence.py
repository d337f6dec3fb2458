"""Does what would be shown really hold what is asked? The evidence for it, as figures about 0..1.

Asked of single sentences (with the title and heading they stand under), for a fact is stated in one place and not by
words scattered over a page: are the words of the question there, weighted by rarity, words of two syllables taken as
one ("lãi suất" is not said by "suất" and "lãi")? Is the thing asked for there, not only what it is asked about, and is
it a value of that kind (knowledge/guidance_asked.py)? Is it of the year asked for? What the figures weigh is fitted
(benchmarks/guidance_fit.py), not set by hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from knowledge.guidance.records import PassageRecord
from knowledge.guidance_asked import (
    FOCUS_FADES,
    KINDS,
    MANNERS,
    OPEN,
    PERSON_NAME,
    REACHED_TOLD,
    TITLED,
    VALUES,
    WORDS_ONLY,
    Asked,
    asking_part,
    focus_of,
    is_counted,
    is_one_of,
    read_asked,
    unlike_given,
    well_accented,
)
from knowledge.search.analysis import fold, words
from knowledge.search.guidance_domain import Domain
from knowledge.search.guidance_query import (
    Question,
    asking_words,
    named_countries,
    named_places,
    passage_words,
    province_names,
    synonym_groups,
)
from knowledge.search.passages import PassageIndex
from knowledge.word_list import two_syllables

APART = 0.35  # what a word of two syllables counts for whose syllables stand apart
OTHER_WORDS = 0.8  # ... and a word said by another of the same meaning
INSIDE = 0.5  # ... and a word that stands only as half of another
NEARLY = 0.1  # a sentence that covers so much less than the best is another matter
STRANGE = 8.0  # scale of rarities

_BREAK = re.compile(r"[,;:.!?()“”\"/]\s|\s[-–(“\"]|\n")
_SENTENCE = re.compile(r"\n+|(?<=[.;:])\s+(?=[A-ZĐÀ-Ỹ(+\-–])|(?<=;)\s+")
_YEAR = re.compile(r"(?<![\d/.-])(?:19|20)\d\d(?!\d)|(?<=/)20\d\d(?!\d)")
# Years that only name a document or a programme: 47/2020/NĐ-CP, ngày 03/6/2020, "đến năm 2025, định hướng đến năm 2030".
_IN_NAMES = re.compile(r"/20\d\d/|\b\d{1,2}/\d{1,2}/20\d\d|(?:đến năm 20\d\d,? (?:và )?)?(?:định hướng|tầm nhìn)(?: đến)?(?: năm)? 20\d\d|giai đoạn 20\d\d ?[-–] ?20\d\d")
# The tone mark of "hóa" and "hoá" stands on either vowel.
_TONES = {"òa": "oà", "óa": "oá", "ỏa": "oả", "õa": "oã", "ọa": "oạ", "òe": "oè", "óe": "oé", "ỏe": "oẻ", "õe": "oẽ", "ọe": "oẹ", "ùy": "uỳ", "úy": "uý", "ủy": "uỷ", "ũy": "uỹ", "ụy": "uỵ"}
_TONE = re.compile("|".join(_TONES))


@lru_cache(maxsize=65536)
def _one_form(word: str) -> str:
    """One spelling of a word with its marks: 'hóa' = 'hoá', 'kỹ' = 'kĩ'."""
    word = _TONE.sub(lambda found: _TONES[found.group()], word)
    return re.sub(r"(?<=[hklmst])([yỳýỷỹỵ])$", lambda found: "iìíỉĩị"["yỳýỷỹỵ".index(found.group())], word)


@dataclass(frozen=True)
class Unit:
    """One word of the question: its syllables as typed ("" where marks may be missing) and without marks; weight by rarity."""

    forms: tuple[str, ...]
    folded: tuple[str, ...]
    weight: float
    at: int = -1  # position of its first syllable in the question


class Text:
    """A sentence, a heading or a passage as sets of words and pairs, as typed and folded."""

    __slots__ = ("bag", "folded", "folded_pairs", "free", "pairs", "plain")

    def __init__(self, text: str):
        self.plain = f" {' '.join(WORDS_ONLY.findall(fold(text)))} "
        dictionary = _dictionary()[0]
        bag: set[str] = set()
        free: set[str] = set()
        pairs: set[tuple[str, str]] = set()
        for clause in _BREAK.split(text):
            typed = [_one_form(word) for word in words(clause)]
            bag.update(typed)
            bound = 0  # syllables before this place belong to a word of two
            for n, word in enumerate(typed):
                if n + 1 < len(typed):
                    pairs.add((word, typed[n + 1]))
                    if n >= bound and f"{word} {typed[n + 1]}" in dictionary:
                        bound = n + 2
                if n >= bound:
                    free.add(word)
        self.pairs = frozenset(pairs)
        self.bag = frozenset(bag) | frozenset(part for word in bag if not word.isalnum() for part in re.split(r"[./-]", word))
        self.free = frozenset(free)  # words that stand by themselves: "miễn" is not in "miễn phí"
        self.folded = frozenset(passage_words(text))
        self.folded_pairs = frozenset((fold(one), fold(other)) for one, other in pairs)


@dataclass
class Piece:
    """One sentence of what would be shown, the words it stands under, and the years it speaks of."""

    text: Text
    under: Text
    years: frozenset[int]
    row: int
    raw: str  # folded, with its signs
    typed: str


@lru_cache(maxsize=16384)
def _read(text: str) -> Text:
    return Text(text)


def _pieces(passage: PassageRecord, shown: str, row: int) -> list[Piece]:
    above = " . ".join([passage.title or "", *passage.heading[-3:], passage.label or "", *passage.questions])
    under = _read(above)
    of_passage = {int(y) for y in _YEAR.findall(_IN_NAMES.sub(" ", above))} | ({passage.year} if passage.year else set())
    if passage.document_date:
        of_passage |= {passage.document_date.year} if not passage.year else set()
    found = []
    for sentence in _SENTENCE.split(shown):
        if sentence and sentence.strip():
            own = {int(y) for y in _YEAR.findall(_IN_NAMES.sub(" ", sentence))}
            found.append(Piece(_read(sentence), under, frozenset(own or of_passage), row, fold(sentence), sentence))
    return found


def units_of(question: Question, index: PassageIndex, domain: Domain) -> list[Unit]:
    """The words of the question that carry matter, in order; two syllables that belong together are one."""
    typed = [_one_form(word) for word in words(question.text)]
    exact = well_accented(question.text)
    written = _written(index)[0]  # what nobody writes so may be a slip: it counts without its marks
    dictionary = _dictionary()[0 if exact else 1]
    asks = asking_words()
    content = set(question.content)
    reference = question.reference
    numbers = {str(place.number) for place in reference.places} | {str(year) for year in reference.years}
    for document in [*reference.documents, *reference.topics]:
        numbers |= {part.lstrip("0") for part in re.findall(r"\d+", document)}
    inside: set[int] = set()
    found: list[Unit] = []

    def add(*at: int, slip: bool = False) -> None:
        forms = tuple(typed[i] for i in at)
        folded = tuple(fold(form) for form in forms)
        rarity = index.idf(" ".join(folded)) if len(at) > 1 else _rarity(index, forms[0]) if exact else index.idf(folded[0])
        if len(at) > 1 and not index.known(" ".join(folded)):
            rarity = max(rarity, *(index.idf(one) for one in folded))
        found.append(Unit(tuple(f if not slip and (exact or f != b) and f in written else "" for f, b in zip(forms, folded, strict=True)), folded, min(rarity, STRANGE), at[0]))

    for i in range(len(typed) - 1):
        bare = (fold(typed[i]), fold(typed[i + 1]))
        pair = " ".join(bare)
        if _digits(typed[i]) or _digits(typed[i + 1]) or pair == "phan tram" or not (bare[0] in content or bare[1] in content):
            continue
        both_ask = all(word in asks and word not in content for word in bare)
        word = " ".join(typed[i : i + 2] if exact else bare)
        if exact and not both_ask and word not in dictionary and pair in _dictionary()[1] and index.known(pair) and f"{typed[i]} {typed[i + 1]}" not in _written(index)[1]:
            add(i, i + 1, slip=True)
            inside |= {i, i + 1}
            continue
        if not both_ask and (pair in domain.compounds or _sticks(index, pair) or (word in dictionary and not (i in inside and exact))):
            add(i, i + 1)
            inside |= {i, i + 1}
    for i, word in enumerate(typed):
        if i not in inside and fold(word) in content and fold(word).lstrip("0") not in numbers and not (word in ("năm", "nam") and reference.years):
            add(i)
    return sorted(found, key=lambda unit: unit.at)


def _rarity(index: PassageIndex, form: str) -> float:
    """Of a word with its marks: "thẻ" is rare, "the" (thế, thể) is not."""
    column = index.accented.vocabulary.get(form)
    return float(index.accented.idf[column]) if column is not None else index.idf(fold(form))


@lru_cache(maxsize=1)
def _dictionary() -> tuple[frozenset[str], frozenset[str]]:
    typed, folded = two_syllables()
    return frozenset(" ".join(_one_form(one) for one in word.split(" ")) for word in typed), folded


# What is no Vietnamese syllable is a name ("fpt", "iphone") and has no other word.
_SYLLABLE = re.compile(r"^(?:ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|[bcdghklmnpqrstvx])?[aeiouy]{1,3}(?:ch|ng|nh|[cmnpt])?$")


def _is_name(unit: Unit) -> bool:
    (word,) = unit.folded[:1]
    return len(unit.folded) == 1 and len(word) > 2 and word.isalpha() and not _SYLLABLE.match(word) and unit.forms[0] in ("", word)


def _digits(word: str) -> bool:
    return any(letter.isdigit() for letter in word)


def _sticks(index: PassageIndex, pair: str) -> bool:
    """Do these two stand together in a good part of the passages that have either?"""
    both = index.text.frequency(pair)
    return both >= 2 and both >= 0.35 * min(index.text.frequency(word) for word in pair.split(" "))


def _held(unit: Unit, texts: Iterable[Text], others: list[frozenset[str]]) -> float:
    """0..1: how surely the unit is said in these texts together."""
    best = 0.0
    apart: set[int] = set()
    for text in texts:
        said = [form in text.bag if form else bare in text.folded for form, bare in zip(unit.forms, unit.folded, strict=True)]
        if len(said) == 1 and said[0]:
            if not unit.forms[0] or unit.forms[0] in text.free:
                return 1.0
            best = max(best, INSIDE)
        if len(said) == 2 and all(said):
            pairs, wanted = (text.pairs, unit.forms) if all(unit.forms) else (text.folded_pairs, unit.folded)
            if wanted in pairs:
                return 1.0
        apart |= {n for n, one in enumerate(said) if one}
        if others and any(other <= text.folded for other in others):
            best = OTHER_WORDS
    return max(best, APART) if len(unit.forms) > 1 and len(apart) == len(unit.forms) else best


def _other_words(question: Question, units: list[Unit]) -> dict[Unit, list[frozenset[str]]]:
    """For each unit the word sets that mean the same as the form of the question that the whole unit stands in."""
    typed = [_one_form(word) for word in words(question.text)]
    forms = _forms_by_first()
    found: dict[Unit, list[frozenset[str]]] = {unit: [] for unit in units}
    for at, first in enumerate(typed):
        for marked, bare, others in forms.get(fold(first), ()):
            heard = typed[at : at + len(marked)]
            if len(heard) == len(marked) and all(t in (m, f) for t, m, f in zip(heard, marked, bare, strict=True)):
                for unit in units:
                    if at <= unit.at and unit.at + len(unit.forms) <= at + len(marked):
                        found[unit] += others
    return found


@lru_cache(maxsize=1)
def _forms_by_first() -> dict[str, list[tuple[tuple[str, ...], tuple[str, ...], list[frozenset[str]]]]]:
    """Forms with synonyms by their first word, folded: (with marks, without, the word sets of the others)."""
    found: dict[str, list] = {}
    for group in synonym_groups():
        for form, marked in group:
            bare = tuple(fold(word) for word in marked)
            found.setdefault(bare[0], []).append((tuple(_one_form(word) for word in marked), bare, [other for other, _ in group if other != form]))
    return found


def evidence(
    index: PassageIndex, question: Question, domain: Domain, shown: list[tuple[int, str]]
) -> dict[str, float]:
    """`shown`: (row, text as shown) of the notes and the best quotations. Every figure lies about in 0..1."""
    whole_question, question = question, asking_part(question)
    units = units_of(question, index, domain)
    others = _other_words(question, units)
    whole = sum(unit.weight for unit in units) or 1.0
    pieces = [piece for row, text in shown for piece in _pieces(index.passages[row], text, row)]
    asked = read_asked(question, whole_question)
    dated = {int(year) for year in re.findall(r"\d/(20\d\d)", question.text)}
    years = asked.years - dated  # "ngày 26/4/2022" names a document; it asks no year

    held = [{unit: _held(unit, (piece.text, piece.under), others[unit]) for unit in units} for piece in pieces]
    cover = [sum(unit.weight * one[unit] for unit in units) / whole for one in held]
    best = max(cover, default=0.0)
    by_row: dict[int, dict[Unit, float]] = {}
    for piece, one in zip(pieces, held, strict=True):
        row = by_row.setdefault(piece.row, dict.fromkeys(units, 0.0))
        for unit in units:
            row[unit] = max(row[unit], one[unit])
    row_cover = {row: sum(unit.weight * v for unit, v in one.items()) / whole for row, one in by_row.items()}
    nearest = by_row[max(row_cover, key=row_cover.__getitem__)] if row_cover else {}
    anywhere = {unit: max((row[unit] for row in by_row.values()), default=0.0) for unit in units}

    def share(fits: Callable[[Piece], bool]) -> float:
        """The best coverage among sentences that fit, beside the best of all."""
        if not best:  # no word to look for: only the value counts
            return float(any(fits(piece) for piece in pieces))
        return max((value for piece, value in zip(pieces, cover, strict=True) if fits(piece)), default=0.0) / best

    def row_share(fits: Callable[[Piece], bool]) -> float:
        """The same of whole passages with a sentence that fits."""
        whole_best = max(row_cover.values(), default=0.0)
        if not whole_best:
            return float(any(fits(piece) for piece in pieces))
        return max((row_cover[piece.row] for piece in pieces if fits(piece)), default=0.0) / whole_best

    of_year: Callable[[Piece], bool] = lambda piece: not years or bool(years & piece.years)  # noqa: E731
    states = {name: _stating(name, asked) for name in asked.kinds}
    features = {
        "sentence": best,
        "passage": max(row_cover.values(), default=0.0),
        "gap": max((unit.weight * (1 - nearest.get(unit, 0.0)) for unit in units), default=0.0) / STRANGE,
        "strange_word": max((unit.weight for unit in units if len(unit.folded) > 1 and anywhere[unit] < 0.5 and not _in_corpus(unit, index)), default=0.0) / STRANGE,
        "name_gap": max((1 - anywhere[unit] for unit in units if _is_name(unit)), default=0.0),
        "year_gap": 1.0 - share(of_year),
        "year_row_gap": 1.0 - row_share(of_year),
        "place_gap": float(any(all(f" {place} " not in piece.text.plain + piece.under.plain for piece in pieces) for place in [*named_places(question.text), *named_countries(question.text)])),
        "count_gap": max((1.0 - share(lambda piece, noun=noun: is_counted(noun, _unlike(piece, asked))) for noun in asked.counted), default=0.0),
    }
    features |= _focus_features(question, units, held, anywhere, index)
    # A passage with all the words but of another year answers nothing, however near.
    features["year_unsaid"] = float(features["year_row_gap"] > NEARLY)
    features["office_gap"] = max((1.0 - share(lambda piece, office=office: f" {office} " in piece.text.plain + piece.under.plain) for office in asked.offices), default=0.0)
    values = [states[name] for name in asked.kinds if name in VALUES]
    # One sentence with the value, of the year, person and office asked for; of several things counted, one for each.
    features["joint_gap"] = max(
        1.0 - share(
            lambda piece, nouns=nouns: of_year(piece) and all(f" {name} " in piece.text.plain for name in asked.persons)
            and all(f" {office} " in piece.text.plain + piece.under.plain for office in asked.offices) and all(holds(piece) for holds in values) and all(is_counted(noun, _unlike(piece, asked)) for noun in nouns)
        )
        for nouns in ([(noun,) for noun in asked.counted] or [()])
    ) if years or values or asked.counted or asked.persons else 0.0
    for name in KINDS:
        features[f"{name}_gap"] = 1.0 - share(states[name]) if name in states else 0.0
    features |= {f"asks_{name}": float(name in asked.manners) for name in MANNERS}
    features["one_of_gap"] = max((1.0 - share(lambda piece, one=one: is_one_of(*one, piece.text.plain + piece.under.plain) or f"({one[1]})" in piece.raw) for one in asked.ordinals), default=0.0)
    features["unregistered"] = float(asked.unregistered)
    features["asks_open"] = float(not asked.kinds and not asked.counted and not asked.named and OPEN[asked.loose].search(asked.text) is not None)
    features["asks_count"] = float(bool(asked.counted))
    features["reached_gap"] = 1.0 - share(lambda piece: _reached(piece, index, asked.reached_years)) if asked.reached else 0.0
    features["named_gap"] = 1.0 - share(lambda piece: _names_more(piece, question.text, PERSON_NAME if asked.person else TITLED)) if asked.named else 0.0
    return features


def _unlike(piece: Piece, asked: Asked) -> str:
    return unlike_given(piece.text.plain, asked.given)


def _stating(name: str, asked: Asked) -> Callable[[Piece], bool]:
    """Does a sentence state a value of this kind that the question did not give itself?"""
    if name == "region":
        given = {place for place in province_names() if f" {place} " in f" {fold(asked.text)} "}
        wanted = KINDS[name][1]
        least = min(asked.of_many, 3) or 1
        return lambda piece: len(set(wanted.findall(piece.text.plain)) - given) >= least
    holds = KINDS[name][1]
    return lambda piece: holds.search(unlike_given(piece.raw, asked.given)) is not None


def _reached(piece: Piece, index: PassageIndex, years: frozenset[int]) -> bool:
    """Does the sentence tell what was reached? A text of the year asked for, or of before, only plans it."""
    date = index.passages[piece.row].document_date
    later = bool(years and date and date.year > max(years))
    return REACHED_TOLD.search(piece.raw) is not None and (later or not years or not date or date.year > max(years))


def _names_more(piece: Piece, question: str, names: re.Pattern[str]) -> bool:
    """A name that the question does not hold: of a person, or any of several words with capitals."""
    asked = fold(question)
    return any(fold(name) not in asked for name in names.findall(piece.typed))


def _focus_features(question: Question, units: list[Unit], held: list[dict[Unit, float]], anywhere: dict[Unit, float], index: PassageIndex) -> dict[str, float]:
    """Is the thing asked for said, and said of what it is asked about?"""
    focus = dict(zip(units, focus_of(question, [unit.at for unit in units], [_one_form(word) for word in words(question.text)]), strict=True))
    asked = sum(unit.weight * focus[unit] for unit in units) or 1.0
    rest = sum(unit.weight * (1 - focus[unit]) for unit in units)
    of_asked = [sum(unit.weight * focus[unit] * one[unit] for unit in units) / asked for one in held]
    of_rest = [sum(unit.weight * (1 - focus[unit]) * one[unit] for unit in units) / rest if rest > 0.5 else 1.0 for one in held]
    both = [a * b for a, b in zip(of_asked, of_rest, strict=True)] if any(focus.values()) else of_rest
    beside = [unit for unit in units if focus[unit] > FOCUS_FADES]  # right beside what asks
    return {
        "focus": max(of_asked, default=0.0) if any(focus.values()) else 0.5,
        "focus_joint": max(both, default=0.0),
        "beside_gap": max((unit.weight * (1 - anywhere[unit]) for unit in beside), default=0.0) / STRANGE,
        "beside_strange": max((unit.weight for unit in beside if anywhere[unit] < 0.5 and not _in_corpus(unit, index)), default=0.0) / STRANGE,
    }


def _in_corpus(unit: Unit, index: PassageIndex) -> bool:
    """Is the unit written anywhere in the documents or our notes?"""
    if not all(unit.forms):
        return index.known(" ".join(unit.folded))
    single, pairs = _written(index)
    return " ".join(unit.forms) in (single if len(unit.forms) == 1 else pairs)


_forms: dict[int, tuple[PassageIndex, frozenset[str], frozenset[str]]] = {}


def _written(index: PassageIndex) -> tuple[frozenset[str], frozenset[str]]:
    """Every word and every pair of neighbours with their marks; kept for the last index."""
    known = _forms.get(id(index))
    if known is None or known[0] is not index:
        single = frozenset(_one_form(word) for word in index.accented.vocabulary)
        pairs = frozenset(" ".join(_one_form(word) for word in pair.split(" ")) for pair in index.accented_pairs)
        _forms.clear()
        _forms[id(index)] = known = (index, single, pairs)
    return known[1], known[2]
