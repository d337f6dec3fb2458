"""The web page's channel: messages by POST, replies as server-sent events (WHATWG HTML), both under /web/api.

Why not Socket.IO: what is needed is one direction of events that go on where they broke off. SSE has that in the standard
(`Last-Event-ID`), passes every proxy as plain HTTP, and needs no library in the page (Socket.IO's client alone is larger
than the whole page). A conversation belongs to a random key that the page makes and keeps in its tab; the server stores
only its hash.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import hashlib
import json
import logging
import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from actions.answer import Answer, source_text
from bot.channels.base import MAX_TEXT, Accept, BadRequest, parse_object, read_body
from bot.channels.commands import interpret
from bot.channels.limits import Buckets, caller
from bot.channels.papers import offered
from bot.incoming import clean, is_payload
from bot.rendering import WEB, numbered
from bot.storage import Incoming, OutRow, Storage

logger = logging.getLogger(__name__)
FILES = Path(__file__).parent / "web"
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
KEY = re.compile(r"Bearer ([A-Za-z0-9_-]{32,64})")
MESSAGE_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
HEARTBEAT = 15.0  # seconds of silence before a comment shows that the stream lives
MAX_STREAMS = 2000
MAX_STREAMS_EACH = 5


@dataclass(eq=False)
class _Stream:
    news: asyncio.Event = field(default_factory=asyncio.Event)
    typing: bool = False


class WebChannel:
    name = "web"
    keeps_content = True

    def __init__(self, storage: Storage, *, embed: tuple[str, ...] = (), proxies: int = 0):
        self.storage = storage
        self.proxies = proxies
        self._streams: dict[str, set[_Stream]] = {}
        self._accept: Accept | None = None
        self._closing = asyncio.Event()
        self._watcher: asyncio.Task | None = None
        self._each = Buckets(burst=10, rate=0.5)
        self._address = Buckets(burst=120, rate=10)  # a whole office may share one address
        self._files = {path.name: _File(path) for path in FILES.iterdir() if path.suffix in TYPES}
        ancestors = " ".join(("'self'", *embed))
        self._policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
            f"base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}; require-trusted-types-for 'script'"
        )

    # -- life ------------------------------------------------------------------------------------

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self._page),
            web.get("/web/{name}", self._file),
            web.post("/web/api/messages", self._message),
            web.get("/web/api/stream", self._stream),
        ]

    async def start(self, accept: Accept) -> None:
        self._accept = accept
        if not self.storage.sqlite:  # another process may have played the turn
            self._watcher = asyncio.create_task(self._watch())

    async def stop_intake(self) -> None:
        """The web server stops taking requests."""

    async def close(self) -> None:
        self._closing.set()
        for streams in self._streams.values():
            for stream in streams:
                stream.news.set()
        if self._watcher:
            self._watcher.cancel()

    def status(self) -> str:
        return f"{sum(map(len, self._streams.values()))} trang đang mở"

    # -- files -----------------------------------------------------------------------------------

    async def _page(self, request: web.Request) -> web.Response:
        return self._serve(request, "index.html")

    async def _file(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in self._files or name == "index.html":
            raise web.HTTPNotFound
        return self._serve(request, name)

    def _serve(self, request: web.Request, name: str) -> web.Response:
        file = self._files[name]
        headers = {"ETag": file.tag, "Cache-Control": "no-cache", "Content-Security-Policy": self._policy, "Vary": "Accept-Encoding"}
        if name == "embed.js":
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        if request.headers.get("If-None-Match") == file.tag:
            return web.Response(status=304, headers=headers)
        packed = "gzip" in request.headers.get("Accept-Encoding", "")
        if packed:
            headers["Content-Encoding"] = "gzip"
        return web.Response(body=file.packed if packed else file.body, content_type=file.type, charset="utf-8", headers=headers)

    # -- in --------------------------------------------------------------------------------------

    async def _message(self, request: web.Request) -> web.Response:
        person = self._person(request)
        self._within(self._address.take(caller(request, self.proxies)))
        data = parse_object(await read_body(request))
        number, text, payload = data.get("id"), data.get("text", ""), data.get("payload")
        if not isinstance(number, str) or not MESSAGE_ID.fullmatch(number) or not isinstance(text, str) or len(text) > MAX_TEXT:
            raise BadRequest(400, "id or text is not what it should be")
        if payload is not None:
            if not isinstance(payload, str) or not is_payload(payload):
                raise BadRequest(400, "not a payload")
            kind, words = "payload", clean(payload)
        elif text.strip():
            kind, words = interpret(text)
        else:
            raise BadRequest(400, "nothing said")
        self._within(self._each.take(person))
        assert self._accept
        await self._accept([Incoming(self.name, f"{person[4:]}:{number}", person, {}, kind, words)])
        return web.json_response({"ok": True}, status=202)

    def _person(self, request: web.Request) -> str:
        match = KEY.fullmatch(request.headers.get("Authorization", ""))
        if not match:
            raise BadRequest(401, "no key")
        return "web:" + hashlib.sha256(match.group(1).encode()).hexdigest()[:40]

    @staticmethod
    def _within(wait: float) -> None:
        if wait:
            raise web.HTTPTooManyRequests(headers={"Retry-After": str(math.ceil(wait))})

    # -- out -------------------------------------------------------------------------------------

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        person = self._person(request)
        self._within(self._address.take(caller(request, self.proxies)))
        after = request.headers.get("Last-Event-ID", "0")
        if not re.fullmatch(r"[0-9]{1,18}", after):
            raise BadRequest(400, "Last-Event-ID is no number")
        mine = self._streams.setdefault(person, set())
        if len(mine) >= MAX_STREAMS_EACH or sum(map(len, self._streams.values())) >= MAX_STREAMS:
            if not mine:
                del self._streams[person]
            raise web.HTTPServiceUnavailable(headers={"Retry-After": "10"})
        stream = _Stream()
        mine.add(stream)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        try:
            await response.prepare(request)
            await response.write(b": xin chao\n\n")
            await self._talk(response, stream, person, int(after))
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            mine.discard(stream)
            if not mine:
                self._streams.pop(person, None)
        return response

    async def _talk(self, response: web.StreamResponse, stream: _Stream, person: str, last: int) -> None:
        while not self._closing.is_set():
            stream.news.clear()
            for number, content in await self.storage.run(self.storage.outgoing_after, person, last):
                await response.write(f"id: {number}\nevent: reply\ndata: {json.dumps(content, ensure_ascii=False)}\n\n".encode())
                last = number
                stream.typing = False
            if stream.typing:
                stream.typing = False
                await response.write(b"event: typing\ndata: {}\n\n")
            try:
                await asyncio.wait_for(stream.news.wait(), timeout=HEARTBEAT)
            except asyncio.TimeoutError:
                await response.write(b":\n\n")

    def _tell(self, person: str, *, typing: bool = False) -> None:
        for stream in self._streams.get(person, ()):
            stream.typing = typing
            stream.news.set()

    async def compose(self, answer: Answer) -> tuple[list[dict[str, Any]], list[str]]:
        """One message with its structure: the page makes headings and lists of it."""
        buttons = answer.buttons[: WEB.buttons]
        # A question's options would stand there twice, and be read out twice: as lines "1. Có" and as buttons.
        twice = {f"{number}. {button.title}" for number, button in enumerate(buttons, 1)}
        content = {
            "kind": answer.kind,
            "lines": [{"text": line.text, "kind": line.kind, "source": line.source} for line in answer.lines if line.kind != "text" or line.text not in twice],
            "sources": [source_text(source) for source in answer.sources],
            "buttons": [{"title": button.title, "payload": button.payload} for button in buttons],
            "files": offered(answer),
        }
        return [content], numbered(answer, WEB)

    async def send(self, row: OutRow) -> None:
        """The page reads the outbox by itself, now or when it comes back."""
        self._tell(row.person)

    async def typing(self, incoming: Incoming) -> None:
        self._tell(incoming.person, typing=True)

    async def _watch(self) -> None:
        last = -1
        while True:
            await asyncio.sleep(1.0)
            if not self._streams:
                last = -1
                continue
            with contextlib.suppress(Exception):
                if last < 0:
                    last = await self.storage.run(self.storage.highest)
                    for person in list(self._streams):
                        self._tell(person)
                last, people = await self.storage.run(self.storage.newest, self.name, last)
                for person in people:
                    self._tell(person)


class _File:
    """A page file, ready to send."""

    def __init__(self, path: Path):
        self.body = path.read_bytes()
        self.packed = gzip.compress(self.body, mtime=0)
        self.type = TYPES[path.suffix]
        self.tag = f'"{hashlib.sha256(self.body).hexdigest()[:16]}"'
