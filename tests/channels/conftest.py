"""Fixtures of the channel tests: a server on a fresh database beside the vendor it talks to."""

from __future__ import annotations

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
