"""Calls that nobody should send: forged, stale, huge, deep, of wrong types. Refused with a status, and nothing changes."""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import json
import os
import time

import httpx
import pytest
from channel_drivers import SECRET, Setting
from channel_fakes import FakeAssistant
from channel_vendors import FakeTelegram, FakeZaloBot

from bot.settings import TelegramSettings, ZaloBotSettings

PATHS = {"telegram-webhook": "/telegram/webhook", "zalo-bot-webhook": "/zalo/bot/webhook", "zalo-oa": "/zalo/oa/webhook", "web": "/web/api/messages"}
DEEP = b'{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}"


@pytest.fixture(params=PATHS)
async def setting(request, setting_of):
    return await setting_of(request.param)


def good_headers(setting) -> dict[str, str]:
    """What lets a call in, where that does not depend on its body."""
    return {
        "telegram-webhook": {"X-Telegram-Bot-Api-Secret-Token": SECRET},
        "zalo-bot-webhook": {"X-Bot-Api-Secret-Token": SECRET},
        "zalo-oa": {"X-ZEvent-Signature": "mac=" + "0" * 64},
        "web": {"Authorization": "Bearer " + "a" * 40},
    }[setting.name]


async def post(setting, content: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.post(f"http://127.0.0.1:{setting.server.port}{PATHS[setting.name]}", content=content, headers=headers)


def untouched(setting) -> None:
    assert setting.server.storage.counts() == {"person": 0}
    assert setting.assistant.told == []


async def test_without_credentials(setting):
    response = await post(setting, b'{"id": "12345678", "text": "x"}')
    assert response.status_code in (401, 403)
    assert "Traceback" not in response.text
    untouched(setting)


async def test_a_megabyte(setting):
    response = await post(setting, b'{"a": "' + b"x" * 1_000_000 + b'"}', good_headers(setting))
    assert response.status_code == 413
    untouched(setting)


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'"x"', b"{", b"\xff\xfe", b"NaN", b'{"a": Infinity}', DEEP], ids=["empty", "null", "list", "text", "broken", "bytes", "nan", "infinity", "deep"])
async def test_what_is_no_object(setting, body):
    response = await post(setting, body, good_headers(setting))
    assert response.status_code in (400, 401, 403)
    assert "Traceback" not in response.text
    untouched(setting)


WRONG = [1, 1.5, True, None, "", "x" * 5000, [], [[]], {}, {"id": {}}, {"id": []}, -1, 2**70, "\0", "\ud800"]


@pytest.mark.parametrize("value", WRONG, ids=[str(n) for n in range(len(WRONG))])
async def test_wrong_types_at_every_place(setting, value):
    """The call is genuine but a part of it is not what it should be: no 500, no turn of a nonsense message."""
    if setting.name == "web":
        bodies = [{"id": value, "text": "x"}, {"id": "12345678", "text": value}, {"id": "12345678", "payload": value}]
        if value == "\ud800" or value == "\0" or value is None:
            bodies = bodies[:1]  # as a text these are a question, as a payload None is none
        for body in bodies:
            assert (await post(setting, json.dumps(body).encode(), good_headers(setting))).status_code == 400
    elif setting.name == "telegram-webhook":
        whole = setting.vendor.update(message=setting.vendor.message("x"))
        for body in (value, {**whole, "update_id": value}, {**whole, "message": value}, {**whole, "message": {**whole["message"], "chat": value}}, {**whole, "message": {**whole["message"], "from": value}}, {**whole, "callback_query": value, "message": None}):
            assert (await post(setting, json.dumps(body).encode(), good_headers(setting))).status_code < 500
    elif setting.name == "zalo-bot-webhook":
        whole = setting.vendor.event("x")
        for body in (value, {**whole, "event_name": value}, {**whole, "message": value}, {**whole, "message": {**whole["message"], "chat": value}}, {**whole, "message": {**whole["message"], "from": value}}, {**whole, "message": {**whole["message"], "message_id": [value]}}):
            assert (await post(setting, json.dumps(body).encode(), good_headers(setting))).status_code < 500
    else:
        import hashlib

        vendor = setting.vendor
        whole = json.loads(vendor.event("x")[0])
        for body in ({**whole, "event_name": value}, {**whole, "sender": value}, {**whole, "message": value}, {**whole, "timestamp": value}, {**whole, "message": {"msg_id": value, "text": value}}):
            raw = json.dumps(body).encode()
            stamp = body["timestamp"] if isinstance(body["timestamp"], str) else str(body["timestamp"])
            mac = hashlib.sha256(vendor.APP.encode() + raw + stamp.encode("utf-8", "replace") + vendor.OA_SECRET.encode()).hexdigest()
            assert (await post(setting, raw, {"X-ZEvent-Signature": f"mac={mac}"})).status_code < 500
    await asyncio.sleep(0.1)
    assert all(isinstance(text, str) for _, text in setting.assistant.told)


async def test_an_old_signed_call_is_a_replay(setting_of):
    oa = await setting_of("zalo-oa")
    body, headers = oa.vendor.event("từ hôm kia", stamp=time.time() - 14 * 3600)
    assert (await oa.person.deliver(body, headers)).status_code == 403
    body, headers = oa.vendor.event("từ mai", stamp=time.time() + 3600)
    assert (await oa.person.deliver(body, headers)).status_code == 403
    untouched(oa)


async def test_a_signed_call_of_another_body(setting_of):
    oa = await setting_of("zalo-oa")
    body, headers = oa.vendor.event("thật")
    assert (await oa.person.deliver(body.replace("thật".encode(), "giả".encode()), headers)).status_code == 403
    untouched(oa)


