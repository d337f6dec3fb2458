"""Spread work of training over the machine's cores."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

from threadpoolctl import threadpool_limits

T = TypeVar("T")
R = TypeVar("R")

WORTH = 300  # fewer items are done before a second process would have started
_function: Callable[[Any], Any] | None = None
_items: Sequence[Any] = ()


def one_thread() -> threadpool_limits:
    """A context in which OpenMP uses this thread alone: trees of a few ten thousand rows gain nothing from a second one,
    and where the other core is busy its waiting makes them ten times slower."""
    return threadpool_limits(1, "openmp")


def _call(place: int) -> Any:
    return _function(_items[place])


def spread(function: Callable[[T], R], items: Sequence[T], *, processes: int | None = None, worth: int = WORTH) -> list[R]:
    """`[function(item) for item in items]`, in forked processes where that helps. Results travel by pickle.

    Forked children see everything that the parent has loaded (an index of 100 MB is not copied), so `function` may be
    a closure; `worth`: from how many items on. It must use no TensorFlow and no OpenMP: those do not survive a fork.
    """
    global _function, _items
    number = processes or min(4, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    if number < 2 or len(items) < worth or "fork" not in multiprocessing.get_all_start_methods() or multiprocessing.current_process().daemon:
        return [function(item) for item in items]
    _function, _items = function, items
    try:
        with ProcessPoolExecutor(number, mp_context=multiprocessing.get_context("fork")) as pool:
            return list(pool.map(_call, range(len(items)), chunksize=max(1, len(items) // (number * 8))))
    finally:
        _function, _items = None, ()
