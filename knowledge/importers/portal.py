"""The crawl of the national portal: one JSON object a file with 22 string fields.

`parse_record` repairs what can be repaired, flags the rest and keeps every section's own text in `record.raw`.
Fields cut by the crawler are taken again from `raw_text`, the whole page (notes/portal-data.md, kind 25).
Source: dichvucong.gov.vn as crawled in June-July 2026.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from knowledge.importers import channels as channel_table
from knowledge.importers import dossier as dossier_table
from knowledge.importers import legal
from knowledge.importers.channels import parse_channels
from knowledge.importers.dossier import find_sets, parse_dossier
from knowledge.importers.rejection import RecordError, Rejection
from knowledge.importers.sections import (
    district_office,
    parse_audience,
    parse_description,
    parse_levels,
    parse_online_level,
    parse_results,
    split_agencies,
    split_steps,
)  # fmt: skip
from knowledge.importers.text import normalise, one_line, or_none, says_nothing, short, was_decomposed
from knowledge.records import Flag, ProcedureRecord, SourceRecord

RETRIEVED = dt.date(2026, 7, 20)
RETRIEVED_WORDS = "tháng 7/2026"
MAX_BYTES = 20 * 1024 * 1024  # the largest true record has 0.2 MB
CODE = re.compile(r"\d\.\d{6}")

FIELDS = (
    "ma_thu_tuc", "detail_url", "formality_id", "ten_thu_tuc", "so_quyet_dinh", "cap_thuc_hien", "loai_thu_tuc", "linh_vuc",
    "doi_tuong_thuc_hien", "co_quan_co_tham_quyen", "dia_chi_tiep_nhan", "co_quan_duoc_uy_quyen", "co_quan_phoi_hop",
    "thu_tuc_lien_quan", "trinh_tu_thuc_hien", "cach_thuc_thuc_hien", "thanh_phan_ho_so", "can_cu_phap_ly",
    "co_quan_thuc_hien", "yeu_cau_dieu_kien", "ket_qua_xu_ly", "raw_text",
)  # fmt: skip


def check_fields(raw: Any, names: tuple[str, ...], code_name: str, title_name: str) -> dict[str, str]:
    """`raw` with every named field as a string. RecordError names the field that is of another type or missing."""
    if not isinstance(raw, dict):
        raise RecordError("bản ghi không phải một đối tượng JSON (cần các cặp tên: giá trị)")
    fields = {}
    for name in names:
        value = raw.get(name)
        if value is None:
            value = ""
        if not isinstance(value, str):
            raise RecordError(f"trường “{name}” phải là chuỗi chữ, ở đây là {_type_name(value)}", f"trường {name}")
        fields[name] = value
    code = fields[code_name].strip()
    if not code:
        raise RecordError("thiếu mã thủ tục", f"trường {code_name}")
    if not CODE.fullmatch(code):
        raise RecordError(f"mã thủ tục “{short(code, 40)}” không đúng dạng d.dddddd", f"trường {code_name}")
    if says_nothing(fields[title_name]):
        raise RecordError("thiếu tên thủ tục", f"trường {title_name}")
    return fields


def _type_name(value: Any) -> str:
    names = {bool: "đúng/sai", int: "số", float: "số", list: "danh sách", dict: "đối tượng"}
    return names.get(type(value), type(value).__name__)


def parse_record(raw: dict, *, path: str | None = None) -> ProcedureRecord:
    """One crawled object as a record. Raises RecordError (reason in Vietnamese, place) if it cannot be one."""
    fields = check_fields(raw, FIELDS, "ma_thu_tuc", "ten_thu_tuc")
    retrieved = _retrieved(raw)
    flags: list[Flag] = []
    if any(was_decomposed(value) for value in fields.values()):
        flags.append(Flag("odd-characters", "text", "chữ tách dấu hoặc ký tự ẩn, đã chuẩn hoá"))
    text = {name: normalise(value) for name, value in fields.items()}
    code = text["ma_thu_tuc"]
    on_page = _PAGE_CODE.search(text["raw_text"])
    if on_page and on_page[1] != code:
        raise RecordError(f"trang thuộc mã khác: bản ghi mang mã {code} nhưng nội dung là trang của mã {on_page[1]}", "trường raw_text")
    _repair(text, flags)
    if path and CODE.fullmatch(Path(path).stem) and Path(path).stem != code:
        flags.append(Flag("code-differs-from-file", "code", f"{Path(path).stem} / {code}"))

    channels, own = parse_channels(text["cach_thuc_thuc_hien"], retrieved)
    flags += own
    if not channels:
        flags.append(Flag("no-channels", "channels"))
    dossier, own = parse_dossier(text["thanh_phan_ho_so"])
    flags += own
    if not dossier:
        flags.append(Flag("no-dossier", "dossier"))
    laws, own = legal.parse_table(text["can_cu_phap_ly"])
    flags += own
    results, own = parse_results(text["ket_qua_xu_ly"])
    flags += own
    conditions = None if says_nothing(text["yeu_cau_dieu_kien"], answers=True) else text["yeu_cau_dieu_kien"]
    description = parse_description(text["ket_qua_xu_ly"])
    if description:
        # who decides, how long the paper is valid, criteria: the page says it after the results
        conditions = "\n".join(filter(None, (conditions, f"Mô tả của cổng: {description}")))
        flags.append(Flag("page-description", "conditions", short(description)))
    levels, own = parse_levels(text["cap_thuc_hien"])
    flags += own
    steps = split_steps(text["trinh_tu_thuc_hien"])
    name = one_line(text["ten_thu_tuc"])
    record = ProcedureRecord(
        code=code,
        name=name,
        source=SourceRecord("portal", url=or_none(text["detail_url"]), retrieved=retrieved,
                            decision=or_none(text["so_quyet_dinh"]), note=RETRIEVED_WORDS if retrieved == RETRIEVED else None),
        field=or_none(text["linh_vuc"]),
        levels=levels,
        level_text=or_none(text["cap_thuc_hien"]),
        kind=or_none(text["loai_thu_tuc"]),
        agency=split_agencies(text["co_quan_thuc_hien"]),
        competent_agency=split_agencies(text["co_quan_co_tham_quyen"]),
        receiving_address=or_none(text["dia_chi_tiep_nhan"]),
        delegated_agency=split_agencies(text["co_quan_duoc_uy_quyen"]),
        coordinating_agency=split_agencies(text["co_quan_phoi_hop"]),
        audience=parse_audience(text["doi_tuong_thuc_hien"]),
        channels=channels,
        dossier=dossier,
        dossier_sets=find_sets(text["thanh_phan_ho_so"], text["trinh_tu_thuc_hien"], text["cach_thuc_thuc_hien"], conditions),
        steps=steps,
        conditions=conditions,
        legal_basis=laws,
        results=results,
        related=[] if says_nothing(text["thu_tuc_lien_quan"]) else re.findall(r"\d\.\d{6}", text["thu_tuc_lien_quan"]) or [text["thu_tuc_lien_quan"]],
        online_level=parse_online_level(name),
        flags=flags,
        raw={key: text[name] for key, name in RAW.items() if text[name]},
    )  # fmt: skip
    for where, words in (("agency", record.agency), ("competent_agency", record.competent_agency), ("steps", text["trinh_tu_thuc_hien"]),
                         ("channels", text["cach_thuc_thuc_hien"]), ("name", name)):  # fmt: skip
        district = district_office(words)
        if district:
            flags.append(Flag("district-level", where, district))
    mismatch = title_mismatch(record, text)
    if mismatch:
        flags.append(Flag("title-does-not-fit", "name", mismatch))
    return record


# key of `record.raw` -> field of the crawl
RAW = {
    "steps": "trinh_tu_thuc_hien", "channels": "cach_thuc_thuc_hien", "dossier": "thanh_phan_ho_so", "legal": "can_cu_phap_ly",
    "conditions": "yeu_cau_dieu_kien", "results": "ket_qua_xu_ly",
}  # fmt: skip


def _retrieved(raw: dict) -> dt.date:
    for name in ("retrieved", "crawled_at", "ngay_thu_thap", "updated_at"):
        value = raw.get(name)
        if isinstance(value, str):
            try:
                return dt.date.fromisoformat(value[:10])
            except ValueError:
                continue
    return RETRIEVED


# The head of the page names its own code; a crawl that was redirected holds the page of another procedure.
_PAGE_CODE = re.compile(r"Mã thủ tục\s*:?\s*(\d\.\d{6})\s*(?=Số quyết định)")
_TAIL_OF_PAGE = re.compile(r"(?:Từ khóa|Mô tả|Chọn cơ quan|Nộp hồ sơ|Không có thông tin)")
_PAGE = re.compile(
    r"Trình Tự Thực Hiện(?P<steps>.*?)Cách Thức Thực Hiện(?P<channels>Hình thức nộpThời gianPhí, lệ phíMô tả.*)"
    r"Căn cứ pháp lý(?P<legal>(?:Tên văn bản pháp lý|Không có thông tin).*?)\s*Cơ quan thực hiện(?P<agency>.*?)"
    r"Yêu cầu, điều kiện thực hiện(?P<conditions>.*)Kết quả xử lý(?P<results>.*)$",
    re.S,
)


def _dossier_heading(section: str) -> re.Match | None:
    """The heading after the channel table: the first of its words that no row of that table follows."""
    for found in re.finditer(r"Thành phần hồ sơ", section):
        table = section.find(dossier_table.HEADER, found.end())
        if not channel_table.has_row(section[found.end() : table if table >= 0 else len(section)]):
            return found
    return None


def _repair(text: dict[str, str], flags: list[Flag]) -> None:
    """Fields that the crawler cut are taken from the page. A field is replaced only by a text that contains it."""
    page = text["raw_text"]
    # a page without results has no title for them either
    match = _PAGE.search(page if "Kết quả xử lý" in page.rpartition("Yêu cầu, điều kiện thực hiện")[2] else f"{page}Kết quả xử lý")
    if not match:
        if page:
            flags.append(Flag("page-unclear", "raw_text", None))
        return
    steps = match["steps"].strip()
    channels = match["channels"]
    # the dossier follows the channel table; the crawler looked for these words from the top of the page
    spot = _dossier_heading(channels)
    dossier = channels[spot.end() :].strip() if spot else ""
    channels = channels[: spot.start()].strip() if spot else channels.strip()
    law = match["legal"].strip()
    if len(text["trinh_tu_thuc_hien"]) < len(steps) and steps.startswith(text["trinh_tu_thuc_hien"].strip()):
        text["trinh_tu_thuc_hien"] = steps
        flags.append(Flag("rebuilt-from-page", "steps"))
    if len(text["cach_thuc_thuc_hien"]) < len(channels) and channels.startswith(text["cach_thuc_thuc_hien"].strip()):
        text["cach_thuc_thuc_hien"] = channels
        flags.append(Flag("rebuilt-from-page", "channels"))
    no_table = dossier_table.HEADER not in text["thanh_phan_ho_so"]
    whole_table = no_table and dossier_table.HEADER in dossier
    cut_table = dossier.startswith(text["thanh_phan_ho_so"]) and len(dossier) > len(text["thanh_phan_ho_so"])
    if (whole_table or cut_table) and channel_table.HEADER in channels:
        text["thanh_phan_ho_so"] = dossier
        flags.append(Flag("rebuilt-from-page", "dossier"))
    elif no_table and says_nothing(dossier) and not says_nothing(text["thanh_phan_ho_so"]):
        text["thanh_phan_ho_so"] = ""  # words of another section that the crawler took for this one; `steps` has them
        flags.append(Flag("rebuilt-from-page", "dossier"))
    for name, section, where in (("co_quan_thuc_hien", "agency", "agency"), ("yeu_cau_dieu_kien", "conditions", "conditions"),
                                 ("ket_qua_xu_ly", "results", "results")):  # fmt: skip
        own, whole = text[name], match[section].strip()
        kept = own.rstrip("-+*;. \n")  # a cut field ends in the bullet of the line that the crawler took for a title
        # the crawler took the title's words inside another section for the title of this one
        stolen = bool(own) and not whole.startswith(kept[:40])
        cut = whole.startswith(kept) and len(whole) > len(own) and not _TAIL_OF_PAGE.match(whole[len(kept) :].lstrip("-+*;. \n"))
        if whole and (stolen or cut or not own):
            text[name] = whole
            flags.append(Flag("rebuilt-from-page", where))
    if not text["can_cu_phap_ly"].startswith((legal.HEADER, "Không có thông tin")) or (
        text["can_cu_phap_ly"].startswith("Không có thông tin") and text["can_cu_phap_ly"] != law
    ):
        text["can_cu_phap_ly"] = law
        flags.append(Flag("rebuilt-from-page", "legal_basis"))


_COMMON = frozenset(
    ["thủ", "tục", "cấp", "đối", "với", "của", "cho", "và", "các", "theo", "tại", "trong", "trường", "hợp", "do", "có", "không", "được", "hoặc", "về", "từ", "đến", "là", "bị", "khi", "thực", "hiện", "việc", "người", "tổ", "chức", "cá", "nhân", "giấy", "cơ", "quan", "trung", "ương", "tỉnh", "xã", "đổi", "lại", "mới", "phép", "chứng", "nhận", "đăng", "ký", "thay", "sung", "bổ", "sửa", "thông", "tin", "quyết", "định", "đề", "nghị", "yêu", "cầu", "bộ", "sở", "ủy", "ban", "nhân", "dân", "chấp", "thuận"]
)


def title_mismatch(record: ProcedureRecord, text: dict[str, str]) -> str | None:
    """Some codes carry the title of quite another procedure: none of the title's own words occur in the body."""
    body = one_line(" ".join(text[name] for name in ("trinh_tu_thuc_hien", "thanh_phan_ho_so", "ket_qua_xu_ly", "can_cu_phap_ly", "cach_thuc_thuc_hien"))).casefold()
    words = re.findall(r"[^\W\d_]+", record.name.casefold())
    pairs = {f"{a} {b}" for a, b in itertools.pairwise(words) if not (a in _COMMON and b in _COMMON)}
    if len(pairs) < 4 or len(body) < 300:
        return None
    share = sum(pair in body for pair in pairs) / len(pairs)
    return f"{share:.0%} cụm từ của tên có trong nội dung; lĩnh vực {record.field}" if share < 0.12 else None


