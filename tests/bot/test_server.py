"""The server's life: health, readiness, messages taken while it loads, polite and impolite ends."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

CHANNELS = Path(__file__).resolve().parents[1] / "channels"
sys.path.insert(0, str(CHANNELS))

from channel_drivers import WebPerson, ZaloOAPerson  # noqa: E402
from channel_fakes import FakeAssistant  # noqa: E402
from channel_vendors import FakeZaloOA  # noqa: E402

from bot.server import Server  # noqa: E402
from bot.settings import ServerSettings  # noqa: E402


@pytest.fixture
def database(tmp_path):
    return f"sqlite:///{tmp_path / 'motcua.db'}"


async def get(server: Server, path: str) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.get(f"http://127.0.0.1:{server.port}{path}")


async def test_while_it_loads_messages_are_taken_and_readiness_says_no(database):
    gate = threading.Event()

    def load():
        gate.wait(20)
        return FakeAssistant()

    server = Server(ServerSettings(port=0), database, load)
    starting = asyncio.create_task(server.start())
    for _ in range(100):
        if server._site and server.port:
            break
        await asyncio.sleep(0.05)
    person = WebPerson()
    await person.open(server)
    assert (await get(server, "/healthz")).status_code == 200
    ready = await get(server, "/readyz")
    assert (ready.status_code, ready.json()["assistant"]) == (503, False)
    await person.say("sớm quá")
    gate.set()
    await starting
    assert (await person.read(1))[0].text == "Lượt 1: sớm quá"
    assert (await get(server, "/readyz")).status_code == 200
    await person.close()
    await server.stop()


async def test_an_assistant_that_cannot_load_ends_the_start(database):
    def load():
        raise RuntimeError("no model")

    server = Server(ServerSettings(port=0), database, load)
    with pytest.raises(RuntimeError, match="no model"):
        await server.start()
    assert (await get(server, "/healthz")).status_code == 500
    await server.stop()


async def test_a_turn_that_fails_again_and_again_ends_in_an_apology(database):
    class Broken(FakeAssistant):
        async def handle(self, sender, text, *, channel="shell"):
            raise RuntimeError("always")

    from bot.delivery.desk import Pace

    server = Server(ServerSettings(port=0), database, Broken, pace=Pace(sweep=0.2))
    await server.start()
    person = WebPerson()
    await person.open(server)
    await person.say("câu khó")
    assert "không xử lý được" in (await person.read(1))[0].text
    await person.close()
    await server.stop()


async def test_unknown_paths_and_methods(database):
    server = Server(ServerSettings(port=0), database, FakeAssistant)
    await server.start()
    assert (await get(server, "/nothing")).status_code == 404
    assert (await get(server, "/web/api/messages")).status_code == 405
    assert (await get(server, "/zalo/oa/webhook")).status_code == 404  # not configured
    await server.stop()


class Process:
    """A server process that can be killed."""

    def __init__(self, database: str, vendor: FakeZaloOA, seconds: float):
        self.database, self.vendor, self.seconds = database, vendor, seconds
        self.port = 0

    async def start(self) -> None:
        env = {
            **os.environ,
            "MOTCUA_PORT": str(self.port),
            "MOTCUA_WEB": "0",
            "MOTCUA_ZALO_APP_ID": FakeZaloOA.APP,
            "MOTCUA_ZALO_APP_SECRET": FakeZaloOA.APP_SECRET,
            "MOTCUA_ZALO_OA_SECRET": FakeZaloOA.OA_SECRET,
            "MOTCUA_ZALO_OPENAPI": self.vendor.url,
            "MOTCUA_ZALO_OAUTH": self.vendor.url,
        }
        self.process = await asyncio.create_subprocess_exec(sys.executable, str(CHANNELS / "run_fake_server.py"), self.database, str(self.seconds), env=env, stdout=asyncio.subprocess.PIPE)
        line = await asyncio.wait_for(self.process.stdout.readline(), 60)
        assert line.startswith(b"ready")
        self.port = int(line.split()[1])

    async def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return await asyncio.wait_for(self.process.wait(), 60)


@pytest.mark.slow
async def test_killed_in_the_middle_every_message_is_answered_after_the_restart(database):
    from bot.channels.zalo_tokens import ZaloTokens
    from bot.settings import ZaloOASettings
    from bot.storage import Storage

    vendor = await FakeZaloOA().start()
    storage = Storage(database)
    async with httpx.AsyncClient() as client:
        await ZaloTokens(ZaloOASettings(vendor.APP, vendor.APP_SECRET, vendor.OA_SECRET, vendor.url, vendor.url), storage, client).log_in(refresh_token="refresh-0")
    process = Process(database, vendor, 0.05)
    await process.start()
    people = [ZaloOAPerson(vendor, f"77{number:04}") for number in range(10)]
    for person in people:
        person.url = f"http://127.0.0.1:{process.port}/zalo/oa/webhook"
    for number in range(1, 7):
        for person in people:
            await person.say(f"câu {number}")
    await vendor.wait(5)
    assert await process.end(signal.SIGKILL) == -9
    killed_at = len(vendor.sent)
    assert killed_at < 60
    began = time.monotonic()
    await process.start()
    for person in people:
        texts = [shown.text for shown in await person.read(6, 40)]
        # In order, none missing; at most what was in flight at the kill comes twice.
        assert list(dict.fromkeys(texts)) == [f"Lượt {n}: câu {n}" for n in range(1, 7)]
    assert time.monotonic() - began < 40
    assert len(vendor.sent) - 60 <= 16
    assert await process.end(signal.SIGTERM) == 0
    storage.close()
    await vendor.stop()
