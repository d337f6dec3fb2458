"""The knowledge base as files for an editor, and back: one YAML a procedure in the catalogue's format, and a CSV overview.

A curated entry is written exactly as the catalogue has it; other layers carry `source.origin` and what only they have
(flags, the source's own text). Reading a file back gives a record with the same digest.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import yaml

from knowledge.fees import channel_fee, money
from knowledge.importers.catalogue import CatalogueError, Loader, read_entry
from knowledge.importers.rejection import Rejection
from knowledge.overlay import METHODS, time_text
from knowledge.records import ORIGIN_RANK, ProcedureRecord, filled, record_from_dict
from knowledge.store import Store

Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
OVERVIEW = "tong-quan.csv"
COLUMNS = ("ma", "ten", "linh_vuc", "cap", "lop_du_lieu", "co_quan", "cach_nop_va_thoi_han", "phi_hom_nay", "so_giay_to", "quyet_dinh", "nguon", "ngay_doc", "dieu_can_xem")
MAX_BYTES = 5 * 1024 * 1024
_KNOWN = frozenset(ProcedureRecord.__dataclass_fields__)


def slug(text: str | None) -> str:
    """'Đăng ký, quản lý cư trú' -> 'dang-ky-quan-ly-cu-tru'."""
    plain = unicodedata.normalize("NFD", (text or "khac").casefold().replace("đ", "d"))
    return re.sub(r"[^a-z0-9]+", "-", "".join(c for c in plain if not unicodedata.combining(c))).strip("-")[:60] or "khac"


def as_yaml(record: ProcedureRecord) -> str:
    """The file of one layer."""
    data = filled(record.as_dict())
    if record.source.origin == "curated":
        data["source"].pop("origin")
        data.setdefault("dossier", [])
    return yaml.dump(data, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=120)


def export(
    store: Store, folder: Path, day: dt.date, *, origins: Iterable[str] | None = None, tell: Callable[[int, int], None] = lambda done, total: None
) -> dict[str, int]:
    """Write <folder>/<origin>/<field>/<code>.yml and the overview; returns how many files of each origin."""
    wanted = set(origins) if origins is not None else set(ORIGIN_RANK)
    total = sum(origin in wanted for _, origin, _ in store.outlines())
    counts: dict[str, int] = {}
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / OVERVIEW).open("w", encoding="utf-8-sig", newline="") as handle:
        table = csv.writer(handle, delimiter=";")
        table.writerow(COLUMNS)
        for number, record in enumerate(store.records(wanted), 1):
            origin = record.source.origin
            path = folder / origin / slug(record.field) / f"{record.code}.yml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(as_yaml(record), encoding="utf-8")
            table.writerow(_row(record, day))
            counts[origin] = counts.get(origin, 0) + 1
            tell(number, total)
    return counts


def _row(record: ProcedureRecord, day: dt.date) -> list[str]:
    ways, due = [], []
    for channel in record.channels:
        limit = time_text(channel.time) if channel.time and channel.time.value is not None else channel.time_text or "không nêu"
        ways.append(f"{METHODS[channel.method]}: {limit}")
        told = channel_fee(channel, day)
        words = {"free": "miễn phí", "depends": "nơi khác quy định", "unknown": "chưa có dữ liệu"}.get(told.status)
        amounts = ", ".join(money(fee.amount, fee.currency) if fee.amount is not None else str(fee.rate) for fee in told.amounts)
        due.append(f"{METHODS[channel.method]}: {'mâu thuẫn, ' if told.status == 'contradiction' else ''}{words or amounts or 'không ghi số'}")
    papers = sum(not paper.is_note for paper in record.dossier)
    return [
        record.code, record.name, record.field or "", ", ".join(record.levels), record.source.origin, record.agency or "",
        "; ".join(dict.fromkeys(ways)), "; ".join(dict.fromkeys(due)), str(papers), record.source.decision or "", record.source.url or "",
        record.source.retrieved.isoformat() if record.source.retrieved else "", ", ".join(sorted({flag.kind for flag in record.flags})),
    ]  # fmt: skip


def read_yaml(path: Path) -> Iterator[ProcedureRecord | Rejection]:
    """One exported or curated file. A file that is not one is a Rejection with reason and place."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            yield Rejection(str(path), f"tệp quá lớn: {size / 1e6:.0f} MB, giới hạn {MAX_BYTES / 1e6:.0f} MB")
            return
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=Loader)
    except UnicodeDecodeError as error:
        yield Rejection(str(path), "không phải chữ mã UTF-8", f"byte {error.start + 1}")
        return
    except (yaml.YAMLError, OSError) as error:
        mark = getattr(error, "problem_mark", None)
        yield Rejection(str(path), f"không đọc được YAML: {getattr(error, 'problem', None) or error}", f"dòng {mark.line + 1}" if mark else None)
        return
    if not isinstance(data, dict) or "code" not in data or not isinstance(data.get("source"), dict):
        yield Rejection(str(path), "không phải tệp thủ tục (cần code, name, source)")
        return
    try:
        if data["source"].get("origin", "curated") == "curated":
            yield read_entry(path)
        else:
            yield _imported(data, path)
    except CatalogueError as error:
        yield Rejection(str(path), " ".join(str(error).replace(f"{path}: ", "").split())[:300])
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        yield Rejection(str(path), f"nội dung không đúng dạng ({type(error).__name__}: {str(error)[:120]})")


def _imported(data: dict, path: Path) -> ProcedureRecord:
    """A layer that is not curated. Raises TypeError, ValueError on values of another shape."""
    if data["source"]["origin"] not in ORIGIN_RANK:
        raise ValueError(f"source.origin {data['source']['origin']!r}")
    if unknown := set(data) - _KNOWN:
        raise ValueError(f"không có trường {', '.join(sorted(unknown))}")
    if not isinstance(data["code"], str) or not re.fullmatch(r"\d\.\d{6}", data["code"]):
        raise ValueError(f"mã {data['code']!r} không đúng dạng d.dddddd")
    if path.stem != data["code"]:
        raise ValueError(f"tên tệp phải là {data['code']}.yml")
    if not isinstance(data.get("name"), str) or not data["name"].strip():
        raise ValueError("thiếu tên thủ tục")
    record = record_from_dict(data)
    for channel in record.channels:
        if channel.method not in METHODS:
            raise ValueError(f"cách nộp {channel.method!r}")
        for fee in channel.fees:
            if fee.amount is not None and not isinstance(fee.amount, (int, float)):
                raise TypeError(f"mức thu {fee.amount!r}")
    return record
