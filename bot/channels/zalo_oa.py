"""Zalo Official Account: signed webhook in, OpenAPI v3 customer-service messages out.

The webhook only stores and acknowledges; turns and sending come after. Replies are free within 48 hours of the person's
last message and up to 8 messages; what goes beyond waits until the person writes again.
"""

from __future__ import annotations

import logging
import re
import time
from typing import Any

import httpx
from aiohttp import web

from actions.answer import Answer
from bot.channels.base import (
    Accept,
    BadRequest,
    SendHeld,
    SendLater,
    SendNever,
    identifier,
    parse_object,
    part,
    phrases,
    read_body,
)
from bot.channels.commands import interpret
from bot.channels.papers import with_links
from bot.channels.zalo_signature import HEADER, is_signed
from bot.channels.zalo_tokens import ZaloTokens
from bot.rendering import ZALO_OA, Limits, numbered, render
from bot.settings import ZaloOASettings
from bot.storage import Incoming, OutRow, Storage

logger = logging.getLogger(__name__)
PATH = "/zalo/oa/webhook"
WINDOW = 48 * 3600.0  # seconds
QUOTA = 8
OLDEST = 13 * 3600.0  # Zalo repeats a call for 12 hours; an older one is a replay
AHEAD = 600.0  # how far a clock may be ahead
TITLE, PAYLOAD = 100, 1000  # characters of a button
# Error codes inside HTTP 200, second hand, in one place. Any other is tried again.
TOKEN_ERRORS = {-216, -220}
HELD_ERRORS = {-211, -213, -218, -230}  # quota used up, or the person has not written lately
NEVER_ERRORS = {-201, -204, -205, -217, -227}  # wrong parameters, account gone, blocked, person banned
WAIT_ERRORS = {-32: 60.0}  # too many calls in a minute
_KEY = re.compile(r"^(.*?)\s*#([a-z2-7]{8,52})$", re.DOTALL)


