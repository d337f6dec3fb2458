"""The project's own notes on the guidance documents, as passages.

They answer from a fresh clone, where no document has been imported; every figure carries the
document, its date and the place. Where the document itself is imported, its passage is quoted.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path

import yaml

from knowledge.guidance.records import PassageRecord

NOTES = Path(__file__).parent / "notes"
OLD_CONTACT = "Thông tin liên hệ của văn bản năm {year}, có thể đã thay đổi; nên kiểm tra lại trước khi gọi."
_KINDS = {"contact": "contact", "definition": "definition", "task": "task"}


@lru_cache(maxsize=1)
def _files() -> tuple[tuple[str, dict], ...]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return tuple(
        (path.stem, yaml.load(path.read_text(encoding="utf-8"), Loader=loader)) for path in sorted(NOTES.glob("*.yml"))
    )


def load_notes() -> list[PassageRecord]:
    """All notes in the order of the files, ids "note:<id>"; neighbours of one file are linked.

    Raises yaml.YAMLError on broken YAML, KeyError where a required key is missing (notes.schema.json).
    """
    passages: list[PassageRecord] = []
    for _stem, data in _files():
        first = len(passages)
        for note in data["notes"]:
            topics = [*data.get("topics", []), *note.get("topics", [])]
            date = _date(note.get("date", data["date"]))
            kind = next((_KINDS[topic] for topic in reversed(topics) if topic in _KINDS), "point")
            warnings = [note["warning"]] if "warning" in note else []
            if "contact" in topics:
                warnings.append(OLD_CONTACT.format(year=date.year))
            passages.append(
                PassageRecord(
                    id=f"note:{note['id']}",
                    document=note.get("document", data["document"]),
                    document_date=date,
                    text=note["text"],
                    kind=kind,
                    heading=[note["title"]],
                    label=note.get("section"),
                    title=note["title"],
                    questions=list(note["questions"]),
                    year=note.get("year", None if "document" in note else data.get("year")),
                    origin="note",
                    warning=" ".join(warnings) or None,
                    topics=topics,
                    also=[{**one, "date": _date(one["date"])} for one in note.get("also", [])],
                )
            )
        for index in range(first, len(passages)):
            passages[index].previous = passages[index - 1].id if index > first else None
            passages[index].following = passages[index + 1].id if index + 1 < len(passages) else None
    return passages


def _date(value: object) -> dt.date:
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))
