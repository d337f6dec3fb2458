"""The assistant in a thread of its own: a turn is computing, and the server must go on taking messages meanwhile."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

logger = logging.getLogger(__name__)
KEPT = 1000  # conversations kept in memory; the others are restored from their slots when they go on


@dataclass(frozen=True)
class Played:
    """One turn's end: the answer and the talk's slots after it."""

    answer: Any
    slots: dict[str, Any]
    forgotten: bool = False  # the person had the conversation deleted


class Brain:
    """`load` makes the assistant (seconds) inside the thread. The assistant has handle, slots, restore and forget."""

    def __init__(self, load: Callable[[], Any]):
        self._load = load
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._live, name="brain", daemon=True)
        self._known: OrderedDict[str, int] = OrderedDict()
        self._assistant: Any = None
        self._loaded: Future[None] = Future()
        self.ready = asyncio.Event()
        self.fault: BaseException | None = None

    def _live(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._assistant = self._load()  # before the loop runs: Rasa runs loops of its own while it loads
        except BaseException as error:
            self._loaded.set_exception(error)
            return
        self._loaded.set_result(None)
        self._loop.run_forever()

    async def start(self) -> None:
        """Load; raises what loading raises."""
        self._thread.start()
        try:
            await asyncio.wrap_future(self._loaded)
        except BaseException as error:
            self.fault = error
            raise
        self.ready.set()

    async def _there(self, work: Coroutine) -> Any:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    async def turn(self, person: str, text: str, channel: str, slots: dict[str, Any], version: int) -> Played:
        """Play one turn of the talk that stands at `slots` and `version` in the store."""
        await self.ready.wait()
        return await self._there(self._turn(person, text, channel, slots, version))

    async def _turn(self, person: str, text: str, channel: str, slots: dict[str, Any], version: int) -> Played:
        if self._known.get(person) != version:
            await (self._assistant.restore(person, slots) if slots else self._assistant.forget(person))
        self._known.pop(person, None)
        turn = await self._assistant.handle(person, text, channel=channel)
        after = await self._assistant.slots(person)
        self._known[person] = version + 1
        while len(self._known) > KEPT:
            oldest, _ = self._known.popitem(last=False)
            await self._assistant.forget(oldest)
        return Played(turn.answer, after, getattr(turn, "forgotten", False))

    def doubt(self, person: str) -> None:
        """The store did not take the turn: begin the next one from what the store has."""
        self._loop.call_soon_threadsafe(self._known.pop, person, None)

    async def forget(self, person: str) -> None:
        await self.ready.wait()

        async def forget() -> None:
            self._known.pop(person, None)
            await getattr(self._assistant, "erase", self._assistant.forget)(person)

        await self._there(forget())

    async def human_answers(self, channel: str) -> list[Any]:
        """What officials answered to people of a channel since (bot/human_answers.py)."""
        await self.ready.wait()

        async def look() -> list[Any]:
            return self._assistant.human_answers(channel) if hasattr(self._assistant, "human_answers") else []

        return await self._there(look())

    async def told(self, code: str) -> None:
        async def mark() -> None:
            self._assistant.told(code)

        await self._there(mark())

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(timeout=5 if self.ready.is_set() else 0.1)
