"""How often somebody may knock: a token bucket each, in bounded memory."""

from __future__ import annotations

import time
from collections import OrderedDict

from aiohttp import web

KEPT = 20_000


def caller(request: web.Request, proxies: int) -> str:
    """The address a call comes from, behind so many proxies of ours."""
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    # Only what our own proxies wrote counts; the rest of the header anybody can make up.
    return forwarded[-proxies] if proxies and len(forwarded) >= proxies else request.remote or ""


class Buckets:
    """`burst` calls at once, `rate` calls a second after that, for each key."""

    def __init__(self, burst: int, rate: float):
        self.burst = burst
        self.rate = rate
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> float:
        """0 when the call may go on, else the seconds to wait."""
        now = time.monotonic()
        level, since = self._levels.pop(key, (float(self.burst), now))
        level = min(self.burst, level + (now - since) * self.rate)
        wait = 0.0 if level >= 1 else (1 - level) / self.rate
        self._levels[key] = (level - 1 if not wait else level, now)
        if len(self._levels) > KEPT:
            self._levels.popitem(last=False)
        return wait
