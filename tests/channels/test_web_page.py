"""The chat page in a real Chromium: what a person sees, by mouse, keyboard and screen reader, on- and offline."""

from __future__ import annotations

import importlib.util
import os
import re
from pathlib import Path

import pytest
from channel_drivers import Setting
from channel_fakes import FakeAssistant

pytestmark = pytest.mark.slow
PHONE = {"width": 375, "height": 667}
SMALL = {"width": 320, "height": 568}
DESKTOP = {"width": 1280, "height": 800}


def axe_script() -> Path | None:
    """axe-core from the package axe-playwright-python, from node_modules, or MOTCUA_AXE."""
    spec = importlib.util.find_spec("axe_playwright_python")
    places = [Path(os.environ["MOTCUA_AXE"])] if os.environ.get("MOTCUA_AXE") else []
    places += [Path(place) / "axe.min.js" for place in (spec.submodule_search_locations if spec else [])]
    places.append(Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js")
    return next((place for place in places if place.is_file()), None)


@pytest.fixture
async def setting(setting_of):
    return await setting_of("web")


class Page:
    """A tab on the chat page that notes every outside request, error and policy violation."""

    def __init__(self, page, url: str):
        self.page, self.url = page, url
        self.outside: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: None if request.url.startswith((url, "data:")) else self.outside.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda line: self.errors.append(line.text) if "Content Security Policy" in line.text else None)

    async def open(self) -> Page:
        await self.page.goto(self.url + "/")
        return self

    async def ask(self, text: str) -> None:
        await self.page.get_by_label("Câu hỏi của bạn").fill(text)
        await self.page.keyboard.press("Enter")

    async def sees(self, text: str, timeout: float = 15000) -> None:
        await self.page.locator("#log").get_by_text(text).first.wait_for(timeout=timeout)

    async def bubbles(self) -> list[str]:
        return await self.page.locator("#log .message:not(#hello) .bubble").all_inner_texts()


@pytest.fixture
async def tab(browser, setting):
    context = await browser.new_context(viewport=PHONE, locale="vi-VN", reduced_motion="reduce")
    page = await Page(await context.new_page(), f"http://127.0.0.1:{setting.server.port}").open()
    yield page
    assert page.outside == []
    assert page.errors == []
    await context.close()


async def test_a_question_and_a_button(tab):
    await tab.ask("chọn giúp")
    await tab.sees("2. Đăng ký khai tử")
    await tab.page.get_by_role("button", name="Đăng ký khai tử").click()
    await tab.sees("Đã chọn Đăng ký khai tử")
    assert await tab.page.get_by_role("heading", name=re.compile("Đã chọn")).count() == 1
    link = tab.page.locator("#log a[href='https://example.org/thu-tuc?a=1&b=2']")
    assert await link.get_attribute("rel") == "noopener noreferrer"


async def test_markup_in_an_answer_stays_text(tab):
    await tab.ask("ký hiệu")
    await tab.sees("<b>không đậm</b>")
    assert await tab.page.locator("#log script, #log b").count() == 0


async def test_what_one_types_stays_text(tab):
    await tab.ask("<img src=x onerror=alert(1)>")
    await tab.sees("Lượt 1:")
    assert await tab.page.locator("#log img").count() == 0


async def test_a_reload_keeps_the_talk(tab):
    await tab.ask("chọn giúp")
    await tab.sees("1. Đăng ký khai sinh")
    before = await tab.bubbles()
    await tab.page.reload()
    await tab.sees("1. Đăng ký khai sinh")
    assert await tab.bubbles() == before
    await tab.page.get_by_role("button", name="Đăng ký kết hôn").click()
    await tab.sees("(lượt 2)")


async def test_a_reply_that_came_while_the_page_was_away_is_shown(browser, setting_of):
    setting = await setting_of("web", FakeAssistant(delay=1.5))
    context = await browser.new_context(viewport=PHONE)
    tab = await Page(await context.new_page(), f"http://127.0.0.1:{setting.server.port}").open()
    await tab.ask("chờ chút")
    await tab.page.get_by_text("Chờ gửi").wait_for(state="hidden")
    await tab.page.reload()
    await tab.sees("Lượt 1: chờ chút")
    await context.close()


