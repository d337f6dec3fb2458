"""The register of guidance documents: what each one is, and how its text is recognised and cleaned.

All facts are data in `register.yml` and `corrections.yml`; this file only reads them.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from dataclasses import field as attribute
from functools import lru_cache
from pathlib import Path

import yaml

HERE = Path(__file__).parent


@dataclass
class Document:
    """A registered document. Number and date together name it."""

    number: str
    date: dt.date | None
    title: str
    issuer: str | None = None
    kind: str | None = None
    signer: str | None = None
    year: int | None = None
    validity: str | None = None
    superseded_by: str | None = None
    url: str | None = None
    aliases: list[str] = attribute(default_factory=list)
    summary: str | None = None
    units: list[dict] = attribute(
        default_factory=list
    )  # {heading: regex, kind, label: "nhiệm vụ {n}", titles: {n: words}}
    last: dict[str, int] = attribute(default_factory=dict)  # {folded kind of place: its highest number}, where our notes skip some
    warnings: list[dict] = attribute(default_factory=list)  # {match: regex, text}: said together with the passage


@dataclass
class Source:
    """A kind of file: recognised by what it contains, never by its name."""

    key: str
    document: str  # number of the document that the file is
    date: dt.date | None
    all: list[str]  # every one of these must occur near the start
    rank: int = 0  # 2: a summary by somebody else
    kind: str | None = None
    url: str | None = None
    drop: list[dict] = attribute(default_factory=list)  # {from: regex, to: regex, why} or {line: regex, why}
    inline: bool = False  # the whole text stands on one line
    unusable: list[dict] = attribute(default_factory=list)  # {caption, rows, columns, reason}


@dataclass
class Rule:
    """One listed correction of a reading slip."""

    id: str
    find: re.Pattern[str]
    put: str
    why: str
    sources: list[str] = attribute(default_factory=list)  # empty: everywhere


@dataclass
class Register:
    documents: list[Document]
    sources: list[Source]
    drop: list[dict]  # page furniture known from many sites

    def document(self, number: str, date: dt.date | None = None) -> Document | None:
        """By number (any spacing, any case), and by date where the number repeats."""
        wanted = fold_number(number)
        same = [d for d in self.documents if fold_number(d.number) == wanted]
        if date is not None:
            return next((d for d in same if d.date == date), None)
        return same[0] if len(same) == 1 else None

    def recognise(self, text: str) -> Source | None:
        """The source whose marks all stand in `text` (the start of the file, white space folded)."""
        folded = re.sub(r"\s+", " ", text)
        return next((s for s in self.sources if all(mark in folded for mark in s.all)), None)


def fold_number(number: str) -> str:
    """'16 - CV/BCSD' and '16-CV/BCSĐ' are one number."""
    return re.sub(r"[^0-9A-Z/-]", "", number.upper().replace("Đ", "D")).replace("-/", "/")


@lru_cache(maxsize=1)
def load_register() -> Register:
    """Reads register.yml. Raises TypeError on an unknown key, yaml.YAMLError on broken YAML."""
    data = yaml.safe_load((HERE / "register.yml").read_text(encoding="utf-8"))
    return Register(
        documents=[Document(**one) for one in data["documents"]],
        sources=[Source(**one) for one in data["sources"]],
        drop=data["drop"],
    )


@lru_cache(maxsize=1)
def load_corrections() -> list[Rule]:
    """Reads corrections.yml: literal text under `find`, or an expression under `match`."""
    rules = []
    for one in yaml.safe_load((HERE / "corrections.yml").read_text(encoding="utf-8"))["rules"]:
        pattern = one["match"] if "match" in one else re.escape(one["find"])
        rules.append(Rule(one["id"], re.compile(pattern), one["put"], one["why"], one.get("sources", [])))
    return rules
