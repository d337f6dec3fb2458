"""What the delivery asks of a channel, and the faults a channel tells it of."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import yaml
from aiohttp import web

from actions.answer import Answer
from bot.incoming import clean
from bot.storage import Incoming, OutRow

Accept = Callable[[list[Incoming]], Awaitable[None]]
MAX_BODY = 64 * 1024  # bytes; the largest event a vendor sends is a few thousand
MAX_TEXT = 4000  # characters of one message that are kept


class SendLater(Exception):
    """The vendor cannot take the message now; `after` seconds at least, when it said so."""

    def __init__(self, reason: str, after: float = 0.0):
        super().__init__(reason)
        self.after = after


class SendNever(Exception):
    """The vendor will never take this message (person left, chat gone): a dead letter."""


class SendHeld(Exception):
    """Not allowed before the person writes again."""


class Channel(Protocol):
    """One way in and out. `start` must not wait for the vendor: it may be unreachable."""

    name: str
    keeps_content: bool  # replies are read from the outbox after they are sent (web)

    def routes(self) -> list[web.RouteDef]: ...
    async def start(self, accept: Accept) -> None: ...
    async def stop_intake(self) -> None: ...
    async def close(self) -> None: ...
    def status(self) -> str: ...
    async def compose(self, answer: Answer) -> tuple[list[dict[str, Any]], list[str]]:
        """Contents to send in order, and the payloads of the numbers shown in them."""
        ...

    async def send(self, row: OutRow) -> None:
        """Raises SendLater, SendNever or SendHeld."""
        ...

    async def typing(self, incoming: Incoming) -> None: ...


@lru_cache(maxsize=1)
def phrases() -> dict[str, str]:
    """Fixed sentences of the channels."""
    return yaml.safe_load((Path(__file__).parent / "phrases.yml").read_text(encoding="utf-8"))


class BadRequest(Exception):
    """A call that is not what it should be; `status` is the HTTP answer."""

    def __init__(self, status: int, reason: str):
        super().__init__(reason)
        self.status = status


def _no_constant(name: str) -> None:
    raise ValueError(name)


def parse_object(body: bytes) -> dict[str, Any]:
    """A JSON object out of a request body. Raises BadRequest(400) for anything else, however deep or odd."""
    try:
        found = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise BadRequest(400, "not JSON") from None
    if not isinstance(found, dict):
        raise BadRequest(400, "not an object")
    return found


async def read_body(request: web.Request) -> bytes:
    """The raw body; aiohttp answers 413 by itself above the limit."""
    return await request.read()


def part(holder: Any, name: str, kind: type | tuple[type, ...]) -> Any:
    """holder[name] when it is of this kind, else None: vendors' events are looked into without trust."""
    value = holder.get(name) if isinstance(holder, dict) else None
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        return None
    return clean(value) if isinstance(value, str) else value


def identifier(holder: Any, name: str) -> str | None:
    """An id as text: vendors write theirs as text or as numbers beyond 2^53."""
    value = part(holder, name, (str, int))
    text = str(value) if value is not None else ""
    return text if 0 < len(text) <= 100 else None
