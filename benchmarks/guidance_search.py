"""Passage search alone: are all required facts among the first passages? Beside BM25 (bm25s) in the same run.

    python -m benchmarks.guidance_search --database sqlite:////tmp/full.db tests/cases/guidance.jsonl [MORE.jsonl] [--size 50000]

For each question group, with accents and with none: share of questions whose facts all stand in the first 1, 3 or 5
passages (notes count as passages for both searches), and whether the first passage is of the right document. `--size`
adds made-up passages (shuffled words of the real ones) up to that number and measures the time of search and answer.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import json
import random
import statistics
import time
from pathlib import Path

import bm25s
import numpy as np

from bot.judging import comparable
from knowledge.guidance_answers import find, guidance_score
from knowledge.search.analysis import fold, words
from knowledge.search.passages import PassageIndex, PassageSearch
from knowledge.store import open_store
from nlu.text import normalise

AT = (1, 3, 5)


def told(passage) -> str:
    return comparable(" ".join([passage.citation(), passage.title or "", *passage.heading[-2:], passage.text]))


class Plain:
    """BM25 over the same texts (words as typed, lower case), the usual parameters."""

    def __init__(self, index: PassageIndex, folded: bool):
        self.passages, self.folded = index.passages, folded
        corpus = [self._words(" ".join([p.title or "", *p.heading, p.text, *p.questions])) for p in self.passages]
        self.index = bm25s.BM25()
        self.index.index(corpus, show_progress=False)

    def _words(self, text: str) -> list[str]:
        return words(fold(text) if self.folded else text)

    def search(self, text: str, limit: int) -> list:
        known = [w for w in self._words(text) if w in self.index.vocab_dict]
        if not known:
            return []
        found, scores = self.index.retrieve([known], k=limit, show_progress=False)
        return [self.passages[row] for row, score in zip(found[0].tolist(), scores[0].tolist(), strict=True) if score > 0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="+", type=Path)
    parser.add_argument("--database", required=True)
    parser.add_argument("--size", type=int, default=0)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    search = PassageSearch(open_store(args.database))
    index = search.index()
    result: dict = {"passages": len(index.passages)}
    for path in args.cases:
        cases = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        asked = [c for c in cases if c["expect"][0].get("guidance")]
        table: dict = {}
        for accents in (True, False):
            plain = Plain(index, folded=not accents)
            for name in ("ours", "bm25"):
                count = collections.defaultdict(collections.Counter)
                for case in asked:
                    expect, text = case["expect"][0], case["turns"][0]
                    text = normalise(text if accents else fold(text)).text if name == "ours" else (text if accents else fold(text))
                    top = [h.passage for h in index.search(text, max(AT))] if name == "ours" else plain.search(text, max(AT))
                    for group in ("all", case["group"]):
                        count[group]["n"] += 1
                        for k in AT:
                            body = "\n".join(told(p) for p in top[:k])
                            count[group][f"facts@{k}"] += all(comparable(f) in body for f in expect["facts"])
                        if expect.get("documents"):
                            count[group]["document@1"] += bool(top) and top[0].document in expect["documents"]
                table[f"{name}, {'accents' if accents else 'no accents'}"] = {
                    g: {k: (v if k == "n" else round(v / c["n"], 3)) for k, v in c.items()} for g, c in count.items()
                }
        print(f"\n{path} ({len(asked)} questions, {len(index.passages)} passages)")
        for name, groups in table.items():
            for group, row in sorted(groups.items()):
                print(f"  {name:20} {group:16}" + "  ".join(f"{k} {v:.1%}" if k != "n" else f"n {v:3}" for k, v in row.items()))
        result[str(path)] = table
    if args.size:
        result["time"] = clock(search, [normalise(c["turns"][0]).text for c in asked], args.size)
    if args.json:
        args.json.write_text(json.dumps(result, ensure_ascii=False, indent=1), encoding="utf-8")


def clock(search: PassageSearch, questions: list[str], size: int) -> dict:
    """Milliseconds of processor time (p50, p95) of search, answer and guidance score with `size` passages."""
    dice = random.Random(1)
    real = search.index()
    passages = list(real.passages)
    sources = [p for p in passages if p.origin == "document"] or passages
    while len(passages) < size:
        one = dice.choice(sources)
        tokens = one.text.split()
        dice.shuffle(tokens)
        passages.append(dataclasses.replace(one, id=f"made-up:{len(passages)}", document=f"{len(passages) % 500}/made-up", text=" ".join(tokens), label=None))
    started = time.perf_counter()
    big = PassageIndex(passages, real.documents)
    built = time.perf_counter() - started
    search._index, domain = big, search.domain()
    search._domain = (big, domain)
    out = {"passages": len(passages), "build_s": round(built, 1)}
    for name, run in (("search", lambda q: big.search(q, 10)), ("answer", lambda q: find(q, search)), ("score", lambda q: guidance_score(q, search.store, None))):
        spent = []
        if name == "score":
            import knowledge.guidance_answers as answers

            answers.passage_search = lambda *_: search  # the same big index
        for question in questions[:20] + questions:
            search._recent.clear()
            begun = time.process_time()  # of this process: the machine may be shared
            run(question)
            spent.append((time.process_time() - begun) * 1e3)
        spent = sorted(spent[20:])
        out[name] = {"p50": round(statistics.median(spent), 1), "p95": round(float(np.percentile(spent, 95)), 1)}
    print(f"\nwith {out['passages']} passages (built in {out['build_s']} s): " + "; ".join(f"{k} p50 {v['p50']} ms, p95 {v['p95']} ms" for k, v in out.items() if isinstance(v, dict)))
    return out


if __name__ == "__main__":
    main()
