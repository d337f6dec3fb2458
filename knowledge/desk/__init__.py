"""The desk: what people leave for people (questions, feedback), and places to resume. Nothing here says who somebody is
beyond the conversation that an answer must reach.

`open_desk(url)` gives the desk of a database; every method is one transaction.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from knowledge.desk.codes import find_code, new_code
from knowledge.desk.tables import Feedback, Limit, Place, Ticket
from knowledge.settings import get_settings
from knowledge.store import open_store

__all__ = ["Desk", "TooMany", "find_code", "new_code", "open_desk", "open_reports", "pending_answers"]

MIGRATIONS = Path(__file__).parent / "migrations"
PLACE_DAYS = 30  # a walk-through rests so long
TICKET_DAYS = 180  # a closed question is kept so long
GUESSES = (5, 15 * 60)  # wrong codes of one conversation within so many seconds
ALL_GUESSES = (200, 3600)  # ... and of all conversations together
TICKETS = (5, 24 * 3600)  # questions of one conversation
REPORTS = (40, 3600)  # feedback of one conversation
DAY = 86400
# Asked at every turn, so built once.
_PENDING = (
    select(Ticket.code, Ticket.person, Ticket.answer, Ticket.question, Ticket.procedure, Ticket.answered_at)
    .where(Ticket.channel == bindparam("channel"), Ticket.state == "answered", Ticket.told_at.is_(None))
    .order_by(Ticket.answered_at)
)
_PENDING_OF = _PENDING.where(Ticket.person == bindparam("person"))
State = Literal["open", "answered", "closed"]


class TooMany(Exception):
    """The limit is reached; `wait` seconds until it may be tried again."""

    def __init__(self, wait: float):
        super().__init__(f"{wait:.0f} s")
        self.wait = wait


def who(person: str) -> str:
    """A digest of a conversation's name, for limits."""
    return hashlib.sha256(person.encode()).hexdigest()[:32]