async def test_offline_is_said_and_the_message_goes_out_later(tab):
    await tab.ask("trước đã")
    await tab.sees("Lượt 1: trước đã")
    await tab.page.context.set_offline(True)
    await tab.ask("gửi sau nhé")
    await tab.page.get_by_role("status").get_by_text("Mất kết nối").wait_for()
    await tab.page.get_by_text("Chờ gửi", exact=True).wait_for()
    await tab.page.context.set_offline(False)
    await tab.sees("Lượt 2: gửi sau nhé", timeout=20000)
    await tab.page.get_by_text("Chờ gửi", exact=True).wait_for(state="hidden")


async def test_a_server_restart_goes_unnoticed(tab, setting):
    await tab.ask("chọn giúp")
    await tab.sees("1. Đăng ký khai sinh")
    port = setting.server.port
    await setting.stop()
    await tab.ask("1")
    setting.assistant.talks.clear()
    keep = setting.settings
    import dataclasses

    setting.settings = lambda: dataclasses.replace(keep(), port=port)
    await setting.start()
    await tab.sees("Đã chọn Đăng ký khai sinh", timeout=25000)


async def test_by_keyboard_alone(tab):
    page = tab.page
    assert await page.evaluate("document.activeElement.id") == "question"  # ready to type
    await page.evaluate("document.querySelector('.skip').focus()")
    assert await page.get_by_text("Đến ô nhập câu hỏi").is_visible()
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "question"
    await page.keyboard.type("chọn giúp")
    await page.keyboard.press("Enter")
    await tab.sees("1. Đăng ký khai sinh")
    for _ in range(12):
        await page.keyboard.press("Shift+Tab")
        if await page.evaluate("document.activeElement.textContent") == "Đăng ký kết hôn":
            break
    await page.keyboard.press("Enter")
    await tab.sees("Đã chọn Đăng ký kết hôn")
    assert await page.evaluate("document.activeElement !== document.body")


async def test_shift_enter_makes_a_line(tab):
    await tab.page.get_by_label("Câu hỏi của bạn").fill("dòng một")
    await tab.page.keyboard.press("Shift+Enter")
    assert await tab.bubbles() == []


async def test_screen_readers_hear_answers_once(tab):
    log = tab.page.get_by_role("log", name="Cuộc trò chuyện")
    assert await log.get_attribute("aria-live") == "polite"
    await tab.ask("nghe thử")
    await tab.sees("Lượt 1: nghe thử")
    assert "Một Cửa:" in (await log.inner_text())


async def test_forgetting_clears_page_and_server(tab, setting):
    await tab.ask("chọn giúp")
    await tab.sees("1. Đăng ký khai sinh")
    tab.page.on("dialog", lambda dialog: dialog.accept())
    await tab.page.get_by_role("button", name="Xóa").click()
    assert await tab.bubbles() == []
    await tab.ask("còn nhớ không")
    await tab.sees("Lượt 1: còn nhớ không")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [SMALL, PHONE, DESKTOP], ids=["small", "phone", "desktop"])
async def test_axe_finds_nothing(browser, setting, scheme, size):
    script = axe_script()
    if not script:
        pytest.skip("needs axe-core: package axe-playwright-python, or npm install --no-save axe-core, or MOTCUA_AXE")
    context = await browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce", bypass_csp=True)
    tab = await Page(await context.new_page(), f"http://127.0.0.1:{setting.server.port}").open()
    for text, answer in (("chọn giúp", "2. Đăng ký khai tử"), ("nhiều nút", "Bạn hỏi gì?"), ("danh sách", "Giấy chứng sinh"), ("ký hiệu", "không đậm"), ("dài", "Dòng 60")):
        await tab.ask(text)
        await tab.sees(answer)
    await tab.page.context.set_offline(True)
    await tab.ask("chưa gửi được")
    await tab.page.get_by_text("Chờ gửi", exact=True).wait_for()
    await tab.page.add_script_tag(content=script.read_text(encoding="utf-8"))
    found = await tab.page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})")
    assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in found["violations"]] == []
    await context.close()


@pytest.mark.parametrize("width", [280, 320, 390, 768, 1280])
async def test_nothing_sticks_out(browser, setting, width):
    context = await browser.new_context(viewport={"width": width, "height": 700})
    tab = await Page(await context.new_page(), f"http://127.0.0.1:{setting.server.port}").open()
    await tab.ask("x" * 300)
    await tab.sees("Lượt 1: x")
    assert await tab.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    small = await tab.page.evaluate("[...document.querySelectorAll('button')].filter(b => b.offsetParent && (b.offsetHeight < 44 || b.offsetWidth < 44)).map(b => b.textContent)")
    assert small == []
    await context.close()


