"""A whole server process around the fake assistant, to be killed: run_fake_server.py DATABASE SECONDS_PER_TURN.

Settings come from the environment as for `motcua serve`; prints "ready PORT" when it answers.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parent)]

from channel_drivers import PACE  # noqa: E402
from channel_fakes import FakeAssistant  # noqa: E402

from bot.server import Server  # noqa: E402
from bot.settings import server_settings  # noqa: E402


class Busy(FakeAssistant):
    """Computes as the real one does: without letting the loop go on."""

    async def handle(self, sender, text, *, channel="shell"):
        end = time.perf_counter() + self.delay
        while time.perf_counter() < end:
            pass
        delay, self.delay = self.delay, 0.0
        try:
            return await super().handle(sender, text, channel=channel)
        finally:
            self.delay = delay


async def main() -> None:
    server = Server(server_settings(), sys.argv[1], lambda: Busy(delay=float(sys.argv[2])), pace=PACE)
    await server.run(lambda made: print(f"ready {made.port}", flush=True))


if __name__ == "__main__":
    asyncio.run(main())
