"""Load on the Official Account webhook: acknowledgement times, lost and doubled replies, memory; with a kill -9 on request.

    python benchmarks/load_oa.py --rate 50 --seconds 60 [--kill-at 20] [--assistant echo|real] [--out results/load_oa.json]

Loopback only: the vendor is the tests' local stand-in, in this process; the server is a process of its own. What Zalo does
when it gets no acknowledgement is done here too: the same call again. One call in twenty is sent twice in any case.
`real` is `motcua serve` (set MOTCUA_MODEL to skip training); `echo` has the tests' small assistant, which computes
--turn seconds a turn, for what the channel alone takes.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import aiohttp
import httpx

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests/channels")]

from channel_vendors import FakeZaloOA  # noqa: E402

from bot.channels.zalo_tokens import ZaloTokens  # noqa: E402
from bot.settings import ZaloOASettings  # noqa: E402
from bot.storage import Storage  # noqa: E402

# What each person says, one after the other. One person says it before the load begins; everybody must get as many
# messages as that one.
DIALOGUE = ("xin chào", "làm thẻ căn cước mất bao lâu", "lệ phí bao nhiêu", "cảm ơn bạn nhé")


class Load:
    def __init__(self, args: argparse.Namespace, folder: str):
        self.args = args
        self.database = f"sqlite:///{folder}/load.db"
        self.acks: list[float] = []
        self.memory: list[int] = []
        self.repeats = 0
        self.process: asyncio.subprocess.Process | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    async def server(self) -> None:
        vendor = self.vendor
        env = {
            **os.environ, "MOTCUA_PORT": str(self.port), "MOTCUA_WEB": "0", "MOTCUA_DATABASE": self.database, "MOTCUA_ZALO_APP_ID": vendor.APP,
            "MOTCUA_ZALO_APP_SECRET": vendor.APP_SECRET, "MOTCUA_ZALO_OA_SECRET": vendor.OA_SECRET, "MOTCUA_ZALO_OPENAPI": vendor.url, "MOTCUA_ZALO_OAUTH": vendor.url,
        }
        command = [str(ROOT / "tests/channels/run_fake_server.py"), self.database, str(self.args.turn)] if self.args.assistant == "echo" else ["-m", "bot.cli", "serve"]
        self.process = await asyncio.create_subprocess_exec(sys.executable, *command, env=env, cwd=ROOT, stdout=asyncio.subprocess.DEVNULL)

    async def up(self, path: str = "/readyz") -> None:
        async with httpx.AsyncClient() as client:
            for _ in range(1800):
                if self.process.returncode is not None:
                    raise SystemExit(f"the server ended with status {self.process.returncode}")
                try:
                    if (await client.get(f"http://127.0.0.1:{self.port}{path}")).status_code == 200:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.2)
        raise SystemExit("the server did not become ready")

    def words(self, turn: int) -> str:
        return f"tin số {turn}" if self.args.assistant == "echo" else DIALOGUE[turn % len(DIALOGUE)]

    async def one_person(self, client: aiohttp.ClientSession) -> int:
        """How many messages the whole dialogue brings."""
        for turn in range(len(DIALOGUE)):
            before = len(self.vendor.sent)
            await self.call(client, *self.vendor.event(self.words(turn), user="42"))
            await self.vendor.wait(before + 1, 60)
            await asyncio.sleep(1.0)  # an answer may take more than one message
        self.acks.clear()
        found = len(self.vendor.sent)
        self.vendor.sent.clear()
        return found

    async def call(self, client: aiohttp.ClientSession, body: bytes, headers: dict[str, str]) -> None:
        """Once acknowledged; what takes longer than 2 s or fails is sent again, as Zalo does."""
        while True:
            began = time.perf_counter()
            try:
                async with client.post(f"http://127.0.0.1:{self.port}/zalo/oa/webhook", data=body, headers=headers) as response:
                    if response.status == 200:
                        self.acks.append(time.perf_counter() - began)
                        return
            except (aiohttp.ClientError, asyncio.TimeoutError):
                pass
            self.repeats += 1
            await asyncio.sleep(1.0)

    async def watch(self) -> None:
        while True:
            try:
                pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
                self.memory.append(pages * os.sysconf("SC_PAGESIZE") // 1_000_000)
            except (OSError, IndexError):
                pass
            await asyncio.sleep(1.0)

    def end(self) -> None:
        """No server outlives this program."""
        if self.process and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGKILL)

    async def run(self) -> dict:
        args = self.args
        self.vendor = await FakeZaloOA().start()
        storage = Storage(self.database)
        async with httpx.AsyncClient() as client:
            await ZaloTokens(ZaloOASettings(self.vendor.APP, self.vendor.APP_SECRET, self.vendor.OA_SECRET, self.vendor.url, self.vendor.url), storage, client).log_in(refresh_token="refresh-0")
        await self.server()
        await self.up()
        watcher = asyncio.create_task(self.watch())
        number = int(args.rate * args.seconds)
        tasks = []
        # aiohttp: this process shares the machine with the server and should weigh little.
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5), connector=aiohttp.TCPConnector(limit=0)) as client:
            each = await self.one_person(client)
            people = max(1, number // len(DIALOGUE))
            number = people * len(DIALOGUE)
            expected = people * each
            began = time.perf_counter()
            killed = False
            for n in range(number):
                await asyncio.sleep(max(0.0, began + n / args.rate - time.perf_counter()))
                if args.kill_at and not killed and time.perf_counter() - began >= args.kill_at:
                    killed = True
                    self.process.send_signal(signal.SIGKILL)
                    await self.process.wait()
                    await self.server()
                body, headers = self.vendor.event(self.words(n // people), user=f"5{n % people:018}")
                tasks.append(asyncio.create_task(self.call(client, body, headers)))
                if random.random() < 0.05:
                    tasks.append(asyncio.create_task(self.call(client, body, headers)))
            await asyncio.gather(*tasks)
            sent_in = time.perf_counter() - began
            backlog = expected - len(self.vendor.sent)
            deadline = time.monotonic() + args.patience
            while len(self.vendor.sent) < expected and time.monotonic() < deadline:
                await asyncio.sleep(0.2)
            answered_in = time.perf_counter() - began
            await asyncio.sleep(3.0)  # anything doubled shows itself
        watcher.cancel()
        due = Counter({f"5{person:018}": each for person in range(people)})
        told = Counter(message["person"] for message in self.vendor.sent)
        times = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        computing = (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")
        self.process.send_signal(signal.SIGTERM)
        status = await asyncio.wait_for(self.process.wait(), 60)
        counts = storage.counts()
        storage.close()
        await self.vendor.stop()
        self.acks.sort()
        tenth = max(1, len(self.memory) // 10)
        step = max(1, len(self.memory) // 20)
        return {
            "assistant": args.assistant, "turn_seconds": args.turn if args.assistant == "echo" else None, "rate": args.rate, "seconds": args.seconds, "kill_at": args.kill_at,
            "messages": number, "people": people, "replies_due": expected, "replies": sum(told.values()), "lost": sum((due - told).values()), "doubled": sum((told - due).values()), "repeated_calls": self.repeats,
            "ack_ms": {name: round(self.acks[min(len(self.acks) - 1, int(len(self.acks) * share))] * 1000, 1) for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0))},
            "sent_in_seconds": round(sent_in, 1), "waiting_when_all_were_sent": backlog, "answered_in_seconds": round(answered_in, 1),
            "memory_mb": {"first": max(self.memory[:tenth], default=0), "last": max(self.memory[-tenth:], default=0), "most": max(self.memory, default=0), f"every_{step}_seconds": self.memory[::step]},
            "server_cpu_seconds": computing, "store": counts, "exit_status": status, "cores": os.cpu_count(), "load_average": round(os.getloadavg()[0], 1),
        }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=50.0, help="messages a second")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--kill-at", type=float, help="kill -9 after so many seconds, then start again")
    parser.add_argument("--assistant", choices=("echo", "real"), default="echo")
    parser.add_argument("--turn", type=float, default=0.01, help="seconds of computing a turn (echo)")
    parser.add_argument("--patience", type=float, default=600.0, help="seconds to wait for the last reply")
    parser.add_argument("--out", help="append the figures to this JSON file (a list)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        load = Load(args, folder)
        try:
            figures = asyncio.run(load.run())
        finally:
            load.end()
    print(json.dumps(figures, ensure_ascii=False, indent=1))
    if args.out:
        path = Path(args.out)
        known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
        path.write_text(json.dumps([*known, figures], ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 1 if figures["lost"] or (figures["doubled"] and not args.kill_at) else 0


if __name__ == "__main__":
    sys.exit(main())
