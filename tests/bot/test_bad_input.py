"""Whatever is typed gets a polite answer, and none gets an answer about a procedure that was not asked for."""

from __future__ import annotations

import asyncio
import random
import time

import pytest

from bot.rendering import SHELL, TELEGRAM, ZALO, render

pytestmark = pytest.mark.slow
KINDS = {"answer", "choices", "guidance", "declined", "smalltalk", "emergency", "handoff"}
NOT_ANSWERED = {"declined", "smalltalk", "handoff", "choices"}
RANDOM = random.Random(7)


@pytest.fixture(scope="module")
def assistant(tmp_path_factory):
    from bot.assistant import Assistant
    from knowledge.settings import get_settings

    folder = tmp_path_factory.mktemp("bad-input")
    patch = pytest.MonkeyPatch()
    patch.setenv("MOTCUA_DATABASE", f"sqlite:///{folder / 'motcua.db'}")
    patch.setenv("MOTCUA_CACHE", str(folder / "cache"))
    patch.setenv("MOTCUA_AS_OF", "2026-11-21")
    get_settings.cache_clear()
    yield Assistant.load()
    patch.undo()
    get_settings.cache_clear()


@pytest.fixture(scope="module")
def say(assistant):
    """Plays messages of one fresh conversation; the last turn."""
    loop = asyncio.new_event_loop()
    counter = iter(range(10**6))

    def play(*texts: str):
        sender = f"bad:{next(counter)}"
        for text in texts:
            turn = loop.run_until_complete(assistant.handle(sender, text))
        loop.run_until_complete(assistant.forget(sender))
        return turn

    yield play
    loop.close()


def polite(turn) -> str:
    """The reply, of a known kind, with words, within what channels take, and without a look behind the scenes."""
    answer = turn.answer
    assert answer.kind in KINDS, answer.kind
    messages = render(answer, SHELL)
    text = "\n".join(message.text for message in messages)
    assert text.strip()
    for telling in ("Traceback", "Exception", "sqlalchemy", "rasa", "None", "object at 0x", "KeyError"):
        assert telling not in text, text[:300]
    for limits in (TELEGRAM, ZALO):
        assert all(0 < len(message.text) <= limits.text for message in render(answer, limits))
    assert len(text) < 20_000
    return text


EMPTY = ["", " ", "\n\n\t", "\u200b", "\u200b\u200d\ufeff", "\u00a0", "\u3000", "\u2060" * 50]
GARBAGE = [
    "?", ".....", "!!!???", "-", "'", '"', "\\", "`", "{}", "[]", "{{7*7}}", "${7*7}", "%s %d %n", "\x00", "a\x00b", "\x1b[31mđỏ\x1b[0m", "\x07\x08\x0c\x7f",
    "\ufffd" * 20, "\ue000123\ue001", "\ud7ff\ue000", "\u202eđảo ngược\u202c", "a\u0300" * 300, "ạ\u0323" * 200, "asdfghjkl", "qwertyuiop zxcvbnm", "kkkkkkkkkkkk", "1", "0", "-1", "99999999999999999999",
    "1e999", "NaN", "null", "undefined", "true", "x" * 3999,
]  # fmt: skip
EMOJI = ["😀", "👍👍👍", "👨‍👩‍👧‍👦", "🇻🇳", "❤️🔥💯", "🤷🏽‍♀️" * 100, "😀" * 4000]
LONG = ["a" * 10_000, "á" * 10_000, "xin chào " * 1_200, "? " * 5_000, "\n" * 10_000, "1" * 10_000, "." * 10_000, "đ" * 9_999 + "\n", " ".join(str(n) for n in range(2_000)), "/" * 10_000, "/ask_fee" * 1_300]
CODE = [
    "<script>alert(1)</script>", "<b>zzz</b><img src=x onerror=alert(1)>", "<!-- --><a href='javascript:alert(1)'>x</a>", "&lt;script&gt;", "</div></body></html>",
    "'; DROP TABLE procedure; --", "1' OR '1'='1", '" UNION SELECT * FROM procedure --', "admin'--", "); DELETE FROM ticket; --", "SELECT * FROM users",
    "../../etc/passwd", "file:///etc/passwd", "$(rm -rf x)", "`id`", "; ls -la", "| cat /etc/passwd", "import os; os.system('id')", "__import__('os')", "{% for x in y %}", "{'a': 1}", '{"intent": "ask_fee"}',
]  # fmt: skip
FOREIGN = [
    "How do I bake sourdough bread at home?", "What is the weather like today?", "Wie wird das Wetter morgen?", "Où est la bibliothèque ?", "今天天气怎么样", "今日の天気はどうですか", "오늘 날씨 어때요", "Какая сегодня погода?",
    "ما هو الطقس اليوم", "สวัสดีครับ", "สภาพอากาศวันนี้", "Καλημέρα, τι κάνεις;", "שלום", "Lorem ipsum dolor sit amet consectetur",
]  # fmt: skip
PAYLOADS = [
    "/", "//", "\ud800 xin chào", "/khong_co_y_dinh", "/ask_fee{", "/ask_fee{}", "/ask_fee{\"procedure\":", '/ask_fee{"procedure": "khong-co"}', '/ask_fee{"procedure": null}', '/ask_fee{"procedure": {"a": [1, 2]}}', '/ask_fee{"procedure": ["1.004194"]}',
    '/ask_fee{"khac": 1}', '/choose{"value": -5}', '/choose{"value": "x"}', '/branch_answer{"branch": "x", "option": "y"}', "/branch_answer", "/guide_step", "/restart", "/back", "/session_start", "/ask_fee{\"procedure\": \"1.004194'; DROP TABLE procedure; --\"}",
    "/nlu_fallback", "/EXTERNAL: x", "/ask_fee" + '{"procedure": "' + "1" * 5000 + '"}', "/" + "{" * 2000, '/ask_fee{"procedure": "' + "\\u0000" + '"}',
]  # fmt: skip


