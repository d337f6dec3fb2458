"""`motcua search`: the index itself, without the conversation."""

from __future__ import annotations

import argparse
import json

HELP = "tìm thủ tục hoặc đoạn văn bản hướng dẫn"
EXAMPLE = "motcua search bằng lái bị mất --limit 5"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", nargs="+", metavar="TỪ")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--kind", choices=("procedure", "guidance"), help="chỉ tìm một loại")
    parser.add_argument("--limit", type=int, default=10)


def run(args: argparse.Namespace) -> int:
    from knowledge.search.service import search
    from knowledge.settings import get_settings
    from knowledge.store import open_store

    settings = get_settings()
    found = search(open_store(settings.database), " ".join(args.words), kind=args.kind, limit=max(1, args.limit), cache=settings.cache)
    if args.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        for hit in found:
            print(f"{hit['score']:6.2f}  {hit['id']}  {hit['title']}\n        {hit['snippet']}")
        if not found:
            print("Không tìm thấy.")
    return 0
