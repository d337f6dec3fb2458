"""An official's answer reaches the person: by itself through the delivery, else with the next reply; told once."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from sqlalchemy import create_engine, select

from actions.answer import Answer
from bot.delivery.brain import Brain
from bot.delivery.desk import Desk as Delivery
from bot.delivery.desk import Pace
from bot.human_answers import HumanAnswer
from bot.storage import Incoming, Storage
from bot.tables import Outbox
from knowledge.desk import Desk


class Assistant:
    """The assistant's side that the delivery uses, on a real desk."""

    def __init__(self, desk: Desk):
        self.desk = desk
        self.talks: dict[str, dict] = {}

    async def handle(self, sender, text, *, channel):
        self.talks.setdefault(sender, {})["said"] = text
        return SimpleNamespace(answer=Answer("smalltalk").say(f"nghe: {text}"), forgotten=text == "xóa hết")

    async def slots(self, sender):
        return self.talks.get(sender, {})

    async def restore(self, sender, slots):
        self.talks[sender] = dict(slots)

    async def forget(self, sender):
        self.talks.pop(sender, None)

    async def erase(self, sender):
        self.desk.forget(sender)
        await self.forget(sender)

    def human_answers(self, channel):
        return [HumanAnswer(one["code"], one["person"], Answer("handoff").say(one["answer"])) for one in self.desk.pending_answers(channel)]

    def told(self, code):
        return self.desk.mark_told(code)


class Wire:
    """A channel that only remembers what it sent."""

    name, keeps_content = "web", True

    def __init__(self):
        self.sent: list[tuple[str, str]] = []

    async def compose(self, answer):
        return [{"text": answer.plain_text()}], []

    async def send(self, row):
        self.sent.append((row.address["to"], row.content["text"]))

    async def typing(self, incoming):
        return None


@pytest.fixture
async def setting(tmp_path):
    url = f"sqlite:///{tmp_path / 'motcua.db'}"
    storage, desk, wire = Storage(url), Desk(create_engine(url, future=True)), Wire()
    brain = Brain(lambda: Assistant(desk))
    delivery = Delivery(storage, brain, [wire], Pace(human=0.05, sweep=0.2))
    await brain.start()
    delivery.start()
    yield SimpleNamespace(storage=storage, desk=desk, wire=wire, delivery=delivery)
    await delivery.stop(2)
    brain.stop()
    storage.close()


def incoming(number: int, text: str, kind: str = "text") -> Incoming:
    return Incoming("web", str(number), "web:1", {"to": "tab"}, kind, text)


async def until(condition, seconds: float = 15.0) -> None:
    for _ in range(int(seconds / 0.05)):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("did not happen in time")


def ticket(desk: Desk, person: str = "web:1") -> str:
    return desk.open_ticket("web", person, procedure=None, question="hỏi gì", summary=[])[0]


async def test_an_answer_goes_out_by_itself_and_once(setting):
    await setting.delivery.accept([incoming(1, "xin chào")])
    await until(lambda: len(setting.wire.sent) == 1)
    code = ticket(setting.desk)
    setting.desk.answer_ticket(code, "Bạn mang bản chính.")
    await until(lambda: len(setting.wire.sent) == 2)
    assert setting.wire.sent[1] == ("tab", "Bạn mang bản chính.")
    await asyncio.sleep(0.5)
    assert len(setting.wire.sent) == 2 and setting.desk.ticket(code)["told_at"]


async def test_without_an_address_it_waits(setting):
    code = ticket(setting.desk, "web:never-wrote")
    setting.desk.answer_ticket(code, "Bạn mang bản chính.")
    await asyncio.sleep(0.5)
    assert setting.wire.sent == [] and setting.desk.ticket(code)["told_at"] is None


async def test_forgetting_drops_questions_too(setting):
    await setting.delivery.accept([incoming(1, "xin chào")])
    await until(lambda: setting.wire.sent)
    code = ticket(setting.desk)
    await setting.delivery.accept([incoming(2, "", "forget")])
    await until(lambda: setting.desk.ticket(code) is None)


async def test_a_talk_deleted_in_words_leaves_nothing_in_the_outbox(setting):
    await setting.delivery.accept([incoming(1, "chuyện riêng")])
    await until(lambda: len(setting.wire.sent) == 1)
    await setting.delivery.accept([incoming(2, "xóa hết")])
    await until(lambda: len(setting.wire.sent) == 2)
    with setting.storage.engine.connect() as connection:
        assert "chuyện riêng" not in str(connection.execute(select(Outbox.content)).all())
