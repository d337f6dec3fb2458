"""The printable list and its code, offered with the answer on every channel, and made when somebody asks."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re

import httpx
import pytest
from channel_drivers import CHANNELS
from channel_fakes import FakeAssistant

from actions.answer import Answer
from bot import printing
from bot.channels.papers import address, offered, with_command
from knowledge.settings import get_settings
from knowledge.store import open_store

CASE = {"kind": "checklist", "code": "1.001193", "case": {"thoi-han": "qua-han"}}
HERE = "/giay-to/1.001193.pdf?thoi-han=qua-han"


@pytest.fixture(scope="module", autouse=True)
def catalogue(tmp_path_factory):
    patch = pytest.MonkeyPatch()
    patch.setenv("MOTCUA_DATABASE", f"sqlite:///{tmp_path_factory.mktemp('papers') / 'motcua.db'}")
    get_settings.cache_clear()
    open_store(get_settings().database)
    yield
    patch.undo()
    get_settings.cache_clear()


async def fetch(setting, path: str, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(timeout=60) as client:
        return await client.get(f"http://127.0.0.1:{setting.server.port}{path}", headers=headers)


@pytest.mark.parametrize("name", CHANNELS)
async def test_the_files_are_offered_on_every_channel(setting_of, name):
    setting = await setting_of(name)
    await setting.person.say("danh sách")
    if name.startswith("telegram"):
        await setting.person.read(2, 60)
        file, content = setting.vendor.sent[1]["file"]
        assert (file, content[:5]) == ("danh-sach-1.001193.pdf", b"%PDF-")
        assert "Bản in" in setting.vendor.sent[1]["text"]
        return
    if name == "web":
        async with setting.person.client.stream("GET", "/web/api/stream", headers={"Last-Event-ID": "0"}) as response:
            async for line in response.aiter_lines():
                if line.startswith("data:") and "files" in line:
                    break
        links = re.findall(r'"href": "([^"]*)"', line)
    else:
        text = (await setting.person.read(1))[0].text
        links = [found.removeprefix("https://bot.example.org") for found in re.findall(r"https://bot\.example\.org\S+", text)]
    assert HERE in links
    for link in links:
        found = await fetch(setting, link)
        assert found.status_code == 200
        assert len(found.content) > 500


async def test_without_a_public_address_no_dead_link_is_sent(setting_of, database):
    import dataclasses

    from channel_drivers import Setting

    setting = Setting("zalo-bot-polling", database, FakeAssistant())
    whole = setting.settings
    setting.settings = lambda: dataclasses.replace(whole(), public_url=None)
    try:
        await setting.start()
        await setting.person.say("danh sách")
        assert "giay-to" not in (await setting.person.read(1))[0].text
    finally:
        await setting.close()


def test_the_shell_names_the_command():
    answer = Answer("answer", attachments=[{**CASE, "place": "Hà Nội"}])
    assert with_command(answer).lines[0].text == 'In ra giấy: motcua checklist 1.001193 --case thoi-han=qua-han --place "Hà Nội" --pdf danh-sach.pdf'
    assert with_command(Answer("answer")).lines == []


def test_an_answer_without_files_offers_none():
    assert offered(Answer("answer")) == []
    assert offered(Answer("answer", attachments=[{"kind": "other", "code": "1"}])) == []


async def test_the_page_is_the_case_and_runs_nothing(setting_of):
    setting = await setting_of("web")
    found = await fetch(setting, address(CASE, "html"))
    assert found.headers["Content-Type"].startswith("text/html")
    assert "Trường hợp của bạn" in found.text
    policy = found.headers["Content-Security-Policy"]
    style = re.search(r"<style>(.*?)</style>", found.text, re.DOTALL).group(1)
    assert f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'" in policy
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert (await fetch(setting, address(CASE, "png"))).content.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "path",
    [
        "/giay-to/9.999999.pdf",
        "/giay-to/1.001193.exe",
        "/giay-to/1.001193",
        "/giay-to/..%2f..%2fetc%2fpasswd.txt",
        "/giay-to/1.001193.html?thoi-han=%3Cscript%3E",
        "/giay-to/1.001193.html?khong-co=qua-han",
        "/giay-to/1.001193.html?tinh=" + "x" * 61,
        "/giay-to/1.001193.html?" + "a=b&" * 400,
        "/giay-to/%00.pdf",
    ],
)
async def test_other_addresses_are_not_found(setting_of, path):
    setting = await setting_of("web")
    found = await fetch(setting, path)
    assert found.status_code == 404
    assert "Traceback" not in found.text


async def test_somebody_who_asks_without_end_is_told_to_wait(setting_of):
    setting = await setting_of("web")
    found = [await fetch(setting, "/giay-to/1.001193.svg") for _ in range(30)]
    assert {response.status_code for response in found} == {200, 429}
    assert all(int(response.headers["Retry-After"]) >= 1 for response in found if response.status_code == 429)


async def test_where_no_pdf_can_be_made_the_page_takes_its_place(setting_of, monkeypatch):
    def fails(made):
        raise printing.PrintingError("Máy chưa có thư viện Pango")

    monkeypatch.setattr(printing, "pdf", fails)  # what the system lacks cannot be taken away over HTTP
    web = await setting_of("web")
    found = await fetch(web, HERE)
    assert (found.status_code, found.headers["Location"]) == (302, "/giay-to/1.001193.html?thoi-han=qua-han")
    telegram = await setting_of("telegram-polling")
    await telegram.person.say("danh sách")
    await telegram.person.read(2, 60)
    assert telegram.vendor.sent[1]["file"][0].endswith(".html")


async def test_a_file_that_cannot_be_made_does_not_take_the_answer_along(setting_of):
    class Wrong(FakeAssistant):
        def _answer(self, text, slots):
            answer = super()._answer(text, slots)
            answer.attachments = [{"kind": "checklist", "code": "9.999999", "case": {}}] if text == "danh sách" else []
            return answer

    setting = await setting_of("telegram-polling", Wrong())
    await setting.person.say("danh sách")
    await setting.person.say("còn đó không")
    assert [shown.text for shown in await setting.person.read(2)][1] == "Lượt 2: còn đó không"
    await asyncio.sleep(0.3)
    assert len(setting.server.storage.dead_letters()) == 1
