"""A procedure as other programs read it (contract.md, `motcua show`)."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from knowledge.fees import FeeAnswer, channel_fee, in_force, money
from knowledge.overlay import LAYERS, METHODS, UNITS, differences
from knowledge.records import ChannelRecord, FeeRecord, ProcedureRecord

_SAYS_TIME = re.compile(r"\d\s*(?:\([^)\d]{1,20}\)\s*)?(?:giờ|ngày|tháng)\b|trong ngày|trước ngày \d", re.I)


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _number(value: float | None) -> float | int | None:
    return int(value) if value is not None and float(value).is_integer() else value


def _fee(fee: FeeRecord, day: dt.date, told: FeeAnswer) -> dict[str, Any]:
    replaced = any(fee is one for one in told.replaced)
    return {
        "amount": _number(fee.amount),
        "rate": fee.rate,
        "currency": fee.currency,
        "kind": fee.kind,
        "condition": fee.condition,
        "per": fee.per,
        "bound": fee.bound,
        "place": fee.place,
        "valid_from": _iso(fee.valid_from),
        "valid_to": _iso(fee.valid_to),
        "basis": fee.basis,
        "exempt": fee.exempt,
        "decided_by_council": fee.decided_by_council,
        # a base price is not due while a row with a window stands in for it
        "in_force": in_force(fee, day) and not replaced,
        "replaced": replaced,
        "computed": next(iter({one.amount for one in told.computed if one.rate is fee}), None),
    }


def _channel(channel: ChannelRecord, day: dt.date) -> dict[str, Any]:
    limit = channel.time
    told = channel_fee(channel, day)
    return {
        "method": channel.method,
        "time": {"value": _number(limit.value), "unit": limit.unit, "note": limit.note, "maximum": _number(limit.maximum)} if limit and (limit.value is not None or limit.note) else None,
        "fees": [_fee(fee, day, told) for fee in channel.fees],
        "declared_free": channel.declared_free,
        "contradiction": channel.contradiction or told.status == "contradiction",
        "case": channel.case,
        "description": channel.description,
        "note": channel.note,
        "time_text": channel.time_text,
        "status": told.status,
    }


def as_contract(layers: list[ProcedureRecord], day: dt.date) -> dict[str, Any]:
    """One JSON-ready object: the first layer, gaps filled from the next ones; the origin of a filled part is in `filled`."""

    def first(name: str) -> tuple[Any, ProcedureRecord]:
        for layer in layers:
            if getattr(layer, name):
                return getattr(layer, name), layer
        return getattr(layers[0], name), layers[0]

    main = layers[0]
    filled: dict[str, str] = {}

    def part(name: str) -> Any:
        value, layer = first(name)
        if layer is not main:
            filled[name] = layer.source.origin
        return value

    source = main.source
    return {
        "code": main.code,
        "name": main.name,
        "field": part("field"),
        "levels": part("levels"),
        "agency": part("agency"),
        "competent_agency": part("competent_agency"),
        "receiving_address": part("receiving_address"),
        "audience": part("audience"),
        "summary": part("summary"),
        "channels": [_channel(channel, day) for channel in part("channels")],
        "dossier": [
            {"name": p.name, "originals": p.originals, "copies": p.copies, "form": p.form, "group": p.group, "condition": p.condition, "is_note": p.is_note}
            for p in part("dossier")
        ],
        "dossier_sets": part("dossier_sets"),
        "steps": part("steps"),
        "conditions": part("conditions"),
        "legal_basis": [{"number": d.number, "title": d.title} for d in part("legal_basis")],
        "results": [r.name for r in part("results") if not r.refusal],
        "refusals": [r.name for r in part("results") if r.refusal],
        "online_level": part("online_level"),
        "decision": source.decision,
        "flags": [{"kind": f.kind, "field": f.field, "text": f.text} for layer in layers for f in layer.flags],
        "as_of": day.isoformat(),
        "filled": filled,
        # facts of a later reading that differ: said with their date, never mixed in
        "fresher": [
            {"kind": one.kind, "field": one.field, "shown": one.shown, "other": one.other, "origin": one.origin, "retrieved": _iso(one.retrieved)}
            for one in differences(layers, day)
            if one.fresher
        ],
        "layers": [{"origin": one.source.origin, "retrieved": _iso(one.source.retrieved), "decision": one.source.decision} for one in layers],
        "source": {
            "url": source.url or next((one.source.url for one in layers if one.source.url), None),
            "retrieved": _iso(source.retrieved),
            "origin": "curated" if source.origin == "curated" else "portal",
            "layer": source.origin,
            "note": source.note,
        },
    }


OTHER_PAPERS = "Giấy tờ khác"  # a table without a title that follows one with a title


def group_heading(group: str | None, before: str | None) -> str | None:
    """The heading to print before the first paper of `group`; None when none is due. `before`: the group printed last.

    Papers of a table without a title never stand under the title of another.
    """
    if (group or None) == (before or None):
        return None
    return group or OTHER_PAPERS


def _counts(paper: dict[str, Any]) -> str:
    """" (1 bản chính, 2 bản sao)": only what the source states."""
    stated = [f"{paper[key]} {word}" for key, word in (("originals", "bản chính"), ("copies", "bản sao")) if paper[key] is not None]
    return f" ({', '.join(stated)})" if stated else ""


def _form(paper: dict[str, Any]) -> str:
    form = paper["form"]
    return "" if not form else f" [{form}]" if form.casefold().startswith(("mẫu", "mau")) else f" [mẫu {form}]"


def _time(channel: dict[str, Any]) -> str:
    """The limit as said: the cell, else its words, else the sentences of the description that name a duration."""
    limit = channel["time"]
    if limit and limit["value"] is not None:
        longest = f" - {limit['maximum']}" if limit["maximum"] is not None else ""
        return f"{limit['value']}{longest} {UNITS.get(limit['unit'], '(không rõ đơn vị)')}" + (f" – {limit['note']}" if limit["note"] else "")
    if channel["time_text"]:
        return channel["time_text"]
    said = [part.strip() for part in re.split(r"(?<=[.;])\s+|\n+", channel["description"] or "") if _SAYS_TIME.search(part)]
    return f"theo mô tả: {' '.join(said)}" if said else "không nêu thời hạn"


def _state(fee: dict[str, Any], day: dt.date) -> str:
    """In which way a fee is not due on the day; "" when it is."""
    if fee["replaced"]:
        return " (tạm chưa áp dụng vì đang có mức riêng)"
    if fee["valid_to"] and fee["valid_to"] < day.isoformat():
        return f" (đã hết hiệu lực từ sau ngày {_vietnamese(fee['valid_to'])})"
    if fee["valid_from"] and fee["valid_from"] > day.isoformat():
        return f" (áp dụng từ ngày {_vietnamese(fee['valid_from'])})"
    return f" (đến hết ngày {_vietnamese(fee['valid_to'])})" if fee["valid_to"] else ""


def _vietnamese(iso: str) -> str:
    year, month, day = iso.split("-")
    return f"{int(day)}/{int(month)}/{year}"


def as_text(layers: list[ProcedureRecord], day: dt.date) -> str:
    """The same for a reader, in Vietnamese."""
    told = as_contract(layers, day)
    out = [f"{told['code']}  {told['name']}", f"Lĩnh vực: {told['field'] or 'không rõ'}; cấp: {', '.join(told['levels']) or 'không rõ'}; cơ quan: {told['agency'] or 'không rõ'}"]
    for label, key in (("Cơ quan có thẩm quyền", "competent_agency"), ("Địa chỉ tiếp nhận", "receiving_address")):
        if told[key]:
            out.append(f"{label}: {told[key]}")
    if told["summary"]:
        out.append(told["summary"])
    for channel in told["channels"]:
        out.append(f"- {METHODS[channel['method']]}: {_time(channel)}" + (f" [{channel['case']}]" if channel["case"] else ""))
        for fee in channel["fees"]:
            amount = money(fee["amount"], fee["currency"]) if fee["amount"] is not None else fee["rate"] or "không ghi số"
            if fee["computed"] is not None:
                amount += f", tính ra {money(fee['computed'], fee['currency'])}"
            state = _state(fee, day)
            out.append(f"    {fee['kind'] or 'phí'}: {amount}{state}" + (f" – {fee['condition']}" if fee["condition"] else "") + (f" ({fee['basis']})" if fee["basis"] else ""))
        if channel["contradiction"]:
            out.append("    ! nguồn ghi miễn phí nhưng lại nêu mức thu")
        elif channel["status"] == "free":
            out.append("    miễn phí")
    out.append("Hồ sơ:")
    group = None
    for paper in told["dossier"]:
        if heading := group_heading(paper["group"], group):
            out.append(f"  [{heading}]")
        group = paper["group"]
        out.append(f"  {'*' if paper['is_note'] else '-'} {paper['name']}{'' if paper['is_note'] else _counts(paper)}{_form(paper)}")
    if told["dossier_sets"]:
        out.append(f"Số lượng hồ sơ: {told['dossier_sets']}")
    out += ["Các bước:", *(f"  {n}. {step}" for n, step in enumerate(told["steps"], 1))]
    if told["conditions"]:
        out.append(f"Điều kiện: {told['conditions']}")
    out += ["Căn cứ:", *(f"  - {d['number'] or ''} {d['title'] or ''}".rstrip() for d in told["legal_basis"])]
    out += ["Kết quả:", *(f"  - {name}" for name in told["results"])]
    source = told["source"]
    out.append(f"Nguồn: {source['url'] or ''} (xem ngày {source['retrieved'] or 'không rõ'}; {source['layer']})")
    out += [f"Đọc sau ngày đó, {LAYERS[one['origin']]} ({_vietnamese(one['retrieved'])}) ghi khác: {one['other']} – ở đây: {one['shown']}" for one in told["fresher"]]
    if told["flags"]:
        out.append("Cần người biên tập xem: " + "; ".join(sorted({f["kind"] for f in told["flags"]})))
    return "\n".join(out)
