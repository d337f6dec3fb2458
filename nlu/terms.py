"""Which old or folk terms does a message use, and what are they called today?

Data: `lexicon/terms.yml`. The answer can say "nay gọi là ...".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from nlu.lexicon import load
from nlu.patterns import compile_phrases, searchable
from nlu.text import Normalised, normalise


@dataclass(frozen=True)
class Term:
    """say: as found (normalised). now: today's name. note: sentence for the answer or "". basis: the document
    that changed the name, or "" for a mere folk name. start, end: span of the original."""

    say: str
    now: str
    note: str
    basis: str
    start: int
    end: int


@cache
def _terms() -> list[tuple[object, dict[str, str]]]:
    out = []
    for entry in load("terms")["terms"]:
        forms = sorted({normalise(form).text for form in entry["say"]}, key=len, reverse=True)
        out.append((compile_phrases(tuple(forms)), {"now": entry["now"], "note": entry.get("note", ""), "basis": entry.get("basis", "")}))
    return out


def find_terms(message: Normalised) -> list[Term]:
    """Old and folk terms in order of the text; where two overlap, the longer."""
    text = searchable(message)
    hits = [(found.start(), found.end(), found.group(), data) for pattern, data in _terms() for found in pattern.finditer(text)]
    hits.sort(key=lambda hit: (hit[0] - hit[1], hit[0]))
    kept: list[tuple[int, int, str, dict[str, str]]] = []
    for hit in hits:
        if all(hit[1] <= other[0] or hit[0] >= other[1] for other in kept):
            kept.append(hit)
    out = []
    for start, _end, words, data in sorted(kept, key=lambda hit: hit[0]):
        first = len(text[:start].split())
        span = message.original_span(first, first + len(words.split()))
        out.append(Term(words, data["now"], data["note"], data["basis"], *span))
    return out
