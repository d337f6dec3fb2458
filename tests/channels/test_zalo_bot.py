"""What is the Zalo Bot Platform's alone: its events, its webhook's secret, the shapes its polling may take."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from channel_drivers import SECRET, Setting
from channel_fakes import FakeAssistant
from channel_vendors import Fault


@pytest.fixture
async def polling(setting_of):
    return await setting_of("zalo-bot-polling")


@pytest.fixture
async def hook(setting_of):
    return await setting_of("zalo-bot-webhook")


async def called(setting, method: str) -> dict:
    for _ in range(100):
        if found := [data for name, data in setting.vendor.calls if name == method]:
            return found[0]
        await asyncio.sleep(0.05)
    raise AssertionError(f"{method} was not called")


async def test_the_webhook_is_set_with_its_secret(hook):
    assert await called(hook, "setWebhook") == {"url": "https://bot.example.org/zalo/bot/webhook", "secret_token": SECRET}
    assert "bot.thu" in hook.server.desk.channels["zalo_bot"].status()


@pytest.mark.parametrize("headers", [{}, {"X-Bot-Api-Secret-Token": ""}, {"X-Bot-Api-Secret-Token": "wrong"}, {"X-Telegram-Bot-Api-Secret-Token": SECRET}])
async def test_calls_without_the_secret_are_refused(hook, headers):
    async with httpx.AsyncClient() as client:
        response = await client.post(hook.person.url, json=hook.vendor.event("giả"), headers=headers)
    assert response.status_code == 403
    assert hook.server.storage.counts() == {"person": 0}


async def test_polling_opens_no_webhook_and_removes_an_old_one(polling):
    await called(polling, "deleteWebhook")
    async with httpx.AsyncClient() as client:
        assert (await client.post(f"http://127.0.0.1:{polling.server.port}/zalo/bot/webhook", json={})).status_code == 404


async def test_typing_is_shown(polling):
    await polling.person.say("chào")
    await polling.person.read(1)
    assert (await called(polling, "sendChatAction"))["action"] == "typing"


@pytest.mark.parametrize("kind", ["image", "sticker", "voice", "file", "unsupported"])
async def test_wordless_messages_get_a_polite_answer(hook, kind):
    await hook.person.deliver(hook.vendor.event(None, kind=kind))
    assert "chỉ đọc được tin nhắn chữ" in (await hook.person.read(1))[0].text
    assert hook.assistant.told == []


async def test_a_caption_is_a_question(hook):
    await hook.person.deliver(hook.vendor.event(None, kind="image", caption="giấy này làm ở đâu"))
    assert (await hook.person.read(1))[0].text == "Lượt 1: giấy này làm ở đâu"


async def test_in_a_group_words_are_answered_and_pictures_left_alone(hook):
    def said(text: str | None, who: str, kind: str = "text") -> dict:
        event = hook.vendor.event(text, who, kind)
        event["message"]["chat"] = {"id": "nhom1", "chat_type": "GROUP"}
        return event

    for event in (said(None, "hai", "sticker"), said("của chị Hai", "hai"), said("của anh Ba", "ba")):
        await hook.person.deliver(event)
    texts = {message["text"] for message in await hook.vendor.wait(2, person="nhom1")}
    assert texts == {"Lượt 1: của chị Hai", "Lượt 1: của anh Ba"}  # a talk for each member
    await asyncio.sleep(0.4)
    assert len(hook.vendor.sent) == 2


async def test_the_bots_own_words_and_other_events_are_left_alone(hook):
    own = hook.vendor.event("tôi là máy", **{"from": {"id": "b", "is_bot": True}})
    for event in (own, {**hook.vendor.event("x"), "event_name": "chat.member.joined"}, {**hook.vendor.event("x"), "event_name": "message.text.sent"}):
        assert (await hook.person.deliver(event)).status_code == 200
    await asyncio.sleep(0.4)
    assert hook.vendor.sent == []


async def test_a_list_of_updates_is_taken_too(polling):
    """Zalo's own library takes one object, its documentation shows a list."""
    events = [polling.vendor.event(f"câu {n}") for n in (1, 2)]
    polling.vendor.faults["getUpdates"].append(Fault(200, body={"ok": True, "result": events}))
    assert [shown.text for shown in await polling.person.read(2)] == ["Lượt 1: câu 1", "Lượt 2: câu 2"]


async def test_polling_goes_on_after_faults(polling):
    polling.vendor.faults["getUpdates"].extend([Fault(500), Fault(200, body="<html>"), Fault(drop=True)])
    await polling.person.say("còn đó không")
    assert [shown.text for shown in await polling.person.read(1, 30)] == ["Lượt 1: còn đó không"]


async def test_a_wrong_token_is_told_and_does_not_stop_the_server(database):
    setting = Setting("zalo-bot-polling", database, FakeAssistant())
    setting.vendor.TOKEN = "1:other"
    try:
        await setting.start()
        for _ in range(100):
            if "MOTCUA_ZALO_BOT_TOKEN" in setting.server.desk.channels["zalo_bot"].status():
                break
            await asyncio.sleep(0.05)
        assert "MOTCUA_ZALO_BOT_TOKEN" in setting.server.desk.channels["zalo_bot"].status()
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"http://127.0.0.1:{setting.server.port}/readyz")).status_code == 200
    finally:
        await setting.close()
