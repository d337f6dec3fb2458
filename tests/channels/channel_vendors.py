"""Local servers that play Telegram, Zalo Bot Platform and Zalo OA over real HTTP, with the faults of the real ones."""

from __future__ import annotations

import asyncio
import hashlib
import html.parser
import itertools
import json
import time
from collections import defaultdict, deque
from typing import Any, ClassVar

from aiohttp import web


class Fault:
    """What happens to one call. `done`: the vendor did the work before it failed (the answer gets lost)."""

    def __init__(self, status: int | None = None, *, body: Any = None, delay: float = 0.0, drop: bool = False, done: bool = False):
        self.status, self.body, self.delay, self.drop, self.done = status, body, delay, drop, done


class Vendor:
    """A server with scripted faults by method; `sent` are the messages that reached a person's screen, in order."""

    def __init__(self) -> None:
        self.faults: dict[str, deque[Fault]] = defaultdict(deque)
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.sent: list[dict[str, Any]] = []
        self.news = asyncio.Condition()
        self.runner: web.AppRunner | None = None
        self.url = ""

    async def start(self, port: int = 0) -> Vendor:
        app = web.Application()
        self.add(app)
        self.runner = web.AppRunner(app, shutdown_timeout=0.2)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{self.runner.addresses[0][1]}"
        return self

    def add(self, app: web.Application) -> None:
        raise NotImplementedError

    async def stop(self) -> None:
        if self.runner:
            await self.runner.cleanup()

    async def call(self, request: web.Request, method: str, data: dict[str, Any], work: Any) -> web.StreamResponse:
        self.calls.append((method, data))
        fault = self.faults[method].popleft() if self.faults[method] else None
        if fault:
            await asyncio.sleep(fault.delay)
            if fault.done:
                await work(data)
            if fault.drop:
                request.transport.abort()
                return web.Response()
            if fault.status:
                return web.json_response(fault.body if fault.body is not None else {"ok": False, "error_code": fault.status, "description": "fault"}, status=fault.status)
        return await work(data)

    async def show(self, message: dict[str, Any]) -> None:
        self.sent.append(message)
        async with self.news:
            self.news.notify_all()

    async def wait(self, number: int, timeout: float = 15.0, person: Any = None) -> list[dict[str, Any]]:
        """The messages sent (to one person), once there are `number` of them."""

        def mine() -> list[dict[str, Any]]:
            return [m for m in self.sent if person is None or str(m["person"]) == str(person)]

        async with self.news:
            await asyncio.wait_for(self.news.wait_for(lambda: len(mine()) >= number), timeout)
        return mine()


