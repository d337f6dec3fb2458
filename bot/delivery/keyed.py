"""One task a key at most: many people at once, one thing at a time for each."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import nullcontext

logger = logging.getLogger(__name__)


class Keyed:
    """`kick(key)` makes `work(key)` run soon; a kick during the work makes it run once more after."""

    def __init__(self, work: Callable[[str], Awaitable[None]], at_once: int | None = None):
        self._work = work
        self._gated = at_once is not None
        self._gate = asyncio.Semaphore(at_once) if at_once else nullcontext()
        self._tasks: dict[str, asyncio.Task] = {}
        self._again: set[str] = set()
        self._stopped = False

    def kick(self, key: str) -> None:
        if self._stopped:
            return
        if key in self._tasks:
            self._again.add(key)
            return
        task = asyncio.create_task(self._run(key))
        self._tasks[key] = task
        task.add_done_callback(lambda _: self._done(key))

    async def _run(self, key: str) -> None:
        async with self._gate:
            if self._stopped and self._gated:  # was still waiting to begin
                return
            try:
                await self._work(key)
            except asyncio.CancelledError:
                raise
            except Exception:
                logger.exception("work on a conversation failed; it is tried again at the next sweep")

    def _done(self, key: str) -> None:
        self._tasks.pop(key, None)
        if key in self._again:
            self._again.discard(key)
            self.kick(key)

    def __contains__(self, key: str) -> bool:
        return key in self._tasks

    def __len__(self) -> int:
        return len(self._tasks)

    async def drain(self, seconds: float) -> None:
        """Begin nothing that waits at the gate, wait for what is under way, then cancel."""
        self._stopped = True
        tasks = list(self._tasks.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
