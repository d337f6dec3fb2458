"""What is Telegram's alone: buttons, groups, edits, media, the webhook's secret, the menu."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from channel_drivers import SECRET
from channel_vendors import FakeTelegram


@pytest.fixture
async def polling(setting_of):
    return await setting_of("telegram-polling")


@pytest.fixture
async def hook(setting_of):
    return await setting_of("telegram-webhook")


async def quiet(setting) -> None:
    await asyncio.sleep(0.6)
    assert setting.vendor.sent == []
    assert setting.assistant.told == []


async def test_the_menu_is_in_vietnamese(polling):
    for _ in range(50):
        menus = [data for method, data in polling.vendor.calls if method == "setMyCommands"]
        if menus:
            break
        await asyncio.sleep(0.1)
    assert {command["command"] for command in menus[0]["commands"]} == {"start", "trogiup", "tthc", "totcn", "xoa"}


async def test_callbacks_are_answered_and_long_payloads_kept_here(polling):
    await polling.person.say("chọn giúp")
    button = (await polling.person.read(1))[0].buttons[2]
    assert button["press"].startswith("k:")
    await polling.person.press(button)
    assert (await polling.person.read(2))[1].text.startswith("Đã chọn Đăng ký kết hôn")
    for _ in range(30):
        if polling.vendor.answered:
            break
        await asyncio.sleep(0.1)
    assert len(polling.vendor.answered) == 1


async def test_short_payloads_go_into_the_button(polling):
    await polling.person.say("nhiều nút")
    assert (await polling.person.read(1))[0].buttons[0]["press"] == '/choose{"procedure": "1.001193"}'


async def test_a_forgotten_button_says_so(polling):
    await polling.person.press({"title": "cũ", "press": "k:abcdefgh"})
    assert "Nút này đã cũ" in (await polling.person.read(1))[0].text


async def test_typing_is_shown(polling):
    await polling.person.say("chào")
    await polling.person.read(1)
    for _ in range(30):
        if actions := [data for method, data in polling.vendor.calls if method == "sendChatAction"]:
            break
        await asyncio.sleep(0.1)
    assert actions[0]["action"] == "typing"


async def test_headings_are_bold_and_signs_escaped(polling):
    await polling.person.say("ký hiệu")
    await polling.person.read(1)
    sent = polling.vendor.sent[0]["html"]
    assert sent.startswith("<b>Nếu a &lt; b &amp; c &gt; d thì &lt;b&gt;không đậm&lt;/b&gt;</b>")


@pytest.mark.parametrize("field", ["photo", "voice", "sticker", "document", "video", "video_note", "audio", "animation"])
async def test_every_wordless_message_gets_a_polite_answer(polling, field):
    file = {"file_id": "a", "file_unique_id": "b", "width": 9, "height": 9, "duration": 1, "length": 9, "type": "regular", "is_animated": False, "is_video": False}
    message = polling.vendor.message(None, 77, **{field: [file] if field == "photo" else file})
    polling.vendor.arrive(polling.vendor.update(message=message))
    assert "chỉ đọc được tin nhắn chữ" in (await polling.person.read(1))[0].text


async def test_an_album_gets_one_answer(polling):
    photo = [{"file_id": "a", "file_unique_id": "b", "width": 9, "height": 9}]
    for _ in range(5):
        polling.vendor.arrive(polling.vendor.update(message=polling.vendor.message(None, 77, photo=photo, media_group_id="g1")))
    await polling.person.read(1)
    await asyncio.sleep(0.6)
    assert len(polling.vendor.sent) == 1


async def test_a_caption_is_a_question(polling):
    photo = [{"file_id": "a", "file_unique_id": "b", "width": 9, "height": 9}]
    polling.vendor.arrive(polling.vendor.update(message=polling.vendor.message(None, 77, photo=photo, caption="giấy này làm ở đâu")))
    assert (await polling.person.read(1))[0].text == "Lượt 1: giấy này làm ở đâu"


async def test_contact_and_place_are_not_kept(polling):
    polling.vendor.arrive(
        polling.vendor.update(message=polling.vendor.message(None, 77, contact={"phone_number": "+84912345678", "first_name": "B"})),
        polling.vendor.update(message=polling.vendor.message(None, 77, location={"latitude": 21.0, "longitude": 105.8})),
    )
    texts = [shown.text for shown in await polling.person.read(2)]
    assert "danh bạ" in texts[0]
    assert "vị trí" in texts[1]


async def test_an_edited_question_is_answered_as_a_reply_to_it(polling):
    message = polling.vendor.message("sửa lại câu hỏi", 77, edit_date=1790000009)
    polling.vendor.arrive(polling.vendor.update(edited_message=message))
    assert (await polling.person.read(1))[0].text == "Lượt 1: sửa lại câu hỏi"
    assert polling.vendor.sent[0]["data"]["reply_parameters"]["message_id"] == message["message_id"]


async def test_service_messages_and_channels_are_left_alone(polling):
    vendor = polling.vendor
    vendor.arrive(
        vendor.update(message=vendor.message(None, -100, new_chat_members=[{"id": 5, "is_bot": False, "first_name": "B"}])),
        vendor.update(message=vendor.message(None, 77, pinned_message=vendor.message("x", 77))),
        vendor.update(channel_post=vendor.message("x", -100)),
        vendor.update(my_chat_member={}),
        vendor.update(message={**vendor.message("tôi là máy", 77), "from": {"id": 9, "is_bot": True, "first_name": "bot"}}),
    )
    await quiet(polling)


def mention(text: str) -> dict:
    return {"entities": [{"type": "mention", "offset": text.index("@"), "length": len(text[text.index("@") :].split()[0])}]}


@pytest.mark.parametrize(
    ("text", "more", "told"),
    [
        ("@motcua_bot làm căn cước ở đâu", mention("@motcua_bot làm"), "làm căn cước ở đâu"),
        ("làm căn cước ở đâu @MotCua_bot", mention("làm căn cước ở đâu @MotCua_bot"), "làm căn cước ở đâu"),
        ("/tthc làm căn cước", {}, "làm căn cước"),
        ("/tthc@motcua_bot làm căn cước", {}, "làm căn cước"),
        ("ở đâu vậy", {"reply_to_message": {"message_id": 4, "date": 1, "chat": {"id": -100, "type": "supergroup"}, "from": FakeTelegram.BOT, "text": "x"}}, "ở đâu vậy"),
    ],
)
async def test_in_a_group_the_bot_answers_when_it_is_meant(polling, text, more, told):
    message = polling.vendor.message(text, -100, user=5, **{name: value for name, value in more.items() if name != "entities"})
    if "entities" in more:
        message["entities"] = more["entities"]
    polling.vendor.arrive(polling.vendor.update(message=message))
    await polling.vendor.wait(1, person=-100)
    assert polling.assistant.told[0][1] == told
    assert polling.vendor.sent[0]["data"]["reply_parameters"]["message_id"] == message["message_id"]


@pytest.mark.parametrize("text", ["chuyện riêng của chúng tôi", "@other_bot làm căn cước", "/tthc@other_bot làm căn cước", "/start@other_bot"])
async def test_in_a_group_the_bot_is_silent_otherwise(polling, text):
    message = polling.vendor.message(text, -100, user=5)
    if text.startswith("@"):
        message.update(mention(text))
    polling.vendor.arrive(polling.vendor.update(message=message))
    await quiet(polling)


async def test_members_of_a_group_have_talks_of_their_own(polling):
    for user in (5, 6, 5):
        polling.vendor.arrive(polling.vendor.update(message=polling.vendor.message("/tthc hỏi", -100, user=user)))
    texts = sorted(m["text"] for m in await polling.vendor.wait(3, person=-100))
    assert texts == ["Lượt 1: hỏi", "Lượt 1: hỏi", "Lượt 2: hỏi"]


async def test_updates_are_confirmed_only_after_they_are_stored(polling):
    """The offset that confirms an update comes with a later request than the one that fetched it, never before."""
    update = polling.vendor.update(message=polling.vendor.message("giữ chắc", 77))
    polling.vendor.arrive(update)
    await polling.person.read(1)
    for _ in range(50):
        if any(int(data.get("offset") or 0) > update["update_id"] for method, data in polling.vendor.calls if method == "getUpdates"):
            break
        await asyncio.sleep(0.1)
    assert polling.server.storage.counts()["inbox:done"] == 1


async def test_the_webhook_is_set_with_its_secret(hook):
    assert hook.vendor.webhook["url"] == "https://bot.example.org/telegram/webhook"
    assert hook.vendor.webhook["secret_token"] == SECRET


@pytest.mark.parametrize("headers", [{}, {"X-Telegram-Bot-Api-Secret-Token": ""}, {"X-Telegram-Bot-Api-Secret-Token": "wrong"}, {"X-Telegram-Bot-Api-Secret-Token": "ă"}])
async def test_calls_without_the_secret_are_refused(hook, headers):
    update = hook.vendor.update(message=hook.vendor.message("giả", 77))
    async with httpx.AsyncClient() as client:
        response = await client.post(hook.person.url, json=update, headers={name: value.encode() for name, value in headers.items()})
    assert response.status_code == 403
    await quiet(hook)


async def test_polling_opens_no_webhook(polling):
    async with httpx.AsyncClient() as client:
        assert (await client.post(f"http://127.0.0.1:{polling.server.port}/telegram/webhook", json={})).status_code == 404