class ZaloOAChannel:
    name = "zalo_oa"
    keeps_content = False

    def __init__(self, settings: ZaloOASettings, storage: Storage, public_url: str | None = None):
        self.settings = settings
        self.public_url = public_url
        self.storage = storage
        self._client = httpx.AsyncClient(timeout=httpx.Timeout(20.0, connect=10.0), limits=httpx.Limits(max_connections=32))
        self.tokens = ZaloTokens(settings, storage, self._client)
        self._accept: Accept | None = None
        # Room for the sentence that says there is more.
        self._limits = Limits(ZALO_OA.text - len(phrases()["rest"]) - 1, ZALO_OA.buttons)

    # -- life ------------------------------------------------------------------------------------

    def routes(self) -> list[web.RouteDef]:
        return [web.post(PATH, self._webhook)]

    async def start(self, accept: Accept) -> None:
        self._accept = accept

    async def stop_intake(self) -> None:
        """Nothing is fetched; the web server stops the webhook."""

    async def close(self) -> None:
        await self._client.aclose()

    def status(self) -> str:
        tokens = self.tokens.read()
        if tokens is None:
            return "chưa đăng nhập; hãy chạy “motcua zalo login”"
        return tokens.problem or f"webhook {self.public_url or 'https://ĐỊA-CHỈ-MÁY-CHỦ'}{PATH}"

    # -- in --------------------------------------------------------------------------------------

    async def _webhook(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        if not request.headers.get(HEADER):
            raise BadRequest(401, "not signed")
        event = parse_object(body)
        stamp = identifier(event, "timestamp") or ""
        if not is_signed(request.headers[HEADER], self.settings.app_id, body, stamp, self.settings.oa_secret):
            raise BadRequest(403, "wrong signature")
        age = time.time() - int(stamp) / 1000 if stamp.isascii() and stamp.isdigit() else OLDEST + 1
        if not -AHEAD <= age <= OLDEST:
            raise BadRequest(403, "too old")
        if (message := await self._incoming(event, stamp)) and self._accept:
            await self._accept([message])
        return web.json_response({"ok": True})

    async def _incoming(self, event: dict[str, Any], stamp: str) -> Incoming | None:
        """What a signed event asks of us; None for the many events that ask nothing."""
        name = part(event, "event_name", str) or ""
        if name == "follow":
            user = identifier(part(event, "follower", dict), "id")
            return self._message(user, f"follow:{user}:{stamp}", "notice", "welcome", stamp) if user else None
        if not name.startswith("user_send_"):
            return None
        user, message = identifier(part(event, "sender", dict), "id"), part(event, "message", dict)
        number = identifier(message, "msg_id")
        if not user or not number:
            return None
        words = part(message, "text", str) or ""
        if name == "user_send_location":
            return self._message(user, number, "notice", "location", stamp)
        if not words.strip():
            return None if name == "user_send_text" else self._message(user, number, "notice", "media", stamp)
        if (key := _KEY.match(words)) and (payload := await self.storage.run(self.storage.payload_of, key.group(2))):
            return self._message(user, number, "payload", payload, stamp)
        return self._message(user, number, *interpret(words, payloads=True), stamp)

    def _message(self, user: str, number: str, kind: str, text: str, stamp: str) -> Incoming:
        return Incoming(self.name, number, f"zalo_oa:{user}", {"user": user}, kind, text, float(stamp))

    # -- out -------------------------------------------------------------------------------------

    async def compose(self, answer: Answer) -> tuple[list[dict[str, Any]], list[str]]:
        answer = with_links(answer, self.public_url)
        contents = []
        for message in render(answer, self._limits):
            # The person sees the payload as a message of their own: a title and a short key, not our notation.
            buttons = [
                {"title": button.title[:TITLE], "payload": f"{button.title[: PAYLOAD // 2]} #{await self.storage.run(self.storage.payload_key, button.payload)}"}
                for button in message.buttons
            ]
            contents.append({"text": message.text, "buttons": buttons})
        return contents, numbered(answer, self._limits)

    async def send(self, row: OutRow) -> None:
        if time.time() - row.last_in > WINDOW:
            raise SendHeld("outside the 48 hours")
        if row.window_sent >= QUOTA:
            raise SendHeld(f"{QUOTA} messages sent")
        text = row.content["text"]
        if row.window_sent == QUOTA - 1 and row.later:
            text += "\n" + phrases()["rest"]
        message: dict[str, Any] = {"text": text}
        if buttons := row.content.get("buttons"):
            payload = {"buttons": [{"title": b["title"], "type": "oa.query.show", "payload": b["payload"]} for b in buttons]}
            message["attachment"] = {"type": "template", "payload": payload}
        token = await self.tokens.access()
        code, reason = await self._post({"recipient": {"user_id": row.address["user"]}, "message": message}, token)
        if code in TOKEN_ERRORS:
            await self.tokens.refused(token)
            code, reason = await self._post({"recipient": {"user_id": row.address["user"]}, "message": message}, await self.tokens.access())
        if code == 0:
            return
        fault = f"{code}: {reason}"
        if code in HELD_ERRORS:
            raise SendHeld(fault)
        if code in NEVER_ERRORS:
            raise SendNever(fault)
        raise SendLater(fault, WAIT_ERRORS.get(code, 0.0))

    async def _post(self, body: dict[str, Any], token: str) -> tuple[int, str]:
        """(error, message) of Zalo's answer; HTTP is 200 even on failure. Raises SendLater when there is no such answer."""
        try:
            response = await self._client.post(f"{self.settings.openapi}/v3.0/oa/message/cs", json=body, headers={"access_token": token})
        except httpx.HTTPError as error:
            raise SendLater(type(error).__name__) from error
        if response.status_code >= 400:
            after = response.headers.get("Retry-After", "")
            raise SendLater(f"HTTP {response.status_code}", float(after) if after.isdigit() else 0.0)
        try:
            answer = response.json()
        except ValueError:
            raise SendLater("answer is not JSON") from None
        code = part(answer, "error", int)
        if code is None:
            raise SendLater("answer without error code")
        return code, (part(answer, "message", str) or "")[:200]

    async def typing(self, incoming: Incoming) -> None:
        """Official Accounts have none."""
