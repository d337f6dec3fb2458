"""How long a turn takes, beside a stock Rasa pipeline trained on the same data in the same run. CPU MINUTES: heavy.

    python -m benchmarks.turn [--turns 200] [--epochs 100] [--ted-epochs 20] [--no-stock] [--procedures N] [--json FILE]

Ours: `Assistant.handle` - privacy, NLU, rules, action with database - then rendering; after warm-up, on questions made
from everyday names of the catalogue. Stock: WhitespaceTokenizer, CountVectors by words and by characters, DIET, TED beside
RulePolicy, the same rules and actions, actions over HTTP in a process of their own (`rasa run actions`). The stock
pipeline knows question types only, no procedures: it does less for its time, and its actions find no link candidates.
Prints p50 and p95 of a whole turn and of NLU alone, seconds of training, and the ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FRAMES = ("{t} cần giấy tờ gì", "lệ phí {t} bao nhiêu", "{t} mất mấy ngày", "nộp hồ sơ {t} ở đâu", "cách {t} qua mạng", "muốn {t} thì làm sao")
FOLLOW_UPS = ("còn lệ phí?", "bao lâu thì xong", "nộp ở đâu ạ")
STOCK = """
recipe: default.v1
assistant_id: stock
language: vi
pipeline:
  - name: WhitespaceTokenizer
  - name: CountVectorsFeaturizer
  - name: CountVectorsFeaturizer
    analyzer: char_wb
    min_ngram: 1
    max_ngram: 4
  - name: DIETClassifier
    epochs: {diet}
    random_seed: 1
policies:
  - name: RulePolicy
  - name: TEDPolicy
    max_history: 5
    epochs: {ted}
    random_seed: 1
"""


def conversations(count: int) -> list[list[str]]:
    """Questions with and without accents about many procedures, half of them followed by a question that leans on the first."""
    from knowledge.importers.catalogue import read_names
    from nlu.noise import strip_marks

    dice = random.Random(3)
    names = sorted({row["text"] for row in read_names() if row["kind"] == "name"})
    talks = []
    while sum(map(len, talks)) < count:
        question = dice.choice(FRAMES).format(t=dice.choice(names))
        talk = [strip_marks(question) if dice.random() < 0.5 else question]
        talks.append([*talk, dice.choice(FOLLOW_UPS)] if dice.random() < 0.5 else talk)
    return talks


def percentiles(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {"n": len(ordered), "p50": ordered[len(ordered) // 2], "p95": ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]}


async def ours(talks: list[list[str]]) -> dict[str, dict[str, float]]:
    from bot.rendering import SHELL, render

    turns, nlu = [], []
    for number, talk in enumerate(talks):
        for text in talk:
            started = time.perf_counter()
            turn = await ASSISTANT.handle(f"turn:{number}", text)
            render(turn.answer, SHELL)
            turns.append((time.perf_counter() - started) * 1e3)
        await ASSISTANT.forget(f"turn:{number}")
    for talk in talks:
        started = time.perf_counter()
        await ASSISTANT.agent.parse_message(talk[0])
        nlu.append((time.perf_counter() - started) * 1e3)
    return {"turn": percentiles(turns), "nlu": percentiles(nlu)}


def train_stock(folder: Path, diet: int, ted: int) -> tuple[Path, float]:
    """The stock model on our examples, domain, rules and stories; seconds of training."""
    import rasa.model_training

    from bot.training import DATA, DOMAIN

    config = folder / "config.yml"
    config.write_text(STOCK.format(diet=diet, ted=ted), encoding="utf-8")
    started = time.perf_counter()
    result = rasa.model_training.train(domain=str(ROOT / DOMAIN), config=str(config), training_files=[str(ROOT / p) for p in DATA if (ROOT / p).exists()], output=str(folder), fixed_model_name="stock.tar.gz", force_training=True)
    return Path(result.model), time.perf_counter() - started


class ActionServer:
    """`rasa run actions` on loopback, for as long as the block lasts."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    def __enter__(self) -> str:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "rasa_sdk", "--actions", "actions", "--port", str(self.port)], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "SANIC_HOST": "127.0.0.1"}
        )
        for _ in range(240):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=1)
                return f"http://127.0.0.1:{self.port}/webhook"
            except OSError:
                time.sleep(0.25)
        raise SystemExit("the action server did not start")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)


