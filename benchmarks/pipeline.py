"""The whole NLU pipeline as a function, for gates that ask what one message was understood as (benchmarks/noise.py)."""

from __future__ import annotations

import asyncio
from functools import lru_cache


@lru_cache(maxsize=1)
def assistant():
    from bot.assistant import Assistant

    return Assistant.load(progress=True)


@lru_cache(maxsize=1)
def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


def understand(text: str) -> tuple[str | None, frozenset[str]]:
    """(code of the linker's first candidate or None, the intent) of one message, as the trained model sees it."""
    parse = _loop().run_until_complete(assistant().agent.parse_message(text))
    found = (parse.get("link") or {}).get("candidates") or []
    return (found[0]["code"] if found else None), frozenset({parse["intent"]["name"]})
