"""Which procedure is meant: the message, the linker's candidates and the talk so far, weighed together."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from actions.talk import ASPECT_OF_INTENT, Talk, store
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


_BACK = re.compile(r"\b(?:quay lai|tro lai|luc nay|hoi nay|ban nay|khi nay|luc truoc|luc dau|ban dau|vua roi)\b")
_BOTH = re.compile(r"\b(?:hai|2|ca hai|ca 2) (?:cai|loai|thu tuc|truong hop|viec|cach|ben|giay)\b|\bca hai\b")
# Probabilities from which the talk stays where it is, moves on, and a candidate is worth a place among choices.
STAY_AT = 0.3
STAY_UNLESS_OTHER_AT = 0.12  # where the message alone names nothing clearly
MOVE_AT = 0.45
MOVE_TO_SIBLING_AT = 0.6  # siblings share all words but one or two, so chance plays a larger part
CLEARLY_AT, CLEARLY_LESS = 0.35, 0.7  # ... a lesser chance is enough where the procedure in hand has less
UNSURE_BELOW, TIED_FROM = 0.7, 0.6  # a first one no surer than this, with a second that has such a part of it: asked, not told
WORTH_OFFERING = 0.08
WORTH_MOVING = 0.3
SURE_OF_TYPE = 0.8


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
    if offered and (talk.topical < 6 or number is not None) and not _speaks_of_another(talk, offered) and (code := picked_code(talk, offered)):
        return Resolution("procedures", [code], picked=True)
    if offered and offered[0] in procedures.row_of:
        # A further question without a choice: answered for the nearest two, side by side.
        followed = _in_talk(talk, offered[0], procedures)
        if followed is not None:
            return Resolution("procedures", offered[:2], followed=True) if followed.followed else followed
    compared = talk.slot("compared") or []
    past = talk.slot("history") or []
    if talk.decision != "answer" and len(past) > 1 and _BOTH.search(fold(talk.text)):
        return Resolution("procedures", compared if len(compared) > 1 else past[1::-1], followed=True)
    if number is not None and 0 < abs(number) <= len(compared):
        return Resolution("procedures", [compared[number - 1 if number > 0 else -1]], followed=True)
    history = talk.slot("history") or []
    if len(history) > 1 and _BACK.search(fold(talk.text)) and (code := earlier(talk, procedures)):
        return Resolution("procedures", [code], followed=True)
    if talk.procedure in procedures.row_of and not offered:
        followed = _in_talk(talk, talk.procedure, procedures)
        if followed is not None:
            return followed
    top = [c.code for c in talk.candidates]
    if talk.decision == "answer" and top:
        return Resolution("procedures", top[:1])
    if talk.decision == "ask" and top:
        return Resolution("choices", (talk.extras.get("link") or {}).get("offer") or top[:4])
    return Resolution("none")


def _speaks_of_another(talk: Talk, offered: list[str]) -> bool:
    """Whether the message names a procedure of its own that was not offered."""
    return talk.decision == "answer" and bool(talk.candidates) and talk.candidates[0].code not in offered


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


def _in_talk(talk: Talk, in_hand: str, procedures: ProcedureIndex) -> Resolution | None:
    """What the message means as a part of the talk (nlu/linking/context.py); None when it has to be read alone."""
    compared = talk.slot("compared") or []
    stay = Resolution("procedures", list(compared) if in_hand in compared else [in_hand], followed=True)
    link = talk.extras.get("link") or {}
    if talk.topical < 0.5 or not link.get("topical_words"):
        return stay
    view = link.get("talk") or {}
    if view.get("topic") != in_hand or not view.get("candidates"):
        return None  # a client that sends no context
    ranked = [(c["code"], c["score"]) for c in view["candidates"] if c["code"] in procedures.row_of]
    if not ranked:
        return None
    best, chance = ranked[0]
    tied = [code for code, other in ranked[1:3] if other >= TIED_FROM * chance]
    if chance < UNSURE_BELOW and tied:
        return Resolution("choices", [best, *tied])
    if best == in_hand:
        return stay if chance >= (STAY_AT if talk.decision == "answer" else STAY_UNLESS_OTHER_AT) else None
    sibling = _siblings(best, in_hand, procedures)
    here = dict(ranked).get(in_hand, 0.0)
    if chance >= (MOVE_TO_SIBLING_AT if sibling else MOVE_AT) or (sibling and chance >= CLEARLY_AT and here < chance * CLEARLY_LESS):
        return Resolution("procedures", [best], sibling=sibling)
    if sibling and here >= WORTH_OFFERING and talk.decision != "answer":
        return stay
    if talk.decision == "answer" and talk.candidates and talk.candidates[0].code == best:
        return Resolution("procedures", [best])
    if chance < WORTH_MOVING and talk.decision == "none" and talk.confidence >= SURE_OF_TYPE and talk.intent in ASPECT_OF_INTENT:
        return stay  # a clear question about nothing that has a name: of what is in hand
    offered = [code for code, other in ranked[:4] if other >= WORTH_OFFERING]
    return Resolution("choices", offered) if len(offered) > 1 else None


def _siblings(code: str, other: str, procedures: ProcedureIndex) -> bool:
    """Whether two procedures are variants of one act (first issue and re-issue): their titles share most words."""
    mine, theirs = (procedures.title_sets[procedures.row_of[c]] for c in (code, other))
    return len(mine & theirs) >= 0.4 * len(mine | theirs)


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
    if word == "sau" and "sáu" not in text.lower():
        return -1  # "cái sau": the latter, not the sixth
    return int(word) if word.isdigit() else _ORDINALS[word]


def picked_code(talk: Talk, offered: list[str]) -> str | None:
    """Which of the offered procedures a reply means: by number, else by words that only one of them has."""
    for code in talk.entity_values("procedure"):
        return code
    number = picked_number(talk.text)
    if number is not None:
        position = len(offered) if number == -1 else number
        return offered[position - 1] if 1 <= position <= len(offered) else None
    # "Hồ sơ có những giấy gì" asks of them all: words that only ask pick none.
    matter = (talk.extras.get("link") or {}).get("matter_words")
    words = set(matter if matter is not None else folded_words(talk.text))
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
