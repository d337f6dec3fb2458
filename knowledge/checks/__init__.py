"""Before-you-submit checks: the usual reasons why a dossier comes back, as yes/no questions.

Files: general.yml (every dossier) and one file a field. A check is general experience in our own words, never a rule;
what a source says of the procedure comes from its own texts: `cites` is a pattern, and the check is asked only where a
sentence of the procedure matches it, which is then quoted with its source.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml

FOLDER = Path(__file__).parent
KEYS = {"id", "question", "good", "mend", "words", "online", "cites", "codes", "weight"}


@dataclass(frozen=True)
class Check:
    """`good`: the answer that needs no mending. `words`: what people say when they ask about this very point.

    online: only where the procedure can be filed online; codes: only for these procedures; weight: higher is asked first.
    """

    id: str
    question: str
    mend: str
    good: Literal["co", "khong"] = "co"
    words: tuple[str, ...] = ()
    online: bool = False
    cites: str | None = None
    codes: tuple[str, ...] = ()
    weight: int = 0


class CheckError(ValueError):
    """A file of checks breaks the schema; names file and check."""


def read(path: Path) -> tuple[list[str], list[Check]]:
    """(fields, checks) of one file. Raises CheckError."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    checks = []
    for row in data["checks"]:
        name = f"{path.name}: {row.get('id')}"
        if unknown := set(row) - KEYS:
            raise CheckError(f"{name}: unknown keys {sorted(unknown)}")
        if not row.get("id") or not row.get("question", "").endswith("?") or not row.get("mend"):
            raise CheckError(f"{name}: id, a question that ends with '?', and mend are needed")
        good = {True: "co", False: "khong", None: "co"}[row.get("good")]
        checks.append(Check(**{**row, "good": good, "words": tuple(row.get("words") or ()), "codes": tuple(row.get("codes") or ())}))
        if checks[-1].cites:
            re.compile(checks[-1].cites)
    return data.get("fields") or [], checks


@lru_cache(maxsize=1)
def _all() -> list[tuple[tuple[str, ...], Check]]:
    return [(tuple(fields), check) for path in sorted(FOLDER.glob("*.yml")) for fields, checks in [read(path)] for check in checks]


def checks_for(code: str | None, field: str | None, *, online: bool = True) -> list[Check]:
    """The checks of a procedure (of any dossier when `code` is None), the weightiest first; `cites` is left to the caller."""
    fitting = []
    for fields, check in _all():
        if fields and field not in fields:
            continue
        if check.codes and code not in check.codes:
            continue
        if check.online and not online:
            continue
        fitting.append(check)
    return sorted(fitting, key=lambda c: -c.weight)


def check_by_id(check_id: str) -> Check | None:
    return next((check for _, check in _all() if check.id == check_id), None)
