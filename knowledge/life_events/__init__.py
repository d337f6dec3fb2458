"""Life events: the procedures of one turn of life in order, what can be done together, what one gives to the next.

One YAML file an event (schema: `read`). Names and situations are how people say it; nothing here is a fact about a
procedure: papers, fees and results come from the knowledge base by code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from knowledge.search.analysis import fold, folded_words

FOLDER = Path(__file__).parent
# Phrases that are also part of other matters count less than whole situations.
LEAST = 0.55


@dataclass(frozen=True)
class Step:
    """One procedure of the event. `do`: in plain words; `when`: for whom; `needs`: what it takes from an earlier step."""

    code: str
    do: str
    when: str | None = None
    needs: str | None = None


@dataclass(frozen=True)
class Together:
    """`code` handles the procedures `covers` in one filing."""

    code: str
    covers: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class LifeEvent:
    id: str
    title: str
    names: tuple[str, ...]
    situations: tuple[str, ...]
    steps: tuple[Step, ...]
    main: str | None = None  # the procedure that people mean when they name only the event
    together: tuple[Together, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def codes(self) -> list[str]:
        first = [self.main] if self.main else []
        return list(dict.fromkeys([*first, *(t.code for t in self.together), *(s.code for s in self.steps)]))


class LifeEventError(ValueError):
    """A file breaks the schema; the message names it."""


def read(path: Path) -> LifeEvent:
    """Raises LifeEventError."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        steps = tuple(Step(**row) for row in data.pop("steps"))
        together = tuple(Together(**{**row, "covers": tuple(row["covers"])}) for row in data.pop("together", None) or [])
        event = LifeEvent(**{**data, **{k: tuple(data.get(k) or ()) for k in ("names", "situations", "notes")}}, steps=steps, together=together)
    except (TypeError, KeyError) as error:
        raise LifeEventError(f"{path.name}: {error}") from error
    if event.id != path.stem or len(event.names) < 5 or len(event.situations) < 3 or len(event.steps) < 3:
        raise LifeEventError(f"{path.name}: id is the file's name; at least 5 names, 3 situations, 3 steps")
    return event


@lru_cache(maxsize=1)
def events() -> tuple[LifeEvent, ...]:
    """All events in the order in which they are offered."""
    order = yaml.safe_load((FOLDER / "order.yml").read_text(encoding="utf-8"))
    return tuple(read(FOLDER / f"{event_id}.yml") for event_id in order)


def event_by_id(event_id: str) -> LifeEvent | None:
    return next((e for e in events() if e.id == event_id), None)


def find_event(text: str) -> LifeEvent | None:
    """The event that a message tells of, None when none or several do equally."""
    message = folded_words(text)
    scored = sorted(((_closeness(message, e), e.id) for e in events()), reverse=True)
    if scored and scored[0][0] >= LEAST and (len(scored) == 1 or scored[0][0] > scored[1][0] + 0.02):
        return event_by_id(scored[0][1])
    return None


def _closeness(message: Sequence[str], event: LifeEvent) -> float:
    """A name that stands in the message as a whole: 0.6 and more by length; a situation: the share of its words."""
    best = 0.0
    joined = f" {' '.join(message)} "
    for name in event.names:
        words = folded_words(name)
        if f" {' '.join(words)} " in joined:
            best = max(best, 0.6 + 0.08 * len(words))
        elif len(words) > 2 and _in_order(words, message):
            best = max(best, 0.5 + 0.06 * len(words))
    bag = set(message)
    for situation in event.situations:
        words = set(folded_words(situation)) - _COMMON
        if words:
            best = max(best, 0.95 * len(words & bag) / len(words) * min(1.0, len(words & bag) / 3))
    return best


def _in_order(words: Sequence[str], message: Sequence[str]) -> bool:
    """All words in this order with at most one other word between neighbours."""
    at = -1
    for word in words:
        found = [i for i in range(at + 1, len(message)) if message[i] == word and (at < 0 or i - at <= 2)]
        if not found:
            return False
        at = found[0]
    return True


_COMMON = frozenset(
    fold("tôi em anh chị bạn mình có không là gì thì được cho cần phải làm và của ở đâu nào những các thủ tục giấy tờ gia đình nhà mới vừa xong hết giờ muốn đi").split()
)
