"""Learning in a process of its own, begun before this one imports Rasa and reads its data: a third of a training's time.

`begin`, then `finished` once with the messages that only Rasa's data tells; `end` in any case.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nlu.linking.learning import Learned

_running: tuple[BaseProcess, Connection] | None = None


def _learn(pipe: Connection, database: str, cache: Path | None) -> None:
    from nlu.linking.learning import Learning  # imported here: the parent has no need of it yet

    os.setpgid(0, 0)  # with the processes that it forks one group, so that `end` leaves none of them
    try:
        learning = Learning(database, cache)
        pipe.send(learning.finished(pipe.recv()))
    except (Exception, KeyboardInterrupt):  # the parent sees the pipe closed, learns by itself and says what is wrong
        pass
    finally:
        pipe.close()


def begin(database: str, cache: Path | None) -> None:
    """Start to learn (see `learning.Learning`). Nothing happens where processes cannot be forked."""
    global _running
    end()
    if "fork" not in multiprocessing.get_all_start_methods():
        return
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    process = context.Process(target=_learn, args=(there, database, cache), name="linker")
    process.start()
    there.close()
    _running = process, here


def finished(beside: list[str]) -> Learned | None:
    """What was learned, once it is; None when nothing was begun, or it failed."""
    if _running is None:
        return None
    try:
        _running[1].send(beside)
        return _running[1].recv()
    except (EOFError, OSError):
        return None
    finally:
        end()


def end() -> None:
    """Leave nothing running."""
    global _running
    if _running is not None:
        process, pipe = _running
        _running = None
        pipe.close()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.terminate()  # where it had no time to make a group
        process.join()
