"""One way to talk to every channel: say, press, read. Each driver is a person in front of one vendor's app."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from dataclasses import dataclass
from typing import Any

import httpx
from channel_vendors import FakeTelegram, FakeZaloBot, FakeZaloOA

from bot.delivery.desk import Pace
from bot.server import Server
from bot.settings import ServerSettings, TelegramSettings, ZaloBotSettings, ZaloOASettings

SECRET = "secret-of-the-webhook"
PACE = Pace(first_wait=0.05, longest_wait=0.4, sweep=0.3, give_up=60.0)


@dataclass
class Shown:
    text: str
    buttons: list[dict[str, str]]


class Person:
    """Base of the drivers; `limit` is the longest message the channel takes."""

    limit = 0
    has_buttons = True

    async def open(self, server: Server) -> None:
        """After the server has started."""

    async def say(self, text: str) -> None:
        raise NotImplementedError

    async def press(self, button: dict[str, str]) -> None:
        raise NotImplementedError

    async def read(self, number: int, timeout: float = 15.0) -> list[Shown]:
        """All replies so far, once there are `number`."""
        raise NotImplementedError

    async def picture(self) -> None:
        raise NotImplementedError

    async def close(self) -> None:
        pass


class TelegramPerson(Person):
    limit = 4096

    def __init__(self, vendor: FakeTelegram, chat: int = 77, webhook: bool = False):
        self.vendor, self.chat, self.webhook = vendor, chat, webhook

    async def open(self, server: Server) -> None:
        self.url = f"http://127.0.0.1:{server.port}/telegram/webhook"
        for _ in range(100):  # the webhook knows groups only once the bot knows its name
            if "chưa" not in server.desk.channels["telegram"].status():
                return
            await asyncio.sleep(0.05)

    async def deliver(self, update: dict[str, Any]) -> httpx.Response | None:
        if not self.webhook:
            self.vendor.arrive(update)
            return None
        async with httpx.AsyncClient() as client:
            return await client.post(self.url, json=update, headers={"X-Telegram-Bot-Api-Secret-Token": SECRET})

    async def say(self, text: str) -> None:
        await self.deliver(self.vendor.update(message=self.vendor.message(text, self.chat)))

    async def press(self, button: dict[str, str]) -> None:
        query = {"id": secrets.token_hex(4), "from": {"id": self.chat, "is_bot": False, "first_name": "A"}, "chat_instance": "1", "data": button["press"], "message": self.vendor.message("x", self.chat)}
        await self.deliver(self.vendor.update(callback_query=query))

    async def picture(self) -> None:
        photo = [{"file_id": "a", "file_unique_id": "b", "width": 9, "height": 9}]
        await self.deliver(self.vendor.update(message=self.vendor.message(None, self.chat, photo=photo)))

    async def read(self, number: int, timeout: float = 15.0) -> list[Shown]:
        return [Shown(m["text"], m["buttons"]) for m in await self.vendor.wait(number, timeout, self.chat)]


class ZaloBotPerson(Person):
    limit = 2000
    has_buttons = False

    def __init__(self, vendor: FakeZaloBot, chat: str = "6ede9afa66b88fe6d6a9", webhook: bool = False):
        self.vendor, self.chat, self.webhook = vendor, chat, webhook

    async def open(self, server: Server) -> None:
        self.url = f"http://127.0.0.1:{server.port}/zalo/bot/webhook"

    async def deliver(self, event: dict[str, Any]) -> httpx.Response | None:
        if not self.webhook:
            self.vendor.arrive(event)
            return None
        async with httpx.AsyncClient() as client:
            return await client.post(self.url, json=event, headers={"X-Bot-Api-Secret-Token": SECRET})

    async def say(self, text: str) -> None:
        await self.deliver(self.vendor.event(text, self.chat))

    async def picture(self) -> None:
        await self.deliver(self.vendor.event(None, self.chat, "image", photo_url="https://example.org/a.jpg"))

    async def read(self, number: int, timeout: float = 15.0) -> list[Shown]:
        return [Shown(m["text"], m["buttons"]) for m in await self.vendor.wait(number, timeout, self.chat)]


class ZaloOAPerson(Person):
    limit = 2000

    def __init__(self, vendor: FakeZaloOA, user: str = "2468458835296197922"):
        self.vendor, self.user = vendor, user

    async def open(self, server: Server) -> None:
        self.url = f"http://127.0.0.1:{server.port}/zalo/oa/webhook"

    async def deliver(self, body: bytes, headers: dict[str, str]) -> httpx.Response:
        async with httpx.AsyncClient() as client:
            return await client.post(self.url, content=body, headers=headers)

    async def say(self, text: str) -> None:
        assert (await self.deliver(*self.vendor.event(text, self.user))).status_code == 200

    async def press(self, button: dict[str, str]) -> None:
        await self.say(button["press"])

    async def picture(self) -> None:
        await self.deliver(*self.vendor.event(None, self.user, "user_send_image", attachments=[{"type": "image", "payload": {"url": "https://example.org/a.jpg"}}]))

    async def read(self, number: int, timeout: float = 15.0) -> list[Shown]:
        return [Shown(m["text"], m["buttons"]) for m in await self.vendor.wait(number, timeout, self.user)]


class WebPerson(Person):
    """The page's protocol by hand; the page itself is tried in test_web_page.py."""

    limit = 20_000

    def __init__(self, key: str | None = None):
        self.key = key or secrets.token_hex(20)
        self.shown: list[Shown] = []
        self.last = 0

    async def open(self, server: Server) -> None:
        self.url = f"http://127.0.0.1:{server.port}"
        self.client = httpx.AsyncClient(base_url=self.url, headers={"Authorization": f"Bearer {self.key}"}, timeout=30)

    async def post(self, **body: Any) -> httpx.Response:
        return await self.client.post("/web/api/messages", json={"id": secrets.token_hex(8), **body})

    async def say(self, text: str) -> None:
        assert (await self.post(text=text)).status_code == 202

    async def press(self, button: dict[str, str]) -> None:
        assert (await self.post(payload=button["press"])).status_code == 202

    async def read(self, number: int, timeout: float = 15.0) -> list[Shown]:
        async def listen() -> None:
            async with self.client.stream("GET", "/web/api/stream", headers={"Last-Event-ID": str(self.last)}) as response:
                assert response.status_code == 200
                event: dict[str, str] = {}
                async for line in response.aiter_lines():
                    if line:
                        name, _, value = line.partition(":")
                        event[name] = value.strip()
                        continue
                    if event.get("event") == "reply":
                        self.last = int(event["id"])
                        content = json.loads(event["data"])
                        text = "\n".join([*(row["text"] for row in content["lines"]), *content["sources"]])
                        self.shown.append(Shown(text, [{"title": b["title"], "press": b["payload"]} for b in content["buttons"]]))
                        if len(self.shown) >= number:
                            return
                    event = {}

        if len(self.shown) < number:
            await asyncio.wait_for(listen(), timeout)
        return list(self.shown)

    async def close(self) -> None:
        await self.client.aclose()