async def test_a_page_that_knocks_too_often_is_told_to_wait(setting_of):
    web = await setting_of("web")
    found = [await web.person.post(text=f"câu {n}") for n in range(14)]
    late = [response for response in found if response.status_code == 429]
    assert late
    assert int(late[0].headers["Retry-After"]) >= 1


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer short", "Bearer " + "x" * 200, "Basic " + "a" * 40])
async def test_the_stream_wants_a_key(setting_of, header):
    web = await setting_of("web")
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{web.person.url}/web/api/stream", headers={"Authorization": header})).status_code == 401


async def test_one_key_cannot_read_what_another_was_told(setting_of):
    web = await setting_of("web")
    await web.person.say("bí mật")
    await web.person.read(1)
    other = type(web.person)()
    await other.open(web.server)
    with pytest.raises(asyncio.TimeoutError):
        await other.read(1, timeout=1.0)
    await other.close()


@pytest.mark.parametrize("path", ["/web/../settings.py", "/web/%2e%2e/web.py", "/web/index.html", "/web/app.js.bak", "/etc/passwd"])
async def test_only_the_page_files_are_served(setting_of, path):
    web = await setting_of("web")
    async with httpx.AsyncClient() as client:
        assert (await client.get(web.person.url + path)).status_code == 404


async def test_headers_of_the_page(setting_of):
    web = await setting_of("web")
    async with httpx.AsyncClient() as client:
        response = await client.get(web.person.url + "/")
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http:" not in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        again = await client.get(web.person.url + "/", headers={"If-None-Match": response.headers["ETag"]})
        assert again.status_code == 304


def resident() -> int:
    """Bytes of memory of this process."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


@pytest.mark.slow
async def test_ten_thousand_forged_calls_change_nothing(database):
    """Unsigned, wrongly signed, replayed, huge, deep and of wrong types, at all webhooks of one server.

    Memory stays flat, nothing is stored, nobody is written to, and a real person is answered after it.
    """
    telegram, bot = await FakeTelegram().start(), await FakeZaloBot().start()
    setting = Setting("zalo-oa", database, FakeAssistant())
    settings = setting.settings
    setting.settings = lambda: dataclasses.replace(
        settings(), web=True, telegram=TelegramSettings(FakeTelegram.TOKEN, telegram.url, SECRET), zalo_bot=ZaloBotSettings(FakeZaloBot.TOKEN, bot.url, SECRET)
    )
    await setting.start()
    genuine, signed = setting.vendor.event("thật")
    update, event = telegram.update(message=telegram.message("thật")), bot.event("thật")
    huge = b'{"a": "' + b"x" * 1_000_000 + b'"}'
    tg, zb = {"X-Telegram-Bot-Api-Secret-Token": SECRET}, {"X-Bot-Api-Secret-Token": SECRET}
    wrong = {"X-Telegram-Bot-Api-Secret-Token": "f" * 32, "X-Bot-Api-Secret-Token": "f" * 32, "X-ZEvent-Signature": "mac=" + "f" * 64}
    genuine_calls = [("/zalo/oa/webhook", genuine, signed), ("/telegram/webhook", json.dumps(update).encode(), tg), ("/zalo/bot/webhook", json.dumps(event).encode(), zb)]
    calls = [(path, body, head, 200) for path, body, head in genuine_calls]  # replays: acknowledged, not answered
    for path, body, head in genuine_calls:
        calls += [(path, body, {}, (401, 403)), (path, body, wrong, 403), (path, huge, head, 413), (path, DEEP, head, 400), (path, b"[1, 2]", head, 400)]
    calls += [
        ("/zalo/oa/webhook", genuine.replace("thật".encode(), "giả".encode()), signed, 403),
        ("/telegram/webhook", json.dumps({**update, "update_id": 7, "message": 5}).encode(), tg, (200, 400)),
        ("/zalo/bot/webhook", json.dumps({**event, "message": [5]}).encode(), zb, 200),
        ("/web/api/messages", b'{"id": "12345678", "text": "x"}', {}, 401),
        ("/web/api/messages", huge, {"Authorization": "Bearer " + "a" * 40}, 413),
    ]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{setting.server.port}", limits=httpx.Limits(max_connections=20), timeout=60) as client:
        for path, body, head in genuine_calls:
            for _ in range(100):  # 503 until Telegram has told the bot its name
                if (await client.post(path, content=body, headers=head)).status_code == 200:
                    break
                await asyncio.sleep(0.05)
        for vendor in (setting.vendor, telegram, bot):
            await vendor.wait(1)
        for _ in range(100):  # a person has the reply a moment before its row says so
            before = setting.server.storage.counts()
            if before.get("outbox:sent") == 3:
                break
            await asyncio.sleep(0.05)
        assert before == {"inbox:done": 3, "outbox:sent": 3, "person": 3}

        async def some(first: int, number: int) -> None:
            for n in range(first, first + number):
                path, body, head, status = calls[n % len(calls)]
                response = await client.post(path, content=body, headers=head)
                assert response.status_code in (status if isinstance(status, tuple) else (status,)), (path, body[:60], response.status_code)
                assert "Traceback" not in response.text

        await asyncio.gather(*(some(first, 50) for first in range(10)))
        gc.collect()
        start = resident()
        await asyncio.gather(*(some(first, 950) for first in range(10)))
    gc.collect()
    assert resident() - start < 30_000_000
    assert setting.server.storage.counts() == before
    assert [len(vendor.sent) for vendor in (setting.vendor, telegram, bot)] == [1, 1, 1]
    await setting.person.say("vẫn trả lời chứ")
    assert (await setting.person.read(2))[-1].text == "Lượt 2: vẫn trả lời chứ"
    await setting.close()
    await telegram.stop()
    await bot.stop()
