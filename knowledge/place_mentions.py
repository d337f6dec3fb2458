"""Which places an everyday message speaks of: "em ở Bình Dương" does, "chị Hà Giang", "Việt Nam định cư" and "hai phòng" do not.

`find_place` reads a text that is known to be a place; here each name needs a reason to be one: a word that places it,
its kind, capitals, or another place beside it. Rather none than a wrong one: the answer without a place still holds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import yaml

from knowledge.places import (
    SHORT_KINDS,
    UNIT_KIND,
    PlaceIndex,
    PlaceMatch,
    fold_name,
    place_index,
    plain,
    resolve_place,
)

NEAR = 4  # words and commas between two names of one address
MOST_WORDS = 400
_TABLES = ("old", "new", "district", "province")
_STOP = ","  # stands for any stop between the words; no name goes across one
_KINDS = ("tỉnh", "thành phố", "quận", "huyện", "thị xã", "phường", "xã", "thị trấn", "đặc khu")
_LETTERS = ("q", "p", "h", "x")  # "h củ chi": too short to be a reason
_BY_NUMBER = re.compile(r"(?:quận|quan|phường|phuong) (\d+)")
# Without one of these no name can have a reason: most messages end here, before the names are even loaded.
_NOWHERE = r"(?!đâu\b|dau\b|chỗ\b|cho\b|nhà\b|nha\b|nào\b|nao\b|đó\b|đây\b|nước\b|nuoc\b)"


@dataclass
class _Hit:
    start: int
    size: int
    said: str
    found: dict[str, set]  # table -> rows
    kind: bool  # the kind stands in the text ("huyện", "tp."), not only a letter

    @property
    def end(self) -> int:
        return self.start + self.size

    @property
    def slots(self) -> set[str]:
        return {"commune" if table in ("old", "new") else table for table in self.found}


@lru_cache(maxsize=1)
def _words() -> dict[str, frozenset[str]]:
    told = yaml.safe_load(Path(__file__).with_name("place_words.yml").read_text(encoding="utf-8"))
    return {name: frozenset(map(str, words)) for name, words in told.items()}


@lru_cache(maxsize=1)
def _gate() -> re.Pattern:
    words = _words()
    cues = "|".join(sorted(words["cues"] | words["bare_cues"], key=len, reverse=True))
    kinds = "|".join({*_KINDS, *map(fold_name, _KINDS)})
    return re.compile(rf"\b(?:{cues}) {_NOWHERE}\w|\b(?:{kinds}) \w|\b(?:{'|'.join(words['sure'])})\b|^(?:{'|'.join(words['first'])})\b")


def told_places(text: str) -> tuple[PlaceMatch, ...]:
    """The places of a message in its order, each as exact as the message names it; () for most messages."""
    if not text or len(text) > 4000:
        return ()
    words = f" {_STOP} ".join(filter(None, map(plain, re.split(r"[,;:!?()\n]+", text)))).split()
    said = " ".join(words)
    if len(words) > MOST_WORDS:
        return ()
    capitals = _capitals(text)
    if not capitals and not _gate().search(said):
        return ()
    index = place_index()
    hits = _hits(index, words)
    taken = _with_reason(index, hits, words, capitals, text.casefold())
    ends = {_beside(hit, words) for hit in taken}
    return _resolved(index, [hit if hit.start in ends else _with_commune_before(index, words, hit) for hit in taken])


def _capitals(text: str) -> frozenset[str]:
    """Runs of capitalised words, in the one spelling; none when all is in capitals."""
    if text.isupper():
        return frozenset()
    runs, run = set(), []
    for piece in re.split(r"([\s\-–]+)", text):
        word = piece.strip(".,;:?!()\"'“” \t\n-–")
        if word[:1].isupper():
            run.append(word)
        if word and (not word[:1].isupper() or piece[-1:] in ".,;:?!)"):
            runs.add(plain(" ".join(run)))
            run = []
    runs.add(plain(" ".join(run)))
    runs.discard("")
    return frozenset(runs)


def _same(said: str, name: str) -> bool:
    """As written with all accents or with none; the kind apart ("huyện cu chi"). "hai phòng" is not Hải Phòng."""
    if said in (name, fold_name(name)):
        return True
    kind, of_name = UNIT_KIND.match(said), UNIT_KIND.match(name)
    return bool(kind and of_name and kind[0] == of_name[0] and said[kind.end() :] == fold_name(name[of_name.end() :]))


def _tables(index: PlaceIndex) -> dict[str, dict]:
    return {"old": index.old, "new": index.new, "district": index.districts, "province": index.provinces}


def _hits(index: PlaceIndex, words: list[str]) -> list[_Hit]:
    tables, hits, start = _tables(index), [], 0
    while start < len(words):
        for size in range(min(index.longest, len(words) - start), 0, -1):
            said, letter = " ".join(words[start : start + size]), size > 1 and words[start] in _LETTERS
            if letter:
                said = f"{SHORT_KINDS[words[start]]}{said[1:]}"
            found = _rows(tables, said)
            kind = not letter and bool(UNIT_KIND.match(said) or any(said.startswith(fold_name(one) + " ") for one in _KINDS))
            if not found and size > 1 and start and words[start - 1] in _words()["at"]:
                found = _rows({"district": index.districts}, *index.bare.get(fold_name(said), ()), bare=said)
            if found:
                hits.append(_Hit(start, size, said, found, kind))
                start += size - 1
                break
        start += 1
    return hits


def _rows(tables: dict[str, dict], *names: str, bare: str = "") -> dict[str, set]:
    found: dict[str, set] = {}
    for name in names:
        for kind, table in tables.items():
            rows = table.get(fold_name(name))
            if rows:
                fitting = {row for row in rows if (_same(bare, UNIT_KIND.sub("", row[0])) if bare else _same(name, row[0]))}
                if fitting:
                    found[kind] = found.get(kind, set()) | fitting
    return found


def _with_reason(index: PlaceIndex, hits: list[_Hit], words: list[str], capitals: frozenset[str], text: str) -> list[_Hit]:
    taken = [hit for hit in hits if _reason(hit, words, capitals, text)]
    for one, other in pairwise(hits):  # "xa binh long huyen chau phu": each the reason of the other
        if one.kind and other.kind and _beside(one, words) == other.start and not one.slots & other.slots:
            both = {table: (hit.said, rows) for hit in (one, other) for table, rows in hit.found.items()}
            if _agree(index, both, one.slots | other.slots):
                taken += [hit for hit in (one, other) if hit not in taken]
    while True:  # a name beside a place is a place: "q tân bình hcm"
        beside = [
            hit for hit in hits
            if hit not in taken and (hit.kind or hit.said.split()[0] in ("phường", "quận", "huyện", "xã"))
            and any(_beside(hit, words) == other.start or _beside(other, words) == hit.start for other in taken if not hit.slots & other.slots)
        ]  # fmt: skip
        if not beside:
            return sorted(taken, key=lambda hit: hit.start)
        taken += beside


def _beside(hit: _Hit, words: list[str]) -> int:
    """Where a name beside this one would begin."""
    return hit.end + (words[hit.end : hit.end + 1] == [_STOP])


def _reason(hit: _Hit, words: list[str], capitals: frozenset[str], text: str) -> bool:
    told = _words()
    said, accented = hit.said, hit.said != fold_name(hit.said)
    name = UNIT_KIND.sub("", said)
    after = words[hit.end] if hit.end < len(words) else ""
    number = _BY_NUMBER.fullmatch(said)
    if number and (after in told["not_before"] or re.fullmatch(r"20\d\d", after)):
        return False
    if number and said.startswith(("phường", "phuong")) and "phường" not in text and not _cue(hit, words, told["bare_cues"]):
        return False  # "p1" may be a part of anything
    if hit.slots == {"commune"} and name in told["ordinary"] and not {said, name} & capitals:
        return False
    if number:
        return True
    if UNIT_KIND.match(said) and hit.kind:
        return True
    before = words[hit.start - 1] if hit.start else _STOP
    if _cue(hit, words, told["cues"] if accented else told["bare_cues"]):
        return True
    if hit.kind:
        return before == _STOP or said.startswith(("thanh pho", "thi xa", "thi tran", "dac khu"))
    if before in told["titles"] or hit.slots != {"province"}:
        return False
    return said in capitals or said in told["sure"] or (before == _STOP and said in told["first"])


def _cue(hit: _Hit, words: list[str], cues: frozenset[str]) -> bool:
    at = hit.start - 1
    while at > 0 and words[at] in _words()["between"] and words[at] not in cues:
        at -= 1
    if at < 0 or words[at] not in cues:
        return False
    return words[at] != "an" or (at > 0 and words[at - 1] == "công")  # "công an Hà Nam"


def _with_commune_before(index: PlaceIndex, words: list[str], hit: _Hit) -> _Hit:
    """"ở Bến Nghé quận 1": a commune of that district, named without its kind."""
    if hit.slots != {"district"}:
        return hit
    units = {(row[1], row[2]) for row in hit.found["district"]}
    end = hit.start - (words[hit.start - 1 : hit.start] == [_STOP])
    for size in range(min(4, end), 1, -1):
        bare = " ".join(words[end - size : end])
        rows = _rows({"old": index.old}, *index.bare.get(fold_name(bare), ()), bare=bare).get("old", set())
        fitting = {row for row in rows if (row[2], row[3]) in units}
        if fitting:
            return _Hit(end - size, hit.end - end + size, bare, {**hit.found, "old": fitting}, True)
    return hit


def _resolved(index: PlaceIndex, hits: list[_Hit]) -> tuple[PlaceMatch, ...]:
    groups: list[tuple[dict[str, tuple[str, set]], int]] = []
    slots: list[set[str]] = []
    for hit in hits:
        named = {table: (hit.said, rows) for table, rows in hit.found.items()}
        near = groups and hit.start - groups[-1][1] <= NEAR and not hit.slots & slots[-1]
        if near and _agree(index, both := {**groups[-1][0], **named}, slots[-1] | hit.slots):
            groups[-1] = (both, hit.end)
            slots[-1] |= hit.slots
        else:
            groups.append((named, hit.end))
            slots.append(set(hit.slots))
    matches = [(found, match) for found, _ in groups if (match := resolve_place(index, found))]
    provinces = [found["province"] for found, match in matches if match.level == "province"]
    result: list[PlaceMatch] = []
    for found, match in matches:
        if match.ambiguous and "province" not in found:  # a province told elsewhere in the message may settle it
            better = [m for p in provinces if (m := resolve_place(index, {**found, "province": p})) and m.level == match.level]
            match = min(better, key=lambda one: len(one.places), default=match)
        result.append(match)
    exact = {match.province for match in result if match.level != "province"}
    kept = [match for match in result if match.level != "province" or match.province not in exact]
    return tuple({match.places: match for match in kept}.values())


def _agree(index: PlaceIndex, found: dict[str, tuple[str, set]], slots: set[str]) -> bool:
    """One address: together the names still say the most exact of them ("Nghệ An, quận 7" are two places)."""
    match = resolve_place(index, found)
    return match is not None and match.level == min(slots, key=("commune", "district", "province").index)
