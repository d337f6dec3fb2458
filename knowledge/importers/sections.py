"""Steps, results, levels, audience, level of online service: the sections that are plain text."""

from __future__ import annotations

import re

from knowledge.importers.text import UPPER, normalise, one_line, says_nothing, short, strip_bullet
from knowledge.records import Flag, Level, ResultRecord

_STEP = re.compile(r"(?:(?<=^)|(?<=\n)|(?<=[.;:!?)”\"]) ?)(?=(?:[-+*]|[a-zđ]\))?\s*B[ưu]ớc\s*\d{1,2}\b\s*[.:)\-–]?)|(?<=[.;])(?=Bước\s*\d)")
_TOP_LINE = re.compile(r"^(?:[-–*•]|\d{1,2}(?:\.\d{1,2})*[.)]|[a-zđ]\d?[.)]|[IVX]{1,4}[.)]|\(\d{1,2}\)|\([a-zđ]\))\s*\S")
_HEADING = re.compile(r"^(?:[a-zđ]\)|[IVX]{1,4}\.|\d{1,2}\.|\*)\s*\S[^\n]{0,220}$")
_BULLET_IN_LINE = re.compile(rf"(?<=[.;:])\s+(?=-\s+[{UPPER}])")
_SENTENCE = re.compile(r"(?<=[.;])\s+(?=(?:Trường hợp|Đối với|Sau khi|Trong thời hạn|Khi |Nếu |Cơ quan|Tổ chức, cá nhân|Người)\b)")

_RESULT_CODE = re.compile(
    r"Mã\s*:\s*(?P<code>[A-Z]{2,4}\d?[.\-][A-Z]?\d{2}[.\-](?:KQ-)?(?:\d{5,7}(?![\d.])|\d{6}|\d{5})|[A-Z]\d{2}-[A-Z]{2}\.?(?:\d{5,7}(?![\d.])|\d{6})"
    r"|BQP-CCS\.KQ\d+|[A-Z\d]{1,4}(?:\.[A-Z\d]{2,4}){1,4}(?:-[A-Z\d]+)*(?:\.\d+)*|\S{0,12}?(?=$))?"
)
_TAIL = re.compile(r"Từ khóa.*$", re.S)
_DESCRIPTION = re.compile(r"Từ khóa.*?Mô tả(?P<words>.*?)(?:Chọn cơ quan thực hiện|Nộp hồ sơ\s*$|$)", re.S)
_OWN_TITLE = re.compile(r"^\W*Trình tự thực hiện(?: thủ tục(?: hành chính)?)?\s*:?\s*$", re.I)
# "... cấp giấy phép.b) Trường hợp cấp lại": the next case of a list, glued to the last sentence of the one before
_GLUED_CASE = re.compile(rf"(?<=[^\W\d_][.;])(?=[b-eđ]\) ?[{UPPER}][^\n]{{8}})")
_REFUSAL_AT_START = re.compile(
    r"^(?:[-+*]\s*)?(?:hoặc\s+)?(?:(?:văn bản|thông báo|công văn|quyết định|phiếu|thư)\s+)?(?:(?:trả lời|thông báo|về việc|nêu rõ lý do|bằng văn bản)\s+)*(?:về việc\s+)?"
    r"(?:từ chối|không (?:chấp thuận|đồng ý|cấp|công nhận|đủ điều kiện|phê duyệt|tiếp nhận|giải quyết|xác nhận|chấp nhận|thuộc))",
    re.I,
)
_REFUSAL_ONLY = re.compile(
    r"^(?:văn bản|thông báo|công văn|ông văn|phiếu|thư|cơ quan|kbnn)\b(?!.*(?:\bhoặc\b|/|kết quả|trường hợp từ chối|chấp thuận và))"
    r".*(?:lý do (?:từ chối|không)|từ chối|không (?:được|chấp thuận|đồng ý|đủ điều kiện|công nhận|phê duyệt))",
    re.I | re.S,
)
_REFUSAL = re.compile(r"từ chối|không (?:chấp thuận|đồng ý|công nhận|phê duyệt|đủ điều kiện|giải quyết)|trường hợp không cấp", re.I)


