"""What an importer hands to the store: one procedure as plain data, before any database.

Importers (curated catalogue, structured file, portal crawl, XLSX lists) build a
`ProcedureRecord`; `knowledge.store` writes it; `knowledge.views` reads it back.
Text that could not be structured with certainty stays in `raw` and is named in `flags`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass
from dataclasses import field as attribute
from typing import Literal

Origin = Literal["curated", "structured", "portal", "list", "register"]
Method = Literal["online", "post", "in_person"]
TimeUnit = Literal["minute", "hour", "working_hour", "day", "working_day", "month", "year"]
Level = Literal["bộ", "tỉnh", "xã", "khác"]

# Which layer is shown first when several describe the same code.
ORIGIN_RANK: dict[str, int] = {"curated": 0, "structured": 1, "portal": 2, "list": 3, "register": 4}
# Layers that only name a procedure.
NAMED_ONLY = frozenset({"list", "register"})


@dataclass
class SourceRecord:
    """Where a record was read. `retrieved` is the day it was read there, not today."""

    origin: Origin
    url: str | None = None
    retrieved: dt.date | None = None
    decision: str | None = None  # số quyết định công bố
    note: str | None = None


@dataclass
class TimeLimit:
    """A time limit. `unit` is None where the source gives a bare number: then it must not be shown as a limit."""

    value: float | None = None
    unit: TimeUnit | None = None
    note: str | None = None
    maximum: float | None = None  # "10 - 15 ngày": value 10, maximum 15


@dataclass
class FeeRecord:
    """One amount or rate. `amount` None and `rate` None with a `basis` means: set elsewhere, the source gives no figure."""

    amount: float | None = None
    rate: str | None = None  # "0,1%", "50%"
    currency: str = "VND"
    kind: Literal["phí", "lệ phí"] | None = None
    condition: str | None = None
    per: str | None = None  # "lần", "người", "bản", "hồ sơ" ...
    bound: Literal["min", "max"] | None = None  # "từ", "tối đa"
    place: str | None = None  # province, where the row holds for one place only
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    basis: str | None = None  # number of the legal document
    exempt: bool = False  # the condition names who pays nothing
    decided_by_council: bool = False  # HĐND cấp tỉnh sets it
    when: dict[str, list[str]] = attribute(default_factory=dict)  # branch id -> option ids it holds for


@dataclass
class ChannelRecord:
    """One way of filing. Several rows may share a method: `case` then tells them apart."""

    method: Method
    time: TimeLimit | None = None
    fees: list[FeeRecord] = attribute(default_factory=list)
    declared_free: bool = False
    contradiction: bool = False
    case: str | None = None
    description: str | None = None  # where and how, the source's words
    note: str | None = None  # the fee cell in the source's own words
    time_text: str | None = None  # the time cell in the source's own words
    when: dict[str, list[str]] = attribute(default_factory=dict)


@dataclass
class DossierItem:
    """One paper. `is_note` marks a row that instructs rather than names a paper."""

    name: str
    originals: int | None = None
    copies: int | None = None
    form: str | None = None  # form code ("CT01") or file name
    group: str | None = None  # the case the list belongs to, as titled by the source
    condition: str | None = None
    is_note: bool = False
    when: dict[str, list[str]] = attribute(default_factory=dict)  # branch id -> option ids it is needed for


@dataclass
class LegalDocument:
    number: str | None = None
    title: str | None = None
    date: dt.date | None = None
    issuer: str | None = None


@dataclass
class ResultRecord:
    name: str
    code: str | None = None
    refusal: bool = False


@dataclass
class Flag:
    """Something an editor should look at. `kind` is a slug such as 'free-but-amounts' (docs/data-flags.md)."""

    kind: str
    field: str
    text: str | None = None


@dataclass
class Branch:
    """One "which case are you" question of a curated procedure.

    An option is {"id", "label"} and may carry "procedure": the code that fits that case instead.
    Papers, fees and channels name the options they hold for in `when`; "không biết" is always possible.
    """

    id: str
    question: str
    options: list[dict] = attribute(default_factory=list)


@dataclass
class ProcedureRecord:
    code: str
    name: str
    source: SourceRecord
    field: str | None = None
    levels: list[Level] = attribute(default_factory=list)
    level_text: str | None = None
    kind: str | None = None  # loại thủ tục
    agency: str | None = None  # cơ quan thực hiện
    competent_agency: str | None = None
    receiving_address: str | None = None
    delegated_agency: str | None = None
    coordinating_agency: str | None = None
    audience: list[str] = attribute(default_factory=list)
    names: list[str] = attribute(default_factory=list)  # everyday names
    situations: list[str] = attribute(default_factory=list)
    popularity: int | None = None  # 0 specialists .. 3 every household
    family: str | None = None
    summary: str | None = None  # what it is for, one or two sentences of our own (curated only)
    channels: list[ChannelRecord] = attribute(default_factory=list)
    dossier: list[DossierItem] = attribute(default_factory=list)
    dossier_sets: str | None = None  # số bộ hồ sơ, as said by the source
    steps: list[str] = attribute(default_factory=list)
    conditions: str | None = None
    legal_basis: list[LegalDocument] = attribute(default_factory=list)
    results: list[ResultRecord] = attribute(default_factory=list)
    related: list[str] = attribute(default_factory=list)
    online_level: Literal["toàn trình", "một phần", "cung cấp thông tin"] | None = None
    online_url: str | None = None
    tips: list[str] = attribute(default_factory=list)  # why dossiers come back, what to watch (curated)
    branches: list[Branch] = attribute(default_factory=list)
    flags: list[Flag] = attribute(default_factory=list)
    raw: dict[str, str] = attribute(default_factory=dict)  # field -> the source's own text

    def as_dict(self) -> dict:
        """JSON-ready: dates as ISO text."""
        return json.loads(json.dumps(asdict(self), default=str, ensure_ascii=False))

    def digest(self) -> str:
        """A fingerprint of the content; equal digests mean that a second import changes nothing.

        Nothing said and an empty value are one, and so are 5 and 5.0: a database and a YAML file keep them differently.
        """
        return hashlib.sha256(json.dumps(filled(self.as_dict()), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def filled(value: object) -> object:
    """`value` (JSON-ready) without empty parts, whole numbers as int: what an export writes."""
    if isinstance(value, dict):
        parts = ((key, filled(one)) for key, one in value.items())
        return {key: one for key, one in parts if one is not None and one is not False and one != "" and one != [] and one != {}}
    if isinstance(value, list):
        return [filled(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def record_from_dict(data: dict) -> ProcedureRecord:
    """The inverse of `ProcedureRecord.as_dict`. Raises TypeError on an unknown key."""

    def date(value: object) -> dt.date | None:
        return dt.date.fromisoformat(str(value)) if value else None

    data = dict(data)
    source = dict(data.pop("source"))
    source["retrieved"] = date(source.get("retrieved"))
    channels = []
    for channel in data.pop("channels", None) or []:
        channel = dict(channel)
        fees = [
            FeeRecord(**{**fee, "valid_from": date(fee.get("valid_from")), "valid_to": date(fee.get("valid_to"))})
            for fee in channel.pop("fees", None) or []
        ]
        limit = channel.pop("time", None)
        channels.append(ChannelRecord(**channel, time=TimeLimit(**limit) if limit else None, fees=fees))
    return ProcedureRecord(
        source=SourceRecord(**source),
        channels=channels,
        dossier=[DossierItem(**item) for item in data.pop("dossier", None) or []],
        legal_basis=[LegalDocument(**{**d, "date": date(d.get("date"))}) for d in data.pop("legal_basis", None) or []],
        results=[ResultRecord(**r) for r in data.pop("results", None) or []],
        branches=[Branch(**b) for b in data.pop("branches", None) or []],
        flags=[Flag(**f) for f in data.pop("flags", None) or []],
        **data,
    )
