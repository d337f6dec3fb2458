"""What vendors and networks do to a channel: duplicates, disorder, refusals, silence, restarts. Nothing lost, order kept."""

from __future__ import annotations

import asyncio
import time

import pytest
from channel_fakes import FakeAssistant
from channel_vendors import Fault

SENDING = {"telegram": "sendMessage", "zalo-bot": "sendMessage", "zalo-oa": "message"}
WITH_VENDOR = ("telegram-polling", "zalo-bot-webhook", "zalo-oa")


def method_of(setting) -> str:
    return next(method for name, method in SENDING.items() if setting.name.startswith(name))


@pytest.fixture(params=WITH_VENDOR)
async def setting(request, setting_of):
    return await setting_of(request.param)


async def settled(setting, seconds: float = 1.0) -> None:
    """Long enough for anything doubled to show itself."""
    await asyncio.sleep(seconds)


async def send_twice(setting, text: str) -> None:
    person, vendor = setting.person, setting.vendor
    if setting.name.startswith("telegram"):
        update = vendor.update(message=vendor.message(text, person.chat))
        vendor.arrive(update)
        await person.read(1)
        vendor.arrive(update)  # the confirmation got lost
    elif setting.name.startswith("zalo-bot"):
        event = vendor.event(text, person.chat)
        for _ in range(2):
            assert (await person.deliver(event)).status_code == 200
    else:
        body, headers = vendor.event(text, person.user)
        for _ in range(2):
            assert (await person.deliver(body, headers)).status_code == 200


async def test_a_duplicate_is_answered_once(setting):
    await send_twice(setting, "một lần thôi")
    await setting.person.read(1)
    await settled(setting)
    assert len(await setting.person.read(1)) == 1
    assert len(setting.assistant.told) == 1


async def test_a_duplicate_after_a_restart_is_answered_once(setting_of):
    setting = await setting_of("zalo-oa")
    body, headers = setting.vendor.event("một lần thôi", setting.person.user)
    await setting.person.deliver(body, headers)
    await setting.person.read(1)
    await setting.stop()
    await setting.start()
    assert (await setting.person.deliver(body, headers)).status_code == 200
    await settled(setting)
    assert len(setting.vendor.sent) == 1


async def test_a_page_that_sends_twice_is_answered_once(setting_of):
    """The page sends a message again when it did not hear that it arrived."""
    setting = await setting_of("web")
    for _ in range(3):
        response = await setting.person.client.post("/web/api/messages", json={"id": "cung-mot-so", "text": "một lần thôi"})
        assert response.status_code == 202
    await setting.person.read(1)
    await settled(setting)
    assert len(setting.assistant.told) == 1
    assert setting.server.storage.counts()["outbox:sent"] == 1


async def test_messages_that_overtake_each_other_are_put_in_order(setting_of):
    """While the first turn runs, the third comes before the second."""
    setting = await setting_of("zalo-oa", FakeAssistant(delay=0.5))
    now = time.time()
    for text, stamp in (("một", now - 3), ("ba", now - 1), ("hai", now - 2)):
        await setting.person.deliver(*setting.vendor.event(text, setting.person.user, stamp=stamp))
    assert [shown.text for shown in await setting.person.read(3)] == ["Lượt 1: một", "Lượt 2: hai", "Lượt 3: ba"]


@pytest.mark.parametrize("fault", ["429", "500", "drop", "not json"])
async def test_a_refused_reply_is_sent_again(setting, fault):
    faults = setting.vendor.faults[method_of(setting)]
    if fault == "429" and setting.name == "zalo-oa":
        faults.append(Fault(429))
    elif fault == "429":
        faults.append(Fault(429, body={"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 1", "parameters": {"retry_after": 1}}))
    elif fault == "500":
        faults.extend([Fault(500), Fault(502)])
    elif fault == "drop":
        faults.append(Fault(drop=True))
    else:
        faults.append(Fault(200, body="<html>gateway</html>"))
    began = time.monotonic()
    await setting.person.say("có tới không")
    assert (await setting.person.read(1))[0].text == "Lượt 1: có tới không"
    if fault == "429" and setting.name != "zalo-oa":
        assert time.monotonic() - began >= 1.0
    await settled(setting, 0.5)
    assert len(setting.vendor.sent) == 1
    assert len(setting.assistant.told) == 1


@pytest.mark.slow
async def test_a_vendor_that_never_answers_does_not_swallow_the_reply(setting):
    """The call is given up after its time limit and made again; what is behind it keeps its place."""
    setting.vendor.faults[method_of(setting)].append(Fault(delay=40.0, drop=True))
    await setting.person.say("có tới không")
    await setting.person.say("còn câu này")
    assert [shown.text for shown in await setting.person.read(2, 60)] == ["Lượt 1: có tới không", "Lượt 2: còn câu này"]
    assert len(setting.assistant.told) == 2


async def test_a_reply_whose_confirmation_is_lost_is_doubled_rather_than_lost(setting):
    setting.vendor.faults[method_of(setting)].append(Fault(drop=True, done=True))
    await setting.person.say("có tới không")
    texts = [shown.text for shown in await setting.person.read(2)]
    assert texts == ["Lượt 1: có tới không"] * 2
    assert len(setting.assistant.told) == 1


