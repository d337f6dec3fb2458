"""The way of a message: stored, played in order, its reply stored with it, sent until it arrives.

accept -> inbox -> (one turn at a time for each person) -> outbox + talk in one transaction -> send, with back-off.
A crash anywhere leaves the message in the inbox or its reply in the outbox; the next start goes on from there.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable
from dataclasses import dataclass, replace

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential_jitter

from actions.answer import Answer
from bot.channels.base import Channel, SendHeld, SendLater, SendNever, phrases
from bot.delivery.brain import Brain
from bot.delivery.keyed import Keyed
from bot.delivery.picking import choices, picked
from bot.storage import MAX_ATTEMPTS, Incoming, LostLease, OutRow, Storage, TurnJob

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pace:
    """Seconds, except `turns` and `sends`: how many conversations at once (sends: for each channel)."""

    first_wait: float = 1.0
    longest_wait: float = 300.0
    sweep: float = 5.0
    human: float = 10.0
    give_up: float = 24 * 3600.0
    keep: float = 48 * 3600.0
    turns: int = 8
    sends: int = 16


class _Stopping(Exception):
    pass


class Desk:
    """Takes messages from channels and brings the assistant's answers back."""

    def __init__(self, storage: Storage, brain: Brain, channels: list[Channel], pace: Pace | None = None):
        self.storage = storage
        self.brain = brain
        self.channels = {channel.name: channel for channel in channels}
        self.pace = pace or Pace()
        self._turns = Keyed(self._play_all, self.pace.turns)
        self._sends = Keyed(self._send_all)
        self._gates = {name: asyncio.Semaphore(self.pace.sends) for name in self.channels}
        self._arrivals: asyncio.Queue[tuple[list[Incoming], asyncio.Future]] = asyncio.Queue()
        self._tasks: list[asyncio.Task] = []
        self._side: set[asyncio.Task] = set()
        self._taken: dict[str, list[OutRow]] = {}  # replies that a turn took for sending in its own transaction
        self._stop = asyncio.Event()
        self._wait = wait_exponential_jitter(initial=self.pace.first_wait, max=self.pace.longest_wait, jitter=self.pace.first_wait)

    def start(self) -> None:
        self._tasks = [asyncio.create_task(work) for work in (self._collect(), self._sweep(), self._clean(), self._human())]

    async def stop(self, grace: float) -> None:
        """Finish turns and sends under way, within `grace` seconds; the rest stays in the store."""
        self._stop.set()
        began = time.monotonic()
        await self._turns.drain(grace)
        await self._sends.drain(max(1.0, grace - (time.monotonic() - began)))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, *self._side, return_exceptions=True)

    # -- in --------------------------------------------------------------------------------------

    async def accept(self, messages: list[Incoming]) -> None:
        """Returns when the messages are on the disk. Raises what the database raises: the vendor will send again."""
        if messages:
            done: asyncio.Future = asyncio.get_running_loop().create_future()
            self._arrivals.put_nowait((messages, done))
            await done

    async def _collect(self) -> None:
        """Everything that arrived while the last commit ran goes into the next one."""
        while True:
            batch = [await self._arrivals.get()]
            while not self._arrivals.empty() and len(batch) < 200:
                batch.append(self._arrivals.get_nowait())
            try:
                new, freed = await self.storage.run(self.storage.accept, [message for messages, _ in batch for message in messages])
            except Exception as error:
                for _, done in batch:
                    if not done.done():
                        done.set_exception(error)
                continue
            for _, done in batch:
                if not done.done():
                    done.set_result(None)
            for message in new:
                self._turns.kick(message.person)
            for person in freed:
                self._sends.kick(person)

    async def _sweep(self) -> None:
        """What an earlier life or another process left behind."""
        while True:
            try:
                turns, sends = await self.storage.run(self.storage.waiting)
                for people, keyed in ((turns, self._turns), (sends, self._sends)):
                    for person in people:
                        if person.partition(":")[0] in self.channels:
                            keyed.kick(person)
            except Exception:
                logger.exception("sweep failed")
            await asyncio.sleep(self.pace.sweep)

    async def _human(self) -> None:
        """What officials answered goes out by itself; whoever cannot be written to hears it with the next reply."""
        while True:
            for name, channel in self.channels.items():
                try:
                    for one in await self.brain.human_answers(name):
                        contents, _ = await channel.compose(one.answer)
                        if await self.storage.run(self.storage.add_reply, one.person, name, contents):
                            await self.brain.told(one.code)
                            self._sends.kick(one.person)
                except Exception:
                    logger.exception("answers of officials on %s", name)
            await asyncio.sleep(self.pace.human)

    async def _clean(self) -> None:
        while True:
            try:
                await self.storage.run(self.storage.clean, self.pace.keep)
            except Exception:
                logger.exception("cleaning failed")
            await asyncio.sleep(3600)

    # -- turns -----------------------------------------------------------------------------------

    async def _play_all(self, person: str) -> None:
        await self.brain.ready.wait()
        more = True
        while more and not self._stop.is_set():
            job = await self.storage.run(self.storage.claim_turn, person)
            if job is None:
                return
            try:
                more = await self._play(job)
            except LostLease:
                self.brain.doubt(person)
                return
            except BaseException:
                self.brain.doubt(person)
                await self.storage.run(self.storage.release_turn, person)
                raise

    async def _play(self, job: TurnJob) -> bool:
        """One turn; whether more messages of this person wait."""
        message = job.incoming
        channel = self.channels[message.channel]
        forget, slots, offered, contents = False, job.slots, job.offered, []
        if job.attempts > MAX_ATTEMPTS:
            logger.error("message %s of %s given up after %s turns begun", job.id, message.channel, MAX_ATTEMPTS)
            contents, _ = await channel.compose(_say("too_hard"))
        elif message.kind == "forget":
            forget, slots, offered = True, {}, {}
            await self.brain.forget(message.person)
            contents, _ = await channel.compose(_say("forgotten"))
        elif message.kind == "notice":
            contents, _ = await channel.compose(_say(message.text))
        elif message.kind != "continue":
            self._aside(channel.typing(message))
            turn = await self.brain.turn(message.person, picked(message.text, job.offered), message.channel, job.slots, job.version)
            slots, forget = turn.slots, turn.forgotten
            contents, numbered = await channel.compose(turn.answer)
            offered = choices(turn.answer, numbered)
        person = message.person
        idle = person not in self._sends
        more, taken = await self.storage.run(self.storage.finish_turn, job, contents, slots, offered, forget=forget, take_sends=idle)
        if taken and person not in self._sends:  # a sender that began meanwhile finds them by itself
            self._taken[person] = taken
        self._sends.kick(person)
        return more

    def _aside(self, work: Awaitable[None]) -> None:
        """Something nice to have that nobody waits for."""

        async def quietly() -> None:
            try:
                await asyncio.wait_for(work, timeout=10)
            except Exception as error:
                logger.info("typing notice failed: %s", type(error).__name__)

        task = asyncio.create_task(quietly())
        self._side.add(task)
        task.add_done_callback(self._side.discard)

    # -- out -------------------------------------------------------------------------------------

    async def _send_all(self, person: str) -> None:
        rows = self._taken.pop(person, None) or await self.storage.run(self.storage.claim_sends, person)
        while rows:
            window: tuple[int, float] | None = None
            for row in rows:
                if window:
                    row = replace(row, window_sent=window[0], last_in=window[1])
                try:
                    window = await self._deliver(row)
                except (_Stopping, asyncio.CancelledError):  # the reply stays in the outbox for the next start
                    await self.storage.run(self.storage.release_sends, person)
                    return
                if window is None:
                    await self.storage.run(self.storage.release_sends, person)
                    break
                if not row.later:  # sent and released; what came meanwhile kicks again
                    return
            rows = await self.storage.run(self.storage.claim_sends, person)

    async def _deliver(self, row: OutRow) -> tuple[int, float] | None:
        """Send until it is there; the person's window after that, None when the replies behind must be looked at anew."""
        channel = self.channels[row.channel]

        async def note(state: RetryCallState) -> None:  # tenacity awaits only what is declared async
            await self._note(row, state)

        retry = AsyncRetrying(
            retry=retry_if_exception_type(SendLater),
            wait=lambda state: min(self._waiting_time(state), max(0.1, row.created_at + self.pace.give_up - time.time())),
            stop=lambda state: time.time() >= row.created_at + self.pace.give_up,
            before_sleep=note,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            await retry(self._once, channel, row)
        except SendHeld as reason:
            await self.storage.run(self.storage.mark_failed, row, "held", str(reason))
            return None
        except (SendNever, SendLater) as reason:
            logger.error("reply %s on %s became a dead letter: %s", row.id, row.channel, reason)
            await self.storage.run(self.storage.mark_failed, row, "dead", str(reason))
            return None
        return await self.storage.run(self.storage.mark_sent, row, keep_content=channel.keeps_content, release=not row.later)

    async def _once(self, channel: Channel, row: OutRow) -> None:
        async with self._gates[channel.name]:
            try:
                await channel.send(row)
            except (SendLater, SendNever, SendHeld):
                raise
            except Exception as error:  # a fault of ours must not lose the reply
                logger.exception("sending on %s failed", channel.name)
                raise SendLater(f"{type(error).__name__}: {error}") from error

    def _waiting_time(self, state: RetryCallState) -> float:
        fault = state.outcome.exception() if state.outcome else None
        # What the vendor asks for is the least; jitter keeps the waiting replies from coming back all at once.
        return max(self._wait(state), getattr(fault, "after", 0.0) * random.uniform(1.0, 1.2))

    async def _note(self, row: OutRow, state: RetryCallState) -> None:
        fault = state.outcome.exception() if state.outcome else None
        await self.storage.run(self.storage.mark_failed, row, "pending", str(fault), state.next_action.sleep if state.next_action else 0.0)

    async def _sleep(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stop.wait(), timeout=seconds)
        except asyncio.TimeoutError:
            return
        raise _Stopping

    def counts(self) -> dict[str, int]:
        return {"turns": len(self._turns), "sends": len(self._sends)}


def _say(key: str) -> Answer:
    return Answer("smalltalk").say(phrases()[key].strip())
