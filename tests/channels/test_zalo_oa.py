"""What is the Official Account's alone: quota and window, tokens, errors inside HTTP 200, its many events."""

from __future__ import annotations

import asyncio
import json
import time

import httpx
import pytest
from channel_fakes import LONG_LINES
from channel_vendors import FakeZaloOA, Fault
from sqlalchemy import update

from bot.channels.base import SendLater
from bot.channels.zalo_oa import QUOTA
from bot.channels.zalo_tokens import LoginError, ZaloTokens
from bot.settings import ZaloOASettings
from bot.storage import Storage
from bot.tables import Person, ZaloToken


@pytest.fixture
async def oa(setting_of):
    return await setting_of("zalo-oa")


async def wait_for(check, seconds: float = 10.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := check():
            return found
        await asyncio.sleep(0.05)
    raise AssertionError("did not happen")


async def test_the_ninth_message_waits_until_the_person_writes(oa):
    oa.vendor.faults["message"].append(Fault(delay=2.0))  # all is said before the first reply counts
    for words in ("dài", "dài", "sau cùng"):
        await oa.person.say(words)
    await wait_for(lambda: oa.server.storage.counts().get("outbox:held"))
    first = list(oa.vendor.sent)
    assert len(first) == QUOTA
    assert "nhắn “tiếp”" in first[-1]["text"]
    assert not any("nhắn “tiếp”" in message["text"] for message in first[:-1])
    held = oa.server.storage.counts()["outbox:held"]
    await asyncio.sleep(1.0)
    assert len(oa.vendor.sent) == QUOTA
    await oa.person.say("tiếp")
    assert (await wait_for(lambda: oa.vendor.sent[QUOTA + held - 1 :]))[0]["text"] == "Lượt 3: sau cùng"
    assert [text for _, text in oa.assistant.told].count("tiếp") == 0


async def test_no_reply_is_sent_outside_the_48_hours(oa):
    oa.vendor.faults["message"].extend([Fault(500)] * 1000)
    await oa.person.say("lâu quá")
    await wait_for(lambda: oa.server.storage.counts().get("outbox:pending"))
    with oa.server.storage.writing() as connection:
        connection.execute(update(Person.__table__).values(last_in=time.time() - 49 * 3600))
    await oa.stop()
    oa.vendor.faults.clear()
    await oa.start()
    await wait_for(lambda: oa.server.storage.counts().get("outbox:held"))
    assert oa.vendor.sent == []
    await oa.person.say("tôi đây")
    assert [shown.text for shown in await oa.person.read(2)] == ["Lượt 1: lâu quá", "Lượt 2: tôi đây"]


async def test_an_expired_token_is_renewed_and_the_reply_sent(oa):
    oa.vendor.access = "someone-else-renewed"  # Zalo no longer knows ours
    await oa.person.say("mã cũ")
    await oa.person.read(1)
    assert oa.vendor.renewals == 2
    stored = oa.server.desk.channels["zalo_oa"].tokens.read()
    assert (stored.access, stored.refresh) == ("access-2", "refresh-2")


async def test_a_refused_refresh_token_is_told_and_tried_gently(oa):
    oa.vendor.access, oa.vendor.refresh = "other", "other"
    await oa.person.say("khóa rồi")
    await wait_for(lambda: "motcua zalo login" in oa.server.desk.channels["zalo_oa"].status())
    await asyncio.sleep(1.5)
    assert len([1 for method, _ in oa.vendor.calls if method == "token"]) <= 3
    # Logging in again brings the reply out; the waiting time is cut short by a restart.
    oa.vendor.refresh = "refresh-again"
    await oa.server.desk.channels["zalo_oa"].tokens.log_in(refresh_token="refresh-again")
    await oa.stop()
    await oa.start()
    assert (await oa.person.read(1))[0].text == "Lượt 1: khóa rồi"


async def test_many_workers_use_a_refresh_token_once(database):
    vendor = await FakeZaloOA().start()
    vendor.faults["token"].append(Fault(delay=1.0))
    settings = ZaloOASettings(FakeZaloOA.APP, FakeZaloOA.APP_SECRET, FakeZaloOA.OA_SECRET, vendor.url, vendor.url)
    stores = [Storage(database) for _ in range(4)]
    async with httpx.AsyncClient() as client:
        workers = [ZaloTokens(settings, store, client) for store in stores]
        await workers[0].log_in(refresh_token="refresh-0")
        with stores[0].writing() as connection:
            connection.execute(update(ZaloToken.__table__).values(expires_at=0.0))
        workers[0]._cached = None
        vendor.faults["token"].append(Fault(delay=1.0))
        found = await asyncio.gather(*(worker.access() for worker in workers))
    assert set(found) == {"access-2"}
    assert vendor.renewals == 2
    for store in stores:
        store.close()
    await vendor.stop()


async def test_the_new_pair_is_stored_before_it_is_used(oa):
    """At the moment of every message, the pair in the database is the one the vendor holds."""
    seen = []
    show = oa.vendor.show

    async def look(message):
        seen.append(oa.server.desk.channels["zalo_oa"].tokens.read().access == oa.vendor.access)
        await show(message)

    oa.vendor.show = look
    oa.vendor.access = "gone"
    await oa.person.say("một")
    await oa.person.read(1)
    assert seen == [True]


async def test_without_login_replies_wait(database):
    vendor = await FakeZaloOA().start()
    settings = ZaloOASettings(FakeZaloOA.APP, FakeZaloOA.APP_SECRET, FakeZaloOA.OA_SECRET, vendor.url, vendor.url)
    store = Storage(database)
    async with httpx.AsyncClient() as client:
        tokens = ZaloTokens(settings, store, client)
        with pytest.raises(SendLater, match="motcua zalo login"):
            await tokens.access()
        with pytest.raises(LoginError, match="-14014"):
            await tokens.log_in(code="bad-code")
        assert (await tokens.log_in(code="good-code")).access == "access-1"
        assert await tokens.access() == "access-1"
    store.close()
    await vendor.stop()


@pytest.mark.parametrize(("code", "state"), [(-211, "held"), (-230, "held"), (-217, "dead"), (-201, "dead")])
async def test_errors_inside_http_200(oa, code, state):
    oa.vendor.faults["message"].append(Fault(200, body={"error": code, "message": "x"}))
    await oa.person.say("thử")
    await wait_for(lambda: oa.server.storage.counts().get(f"outbox:{state}"))
    assert oa.vendor.sent == []


async def test_an_unknown_error_is_tried_again(oa):
    oa.vendor.faults["message"].append(Fault(200, body={"error": -99999, "message": "x"}))
    await oa.person.say("thử")
    await oa.person.read(1)


async def test_buttons_show_a_title_and_a_key_not_our_notation(oa):
    await oa.person.say("chọn giúp")
    button = (await oa.person.read(1))[0].buttons[0]
    assert button["press"].startswith("Đăng ký khai sinh #")
    assert "{" not in button["press"]
    await oa.person.press(button)
    assert (await oa.person.read(2))[1].text.startswith("Đã chọn Đăng ký khai sinh")


async def test_a_word_with_a_hash_is_a_word(oa):
    await oa.person.say("hỏi về #dangkykhaisinh")
    assert (await oa.person.read(1))[0].text == "Lượt 1: hỏi về #dangkykhaisinh"


async def test_a_follower_is_welcomed_once(oa):
    event = {"app_id": oa.vendor.APP, "event_name": "follow", "oa_id": "1", "follower": {"id": "99"}, "timestamp": str(int(time.time() * 1000))}
    body = json.dumps(event).encode()
    import hashlib

    mac = hashlib.sha256(oa.vendor.APP.encode() + body + event["timestamp"].encode() + oa.vendor.OA_SECRET.encode()).hexdigest()
    for _ in range(2):
        assert (await oa.person.deliver(body, {"X-ZEvent-Signature": f"mac={mac}"})).status_code == 200
    assert "Chào bạn" in (await oa.vendor.wait(1, person="99"))[0]["text"]
    await asyncio.sleep(0.5)
    assert len(oa.vendor.sent) == 1


@pytest.mark.parametrize("name", ["unfollow", "user_seen_message", "oa_send_text", "user_received_message", "anonymous_send_text", "something_new"])
async def test_other_events_are_acknowledged_and_left_alone(oa, name):
    assert (await oa.person.deliver(*oa.vendor.event("x", name=name))).status_code == 200
    await asyncio.sleep(0.3)
    assert oa.vendor.sent == []


@pytest.mark.parametrize("name", ["user_send_sticker", "user_send_audio", "user_send_file", "user_send_video", "user_send_link", "user_send_gif", "user_send_business_card"])
async def test_wordless_events_get_a_polite_answer(oa, name):
    assert (await oa.person.deliver(*oa.vendor.event(None, name=name))).status_code == 200
    assert "chỉ đọc được tin nhắn chữ" in (await oa.person.read(1))[0].text


async def test_the_acknowledgement_does_not_wait_for_the_vendor(oa):
    oa.vendor.faults["message"].extend([Fault(delay=5.0)] * 3)
    began = time.monotonic()
    for number in range(3):
        await oa.person.say(f"câu {number}")
    assert time.monotonic() - began < 2.0


async def test_ids_beyond_2_53_stay_as_they_are(oa):
    body, headers = oa.vendor.event("xin chào", user="9007199254740993123")
    await oa.person.deliver(body, headers)
    assert (await oa.vendor.wait(1))[0]["person"] == "9007199254740993123"


def test_the_long_answer_needs_more_than_one_message():
    assert len("\n".join(LONG_LINES)) > 2000 * 4