class Desk:
    """The desk of one database. `clock` gives seconds since 1970."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time):
        self.engine = engine
        self.clock = clock
        self._migrate()

    def _migrate(self) -> None:
        for attempt in (1, 2):
            try:
                with self.engine.begin() as connection:
                    if connection.dialect.name == "postgresql":  # two processes may start together
                        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7305812)")
                    _upgrade(connection)
                return
            except DBAPIError:  # SQLite: the other process was faster
                if attempt == 2:
                    raise
                time.sleep(0.5)

    # -- questions for a person ------------------------------------------------------------------

    def open_ticket(self, channel: str, person: str, *, procedure: str | None, question: str | None, summary: list[str]) -> tuple[str, bool]:
        """(code, new). A conversation has one open question at a time: what comes later is added to it.

        Raises TooMany when the conversation has opened too many today.
        """
        now = self.clock()
        with self.engine.begin() as connection:
            known = connection.execute(
                select(Ticket.id, Ticket.code, Ticket.summary).where(Ticket.person == person, Ticket.channel == channel, Ticket.state == "open")
            ).first()
            if known:
                added = [line for line in summary if line not in known.summary]
                connection.execute(
                    update(Ticket).where(Ticket.id == known.id).values(summary=(known.summary + added)[-20:], question=question or Ticket.question, procedure=procedure or Ticket.procedure)
                )
                return known.code, False
            self._use(connection, f"ticket:{who(person)}", *TICKETS)
            row = {"channel": channel, "person": person, "procedure": procedure, "question": question, "summary": summary, "created_at": now, "state": "open"}
            return self._insert_coded(connection, Ticket, row), True

    def ticket(self, code: str) -> dict[str, Any] | None:
        with self.engine.connect() as connection:
            row = connection.execute(select(Ticket.__table__).where(Ticket.code == code.upper())).first()
            return dict(row._mapping) if row else None

    def tickets(self, state: State | None = "open") -> list[dict[str, Any]]:
        """Questions in the order they came; None: all."""
        query = select(Ticket.__table__).order_by(Ticket.id)
        with self.engine.connect() as connection:
            return [dict(row._mapping) for row in connection.execute(query.where(Ticket.state == state) if state else query)]

    def answer_ticket(self, code: str, text: str) -> bool:
        """Answer (again); it then waits for the channel to take it. False when there is no such open question."""
        with self.engine.begin() as connection:
            changed = connection.execute(
                update(Ticket).where(Ticket.code == code.upper(), Ticket.state != "closed").values(answer=text, state="answered", answered_at=self.clock(), told_at=None)
            )
            return bool(changed.rowcount)

    def close_ticket(self, code: str) -> bool:
        """Close; the conversation's name is dropped, so an answer not fetched yet is lost to its person."""
        with self.engine.begin() as connection:
            changed = connection.execute(
                update(Ticket).where(Ticket.code == code.upper(), Ticket.state != "closed").values(state="closed", closed_at=self.clock(), person=None)
            )
            return bool(changed.rowcount)

    def pending_answers(self, channel: str, since: float | None = None, person: str | None = None) -> list[dict[str, Any]]:
        """Answers not told yet on a channel: {"code", "person", "answer", "question", "procedure", "answered_at"}."""
        query, values = (_PENDING, {"channel": channel}) if person is None else (_PENDING_OF, {"channel": channel, "person": person})
        with self.engine.connect() as connection:
            return [dict(row._mapping) for row in connection.execute(query, values) if since is None or row.answered_at >= since]

    def mark_told(self, code: str) -> bool:
        """The answer reached its person. False when another worker was faster."""
        with self.engine.begin() as connection:
            return bool(connection.execute(update(Ticket).where(Ticket.code == code, Ticket.told_at.is_(None)).values(told_at=self.clock())).rowcount)

    # -- feedback --------------------------------------------------------------------------------

    def add_feedback(
        self, kind: Literal["good", "bad", "line"], channel: str, person: str, *, procedure: str | None = None, aspects: list[str] | None = None,
        question: str | None = None, reason: str | None = None, row: str | None = None, line: str | None = None,
    ) -> int:  # fmt: skip
        """Number of the report. `person` only counts against the limit. Raises TooMany."""
        with self.engine.begin() as connection:
            self._use(connection, f"report:{who(person)}", *REPORTS)
            values = {"kind": kind, "channel": channel, "procedure": procedure, "aspects": aspects or [], "question": question, "reason": reason, "line": line}
            return connection.execute(insert(Feedback.__table__).values(**values, row_id=row, created_at=self.clock(), state="open")).inserted_primary_key[0]

    def set_reason(self, number: int, reason: str) -> bool:
        """The reason of a report that has none yet."""
        with self.engine.begin() as connection:
            return bool(connection.execute(update(Feedback).where(Feedback.id == number, Feedback.kind == "bad", Feedback.reason.is_(None)).values(reason=reason)).rowcount)

    def reports(self, kinds: tuple[str, ...] = ("bad", "line"), state: str | None = "open") -> list[dict[str, Any]]:
        query = select(Feedback.__table__).where(Feedback.kind.in_(kinds)).order_by(Feedback.id)
        with self.engine.connect() as connection:
            return [dict(row._mapping) for row in connection.execute(query.where(Feedback.state == state) if state else query)]

    def report_done(self, number: int, note: str | None = None) -> bool:
        with self.engine.begin() as connection:
            return bool(connection.execute(update(Feedback).where(Feedback.id == number, Feedback.state == "open").values(state="done", note=note)).rowcount)

    def feedback_counts(self) -> dict[str, int]:
        """Reports by kind and reason, e.g. {"good": 12, "bad:wrong-fee": 2}."""
        found: dict[str, int] = {}
        with self.engine.connect() as connection:
            for kind, reason in connection.execute(select(Feedback.kind, Feedback.reason)):
                key = f"{kind}:{reason}" if reason else kind
                found[key] = found.get(key, 0) + 1
        return found

    # -- places to resume ------------------------------------------------------------------------

    def save_place(self, state: dict[str, Any], code: str | None = None) -> str:
        """Keep where a walk-through stands; the code given is used again while it lives."""
        now = self.clock()
        values = {"state": state, "expires_at": now + PLACE_DAYS * DAY}
        with self.engine.begin() as connection:
            if code and connection.execute(update(Place).where(Place.code == code, Place.expires_at > now).values(**values)).rowcount:
                return code
            connection.execute(delete(Place).where(Place.expires_at <= now))
            return self._insert_coded(connection, Place, {**values, "created_at": now})

    def find(self, code: str, person: str) -> dict[str, Any] | None:
        """What a code stands for, from any channel: {"kind": "place", "procedure", "step", "case"} or
        {"kind": "ticket", "state", "answer"}; None when unknown or expired. Raises TooMany after too many wrong codes."""
        keys = ((f"code:{who(person)}", *GUESSES), ("code:all", *ALL_GUESSES))
        # The try is counted before looking, so that guesses at the same moment do not slip through.
        with self.engine.begin() as connection:
            for key, most, window in keys:
                self._use(connection, key, most, window)
        with self.engine.begin() as connection:
            found = self._find(connection, code.upper())
            if found is not None:
                for key, _, _ in keys:
                    connection.execute(update(Limit).where(Limit.key == key).values(count=Limit.count - 1))
        return found

    def _find(self, connection: Connection, code: str) -> dict[str, Any] | None:
        state = connection.execute(select(Place.state).where(Place.code == code, Place.expires_at > self.clock())).scalar()
        if state is not None:
            return {**state, "kind": "place"}
        row = connection.execute(select(Ticket.state, Ticket.answer).where(Ticket.code == code)).first()
        return {"kind": "ticket", "state": row.state, "answer": row.answer} if row else None

    def drop_place(self, code: str) -> None:
        with self.engine.begin() as connection:
            connection.execute(delete(Place).where(Place.code == code))

    # -- deleting --------------------------------------------------------------------------------

    def forget(self, person: str, place: str | None = None) -> int:
        """Delete a conversation's questions and its place to resume; returns how many questions."""
        with self.engine.begin() as connection:
            if place:
                connection.execute(delete(Place).where(Place.code == place))
            return connection.execute(delete(Ticket).where(Ticket.person == person)).rowcount

    def clean(self) -> None:
        """Drop what is over: places that ran out, old closed questions, old limits."""
        now = self.clock()
        with self.engine.begin() as connection:
            connection.execute(delete(Place).where(Place.expires_at <= now))
            connection.execute(delete(Ticket).where(Ticket.state == "closed", Ticket.closed_at < now - TICKET_DAYS * DAY))
            connection.execute(delete(Limit).where(Limit.since < now - 2 * DAY))

    # -- helpers ---------------------------------------------------------------------------------

    def _use(self, connection: Connection, key: str, most: int, window: float) -> None:
        """Count one try. Raises TooMany (nothing is written then) when `most` were made within `window` seconds."""
        now = self.clock()
        same = Limit.key == key
        if not connection.execute(update(Limit).where(same, Limit.since > now - window).values(count=Limit.count + 1)).rowcount:
            if connection.execute(update(Limit).where(same).values(since=now, count=1)).rowcount:
                return
            try:
                with connection.begin_nested():
                    connection.execute(insert(Limit).values(key=key, since=now, count=1))
                return
            except IntegrityError:
                connection.execute(update(Limit).where(same).values(count=Limit.count + 1))
        row = connection.execute(select(Limit.since, Limit.count).where(same)).one()
        if row.count > most:
            raise TooMany(max(1.0, row.since + window - now))

    def _insert_coded(self, connection: Connection, table: Any, values: dict[str, Any]) -> str:
        for _ in range(8):
            code = new_code()
            try:
                with connection.begin_nested():
                    connection.execute(insert(table.__table__).values(**values, code=code))
                return code
            except IntegrityError:
                continue
        raise RuntimeError("no free code found")


@lru_cache(maxsize=4)
def open_desk(url: str) -> Desk:
    """One desk a URL and process. Raises knowledge.store.StoreError when the database cannot be used."""
    return Desk(open_store(url).engine)


def open_reports(url: str) -> list[dict[str, Any]]:
    """What `motcua review` shows of people's reports: bad answers and wrong lines not yet looked at, oldest first."""
    return open_desk(url).reports()


def pending_answers(channel: str, since: float | None = None, *, url: str | None = None) -> list[dict[str, Any]]:
    """Answers of people that a channel has not told yet (see Desk.pending_answers); then call Desk.mark_told(code)."""
    return open_desk(url or get_settings().database).pending_answers(channel, since)


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    current = MigrationContext.configure(connection, opts={"version_table": "desk_alembic_version"}).get_current_revision()
    if current == ScriptDirectory(str(MIGRATIONS)).get_current_head():
        return
    config.attributes["connection"] = connection
    logging.getLogger("alembic").setLevel(logging.WARNING)
    command.upgrade(config, "head")
