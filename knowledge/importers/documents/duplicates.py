"""The same text in two documents known as one: every copy points to the passage to show."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz

from knowledge.guidance.records import DocumentRecord, PassageRecord

SHINGLE = 6  # words
SHARED = 0.75  # of the shorter text's shingles
RATIO = 90  # similarity of the texts, 0-100
LONG = 120  # below this only copies of the same document count


def find_duplicates(passages: Sequence[PassageRecord], rank: dict[str, int] | None = None) -> dict[str, str]:
    """{id of the copy: id of the passage to show}.

    `rank`: id -> rank of its document (0 the document itself, 1 a copy in a book, 2 a summary);
    the smaller stays. Two passages are one when they say the same words, or the copy is wholly
    contained in the other. Table rows and whole tables are compared only with their like.
    """
    rank = rank or {}
    order = sorted(range(len(passages)), key=lambda i: (rank.get(passages[i].id, 0), i))
    words = [_words(p.text) for p in passages]
    index: dict[tuple[str, ...], list[int]] = defaultdict(list)
    found: dict[str, str] = {}
    for i in order:
        passage, mine = passages[i], words[i]
        shingles = _shingles(mine)
        hits: Counter[int] = Counter()
        for shingle in shingles:
            for other in index.get(shingle, ()):
                hits[other] += 1
        for other, shared in hits.most_common(3):
            if _same(passage, passages[other], mine, words[other], shared, len(shingles)):
                found[passage.id] = passages[other].id
                break
        else:
            for shingle in shingles:
                index[shingle].append(i)
    return found


def mark_duplicates(documents: Iterable[DocumentRecord]) -> int:
    """Sets `duplicate_of` over all passages of these documents (inner ones too); returns how many are copies."""
    every = [one for document in documents for one in document.walk()]
    passages = [passage for one in every for passage in one.passages]
    rank = {passage.id: one.rank for one in every for passage in one.passages}
    found = find_duplicates(passages, rank)
    for passage in passages:
        passage.duplicate_of = found.get(passage.id)
    return len(found)


def _same(
    one: PassageRecord, other: PassageRecord, mine: list[str], theirs: list[str], shared: int, total: int
) -> bool:
    tabular = ("table_row", "table")
    if (one.kind in tabular) != (other.kind in tabular) or (one.kind in tabular and one.kind != other.kind):
        return False
    if one.document == other.document and one.id.split(":")[0] == other.id.split(":")[0]:
        return mine == theirs and len(one.text) >= LONG  # inside one document only a word for word repeat
    if one.document != other.document and len(one.text) < LONG:
        return False
    if shared / max(1, total) < SHARED:
        return False
    a, b = " ".join(mine), " ".join(theirs)
    if fuzz.ratio(a, b) >= RATIO:
        return not _figures_differ(mine, theirs)
    contained = len(a) < len(b) and fuzz.partial_ratio(a, b) >= 96
    return contained and not set(_figures(mine)) - set(_figures(theirs))


def _figures(words: list[str]) -> list[str]:
    return [re.sub(r"^0+(?=\d)", "", word) for word in words if word.isdigit()]


def _figures_differ(one: list[str], other: list[str]) -> bool:
    """Sentences alike in all but a figure are two statements, not one."""
    return Counter(_figures(one)) != Counter(_figures(other))


def _words(text: str) -> list[str]:
    text = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    text = "".join(c for c in text if not unicodedata.combining(c))
    return re.findall(r"[a-z]+|\d+", text)


def _shingles(words: list[str]) -> set[tuple[str, ...]]:
    if len(words) <= SHINGLE:
        return {tuple(words)} if words else set()
    return {tuple(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1)}
