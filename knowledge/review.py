"""What an editor should look at: what people report, data flags of the importers, and layers that contradict each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.desk import open_reports
from knowledge.overlay import differences, same_title
from knowledge.records import NAMED_ONLY, ORIGIN_RANK
from knowledge.store import Store


@dataclass(frozen=True)
class Finding:
    """`kind`: a data flag (docs/data-flags.md), "differs-..." or "reported-..."; `layer`: origin of the layer it is about."""

    code: str
    kind: str
    layer: str
    field: str
    text: str


def review(store: Store, day: dt.date, *, kinds: set[str] | None = None, codes: set[str] | None = None) -> Iterator[Finding]:
    """Findings by code: contradictions between layers first, then the flags of its layers. `kinds`, `codes`: only those."""
    flags: dict[str, list[Finding]] = {}
    for code, origin, kind, field, text in store.flags():
        flags.setdefault(code, []).append(Finding(code, kind, origin, field, text or ""))
    outlines: dict[str, list[tuple[str, str]]] = {}
    for code, origin, name in store.outlines():
        outlines.setdefault(code, []).append((origin, name))
    for code in sorted(outlines):
        if codes is not None and code not in codes:
            continue
        found: list[Finding] = []
        layers = sorted(outlines[code], key=lambda layer: ORIGIN_RANK[layer[0]])
        described = [origin for origin, _ in layers if origin not in NAMED_ONLY]
        # reading all layers of ten thousand codes takes a minute; only these can differ
        if len(described) > 1 or any(not same_title(layers[0][1], name) for _, name in layers[1:]):
            found += [Finding(code, one.kind, one.origin, one.field, one.text()) for one in differences(store.layers(code), day)]
        found += flags.get(code, [])
        yield from (one for one in found if kinds is None or one.kind in kinds)


def reported(database: str, *, kinds: set[str] | None = None, codes: set[str] | None = None) -> Iterator[Finding]:
    """What people report and nobody has looked at yet, oldest first; `motcua feedback --done` with its number ends it."""
    for row in open_reports(database):
        place = (row["row_id"] or "").split("/")
        said = row["line"] or row["question"] or ""
        text = f"góp ý số {row['id']}{', ' + row['reason'] if row['reason'] else ''}: {said}"
        found = Finding(row["procedure"] or place[0], f"reported-{'line' if row['kind'] == 'line' else 'answer'}", place[1] if len(place) > 1 else "", row["row_id"] or " ".join(row["aspects"]), text)
        if (kinds is None or found.kind in kinds) and (codes is None or found.code in codes):
            yield found
