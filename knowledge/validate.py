"""Checks of the knowledge base for editors: form, references, windows, sources, names that two acts share."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from knowledge.importers.catalogue import CATALOGUE, CatalogueError, catalogue_files, read_entry, read_names
from knowledge.overlay import title_key
from knowledge.records import NAMED_ONLY, ORIGIN_RANK, ProcedureRecord
from knowledge.store import Store

Severity = Literal["error", "warning"]
# The same act at another level, or for another kind of person, has the same name but for these words.
_LEVEL = re.compile(
    r"\((?:[^()]*?)(?:cấp|tại|trung ương|bộ|tỉnh|xã)[^()]*\)|\b(?:thực hiện )?(?:tại|ở|thuộc thẩm quyền(?: giải quyết)? của)\s+(?:công an |ubnd |ủy ban nhân dân )?(?:cấp )?(?:trung ương|tỉnh|xã|bộ)\b|\bcấp (?:trung ương|tỉnh|xã|bộ)\b",
    re.I,
)


@dataclass(frozen=True)
class Problem:
    """`where`: a code or a file; `text`: Vietnamese, what to mend."""

    severity: Severity
    kind: str
    where: str
    text: str


def validate_files(root: Path = CATALOGUE) -> Iterator[Problem]:
    """Form of the catalogue's files: schema, branches, names; one code twice."""
    seen: dict[str, Path] = {}
    for path in catalogue_files(root):
        try:
            record = read_entry(path)
        except (CatalogueError, TypeError, ValueError, KeyError) as error:
            yield Problem("error", "schema", path.name, str(error))
            continue
        if record.code in seen:
            yield Problem("error", "code-twice", record.code, f"mã có hai tệp: {seen[record.code].parent.name}/ và {path.parent.name}/")
        seen[record.code] = path
        if len({name.casefold() for name in record.names}) != len(record.names):
            yield Problem("warning", "name-twice", record.code, "một tên thường gọi được ghi hai lần")
    if (root / "names").is_dir():
        try:
            read_names(root / "names")
        except CatalogueError as error:
            yield Problem("error", "schema", "names", str(error))


def validate_store(store: Store, day: dt.date) -> Iterator[Problem]:
    """What the database says: every check of the module's docstring but the form of files."""
    outlines = store.outlines()
    names: dict[str, str] = {}
    described: set[str] = set()
    for code, origin, name in outlines:
        names.setdefault(code, name)
        if origin == "curated":
            names[code] = name
        if origin not in NAMED_ONLY:
            described.add(code)
    families: dict[str, str] = {}
    for record in store.records(set(ORIGIN_RANK) - NAMED_ONLY):
        if record.family:
            families[record.code] = record.family
        yield from record_problems(record, names.keys(), day)
    yield from shared_names(store, names, families)
    yield from look_alikes(names, families, described)


def record_problems(record: ProcedureRecord, known: set[str] | dict, day: dt.date) -> Iterator[Problem]:
    """Dead references, ended windows and missing sources of one layer."""
    curated = record.source.origin == "curated"
    for code in record.related:
        if re.fullmatch(r"\d\.\d{6}", code) and code not in known:
            yield Problem("error" if curated else "warning", "dead-reference", record.code, f"thủ tục liên quan {code} không có trong dữ liệu")
    for branch in record.branches:
        for option in branch.options:
            if option.get("procedure") and option["procedure"] not in known:
                yield Problem("error", "dead-reference", record.code, f"câu hỏi “{branch.question}”: lựa chọn “{option.get('label')}” dẫn tới mã {option['procedure']} không có trong dữ liệu")
    rows = [fee for channel in record.channels for fee in channel.fees]
    ended = sorted({fee.valid_to for fee in rows if fee.valid_to and fee.valid_to < day})
    if ended:
        yield Problem("warning", "expired-window", record.code, f"{record.source.origin}: mức thu đã hết hiệu lực sau ngày {', '.join(f'{one:%d/%m/%Y}' for one in ended)}")
    soon = sorted({fee.valid_to for fee in rows if fee.valid_to and day <= fee.valid_to <= day + dt.timedelta(days=60)})
    if soon and curated:
        yield Problem("warning", "window-ends-soon", record.code, f"mức thu hết hiệu lực sau ngày {', '.join(f'{one:%d/%m/%Y}' for one in soon)}")
    missing = [label for label, value in (("đường dẫn", record.source.url), ("ngày đọc", record.source.retrieved)) if not value]
    if missing:
        yield Problem("error" if curated else "warning", "missing-source", record.code, f"{record.source.origin}: nguồn thiếu {' và '.join(missing)}")
    if curated and any(fee.amount and not fee.basis for fee in rows) and not record.legal_basis:
        yield Problem("warning", "missing-basis", record.code, "có mức thu nhưng không có căn cứ pháp lý nào")


def _folded(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def act_key(name: str) -> str:
    """A title without what tells the levels of one act apart."""
    return title_key(_LEVEL.sub(" ", name))


def shared_names(store: Store, names: dict[str, str], families: dict[str, str]) -> Iterator[Problem]:
    """One everyday name for two different acts: the assistant could not tell them apart by it."""
    by_text: dict[str, set[str]] = defaultdict(set)
    for code, kind, text in store.everyday_names():
        if kind == "name":
            by_text[_folded(text)].add(code)
    for text, codes in sorted(by_text.items()):
        acts = {families.get(code) or act_key(names.get(code, code)) for code in codes}
        if len(acts) > 1:
            told = ", ".join(f"{code} ({names.get(code, '?')[:60]})" for code in sorted(codes))
            yield Problem("warning", "shared-name", min(codes), f"tên “{text}” dùng cho nhiều thủ tục khác nhau: {told}")


def look_alikes(names: dict[str, str], families: dict[str, str], described: set[str]) -> Iterator[Problem]:
    """Codes with one title that no family joins: editions of one act, or acts that need another title."""
    by_title: dict[str, list[str]] = defaultdict(list)
    for code, name in names.items():
        by_title[act_key(name)].append(code)
    for title, codes in sorted(by_title.items()):
        alive = sorted(code for code in codes if code in described)
        if len(alive) > 1 and len({families.get(code) for code in alive} - {None}) != 1:
            yield Problem("warning", "look-alike", alive[0], f"cùng tên “{title[:90]}”: {', '.join(alive)}")