@pytest.mark.parametrize("text", EMPTY + GARBAGE + EMOJI, ids=lambda text: ascii(text)[:40])
def test_empty_and_garbage(say, text):
    turn = say(text)
    polite(turn)
    assert turn.answer.kind in NOT_ANSWERED


@pytest.mark.parametrize("text", LONG, ids=lambda text: f"{text[:12]!r}x{len(text)}")
def test_ten_thousand_characters(say, text):
    started = time.perf_counter()
    turn = say(text)
    assert time.perf_counter() - started < 5
    polite(turn)
    assert turn.answer.kind in NOT_ANSWERED


@pytest.mark.parametrize("text", CODE, ids=lambda text: text[:40])
def test_html_sql_and_code(say, text):
    turn = say(text)
    assert text not in polite(turn)
    assert turn.answer.kind in NOT_ANSWERED


@pytest.mark.parametrize("text", FOREIGN)
def test_other_languages(say, text):
    turn = say(text)
    polite(turn)
    assert turn.answer.kind in NOT_ANSWERED


@pytest.mark.parametrize("text", PAYLOADS, ids=lambda text: ascii(text)[:50])
def test_payloads_that_no_button_has(say, text):
    polite(say(text))


def test_bad_input_in_the_middle_does_not_lose_the_talk(say):
    before = say("thủ tục 1.004194 cần giấy tờ gì")
    assert before.answer.procedures == ["1.004194"]
    for bad in ("", "<script>alert(1)</script>", "😀", "\x00", "/khong_co_y_dinh", "x" * 10_000):
        after = say("thủ tục 1.004194 cần giấy tờ gì", bad, "còn lệ phí thì sao")
        assert after.answer.kind == "answer" and after.answer.procedures == ["1.004194"], bad[:20]


QUESTION = "đăng ký tạm trú cần giấy tờ gì"
WRAPPED = [
    QUESTION.upper(), f"   {QUESTION}   ", f"{QUESTION}\n\n\n", f"<p>{QUESTION}</p>", f"😀 {QUESTION} 🙏🙏", QUESTION.replace(" ", "\u00a0"), QUESTION.replace(" ", "   \t "), "\u200b".join(QUESTION.split(" ")[:1]) + QUESTION[4:],
    f"{QUESTION}????!!!!", f"'{QUESTION}'", f"\ufeff{QUESTION}", QUESTION.replace("ă", "ă"), f"{QUESTION}\x00", f"\x1b[1m{QUESTION}\x1b[0m", f"{QUESTION} " + "ạ " * 20,
]  # fmt: skip


@pytest.mark.parametrize("text", WRAPPED, ids=lambda text: ascii(text)[:40])
def test_a_question_among_mess_is_still_answered(say, text):
    turn = say(text)
    polite(turn)
    assert turn.answer.kind in ("answer", "choices") and any(code in turn.answer.procedures for code in ("1.004194",)), turn.answer.procedures


def test_a_question_at_the_start_of_a_very_long_message_is_understood(say):
    polite(say(QUESTION + ". " + "Em cảm ơn anh chị nhiều. " * 600))


def test_random_characters_never_break_a_turn(say):
    ranges = [(0x20, 0x7F), (0xA0, 0x24F), (0x300, 0x36F), (0x1E00, 0x1EFF), (0x2000, 0x206F), (0x4E00, 0x4FFF), (0x1F300, 0x1F6FF), (0xE000, 0xE0FF), (0x0, 0x1F)]
    for _ in range(300):
        text = "".join(chr(RANDOM.randint(*RANDOM.choice(ranges))) for _ in range(RANDOM.choice([1, 3, 10, 60, 300])))
        polite(say(text))


def test_several_people_at_once_do_not_mix(assistant):
    async def talk(number: int, code: str):
        sender = f"bad:many:{number}"
        await assistant.handle(sender, f"thủ tục {code} cần giấy tờ gì")
        turn = await assistant.handle(sender, "còn lệ phí thì sao")
        await assistant.forget(sender)
        return turn.answer.procedures, code

    async def all_of_them():
        return await asyncio.gather(*(talk(number, ["1.004194", "1.001193", "1.000894"][number % 3]) for number in range(24)))

    loop = asyncio.new_event_loop()
    for procedures, code in loop.run_until_complete(all_of_them()):
        assert procedures[:1] == [code]
    loop.close()


def test_personal_numbers_are_not_repeated_or_kept(assistant):
    loop = asyncio.new_event_loop()
    turn = loop.run_until_complete(assistant.handle("bad:pii", "em tên Hoa cccd 079099012345 sđt 0912 345 678 muốn đăng ký tạm trú cần gì"))
    tracker = loop.run_until_complete(assistant.agent.tracker_store.retrieve("bad:pii"))
    kept = str([event.as_dict() for event in tracker.events]) + turn.message + "\n".join(message.text for message in render(turn.answer, SHELL))
    loop.run_until_complete(assistant.forget("bad:pii"))
    loop.close()
    assert "079099012345" not in kept and "0912 345 678" not in kept and "345 678" not in kept