async def test_print_shows_the_list_with_boxes_and_no_controls(tab):
    await tab.ask("dài")
    await tab.sees("Dòng 60")
    await tab.page.emulate_media(media="print")
    assert not await tab.page.locator("footer").is_visible()
    assert "☐" in await tab.page.evaluate("getComputedStyle(document.querySelector('#log li')).listStyleType")
    await tab.page.emulate_media(media="screen")
    await tab.page.evaluate("window.print = () => { window.printed = document.querySelectorAll('.printed').length }")
    await tab.page.get_by_role("button", name="In danh sách này").click()
    assert await tab.page.evaluate("window.printed") == 1


async def test_files_are_links_large_enough_for_a_thumb(tab):
    await tab.ask("danh sách")
    await tab.sees("Giấy chứng sinh")
    links = tab.page.locator("#log .files a")
    assert await links.all_inner_texts() == ["Bản in (PDF)", "Trang để in", "Mã QR của thủ tục"]
    assert await links.first.get_attribute("href") == "/giay-to/1.001193.pdf?thoi-han=qua-han"
    for n in range(3):
        assert (await links.nth(n).bounding_box())["height"] >= 44
    await tab.page.emulate_media(media="print")
    assert not await links.first.is_visible()


async def test_replies_are_in_a_live_region_and_old_ones_are_not_read_again(tab):
    log = tab.page.get_by_role("log")
    assert await log.get_attribute("aria-live") == "polite"
    assert await tab.page.get_by_role("status").count() == 1
    await tab.ask("chọn giúp")
    await tab.sees("1. Đăng ký khai sinh")
    group = log.get_by_role("group", name="Chọn tiếp")
    assert await group.get_by_role("button").count() == 3
    # While the page puts back what was said before, the region is off.
    await tab.page.add_init_script("new MutationObserver((found) => { for (const one of found) if (one.target.id === 'log' && [...one.addedNodes].some((node) => node.id !== 'hello' && node.className?.startsWith('message'))) (window.said ??= []).push(one.target.getAttribute('aria-live')) }).observe(document, { childList: true, subtree: true })")
    await tab.page.reload()
    await tab.sees("1. Đăng ký khai sinh")
    await tab.ask("ký hiệu")
    await tab.sees("không đậm")
    said = await tab.page.evaluate("window.said")
    assert (said[0], said[-1]) == ("off", "polite")


async def test_embedded_by_one_script_tag(browser, database, tmp_path):
    """Another site's page (another origin) shows the chat in a frame; without leave it does not."""
    from aiohttp import web

    async def start_host(html: str):
        app = web.Application()
        app.router.add_get("/", lambda request: web.Response(text=html, content_type="text/html"))
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "localhost", 0)
        await site.start()
        return runner, runner.addresses[0][1]

    import dataclasses

    setting = Setting("web", database, FakeAssistant())
    keep = setting.settings
    for allowed in (True, False):
        runner, host_port = await start_host("<!doctype html><title>Trang xã</title><p>Xin chào")
        setting.settings = lambda allowed=allowed, port=host_port: dataclasses.replace(keep(), embed=(f"http://localhost:{port}",) if allowed else ())
        await setting.start()
        context = await browser.new_context(viewport=DESKTOP)
        page = await context.new_page()
        await page.goto(f"http://localhost:{host_port}/")
        await page.add_script_tag(url=f"http://127.0.0.1:{setting.server.port}/web/embed.js")
        await page.get_by_role("button", name="Hỏi thủ tục").click()
        frame = page.frame_locator("iframe")
        if allowed:
            await frame.get_by_label("Câu hỏi của bạn").fill("từ trang khác")
            await page.keyboard.press("Enter")
            await frame.get_by_text("Lượt 1: từ trang khác").wait_for()
            await page.keyboard.press("Escape")
            assert not await page.locator("iframe").is_visible()
            assert await page.get_by_role("button", name="Hỏi thủ tục").get_attribute("aria-expanded") == "false"
        else:
            await page.wait_for_timeout(800)
            assert await frame.get_by_label("Câu hỏi của bạn").count() == 0
        await context.close()
        await setting.stop()
        await runner.cleanup()
    await setting.close()


async def test_the_page_is_small():
    files = Path(__file__).resolve().parents[2] / "bot/channels/web"
    import gzip

    assert sum(len(gzip.compress(path.read_bytes())) for path in files.iterdir() if path.name != "embed.js") < 15_000
