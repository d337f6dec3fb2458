"""The linker's learning in a process of its own: taken over when it ends well, never in the way when it does not."""

import multiprocessing
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
