"""Which procedure is meant: the message, the linker's candidates and the talk so far, weighed together."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from actions.talk import Talk, store
from knowledge.search.analysis import fold, folded_words
from knowledge.search.procedures import ProcedureIndex, ProcedureSearch
from knowledge.settings import get_settings

Kind = Literal["procedures", "choices", "unknown_code", "none"]
CODE = re.compile(r"\b\d\.\d{6}\b")


@dataclass
class Resolution:
    kind: Kind
    codes: list[str] = field(default_factory=list)
    followed: bool = False  # the procedure in hand went on
    sibling: bool = False  # ... in another variant: "thế cấp đổi?"
    picked: bool = False  # one of the choices offered was taken


@lru_cache(maxsize=2)
def _search(url: str) -> ProcedureSearch:
    return ProcedureSearch(store(), get_settings().cache)


def index() -> ProcedureIndex:
    return _search(get_settings().database).index()


def explained(text_words: set[str], code: str, procedures: ProcedureIndex) -> float:
    """Share (0..1) of the message's words, weighted by rarity, that belong to a procedure's names, title or papers."""
    row = procedures.row_of.get(code)
    if row is None or not text_words:
        return 0.0
    weight = {word: procedures.idf(word) for word in text_words}
    own = procedures.vocabulary[row] | procedures.body_words[row]
    return sum(value for word, value in weight.items() if word in own) / sum(weight.values())


_BACK = re.compile(r"\b(?:quay lai|tro lai|luc nay|hoi nay|ban nay|khi nay|luc truoc|luc dau|ban dau|vua roi)\b")
_THIS = re.compile(r"\b(?:thu tuc|cai|viec|ho so|giay|loai) (?:nay|do|ay)\b")
# Borders of the rules below, in idf mass (a rare word weighs about 6) or shares of it.
SHORT = 14.0
CLEARLY_OTHER = 0.15
OTHER_SURE = 0.3


def resolve(talk: Talk) -> Resolution:
    """Never guesses: a code typed wins, then a choice taken, then the talk so far, then what the linker is sure of."""
    payload = talk.entity_values("procedure")
    if payload:
        return Resolution("procedures", [c for c in payload if store().layers(c)] or [])
    typed = list(dict.fromkeys(CODE.findall(talk.text)))
    if typed:
        known = [c for c in typed if store().layers(c)]
        return Resolution("procedures", known) if known else Resolution("unknown_code", typed)
    procedures = index()
    offered = talk.slot("choices") or []
    number = picked_number(talk.text)
    if offered and (talk.topical < 6 or number is not None) and (code := picked_code(talk, offered)):
        return Resolution("procedures", [code], picked=True)
    words = set((talk.extras.get("link") or {}).get("topical_words") or [])
    if offered and offered[0] in procedures.row_of:
        # A further question without a choice: answered for the nearest two, side by side.
        followed = _follow(talk, offered[0], words, procedures)
        if followed is not None:
            return Resolution("procedures", offered[:2] if followed.codes[0] == offered[0] else followed.codes, followed=True)
    compared = talk.slot("compared") or []
    if number is not None and 0 < abs(number) <= len(compared):
        return Resolution("procedures", [compared[number - 1 if number > 0 else -1]], followed=True)
    history = talk.slot("history") or []
    if len(history) > 1 and _BACK.search(fold(talk.text)) and (code := earlier(talk, procedures)):
        return Resolution("procedures", [code], followed=True)
    if talk.procedure in procedures.row_of and not offered:
        followed = _follow(talk, talk.procedure, words, procedures)
        if followed is not None:
            return followed
    top = [c.code for c in talk.candidates]
    if talk.decision == "answer" and top:
        return Resolution("procedures", top[:1])
    if talk.decision == "ask" and top:
        return Resolution("choices", (talk.extras.get("link") or {}).get("offer") or top[:4])
    return Resolution("none")


def earlier(talk: Talk, procedures: ProcedureIndex) -> str | None:
    """The procedure of the talk so far that the message's words fit best, the one in hand only if none other does."""
    words = set(folded_words(talk.text))

    def fit(code: str) -> float:
        row = procedures.row_of.get(code)
        return sum(procedures.idf(w) for w in words & procedures.vocabulary[row]) if row is not None else 0.0

    history = talk.slot("history") or []
    others = [c for c in history if c != talk.procedure] or history
    best = max(others, key=fit, default=None)
    if best is not None and talk.procedure and fit(talk.procedure) > fit(best):
        return talk.procedure
    return best


def _follow(talk: Talk, in_hand: str, words: set[str], procedures: ProcedureIndex) -> Resolution | None:
    """The procedure in hand (or its sibling) when the message goes on about it; None when it is a new topic."""
    compared = talk.slot("compared") or []
    compared = compared if in_hand in compared else [in_hand]
    stay = Resolution("procedures", list(compared), followed=True)
    if talk.topical < 0.5 or not words:
        return stay
    mass = sum(procedures.idf(w) for w in words)
    own = explained(words, in_hand, procedures)
    field = procedures.entries[procedures.row_of[in_hand]].field
    # Within a talk the next matter is mostly of the same field.
    near = [(c.score * (1.8 if procedures.entries[procedures.row_of[c.code]].field == field else 1.0), c) for c in talk.candidates if c.code in procedures.row_of]
    weight, best = max(near, key=lambda pair: pair[0], default=(0.0, None))
    if best is not None and best.code == in_hand:
        return stay
    if mass < SHORT and _THIS.search(fold(talk.text)):
        return stay
    if mass < SHORT and (sibling := _sibling(in_hand, words, procedures)):
        return Resolution("procedures", [sibling], followed=True, sibling=True)
    if best is None or weight < OTHER_SURE:
        return stay if own >= 0.3 or mass < SHORT else None
    if mass < SHORT and own >= 0.5 and weight < 0.9 and talk.intent not in ("ask_overview", "correct"):
        return stay
    other = explained(words, best.code, procedures)
    if other > own + CLEARLY_OTHER or (talk.decision == "answer" and other >= own and weight > 0.6):
        return Resolution("procedures", [best.code]) if weight >= 0.58 else None
    return stay if own >= 0.3 or mass < SHORT else None


def _sibling(in_hand: str, words: set[str], procedures: ProcedureIndex) -> str | None:
    """The procedure whose title is the one in hand with the message's words put in ("thế cấp đổi?")."""
    row = procedures.row_of[in_hand]
    title = procedures.title_sets[row]
    field = procedures.entries[row].field
    total = sum(procedures.idf(w) for w in words)
    best: tuple[float, str] | None = None
    for other, entry in enumerate(procedures.entries):
        if other == row or entry.field != field:
            continue
        theirs = procedures.title_sets[other]
        shared = len(title & theirs) / max(1, len(title | theirs))
        new = words & (theirs - title)
        if shared < 0.5 or not new:
            continue
        gained = sum(procedures.idf(w) for w in new) / total
        score = gained + 0.5 * shared + 0.05 * entry.popularity
        if gained >= 0.5 and (best is None or score > best[0]):
            best = (score, entry.code)
    return best[1] if best else None


def payload(intent: str, **entities: object) -> str:
    """A button's payload in Rasa's form: /intent{"entity": "value"}."""
    return f"/{intent}{json.dumps(entities, ensure_ascii=False)}" if entities else f"/{intent}"


def words_of(text: str) -> set[str]:
    return set(folded_words(text))


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