CHANNELS = ("telegram-polling", "telegram-webhook", "zalo-bot-polling", "zalo-bot-webhook", "zalo-oa", "web")


class Setting:
    """A server with the vendors it talks to; may be stopped (politely or not) and started again on the same database."""

    def __init__(self, name: str, database: str, assistant: Any, pace: Pace = PACE):
        self.name, self.database, self.assistant, self.pace = name, database, assistant, pace
        webhook = name.endswith("webhook")
        self.vendor: Any = None
        self.person: Person = WebPerson()
        if name.startswith("telegram"):
            self.vendor = FakeTelegram()
            self.person = TelegramPerson(self.vendor, webhook=webhook)
        elif name.startswith("zalo-bot"):
            self.vendor = FakeZaloBot()
            self.person = ZaloBotPerson(self.vendor, webhook=webhook)
        elif name == "zalo-oa":
            self.vendor = FakeZaloOA()
            self.person = ZaloOAPerson(self.vendor)
        self.secret = SECRET if webhook else None
        self.server: Server | None = None

    def settings(self) -> ServerSettings:
        channels: dict[str, Any] = {"web": self.name == "web"}
        if isinstance(self.vendor, FakeTelegram):
            channels["telegram"] = TelegramSettings(FakeTelegram.TOKEN, self.vendor.url, self.secret)
        if isinstance(self.vendor, FakeZaloBot):
            channels["zalo_bot"] = ZaloBotSettings(FakeZaloBot.TOKEN, self.vendor.url, self.secret)
        if isinstance(self.vendor, FakeZaloOA):
            channels["zalo_oa"] = ZaloOASettings(FakeZaloOA.APP, FakeZaloOA.APP_SECRET, FakeZaloOA.OA_SECRET, self.vendor.url, self.vendor.url)
        return ServerSettings(port=0, public_url="https://bot.example.org", grace=5.0, **channels)

    async def start(self) -> Setting:
        if self.vendor and not self.vendor.runner:
            await self.vendor.start()
        self.server = Server(self.settings(), self.database, self._load, pace=self.pace)
        if isinstance(self.vendor, FakeZaloOA):
            from bot.channels.zalo_tokens import LoginError

            with contextlib.suppress(LoginError):  # logged in before a restart
                await self.server.desk.channels["zalo_oa"].tokens.log_in(refresh_token="refresh-0")
        await self.server.start()
        await self.person.open(self.server)
        return self

    def _load(self) -> Any:
        asyncio.run(asyncio.sleep(0))  # Rasa runs loops of its own while it loads
        return self.assistant

    async def stop(self) -> None:
        if self.server:
            await self.server.stop()
            self.server = None

    async def close(self) -> None:
        await self.person.close()
        await self.stop()
        if self.vendor:
            await self.vendor.stop()
