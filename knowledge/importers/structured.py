"""procedures_113.jsonl: procedures with real tables, several fees a channel, dossiers by case (April 2026).

The better source of fees where the crawl has the same code: origin "structured" ranks before "portal".
Source: public repository trandinhthang203/capstone-project, Apache-2.0.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath
from typing import Any

from knowledge.importers.amounts import Reading, parse_number, parse_words
from knowledge.importers.channels import METHODS, Row, _fees, _fees_of_description, _judge_free, _set_time, tell_apart
from knowledge.importers.dossier import find_sets, form_code, mark_note
from knowledge.importers.portal import check_fields
from knowledge.importers.rejection import RecordError, Rejection
from knowledge.importers.sections import (
    _is_refusal,
    district_office,
    parse_audience,
    parse_levels,
    parse_online_level,
    split_agencies,
    split_steps,
)  # fmt: skip
from knowledge.importers.text import UPPER, normalise, one_line, or_none, says_nothing, short, strip_bullet
from knowledge.records import (
    ChannelRecord,
    DossierItem,
    FeeRecord,
    Flag,
    LegalDocument,
    ProcedureRecord,
    ResultRecord,
    SourceRecord,
)

RETRIEVED = dt.date(2026, 4, 30)
MAX_LINE_BYTES = 20 * 1024 * 1024

_TEXT_FIELDS = (
    "reference", "Mã thủ tục:", "Số quyết định:", "Tên thủ tục:", "Cấp thực hiện:", "Loại thủ tục:", "Lĩnh vực:", "Trình tự thực hiện:",
    "Đối tượng thực hiện:", "Cơ quan thực hiện:", "Cơ quan có thẩm quyền:", "Địa chỉ tiếp nhận HS:", "Cơ quan được ủy quyền:",
    "Cơ quan phối hợp:", "Kết quả thực hiện:", "Yêu cầu, điều kiện thực hiện:", "Từ khóa:", "Mô tả:",
)  # fmt: skip
_FEE_ENTRY = re.compile(r"(?:^|(?<=[\s.;)]))(Phí|Lệ phí|Mức giá)\s+:\s*")
_COLUMN = re.compile(r"^(?P<number>\d[\d.,]*)\s*(?P<unit>Đồng|USD|VNĐ|EUR)\b|^(?P<free>Miễn phí)(?:\s+Đồng)?(?=\s|$)|^(?:Đồng\s*)+(?=\s|$|\()")
_COUNT = re.compile(r"Bản chính:\s*(\d+)\s*Bản sao:\s*(\d+)")
_ALL_CASES = {"bao gồm", ""}


def parse_structured(raw: dict) -> ProcedureRecord:
    """One line of the file as a record. Raises RecordError (Vietnamese reason, place) if it cannot be one."""
    fields = check_fields(raw, _TEXT_FIELDS, "Mã thủ tục:", "Tên thủ tục:")
    text = {name: normalise(value) for name, value in fields.items()}
    rows = _typed(raw, "Cách thức thực hiện:", list, [])
    groups = _typed(raw, "Thành phần hồ sơ:", dict, {})
    laws = _typed(raw, "Căn cứ pháp lý:", list, [])
    flags: list[Flag] = []
    channels = [_channel(_strings(row, "Cách thức thực hiện:"), flags) for row in rows]
    tell_apart(channels, flags)
    dossier = [item for title, papers in groups.items() for item in _papers(title, papers, flags)]
    levels, own = parse_levels(text["Cấp thực hiện:"])
    flags += own
    name = one_line(text["Tên thủ tục:"])
    record = ProcedureRecord(
        code=text["Mã thủ tục:"],
        name=name,
        source=SourceRecord("structured", url=or_none(text["reference"]), retrieved=RETRIEVED, decision=or_none(text["Số quyết định:"]), note="tháng 4/2026"),
        field=or_none(text["Lĩnh vực:"]),
        levels=levels,
        level_text=or_none(text["Cấp thực hiện:"]),
        kind=or_none(text["Loại thủ tục:"]),
        agency=split_agencies(text["Cơ quan thực hiện:"]),
        competent_agency=split_agencies(text["Cơ quan có thẩm quyền:"]),
        receiving_address=or_none(text["Địa chỉ tiếp nhận HS:"]),
        delegated_agency=split_agencies(text["Cơ quan được ủy quyền:"]),
        coordinating_agency=split_agencies(text["Cơ quan phối hợp:"]),
        audience=parse_audience(text["Đối tượng thực hiện:"]),
        channels=channels,
        dossier=dossier,
        dossier_sets=find_sets(*(item.name for item in dossier), *(item.group for item in dossier), text["Trình tự thực hiện:"]),
        steps=split_steps(text["Trình tự thực hiện:"]),
        conditions=None if says_nothing(text["Yêu cầu, điều kiện thực hiện:"], answers=True) else text["Yêu cầu, điều kiện thực hiện:"],
        legal_basis=[_law(_strings(law, "Căn cứ pháp lý:"), flags) for law in laws],
        results=_results(text["Kết quả thực hiện:"], flags),
        online_level=parse_online_level(name),
        flags=flags,
        raw={key: value for key, value in {
            "steps": text["Trình tự thực hiện:"],
            "channels": json.dumps(rows, ensure_ascii=False),
            "dossier": json.dumps({title: [dict(paper, **{"Mẫu đơn, tờ khai": _file_names(paper.get("Mẫu đơn, tờ khai"))}) for paper in papers]
                                   for title, papers in groups.items()}, ensure_ascii=False),
            "legal": json.dumps(laws, ensure_ascii=False),
            "conditions": text["Yêu cầu, điều kiện thực hiện:"],
            "results": text["Kết quả thực hiện:"],
        }.items() if value},
    )  # fmt: skip
    for where, words in (("agency", record.agency), ("steps", text["Trình tự thực hiện:"]), ("channels", record.raw["channels"])):
        district = district_office(words)
        if district:
            flags.append(Flag("district-level", where, district))
    return record


def _typed(raw: dict, name: str, kind: type, default: Any) -> Any:
    value = raw.get(name)
    if value is None:
        return default
    if not isinstance(value, kind):
        raise RecordError(f"trường “{name}” sai kiểu: {type(value).__name__}", f"trường {name}")
    return value


def _strings(row: Any, name: str) -> dict[str, str]:
    if not isinstance(row, dict) or not all(isinstance(value, str) for value in row.values()):
        raise RecordError(f"một dòng của “{name}” sai kiểu", f"trường {name}")
    return {key: normalise(value) for key, value in row.items()}


def _channel(row: dict[str, str], flags: list[Flag]) -> ChannelRecord:
    label = row.get("Hình thức nộp", "")
    if label not in METHODS:
        raise RecordError(f"hình thức nộp lạ: “{short(label, 40)}”", "trường Cách thức thực hiện:")
    cell = row.get("Phí, lệ phí", "")
    channel = ChannelRecord(method=METHODS[label], description=or_none(row.get("Mô tả")), note=or_none(cell))
    _fee_cell(cell, channel, flags)
    _fees_of_description(channel, flags)
    for fee in channel.fees:
        if fee.valid_to and fee.valid_to < RETRIEVED:
            flags.append(Flag("expired-window", "fees", short(f"đến {fee.valid_to:%d/%m/%Y}: {cell}")))
    _set_time(channel, row.get("Thời hạn giải quyết", ""), flags)
    return channel


def _fee_cell(cell: str, channel: ChannelRecord, flags: list[Flag]) -> None:
    """"Phí : 10.000 Đồng words  Phí : 15.000 Đồng words ...": every entry is a row of the portal with its own words."""
    parts = _FEE_ENTRY.split(cell)
    entries = list(zip(parts[1::2], parts[2::2], strict=False)) if len(parts) > 2 else ([("", cell)] if not says_nothing(cell) else [])
    readings: list[Reading] = []
    free = []
    for label, words in entries:
        kind = {"Lệ phí": "lệ phí", "Phí": "phí"}.get(label)
        column = _COLUMN.match(words)
        rest = words[column.end() :].strip() if column else words
        rest = re.sub(r"\s*\S+\.(?:pdf|docx?)\b", "", rest)  # the name of a file that the portal links there
        if rest.endswith(")") and rest.count(")") > rest.count("("):
            rest = rest[:-1]
        if rest.startswith("(") and rest.endswith(")"):
            rest = rest[1:-1].strip()
        amount = parse_number(column["number"]) if column and column["number"] else None
        currency = {"USD": "USD", "EUR": "EUR"}.get(column["unit"], "VND") if column and column["unit"] else "VND"
        if amount is not None and amount and currency == "VND" and amount < 1000:
            flags.append(Flag("amount-under-1000", "fees", short(words)))
            amount = None
        reading = parse_words(rest)
        row = Row(channel.method, "", column.group() if column else "", rest, "")
        fees = _fees(row, reading, amount or None, currency, False, flags)
        says_free = bool(column and column["free"]) or amount == 0 or reading.says_none
        if says_free and rest and not fees:
            # "Miễn phí <who>": the words name who pays nothing
            fees = [FeeRecord(amount=0.0, exempt=True, condition=one_line(strip_bullet(rest)))] if not reading.says_none else []
        for fee in fees:
            fee.kind = fee.kind or kind
            if column and column["free"] and rest and fee.amount is None and not fee.decided_by_council:
                fee.amount, fee.exempt = 0.0, True
        if rest and not fees and not says_free:
            fees = [FeeRecord(kind=kind, condition=one_line(strip_bullet(rest)))]
        free.append(says_free and not fees)
        readings.append(reading)
        flags.extend(reading.flags)
        channel.fees.extend(fee for fee in fees if fee not in channel.fees)
    channel.declared_free = bool(free) and any(free)
    if channel.declared_free:
        _judge_free(channel, Reading(says_none=True), Row(channel.method, "", "Miễn phí", cell if channel.fees else "", ""), flags)


def _file_names(cell: Any) -> str:
    """"D:\\\\...\\\\a.pdf, D:\\\\...\\\\b.pdf" -> "a.pdf; b.pdf". The folders are somebody's computer, not the portal's."""
    text = normalise(cell if isinstance(cell, str) else "")
    if not text:
        return ""
    parts = re.split(r",\s*(?=[A-Z]:\\)", text)
    return "; ".join(PureWindowsPath(part.strip()).name for part in parts if part.strip())


def _papers(title: str, papers: Any, flags: list[Flag]) -> Iterator[DossierItem]:
    group = one_line(strip_bullet(normalise(title))).rstrip(": ").strip()
    if not isinstance(papers, list):
        raise RecordError("một nhóm giấy tờ không phải danh sách", "trường Thành phần hồ sơ:")
    note_group = bool(re.match(r"(?:lưu ý|ghi chú)", group, re.I))
    for paper in papers:
        paper = _strings(paper, "Thành phần hồ sơ:")
        name = one_line(strip_bullet(paper.get("Tên giấy tờ", "")))
        if not name:
            continue
        count = _COUNT.search(paper.get("Số lượng", ""))
        originals, copies = (int(count[1]), int(count[2])) if count else (None, None)
        if count is None and paper.get("Số lượng"):
            flags.append(Flag("count-unclear", "dossier", short(paper["Số lượng"])))
        item = DossierItem(
            name=name, originals=originals, copies=copies or None, form=form_code(name) or _file_names(paper.get("Mẫu đơn, tờ khai")) or None,
            group=None if group.casefold() in _ALL_CASES else group,
        )  # fmt: skip
        mark_note(item, flags)
        item.is_note = item.is_note or (note_group and not originals and not copies)
        yield item


def _law(row: dict[str, str], flags: list[Flag]) -> LegalDocument:
    date = None
    words = row.get("Ngày ban hành", "")
    if words:
        try:
            date = dt.datetime.strptime(words, "%d-%m-%Y").date()
        except ValueError:
            flags.append(Flag("legal-date-unclear", "legal_basis", short(words)))
    return LegalDocument(number=or_none(row.get("Số ký hiệu")), title=or_none(row.get("Trích yếu")), date=date, issuer=or_none(row.get("Cơ quan ban hành")))


def _results(text: str, flags: list[Flag]) -> list[ResultRecord]:
    if says_nothing(text):
        return []
    # names are joined with ", " and a capital; a comma inside a name is followed by a small letter
    names = [one_line(strip_bullet(part)) for part in re.split(rf",\s+(?=[{UPPER}])|\n", text)]
    return [ResultRecord(name=name, refusal=_is_refusal(name, flags)) for name in names if name]


def read_structured(path: str | Path) -> Iterator[ProcedureRecord | Rejection]:
    """Every line of a .jsonl file (or of the .jsonl files of a folder), one at a time."""
    path = Path(path)
    if not path.exists():
        yield Rejection(str(path), "không có tệp hay thư mục này")
        return
    for file in sorted(path.rglob("*.jsonl")) if path.is_dir() else [path]:
        with file.open("rb") as stream:
            number = 0
            while True:
                line = stream.readline(MAX_LINE_BYTES + 1)
                if not line:
                    break
                number += 1
                if len(line) > MAX_LINE_BYTES:
                    yield Rejection(str(file), f"dòng quá dài (hơn {MAX_LINE_BYTES // 1024 // 1024} MB), dừng đọc tệp", f"dòng {number}")
                    break
                if line.strip():
                    yield _line(file, number, line)


def _line(file: Path, number: int, line: bytes) -> ProcedureRecord | Rejection:
    place: str | None = f"dòng {number}"
    try:
        raw = json.loads(line.decode("utf-8-sig"))
        return parse_structured(raw)
    except RecordError as error:
        return Rejection(str(file), error.reason, ", ".join(filter(None, (place, error.place))))
    except UnicodeDecodeError as error:
        return Rejection(str(file), "không phải chữ mã UTF-8", f"{place}, byte {error.start + 1}")
    except json.JSONDecodeError as error:
        return Rejection(str(file), f"JSON hỏng ({error.msg})", f"{place}, cột {error.colno}")
    except (RecursionError, ValueError, AttributeError, TypeError) as error:
        return Rejection(str(file), f"lỗi khi phân tích ({type(error).__name__})", place)