async def test_order_is_kept_while_the_first_reply_is_tried_again(setting):
    setting.vendor.faults[method_of(setting)].extend([Fault(500), Fault(500), Fault(drop=True)])
    for number in range(1, 4):
        await setting.person.say(f"câu {number}")
    assert [shown.text for shown in await setting.person.read(3)] == [f"Lượt {n}: câu {n}" for n in range(1, 4)]


async def test_one_slow_chat_does_not_hold_up_the_others(setting):
    setting.vendor.faults[method_of(setting)].append(Fault(delay=6.0))
    await setting.person.say("chậm")
    await asyncio.sleep(0.3)
    if setting.name.startswith("telegram"):
        other = type(setting.person)(setting.vendor, 4711)
    elif setting.name.startswith("zalo-bot"):
        other = type(setting.person)(setting.vendor, "other", True)
    else:
        other = type(setting.person)(setting.vendor, "555")
    await other.open(setting.server)
    began = time.monotonic()
    await other.say("nhanh")
    await other.read(1)
    assert time.monotonic() - began < 4.0
    await setting.person.read(1)


async def test_a_person_who_blocked_the_bot_becomes_a_dead_letter(setting):
    refusal = {
        "telegram": Fault(403, body={"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}),
        "zalo-bot": Fault(200, body={"ok": False, "error_code": 403, "description": "blocked"}),
        "zalo-oa": Fault(200, body={"error": -217, "message": "blocked"}),
    }[next(name for name in SENDING if setting.name.startswith(name))]
    setting.vendor.faults[method_of(setting)].append(refusal)
    await setting.person.say("đã chặn")
    await setting.person.say("đã bỏ chặn")
    assert [shown.text for shown in await setting.person.read(1)] == ["Lượt 2: đã bỏ chặn"]
    letters = setting.server.storage.dead_letters()
    assert len(letters) == 1
    assert setting.server.storage.revive_dead_letters() == 1
    assert (await setting.person.read(2))[-1].text == "Lượt 1: đã chặn"


async def test_a_vendor_that_is_down_for_long_leaves_dead_letters_not_silence(setting_of):
    from dataclasses import replace

    from channel_drivers import PACE

    setting = await setting_of("zalo-bot-webhook", pace=replace(PACE, give_up=4.0))
    setting.vendor.faults["sendMessage"].extend([Fault(500)] * 100)
    await setting.person.say("mất mạng lâu")
    for _ in range(150):
        if letters := setting.server.storage.dead_letters():
            break
        await asyncio.sleep(0.1)
    assert letters[0]["attempts"] > 1
    assert "500" in letters[0]["error"]


async def test_a_stop_in_the_middle_loses_nothing(setting_of):
    setting = await setting_of("zalo-oa", FakeAssistant(delay=0.3))
    for number in range(1, 7):
        await setting.person.say(f"câu {number}")
    await asyncio.sleep(0.4)
    await setting.stop()
    assert len(setting.vendor.sent) < 6
    await setting.start()
    assert [shown.text for shown in await setting.person.read(6)] == [f"Lượt {n}: câu {n}" for n in range(1, 7)]
    assert len(setting.assistant.told) == 6


async def test_a_stop_while_the_vendor_is_down_keeps_the_reply(setting):
    setting.vendor.faults[method_of(setting)].extend([Fault(500)] * 1000)
    await setting.person.say("giữ giúp")
    await asyncio.sleep(0.8)
    began = time.monotonic()
    await setting.stop()
    assert time.monotonic() - began < 8.0
    setting.vendor.faults.clear()
    await setting.start()
    assert [shown.text for shown in await setting.person.read(1)] == ["Lượt 1: giữ giúp"]
    assert len(setting.assistant.told) == 1


async def test_very_long_words_do_no_harm(setting):
    await setting.person.say("ă" * 3900)
    shown = await setting.person.read(1)
    assert all(len(one.text) <= setting.person.limit for one in shown)


async def test_a_vendor_out_of_reach_at_the_start_is_found_later(setting_of, database):
    from channel_drivers import Setting

    setting = Setting("telegram-polling", database, FakeAssistant())
    await setting.vendor.start()
    port = int(setting.vendor.url.rsplit(":", 1)[1])
    await setting.vendor.stop()
    try:
        await setting.start()
        assert "chưa nối" in setting.server.desk.channels["telegram"].status()
        await setting.vendor.start(port)
        await setting.person.say("nối chưa")
        assert (await setting.person.read(1, 20))[0].text == "Lượt 1: nối chưa"
    finally:
        await setting.close()


async def test_a_wrong_token_does_not_stop_the_server(database):
    from channel_drivers import Setting

    setting = Setting("telegram-polling", database, FakeAssistant())
    setting.vendor.TOKEN = "1:other"
    try:
        await setting.start()
        for _ in range(50):
            if "token" in setting.server.desk.channels["telegram"].status():
                break
            await asyncio.sleep(0.1)
        assert "MOTCUA_TELEGRAM_TOKEN" in setting.server.desk.channels["telegram"].status()
    finally:
        await setting.close()
