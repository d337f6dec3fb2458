"""`motcua review`: what an editor should look at in the knowledge base."""

from __future__ import annotations

import argparse
import itertools
import json
from collections import Counter
from dataclasses import asdict

HELP = "liệt kê điều người biên tập cần xem: góp ý của người dùng, cờ dữ liệu, chỗ các lớp dữ liệu nói khác nhau"
EXAMPLE = "motcua review --kind differs-amounts --kind free-but-amounts"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kind", action="append", metavar="LOẠI", help="chỉ loại này (xem docs/data-flags.md); dùng được nhiều lần")
    parser.add_argument("--code", action="append", metavar="MÃ", help="chỉ thủ tục này; dùng được nhiều lần")
    parser.add_argument("--json", action="store_true", help="mỗi điều một dòng JSON")


def run(args: argparse.Namespace) -> int:
    from knowledge.review import reported, review
    from knowledge.settings import get_settings
    from knowledge.store import open_store

    settings = get_settings()
    chosen = {"kinds": set(args.kind) if args.kind else None, "codes": set(args.code) if args.code else None}
    found = itertools.chain(reported(settings.database, **chosen), review(open_store(settings.database), settings.today(), **chosen))
    counts: Counter[str] = Counter()
    for one in found:
        counts[one.kind] += 1
        if args.json:
            print(json.dumps(asdict(one), ensure_ascii=False))
        elif args.kind or args.code or one.kind.startswith(("differs-", "reported-")):
            print(f"{one.code}  {one.kind}  [{one.layer}] {one.field}: {one.text}")
    if not args.json:
        if counts:
            print("Tổng cộng theo loại:")
            print("\n".join(f"{number:6}  {kind}" for kind, number in counts.most_common()))
            if not (args.kind or args.code):
                print("Xem từng điều của một loại: motcua review --kind LOẠI")
        else:
            print("Không có điều gì cần xem.")
    return 0
