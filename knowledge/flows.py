"""What a message says to a running flow: pure functions of text and the `flow` slot, shared by NLU and actions.

A flow that waits for an answer keeps its open question in the slot:
`{"name", "procedure", "question": {"branch", "options": [[id, label], ...]}, "earlier": [question, ...], "parked": bool}`.
`flow_accepts` turns a message into the payload that the matching button would have sent; None means that the
message is not for the flow. How people say options is data (knowledge/option_words.yml).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml

from knowledge.search.analysis import fold, words

UNKNOWN = "unknown"
Option = Sequence[str]  # [id, label]

def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FILLERS = _set("dạ ạ a à ơi ừ thì là vâng nhé nha nhá nghe hen hén ha ad admin bạn em anh chị shop luôn đó á thôi vậy")
_FILLERS_FOLDED = _set("da a oi thi nhe nha hen ad admin luon nghen vay")
_SILENT = _set(
    "dạ ạ à ơi ừ thì là vâng nhé nha em tôi mình tui bạn anh chị này đó ấy kia và của cho nhà bị được rồi thôi luôn cả với cũng có cái bé con người ở"
)
_SILENT_FOLDED = _set("da a oi thi la nhe nha em toi minh tui nay do ay va cua nha bi duoc roi luon ca voi cung co cai be con nguoi o")
_DENIALS = _set("không chưa chẳng chả ko k hok hông khong chua chang hong kg kh")
_POLAR = {"co": "yes", "roi": "yes", "da": "yes", "phai": "yes", "dung": "yes", "duoc": "yes", "con": "yes", "khong": "no", "chua": "no"}

_YES = re.compile(r"(?:co|roi|da|da co|co roi|dung|dung roi|dung vay|phai|phai roi|u|uh|uhm|um|ukm|vang|ok|ok roi|oke|okie|yes|y|chinh xac|duoc|duoc roi|du|du roi|co du|con|van con|chac chan)")
_NO = re.compile(r"(?:khong|ko|k|kg|hong|hok|hem|hong co|khong co|ko co|k co|chua|chua co|chua bao gio|chua tung|khong phai|ko phai|no|chang|het roi)")
_UNKNOWN = re.compile(
    r"(?:(?:toi|em|minh|tui|con|chau) )?(?:cung )?(?:khong|ko|k|kg|hong|hok|hem|chua|chang) (?:biet|ro|chac|nho|hieu|ranh|de y)(?: .{0,24})?|chiu|bo qua|bo qua cau nay|cau khac|cau nay bo qua|sao cung duoc"
)
_STOP = re.compile(
    r"(?:thoi(?: (?:khong|ko|k|khoi|dung|de|bo|nghi|ngung|huy)\b.{0,24})?|dung(?: (?:lai|o day|day|hoi|nhe|di|lam))(?: .{0,16})?|huy(?: bo| di| het)?|ngung(?: lai)?|thoat|stop|cancel|nghi khong lam"
    r"|(?:khong|ko|k) (?:lam|hoi|tra loi|can|muon lam|muon tra loi) (?:nua|danh sach nua|tiep)|de (?:luc khac|sau|mai|khi khac)(?: .{0,16})?|khoi(?: lam| hoi)?(?: nua)?)"
)
_REPEAT = re.compile(r"(?:nhac|hoi|noi|doc|lap) lai(?: .{0,24})?|cau (?:hoi )?(?:gi|nao)(?: .{0,16})?|(?:y )?(?:(?:la|nghia la) )?sao|hoi gi|chua nghe ro|gi co|ha")
_BACK = re.compile(r"(?:quay|lui|tro|ve) (?:lai|ve)?\s*(?:cau|buoc)?\s*(?:truoc|vua roi|hoi nay)|cau truoc|back|lui lai|quay lai|tro lai|sua cau truoc|chon lai(?: cau truoc)?")
_RESUME = re.compile(
    r"(?:(?:lam|di|tra loi|hoi|lap|kiem tra) )?tiep(?: tuc)?(?: (?:di|danh sach|checklist|lap danh sach|kiem tra|cau hoi|phan (?:do|kia|hoi nay)).{0,16})?|(?:quay lai|tro lai) (?:danh sach|checklist|kiem tra|cau hoi|phan kiem tra).{0,24}"
)
_CORRECTION = re.compile(
    r"^(?:a |o |ui |oi |chet )?(?:nham(?: roi)?|lon(?: roi)?|(?:toi|em|minh) (?:nham|lon)(?: roi)?|khong phai|ko phai|a quen|quen mat|sua lai|doi lai|thuc ra|that ra|noi lai|y (?:toi|em|minh) la|khong y (?:toi|em|minh) la|khong(?=,)|ko(?=,))[\s,.:]*(?:la |thanh )?"
)
_QUESTION = re.compile(
    r"\?\s*$|bao nhieu|bao lau|bao gio|khi nao|\bmay (?:ngay|tien|hom|gio|thang|buoi|ban|tuoi)|o dau|cho nao|(?:the|nhu) nao|\bntn\b|lam sao|ra sao|tai sao|vi sao|sao lai|\bgi\b|le phi|\bphi\b|\bgia\b|het bao|\blink\b|mau (?:nao|don)"
    r"|\b(?:co|duoc|phai|can|mat|dc) .{0,40}\b(?:khong|ko|k|hong|hok|hem|chua)(?: (?:a|vay|ta|ban|em|anh|chi|ad|nhi))?$|(?:dung|phai|duoc|dc) (?:khong|ko|k|hong|chua)(?: .{0,6})?$|giay to|ho so|thu tuc|nop|thoi han"
)
_NUMBER = re.compile(r"(?:(?:chon|so|cau|y|cai|muc|thu|truong hop|lua chon|phuong an|dap an)\s*)*(?:thu\s*)?(\d{1,2}|nhat|mot|hai|ba|bon|tu|nam|dau tien|dau|cuoi cung|cuoi)\s*[.)]?")
_ORDINALS = {"nhat": 1, "mot": 1, "dau": 1, "dau tien": 1, "hai": 2, "ba": 3, "tu": 4, "bon": 4, "nam": 5, "cuoi": -1, "cuoi cung": -1}
# "hoà" and "hòa" are one word: the mark's place is a matter of keyboard.
_MARK_PLACES = tuple(
    (old, new)
    for group in ("oà òa oá óa oả ỏa oã õa oạ ọa", "oè òe oé óe oẻ ỏe oẽ õe oẹ ọe", "uỳ ùy uý úy uỷ ủy uỹ ũy uỵ ụy")
    for old, new in zip(group.split()[::2], group.split()[1::2], strict=True)
)


def _accent_place(text: str) -> str:
    for old, new in _MARK_PLACES:
        text = text.replace(old, new)
    return text


@dataclass(frozen=True)
class _Phrase:
    words: tuple[str, ...]
    folded: tuple[str, ...]
    said: bool  # clear enough to be read out of a message that answers nothing


@lru_cache(maxsize=1)
def _option_words() -> dict[str, dict[str, list[str]]]:
    return yaml.safe_load(Path(__file__).with_name("option_words.yml").read_text(encoding="utf-8"))


def _words(text: str) -> tuple[str, ...]:
    return tuple(words(_accent_place(text)))


def _folded(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(fold(item) for item in items)


@lru_cache(maxsize=4096)
def _phrases(branch: str, option: str, label: str) -> tuple[_Phrase, ...]:
    """The label, its parts, and how people say it."""
    texts = [(label, False)]
    texts += [(part, False) for part in re.split(r"[,()]|\bhoặc\b|\.\.\.", label) if len(part.split()) > 1 or fold(part.strip()) not in _POLAR]
    for key in (option, f"{branch}/{option}"):
        known = _option_words().get(key) or {}
        texts += [(text, True) for text in known.get("said") or []]
        texts += [(text, False) for text in known.get("also") or []]
    result: dict[tuple[str, ...], _Phrase] = {}
    for text, said in texts:
        found = _words(text)
        if found and (found not in result or said):
            result[found] = _Phrase(found, _folded(found), said)
    return tuple(result.values())


def _has_accents(text: str) -> bool:
    return any(ord(c) > 0x7F for c in text)


def _stripped(text: str) -> str:
    """Folded words without politeness at both ends."""
    found = [w for w in _words(text)]
    accented = _has_accents(text)
    fillers = _FILLERS if accented else _FILLERS_FOLDED
    while len(found) > 1 and found[-1] in fillers:
        found.pop()
    while len(found) > 1 and found[0] in fillers:
        found.pop(0)
    return " ".join(_folded(found))


def _is_yes(text: str, stripped: str) -> bool:
    return ("đúng" in _words(text) and len(stripped.split()) <= 3) or bool(_YES.fullmatch(stripped))


def _contains(message: Sequence[str], phrase: Sequence[str]) -> int:
    """Where the phrase stands in the message as a whole; -1 when it does not."""
    n = len(phrase)
    return next((i for i in range(len(message) - n + 1) if tuple(message[i : i + n]) == tuple(phrase)), -1)


def _denied(message: Sequence[str], at: int, phrase: Sequence[str]) -> bool:
    return not (set(phrase) & _DENIALS) and bool(set(message[max(0, at - 2) : at]) & _DENIALS)


def _score(message: Sequence[str], phrase: _Phrase, accented: bool) -> float:
    """0..1: how well a message says a phrase: mostly how much of the phrase, a little how much of the message."""
    wanted = phrase.words if accented else phrase.folded
    if len(wanted) == 1 and phrase.folded[0] in _POLAR:
        return 0.0  # "không" inside a sentence says little
    silent = _SILENT if accented else _SILENT_FOLDED
    at = _contains(message, wanted)
    if at >= 0:
        if _denied(message, at, wanted):
            return 0.0
        # A one-word phrase in a long message is a weak sign, the longer phrase is the surer one.
        if len(wanted) == 1:
            return 0.8 if len(message) <= 3 else 0.7 if len(message) <= 5 else 0.63
        return min(1.0, 0.72 + 0.06 * len(wanted) + 0.1 * len(wanted) / max(1, len(message)))
    mine = [w for w in wanted if w not in silent]
    theirs = [w for w in message if w not in silent]
    if not mine or not theirs or bool(set(mine) & _DENIALS) != bool(set(theirs) & _DENIALS):
        return 0.0
    shared = len(set(mine) & set(theirs))
    recall, precision = shared / len(set(mine)), shared / len(set(theirs))
    return 0.65 * recall + 0.3 * precision if shared else 0.0


def _best(message: Sequence[str], branch: str, options: Sequence[Option], accented: bool, least: float = 0.62) -> str | None:
    """The option that the words say best, when no other comes near."""
    scores = sorted(((max((_score(message, p, accented) for p in _phrases(branch, o[0], o[1])), default=0.0), o[0]) for o in options), reverse=True)
    if scores and scores[0][0] >= least and (len(scores) == 1 or scores[0][0] >= scores[1][0] + 0.05):
        return scores[0][1]
    return None


def picked_number(text: str) -> int | None:
    """1-based number that a short reply names ("2", "số 2", "cái thứ hai"); -1 is the last."""
    match = _NUMBER.fullmatch(_stripped(text))
    if not match or match.group(1) is None:
        return None
    word = match.group(1)
    return int(word) if word.isdigit() else _ORDINALS[word]


def matched_option(text: str, branch: str, options: Sequence[Option]) -> str | None:
    """The option a reply to the open question means, UNKNOWN for "không biết", None when it answers nothing.

    Tried in order: number, "không biết", the label itself, yes or no, words.
    """
    stripped = _stripped(text)
    if not stripped:
        return None
    by_label = {_stripped(label): oid for oid, label in options}
    if stripped in by_label:
        return by_label[stripped]
    number = picked_number(text)
    if number is not None:
        position = len(options) if number == -1 else number
        if 1 <= position <= len(options):
            return options[position - 1][0]
        return UNKNOWN if position == len(options) + 1 else None
    if _UNKNOWN.fullmatch(stripped):
        return UNKNOWN
    wanted = "yes" if _is_yes(text, stripped) else "no" if _NO.fullmatch(stripped) else None
    if wanted:
        fitting = [oid for oid, label in options if _POLAR.get(fold((_words(label) or ("",))[0])) == wanted]
        exact = [oid for oid, label in options if fold(label.strip().rstrip(".")) in _POLAR and _POLAR[fold(label.strip())] == wanted]
        chosen = exact or fitting
        if len(chosen) == 1:
            return chosen[0]
        if len(options) == 2 and not chosen and _other_polarity(options, wanted):
            return _other_polarity(options, wanted)
    if _QUESTION.search(fold(text.strip())) and not any(_contains(_folded(_words(text)), p.folded) >= 0 for o in options for p in _phrases(branch, o[0], o[1]) if len(p.words) > 1):
        return None
    if text.strip().endswith("?"):
        return None
    accented = _has_accents(text)
    message = _words(text) if accented else _folded(_words(text))
    if len(message) > 30:
        return None
    if chosen := _best(message, branch, options, accented):
        return chosen
    # "Không, đều là người trong nước": the word before the comma answers when the rest names no other option.
    head = re.split(r"[,.;]", text, maxsplit=1)[0]
    return matched_option(head, branch, options) if head.strip() and head != text and len(head.split()) <= 3 else None


def _other_polarity(options: Sequence[Option], wanted: str) -> str | None:
    """Of two options one of which is polar the other way, the remaining one."""
    polar = [(oid, _POLAR.get(fold((_words(label) or ("",))[0]))) for oid, label in options]
    opposite = [oid for oid, p in polar if p and p != wanted]
    rest = [oid for oid, p in polar if p is None]
    return rest[0] if len(opposite) == 1 and len(rest) == 1 else None


def said_option(text: str, branch: str, options: Sequence[Option]) -> str | None:
    """An option that a message states in passing; only unmistakable phrases count, and only when one option alone is said."""
    accented = _has_accents(text)
    message = _words(text) if accented else _folded(_words(text))
    found: dict[str, int] = {}
    for oid, label in options:
        for phrase in _phrases(branch, oid, label):
            wanted = phrase.words if accented else phrase.folded
            if phrase.said and (len(wanted) > 1 or accented) and (at := _contains(message, wanted)) >= 0 and not _denied(message, at, wanted):
                found[oid] = max(found.get(oid, 0), len(wanted))
    if not found:
        return None
    longest = max(found.values())
    best = [oid for oid, length in found.items() if length == longest]
    return best[0] if len(best) == 1 else None


def control_word(text: str) -> Literal["stop", "repeat", "back", "resume"] | None:
    """What a short message wants of a flow, whatever the question."""
    stripped = _stripped(text)
    if "đúng" in _words(text):
        return None
    if len(stripped.split()) > 9:
        return None
    for name, pattern in (("stop", _STOP), ("back", _BACK), ("repeat", _REPEAT), ("resume", _RESUME)):
        if pattern.fullmatch(stripped) or (name == "stop" and _has_accents(text) and re.fullmatch(r"(?:thôi|dừng|ngừng|hủy|huỷ|dừng lại|thôi dừng)", " ".join(_words(text)))):
            return name  # type: ignore[return-value]
    if name_only := re.fullmatch(r"thoi|dung", " ".join(_folded(_words(text)))):
        return "stop" if name_only.group() == "thoi" else None
    return None


def _payload(intent: str, **entities: str) -> str:
    return f"/{intent}{json.dumps(entities, ensure_ascii=False)}" if entities else f"/{intent}"


def flow_accepts(text: str, flow: dict[str, Any] | None) -> str | None:
    """The payload that a message amounts to in the running flow, None when it is not for the flow.

    A parked flow (the talk went elsewhere) takes only words that ask for it back; a finished one only corrections.
    """
    if not flow or not text.strip() or text.startswith("/"):
        return None
    known = {"procedure": flow["procedure"]} if flow.get("procedure") else {}
    again = _payload("check_before" if flow.get("name") == "check_before" else "checklist", **known)
    if flow.get("name") == "life_event":
        return _life_event(text, flow)
    control = control_word(text)
    if flow.get("parked"):
        return again if control == "resume" else None
    question = flow.get("question") or None
    if question is None:
        return _corrected(text, flow)
    branch, options = question["branch"], question["options"]
    if control == "stop":
        return "/flow_stop"
    if control == "back":
        return _payload("branch_answer", branch=branch, option="back")
    if control in ("repeat", "resume"):
        return "/flow_repeat"
    if payload := _corrected(text, flow):
        return payload
    chosen = matched_option(text, branch, options)
    if chosen == UNKNOWN:
        return "/flow_unknown"
    if chosen is not None:
        return _payload("branch_answer", branch=branch, option=chosen)
    if picked_number(text) is not None:
        return "/flow_repeat"
    return None


def _corrected(text: str, flow: dict[str, Any]) -> str | None:
    """"À nhầm, quá hạn rồi": the open question first, then those answered before, the latest first."""
    folded = " ".join(_folded(re.findall(r"[\w%]+|,", _accent_place(text.lower()))))
    match = _CORRECTION.match(folded.replace(" ,", ","))
    if not match or not match.group():
        return None
    skipped = len(re.findall(r"\w+", match.group()))
    rest = " ".join(_words(text)[skipped:])
    if not rest:
        return None
    if question := flow.get("question"):
        chosen = matched_option(rest, question["branch"], question["options"])
        if chosen and chosen != UNKNOWN:
            return _payload("branch_answer", branch=question["branch"], option=chosen)
    accented = _has_accents(rest)
    message = _words(rest) if accented else _folded(_words(rest))
    for earlier in reversed(flow.get("earlier") or []):
        chosen = _best(message, earlier["branch"], earlier["options"], accented, least=0.78)
        if chosen:
            return _payload("branch_answer", branch=earlier["branch"], option=chosen)
    return None


_NEXT = re.compile(r"(?:viec|buoc|thu tuc) (?:tiep theo|tiep|ke tiep|sau)(?: .{0,24})?|(?:roi|xong(?: roi)?|lam xong(?: roi)?|xong viec nay)(?: (?:thi )?(?:lam gi|sao|tiep|den|toi)(?: .{0,16})?)?|tiep theo(?: .{0,12})?|con (?:viec|gi) (?:nao )?nua.{0,12}")
_LIST = re.compile(r"(?:quay lai|tro lai|xem lai|ve) (?:danh sach|cac|may|nhung) (?:viec|buoc|thu tuc).{0,24}")


def _life_event(text: str, flow: dict[str, Any]) -> str | None:
    stripped = _stripped(text)
    if _NEXT.fullmatch(stripped):
        return _payload("life_event", event=flow["event"], option="next")
    if _LIST.fullmatch(stripped):
        return _payload("life_event", event=flow["event"])
    return None
