"""The real assistant through every channel: the golden dialogues give the same answers, complete, as without a channel.

What is expected is not written here: each dialogue is first played on the assistant alone.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from pathlib import Path

import pytest
from channel_drivers import CHANNELS, PACE, Setting

from bot.rendering import SHELL, TELEGRAM, WEB, ZALO, ZALO_OA, line_text, numbered
from knowledge.settings import get_settings

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
LIMITS = {"telegram": TELEGRAM, "zalo": ZALO, "zalo-oa": ZALO_OA, "web": WEB, "shell": SHELL}
DIALOGUES = {
    "a paper, then its fee and time": ["làm giấy khai sinh cho con cần giấy tờ gì", "lệ phí bao nhiêu", "mất mấy ngày"],
    "without accents, then where": ["dang ky tam tru can gi", "nop o dau"],
    "greeting, thanks": ["xin chào", "cảm ơn bạn"],
    "a choice by number": ["đăng ký kết hôn", "1"],
    "a checklist by numbers": ["lập danh sách giấy tờ đăng ký khai sinh", "1", "1", "1", "1"],
    "out of the matter": ["hôm nay trời có mưa không"],
}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory):
    import os

    from bot.assistant import Assistant

    before = os.environ.get("MOTCUA_DATABASE")
    os.environ["MOTCUA_DATABASE"] = f"sqlite:///{tmp_path_factory.mktemp('real') / 'motcua.db'}"
    get_settings.cache_clear()
    yield Assistant.load(progress=True)
    os.environ.pop("MOTCUA_DATABASE")
    if before:
        os.environ["MOTCUA_DATABASE"] = before
    get_settings.cache_clear()


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text.replace("•", "").replace("⚠", ""))


async def expected(assistant, name: str, channel: str) -> list:
    """The answers of a dialogue, played alone; a number means the choice that stood there, as a channel hands it over."""
    answers = []
    for turn in DIALOGUES[name]:
        if turn.isdigit():
            shown = numbered(answers[-1], LIMITS[channel.split("-")[0] if channel != "zalo-oa" else channel])
            turn = shown[int(turn) - 1] if len(shown) >= int(turn) and shown[int(turn) - 1] else turn
        answers.append((await assistant.handle(f"expected:{channel}:{name}", turn)).answer)
    return answers


def spoken(answer, channel: str) -> list[str]:
    """The lines that must be seen; the page shows a question's options as buttons only."""
    options = {f"{number}. {button.title}" for number, button in enumerate(answer.buttons, 1)} if channel.startswith("web") else set()
    return [bare(line_text(line)) for line in answer.lines if line.text.strip() and not (line.kind == "text" and line.text in options)]


def in_order(parts: list[str], whole: str) -> list[str]:
    """The parts that do not stand in the whole, in their order."""
    missing, place = [], 0
    for one in parts:
        at = whole.find(one, place)
        if at < 0:
            missing.append(one)
        else:
            place = at + len(one)
    return missing


@pytest.mark.parametrize("name", DIALOGUES)
@pytest.mark.parametrize("channel", CHANNELS)
async def test_the_same_answer_on_every_channel(assistant, tmp_path, channel, name):
    answers = await expected(assistant, name, channel)
    setting = Setting(channel, f"sqlite:///{tmp_path / 'channels.db'}", assistant, PACE)
    await setting.start()
    seen = 0
    for turn, answer in zip(DIALOGUES[name], answers, strict=True):
        await setting.person.say(turn)
        lines = spoken(answer, channel)
        for _ in range(10):
            shown = await setting.person.read(seen + 1, 90)
            await asyncio.sleep(0.3)
            shown = await setting.person.read(len(shown), 5)
            whole = bare("".join(one.text for one in shown[seen:]))
            if not in_order(lines, whole):
                break
        assert in_order(lines, whole) == []
        assert all(bare(source.document) in whole for source in answer.sources)
        assert all(len(one.text) <= setting.person.limit for one in shown)
        titles = [button.title for button in answer.buttons]
        offered = [button["title"] for one in shown[seen:] for button in one.buttons]
        assert all(title in offered or bare(title) in whole for title in titles if answer.kind != "choices")
        seen = len(shown)
    await setting.close()


@pytest.mark.parametrize("name", DIALOGUES)
async def test_the_same_answer_in_a_browser(assistant, tmp_path, browser, name):
    """The page itself in Chromium, seen as a person sees it: what stands in the bubbles and on the buttons."""
    answers = await expected(assistant, name, "web-page")
    setting = Setting("web", f"sqlite:///{tmp_path / 'channels.db'}", assistant, PACE)
    await setting.start()
    page = await (await browser.new_context(viewport={"width": 375, "height": 667}, reduced_motion="reduce")).new_page()
    await page.goto(f"http://127.0.0.1:{setting.server.port}/")
    replies = page.locator("#log .message.bot:not(#hello)")
    for number, (turn, answer) in enumerate(zip(DIALOGUES[name], answers, strict=True)):
        await page.get_by_label("Câu hỏi của bạn").fill(turn)
        await page.keyboard.press("Enter")
        await replies.nth(number).wait_for(timeout=90_000)
        whole = bare(await replies.nth(number).inner_text())
        assert in_order(spoken(answer, "web"), whole) == []
        assert all(bare(source.document) in whole for source in answer.sources)
        assert await replies.nth(number).locator(".choices button").all_inner_texts() == [button.title for button in answer.buttons[: WEB.buttons]]
        assert await replies.nth(number).locator(".files a").count() == 3 * len(answer.attachments)
    await setting.close()


async def test_slots_are_there_after_a_restart(assistant, tmp_path):
    """"Mất mấy ngày" after a restart still means the procedure of before."""
    setting = Setting("zalo-oa", f"sqlite:///{tmp_path / 'channels.db'}", assistant, PACE)
    await setting.start()
    await setting.person.say("làm giấy khai sinh cho con cần giấy tờ gì")
    first = await setting.person.read(1, 90)
    await asyncio.sleep(1.0)
    await setting.stop()
    await assistant.forget(f"zalo_oa:{setting.person.user}")
    await setting.start()
    number = len(setting.vendor.sent)
    await setting.person.say("mất mấy ngày")
    later = await setting.person.read(number + 1, 90)
    code = re.search(r"mã (\d\.\d{6})", first[0].text).group(1)
    assert code in later[number].text
    await setting.close()


def test_the_shell_says_the_same_when_piped(assistant, tmp_path):
    name = "a paper, then its fee and time"
    answers = asyncio.run(expected(assistant, name, "shell"))
    code = "import sys; from bot.cli import main; sys.exit(main(['chat']))"
    done = subprocess.run([sys.executable, "-c", code], input="\n".join(DIALOGUES[name]) + "\n", capture_output=True, text=True, cwd=ROOT, timeout=600, check=False)
    assert done.returncode == 0
    whole = bare(done.stdout)
    for answer in answers:
        assert in_order([bare(line_text(line)) for line in answer.lines if line.text.strip()], whole) == []
    assert "\x1b[" not in done.stdout
