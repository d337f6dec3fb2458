"""A thousand random walks through the guiding flows and the whole assistant (NLU, rules, actions): see tests/walking.py."""

from __future__ import annotations

import asyncio

import pytest
from walking import check, starts, walk

WALKS = 1000
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def assistant(tmp_path_factory):
    from bot.assistant import Assistant
    from knowledge.settings import get_settings

    folder = tmp_path_factory.mktemp("walks")
    patch = pytest.MonkeyPatch()
    patch.setenv("MOTCUA_DATABASE", f"sqlite:///{folder / 'motcua.db'}")
    patch.setenv("MOTCUA_CACHE", str(folder / "cache"))
    patch.setenv("MOTCUA_AS_OF", "2026-11-21")
    get_settings.cache_clear()
    yield Assistant.load()
    patch.undo()
    get_settings.cache_clear()


class Talk:
    """One conversation of the real assistant, synchronous."""

    def __init__(self, assistant, loop: asyncio.AbstractEventLoop, number: int):
        self.assistant, self.loop, self.sender, self.slots = assistant, loop, f"walk:{number}", {}

    def turn(self, text: str):
        answer = self.loop.run_until_complete(self.assistant.handle(self.sender, text, channel="web")).answer
        self.slots = self.loop.run_until_complete(self.assistant.slots(self.sender))
        return answer


@pytest.mark.timeout(1800)
def test_a_thousand_walks_end_well(assistant):
    first = starts()
    loop = asyncio.new_event_loop()
    problems = []
    for number in range(WALKS):
        talk = Talk(assistant, loop, number)
        try:
            walk(number, talk, first, check)
        except AssertionError as problem:
            problems.append(str(problem).split("\nassert")[0][:1500])
        loop.run_until_complete(assistant.forget(talk.sender))
    loop.close()
    assert not problems, f"{len(problems)} of {WALKS} walks:\n\n" + "\n\n".join(problems[:12])