def split_steps(text: str | None) -> list[str]:
    """The procedure's steps, in order, text complete: at "Bước n", else at top-level lines, else as it is."""
    text = normalise(text)
    if says_nothing(text):
        return []
    if re.search(r"(?:^|\s)a\)", text):
        text = _GLUED_CASE.sub("\n", text)
    whole = text.split("\n")
    if len(whole) > 1 and _OWN_TITLE.match(whole[0]):
        text = "\n".join(whole[1:]).strip()  # the section's own title is no step
    parts = [part.strip() for part in _STEP.split(text) if part and part.strip()]
    for index in range(len(parts) - 2, -1, -1):
        if len(parts[index]) <= 10 and re.fullmatch(r"[\w.)(]+|-?\s*Bước\s*\d+\s*[:.]", parts[index]):  # "2.1.1." stands before its step
            parts[index + 1] = f"{parts[index]} {parts[index + 1]}"
            del parts[index]
    if len(parts) > 1 or re.match(r"[-+*]?\s*B[ưu]ớc\s*\d", text):
        steps: list[str] = []
        for part in parts:
            lines = part.split("\n")
            # a title that opens the next run of steps ("b) Trường hợp ...") stands at the end of this one
            tail = []
            while len(lines) > 1 and part is not parts[-1] and _HEADING.match(lines[-1]) and not re.search(r"[.;]$", lines[-1]):
                tail.insert(0, lines.pop())
            steps.append("\n".join(lines))
            steps.extend(tail)
        return [_trim(step) for step in steps if step.strip()]
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) == 1:
        lines = [part for part in _BULLET_IN_LINE.split(lines[0]) if part.strip()]
    if len(lines) == 1 and len(lines[0]) > 400:
        lines = [part for part in _SENTENCE.split(lines[0]) if part.strip()]
    steps = []
    plus_is_top = bool(lines) and lines[0].lstrip().startswith("+")  # a list of "+" only has no level above it
    for line in lines:
        # a line broken in the middle of a sentence goes on the line before
        if steps and line.lstrip()[:1].islower() and not _TOP_LINE.match(line.strip()):
            steps[-1] += " " + line.strip()
            continue
        if steps and not re.search(r"[.;:!?)”\"]\s*$", steps[-1]) and len(steps[-1].split("\n")[-1]) > 60 and line.lstrip()[:1].isalnum() and not _TOP_LINE.match(line.strip()):
            steps[-1] += " " + line.strip()
            continue
        lower = (line.lstrip().startswith("+") and not plus_is_top) or (steps and steps[-1].rstrip().endswith(":") and not _TOP_LINE.match(line.strip()))
        if steps and lower:
            steps[-1] += "\n" + line.strip()
        else:
            steps.append(line.strip())
    return [_trim(step) for step in steps]


def _trim(step: str) -> str:
    return re.sub(r"^[-–+*•]\s+", "", step.strip()).strip() or step.strip()


def parse_results(text: str | None) -> tuple[list[ResultRecord], list[Flag]]:
    """What one receives, split at "Mã:". Refusals are marked; the page's tail after "Từ khóa" is not a result."""
    text = _TAIL.sub("", normalise(text)).strip()
    flags: list[Flag] = []
    if says_nothing(text):
        return [], flags
    results, start = [], 0
    for match in _RESULT_CODE.finditer(text):
        name = _result_name(text[start : match.start()])
        start = match.end()
        code = (match["code"] or "").strip() or None
        if not name or says_nothing(name):
            flags.append(Flag("result-no-name", "results", code))
            continue
        results.append(ResultRecord(name=name, code=code, refusal=_is_refusal(name, flags)))
        if code and not re.fullmatch(r"KQ\.[A-Z]\d{2}\.\d{6}", code):
            flags.append(Flag("result-code-shape", "results", code))
    rest = _result_name(text[start:])
    if rest and start and text[:start].rstrip().endswith(":"):
        flags.append(Flag("result-code-shape", "results", short(rest)))  # words in the code's place ("Chưa xác định")
    elif rest and not says_nothing(rest):
        results.append(ResultRecord(name=rest, refusal=_is_refusal(rest, flags)))
        flags.append(Flag("result-no-code", "results", short(rest)))
    return results, flags


