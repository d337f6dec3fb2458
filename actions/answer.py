"""The typed answer: what kind it is, what it says line by line, and where each line comes from.

Channels render it (bot/rendering.py), reports and tests read it; nobody guesses from prose.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Literal

Kind = Literal["answer", "choices", "guidance", "declined", "smalltalk", "emergency", "handoff", "error"]
LineKind = Literal["fact", "heading", "item", "note", "warning", "text"]


@dataclass(frozen=True)
class Source:
    """Where a line comes from. Dates are ISO text; `retrieved` is when it was read there."""

    document: str
    number: str | None = None
    section: str | None = None
    date: str | None = None
    url: str | None = None
    retrieved: str | None = None
    origin: str | None = None


@dataclass(frozen=True)
class Line:
    """One line to say. `source` indexes Answer.sources; facts must have one. `row` names the row for "báo dòng này sai"."""

    text: str
    kind: LineKind = "fact"
    source: int | None = None
    row: str | None = None


@dataclass(frozen=True)
class Button:
    title: str
    payload: str


@dataclass
class Answer:
    kind: Kind
    lines: list[Line] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)
    procedures: list[str] = field(default_factory=list)  # codes answered about; for choices those offered, best first
    aspects: list[str] = field(default_factory=list)
    more: list[Line] = field(default_factory=list)  # said on "xem thêm"
    attachments: list[dict] = field(default_factory=list)  # files to offer: {"kind": "checklist", "code", "case"[, "place"]} (bot/printing.py)

    def add_source(self, source: Source) -> int:
        """Index of the source, added once."""
        if source in self.sources:
            return self.sources.index(source)
        self.sources.append(source)
        return len(self.sources) - 1

    def say(self, text: str, kind: LineKind = "text", source: int | None = None, row: str | None = None) -> Answer:
        self.lines.append(Line(text, kind, source, row))
        return self

    def as_dict(self) -> dict:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict) -> Answer:
        return cls(
            kind=data["kind"],
            lines=[Line(**line) for line in data.get("lines", [])],
            sources=[Source(**source) for source in data.get("sources", [])],
            buttons=[Button(**button) for button in data.get("buttons", [])],
            procedures=list(data.get("procedures", [])),
            aspects=list(data.get("aspects", [])),
            more=[Line(**line) for line in data.get("more", [])],
            attachments=list(data.get("attachments", [])),
        )

    def plain_text(self) -> str:
        """The whole answer as plain text, sources at the end."""
        parts = [("• " + line.text if line.kind == "item" else line.text) for line in self.lines]
        parts += [source_text(source) for source in self.sources]
        return "\n".join(parts)


def vietnamese_date(iso: str | None) -> str:
    """'2026-07-20' -> '20/7/2026'; '' for None."""
    if not iso:
        return ""
    year, month, day = iso[:10].split("-")
    return f"{int(day)}/{int(month)}/{year}"


def source_text(source: Source) -> str:
    """One source as a citizen reads it."""
    text = f"Nguồn: {source.document}"
    if source.number and source.number not in source.document:
        text += f", số {source.number}"
    if source.section:
        text += f", {source.section}"
    if source.date:
        text += f", ngày {vietnamese_date(source.date)}"
    if source.retrieved:
        text += f" (xem ngày {vietnamese_date(source.retrieved)})"
    if source.url:
        text += f" – {source.url}"
    return text
