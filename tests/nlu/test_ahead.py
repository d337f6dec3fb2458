"""The linker's learning in a process of its own: taken over when it ends well, never in the way when it does not."""

import multiprocessing
import os
import time

from nlu.linking import ahead


def learners():
    return [process for process in multiprocessing.active_children() if process.name == "linker"]


def test_nothing_begun_means_nothing_learned():
    assert ahead.finished([]) is None


def test_a_failure_is_nothing_learned(tmp_path):
    broken = tmp_path / "broken.db"
    broken.write_text("no database " * 200)
    ahead.begin(f"sqlite:///{broken}", None)
    assert ahead.finished(["trời hôm nay đẹp"]) is None
    assert not learners()


def test_what_was_learned_comes_back(monkeypatch):
    class Quick:
        def __init__(self, database, cache):
            self.database = database

        def finished(self, beside):
            return self.database, beside

    monkeypatch.setattr("nlu.linking.learning.Learning", Quick)
    ahead.begin("sqlite://", None)
    assert ahead.finished(["chào"]) == ("sqlite://", ["chào"])
    assert not learners() and ahead.finished([]) is None


def gone(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] == "Z"  # dead, waiting to be collected
    except FileNotFoundError:
        return True


def test_what_it_forked_ends_with_it(monkeypatch, tmp_path):
    told = tmp_path / "pid"

    class Forking:
        def __init__(self, database, cache):
            child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,))
            child.start()
            told.with_suffix(".part").write_text(str(child.pid))
            os.replace(told.with_suffix(".part"), told)
            child.join()

    monkeypatch.setattr("nlu.linking.learning.Learning", Forking)
    ahead.begin("sqlite://", None)
    for _ in range(300):
        if told.exists():
            break
        time.sleep(0.1)
    pid = int(told.read_text())
    assert not gone(pid)
    ahead.end()
    for _ in range(50):
        if gone(pid):
            break
        time.sleep(0.1)
    assert gone(pid) and not learners()


def test_one_that_is_no_longer_needed_is_ended(monkeypatch):
    class Slow:
        def __init__(self, database, cache):
            time.sleep(60)

    monkeypatch.setattr("nlu.linking.learning.Learning", Slow)
    ahead.begin("sqlite://", None)
    assert len(learners()) == 1
    began = time.monotonic()
    ahead.end()
    assert not learners() and time.monotonic() - began < 10
