"""A procedure as other programs read it (contract.md, `motcua show`)."""

from __future__ import annotations

import datetime as dt
from typing import Any, Optional

from knowledge.fees import channel_fee, in_force, money
from knowledge.records import ChannelRecord, FeeRecord, ProcedureRecord


def _iso(day: Optional[dt.date]) -> Optional[str]:
    return day.isoformat() if day else None


def _number(value: Optional[float]) -> Optional[float | int]:
    return int(value) if value is not None and float(value).is_integer() else value


def _fee(fee: FeeRecord, day: dt.date) -> dict[str, Any]:
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
        "in_force": in_force(fee, day),
    }


def _channel(channel: ChannelRecord, day: dt.date) -> dict[str, Any]:
    limit = channel.time
    told = channel_fee(channel, day)
    return {
        "method": channel.method,
        "time": {"value": _number(limit.value), "unit": limit.unit, "note": limit.note, "maximum": _number(limit.maximum)} if limit and (limit.value is not None or limit.note) else None,
        "fees": [_fee(fee, day) for fee in channel.fees],
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
        "source": {
            "url": source.url or next((one.source.url for one in layers if one.source.url), None),
            "retrieved": _iso(source.retrieved),
            "origin": "curated" if source.origin == "curated" else "portal",
            "layer": source.origin,
            "note": source.note,
        },
    }


METHODS = {"online": "Trực tuyến", "post": "Bưu chính", "in_person": "Trực tiếp"}
UNITS = {"minute": "phút", "hour": "giờ", "working_hour": "giờ làm việc", "day": "ngày", "working_day": "ngày làm việc", "month": "tháng", "year": "năm"}


def as_text(layers: list[ProcedureRecord], day: dt.date) -> str:
    """The same for a reader, in Vietnamese."""
    told = as_contract(layers, day)
    out = [f"{told['code']}  {told['name']}", f"Lĩnh vực: {told['field'] or 'không rõ'}; cấp: {', '.join(told['levels']) or 'không rõ'}; cơ quan: {told['agency'] or 'không rõ'}"]
    if told["summary"]:
        out.append(told["summary"])
    for channel in told["channels"]:
        limit = channel["time"]
        time = f"{limit['value']} {UNITS.get(limit['unit'], '(không rõ đơn vị)')}" if limit and limit["value"] is not None else channel["time_text"] or "không nêu thời hạn"
        out.append(f"- {METHODS[channel['method']]}: {time}" + (f" [{channel['case']}]" if channel["case"] else ""))
        for fee in channel["fees"]:
            amount = money(fee["amount"], fee["currency"]) if fee["amount"] is not None else fee["rate"] or "không ghi số"
            state = "" if fee["in_force"] else " (không còn hoặc chưa có hiệu lực)"
            out.append(f"    {fee['kind'] or 'phí'}: {amount}{state}" + (f" – {fee['condition']}" if fee["condition"] else "") + (f" ({fee['basis']})" if fee["basis"] else ""))
        if channel["contradiction"]:
            out.append("    ! nguồn ghi miễn phí nhưng lại nêu mức thu")
        elif channel["status"] == "free":
            out.append("    miễn phí")
    out.append("Hồ sơ:")
    group = None
    for paper in told["dossier"]:
        if paper["group"] != group and paper["group"]:
            out.append(f"  [{paper['group']}]")
        group = paper["group"]
        counts = f" ({paper['originals'] or 0} bản chính, {paper['copies'] or 0} bản sao)" if paper["originals"] is not None or paper["copies"] is not None else ""
        out.append(f"  {'*' if paper['is_note'] else '-'} {paper['name']}{counts}" + (f" [mẫu {paper['form']}]" if paper["form"] else ""))
    out += ["Các bước:", *(f"  {n}. {step}" for n, step in enumerate(told["steps"], 1))]
    if told["conditions"]:
        out.append(f"Điều kiện: {told['conditions']}")
    out += ["Căn cứ:", *(f"  - {d['number'] or ''} {d['title'] or ''}".rstrip() for d in told["legal_basis"])]
    out += ["Kết quả:", *(f"  - {name}" for name in told["results"])]
    source = told["source"]
    out.append(f"Nguồn: {source['url'] or ''} (xem ngày {source['retrieved'] or 'không rõ'}; {source['layer']})")
    if told["flags"]:
        out.append("Cần người biên tập xem: " + "; ".join(sorted({f["kind"] for f in told["flags"]})))
    return "\n".join(out)
