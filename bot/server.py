"""One server for all channels: the web page, the webhooks, health, and the life of everything behind them."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Callable
from typing import Any

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.base import MAX_BODY, BadRequest, Channel
from bot.channels.papers import Papers
from bot.delivery.brain import Brain
from bot.delivery.desk import Desk, Pace
from bot.settings import ServerSettings
from bot.storage import Storage

logger = logging.getLogger(__name__)
BODY_TIME = 10.0  # seconds a request may take to send its body
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Server": "motcua",
}


def make_channels(settings: ServerSettings, storage: Storage, papers: Papers) -> list[Channel]:
    """The channels that the settings name."""
    channels: list[Channel] = []
    if settings.web:
        from bot.channels.web import WebChannel

        channels.append(WebChannel(storage, embed=settings.embed, proxies=settings.proxies))
    if settings.telegram:
        from bot.channels.telegram import TelegramChannel

        channels.append(TelegramChannel(settings.telegram, storage, papers, settings.public_url))
    if settings.zalo_bot:
        from bot.channels.zalo_bot import ZaloBotChannel

        channels.append(ZaloBotChannel(settings.zalo_bot, settings.public_url))
    if settings.zalo_oa:
        from bot.channels.zalo_oa import ZaloOAChannel

        channels.append(ZaloOAChannel(settings.zalo_oa, storage, settings.public_url))
    return channels


class Server:
    """`load` makes the assistant; messages are taken and stored while it loads."""

    def __init__(self, settings: ServerSettings, database: str, load: Callable[[], Any], *, pace: Pace | None = None):
        self.settings = settings
        self.storage = Storage(database)
        self.brain = Brain(load)
        self.papers = Papers(proxies=settings.proxies)
        self.channels = make_channels(settings, self.storage, self.papers)
        self.desk = Desk(self.storage, self.brain, self.channels, pace or Pace(give_up=settings.give_up, keep=settings.keep))
        self.port = settings.port
        self._stopping = False
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None

    # -- life ------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Open the port, then load the assistant, then go on with what was left. Raises what loading raises, and OSError."""
        logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs addresses, and Telegram's carry the token
        sys.setswitchinterval(0.001)  # a turn computes in its thread; acknowledgements should not wait 5 ms for every step
        app = web.Application(client_max_size=MAX_BODY, middlewares=[self._guard])
        app.on_response_prepare.append(_add_headers)
        app.add_routes([web.get("/healthz", self._health), web.get("/readyz", self._ready)])
        app.add_routes(self.papers.routes())
        for channel in self.channels:
            app.add_routes(channel.routes())
        # Not cancelling handlers: a webhook whose sender has gone is stored all the same.
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, handler_cancellation=False, shutdown_timeout=2.0)
        await self._runner.setup()
        self._site = web.TCPSite(self._runner, self.settings.host, self.settings.port, backlog=512)
        await self._site.start()
        self.port = self._runner.addresses[0][1]
        self.desk.start()
        for channel in self.channels:
            await channel.start(self.desk.accept)
        await self.brain.start()

    async def stop(self) -> None:
        """Take nothing new, finish turns and replies under way, close. What does not end in time stays in the database."""
        self._stopping = True
        await asyncio.gather(*(channel.stop_intake() for channel in self.channels), return_exceptions=True)
        if self._site:
            await self._site.stop()
        await self.desk.stop(self.settings.grace)
        await asyncio.gather(*(channel.close() for channel in self.channels), return_exceptions=True)
        if self._runner:
            await self._runner.cleanup()
        self.brain.stop()
        self.papers.close()
        self.storage.close()

    async def run(self, announce: Callable[[Server], None] | None = None) -> None:
        """Until SIGTERM or SIGINT; a second one ends at once."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()

        def ask_to_stop() -> None:
            if stop.is_set():
                sys.exit(130)
            stop.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, ask_to_stop)
        starting = asyncio.create_task(self.start())
        waiting = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({starting, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
                if announce:
                    announce(self)
                await waiting
        finally:
            starting.cancel()
            waiting.cancel()
            await self.stop()

    # -- requests --------------------------------------------------------------------------------

    @web.middleware
    async def _guard(self, request: web.Request, handler: Callable) -> web.StreamResponse:
        """Every refusal is a status and one word, never a traceback."""
        try:
            if request.can_read_body:
                await asyncio.wait_for(request.read(), timeout=BODY_TIME)
            return await handler(request)
        except web.HTTPException as refusal:
            if refusal.status >= 400:
                return web.json_response({"ok": False, "error": refusal.reason}, status=refusal.status, headers=_kept(refusal))
            raise
        except BadRequest as refusal:
            return web.json_response({"ok": False, "error": str(refusal)}, status=refusal.status)
        except asyncio.TimeoutError:
            return web.json_response({"ok": False, "error": "too slow"}, status=408)
        except ConnectionError:  # the caller has gone
            raise
        except (SQLAlchemyError, OSError) as error:
            logger.error("not stored: %s", type(error).__name__)
            return web.json_response({"ok": False, "error": "not stored"}, status=503, headers={"Retry-After": "5"})
        except Exception:
            logger.exception("request failed")
            return web.json_response({"ok": False, "error": "internal"}, status=500)

    async def _health(self, request: web.Request) -> web.Response:
        """The process lives and its event loop turns; 500 when the assistant could not be loaded."""
        alive = self.brain.fault is None
        return web.json_response({"ok": alive}, status=200 if alive else 500)

    async def _ready(self, request: web.Request) -> web.Response:
        """Whether messages are answered now: assistant loaded, database there, not stopping."""
        checks = {"assistant": self.brain.ready.is_set(), "running": not self._stopping}
        try:
            await asyncio.wait_for(self.storage.run(self.storage.ping), timeout=5)
            checks["database"] = True
        except Exception:
            checks["database"] = False
        good = all(checks.values())
        body = {"ok": good, **checks, "busy": self.desk.counts(), "channels": [channel.name for channel in self.channels]}
        return web.json_response(body, status=200 if good else 503)


def _kept(refusal: web.HTTPException) -> dict[str, str]:
    return {name: value for name, value in refusal.headers.items() if name in ("Retry-After", "Allow")}


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)