async def stock(model: Path, url: str, talks: list[list[str]]) -> dict[str, dict[str, float]]:
    from rasa.core.agent import Agent
    from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
    from rasa.utils.endpoints import EndpointConfig

    agent = Agent(action_endpoint=EndpointConfig(url=url))
    agent.load_model(str(model))
    turns, nlu = [], []
    for number, talk in enumerate([*talks[:8], *talks]):
        for text in talk:
            started = time.perf_counter()
            await agent.handle_message(UserMessage(text, CollectingOutputChannel(), f"stock:{number}"))
            turns.append((time.perf_counter() - started) * 1e3)
    for talk in talks:
        started = time.perf_counter()
        await agent.parse_message(talk[0])
        nlu.append((time.perf_counter() - started) * 1e3)
    return {"turn": percentiles(turns[sum(map(len, talks[:8])) :]), "nlu": percentiles(nlu)}


def fill(database: str, procedures: int) -> None:
    """Made-up procedures beside those that ship, until there are so many."""
    from benchmarks.search_sizes import Words, procedure
    from knowledge.store import Store

    store = Store.open(database)
    words = Words([name for _, _, name in store.outlines()] + [text for _, _, text in store.everyday_names()], random.Random(1))
    store.save_procedures(procedure(number, words) for number in range(len(store.codes()), procedures))
    store.close()


def line(name: str, told: dict[str, dict[str, float]]) -> str:
    turn, nlu = told["turn"], told["nlu"]
    return f"{name:34} turn p50 {turn['p50']:7.1f} ms  p95 {turn['p95']:7.1f} ms (n {turn['n']})   NLU p50 {nlu['p50']:6.1f}  p95 {nlu['p95']:6.1f}"


def main() -> int:
    global ASSISTANT
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=200)
    parser.add_argument("--epochs", type=int, default=100, help="of DIET; Rasa's default is 300")
    parser.add_argument("--ted-epochs", type=int, default=20, help="of TED; Rasa's default is 1. Only rules and stories to learn from")
    parser.add_argument("--no-stock", action="store_true", help="ours only")
    parser.add_argument("--procedures", type=int, help="fill a new database up to so many")
    parser.add_argument("--json", type=Path, default=ROOT / "results" / "turn.json")
    chosen = parser.parse_args()
    from bot.quiet import quiet, quiet_structlog

    quiet()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if chosen.procedures:
            os.environ.update(MOTCUA_DATABASE=f"sqlite:///{folder}/motcua.db", MOTCUA_CACHE=f"{folder}/cache")
            fill(os.environ["MOTCUA_DATABASE"], chosen.procedures)
        os.environ.setdefault("MOTCUA_DATABASE", f"sqlite:///{folder}/motcua.db")
        os.environ.setdefault("MOTCUA_CACHE", f"{folder}/cache")
        os.environ.setdefault("MOTCUA_AS_OF", "2026-11-21")
        from bot.assistant import Assistant
        from bot.training import train

        started = time.perf_counter()
        result: dict = {"load": os.getloadavg()[0], "epochs": {"diet": chosen.epochs, "ted": chosen.ted_epochs}}
        if not chosen.no_stock:
            trained = train(folder / "ours" / "motcua-bench.tar.gz")
            result["training"] = {"ours": time.perf_counter() - started}
            os.environ["MOTCUA_MODEL"] = str(trained)
        quiet_structlog()
        from knowledge.settings import get_settings

        get_settings.cache_clear()
        ASSISTANT = Assistant.load(progress=True)
        talks = conversations(chosen.turns)
        asyncio.run(ours(conversations(24)))  # warm-up
        result["ours"] = asyncio.run(ours(talks))
        print(line("Một Cửa", result["ours"]), flush=True)
        if not chosen.no_stock:
            model, result["training"]["stock"] = train_stock(folder, chosen.epochs, chosen.ted_epochs)
            quiet_structlog()
            with ActionServer() as url:
                result["stock"] = asyncio.run(stock(model, url, talks))
            print(line(f"stock (DIET {chosen.epochs}, TED {chosen.ted_epochs} epochs)", result["stock"]))
            print("ratio stock / ours: " + ", ".join(f"{part} {p} {result['stock'][part][p] / result['ours'][part][p]:.1f}" for part in ("turn", "nlu") for p in ("p50", "p95")))
            print(f"training: ours {result['training']['ours']:.0f} s (with the import of TensorFlow), stock {result['training']['stock']:.0f} s")
    print(f"load of the machine at the start: {result['load']:.1f} (figures above 1 a core are of a busy machine)")
    chosen.json.parent.mkdir(parents=True, exist_ok=True)
    chosen.json.write_text(json.dumps(result, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
