"""The walk-through of filing online and the common troubles, read from walk.yml and troubles.yml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from knowledge.search.analysis import folded_words

# What a step or a trouble may show of the procedure's own data.
OWN = frozenset({"channel", "link", "agency", "forms", "papers", "fee", "time", "result"})
FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Step:
    """`ask` is the question at the end of the step; None at the last one."""

    id: str
    title: str
    say: tuple[str, ...]
    own: tuple[str, ...]
    ask: str | None
    troubles: tuple[str, ...]


@dataclass(frozen=True)
class Trouble:
    """`phrases`: each is a tuple of word sequences that must all occur; `procedure`: a code that solves it."""

    id: str
    title: str
    phrases: tuple[tuple[tuple[str, ...], ...], ...]
    do: tuple[str, ...]
    ask: str
    own: str | None = None
    procedure: str | None = None


@dataclass(frozen=True)
class Walk:
    document: str
    url: str
    steps: tuple[Step, ...]


@lru_cache(maxsize=1)
def walk() -> Walk:
    """Raises ValueError when the file names something unknown."""
    data = yaml.safe_load((FOLDER / "walk.yml").read_text(encoding="utf-8"))
    known = troubles()
    steps = tuple(
        Step(s["id"], s["title"], tuple(s["say"]), tuple(s["own"]), s["ask"], tuple(s["troubles"])) for s in data["steps"]
    )
    for step in steps:
        if strange := (set(step.own) - OWN) | (set(step.troubles) - set(known)):
            raise ValueError(f"walk.yml, {step.id}: {sorted(strange)}")
    return Walk(data["source"]["document"], data["source"]["url"], steps)


@lru_cache(maxsize=1)
def troubles() -> dict[str, Trouble]:
    """Troubles by id, in the file's order. Raises ValueError when an entry shows something unknown."""
    found = {}
    for entry in yaml.safe_load((FOLDER / "troubles.yml").read_text(encoding="utf-8")):
        own = entry.get("own")
        if own and own not in OWN:
            raise ValueError(f"troubles.yml, {entry['id']}: {own}")
        phrases = tuple(tuple(tuple(folded_words(part)) for part in str(phrase).split("+")) for phrase in entry["words"])
        found[entry["id"]] = Trouble(entry["id"], entry["title"], phrases, tuple(entry["do"]), entry["ask"], own, entry.get("procedure"))
    return found


def find_trouble(text: str) -> Trouble | None:
    """The trouble that a message tells of; the longest way of saying it wins. None when it tells of none."""
    said = [_SPOKEN.get(word, word) for word in folded_words(text)]
    best: tuple[int, Trouble] | None = None
    for trouble in troubles().values():
        for phrase in trouble.phrases:
            if all(_within(part, said) for part in phrase):
                weight = sum(map(len, phrase))
                if best is None or weight > best[0]:
                    best = (weight, trouble)
    return best[1] if best else None


# Ways of writing the little words that the phrases contain.
_SPOKEN = {"ko": "khong", "k": "khong", "hong": "khong", "hok": "khong", "kg": "khong", "hem": "khong", "dc": "duoc", "dk": "duoc", "mk": "mk", "bit": "biet"}


def _within(part: tuple[str, ...], said: list[str]) -> bool:
    size = len(part)
    return any(tuple(said[at : at + size]) == part for at in range(len(said) - size + 1))
