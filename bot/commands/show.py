"""`motcua show`: a procedure as structure (JSON) or for a reader. Loads nothing of Rasa."""

from __future__ import annotations

import argparse
import json
import sys

HELP = "xem một hay nhiều thủ tục theo mã"
EXAMPLE = "motcua show 1.004194 --json"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("codes", nargs="+", metavar="MÃ", help="mã thủ tục, ví dụ 1.004194")
    parser.add_argument("--json", action="store_true", help="mỗi thủ tục một dòng JSON")


def run(args: argparse.Namespace) -> int:
    from knowledge.settings import get_settings
    from knowledge.store import open_store
    from knowledge.views import as_contract, as_text

    settings = get_settings()
    store = open_store(settings.database)
    status = 0
    for code in args.codes:
        layers = store.layers(code.strip())
        if not layers:
            print(f"motcua: không có thủ tục mã {code}", file=sys.stderr)
            status = 1
            continue
        if args.json:
            print(json.dumps(as_contract(layers, settings.today()), ensure_ascii=False))
        else:
            print(as_text(layers, settings.today()))
    return status
