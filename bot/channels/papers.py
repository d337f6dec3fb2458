"""The files of an answer (bot/printing.py): their addresses on this server, and who makes them.

An address says all that is needed (procedure and case, nothing about a person), so nothing is stored; the same file is
sent as a document where a channel takes files.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from aiohttp import web

from actions.answer import Answer, Line
from bot.channels.base import BadRequest
from bot.channels.limits import Buckets, caller
from bot.printing import Format, MadeFile, PrintingError, make_file
from knowledge.settings import get_settings
from knowledge.store import open_store

PATH = "/giay-to/"
TITLES: dict[Format, str] = {"pdf": "Bản in (PDF)", "html": "Trang để in", "png": "Mã QR của thủ tục"}
PLACE = "tinh"  # the query's name for a province; all others are questions of the procedure
KEPT = 40  # files, tens of kilobytes each
WAITING = 20  # files asked for at once; a PDF takes about a second of computing
_NAME = re.compile(r"([A-Za-z0-9.\-]{1,40})\.(pdf|html|png|svg|txt)")
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def address(attachment: dict[str, Any], format: Format) -> str:
    """"/giay-to/1.001193.pdf?thoi-han=qua-han"."""
    query = dict(attachment.get("case") or {})
    if attachment.get("place"):
        query[PLACE] = attachment["place"]
    return f"{PATH}{attachment['code']}.{format}" + (f"?{urlencode(query)}" if query else "")


def offered(answer: Answer, base: str = "", formats: tuple[Format, ...] = ("pdf", "html", "png")) -> list[dict[str, str]]:
    """[{"title", "href"}] for each file of an answer; `base` before the path where the reader is not on our page."""
    return [
        {"title": TITLES[format], "href": base + address(attachment, format)}
        for attachment in answer.attachments
        if attachment.get("kind") == "checklist"
        for format in formats
    ]


def with_links(answer: Answer, base: str | None) -> Answer:
    """The same answer with its files as lines of text; unchanged without a public address."""
    links = offered(answer, base, ("pdf", "png")) if base else []
    return replace(answer, lines=[*answer.lines, *(Line(f"{link['title']}: {link['href']}", "note") for link in links)]) if links else answer


def with_command(answer: Answer) -> Answer:
    """The same answer with the command that writes its files, for the shell."""
    lines = []
    for attachment in answer.attachments:
        case = " ".join(f"{question}={option}" for question, option in (attachment.get("case") or {}).items())
        place = f' --place "{attachment["place"]}"' if attachment.get("place") else ""
        lines.append(Line(f"In ra giấy: motcua checklist {attachment['code']}{f' --case {case}' if case else ''}{place} --pdf danh-sach.pdf", "note"))
    return replace(answer, lines=[*answer.lines, *lines]) if lines else answer


class Papers:
    """Makes files in a thread of their own, one at a time, and keeps the last few."""

    def __init__(self, *, proxies: int = 0):
        self._proxies = proxies
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="papers")
        self._made: OrderedDict[tuple, MadeFile] = OrderedDict()
        self._waiting = 0
        self._address = Buckets(burst=20, rate=1.0)

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH + "{name}", self._serve)]

    async def make(self, attachment: dict[str, Any], format: Format) -> MadeFile:
        """Raises as bot.printing.make_file does: KeyError, ValueError, PrintingError."""
        key = (address(attachment, format), get_settings().today())
        if key not in self._made:
            self._waiting += 1
            try:
                made = await asyncio.get_running_loop().run_in_executor(self._thread, lambda: make_file(attachment, format, place=attachment.get("place")))
            finally:
                self._waiting -= 1
            self._made[key] = made
            while len(self._made) > KEPT:
                self._made.popitem(last=False)
        return self._made[key]

    async def printable(self, attachment: dict[str, Any]) -> MadeFile:
        """The PDF, or the page where this machine cannot make one."""
        try:
            return await self.make(attachment, "pdf")
        except PrintingError:
            return await self.make(attachment, "html")

    async def _serve(self, request: web.Request) -> web.Response:
        if wait := self._address.take(caller(request, self._proxies)):
            raise web.HTTPTooManyRequests(headers={"Retry-After": str(int(wait) + 1)})
        match = _NAME.fullmatch(request.match_info["name"])
        if not match:
            raise web.HTTPNotFound
        attachment = await asyncio.get_running_loop().run_in_executor(self._thread, _known, match.group(1), request.query_string)
        if attachment is None:
            raise web.HTTPNotFound
        if self._waiting >= WAITING:
            raise web.HTTPServiceUnavailable(headers={"Retry-After": "10"})
        try:
            made = await self.make(attachment, match.group(2))
        except PrintingError as error:
            if match.group(2) == "pdf":
                raise web.HTTPFound(address(attachment, "html")) from error
            raise BadRequest(404, "no such file") from error
        styles = " ".join(f"'sha256-{_hash(style)}'" for style in _STYLE.findall(made.content.decode())) if match.group(2) == "html" else ""
        headers = {
            "Content-Type": made.media_type,
            "Content-Disposition": f'inline; filename="{made.name}"',
            "Cache-Control": "private, max-age=300",
            "Content-Security-Policy": f"default-src 'none'; {f'style-src {styles}; ' if styles else ''}base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        }
        return web.Response(body=made.content, headers=headers)

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)


def _hash(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


def _known(code: str, query: str) -> dict[str, Any] | None:
    """The attachment that an address names; None unless the procedure asks these questions and has these options."""
    layers = open_store(get_settings().database).layers(code)
    if not layers or len(query) > 1000:
        return None
    options = {branch.id: {option["id"] for option in branch.options} | {"unknown"} for layer in layers for branch in layer.branches}
    case = dict(parse_qsl(query, max_num_fields=40))
    place = case.pop(PLACE, None)
    if any(option not in options.get(question, ()) for question, option in case.items()) or (place and len(place) > 60):
        return None
    return {"kind": "checklist", "code": code, "case": case, **({"place": place} if place else {})}
