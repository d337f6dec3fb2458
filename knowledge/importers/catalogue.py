"""The curated catalogue: YAML files written by editors, checked against a schema, read into records.

Files: knowledge/catalogue/<field>/<code>.yml (one procedure each, schema.json) and
knowledge/catalogue/names/*.yml (everyday names and situations by code).
"""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

from knowledge.records import ProcedureRecord, SourceRecord, record_from_dict

CATALOGUE = Path(__file__).parent.parent / "catalogue"
NAMES = CATALOGUE / "names"
REGISTER = CATALOGUE / "register.csv"
# The C loader is some ten times faster; wheels of PyYAML carry it.
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
TextLoader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class CatalogueError(ValueError):
    """A file that an editor must mend; the message names file and place."""


@lru_cache(maxsize=1)
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads((CATALOGUE / "schema.json").read_text(encoding="utf-8")))


def catalogue_files(root: Path = CATALOGUE) -> list[Path]:
    return sorted(path for path in root.glob("*/*.yml") if path.parent.name != "names")


def read_entry(path: Path) -> ProcedureRecord:
    """One curated procedure. Raises CatalogueError."""
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=Loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path}: không đọc được YAML: {error}") from error
    errors = sorted(_validator().iter_errors(data), key=lambda e: list(map(str, e.path)))
    if errors:
        place = "/".join(map(str, errors[0].path)) or "tệp"
        raise CatalogueError(f"{path}: {place}: {errors[0].message}")
    if path.stem != data["code"]:
        raise CatalogueError(f"{path}: tên tệp phải là mã thủ tục {data['code']}.yml")
    problems = _branch_problems(data)
    if problems:
        raise CatalogueError(f"{path}: {problems[0]}")
    data["source"] = {"origin": "curated", **data["source"]}
    return record_from_dict(data)


def _branch_problems(data: dict) -> list[str]:
    known = {branch["id"]: {option["id"] for option in branch["options"]} for branch in data.get("branches", [])}
    rows = list(data["dossier"]) + list(data["channels"]) + [fee for c in data["channels"] for fee in c.get("fees", [])]
    return [
        f"when: nhánh {branch!r} hoặc lựa chọn {option!r} không được khai báo"
        for row in rows
        for branch, options in (row.get("when") or {}).items()
        for option in options
        if option not in known.get(branch, set())
    ]


def read_catalogue(root: Path = CATALOGUE, on_error: Callable[[CatalogueError], None] | None = None) -> Iterator[ProcedureRecord]:
    """All curated procedures. A bad file raises CatalogueError, or is told to `on_error` and left out."""
    for path in catalogue_files(root):
        try:
            yield read_entry(path)
        except CatalogueError as error:
            if on_error is None:
                raise
            on_error(error)


def read_names(root: Path = NAMES) -> list[dict]:
    """Rows {"code", "kind", "text", "popularity"} of knowledge/catalogue/names. Raises CatalogueError."""
    rows = []
    for path in sorted(root.glob("*.yml")):
        try:
            data = yaml.load(path.read_text(encoding="utf-8"), Loader=TextLoader) or {}
            for code, entry in data.items():
                popularity = int(entry["p"])
                for kind, texts in (("name", entry["names"]), ("situation", entry["situations"])):
                    rows += [{"code": code, "kind": kind, "text": text, "popularity": popularity} for text in texts]
        except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise CatalogueError(f"{path}: {error}") from error
    return rows


def read_register(path: Path = REGISTER) -> Iterator[ProcedureRecord]:
    """Procedures known by name only (origin "register"): official name, field and levels as the national portal gave them."""
    with path.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle, delimiter=";"):
            yield ProcedureRecord(
                code=row["code"],
                name=row["name"],
                field=row["field"],
                levels=row["levels"].split(),
                source=SourceRecord("register", "https://dichvucong.gov.vn", dt.date.fromisoformat(row["seen"])),
            )
