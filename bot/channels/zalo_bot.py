"""Zalo Bot Platform: long polling (default) or webhook with a secret.

The API is shaped like Telegram's. PyPI's python-zalo-bot 0.1.9 was looked at and left: its Updater is a placeholder that
raises NotImplementedError, setWebhook blocks on asyncio.run, one message is worked on at a time, and 6,900 lines copied
from python-telegram-bot do what the 40 lines of `_call` and `send` do here.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
from typing import Any

import httpx
from aiohttp import web

from actions.answer import Answer
from bot.channels.base import Accept, BadRequest, SendLater, SendNever, identifier, parse_object, part, read_body
from bot.channels.commands import interpret
from bot.channels.papers import with_links
from bot.rendering import ZALO, numbered, render
from bot.settings import ZaloBotSettings
from bot.storage import Incoming, OutRow

logger = logging.getLogger(__name__)
PATH = "/zalo/bot/webhook"
POLL = 25  # seconds that Zalo may hold a request for updates
CALL_TIMEOUT = 20.0
# What Zalo's error codes mean is second hand, so it stands in this one place. All others are tried again.
NEVER = {400, 403, 404}
EVENT = "message."


class ApiError(Exception):
    """`ok: false`, or an HTTP status; `after` seconds when Zalo said how long to wait."""

    def __init__(self, code: int, description: str, after: float = 0.0):
        super().__init__(f"{code}: {description}")
        self.code = code
        self.after = after


class ZaloBotChannel:
    name = "zalo_bot"
    keeps_content = False

    def __init__(self, settings: ZaloBotSettings, public_url: str | None = None):
        self.settings = settings
        self.public_url = public_url
        self._client = httpx.AsyncClient(timeout=httpx.Timeout(CALL_TIMEOUT, connect=10.0), limits=httpx.Limits(max_connections=32))
        self._accept: Accept | None = None
        self._state = "chưa nối"
        self._task: asyncio.Task | None = None

    # -- life ------------------------------------------------------------------------------------

    def routes(self) -> list[web.RouteDef]:
        return [web.post(PATH, self._webhook)] if self.settings.webhook_secret else []

    async def start(self, accept: Accept) -> None:
        self._accept = accept
        self._task = asyncio.create_task(self._live())

    async def _live(self) -> None:
        wait, webhook = 1.0, bool(self.settings.webhook_secret)
        connected = False
        while True:
            try:
                if not connected:
                    me = await self.me()
                    if webhook:
                        await self._call("setWebhook", {"url": f"{self.public_url}{PATH}", "secret_token": self.settings.webhook_secret})
                    else:
                        with contextlib.suppress(ApiError):  # there may be none to delete
                            await self._call("deleteWebhook")
                    self._state = f"{part(me, 'account_name', str) or part(me, 'display_name', str) or part(me, 'id', (str, int)) or 'đã nối'}, {'webhook' if webhook else 'long polling'}"
                    connected = True
                if webhook:
                    return
                await self._poll()
                wait = 1.0
            except ApiError as error:
                if error.code == 401:
                    self._state = "mã token không đúng; hãy xem lại MOTCUA_ZALO_BOT_TOKEN"
                logger.warning("Zalo bot: %s", error.code)
                await asyncio.sleep(max(wait, error.after))
                wait = min(wait * 2, 60.0)
            except Exception as error:
                if not connected:
                    self._state = f"chưa nối được ({type(error).__name__}), đang tự thử lại"
                logger.warning("Zalo bot: %s", type(error).__name__)
                await asyncio.sleep(wait)
                wait = min(wait * 2, 60.0)

    async def stop_intake(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def close(self) -> None:
        await self._client.aclose()

    def status(self) -> str:
        return self._state

    async def me(self) -> dict[str, Any]:
        """The bot's account as Zalo knows it. Raises ApiError or httpx.HTTPError."""
        return await self._call("getMe") or {}

    # -- in --------------------------------------------------------------------------------------

    async def _poll(self) -> None:
        """One request for updates. Taking them is what removes them at Zalo, so they are stored before anything else."""
        try:
            found = await self._call("getUpdates", {"timeout": str(POLL)}, timeout=POLL + 10.0)
        except ApiError as error:
            if error.code == 408:  # nothing came in that time
                return
            raise
        # Zalo's own library takes one object, the documentation shows a list.
        updates = found if isinstance(found, list) else [found] if found else []
        messages = [message for update in updates if (message := self.incoming(update))]
        while messages and self._accept:
            try:
                return await self._accept(messages)
            except Exception:  # they will not come again: keep them until the database answers
                logger.exception("updates could not be stored yet")
                await asyncio.sleep(1.0)

    async def _webhook(self, request: web.Request) -> web.Response:
        given = request.headers.get("X-Bot-Api-Secret-Token", "")
        if not self.settings.webhook_secret or not hmac.compare_digest(given.encode(), self.settings.webhook_secret.encode()):
            raise BadRequest(403, "wrong secret")
        data = parse_object(await read_body(request))
        # The webhook wraps the update as the API does, or sends it bare.
        update = part(data, "result", dict) or data
        if not part(update, "event_name", str):
            raise BadRequest(400, "not an event")
        if (message := self.incoming(update)) and self._accept:
            await self._accept([message])
        return web.json_response({"ok": True})

    def incoming(self, update: Any) -> Incoming | None:
        """What an event asks of us; None for what does not concern the bot, or lacks what an event has."""
        event, message = part(update, "event_name", str) or "", part(update, "message", dict)
        if not message or not event.startswith(EVENT) or not event.endswith(".received"):
            return None
        chat, sender = part(message, "chat", dict), part(message, "from", dict)
        number, chat_id, user = identifier(message, "message_id"), identifier(chat, "id"), identifier(sender, "id")
        if not number or not chat_id or not user or part(sender, "is_bot", bool):
            return None
        words = part(message, "text", str) or part(message, "caption", str) or ""
        group = (part(chat, "chat_type", str) or "").upper() == "GROUP"
        if words.strip():
            kind, text = interpret(words)
        elif event == "message.text.received":
            return None
        else:
            kind, text = "notice", "media"
        if group and kind == "notice":
            return None  # pictures among members are not meant for the bot
        person = f"zalo_bot:{chat_id}:{user}" if group else f"zalo_bot:{chat_id}"
        date = part(message, "date", (int, float))
        return Incoming(self.name, number, person, {"chat": chat_id}, kind, text, float(date) if date else 0.0)

    # -- out -------------------------------------------------------------------------------------

    async def compose(self, answer: Answer) -> tuple[list[dict[str, Any]], list[str]]:
        answer = with_links(answer, self.public_url)
        return [{"text": message.text} for message in render(answer, ZALO)], numbered(answer, ZALO)

    async def send(self, row: OutRow) -> None:
        try:
            await self._call("sendMessage", {"chat_id": row.address["chat"], "text": row.content["text"]})
        except ApiError as error:
            if error.code in NEVER:
                raise SendNever(str(error)) from error
            raise SendLater(str(error), max(error.after, 60.0 if error.code == 401 else 0.0)) from error
        except httpx.HTTPError as error:
            raise SendLater(type(error).__name__) from error

    async def typing(self, incoming: Incoming) -> None:
        await self._call("sendChatAction", {"chat_id": incoming.address["chat"], "action": "typing"})

    async def _call(self, method: str, data: dict[str, Any] | None = None, timeout: float | None = None) -> Any:
        """`result` of a call. Raises ApiError, also for a body that is no answer of this API, and httpx.HTTPError."""
        options = {"timeout": timeout} if timeout else {}
        response = await self._client.post(f"{self.settings.api}/bot{self.settings.token}/{method}", json=data or {}, **options)
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if isinstance(answer, dict) and answer.get("ok") is True and response.status_code < 400:
            return answer.get("result")
        holder = answer if isinstance(answer, dict) else {}
        after = part(part(holder, "parameters", dict), "retry_after", (int, float)) or response.headers.get("Retry-After") or 0
        code = part(holder, "error_code", int) or (response.status_code if response.status_code >= 400 else 500)
        raise ApiError(code, (part(holder, "description", str) or "")[:200], float(after) if str(after).replace(".", "", 1).isdigit() else 0.0)
