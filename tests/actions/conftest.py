"""What tests of actions share: a filled database, a conversation to play, the desk."""

from __future__ import annotations

import pytest
import rasa_sdk.executor
from playing import Play
from rasa_sdk.executor import ActionExecutor

from knowledge.desk import open_desk
from knowledge.settings import get_settings
from knowledge.store import open_store


@pytest.fixture(scope="session")
def database(tmp_path_factory):
    """A database with what ships with the project, as the one of this process."""
    folder = tmp_path_factory.mktemp("knowledge")
    patch = pytest.MonkeyPatch()
    patch.setenv("MOTCUA_DATABASE", f"sqlite:///{folder / 'motcua.db'}")
    patch.setenv("MOTCUA_CACHE", str(folder / "cache"))
    patch.setenv("MOTCUA_AS_OF", "2026-11-21")
    get_settings.cache_clear()
    open_store(get_settings().database)
    patch.setattr(rasa_sdk.executor.logger, "disabled", True)
    Play.executor = ActionExecutor()
    Play.executor.register_package("actions")
    yield get_settings().database
    patch.undo()
    get_settings.cache_clear()


@pytest.fixture
def play(database) -> Play:
    return Play()


@pytest.fixture
def desk(database):
    return open_desk(database)
