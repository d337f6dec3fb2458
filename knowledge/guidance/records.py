"""What an importer of guidance documents hands over: documents and passages as plain data.

`knowledge.importers.documents` builds these from files, `knowledge.guidance.load_notes`
from the project's own notes; the store writes them, the search index reads them.
Nothing here knows of a database.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass
from dataclasses import field as attribute
from typing import Literal

PassageKind = Literal[
    "paragraph", "task", "article", "point", "table_row", "table", "list", "definition", "contact", "heading"
]
PassageOrigin = Literal["document", "note"]


@dataclass
class PassageRecord:
    """One self-contained piece of a document, about 200-1200 characters.

    `document` and `document_date` together name the document (numbers repeat: two
    directives bear the number 14/CT-TTg). `heading` runs from the outermost title to the
    innermost. `label` is the place as one cites it ("nhiệm vụ 18", "Điều 5", "điểm 11",
    "nền tảng 34", "Phụ lục 01"); None where the place has no number. Lines count from 1
    in the source file; `page` only for PDF. `year` is the year the statement is about,
    None where the text does not say.
    """

    id: str
    document: str
    document_date: dt.date | None
    text: str
    kind: PassageKind = "paragraph"
    heading: list[str] = attribute(default_factory=list)
    label: str | None = None
    title: str | None = None  # plain words: what it is about
    questions: list[str] = attribute(default_factory=list)  # notes only: how people ask for it
    line_from: int | None = None
    line_to: int | None = None
    page: int | None = None
    usable: bool = True
    reason: str | None = None  # why it must not be quoted, or what to be careful about
    duplicate_of: str | None = None  # id of the passage to show instead
    year: int | None = None
    previous: str | None = None
    following: str | None = None
    corrections: list[str] = attribute(default_factory=list)  # ids of the rules of corrections.yml applied here
    origin: PassageOrigin = "document"
    warning: str | None = None  # to be shown with it (age of a contact, source contradicts itself)
    topics: list[str] = attribute(default_factory=list)  # notes only: slugs of the subject ("target", "contact" ...)
    also: list[dict] = attribute(default_factory=list)  # notes only: further sources {document, date, section}

    @property
    def section(self) -> str:
        """The place for a citation: the label, or else the innermost heading ('' if none)."""
        return self.label or (self.heading[-1] if self.heading else "")

    @property
    def shown(self) -> bool:
        """May be quoted and is not a second copy."""
        return self.usable and self.duplicate_of is None

    def citation(self) -> str:
        """'797/BTTTT-THH ngày 06/3/2022, nhiệm vụ 18'."""
        date = ""
        if self.document_date and not self.document.startswith(("Tài liệu ", "Phiên ")):
            day = self.document_date
            month = (
                f"{day.month:02d}" if day.month < 3 else str(day.month)
            )  # 06/3/2022, 28/01/2022 (Thông tư 01/2011/TT-BNV)
            date = f" ngày {day.day:02d}/{month}/{day.year}"
        return f"{self.document}{date}" + (f", {self.section}" if self.section else "")

    def as_dict(self) -> dict:
        """JSON-ready: dates as ISO text."""
        return json.loads(json.dumps(asdict(self), default=str, ensure_ascii=False))

    def digest(self) -> str:
        return _digest(self.as_dict())


@dataclass
class DocumentRecord:
    """One document. `inner` holds documents that stood inside the same file, each complete by itself.

    `key` is unique over all files: the same letter imported from its own file and from the
    training book gives two records with one number and date, and keys
    "797-btttt-thh-20220306" and "797-btttt-thh-20220306@tai-lieu-06-4-2022".
    """

    key: str
    number: str
    date: dt.date | None
    title: str
    issuer: str | None = None
    kind: str | None = None  # công văn, quyết định, nghị định, chỉ thị, tài liệu, biên bản họp, tin báo
    signer: str | None = None
    recipients: str | None = None
    validity: str | None = None  # what is known about validity, in words
    superseded_by: str | None = None
    aliases: list[str] = attribute(default_factory=list)
    file: str | None = None
    url: str | None = None
    retrieved: dt.date | None = None
    contained_in: str | None = None  # key of the document whose file it stood in
    part: list[str] = attribute(default_factory=list)  # headings of the containing document above it
    year: int | None = None  # the plan year of the document
    rank: int = 0  # 0 the document itself, 1 a copy inside another file, 2 a summary by somebody else
    contents: list[str] = attribute(default_factory=list)  # headings in order, for "mục lục"
    passages: list[PassageRecord] = attribute(default_factory=list)
    inner: list[DocumentRecord] = attribute(default_factory=list)
    tables: int = 0  # table blocks in the file that belong to this document
    dropped: list[tuple[int, str]] = attribute(default_factory=list)  # (line, why) left out as page furniture

    def walk(self) -> list[DocumentRecord]:
        """This document and the inner ones, in the order of the file."""
        return [self, *(d for one in self.inner for d in one.walk())]

    def as_dict(self) -> dict:
        """JSON-ready: dates as ISO text."""
        return json.loads(json.dumps(asdict(self), default=str, ensure_ascii=False))

    def digest(self) -> str:
        """A fingerprint of the content without file name and day of reading; equal means nothing to do."""
        data = self.as_dict()
        for name in ("file", "retrieved", "inner"):
            data.pop(name)
        return _digest(data)


def _digest(data: dict) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
