"""The portal's XLSX exports: names, codes, agencies, fields. Known procedures without detail (origin "list").

Header rows differ from file to file and stand at different heights; columns are found by their names.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl

from knowledge.importers.rejection import Rejection
from knowledge.importers.sections import parse_online_level
from knowledge.importers.text import normalise, one_line, or_none, short
from knowledge.records import Flag, ProcedureRecord, SourceRecord

MAX_BYTES = 50 * 1024 * 1024
MAX_UNPACKED_BYTES = 400 * 1024 * 1024  # a small file that unpacks to gigabytes is refused before reading
HEADER_ROWS = 20

_COLUMNS = {
    "mã số": "code", "mã tthc": "code", "mã thủ tục": "code", "mã thủ tục hành chính": "code", "mã": "code",
    "tên": "name", "tên tthc": "name", "tên thủ tục": "name", "tên thủ tục hành chính": "name", "thủ tục hành chính": "name",
    "cơ quan ban hành": "issuer", "cơ quan công bố": "issuer",
    "cơ quan thực hiện": "agency", "cơ quan giải quyết": "agency",
    "lĩnh vực": "field", "lĩnh vực thực hiện": "field",
    "mức độ dvc": "online", "mức độ": "online", "mức độ cung cấp dịch vụ công": "online",
    "quyết định": "decision", "số quyết định": "decision", "quyết định công bố": "decision",
}  # fmt: skip
_CODE = re.compile(r"(\d\.\d{6})(?:(?:\.[A-Z\d]{2,3})+)?")
_TEST_ROW = re.compile(r"^(?:thủ tục\s+)?test\b", re.I)
_OLD_LEVELS = {"mức độ 2": "cung cấp thông tin", "mức độ 1": "cung cấp thông tin", "mức độ 3": "một phần", "mức độ 4": "toàn trình"}


def read_list(path: str | Path) -> Iterator[ProcedureRecord | Rejection]:
    """Every row of an .xlsx file (or of the .xlsx files of a folder tree) that names a procedure, one at a time."""
    path = Path(path)
    if not path.exists():
        yield Rejection(str(path), "không có tệp hay thư mục này")
        return
    for file in sorted(path.rglob("*.xlsx")) if path.is_dir() else [path]:
        if file.name.startswith("~$"):
            continue  # Excel's lock file
        yield from _read_file(file)


def _refusal(file: Path) -> str | None:
    size = file.stat().st_size
    if size > MAX_BYTES:
        return f"tệp quá lớn: {size / 1e6:.0f} MB, giới hạn {MAX_BYTES / 1e6:.0f} MB"
    if not zipfile.is_zipfile(file):
        return "không phải tệp XLSX (hoặc tệp bị hỏng)"
    with zipfile.ZipFile(file) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > MAX_UNPACKED_BYTES:
        return f"tệp giải nén ra quá lớn: {unpacked / 1e6:.0f} MB"
    return None


def _read_file(file: Path) -> Iterator[ProcedureRecord | Rejection]:
    try:
        reason = _refusal(file)
        if reason:
            yield Rejection(str(file), reason)
            return
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    except Exception as error:  # openpyxl raises a dozen kinds for a broken file
        yield Rejection(str(file), f"không mở được bảng tính ({type(error).__name__}: {short(str(error), 80)})")
        return
    try:
        found = False
        for sheet in book.worksheets:
            for item in _read_sheet(file, sheet):
                found = True
                yield item
        if not found:
            yield Rejection(str(file), "không thấy dòng tiêu đề có cột mã và tên thủ tục")
    except Exception as error:
        yield Rejection(str(file), f"bảng tính bị hỏng ({type(error).__name__}: {short(str(error), 80)})")
    finally:
        book.close()


def _cell(value: Any) -> str:
    return normalise(str(value)) if value is not None else ""


def _header(row: tuple) -> dict[str, int]:
    columns: dict[str, int] = {}
    for index, value in enumerate(row):
        role = _COLUMNS.get(one_line(_cell(value)).casefold())
        if role and role not in columns:
            columns[role] = index
    return columns if "code" in columns and "name" in columns else {}


def _read_sheet(file: Path, sheet: Any) -> Iterator[ProcedureRecord | Rejection]:
    columns: dict[str, int] = {}
    province: str | None = None
    seen: dict[str, tuple[int, str]] = {}
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        if not columns:
            if number > HEADER_ROWS:
                return
            columns = _header(row)
            for value in row:
                authority = re.match(r"(?:UBND|[Uủ]y ban nhân dân)\s+(.+)", _cell(value), re.I)
                province = province or (one_line(_cell(value)) if authority else None)
            continue
        cells = {role: _cell(row[index]) if index < len(row) else "" for role, index in columns.items()}
        if not cells["code"] and not cells["name"]:
            continue
        yield _record(file, number, cells, province, seen)


def _record(
    file: Path, number: int, cells: dict[str, str], province: str | None, seen: dict[str, tuple[int, str]]
) -> ProcedureRecord | Rejection:
    place = f"dòng {number}"
    if not cells["code"]:
        return Rejection(str(file), f"thiếu mã thủ tục: “{short(cells['name'], 60)}”", place)
    code = _CODE.fullmatch(cells["code"].replace(" ", ""))
    if not code:
        return Rejection(str(file), f"mã thủ tục “{short(cells['code'], 40)}” không đúng dạng d.dddddd", place)
    name = one_line(cells["name"])
    if not name:
        return Rejection(str(file), f"thiếu tên thủ tục của mã {code[1]}", place)
    if _TEST_ROW.match(name):
        return Rejection(str(file), f"dòng thử nghiệm: “{short(name, 60)}”", place)
    if code[1] in seen:
        row, first = seen[code[1]]
        same = "trùng" if first == name else f"mã trùng nhưng tên khác (“{short(name, 60)}”)"
        return Rejection(str(file), f"{same} với dòng {row}, mã {code[1]}: giữ dòng đầu", place)
    seen[code[1]] = (number, name)
    issuer = or_none(cells.get("issuer")) or province
    flags = []
    if cells["code"] != code[1]:
        flags.append(Flag("local-code", "code", cells["code"]))
    online = cells.get("online", "")
    level = _OLD_LEVELS.get(online.casefold()) or parse_online_level(online)
    notes = [f"danh sách {file.name}"] + ([f"cơ quan ban hành: {one_line(issuer)}"] if issuer else [])
    raw = {key: value for key, value in (("issuer", issuer and one_line(issuer)), ("local_code", cells["code"] if flags else None),
                                         ("online_level", online)) if value}  # fmt: skip
    return ProcedureRecord(
        code=code[1],
        name=name,
        source=SourceRecord("list", retrieved=_date_of(file), decision=or_none(cells.get("decision")), note="; ".join(notes)),
        field=one_line(cells.get("field", "")) or None,
        agency=one_line(cells.get("agency", "").replace("\n", "; ")) or None,
        online_level=level,
        flags=flags,
        raw=raw,
    )


def _date_of(file: Path) -> dt.date | None:
    """The day that the file's name says ("danh-sach-2026-04-22.xlsx"), else None."""
    match = re.search(r"(20\d{2})-(\d{2})-(\d{2})", file.name)
    try:
        return dt.date(*map(int, match.groups())) if match else None
    except ValueError:
        return None
