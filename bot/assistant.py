"""The assistant as every channel sees it: a text in, a typed answer out.

`Assistant.load` finds (or trains) the model and opens the knowledge base; `Assistant.handle` plays one turn through
privacy, Rasa (NLU, rules, action) and returns a `Turn`. One instance serves all conversations of a process.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.human_answers import HumanAnswer, mark_told, waiting, with_human_answers
from bot.incoming import as_message
from bot.quiet import quiet, quiet_structlog
from knowledge.settings import Settings, get_settings

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parent.parent
# What people type after a slash, on every channel.
SLASH = {"/start": "/greet", "/trogiup": "/help", "/tthc": "/vague", "/totcn": "/team_mode", "/xoa": "/delete_data"}
WARM_UP = "warm-up"  # a conversation that nobody has
MAX_MESSAGE = 4000  # characters that are understood; a longer message is cut, which is said nowhere: its matter stands early


@dataclass
class Turn:
    """What one message led to. `answer` is actions.answer.Answer; `parse` is what NLU found."""

    message: str
    answer: Any
    parse: dict[str, Any] = field(default_factory=dict)
    latency_ms: float = 0.0
    forgotten: bool = False  # the person had the conversation deleted: channels drop what they keep of it too


def context_of(slots: dict[str, Any]) -> dict[str, Any]:
    """What NLU must know of the talk: it has no tracker, so this travels with the message.

    `flow`: what the running flow waits for; `guidance`: the document read; `procedure`: the code in hand, which is the
    first of the choices while choices are open.
    """
    context = {name: slots[name] for name in ("flow", "guidance", "procedure") if slots.get(name)}
    if slots.get("choices"):
        context["procedure"] = slots["choices"][0]
    return context


class Assistant:
    def __init__(self, agent: Any, settings: Settings):
        self.agent = agent
        self.settings = settings
        self._locks: dict[str, asyncio.Lock] = {}

    @classmethod
    def load(cls, settings: Settings | None = None, *, progress: bool = False) -> Assistant:
        """Raises knowledge.store.StoreError or bot.training.ModelError with words for the user."""
        settings = settings or get_settings()
        quiet(settings.log_level)
        from knowledge.store import open_store

        open_store(settings.database)
        from bot.training import find_or_train

        model = find_or_train(settings, progress=progress)
        from rasa.core.agent import Agent
        from rasa.shared.core.domain import Domain

        from bot.inprocess import InProcessEndpoint
        from bot.runner import DirectGraphRunner
        from bot.trackers import LiveTrackerStore
        from bot.training import ModelError

        quiet_structlog(settings.log_level)
        try:
            agent = Agent(action_endpoint=InProcessEndpoint())
            agent.load_model(str(model))
        except Exception as error:
            raise ModelError(f"Mô hình {model} không nạp được ({error}). Hãy chạy “motcua train” để tạo lại.") from error
        agent.tracker_store = LiveTrackerStore(agent.domain or Domain.empty())
        agent.processor.tracker_store = agent.tracker_store
        agent.processor.graph_runner = DirectGraphRunner(agent.processor.graph_runner)
        assistant = cls(agent, settings)
        assistant.warm_up()
        return assistant

    def warm_up(self) -> None:
        """Load what the first messages would otherwise wait for: search indexes, word lists, life events, places."""
        for text in ("đăng ký khai sinh cần giấy tờ gì", "nộp ở phường nào", "công văn 797 nhiệm vụ 18", "nhà sắp có việc thì lo những gì"):
            asyncio.run(self.handle(WARM_UP, text))
            asyncio.run(self.forget(WARM_UP))
        # What is loaded now stays: the collector need not walk through it again at every hundredth turn.
        gc.collect()
        gc.freeze()

    async def handle(self, sender: str, text: str, *, channel: str = "shell") -> Turn:
        """One turn of one conversation; turns of the same sender wait for each other."""
        lock = self._locks.setdefault(sender, asyncio.Lock())
        async with lock:
            return await self._handle(sender, text, channel)

    async def _handle(self, sender: str, text: str, channel: str) -> Turn:
        from rasa.core.channels.channel import UserMessage

        from actions.answer import Answer
        from actions.base import fixed
        from bot.privacy import mask

        started = time.perf_counter()
        text = as_message(SLASH.get(text.strip().lower(), text), self.agent.domain.intents)
        masked = mask(text if text.startswith("/") else text[:MAX_MESSAGE]).text
        if not masked.strip():
            return Turn(masked, fixed("declined", "empty"), {}, (time.perf_counter() - started) * 1e3)
        collector = _Collector()
        message = UserMessage(masked, collector, sender, input_channel=channel, metadata=context_of(await self.slots(sender)))
        try:
            await self.agent.processor.handle_message(message)
        except Exception:
            logger.exception("turn failed")
            return Turn(masked, fixed("error", "error"), {}, (time.perf_counter() - started) * 1e3)
        tracker = await self.agent.tracker_store.retrieve(sender)
        parse = dict(tracker.latest_message.parse_data) if tracker and tracker.latest_message else {}
        answers = [Answer.from_dict(sent["answer"]) for sent in collector.sent if sent.get("answer")]
        answer = answers[0] if answers else fixed("error", "error")
        for more in answers[1:]:
            answer.lines += more.lines
            answer.buttons += more.buttons
        forgotten = any(sent.get("forget") for sent in collector.sent)
        if forgotten:
            await self._drop(sender)
        else:
            answer = with_human_answers(answer, channel, sender, self.settings.database)
        return Turn(masked, answer, parse, (time.perf_counter() - started) * 1e3, forgotten)

    async def slots(self, sender: str) -> dict[str, Any]:
        tracker = await self.agent.tracker_store.retrieve(sender)
        return tracker.current_slot_values() if tracker else {}

    async def restore(self, sender: str, slots: dict[str, Any]) -> None:
        """Begin the conversation anew from the slots it had before (another process, or before a restart)."""
        from rasa.shared.core.events import ActionExecuted, SessionStarted, SlotSet

        await self.forget(sender)
        tracker = await self.agent.tracker_store.get_or_create_tracker(sender, append_action_listen=False)
        known = {slot.name for slot in self.agent.domain.slots}
        events = [ActionExecuted("action_session_start"), SessionStarted()]
        events += [SlotSet(name, value) for name, value in slots.items() if name in known and value is not None]
        tracker.update_with_events([*events, ActionExecuted("action_listen")], self.agent.domain)
        await self.agent.tracker_store.save(tracker)

    async def forget(self, sender: str) -> None:
        """Wipe a conversation from memory."""
        self._locks.pop(sender, None)
        await self._drop(sender)

    async def erase(self, sender: str) -> None:
        """Delete all that is kept of a conversation: memory, questions to officials, places to resume."""
        from knowledge.desk import open_desk

        flow = (await self.slots(sender)).get("flow") or {}
        open_desk(self.settings.database).forget(sender, flow.get("code"))
        await self.forget(sender)

    def human_answers(self, channel: str) -> list[HumanAnswer]:
        """What officials answered on a channel and nobody was told yet; then call `told`."""
        return waiting(channel, self.settings.database)

    def told(self, code: str) -> bool:
        """The answer is on its way to its person; False when it was told already."""
        return mark_told(code, self.settings.database)

    async def _drop(self, sender: str) -> None:
        await self.agent.tracker_store.delete(sender)


class _Collector:
    """The output side of a turn: keeps what Rasa sends. Duck-typed OutputChannel."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    @classmethod
    def name(cls) -> str:
        return "motcua"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        self.sent.append(message)
