"""How long a search takes as the knowledge base grows: procedures and passages, by doubling sizes.

    python benchmarks/search_sizes.py [--procedures 10000] [--passages 50000] [--doublings 4] [--seed 1] [--json FILE]

Everything goes through the real store (a new SQLite file, thrown away) and through what `motcua search` calls. The
catalogue and the notes that ship are in it; the rest is made up from their words, drawn as often as they occur there,
with a share of rare words of their own: as many different words as a real collection has (Heaps' law). Queries are
titles and everyday names that ship, whole, in part, and without accents. Target: p95 at most 10 ms for each kind at
10,000 procedures and 50,000 passages.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import json
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from knowledge.guidance.records import DocumentRecord, PassageRecord  # noqa: E402
from knowledge.records import DossierItem, ProcedureRecord, ResultRecord, SourceRecord  # noqa: E402
from knowledge.search.analysis import fold  # noqa: E402
from knowledge.search.service import search  # noqa: E402
from knowledge.store import Store  # noqa: E402

TARGET_MS = 10.0
LETTERS = "bcdghklmnpqstvx"


class Words:
    """Draws words as often as they stand in the texts; now and then one that nothing else has."""

    def __init__(self, texts: list[str], rng: random.Random, rare: float = 0.02):
        self.pool = [word for text in texts for word in text.split()]
        self.rng, self.rare = rng, rare

    def draw(self, number: int) -> str:
        made = self.rng.choices(self.pool, k=number)
        for place in range(number):
            if self.rng.random() < self.rare:
                made[place] = "".join(self.rng.choices(LETTERS, k=2)) + self.rng.choice("aeiou") + str(self.rng.randrange(1000))
        return " ".join(made)


def procedure(number: int, words: Words) -> ProcedureRecord:
    return ProcedureRecord(
        code=f"9.{number:06d}",
        name=words.draw(words.rng.randint(6, 28)),
        source=SourceRecord("portal", "https://example.invalid/x", dt.date(2026, 7, 20)),
        field=words.draw(2), agency=words.draw(5), levels=["xã"],
        dossier=[DossierItem(words.draw(words.rng.randint(8, 30)), 1) for _ in range(words.rng.randint(2, 7))],
        results=[ResultRecord(words.draw(6))],
    )  # fmt: skip


def document(number: int, size: int, words: Words) -> DocumentRecord:
    """A document of `size` passages of 40 to 160 words."""
    name, day = f"{number}/2026/TT-XYZ", dt.date(2026, 1, 1)
    passages = [
        PassageRecord(f"made/{number}/{place}", name, day, words.draw(words.rng.randint(40, 160)), heading=[words.draw(8)], label=f"Điều {place + 1}",
                      title=words.draw(8), line_from=place * 5 + 1, line_to=place * 5 + 5)
        for place in range(size)
    ]  # fmt: skip
    return DocumentRecord(f"made-{number}", name, day, words.draw(15), file=f"made-{number}.txt", passages=passages)


def measure(store: Store, kind: str, queries: list[str]) -> dict[str, float]:
    """p50 and p95 in ms, each query once, after the index stands; `build` in seconds is the first query.

    Wall time counts the other load of the machine too; `cpu` is the process alone.
    """
    began = time.perf_counter()
    search(store, queries[0], kind=kind, limit=10)
    build = time.perf_counter() - began
    for words in queries[1:20]:
        search(store, words, kind=kind, limit=10)
    gc.collect()
    took, cpu = [], []
    for words in queries[20:]:
        began, busy = time.perf_counter(), time.process_time()
        search(store, words, kind=kind, limit=10)
        took.append((time.perf_counter() - began) * 1000)
        cpu.append((time.process_time() - busy) * 1000)
    took.sort()
    cpu.sort()
    at = int(len(took) * 0.95)
    return {"p50": took[len(took) // 2], "p95": took[at], "cpu_p50": cpu[len(cpu) // 2], "cpu_p95": cpu[at], "build": build}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--procedures", type=int, default=10_000)
    parser.add_argument("--passages", type=int, default=50_000)
    parser.add_argument("--doublings", type=int, default=4, help="sizes from the largest down: 4 means 1/8, 1/4, 1/2, 1")
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    rows = []
    with tempfile.TemporaryDirectory() as place:
        store = Store.open(f"sqlite:///{place}/sizes.db")
        shipped = [name for _, _, name in store.outlines()] + [text for _, _, text in store.everyday_names()]
        passages = store.passages()
        titles, bodies = Words(shipped, rng), Words([passage.text for passage in passages], rng)
        asked = rng.sample(shipped, min(len(shipped), args.queries))
        queries = {
            "procedure": [fold(text) if n % 3 == 0 else " ".join(text.split()[:6]) if n % 3 == 1 else text for n, text in enumerate(asked)] + asked[:20],
            "guidance": [fold(q) if n % 3 == 0 else q for n, q in enumerate(q for p in passages for q in p.questions)][: args.queries] or asked,
        }
        have = {"procedure": len(store.codes()), "guidance": len(passages)}
        made_documents = 0
        for step in range(args.doublings):
            share = 2 ** (args.doublings - 1 - step)
            goal = args.procedures // share
            store.save_procedures(procedure(number, titles) for number in range(have["procedure"], goal))
            have["procedure"] = max(have["procedure"], goal)
            goal = args.passages // share
            while have["guidance"] < goal:
                size = min(500, goal - have["guidance"])
                store.save_document(document(made_documents, size, bodies))
                have["guidance"] += size
                made_documents += 1
            for kind, words in queries.items():
                found = measure(store, kind, words)
                rows.append({"kind": kind, "size": len(store.codes()) if kind == "procedure" else have["guidance"], **found})
                print(f"{kind:9} {rows[-1]['size']:6}  p50 {found['p50']:6.2f} ms  p95 {found['p95']:6.2f} ms  cpu {found['cpu_p50']:6.2f} / {found['cpu_p95']:6.2f} ms  index {found['build']:5.1f} s", flush=True)
        store.close()
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    good = all(row["p95"] <= TARGET_MS for row in rows[-2:])
    print("within the target" if good else f"NOT within the target of p95 {TARGET_MS:g} ms")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
