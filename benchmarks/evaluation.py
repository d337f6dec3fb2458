"""How well does the whole assistant do, where does it fail, and what does each of its parts gain? CPU MINUTES.

    python -m benchmarks.evaluation [CASES ...] [--model FILE] [--database URL] [--no-ablation] [--json FILE] [--docs FOLDER]

Plays case files (docs/evaluation-how.md) through the whole assistant with the model and the database of the settings
(MOTCUA_MODEL, MOTCUA_DATABASE), then once more for each part switched off, in the same process. Parts are switched off by
patching objects here; nothing is trained anew, so a gain is what the part adds to an assistant that was built with it.
Without CASES: tests/cases/*.jsonl, and beside them, reported apart, the samples of ../shared/cases where they are (they
are not in the repository). Writes docs/evaluation.md and docs/evaluation-calibration.svg (evaluation_report.py makes them),
with --json also every turn: ids, codes and verdicts, no sentence.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bot.quiet import quiet

quiet()

import numpy as np  # noqa: E402

from actions import resolve  # noqa: E402
from benchmarks.evaluation_report import calibration_svg, report  # noqa: E402
from bot.assistant import Assistant  # noqa: E402
from bot.commands.batch import output_row  # noqa: E402
from bot.judging import judge, read_cases  # noqa: E402
from bot.training import ROOT, fingerprint, latest_model  # noqa: E402
from knowledge.settings import get_settings  # noqa: E402
from knowledge.store import open_store  # noqa: E402
from nlu import linker as linking  # noqa: E402
from nlu.linker import ProcedureLinker  # noqa: E402
from nlu.linking.features import NAMES, Asked, Candidates, view_scores  # noqa: E402
from nlu.linking.query import Query, make_query  # noqa: E402
from nlu.syllables import fold  # noqa: E402
from nlu.text import Normalised  # noqa: E402

CODE = re.compile(r"\b\d\.\d{6}\b")
DEPTH = 10
MIXED = NAMES.index("mix")
OWN, SAMPLES = "our own cases", "shared samples"
NORMALISING = ("tokenizer", "question_model", "entities", "safety")  # modules of nlu that normalise a message


# -- switching parts off ---------------------------------------------------------------------------


def as_typed(text: str) -> Normalised:
    """A message cut into its words, lower case, and nothing else done to it."""
    found = list(re.finditer(r"\w+(?:[./-]\w+)*", text))
    plain = text.lower()
    breaks = tuple(text[word.end() : word.end() + 1] in tuple(",.;:?!") for word in found)
    return Normalised(text, plain, fold(plain), tuple(word.group().lower() for word in found), tuple(word.span() for word in found), breaks, ())


class Unlearned:
    """A ranker that leaves candidates in the order of the rough mix; how sure the learned one is stays, so asking does too."""

    def __init__(self, ranker: Any) -> None:
        self._ranker = ranker

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ranker, name)

    def order(self, found: Candidates) -> tuple[np.ndarray, np.ndarray]:
        mixed = found.features[:, MIXED]
        order = np.argsort(-mixed, kind="stable")
        return order, mixed[order]

    def sureness(self, found: Candidates, order: np.ndarray, scores: np.ndarray) -> float:
        return self._ranker.sureness(found, *self._ranker.order(found))


@contextmanager
def _patched(*patches: Any) -> Iterator[None]:
    with ExitStack() as stack:
        for one in patches:
            stack.enter_context(one)
        yield


def _normaliser(linker: ProcedureLinker) -> Any:
    return _patched(*(patch(f"nlu.{module}.normalise", as_typed) for module in NORMALISING))


def _marks(linker: ProcedureLinker) -> Any:
    def unmarked(text: str) -> Query:
        return replace(make_query(text), has_accents=False)

    return patch.object(linking, "make_query", unmarked)


def _memory(linker: ProcedureLinker) -> Any:
    index, prepared = linker.index()
    return patch.object(linker, "_prepared", replace(prepared, asked=Asked(index)))


def _acts(linker: ProcedureLinker) -> Any:
    return patch.object(linker, "_prepared", replace(linker.index()[1], acts=None))


def _associations(linker: ProcedureLinker) -> Any:
    return patch.object(linker, "_prepared", replace(linker.index()[1], associated=None))


def _context(linker: ProcedureLinker) -> Any:
    return patch.object(linker, "context", None)


def _ranker(linker: ProcedureLinker) -> Any:
    return patch.object(linker, "ranker", Unlearned(linker.ranker))


def _asking(linker: ProcedureLinker) -> Any:
    always = {**linker.config, "answer_at": 0.0, "ask_at": 0.0, "unknown_at": 1.0}
    return _patched(patch.object(linker, "config", always), patch.object(resolve, "TIED_FROM", float("inf")))


# name -> (how, what happens without it, whether only first messages are played)
PARTS: dict[str, tuple[Callable[[ProcedureLinker], Any], str, bool]] = {
    "normaliser": (_normaliser, "the message is cut into words as typed: no slang, no Telex residue, no typos, no glued words undone", False),
    "marks": (_marks, "marks that were written count for nothing in ranking; everything is compared folded", False),
    "memory": (_memory, "the written questions that the linker remembers are forgotten", False),
    "acts": (_acts, "every act and case (nlu/linking/acts.py) is as likely as not", False),
    "associations": (_associations, "what people say goes with no words of titles (nlu/linking/associations.py)", False),
    "context": (_context, "a message in a talk is read alone, unless it names no matter at all", False),
    "ranker": (_ranker, "candidates stay in the order of the unlearned mix of views; first messages only", True),
    "asking": (_asking, "the first candidate is always told, however unsure", False),
}


# -- playing ---------------------------------------------------------------------------------------


def component(assistant: Assistant, kind: type) -> Any:
    """The loaded component of a class. Raises LookupError."""
    for node in assistant.agent.processor.graph_runner._instantiated_nodes.values():
        if isinstance(node._component, kind):
            return node._component
    raise LookupError(f"the model has no {kind.__name__}")


def about(expect: dict) -> str:
    """"procedure", "none" (the knowledge base has no procedure for it) or "other" (talk, several fair procedures)."""
    if expect.get("procedures"):
        return "other" if expect.get("ask_back") else "procedure"
    quiet_talk = expect.get("emergency") or expect.get("smalltalk")
    return "none" if (expect.get("decline") or expect.get("guidance")) and not quiet_talk else "other"


def baselines(linker: ProcedureLinker, text: str) -> dict[str, list[str]]:
    """Codes found by plain search, best first."""
    index, _ = linker.index()
    views = view_scores(index, make_query(text))
    ways = {
        "BM25, titles": views["title_bm25"],
        "BM25, titles and everyday names": np.maximum(views["title_bm25"], views["phrases_bm25"]),
        "character tf-idf, titles and names": np.maximum(views["title_characters"], views["name_characters"]),
    }
    return {name: [index.entries[row].code for row in np.argsort(-scores, kind="stable")[:DEPTH] if scores[row] > 0] for name, scores in ways.items()}


async def play(assistant: Assistant, linker: ProcedureLinker, cases: list[dict], *, first_only: bool = False, compare: bool = False) -> list[dict]:
    """One row a turn (see evaluation_report.py); `compare`: plain searches on first messages too."""
    index, _ = linker.index()
    rows = []
    for place, case in enumerate(cases):
        sender = f"evaluation-{place}"
        for number, (text, expect) in enumerate(zip(case["turns"], case["expect"], strict=True)):
            if first_only and number:
                break
            expect = {**{k: case[k] for k in ("pii", "emergency", "smalltalk") if k in case}, **expect}
            turn = await assistant.handle(sender, text, channel="batch")
            out = output_row(case["id"], number, turn)
            link = turn.parse.get("link") or {}
            wanted = expect.get("procedures") or []
            known = next((index.row_of[code] for code in wanted if code in index.row_of), None)
            rows.append(
                {
                    "case": f"{case['file']}:{case['id']}",
                    "turn": number,
                    "file": case["file"],
                    "style": case.get("style") or "none",
                    "kind": case.get("kind") or "",
                    "about": about(expect),
                    "aspect": expect.get("aspect") or "",
                    "verdict": judge(expect, out)[0],
                    "did": out["kind"],
                    "expected": wanted,
                    "known": known is not None,
                    "field": index.entries[known].field if known is not None else "",
                    "answered": out["procedures"],
                    "aspects": out["aspects"],
                    "sureness": link.get("sureness"),
                    "candidates": [one["code"] for one in link.get("candidates") or []][:DEPTH],
                    "code typed": bool(CODE.search(turn.message)),
                    "plain": baselines(linker, turn.parse.get("normalised") or text) if compare and not number else {},
                }
            )
        await assistant.forget(sender)
    return rows


def gather(assistant: Assistant, sets: dict[str, list[dict]], parts: list[str]) -> dict[str, dict[str, list[dict]]]:
    """Rows by set of cases and by what was switched off ("": nothing)."""
    linker = component(assistant, ProcedureLinker)
    found: dict[str, dict[str, list[dict]]] = {}
    for name, cases in sets.items():
        found[name] = {"": asyncio.run(play(assistant, linker, cases, compare=True))}
        for part in parts:
            how, _, first_only = PARTS[part]
            started = time.perf_counter()
            with how(linker):
                found[name][part] = asyncio.run(play(assistant, linker, cases, first_only=first_only))
            print(f"{name}, without {part}: {time.perf_counter() - started:.0f} s", file=sys.stderr)
    return found


# -- what was run ----------------------------------------------------------------------------------


def default_cases() -> dict[str, list[Path]]:
    shared = Path(os.environ.get("MOTCUA_SHARED") or ROOT.parent / "shared") / "cases"
    sets = {OWN: sorted((ROOT / "tests" / "cases").glob("*.jsonl")), SAMPLES: sorted(shared.glob("dev_*.jsonl"))}
    return {name: paths for name, paths in sets.items() if paths}


def revision() -> str:
    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", "*.py", "*.yml", "*.jsonl")
    return (git("rev-parse", "--short", "HEAD") or "unknown") + (", with changes not committed" if changed else "")


def model_in_use() -> tuple[str, str]:
    """(name, beginning of the digest) of the model file that `Assistant.load` took."""
    settings = get_settings()
    given = Path(settings.model) if settings.model else ROOT / "models" / f"motcua-{fingerprint()}.tar.gz"
    path = latest_model(given) if given.is_dir() else given
    return path.name, hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", type=Path, metavar="CASES", help="case files; default: see above")
    parser.add_argument("--model")
    parser.add_argument("--database")
    parser.add_argument("--no-ablation", action="store_true", help="everything switched on only")
    parser.add_argument("--json", type=Path, help="also save every turn")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", help="folder to write into")
    options = parser.parse_args()
    # Before anything reads the settings, as on the command line of the assistant.
    for name in ("model", "database"):
        if value := getattr(options, name):
            os.environ[f"MOTCUA_{name.upper()}"] = value
    files = {"given cases": options.cases} if options.cases else default_cases()
    sets = {name: [{**case, "file": path.stem} for path in paths for case in read_cases([path])] for name, paths in files.items()}
    started = time.perf_counter()
    assistant = Assistant.load(progress=True)
    settings = get_settings()
    store = open_store(settings.database)
    parts = [] if options.no_ablation else list(PARTS)
    entries = component(assistant, ProcedureLinker).index()[0].entries
    rows = gather(assistant, sets, parts)
    model, digest = model_in_use()
    result = {
        "run": {
            "date": settings.today().isoformat(),
            "revision": revision(),
            "model": model,
            "digest": digest,
            "fingerprint": fingerprint(),
            "database": store.engine.dialect.name,
            "counts": store.counts(),
            "procedures": len(entries),
            "described": sum(entry.detail for entry in entries),
            "seconds": round(time.perf_counter() - started),
        },
        "parts": {part: PARTS[part][1] for part in parts},
        "names": {entry.code: entry.name for entry in entries},
        "sets": rows,
    }
    options.docs.mkdir(parents=True, exist_ok=True)
    (options.docs / "evaluation.md").write_text(report(result), encoding="utf-8")
    (options.docs / "evaluation-calibration.svg").write_text(calibration_svg({name: runs[""] for name, runs in rows.items()}), encoding="utf-8")
    if options.json:
        options.json.write_text(json.dumps(result, ensure_ascii=False), encoding="utf-8")
    print(f"{options.docs / 'evaluation.md'}: {result['run']['seconds']} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
