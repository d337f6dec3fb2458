"""The operational store: inbox, outbox, conversations, payload keys (tables: bot/tables.py).

Every method is one transaction. Methods block; the server calls them through `Storage.run`, which keeps them off the
event loop (one writer thread for SQLite, which takes one writer at a time anyway; four for PostgreSQL).
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
import os
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import and_, bindparam, create_engine, delete, event, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from bot.delivery.lane import Lane
from bot.tables import Inbox, Outbox, Payload, Person
from knowledge.store import StoreError, _safe

MIGRATIONS = Path(__file__).parent / "migrations"
TURN_LEASE = 120.0  # seconds; a turn takes well under one
SEND_LEASE = 60.0
MAX_SENDS = 20  # replies taken at once for sending
MAX_ATTEMPTS = 3  # turns begun for one message before it is given up as one that kills the process
DEAD_LETTER_DAYS = 30
IDLE_DAYS = 30  # a conversation that rests this long is forgotten
CONTINUE = frozenset(("tiếp", "tiep", "tiếp tục", "tiep tuc", "tiếp đi", "xem tiếp"))  # asks for the rest that was held back
T = TypeVar("T")


@dataclass(frozen=True)
class Incoming:
    """One message as a channel hands it over. `text` is masked already; `sent_at` is the vendor's clock, for the order.

    kind: "text" (words of a person), "payload" (a button), "forget" (wipe the talk), "notice" (answer with the fixed
    sentence whose key is `text`), "continue" (set by the store: only asks for the replies held back).
    """

    channel: str
    message_id: str
    person: str
    address: dict[str, Any]
    kind: str
    text: str
    sent_at: float = field(default_factory=time.time)


@dataclass(frozen=True)
class TurnJob:
    """A message taken for its turn, with the talk as it stands."""

    id: int
    incoming: Incoming
    slots: dict[str, Any]
    version: int
    offered: Any  # what a typed number or title means now (bot/delivery/picking.py)
    attempts: int


@dataclass(frozen=True)
class OutRow:
    """A message to send. `later` says whether more wait behind it; `window_sent`, `last_in`: see Person."""

    id: int
    person: str
    channel: str
    address: dict[str, Any]
    content: dict[str, Any]
    attempts: int
    created_at: float
    later: bool
    window_sent: int
    last_in: float


# Statements of every message are built once: building them took longer than running them.
_INCOMING = ("channel", "message_id", "person", "address", "kind", "text", "sent_at")
_P, _ME = Person.person == bindparam("p"), bindparam("me")
_FREE_HELD = update(Outbox.__table__).where(Outbox.person == bindparam("p"), Outbox.state == "held").values(state="pending")
_ONLY_CONTINUE = update(Inbox.__table__).where(Inbox.channel == bindparam("c"), Inbox.message_id == bindparam("m")).values(kind="continue")
_NEXT_MESSAGE = select(Inbox.__table__).where(Inbox.person == bindparam("p"), Inbox.state == "new").order_by(Inbox.sent_at, Inbox.id).limit(1)
_BEGIN_TURN = update(Inbox.__table__).where(Inbox.id == bindparam("i"), Inbox.state == "new").values(attempts=bindparam("n"))
_TALK = select(Person.__table__).where(_P)
_END_TURN = (
    update(Person.__table__)
    .where(_P, Person.turn_owner == _ME)
    .values(slots=bindparam("s"), numbered=bindparam("n"), version=bindparam("v"), turn_owner=None, turn_until=0.0)
)
_DONE = update(Inbox.__table__).where(Inbox.id == bindparam("i")).values(state="done", text="", address=bindparam("a"))
_INSERT_OUTBOX = insert(Outbox.__table__)
_NEXT_REPLIES = select(Outbox.__table__).where(Outbox.person == bindparam("p"), Outbox.state == "pending").order_by(Outbox.id).limit(bindparam("n"))
_SENT = update(Outbox.__table__).where(Outbox.id == bindparam("i")).values(state="sent", sent_at=bindparam("t"), attempts=bindparam("a"), content=bindparam("c"), error=None)
_COUNT_SENT = update(Person.__table__).where(_P).values(window_sent=Person.window_sent + 1, send_owner=_ME, send_until=bindparam("u"))


def _lease_statements(kind: str) -> tuple[Any, Any]:
    table = Person.__table__
    owner, until = table.c[f"{kind}_owner"], table.c[f"{kind}_until"]
    free = or_(owner.is_(None), owner == _ME, owner == bindparam("dead"), until < bindparam("now"))
    take = update(table).where(_P, free).values({owner.name: _ME, until.name: bindparam("u")})
    return take, update(table).where(_P, owner == _ME).values({owner.name: None, until.name: 0.0})


_LEASE = {kind: _lease_statements(kind)[0] for kind in ("turn", "send")}
_RELEASE = {kind: _lease_statements(kind)[1] for kind in ("turn", "send")}


class LostLease(Exception):
    """Another process took the conversation over; what was computed is dropped there."""


def _place() -> str:
    """This process's namespace of process ids; only inside it a pid can be looked up."""
    try:
        return f"{Path('/proc/sys/kernel/random/boot_id').read_text().strip()[:8]}.{os.stat('/proc/self/ns/pid').st_ino}"
    except OSError:
        return f"host{os.uname().nodename}"


