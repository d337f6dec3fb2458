"""Search as other programs see it: procedures and passages in one ranking per kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from knowledge.search.analysis import folded_words, terms
from knowledge.search.procedures import ProcedureSearch
from knowledge.store import Store

_opened: dict[tuple, Any] = {}
MIX = {"title": 1.0, "title_bm25": 0.8, "names": 1.0, "situations": 0.9, "phrases_bm25": 1.0, "body": 0.5}


def procedure_search(store: Store, cache: Path | None) -> ProcedureSearch:
    """One follower a store, process and cache folder."""
    key = ("procedure", id(store), cache)
    if key not in _opened:
        _opened[key] = ProcedureSearch(store, cache)
    return _opened[key]


def search(store: Store, words: str, *, kind: str | None = None, limit: int = 10, cache: Path | None = None) -> list[dict[str, Any]]:
    """[{"id", "score", "title", "source", "snippet", "kind"}], best first; scores compare within a kind only."""
    found: list[dict[str, Any]] = []
    if kind in (None, "procedure"):
        found += _procedures(store, words, limit, cache)
    if kind in (None, "guidance"):
        from knowledge.search.passages import passage_search

        found += [hit.as_dict() for hit in passage_search(store, cache).search(words, limit=limit)]
    return found if kind else sorted(found, key=lambda hit: -hit["score"])[:limit]


def _procedures(store: Store, words: str, limit: int, cache: Path | None) -> list[dict[str, Any]]:
    index = procedure_search(store, cache).index()
    query = terms(folded_words(words))
    mix = np.zeros(len(index.entries), dtype=np.float32)
    found = index.word_scores(query) | {"body": index.body.scores(query)}
    for view, weight in MIX.items():
        scores = found[view]
        best = float(scores.max()) if len(scores) else 0.0
        if best > 0:
            mix += weight * scores / best
    if words.strip() in index.row_of:
        mix[index.row_of[words.strip()]] += 10
    rows = [row for row in np.argsort(-mix, kind="stable")[:limit] if mix[row] > 0]
    sources = store.sources([index.entries[row].code for row in rows])
    hits = []
    for row in rows:
        entry = index.entries[row]
        source = sources[entry.code]
        hits.append(
            {
                "id": entry.code,
                "kind": "procedure",
                "score": round(float(mix[row]), 4),
                "title": entry.name,
                "source": {"url": source.url, "retrieved": source.retrieved.isoformat() if source.retrieved else None, "origin": source.origin},
                "snippet": f"{entry.field}; cấp {', '.join(entry.levels) or 'không rõ'}; {entry.agency[:120]}",
            }
        )
    return hits
