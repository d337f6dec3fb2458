"""What changed between two states of the knowledge base, in words for an editor."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from knowledge.fees import money
from knowledge.overlay import LAYERS, METHODS, time_text
from knowledge.records import ChannelRecord, FeeRecord, ProcedureRecord

Key = tuple[str, str]  # code, origin


@dataclass(frozen=True)
class Change:
    """One layer that is new, gone or changed; `details`: what changed, one Vietnamese sentence each."""

    code: str
    origin: str
    kind: Literal["new", "gone", "changed"]
    name: str
    details: tuple[str, ...] = ()

    def text(self) -> str:
        head = {"new": "mới", "gone": "không còn", "changed": "thay đổi"}[self.kind]
        return "\n".join([f"{self.code} ({LAYERS[self.origin]}) {head}: {self.name}", *(f"  - {one}" for one in self.details)])


def compare(
    before: dict[Key, str], after: dict[Key, str], read_before: Callable[[Key], ProcedureRecord], read_after: Callable[[Key], ProcedureRecord],
    *, gone: bool = True,
) -> Iterator[Change]:  # fmt: skip
    """Changes by code. `before`, `after`: digests by code and origin; a record is read only where they differ.

    `gone` False: what is only in `before` is not told (an import takes nothing away).
    """
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) == after.get(key) or (key not in after and not gone):
            continue
        if key not in after:
            yield Change(*key, "gone", read_before(key).name)
        elif key not in before:
            yield Change(*key, "new", read_after(key).name)
        else:
            old, new = read_before(key), read_after(key)
            yield Change(*key, "changed", new.name, tuple(record_changes(old, new)))


_TEXTS = {
    "name": "tên", "field": "lĩnh vực", "level_text": "cấp thực hiện", "kind": "loại thủ tục", "agency": "cơ quan thực hiện",
    "competent_agency": "cơ quan có thẩm quyền", "receiving_address": "địa chỉ tiếp nhận", "delegated_agency": "cơ quan được ủy quyền",
    "coordinating_agency": "cơ quan phối hợp", "family": "nhóm thủ tục", "summary": "tóm tắt", "dossier_sets": "số bộ hồ sơ",
    "conditions": "yêu cầu, điều kiện", "online_level": "mức độ trực tuyến", "online_url": "địa chỉ nộp trực tuyến",
}  # fmt: skip
_LISTS = {
    "levels": "cấp", "audience": "đối tượng", "names": "tên thường gọi", "situations": "tình huống", "related": "thủ tục liên quan",
    "tips": "lưu ý", "steps": "bước thực hiện",
}  # fmt: skip


def record_changes(old: ProcedureRecord, new: ProcedureRecord) -> list[str]:
    """What is different in `new`, field by field."""
    found: list[str] = []
    for name, label in _TEXTS.items():
        _text(label, getattr(old, name), getattr(new, name), found)
    for name, label in _LISTS.items():
        _listed(label, getattr(old, name), getattr(new, name), found)
    _text("quyết định công bố", old.source.decision, new.source.decision, found)
    _text("nguồn", old.source.url, new.source.url, found)
    _text("ngày đọc nguồn", _date(old.source.retrieved), _date(new.source.retrieved), found)
    _channels(old.channels, new.channels, found)
    _listed("giấy tờ", [_paper(p) for p in old.dossier], [_paper(p) for p in new.dossier], found)
    _listed("căn cứ pháp lý", [d.number or d.title or "" for d in old.legal_basis], [d.number or d.title or "" for d in new.legal_basis], found)
    _listed("kết quả", [r.name for r in old.results], [r.name for r in new.results], found)
    _listed("câu hỏi phân nhánh", [b.question for b in old.branches], [b.question for b in new.branches], found)
    _listed("điều cần xem lại", [f.kind for f in old.flags], [f.kind for f in new.flags], found)
    return found or ["đổi ở phần không hiện ra (văn bản gốc, thứ tự hoặc chi tiết của một mục)"]


def _text(label: str, old: object, new: object, found: list[str]) -> None:
    if (old or None) == (new or None):
        return
    if not old:
        found.append(f"thêm {label}: “{_short(new)}”")
    elif not new:
        found.append(f"bỏ {label}: “{_short(old)}”")
    else:
        found.append(f"{label} đổi từ “{_short(old)}” thành “{_short(new)}”")


def _listed(label: str, old: Iterable[str], new: Iterable[str], found: list[str]) -> None:
    old, new = list(old), list(new)
    if old == new:
        return
    added, gone = [one for one in new if one not in old], [one for one in old if one not in new]
    found += [f"thêm {label}: “{_short(one)}”" for one in dict.fromkeys(added)]
    found += [f"bỏ {label}: “{_short(one)}”" for one in dict.fromkeys(gone)]
    if not added and not gone:
        found.append(f"{label}: đổi thứ tự hoặc số lần")


def _channels(old: list[ChannelRecord], new: list[ChannelRecord], found: list[str]) -> None:
    if old == new:
        return
    for method, label in METHODS.items():
        before, after = [c for c in old if c.method == method], [c for c in new if c.method == method]
        if bool(before) != bool(after):
            found.append(f"{'thêm' if after else 'bỏ'} cách nộp {label.lower()}")
            continue
        times = [[time_text(c.time) if c.time and c.time.value is not None else c.time_text or "không nêu" for c in side] for side in (before, after)]
        if times[0] != times[1]:
            found.append(f"{label}: thời hạn đổi từ {', '.join(dict.fromkeys(times[0]))} thành {', '.join(dict.fromkeys(times[1]))}")
        _listed(f"mức thu ({label.lower()})", [_fee(f) for c in before for f in c.fees], [_fee(f) for c in after for f in c.fees], found)
        free = [any(c.declared_free for c in side) for side in (before, after)]
        if free[0] != free[1]:
            found.append(f"{label}: {'nay ghi' if free[1] else 'không còn ghi'} miễn phí")


def _fee(fee: FeeRecord) -> str:
    figure = money(fee.amount, fee.currency) if fee.amount is not None else fee.rate or "không ghi số"
    window = f" từ {_date(fee.valid_from)}" if fee.valid_from else ""
    window += f" đến hết {_date(fee.valid_to)}" if fee.valid_to else ""
    return " ".join(filter(None, [fee.kind, figure])) + window + (f" – {fee.condition}" if fee.condition else "") + (f" ({fee.basis})" if fee.basis else "")


def _paper(paper) -> str:
    counts = "".join(f", {number} {label}" for number, label in ((paper.originals, "bản chính"), (paper.copies, "bản sao")) if number)
    return f"{paper.name}{counts}"


def _date(day: dt.date | None) -> str | None:
    return f"{day.day}/{day.month}/{day.year}" if day else None


def _short(value: object, limit: int = 160) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
