"""`motcua eval`: judges case files (see docs/evaluation.md), prints a table, saves JSON."""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from pathlib import Path

HELP = "chấm trợ lý trên các tệp tình huống"
EXAMPLE = "motcua eval tests/cases/*.jsonl --min 0.85"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("cases", nargs="+", metavar="TỆP.jsonl")
    parser.add_argument("--model")
    parser.add_argument("--min", type=float, default=0.0, metavar="TỈ LỆ", help="trạng thái thoát 1 khi tỉ lệ lượt đạt thấp hơn")
    parser.add_argument("--json", metavar="TỆP", help="lưu kết quả; mặc định results/eval.json")
    parser.add_argument("--show", type=int, default=40, metavar="N", help="in N lượt không đạt")
    parser.add_argument("--described-only", action="store_true", help="chỉ chấm tình huống có thủ tục mà cơ sở dữ liệu có chi tiết")


def run(args: argparse.Namespace) -> int:
    from rich.console import Console
    from rich.table import Table

    from bot.assistant import Assistant
    from bot.cli import Complaint
    from bot.commands.batch import play
    from bot.judging import VERDICTS, judge_files, read_cases

    paths = [Path(p) for p in args.cases]
    for path in paths:
        if not path.is_file():
            raise Complaint(f"không thấy tệp {path}", 2)
    try:
        cases = read_cases(paths)
    except ValueError as error:
        raise Complaint(str(error), 2) from error
    assistant = Assistant.load(progress=True)
    if args.described_only:
        from knowledge.records import NAMED_ONLY
        from knowledge.settings import get_settings
        from knowledge.store import open_store

        store = open_store(get_settings().database)

        def described(case: dict) -> bool:
            codes = {c for e in case["expect"] for c in e.get("procedures") or []}
            return not codes or any(layer.source.origin not in NAMED_ONLY for c in codes for layer in store.layers(c))

        cases = [case for case in cases if described(case)]
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.jsonl", Path(folder) / "out.jsonl"
        source.write_text("".join(json.dumps({"id": c["id"], "turns": c["turns"]}, ensure_ascii=False) + "\n" for c in cases), encoding="utf-8")
        with target.open("w", encoding="utf-8") as out:
            asyncio.run(play(assistant, source, out, lambda _: None))
        rows = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    result = judge_files(cases, rows)
    table = Table("", "n", *VERDICTS)
    for name, told in result["tables"].items():
        table.add_row(name, str(told["n"]), *(f"{told[v]:.1%}" for v in VERDICTS))
    console = Console(width=110)
    console.print(table)
    console.print(f"Hội thoại đạt trọn: {result['whole']['passed']}/{result['whole']['conversations']}")
    if result["linker"]["n"]:
        console.print(f"Liên kết: n {result['linker']['n']}, R@1 {result['linker']['R@1']:.3f}, R@10 {result['linker']['R@10']:.3f}")
    for line in result["failures"][: args.show]:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    target = Path(args.json or "results/eval.json")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(result, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0 if result["tables"]["all"]["pass"] >= args.min else 1