class _Checker(html.parser.HTMLParser):
    """Telegram's HTML: few tags, all closed; gives back the visible text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in ("b", "i", "a", "u", "s", "code", "pre"):
            raise ValueError(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise ValueError(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


class FakeTelegram(Vendor):
    TOKEN = "4242:local-test-token"
    BOT: ClassVar = {"id": 4242, "is_bot": True, "first_name": "Một Cửa", "username": "motcua_bot"}

    def __init__(self) -> None:
        super().__init__()
        self.updates: list[dict[str, Any]] = []
        self.numbers = itertools.count(1000)
        self.messages = itertools.count(1)
        self.webhook: dict[str, Any] | None = None
        self.answered: list[str] = []
        self.more = asyncio.Event()

    def add(self, app: web.Application) -> None:
        app.router.add_route("*", "/bot{token}/{method}", self._api)

    async def _api(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.TOKEN:
            return web.json_response({"ok": False, "error_code": 401, "description": "Unauthorized"}, status=401)
        method = request.match_info["method"]
        data = {name: _decode(value) for name, value in (await request.post()).items()}
        return await self.call(request, method, data, getattr(self, f"do_{method}", self._fine))

    @staticmethod
    def _ok(result: Any) -> web.Response:
        return web.json_response({"ok": True, "result": result})

    @staticmethod
    def _no(code: int, description: str) -> web.Response:
        return web.json_response({"ok": False, "error_code": code, "description": description}, status=code)

    async def _fine(self, data: dict) -> web.Response:
        return self._ok(True)

    async def do_getMe(self, data: dict) -> web.Response:
        return self._ok(self.BOT)

    async def do_setWebhook(self, data: dict) -> web.Response:
        self.webhook = data
        return self._ok(True)

    async def do_answerCallbackQuery(self, data: dict) -> web.Response:
        self.answered.append(str(data["callback_query_id"]))
        return self._ok(True)

    async def do_getUpdates(self, data: dict) -> web.Response:
        offset, deadline = int(data.get("offset") or 0), time.monotonic() + min(float(data.get("timeout") or 0), 5)
        self.updates = [update for update in self.updates if update["update_id"] >= offset]
        while not self.updates and time.monotonic() < deadline:
            self.more.clear()
            try:
                await asyncio.wait_for(self.more.wait(), deadline - time.monotonic())
            except asyncio.TimeoutError:
                break
        return self._ok(self.updates[:100])

    async def do_sendMessage(self, data: dict) -> web.Response:
        checker = _Checker()
        try:
            checker.feed(data["text"])
            checker.close()
            if checker.open:
                raise ValueError("not closed")
        except ValueError as error:
            return self._no(400, f"Bad Request: can't parse entities: {error}")
        if not 0 < len(checker.text.encode("utf-16-le")) // 2 <= 4096:
            return self._no(400, "Bad Request: message is too long")
        rows = (data.get("reply_markup") or {}).get("inline_keyboard", [])
        buttons = [button for row in rows for button in row]
        if any(len(button["callback_data"].encode()) > 64 for button in buttons):
            return self._no(400, "Bad Request: BUTTON_DATA_INVALID")
        number = next(self.messages)
        await self.show({"person": data["chat_id"], "text": checker.text, "html": data["text"], "buttons": [{"title": b["text"], "press": b["callback_data"]} for b in buttons], "data": data})
        return self._ok({"message_id": number, "date": 0, "chat": {"id": data["chat_id"], "type": "private"}, "text": checker.text, "from": self.BOT})

    async def do_sendDocument(self, data: dict) -> web.Response:
        file = data["document"]
        content = file.file.read()
        if not 0 < len(content) <= 50_000_000 or len(data.get("caption", "")) > 1024:
            return self._no(400, "Bad Request: wrong file")
        await self.show({"person": data["chat_id"], "text": data.get("caption", ""), "buttons": [], "file": (file.filename, content), "data": data})
        return self._ok({"message_id": next(self.messages), "date": 0, "chat": {"id": data["chat_id"], "type": "private"}, "from": self.BOT})

    def update(self, **content: Any) -> dict[str, Any]:
        return {"update_id": next(self.numbers), **content}

    def message(self, text: str | None, chat: int = 77, user: int | None = None, **more: Any) -> dict[str, Any]:
        chat_type = "private" if chat > 0 else "supergroup"
        found = {"message_id": next(self.messages) + 5000, "date": 1790000000, "chat": {"id": chat, "type": chat_type}, "from": {"id": user or abs(chat), "is_bot": False, "first_name": "A"}, **more}
        if text is not None:
            found["text"] = text
            if text.startswith("/"):
                found["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
        return found

    def arrive(self, *updates: dict[str, Any]) -> None:
        self.updates += updates
        self.more.set()


class FakeZaloBot(Vendor):
    TOKEN = "99887766:zalo-test-token"

    def __init__(self) -> None:
        super().__init__()
        self.updates: list[dict[str, Any]] = []
        self.numbers = itertools.count(1)
        self.more = asyncio.Event()
        self.webhook: dict[str, Any] | None = None

    def add(self, app: web.Application) -> None:
        app.router.add_post("/bot{token}/{method}", self._api)

    async def _api(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.TOKEN:
            return web.json_response({"ok": False, "error_code": 401, "description": "Unauthorized"})
        method = request.match_info["method"]
        data = {**await request.json(), "connection": request.transport} if method == "getUpdates" else await request.json()
        return await self.call(request, method, data, getattr(self, f"do_{method}", self._fine))

    async def _fine(self, data: dict) -> web.Response:
        return web.json_response({"ok": True, "result": True})

    async def do_getMe(self, data: dict) -> web.Response:
        return web.json_response({"ok": True, "result": {"id": "1459232241454765289", "account_name": "bot.thu", "account_type": "BASIC"}})

    async def do_setWebhook(self, data: dict) -> web.Response:
        self.webhook = data
        return web.json_response({"ok": True, "result": data})

    async def do_getUpdates(self, data: dict) -> web.Response:
        if not isinstance(data.get("timeout"), str):
            return web.json_response({"ok": False, "error_code": 400, "description": "timeout must be a string"})
        if not self.updates:
            self.more.clear()
            try:
                await asyncio.wait_for(self.more.wait(), 3)
            except asyncio.TimeoutError:
                return web.json_response({"ok": False, "error_code": 408, "description": "Request timeout"})
        if not self.updates or data["connection"].is_closing():
            return web.Response()
        return web.json_response({"ok": True, "result": self.updates.pop(0)})

    async def do_sendMessage(self, data: dict) -> web.Response:
        if not isinstance(data.get("chat_id"), str) or not 0 < len(data.get("text", "")) <= 2000:
            return web.json_response({"ok": False, "error_code": 400, "description": "bad chat_id or text"})
        await self.show({"person": data["chat_id"], "text": data["text"], "buttons": []})
        return web.json_response({"ok": True, "result": {"message_id": str(next(self.numbers)), "date": 1}})

    def event(self, text: str | None, chat: str = "6ede9afa66b88fe6d6a9", kind: str = "text", **more: Any) -> dict[str, Any]:
        message = {"message_id": f"z{next(self.numbers)}", "from": {"id": chat, "display_name": "A", "is_bot": False}, "chat": {"id": chat, "chat_type": "PRIVATE"}, "date": 1790000000000, **more}
        if text is not None:
            message["text"] = text
        return {"event_name": f"message.{kind}.received", "message": message}

    def arrive(self, *updates: dict[str, Any]) -> None:
        self.updates += updates
        self.more.set()


class FakeZaloOA(Vendor):
    """OpenAPI and OAuth; a refresh token works once, an access token until it is expired here."""

    APP, APP_SECRET, OA_SECRET = "4141414141414141414", "app-secret", "oa-secret"

    def __init__(self) -> None:
        super().__init__()
        self.access, self.refresh = "access-0", "refresh-0"
        self.expires_in: Any = "90000"
        self.renewals = 0
        self.numbers = itertools.count(1)
        self.quota: dict[str, int] = defaultdict(int)

    def add(self, app: web.Application) -> None:
        app.router.add_post("/v3.0/oa/message/cs", self._message)
        app.router.add_post("/v4/oa/access_token", self._token)

    async def _token(self, request: web.Request) -> web.StreamResponse:
        form = dict(await request.post())

        async def renew(data: dict) -> web.Response:
            if request.headers.get("secret_key") != self.APP_SECRET or data.get("app_id") != self.APP:
                return web.json_response({"error": -14002, "error_name": "Invalid app"})
            good = data.get("code") == "good-code" if data.get("grant_type") == "authorization_code" else data.get("refresh_token") == self.refresh
            if not good:
                return web.json_response({"error": -14014, "error_name": "Invalid refresh token", "error_description": "used"})
            self.renewals += 1
            self.access, self.refresh = f"access-{self.renewals}", f"refresh-{self.renewals}"
            return web.json_response({"access_token": self.access, "refresh_token": self.refresh, "expires_in": self.expires_in})

        return await self.call(request, "token", form, renew)

    async def _message(self, request: web.Request) -> web.StreamResponse:
        data = await request.json()

        async def send(data: dict) -> web.Response:
            if request.headers.get("access_token") != self.access:
                return web.json_response({"error": -216, "message": "Access token is invalid"})
            user, message = data["recipient"]["user_id"], data["message"]
            buttons = message.get("attachment", {}).get("payload", {}).get("buttons", [])
            if not isinstance(user, str) or not 0 < len(message["text"]) <= 2000 or len(buttons) > 5:
                return web.json_response({"error": -201, "message": "params invalid"})
            if any(len(b["title"]) > 100 or len(b["payload"]) > 1000 for b in buttons):
                return web.json_response({"error": -201, "message": "button invalid"})
            self.quota[user] += 1
            if self.quota[user] > 8:
                return web.json_response({"error": -211, "message": "Out of quota"})
            await self.show({"person": user, "text": message["text"], "buttons": [{"title": b["title"], "press": b["payload"]} for b in buttons]})
            return web.json_response({"error": 0, "message": "Success", "data": {"message_id": str(next(self.numbers))}})

        return await self.call(request, "message", data, send)

    def event(self, text: str | None, user: str = "2468458835296197922", name: str = "user_send_text", number: str | None = None, stamp: float | None = None, **more: Any) -> tuple[bytes, dict[str, str]]:
        """(body, headers) of a signed call."""
        message = {"msg_id": number or f"oa{next(self.numbers)}", **more}
        if text is not None:
            message["text"] = text
            self.quota[user] = 0
        event = {"app_id": self.APP, "sender": {"id": user}, "recipient": {"id": "388613280878808645"}, "event_name": name, "message": message, "timestamp": str(int((stamp or time.time()) * 1000)), "user_id_by_app": "552177279717587730"}
        body = json.dumps(event, ensure_ascii=False).encode()
        mac = hashlib.sha256(self.APP.encode() + body + event["timestamp"].encode() + self.OA_SECRET.encode()).hexdigest()
        return body, {"X-ZEvent-Signature": f"mac={mac}", "Content-Type": "application/json"}


def _decode(value: Any) -> Any:
    try:
        found = json.loads(value)
    except (TypeError, ValueError):
        return value
    return found if isinstance(found, (dict, list, int)) else value
