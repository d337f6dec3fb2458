"""Messages that are unmistakably a command of the talk, whatever a classifier thinks: codes to resume, households, team mode.

Pure functions; NLU's arbiter asks `command_payload`, actions/team.py asks `household_command`.
"""

from __future__ import annotations

import json
import re
from typing import Literal

from knowledge.desk.codes import find_code
from knowledge.search.analysis import fold

NUMBERS = {"mot": 1, "nhat": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9, "muoi": 10}
NUMBER = r"(?:so |thu )?(\d{1,2}|" + "|".join(NUMBERS) + r")"
_END = r"(?:\s+(?:nhe|nha|di|a|nao|lai|roi|nghen|he|giup|em|ban|ad|voi))*"
_HOME = re.compile(rf"(?:(?:qua|sang|chuyen|ve|toi|den|xem|mo|quay|tro|lai|lam|tiep)\s+)*ho {NUMBER}{_END}")
_NEW = re.compile(rf"(?:(?:them|mo|tao|sang|qua|co)\s+)*(?:(?:mot|1)\s+)?ho (?:moi|khac|nua|tiep theo|ke tiep){_END}|them (?:mot |1 )?ho{_END}")
_LIST = re.compile(
    rf"(?:(?:xem|liet ke|cho xem|hien|tat ca|danh sach|cac|nhung)\s+)+ho(?: nao| dang mo| dang lam| hien co)?{_END}|(?:dang )?(?:co|mo) (?:may|bao nhieu|nhung) ho(?: nao)?{_END}|dang (?:o|lam) ho (?:nao|may){_END}"
)
_CLOSE = re.compile(rf"(?:(?:lam )?xong|dong|xoa|bo|ket thuc) ho {NUMBER}{_END}")
_TEAM = re.compile(r"(?:(bat|mo|vao|vo|chuyen sang|tat|thoat|ra khoi|dong|ket thuc) )?(?:che do )(?:to(?: cong nghe(?: so)?(?: cong dong)?)?|totcn|to cnsc?d?)" + _END)
_FORWARD = re.compile(rf"(?:(?:cho|soan|lam|tao|gui|viet|xin)\s+)*(?:toi |em |minh )?(?:cai |mot )?tin (?:nhan )?(?:de )?(?:chuyen tiep|gui ba con|gui di){_END}")
_WHOLE = re.compile(rf"(?:doc|xem|nghe) (?:day du|het|ca){_END}")
_OFF = {"tat", "thoat", "ra khoi", "dong", "ket thuc"}
_RESUME = re.compile(r"(?:\w+ ){0,6}?(?:tiep|ma|phieu|noi lai)\b")

Household = tuple[Literal["go", "new", "list", "close"], int]


def _said(text: str) -> str:
    return re.sub(r"[^\w]+", " ", fold(text)).strip()


def as_number(word: str) -> int:
    return int(word) if word.isdigit() else NUMBERS[word]


def household_command(text: str) -> Household | None:
    """What a message that is nothing but a command about households wants; number 0 where none is named."""
    said = _said(text)
    for name, pattern in (("close", _CLOSE), ("go", _HOME), ("new", _NEW), ("list", _LIST)):
        if match := pattern.fullmatch(said):
            return name, as_number(match.group(1)) if match.groups() else 0  # type: ignore[return-value]
    return None


def command_payload(text: str) -> str | None:
    """The button's payload that a message amounts to; None when it is no command."""
    if len(text) > 120 or text.startswith("/"):
        return None
    said = _said(text)
    if (code := find_code(text)) and (_RESUME.match(said) or said == code.lower()):
        return f"/resume{json.dumps({'code': code})}"
    if command := household_command(text):
        name, number = command
        values = {"value": name} if name in ("new", "list") else {"household": str(number), **({"value": "close"} if name == "close" else {})}
        return f"/household{json.dumps(values)}"
    if _FORWARD.fullmatch(said):
        return "/forward"
    if _WHOLE.fullmatch(said):
        return "/more"
    if match := _TEAM.fullmatch(said):
        return '/team_mode{"value": "off"}' if match.group(1) in _OFF else "/team_mode"
    return None
