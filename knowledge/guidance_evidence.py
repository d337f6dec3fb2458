"""Does what would be shown really hold what is asked? The evidence for it, as figures about 0..1.

Three questions, each asked of single sentences (with the title and heading they stand under), for a fact is stated in
one place and not by words scattered over a page: are the words of the question there, weighted by rarity and compounds
taken as one word ("lãi suất" is not said by "suất" and "lãi")? Is the kind of value asked for there (an amount, a
percentage, a count of that thing, a date, a name, a number to call)? Is it of the year asked for? What the figures
weigh is fitted (benchmarks/guidance_fit.py), not set by hand.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from knowledge.guidance.records import PassageRecord
from knowledge.search.analysis import fold, words
from knowledge.search.guidance_domain import Domain
from knowledge.search.guidance_query import (
    Question,
    asking_words,
    expanded_words,
    named_places,
    passage_words,
    province_names,
    read_question,
)
from knowledge.search.passages import PassageIndex

APART = 0.35  # what a compound counts for whose syllables stand apart
OTHER_WORDS = 0.8  # ... and a word said by another of the same meaning
NEARLY = 0.1  # a sentence that covers so much less than the best is another matter
STRANGE = 8.0  # scale of rarities

_SENTENCE = re.compile(r"\n+|(?<=[.;:])\s+(?=[A-ZĐÀ-Ỹ(+\-–])|(?<=;)\s+")
_YEAR = re.compile(r"(?<![\d/.-])(?:19|20)\d\d(?!\d)|(?<=/)20\d\d(?!\d)")
# Years that only name a document or a programme: 47/2020/NĐ-CP, ngày 03/6/2020, "đến năm 2025, định hướng đến năm 2030".
_IN_NAMES = re.compile(r"/20\d\d/|\b\d{1,2}/\d{1,2}/20\d\d|(?:đến năm 20\d\d,? (?:và )?)?(?:định hướng|tầm nhìn)(?: đến)?(?: năm)? 20\d\d|giai đoạn 20\d\d ?[-–] ?20\d\d")
_SURNAMES = ["nguyen", "tran", "le", "pham", "hoang", "huynh", "phan", "vu", "vo", "dang", "bui", "do", "ho", "ngo", "duong", "ly", "dinh", "dao", "doan", "lam", "mai", "trinh", "truong", "luong", "cao", "ta", "to", "thai", "ha", "chu"]

def _either(pattern: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """An expression over text with its marks, and the same over text without."""
    return re.compile(pattern), re.compile(fold(pattern))


_MONEY_UNIT = r"(?:tiền|tỷ|tỉ|triệu|nghìn|ngàn|đồng|vnd)"
_PRICED = r"(?:giá|cước|chi phí|kinh phí|lệ phí|lương|tiền thưởng|mức thưởng|được thưởng|trợ cấp|tiền phạt|xử phạt|phí|chi|rót|hỗ trợ tối đa|thù lao|phụ cấp|phạt|hoa hồng|lãi suất|vốn|tốn|mất phí|hạn mức|thu phí)"
# Kind of value asked for -> (how questions ask for it, what states it in folded text).
_REGIONS = re.compile(rf"\b(?:{'|'.join(re.escape(name) for name in province_names())})\b")
KINDS: dict[str, tuple[tuple[re.Pattern[str], re.Pattern[str]], re.Pattern[str]]] = {
    "money": (
        _either(rf"\b(?:bao nhiêu|mấy) (?:trăm |chục )?{_MONEY_UNIT}\b|\b{_PRICED}(?: [\w%]+){{0,10}} (?:bao nhiêu|mấy|thế nào)\b|\b(?:bao nhiêu|mấy) {_PRICED}\b|^{_PRICED} "),
        re.compile(r"\d (?:ty|ti|trieu|nghin|ngan)?\s?(?:dong|vnd)\b|mien phi|khong thu phi"),
    ),
    "percent": (_either(r"(?:bao nhiêu|mấy) ?(?:%|phần trăm)|phần trăm|\btỷ lệ\b|\btỉ lệ\b|(?:chỉ tiêu|mục tiêu|tỷ trọng|tỉ trọng).*bao nhiêu"), re.compile(r"\d ?%|phan tram")),
    "date": (_either(r"\b(?:khi nào|bao giờ|ngày nào|ngày mấy|tháng nào|tháng mấy|năm nào|tuần nào|lúc nào|trước ngày)\b"), re.compile(r"\b(?:ngay|thang|quy|tuan|nam) (?:\d|[iv]+\b)|\d/\d")),
    "duration": (
        _either(r"\bbao lâu\b|\b(?:bao nhiêu|mấy) (?:ngày|tháng|năm|tuần|buổi|giờ|phút|tiết)\b"),
        re.compile(r"\b\d+ (?:ngay|thang|nam|tuan|buoi|gio|phut)\b|\bdinh (?:ki|ky)\b|\b(?:hang|moi) (?:ngay|thang|nam|quy|tuan)\b"),
    ),
    "phone": (_either(r"\b(?:số điện thoại|sđt|hotline|tổng đài|email|thư điện tử)\b"), re.compile(r"\d{3,4}[. ]?\d{3}[. ]?\d{3}|\w@\w")),
    "address": (_either(r"\b(?:link|website|trang web|trang nào|web nào|địa chỉ|đường dẫn|tải ở đâu|vào đâu|truy cập)\b"), re.compile(r"https?|\w\.vn\b|\bso \d+\b")),
    "name": (_either(r"\btên (?:là )?gì\b|\bhọ tên\b|\btên ai\b|\bai là\b|\blà ai\b|\btên người\b"), re.compile(rf"\b(?:{'|'.join(_SURNAMES)}) \w+ \w+\b")),
    "where": (_either(r"\bở (?:đâu|tỉnh nào|huyện nào|xã nào|phố nào|thành phố nào|đường nào)\b|\bchỗ nào\b"), re.compile(r"https?|\.vn\b|\b(?:tinh|thanh pho|tp|huyen)\b|\b(?:o|tren|tai) \w")),
    "best": (_either(r"\b(?:đứng đầu|đứng nhất|đứng cuối|cao nhất|thấp nhất|nhiều nhất|ít nhất tỉnh|đầu bảng|tốt nhất|kém nhất|đầu tiên|tiên phong)\b"), re.compile(r"\b(?:dung dau|dung thu|nhat|dau tien|tien phong|dan dau)\b")),
    "region": (_either(r"\b(?:tỉnh|thành phố|địa phương|huyện|quận|xã) nào\b"), _REGIONS),
    "firm": (_either(r"\b(?:công ty|doanh nghiệp|hãng|ngân hàng|trường) nào\b"), re.compile(r"\b(?:cong ty|tap doan|doanh nghiep|ngan hang|vnpost|viettel|vnpt|vtc|voso|postmart|truong)\b")),
    "mine": (_either(r"\b(?:của tôi|tỉnh tôi|xã tôi|phường tôi|huyện tôi|(?:tỉnh|xã|phường|huyện) mình|nhà tôi|chỗ tôi)\b"), re.compile(r"")),
    "own": (_either(r"\b(?:mẫu đơn|mẫu giấy|biểu mẫu|nộp đơn|xin mẫu|mẫu quyết định|mẫu nào|tải mẫu)\b"), re.compile(r"\bmau\b")),
    "how": (_either(r"\b(?:làm sao|cách nào|bằng cách|các bước|như thế nào|thế nào|ra sao|kiểu gì|bấm vào)\b"), re.compile(r"")),
    "whether": (_either(r"\bcó(?: [\w%]+){1,9} (?:không|ko)\b|\bđúng không\b|\bphải không\b|\bhay không\b"), re.compile(r"")),
}
VALUES = ("money", "percent", "date", "duration", "phone")  # these stand in one sentence with what they are of
_COUNTED = _either(r"\b(?:bao nhiêu|mấy) ((?!phần|trăm|tiền|tỷ|tỉ\b|triệu|nghìn|đồng|ngày|tháng|năm|tuần|giờ|phút|lần|là\b|về\b|của\b|%)[^\W\d]+)")
_NUMERAL = r"(?:\d[\d.,]*|mot|hai|ba|bon|nam|sau|bay|tam|chin|muoi)"
_WORDS_ONLY = re.compile(r"[^\W_]+(?:[./-][^\W_]+)*|%")
_VALUE_WORDS = frozenset({"tram", "phan", "%"})
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


class Text:
    """A sentence, a heading or a passage as sets of words and pairs, as typed and folded."""

    __slots__ = ("bag", "folded", "folded_pairs", "pairs", "plain")

    def __init__(self, text: str):
        typed = [_one_form(word) for word in words(text)]
        self.plain = f" {' '.join(_WORDS_ONLY.findall(fold(text)))} "
        bare = passage_words(text)
        self.bag = frozenset(typed) | frozenset(part for word in typed for part in re.split(r"[./-]", word))
        self.folded = frozenset(bare)
        self.pairs = frozenset(itertools.pairwise(typed))
        self.folded_pairs = frozenset(itertools.pairwise(bare))


@dataclass
class Piece:
    """One sentence of what would be shown, the words it stands under, and the years it speaks of."""

    text: Text
    under: Text
    years: frozenset[int]
    row: int
    raw: str  # folded, with its signs


@lru_cache(maxsize=4096)
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
            found.append(Piece(_read(sentence), under, frozenset(own or of_passage), row, fold(sentence)))
    return found


_CLAUSE = re.compile(r"[,;.?!]\s+|\s-\s")
_ASKING = _either(r"\b(?:gì|nào|ai|sao|đâu|mấy|bao nhiêu|bao lâu|bao giờ|thế nào|ra sao)\b|\b(?:không|ko|hả|chưa|chứ|nhỉ)\W*$")
LONG = 16  # words from which on a question may tell a story before it asks


def asking_part(question: Question) -> Question:
    """The clauses that ask, of a long message that tells a story first; a short question whole."""
    if len(question.text.split()) < LONG:
        return question
    clauses = [clause for clause in _CLAUSE.split(question.text) if clause.strip()]
    loose = int(not _well_accented(question.text))
    asking = [clause for clause in clauses if _ASKING[loose].search(fold(clause) if loose else clause.lower())]
    if not asking or len(asking) == len(clauses) or sum(len(clause.split()) for clause in asking) < 5:
        return question
    part = read_question(", ".join(asking))
    part.reference = question.reference
    return part


def units_of(question: Question, index: PassageIndex, domain: Domain) -> list[Unit]:
    """The words of the question that carry matter; two syllables that belong together are one."""
    typed = [_one_form(word) for word in words(question.text)]
    exact = _well_accented(question.text)
    written = _written(index)[0]  # what nobody writes so may be a slip: it counts without its marks
    asks = asking_words()
    content = set(question.content)
    reference = question.reference
    numbers = {str(place.number) for place in reference.places} | {str(year) for year in reference.years}
    for document in [*reference.documents, *reference.topics]:
        numbers |= {part.lstrip("0") for part in re.findall(r"\d+", document)}
    inside: set[int] = set()
    found: list[Unit] = []

    def add(*at: int) -> None:
        forms = tuple(typed[i] for i in at)
        folded = tuple(fold(form) for form in forms)
        rarity = index.idf(" ".join(folded)) if len(at) > 1 else index.idf(folded[0])
        if len(at) > 1 and not index.known(" ".join(folded)):
            rarity = max(rarity, *(index.idf(one) for one in folded))
        found.append(Unit(tuple(f if (exact or f != b) and f in written else "" for f, b in zip(forms, folded, strict=True)), folded, min(rarity, STRANGE)))

    for i in range(len(typed) - 1):
        pair = f"{fold(typed[i])} {fold(typed[i + 1])}"
        if _digits(typed[i]) or _digits(typed[i + 1]):
            continue
        both_ask = all(fold(word) in asks and fold(word) not in content for word in typed[i : i + 2])
        if (pair in domain.compounds or _sticks(index, pair)) and pair != "phan tram" and not both_ask and (fold(typed[i]) in content or fold(typed[i + 1]) in content):
            add(i, i + 1)
            inside |= {i, i + 1}
    for i, word in enumerate(typed):
        if i not in inside and fold(word) in content and fold(word).lstrip("0") not in numbers and not (word in ("năm", "nam") and reference.years):
            add(i)
    return found


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
            return 1.0
        if len(said) == 2 and all(said):
            pairs, wanted = (text.pairs, unit.forms) if all(unit.forms) else (text.folded_pairs, unit.folded)
            if wanted in pairs:
                return 1.0
        apart |= {n for n, one in enumerate(said) if one}
        if others and any(other <= text.folded for other in others):
            best = OTHER_WORDS
    return max(best, APART) if len(unit.forms) > 1 and len(apart) == len(unit.forms) else best


def _asks(question: Question) -> tuple[str, int]:
    """The question as its patterns read it, and which of the two of a pattern fits its spelling."""
    loose = not _well_accented(question.text)
    text = fold(question.text) if loose else question.text.lower()
    return " ".join(_WORDS_ONLY.findall(text)), int(loose)


@lru_cache(maxsize=256)
def _well_accented(text: str) -> bool:
    """Do most words bear marks? Then one without them is meant so ("in", "trang"); else it may be any word."""
    letters = [word for word in words(text) if word.isalpha()]
    return bool(letters) and sum(word != fold(word) for word in letters) >= 0.55 * len(letters)


def _is_counted(noun: str, plain: str) -> bool:
    """'bao nhiêu tổ': a number before the noun or right after it, or a percentage of it."""
    return re.search(rf" {_NUMERAL} (?:\w+ ){{0,2}}{noun} | {noun} (?:\w+ ){{0,2}}\d| % (?:\w+ ){{0,4}}{noun} ", plain) is not None


def evidence(
    index: PassageIndex, question: Question, domain: Domain, shown: list[tuple[int, str]]
) -> dict[str, float]:
    """`shown`: (row, text as shown) of the notes and the best quotations. Every figure lies about in 0..1."""
    question = asking_part(question)
    units = units_of(question, index, domain)
    synonyms = expanded_words(question)
    others = {unit: [form for word in unit.folded for form in synonyms.get(word, ())] for unit in units}
    whole = sum(unit.weight for unit in units) or 1.0
    pieces = [piece for row, text in shown for piece in _pieces(index.passages[row], text, row)]
    asked, spelling = _asks(question)
    kinds = [name for name, (asks, _) in KINDS.items() if asks[spelling].search(asked)]
    counted = [fold(noun) for noun in _COUNTED[spelling].findall(asked)]
    dated = {int(year) for year in re.findall(r"\d/(20\d\d)", question.text)}
    years = set(question.reference.years) - dated  # "ngày 26/4/2022" names a document; it asks no year

    held = [{unit: _held(unit, (piece.text, piece.under), others[unit]) for unit in units} for piece in pieces]
    cover = [sum(unit.weight * one[unit] for unit in units) / whole for one in held]
    alone = [sum(unit.weight * _held(unit, (piece.text,), others[unit]) for unit in units) / whole for piece in pieces]
    best = max(cover, default=0.0)
    by_row: dict[int, dict[Unit, float]] = {}
    for piece, one in zip(pieces, held, strict=True):
        row = by_row.setdefault(piece.row, dict.fromkeys(units, 0.0))
        for unit in units:
            row[unit] = max(row[unit], one[unit])
    row_cover = {row: sum(unit.weight * v for unit, v in one.items()) / whole for row, one in by_row.items()}
    nearest = by_row[max(row_cover, key=row_cover.__getitem__)] if row_cover else {}
    anywhere = {unit: max((row[unit] for row in by_row.values()), default=0.0) for unit in units}

    def share(fits) -> float:
        """The best coverage among sentences that fit, beside the best of all."""
        return max((value for piece, value in zip(pieces, cover, strict=True) if fits(piece)), default=0.0) / best if best else 0.0

    features = {
        "sentence": best,
        "alone": max(alone, default=0.0),
        "passage": max(row_cover.values(), default=0.0),
        "anywhere": sum(unit.weight * v for unit, v in anywhere.items()) / whole,
        "gap": max((unit.weight * (1 - nearest.get(unit, 0.0)) for unit in units), default=0.0) / STRANGE,
        "gap_anywhere": max((unit.weight * (1 - v) for unit, v in anywhere.items()), default=0.0) / STRANGE,
        "gaps": min(4.0, sum(unit.weight * (1 - v) for unit, v in anywhere.items()) / STRANGE) / 4.0,
        "strange": max((unit.weight for unit in units if anywhere[unit] < 0.5 and not _in_corpus(unit, index)), default=0.0) / STRANGE,
        "year_gap": 1.0 - share(lambda piece: bool(years & piece.years)) if years else 0.0,
        "place_gap": float(any(all(f" {place} " not in piece.text.plain + piece.under.plain for piece in pieces) for place in named_places(question.text))),
        "joint_gap": 0.0,
        "count_gap": max((1.0 - share(lambda piece, noun=noun: _is_counted(noun, piece.text.plain)) for noun in counted), default=0.0),
    }
    # A sentence with all the words but of another year answers nothing, however near.
    features["year_unsaid"] = float(features["year_gap"] > NEARLY)
    wanted = [KINDS[name][1] for name in kinds if name in VALUES]
    if years or wanted or counted:
        features["joint_gap"] = 1.0 - share(
            lambda piece: (not years or bool(years & piece.years))
            and all(holds.search(piece.raw) for holds in wanted)
            and all(_is_counted(noun, piece.text.plain) for noun in counted)
        )
    for name, (_, holds) in KINDS.items():
        features[f"asks_{name}"] = float(name in kinds)
        if holds.pattern:
            features[f"{name}_gap"] = 1.0 - share(lambda piece, holds=holds: holds.search(piece.raw) is not None) if name in kinds else 0.0
    return features


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
