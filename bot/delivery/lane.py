"""Threads for blocking work, urgent work first."""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any


class Lane:
    """`submit` work to a few threads; an entry with `later` waits until nothing urgent does."""

    def __init__(self, threads: int):
        self._queue: queue.PriorityQueue[tuple[int, int, Callable[[], Any] | None, Future]] = queue.PriorityQueue()
        self._order = itertools.count()
        self._closed = False
        self._threads = [threading.Thread(target=self._work, name=f"lane-{n}", daemon=True) for n in range(threads)]
        for thread in self._threads:
            thread.start()

    def submit(self, later: bool, work: Callable[[], Any]) -> Future:
        """Raises RuntimeError after `close`."""
        if self._closed:
            raise RuntimeError("closed")
        future: Future = Future()
        self._queue.put((int(later), next(self._order), work, future))
        return future

    def _work(self) -> None:
        while True:
            _, _, work, future = self._queue.get()
            if work is None:
                return
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(work())
            except BaseException as error:
                future.set_exception(error)

    def close(self) -> None:
        """Do what was submitted, then end."""
        self._closed = True
        for _ in self._threads:
            self._queue.put((2, next(self._order), None, Future()))
        for thread in self._threads:
            thread.join()
