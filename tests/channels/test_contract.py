"""The contract of every channel: the same talk gives the same answers, whole and in order, through each of them."""

from __future__ import annotations

import asyncio
import re

from channel_fakes import LONG_LINES


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


async def test_a_question_is_answered(setting):
    await setting.person.say("làm khai sinh cần gì")
    assert [shown.text for shown in await setting.person.read(1)] == ["Lượt 1: làm khai sinh cần gì"]


async def test_the_talk_goes_on_and_a_choice_can_be_taken(setting):
    person = setting.person
    await person.say("chọn giúp")
    offered = (await person.read(1))[-1]
    assert all(name in offered.text for name in ("1. Đăng ký khai sinh", "2. Đăng ký khai tử", "3. Đăng ký kết hôn"))
    if person.has_buttons:
        assert [button["title"] for button in offered.buttons] == ["Đăng ký khai sinh", "Đăng ký khai tử", "Đăng ký kết hôn"]
        await person.press(offered.buttons[1])
    else:
        await person.say("2")
    assert (await person.read(2))[-1].text.startswith("Đã chọn Đăng ký khai tử (lượt 2)")
    await person.say("đang nói về gì")
    assert (await person.read(3))[-1].text == "Thủ tục 1.000656"


async def test_a_number_chooses_where_numbers_stand(setting):
    await setting.person.say("chọn giúp")
    await setting.person.read(1)
    await setting.person.say("3")
    assert (await setting.person.read(2))[-1].text.startswith("Đã chọn Đăng ký kết hôn")


async def test_buttons_become_numbers_where_there_are_none(setting):
    person = setting.person
    await person.say("nhiều nút")
    shown = (await person.read(1))[-1]
    if person.has_buttons:
        assert len(shown.buttons) == 3
        assert "Trả lời bằng số" not in shown.text
        await person.say("2")  # no number was shown, so it is a word like any other
        assert (await person.read(2))[-1].text == "Lượt 2: 2"
    else:
        assert "2. Đăng ký khai tử" in shown.text
        assert "Trả lời bằng số" in shown.text
        await person.say("2")
        assert (await person.read(2))[-1].text.startswith("Đã chọn Đăng ký khai tử")


async def test_a_typed_title_is_the_button(setting):
    person = setting.person
    await person.say("nhiều nút")
    await person.read(1)
    await person.say("dang ky khai tu")
    assert (await person.read(2))[-1].text.startswith("Đã chọn Đăng ký khai tử")


async def test_a_long_answer_arrives_whole_within_the_limit(setting):
    person = setting.person
    await person.say("dài")
    await person.say("xong chưa")
    number = 2
    for _ in range(20):  # how many messages it takes differs by channel
        shown = await person.read(number)
        if setting.name == "zalo-oa" and "nhắn “tiếp”" in shown[-1].text:
            await person.say("tiếp")
        elif shown[-1].text == "Lượt 2: xong chưa":
            break
        number += 1
    assert all(len(one.text) <= person.limit for one in shown)
    whole = squeezed("".join(one.text for one in shown))
    places = [whole.find(squeezed(line)) for line in LONG_LINES]
    assert -1 not in places
    assert places == sorted(places)
    assert "example.org/thu-tuc?a=1&b=2" in whole


async def test_signs_of_markup_arrive_as_written(setting):
    await setting.person.say("ký hiệu")
    text = (await setting.person.read(1))[-1].text
    assert "a < b & c > d thì <b>không đậm</b>" in text
    assert "\"ngoặc\" 'đơn' &amp; <script>" in text


async def test_two_messages_in_one_second_are_answered_in_order(setting):
    for number in range(1, 6):
        await setting.person.say(f"câu {number}")
    texts = [shown.text for shown in await setting.person.read(5)]
    assert texts == [f"Lượt {number}: câu {number}" for number in range(1, 6)]
    assert not setting.assistant.overlapped


async def test_commands_work_everywhere(setting):
    person = setting.person
    await person.say("/tthc cấp căn cước")
    assert (await person.read(1))[-1].text == "Lượt 1: cấp căn cước"
    await person.say("/trogiup")
    assert (await person.read(2))[-1].text == "Lượt 2: /help"
    await person.say("/xoa")
    assert "đã xóa" in (await person.read(3))[-1].text
    await person.say("còn nhớ không")
    assert (await person.read(4))[-1].text == "Lượt 1: còn nhớ không"


async def test_a_slash_with_anything_else_is_no_intent(setting):
    """Only buttons speak Rasa's notation; Zalo OA sends buttons as text, so there the form decides."""
    await setting.person.say('/choose{"procedure": {"a": 1}}')
    await setting.person.read(1)
    told = setting.assistant.told[-1][1]
    assert not told.startswith("/choose")


async def test_personal_numbers_never_reach_the_store(setting):
    await setting.person.say("căn cước của tôi là 001099012345, số 0912 345 678")
    await setting.person.read(1)
    await setting.stop()
    from pathlib import Path

    folder = Path(setting.database.removeprefix("sqlite:///")).parent
    stored = b"".join(path.read_bytes() for path in folder.iterdir())
    assert b"001099012345" not in stored
    assert b"345 678" not in stored


async def test_pictures_get_a_polite_answer(setting):
    if setting.name == "web":
        return  # the page has no way to send one
    await setting.person.picture()
    assert "chỉ đọc được tin nhắn chữ" in (await setting.person.read(1))[-1].text
    assert setting.assistant.told == []


async def test_the_talk_survives_a_restart(setting):
    person = setting.person
    await person.say("chọn giúp")
    await person.read(1)
    await person.say("1")
    await person.read(2)
    await setting.stop()
    setting.assistant.talks.clear()  # a new process begins without memory
    await setting.start()
    await person.say("đang nói về gì")
    assert (await person.read(3))[-1].text == "Thủ tục 1.001193"


async def test_a_number_still_means_the_choice_after_a_restart(setting):
    await setting.person.say("chọn giúp")
    await setting.person.read(1)
    await setting.stop()
    setting.assistant.talks.clear()
    await setting.start()
    await setting.person.say("3")
    assert (await setting.person.read(2))[-1].text.startswith("Đã chọn Đăng ký kết hôn")


async def test_many_people_at_once_keep_their_talks_apart(setting):
    people = [setting.person]
    for number in range(1, 12):
        if setting.name == "web":
            other = type(setting.person)()
        elif setting.name.startswith("telegram"):
            other = type(setting.person)(setting.vendor, 1000 + number, setting.person.webhook)
        elif setting.name.startswith("zalo-bot"):
            other = type(setting.person)(setting.vendor, f"chat{number}", setting.person.webhook)
        else:
            other = type(setting.person)(setting.vendor, f"90071992547409{number:02}")
        await other.open(setting.server)
        people.append(other)

    async def talk(number, person):
        await person.say(f"tôi là {number}")
        await person.say("lần hai")
        return [shown.text for shown in await person.read(2, 30)]

    found = await asyncio.gather(*(talk(number, person) for number, person in enumerate(people)))
    assert found == [[f"Lượt 1: tôi là {number}", "Lượt 2: lần hai"] for number in range(len(people))]
    for person in people[1:]:
        await person.close()