_PLACE = _place()


def _owner_died(owner: str, mine: str) -> bool:
    """Whether a lease's owner is surely gone, so that after a kill nobody waits for the lease to run out."""
    place, _, rest = owner.partition("/")
    pid = rest.partition("/")[0]
    if owner == mine or place != _PLACE or not pid.isdigit():
        return False
    if int(pid) == os.getpid():
        return owner not in _LIVE  # an earlier life of this number
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


_LIVE: set[str] = set()  # owners inside this very process


class Storage:
    """Opens, migrates and works on the operational tables behind an SQLAlchemy URL. Raises StoreError when it cannot."""

    def __init__(self, url: str):
        self.url = url
        self.owner = f"{_PLACE}/{os.getpid()}/{secrets.token_hex(4)}"
        self._keys: OrderedDict[str, str] = OrderedDict()
        parsed = make_url(url)
        self.sqlite = parsed.get_backend_name() == "sqlite"
        options: dict[str, Any] = {"pool_pre_ping": True}
        if self.sqlite:
            if parsed.database in (None, "", ":memory:"):
                raise StoreError("Máy chủ cần cơ sở dữ liệu lưu được (tệp SQLite hoặc PostgreSQL), không dùng được bộ nhớ tạm.")
            Path(parsed.database).expanduser().parent.mkdir(parents=True, exist_ok=True)
            options = {"connect_args": {"check_same_thread": False, "timeout": 30}, "poolclass": QueuePool}
        self.engine = create_engine(url, future=True, **options)
        if self.sqlite:
            event.listen(self.engine, "connect", _sqlite_connect)
            event.listen(self.engine, "begin", _sqlite_begin)
        self._insert = sqlite.insert if self.sqlite else postgresql.insert
        self._insert_inbox = (
            self._insert(Inbox).values(**{name: bindparam(name) for name in (*_INCOMING, "received_at")}, state="new", attempts=0).on_conflict_do_nothing(index_elements=["channel", "message_id"])
        )
        self._upsert_person = (
            self._insert(Person)
            .values(person=bindparam("person"), channel=bindparam("channel"), last_in=bindparam("last_in"), slots={}, numbered=[], version=0, window_sent=0, turn_until=0.0, send_until=0.0)
            .on_conflict_do_update(index_elements=["person"], set_={"last_in": bindparam("last_in"), "window_sent": 0})
        )
        self._lane = Lane(1 if self.sqlite else 4)
        _LIVE.add(self.owner)
        try:
            self._migrate()
        except (DBAPIError, OSError) as error:
            reason = str(getattr(error, "orig", error)).strip().splitlines()
            raise StoreError(f"Cơ sở dữ liệu {_safe(url)!r} không dùng được: {reason[0] if reason else error}.") from error

    def _migrate(self) -> None:
        head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
        with self.engine.begin() as connection:
            if not self.sqlite:  # two servers may start at once
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7460)")
            context = MigrationContext.configure(connection, opts={"version_table": "bot_alembic_version"})
            if context.get_current_revision() == head:
                return
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS))
            config.attributes["connection"] = connection
            logging.getLogger("alembic").setLevel(logging.WARNING)
            command.upgrade(config, "head")

    async def run(self, method: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """A blocking method, off the event loop; `accept` goes before what waits, since somebody waits for its answer."""
        return await asyncio.wrap_future(self._lane.submit(method != self.accept, lambda: method(*args, **kwargs)))

    def close(self) -> None:
        self._lane.close()
        _LIVE.discard(self.owner)
        self.engine.dispose()

    @contextmanager
    def writing(self, *, lasting: bool = False) -> Iterator[Connection]:
        """A write transaction; `lasting`: on the disk before it returns, for what a vendor is then told we have.

        The rest may lag behind a power cut (never behind a kill): a turn is then played or a reply sent again.
        """
        with self.engine.connect().execution_options(writes=True) as connection:
            if self.sqlite and connection.info.get("lasting") is not lasting:
                connection.connection.execute(f"PRAGMA synchronous={'FULL' if lasting else 'NORMAL'}")
                connection.info["lasting"] = lasting
            with connection.begin():
                if not self.sqlite and not lasting:
                    connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")
                yield connection

    # -- inbox -----------------------------------------------------------------------------------

    def accept(self, messages: Iterable[Incoming]) -> tuple[list[Incoming], set[str]]:
        """Store what is new; a message seen before changes nothing. Returns the new ones, and whose held replies may go now."""
        now = time.time()
        new: list[Incoming] = []
        freed_people: set[str] = set()
        with self.writing(lasting=True) as connection:
            for message in messages:
                if not connection.execute(self._insert_inbox, {name: getattr(message, name) for name in _INCOMING} | {"received_at": now}).rowcount:
                    continue
                new.append(message)
                connection.execute(self._upsert_person, {"person": message.person, "channel": message.channel, "last_in": now})
                freed = connection.execute(_FREE_HELD, {"p": message.person}).rowcount
                if freed:
                    freed_people.add(message.person)
                if freed and message.kind == "text" and message.text.strip(" .!").casefold() in CONTINUE:
                    connection.execute(_ONLY_CONTINUE, {"c": message.channel, "m": message.message_id})
        return new, freed_people

    def waiting(self) -> tuple[list[str], list[str]]:
        """Conversations with messages to answer, and with replies to send."""
        with self.engine.connect() as connection:
            turns = connection.execute(select(Inbox.person).where(Inbox.state == "new").group_by(Inbox.person).order_by(func.min(Inbox.id))).scalars().all()
            sends = connection.execute(select(Outbox.person).where(Outbox.state == "pending").group_by(Outbox.person).order_by(func.min(Outbox.id))).scalars().all()
        return list(turns), list(sends)

    # -- turns -----------------------------------------------------------------------------------

    def claim_turn(self, person: str) -> TurnJob | None:
        """The next message of this conversation, taken by this process; None when there is none or another works on it."""
        with self.writing() as connection:
            row = connection.execute(_NEXT_MESSAGE, {"p": person}).first()
            if row is None or not self._lease(connection, person, "turn", TURN_LEASE):
                return None
            # Another process may have finished it between the two statements.
            if not connection.execute(_BEGIN_TURN, {"i": row.id, "n": row.attempts + 1}).rowcount:
                connection.execute(_RELEASE["turn"], {"p": person, "me": self.owner})
                return None
            talk = connection.execute(_TALK, {"p": person}).one()
        message = Incoming(row.channel, row.message_id, row.person, row.address, row.kind, row.text, row.sent_at)
        return TurnJob(row.id, message, talk.slots or {}, talk.version, talk.numbered or {}, row.attempts + 1)

    def finish_turn(
        self, job: TurnJob, contents: list[dict[str, Any]], slots: dict[str, Any], offered: Any, *, forget: bool = False, take_sends: bool = False
    ) -> tuple[bool, list[OutRow]]:
        """Reply, talk and the message's end in one transaction.

        Returns whether more messages of this person wait and, with `take_sends`, the replies taken for sending as by
        `claim_sends`. Raises LostLease when the conversation was taken over meanwhile.
        """
        now = time.time()
        message = job.incoming
        with self.writing() as connection:
            if not connection.execute(_END_TURN, {"p": message.person, "me": self.owner, "s": slots, "n": offered, "v": job.version + 1}).rowcount:
                raise LostLease(message.person)
            if forget:
                connection.execute(delete(Outbox).where(Outbox.person == message.person, Outbox.state != "dead"))
                connection.execute(delete(Inbox).where(Inbox.person == message.person, Inbox.state == "new", Inbox.id < job.id))
            connection.execute(_DONE, {"i": job.id, "a": {}})
            if contents:
                row = {"channel": message.channel, "person": message.person, "address": message.address, "state": "pending", "attempts": 0, "created_at": now}
                connection.execute(_INSERT_OUTBOX, [{**row, "content": content} for content in contents])
            more = connection.execute(_NEXT_MESSAGE, {"p": message.person}).first() is not None
            sends = self._take_sends(connection, message.person) if take_sends and contents else []
        return more, sends

    def add_reply(self, person: str, channel: str, contents: list[dict[str, Any]]) -> bool:
        """A message that answers none of theirs; False when no address is remembered (they wrote too long ago)."""
        with self.writing() as connection:
            last = select(Outbox.address).where(Outbox.person == person, Outbox.channel == channel).order_by(Outbox.id.desc()).limit(1)
            address = connection.execute(last).scalar()
            if address is None or not contents:
                return False
            row = {"channel": channel, "person": person, "address": address, "state": "pending", "attempts": 0, "created_at": time.time()}
            connection.execute(_INSERT_OUTBOX, [{**row, "content": content} for content in contents])
        return True

    def release_turn(self, person: str) -> None:
        with self.writing() as connection:
            connection.execute(_RELEASE["turn"], {"p": person, "me": self.owner})

    # -- outbox ----------------------------------------------------------------------------------

    def claim_sends(self, person: str) -> list[OutRow]:
        """The replies that wait for this person, in order, taken by this process; [] when none or another sends."""
        with self.writing() as connection:
            return self._take_sends(connection, person)

    def _take_sends(self, connection: Connection, person: str) -> list[OutRow]:
        values = {"p": person, "n": MAX_SENDS + 1}
        if connection.execute(_NEXT_REPLIES, {**values, "n": 1}).first() is None or not self._lease(connection, person, "send", SEND_LEASE):
            return []
        rows = connection.execute(_NEXT_REPLIES, values).all()  # under the lease: another process may just have sent the first
        if not rows:
            connection.execute(_RELEASE["send"], {"p": person, "me": self.owner})
            return []
        talk = connection.execute(_TALK, {"p": person}).one()
        return [
            OutRow(row.id, person, row.channel, row.address, row.content, row.attempts, row.created_at, n + 1 < len(rows), talk.window_sent + n, talk.last_in)
            for n, row in enumerate(rows[:MAX_SENDS])
        ]

    def mark_sent(self, row: OutRow, *, keep_content: bool = False, release: bool = False) -> tuple[int, float]:
        """`keep_content`: the channel still reads it (web), otherwise the words are dropped; `release`: nothing more to send.

        Returns the person's window_sent and last_in, which a message of theirs may have moved meanwhile.
        """
        now = time.time()
        with self.writing() as connection:
            connection.execute(_SENT, {"i": row.id, "t": now, "a": row.attempts + 1, "c": row.content if keep_content else {}})
            connection.execute(_COUNT_SENT, {"p": row.person, "me": None if release else self.owner, "u": 0.0 if release else now + SEND_LEASE})
            talk = None if release else connection.execute(_TALK, {"p": row.person}).first()
        return (talk.window_sent, talk.last_in) if talk else (0, 0.0)

    def mark_failed(self, row: OutRow, state: str, error: str, wait: float = 0.0) -> bool:
        """pending: tried again after `wait` seconds; held: until the person writes again (with all behind it); dead.

        False: not held after all, since the person has written meanwhile.
        """
        with self.writing() as connection:
            if state == "held":
                # Touching the row first keeps a message that comes in this moment (accept) in line behind us.
                connection.execute(update(Person.__table__).where(Person.person == row.person).values(send_until=time.time() + SEND_LEASE))
                if connection.execute(select(Person.last_in).where(Person.person == row.person)).scalar() != row.last_in:
                    return False
                connection.execute(update(Outbox.__table__).where(Outbox.person == row.person, Outbox.state == "pending").values(state="held"))
            connection.execute(update(Outbox.__table__).where(Outbox.id == row.id).values(state=state, error=error[:500], attempts=Outbox.attempts + 1))
            connection.execute(update(Person.__table__).where(Person.person == row.person).values(send_until=time.time() + wait + SEND_LEASE))
        return True

    def release_sends(self, person: str) -> None:
        with self.writing() as connection:
            connection.execute(_RELEASE["send"], {"p": person, "me": self.owner})

    def outgoing_after(self, person: str, after: int) -> list[tuple[int, dict[str, Any]]]:
        """Replies with an id above `after`, for a page that connects again."""
        with self.engine.connect() as connection:
            rows = connection.execute(select(Outbox.id, Outbox.content).where(Outbox.person == person, Outbox.id > after, Outbox.state.in_(("pending", "sent"))).order_by(Outbox.id).limit(200))
            return [(row.id, row.content) for row in rows if row.content]

    def highest(self) -> int:
        """The outbox's highest id, 0 when it is empty."""
        with self.engine.connect() as connection:
            return connection.execute(select(func.max(Outbox.id))).scalar() or 0

    def newest(self, channel: str, after: int) -> tuple[int, set[str]]:
        """Highest outbox id, and who has new replies on a channel since `after` (written by any process)."""
        with self.engine.connect() as connection:
            rows = connection.execute(select(Outbox.id, Outbox.person).where(Outbox.channel == channel, Outbox.id > after)).all()
        return max([after, *(row.id for row in rows)]), {row.person for row in rows}

    def dead_letters(self, limit: int = 50) -> list[dict[str, Any]]:
        with self.engine.connect() as connection:
            rows = connection.execute(select(Outbox).where(Outbox.state == "dead").order_by(Outbox.id.desc()).limit(limit))
            return [{"id": r.id, "channel": r.channel, "created_at": r.created_at, "attempts": r.attempts, "error": r.error} for r in rows]

    def revive_dead_letters(self) -> int:
        """Put all dead letters back into the outbox; returns how many."""
        with self.writing() as connection:
            return connection.execute(update(Outbox).where(Outbox.state == "dead").values(state="pending", created_at=time.time())).rowcount

    def counts(self) -> dict[str, int]:
        """Rows by table and state, e.g. {"inbox:new": 3, "outbox:dead": 1}."""
        found: dict[str, int] = {}
        with self.engine.connect() as connection:
            for name, table in (("inbox", Inbox), ("outbox", Outbox)):
                for state, number in connection.execute(select(table.state, func.count()).group_by(table.state)):
                    found[f"{name}:{state}"] = number
            found["person"] = connection.execute(select(func.count()).select_from(Person)).scalar_one()
        return found

    # -- payload keys ----------------------------------------------------------------------------

    def payload_key(self, payload: str) -> str:
        """A short key (8 letters or digits, longer on a clash) under which `payload_of` finds the payload."""
        if payload in self._keys:
            return self._keys[payload]
        digest = base64.b32encode(hashlib.sha256(payload.encode()).digest()).decode().lower().rstrip("=")
        with self.writing() as connection:
            for length in range(8, len(digest) + 1):
                key = digest[:length]
                stored = self._insert(Payload).values(key=key, payload=payload, used_at=time.time())
                connection.execute(stored.on_conflict_do_update(index_elements=["key"], set_={"used_at": time.time()}))
                if connection.execute(select(Payload.payload).where(Payload.key == key)).scalar() == payload:
                    break
        self._keys[payload] = key
        if len(self._keys) > 5000:
            self._keys.popitem(last=False)
        return key

    def payload_of(self, key: str) -> str | None:
        with self.engine.connect() as connection:
            return connection.execute(select(Payload.payload).where(Payload.key == key)).scalar()

    # -- upkeep ----------------------------------------------------------------------------------

    def clean(self, keep: float) -> None:
        """Drop what is done and older than `keep` seconds, and conversations that rest."""
        now = time.time()
        with self.writing() as connection:
            connection.execute(delete(Inbox).where(Inbox.state == "done", Inbox.received_at < now - keep))
            connection.execute(delete(Outbox).where(Outbox.state == "sent", Outbox.created_at < now - keep))
            old = now - DEAD_LETTER_DAYS * 86400
            connection.execute(delete(Outbox).where(Outbox.state.in_(("dead", "held")), Outbox.created_at < old))
            connection.execute(delete(Payload).where(Payload.used_at < now - 180 * 86400))
            busy = or_(
                Person.person.in_(select(Inbox.person).where(Inbox.state == "new")),
                Person.person.in_(select(Outbox.person).where(Outbox.state.in_(("pending", "held")))),
            )
            connection.execute(delete(Person).where(and_(Person.last_in < now - IDLE_DAYS * 86400, ~busy)))

    def ping(self) -> None:
        """Raises when the database does not answer."""
        with self.engine.connect() as connection:
            connection.execute(select(1))

    # -- helpers ---------------------------------------------------------------------------------

    def _lease(self, connection: Connection, person: str, kind: str, seconds: float) -> bool:
        """Take or renew the lease `kind` on a conversation, if it is free, ours, run out or its owner died."""
        now = time.time()
        values = {"p": person, "me": self.owner, "now": now, "u": now + seconds, "dead": self.owner}
        if connection.execute(_LEASE[kind], values).rowcount:
            return True
        owner = connection.execute(select(getattr(Person, f"{kind}_owner")).where(Person.person == person)).scalar()
        if not owner or not _owner_died(owner, self.owner):
            return False
        return bool(connection.execute(_LEASE[kind], values | {"dead": owner}).rowcount)


def _sqlite_connect(connection, _record) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see _sqlite_begin
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.close()


def _sqlite_begin(connection) -> None:
    # IMMEDIATE: a reader that turns writer inside its transaction would fail at once instead of waiting.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")
