"""Time limits: "5 Ngày làm việc", "10 - 15 ngày", a bare "3", or a sentence that holds one plain limit.

Written with `re`: the cells are glued to what stands around them ("Trực tuyến3 Ngày làm việcMiễn phí"), which a
tokenizer joins into one word (measured for amounts in `benchmarks/import_report.py --matcher`).
"""

from __future__ import annotations

import re

from knowledge.importers.text import normalise, one_line, says_nothing
from knowledge.records import TimeLimit, TimeUnit

UNIT = r"ngày làm việc|ngày|giờ làm việc|giờ|phút|tháng|năm"
_UNITS: dict[str, TimeUnit] = {
    "ngày làm việc": "working_day",
    "ngày": "day",
    "giờ làm việc": "working_hour",
    "giờ": "hour",
    "phút": "minute",
    "tháng": "month",
    "năm": "year",
}
_NUMBER = r"\d{1,3}(?:[.,]\d)?"
_CELL = re.compile(rf"^({_NUMBER})(?:\s*[-–]\s*({_NUMBER}))?\s*({UNIT})?\.?$", re.I)
# "05 (năm) ngày làm việc"; "10 - 15 ngày"; the number must not be part of a date, an article or a larger number.
_IN_TEXT = re.compile(
    rf"(?<![\d/.,])({_NUMBER})(?:\s*[-–]\s*({_NUMBER}))?\s*(?:\([^()\d]{{1,20}}\)\s*)?({UNIT})(?!\s*\d)\b", re.I
)
_LEAD = re.compile(
    r"(?:thời hạn (?:giải quyết|trả kết quả|xử lý|thực hiện|cấp)[^\d.;:]{0,60}[:,]?\s*[-–+]?\s*(?:không quá|tối đa|chậm nhất|trong)?\s*(?:là)?\s*"
    r"|(?:không quá|tối đa|chậm nhất(?: là)?|trong vòng|trong thời hạn|trong thời gian|trong)(?: tối đa)?(?: không quá)?\s*)$",
    re.I,
)
_NOT_A_LIMIT = re.compile(r"(?:tuổi|sau|trước|hết|hơn|cách đây|ít nhất|kể từ|thứ|từ đủ|đủ|có thời hạn|có giá trị|mỗi|hằng)\s*$", re.I)


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def parse_cell(text: str | None) -> TimeLimit | None:
    """The time cell. None when it says nothing or is a sentence; `unit` None when it is a bare number.

    >>> parse_cell("3 Ngày làm việc").unit
    'working_day'
    """
    text = one_line(normalise(text))
    if says_nothing(text, answers=True):
        return None
    match = _CELL.match(text)
    if not match:
        return None
    low, high, unit = match.groups()
    value = _number(low)
    if value == 0:
        return None  # "0", "0 Giờ": a default of the form, not a limit
    return TimeLimit(value=value, maximum=_number(high) if high else None, unit=_UNITS[unit.lower()] if unit else None)


def find_limits(text: str | None) -> list[tuple[TimeLimit, bool]]:
    """Durations in running text, in order, each with whether the words say that it is a time limit.

    A limit is said by "thời hạn giải quyết", "trong thời hạn", "không quá" and the like, or the text starts with it.
    """
    text = one_line(normalise(text))
    found = []
    for match in _IN_TEXT.finditer(text):
        before = text[max(0, match.start() - 110) : match.start()]
        if _NOT_A_LIMIT.search(before):
            continue
        low, high, unit = match.groups()
        if _number(low) == 0:
            continue
        plain = bool(_LEAD.search(before)) or not before.strip(" -–+*.:;")
        limit = TimeLimit(value=_number(low), maximum=_number(high) if high else None, unit=_UNITS[unit.lower()])
        found.append((limit, plain))
    return found


def single_limit(text: str | None) -> TimeLimit | None:
    """The one time limit that `text` states; None when there is none, or several (stages and cases are not added)."""
    limits = find_limits(text)
    distinct = {(limit.value, limit.maximum, limit.unit) for limit, _ in limits}
    if len(distinct) != 1 or not any(plain for _, plain in limits):
        return None
    return limits[0][0]
