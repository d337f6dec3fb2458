"""The operational store: duplicates, leases, restarts, and the words it must not keep."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, text, update

from bot.storage import MAX_ATTEMPTS, Incoming, LostLease, Storage
from bot.tables import Base, Inbox, Outbox, Payload, Person
from knowledge.store import StoreError

POSTGRES = os.environ.get("MOTCUA_TEST_POSTGRES")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'motcua.db'}"
        return
    if not POSTGRES:
        pytest.skip("set MOTCUA_TEST_POSTGRES to the URL of a PostgreSQL database that may be emptied")
    yield POSTGRES
    store = Storage(POSTGRES)
    with store.engine.begin() as connection:
        Base.metadata.drop_all(connection)
        connection.execute(text("DROP TABLE bot_alembic_version"))
    store.close()


@pytest.fixture
def storage(url):
    store = Storage(url)
    yield store
    store.close()


def message(number, person="t:1", words="hỏi", kind="text", sent_at=None) -> Incoming:
    return Incoming("t", str(number), person, {"chat": 1}, kind, words, sent_at if sent_at is not None else float(number))


def play(storage, person="t:1", contents=({"text": "đáp"},), slots=None, offered=None):
    job = storage.claim_turn(person)
    storage.finish_turn(job, list(contents), slots or {}, offered or {})
    return job


def test_migration_and_tables_agree(storage):
    def ours(thing, name, kind, reflected, other):
        return (thing.name if kind == "table" else thing.table.name) in Base.metadata.tables

    with storage.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "bot_alembic_version", "include_object": ours})
        assert compare_metadata(context, Base.metadata) == []


def test_opening_twice_changes_nothing(url):
    first, second = Storage(url), Storage(url)
    assert first.counts() == second.counts() == {"person": 0}
    first.close()
    second.close()


def test_memory_database_is_refused():
    with pytest.raises(StoreError):
        Storage("sqlite://")


def test_a_message_counts_once(storage):
    assert len(storage.accept([message(1), message(1), message(2)])[0]) == 2
    assert storage.accept([message(1)]) == ([], set())


def test_turns_follow_the_vendors_clock(storage):
    storage.accept([message(1, sent_at=30.0), message(2, sent_at=10.0), message(3, sent_at=20.0)])
    assert [play(storage).incoming.message_id for _ in range(3)] == ["2", "3", "1"]
    assert storage.claim_turn("t:1") is None


def test_the_talk_goes_with_the_reply(storage):
    storage.accept([message(1), message(2)])
    play(storage, slots={"procedure": "1.001193"}, offered={"1": "/a"})
    job = storage.claim_turn("t:1")
    assert (job.slots, job.offered, job.version) == ({"procedure": "1.001193"}, {"1": "/a"}, 1)


def test_words_are_dropped_once_answered_and_sent(storage):
    storage.accept([message(1, words="chuyện riêng")])
    play(storage, contents=[{"text": "lời đáp"}])
    with storage.engine.connect() as connection:
        assert connection.execute(select(Inbox.text, Inbox.address)).one() == ("", {})
    row = storage.claim_sends("t:1")[0]
    assert row.content == {"text": "lời đáp"}
    storage.mark_sent(row)
    with storage.engine.connect() as connection:
        assert connection.execute(select(Outbox.content)).scalar() == {}


def test_a_conversation_is_worked_on_by_one_process(url, storage):
    other = Storage(url)
    storage.accept([message(1), message(2)])
    job = storage.claim_turn("t:1")
    assert other.claim_turn("t:1") is None
    storage.finish_turn(job, [{"text": "a"}, {"text": "b"}], {}, [])
    taken = other.claim_turn("t:1")
    assert taken.incoming.message_id == "2"
    assert len(storage.claim_sends("t:1")) == 2
    assert other.claim_sends("t:1") == []
    other.close()


def test_a_turn_taken_over_is_not_written_twice(url, storage):
    other = Storage(url)
    storage.accept([message(1)])
    job = storage.claim_turn("t:1")
    with storage.writing() as connection:
        connection.execute(update(Person.__table__).values(turn_until=time.time() - 1))  # this process hung too long
    assert other.claim_turn("t:1").incoming.message_id == "1"
    with pytest.raises(LostLease):
        storage.finish_turn(job, [{"text": "muộn rồi"}], {}, [])
    assert storage.counts().get("outbox:pending") is None
    other.close()


def test_a_killed_process_holds_nobody_up(url, storage):
    """Leases of a dead process are taken over at once, not when they run out."""
    storage.accept([message(1)])
    code = f"from bot.storage import Storage; s = Storage({url!r}); assert s.claim_turn('t:1'); import os; os.kill(os.getpid(), 9)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == -9
    job = storage.claim_turn("t:1")
    assert job.incoming.message_id == "1"
    assert job.attempts == 2


def test_a_turn_takes_its_replies_for_sending(url, storage):
    other = Storage(url)
    storage.accept([message(1), message(2)])
    more, rows = storage.finish_turn(storage.claim_turn("t:1"), [{"text": "a"}, {"text": "b"}], {}, [], take_sends=True)
    assert more
    assert [(row.content["text"], row.later) for row in rows] == [("a", True), ("b", False)]
    assert other.claim_sends("t:1") == []
    more, rows = storage.finish_turn(storage.claim_turn("t:1"), [], {}, [], take_sends=True)
    assert (more, rows) == (False, [])
    other.close()


def test_attempts_are_counted_before_the_turn(storage):
    storage.accept([message(1)])
    for attempt in range(1, MAX_ATTEMPTS + 2):
        assert storage.claim_turn("t:1").attempts == attempt
        storage.release_turn("t:1")


def test_held_replies_wait_for_the_person(storage):
    storage.accept([message(1)])
    play(storage, contents=[{"text": "a"}, {"text": "b"}])
    row = storage.claim_sends("t:1")[0]
    assert storage.mark_failed(row, "held", "quota")
    storage.release_sends("t:1")
    assert storage.claim_sends("t:1") == []
    assert storage.accept([message(2, words="Tiếp.")])[1] == {"t:1"}
    assert storage.claim_turn("t:1").incoming.kind == "continue"
    assert [r.content["text"] for r in storage.claim_sends("t:1")] == ["a", "b"]


def test_a_reply_is_not_held_when_the_person_has_just_written(storage):
    storage.accept([message(1)])
    play(storage)
    row = storage.claim_sends("t:1")[0]
    storage.accept([message(2)])
    assert not storage.mark_failed(row, "held", "quota")
    assert storage.counts()["outbox:pending"] == 1


def test_continue_is_a_word_like_any_other_when_nothing_is_held(storage):
    storage.accept([message(1, words="tiếp")])
    assert storage.claim_turn("t:1").incoming.kind == "text"


def test_dead_letters_can_be_revived(storage):
    storage.accept([message(1)])
    play(storage)
    storage.mark_failed(storage.claim_sends("t:1")[0], "dead", "blocked")
    assert storage.dead_letters()[0]["error"] == "blocked"
    assert storage.revive_dead_letters() == 1
    assert storage.counts()["outbox:pending"] == 1


def test_forgetting_takes_replies_and_talk(storage):
    storage.accept([message(1), message(2, kind="forget")])
    play(storage, contents=[{"text": "cũ"}], slots={"procedure": "x"})
    job = storage.claim_turn("t:1")
    storage.finish_turn(job, [{"text": "đã xóa"}], {}, [], forget=True)
    assert [content["text"] for _, content in storage.outgoing_after("t:1", 0)] == ["đã xóa"]


def test_ids_are_never_given_again(storage):
    """A page asks for what came after the last id it saw, so a deleted id must not come back."""
    storage.accept([message(1), message(2)])
    play(storage, contents=[{"text": "a"}, {"text": "b"}])
    last = storage.highest()
    job = storage.claim_turn("t:1")
    storage.finish_turn(job, [{"text": "c"}], {}, [], forget=True)
    assert [content for number, content in storage.outgoing_after("t:1", last)] == [{"text": "c"}]


def test_payload_keys_are_short_and_stable(storage):
    payload = "/choose" + "x" * 300
    key = storage.payload_key(payload)
    storage._keys.clear()
    assert storage.payload_key(payload) == key
    assert len(key) == 8
    assert storage.payload_of(key) == payload
    assert storage.payload_of("nothing") is None


def test_payload_keys_that_clash_grow(storage):
    key = storage.payload_key("/a")
    with storage.writing() as connection:
        connection.execute(update(Payload.__table__).values(payload="/other"))
    storage._keys.clear()
    assert len(storage.payload_key("/a")) == 9
    assert storage.payload_of(key) == "/other"


def test_cleaning_keeps_what_is_not_done(storage):
    storage.accept([message(1), message(2, "t:2"), message(3, "t:3")])
    play(storage)
    storage.mark_sent(storage.claim_sends("t:1")[0])
    play(storage, "t:2")
    storage.clean(-1.0)
    assert storage.counts() == {"inbox:new": 1, "outbox:pending": 1, "person": 3}


def test_two_processes_take_each_message_once(url, storage):
    other = Storage(url)
    people = [f"t:{n}" for n in range(6)]
    storage.accept([message(f"{person}/{n}", person, sent_at=float(n)) for person in people for n in range(4)])
    played: list[str] = []

    def work(store):
        for person in people * 12:
            if job := store.claim_turn(person):
                time.sleep(0.002)
                store.finish_turn(job, [], {}, [])
                played.append(job.incoming.message_id)

    threads = [threading.Thread(target=work, args=(store,)) for store in (storage, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(played) == sorted(f"{person}/{n}" for person in people for n in range(4))
    for person in people:
        assert [m for m in played if m.startswith(person + "/")] == [f"{person}/{n}" for n in range(4)]
    other.close()