def read_json(path: Path, limit: int = MAX_BYTES) -> Any:
    """One JSON file, refused before reading when it is too large. RecordError says what and where."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise RecordError(f"không đọc được tệp: {error.strerror or error}") from error
    if size > limit:
        raise RecordError(f"tệp quá lớn: {size / 1e6:.0f} MB, giới hạn {limit / 1e6:.0f} MB", f"{size} byte")
    if size == 0:
        raise RecordError("tệp trống")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RecordError(f"không đọc được tệp: {error.strerror or error}") from error
    try:
        words = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RecordError("không phải chữ mã UTF-8", f"byte {error.start + 1}") from error
    if not words.strip(" \t\r\n\0"):
        raise RecordError("tệp không có nội dung")
    try:
        return json.loads(words)
    except json.JSONDecodeError as error:
        cut = error.pos >= len(words.rstrip()) - 1 or error.msg.startswith("Unterminated")
        reason = "JSON bị cắt giữa chừng" if cut else f"JSON hỏng ({error.msg})"
        raise RecordError(reason, f"dòng {error.lineno}, cột {error.colno}") from error
    except (RecursionError, ValueError) as error:
        raise RecordError(f"JSON không đọc được ({type(error).__name__})") from error


def _records_of(path: Path) -> Iterator[ProcedureRecord | Rejection]:
    try:
        content = read_json(path)
    except RecordError as error:
        yield Rejection(str(path), error.reason, error.place)
        return
    several = isinstance(content, list)
    for number, raw in enumerate(content if several else [content], start=1):
        try:
            yield parse_record(raw, path=str(path) if not several else None)
        except RecordError as error:
            place = ", ".join(filter(None, (f"bản ghi {number}" if several else None, error.place)))
            yield Rejection(str(path), error.reason, place or None)
        except Exception as error:  # one odd record must not stop the import of the others
            yield Rejection(str(path), f"lỗi khi phân tích ({type(error).__name__}: {short(str(error), 80)})", f"bản ghi {number}" if several else None)


def read_portal(path: str | Path) -> Iterator[ProcedureRecord | Rejection]:
    """Every record of a file or of a folder tree (*.json), in the order of their paths, one at a time."""
    path = Path(path)
    if not path.exists():
        yield Rejection(str(path), "không có tệp hay thư mục này")
        return
    for file in sorted(path.rglob("*.json")) if path.is_dir() else [path]:
        if file.is_file():
            yield from _records_of(file)
