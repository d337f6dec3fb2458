"""Fixtures of the channel tests: a server on a fresh database beside the vendor it talks to."""

from __future__ import annotations

import os
import shutil

import pytest
from channel_drivers import CHANNELS, Setting
from channel_fakes import FakeAssistant


@pytest.fixture
def database(tmp_path):
    return f"sqlite:///{tmp_path / 'motcua.db'}"


@pytest.fixture
async def setting_of(database):
    """Makes started settings by channel name, all closed at the end."""
    made = []

    async def make(name, assistant=None, **more):
        setting = Setting(name, database, assistant or FakeAssistant(), **more)
        made.append(setting)
        return await setting.start()

    yield make
    for setting in made:
        await setting.close()


@pytest.fixture(params=CHANNELS)
async def setting(request, setting_of):
    return await setting_of(request.param)


@pytest.fixture
async def browser():
    """A real Chromium."""
    playwright = pytest.importorskip("playwright.async_api", reason="needs the package playwright")
    chromium = os.environ.get("MOTCUA_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        pytest.skip("needs Chromium (apt-get install chromium), or its path in MOTCUA_CHROMIUM")
    async with playwright.async_playwright() as made:
        started = await made.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield started
        await started.close()
