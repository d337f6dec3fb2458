"""`motcua explain`: one message through the assistant, with everything that decided."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path

HELP = "giải thích cách trợ lý hiểu một câu"
EXAMPLE = 'motcua explain "lam giay khai sinh cho con can giay to gi"'


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", metavar="CÂU")
    parser.add_argument("--model")
    parser.add_argument("--save", metavar="TỆP.jsonl", help="ghi câu này thành tình huống kiểm tra (thêm vào cuối tệp)")
    parser.add_argument("--expect", metavar="MÃ", nargs="*", help="mã thủ tục đúng, dùng với --save")
    parser.add_argument("--aspect", help="loại câu hỏi đúng, dùng với --save")


def run(args: argparse.Namespace) -> int:
    from bot.assistant import Assistant
    from bot.cli import Complaint
    from bot.explaining import explain_turn
    from bot.rendering import answer_text

    if args.save and args.expect is None:
        raise Complaint("--save cần --expect MÃ (bỏ trống sau --expect nếu câu này phải được từ chối)", 2)
    assistant = Assistant.load(progress=True)
    turn = asyncio.run(assistant.handle("explain", args.text))
    print(answer_text(turn.answer))
    print(explain_turn(turn))
    if args.save:
        expect = {"procedures": args.expect, "aspect": args.aspect, "facts": [], "decline": not args.expect}
        case = {"id": f"saved-{abs(hash(turn.message)) % 10**8}", "style": "saved", "turns": [turn.message], "expect": [expect]}
        path = Path(args.save)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as handle:
            handle.write(json.dumps(case, ensure_ascii=False) + "\n")
        print(f"Đã ghi tình huống vào {path}")
    return 0
