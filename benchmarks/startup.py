"""From `make chat` to the prompt: what the seconds go to.

    python -m benchmarks.startup [--runs 3] [--database URL]

Runs `motcua chat` as a person would (in a process of its own, with no input, so that it ends at its first prompt) and
times it; then one process with the steps apart: imports, database, model, first messages. The environment must be
installed; the model is trained first where it is missing, and that time is given apart.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STEPS = """
import asyncio, json, sys, time
marks, last = {}, time.perf_counter()
def mark(name):
    global last
    now = time.perf_counter()
    marks[name] = round(now - last, 2)
    last = now
from knowledge.settings import get_settings
from knowledge.store import open_store
mark("import knowledge")
settings = get_settings()
open_store(settings.database)
mark("open the database")
from bot.training import find_or_train
model = find_or_train(settings)
mark("find the model")
from bot.quiet import quiet, quiet_structlog
quiet()
import tensorflow
mark("import tensorflow")
import rasa.core.agent, rasa.core.tracker_store
quiet_structlog()
mark("import rasa")
from bot.assistant import Assistant
from bot.inprocess import InProcessEndpoint
InProcessEndpoint()
mark("import actions")
assistant = Assistant.load()
mark("load the model, warm up")
asyncio.run(assistant.handle("start", "đăng ký tạm trú cần giấy tờ gì"))
mark("first message")
print(json.dumps(marks))
"""


def timed(command: list[str], environment: dict[str, str]) -> tuple[float, str]:
    """Seconds and stdout; raises CalledProcessError with what it said."""
    started = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)[:80]}: exit status {done.returncode}\n{done.stderr[-2000:]}")
    return time.perf_counter() - started, done.stdout


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--database", help="default: a new one, so that filling it is measured too")
    chosen = parser.parse_args()
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as folder:
        environment |= {"MOTCUA_DATABASE": chosen.database or f"sqlite:///{folder}/motcua.db", "MOTCUA_CACHE": f"{folder}/cache", "RASA_TELEMETRY_ENABLED": "false"}
        chat = [sys.executable, "-m", "bot.cli", "chat"]
        seconds, _ = timed([sys.executable, "-m", "bot.cli", "show", "1.004194"], environment)
        print(f"create and fill the database (once): {seconds:6.1f} s")
        fits = "import sys; from bot.training import MODELS, fingerprint; sys.exit(not (MODELS / f'motcua-{fingerprint()}.tar.gz').is_file())"
        if subprocess.run([sys.executable, "-c", fits], cwd=ROOT, env=environment, check=False).returncode:
            seconds, _ = timed([sys.executable, "-m", "bot.cli", "train"], environment)
            print(f"train (once):                        {seconds:6.1f} s")
        seconds, _ = timed(chat, environment)
        print(f"chat to the prompt, indexes not built: {seconds:4.1f} s")
        told = [timed(chat, environment)[0] for _ in range(chosen.runs)]
        print(f"chat to the prompt, afterwards:      {statistics.median(told):6.1f} s (median of {chosen.runs}: {', '.join(f'{s:.1f}' for s in told)})")
        _, out = timed([sys.executable, "-c", STEPS], environment)
        for name, seconds in json.loads(out.splitlines()[-1]).items():
            print(f"    {name:28}{seconds:6.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