def parse_description(text: str | None) -> str | None:
    """The words under "Mô tả", which follow the results on the portal's page; None where there are none."""
    found = _DESCRIPTION.search(normalise(text))
    return None if not found or says_nothing(found["words"]) else found["words"].strip()


def _result_name(text: str) -> str:
    name = one_line(strip_bullet(text))
    return re.sub(r"\.{2,}$", ".", name).strip()


def _is_refusal(name: str, flags: list[Flag]) -> bool:
    if _REFUSAL_AT_START.match(name) and not re.search(r"\bhoặc (?:giấy|quyết định|văn bản chấp thuận|chứng)|/\s*(?:giấy|quyết định)", name, re.I):
        flags.append(Flag("refusal-as-result", "results", short(name)))
        return True
    if _REFUSAL_ONLY.match(name):
        flags.append(Flag("refusal-as-result", "results", short(name)))
        return True
    if _REFUSAL.search(name):
        flags.append(Flag("result-mixed-refusal", "results", short(name)))
    return False


def parse_levels(text: str | None) -> tuple[list[Level], list[Flag]]:
    """"Cấp bộ, Cấp xã" -> ["bộ", "xã"]. There is no district level any more: it is flagged and "khác"."""
    levels: list[Level] = []
    flags: list[Flag] = []
    for part in re.split(r"[,;/\n]", normalise(text)):
        word = part.casefold().strip()
        if not word or says_nothing(word):
            continue
        level: Level = (
            "bộ" if re.search(r"bộ|trung ương", word) else "tỉnh" if "tỉnh" in word else "xã" if re.search(r"xã|phường", word) else "khác"
        )
        if "huyện" in word:
            flags.append(Flag("district-level", "levels", part.strip()))
        if level not in levels:
            levels.append(level)
    return levels, flags


AUDIENCES = (
    "Cán bộ, công chức, viên chức", "Tổ chức (không bao gồm doanh nghiệp, HTX)", "Người Việt Nam định cư ở nước ngoài",
    "Doanh nghiệp có vốn đầu tư nước ngoài", "Công dân Việt Nam", "Người nước ngoài", "Tổ chức nước ngoài", "Hợp tác xã", "Doanh nghiệp",
)  # fmt: skip


def parse_audience(text: str | None) -> list[str]:
    """The list of who may file; names that hold a comma themselves are kept whole."""
    text = one_line(normalise(text))
    found: list[str] = []
    while text and not says_nothing(text):
        name = next((known for known in AUDIENCES if re.match(re.escape(known) + r"\s*(?:[,;]|$)", text, re.I)), None)
        if name is None:
            name = re.match(r"(?:[^,(]|\([^)]*\))+", text).group().strip() if re.match(r"(?:[^,(]|\([^)]*\))+", text) else text
        text = text[len(name) :].lstrip(" ,;")
        if name and name not in found:
            found.append(name)
    return found


def split_agencies(text: str | None) -> str | None:
    """The agencies as one line of text, or None."""
    text = normalise(text)
    return None if says_nothing(text) else one_line(text.replace("\n", "; "))


def parse_online_level(*texts: str | None) -> str | None:
    """The level of online service, only if it is said and only one is. Old "mức độ 4" is full, "mức độ 3" partial."""
    said = set()
    for text in texts:
        for match in re.finditer(r"toàn trình|một phần|mức độ\s*(?:0)?([234])|cung cấp thông tin (?:trực tuyến|dịch vụ công)", (text or "").casefold()):
            word = match.group()
            said.add("toàn trình" if word == "toàn trình" or match[1] == "4" else "một phần" if word == "một phần" or match[1] == "3" else "cung cấp thông tin")
    return said.pop() if len(said) == 1 else None


_DISTRICT = re.compile(
    r"(?:cấp huyện|(?:UBND|[Uuủỷ]y ban nhân dân|Công an|Phòng [^.,;]{3,40}|[Tt]òa án nhân dân|BHXH|Bảo hiểm xã hội)\s+(?:quận|huyện)\b|quận, huyện|huyện, quận)", re.I
)


def district_office(text: str | None) -> str | None:
    """The words that still name a district office, which do not exist since 1 July 2025; None if there are none."""
    match = _DISTRICT.search(text or "")
    return short((text or "")[max(0, match.start() - 40) : match.end() + 40]) if match else None
