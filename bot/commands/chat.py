"""`motcua chat`: the conversation in a shell."""

from __future__ import annotations

import argparse

HELP = "trò chuyện với trợ lý trong cửa sổ lệnh"
EXAMPLE = "motcua chat"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", help="tệp mô hình; mặc định tự tìm hoặc tự huấn luyện")
    parser.add_argument("--explain", action="store_true", help="hiện cách hiểu của từng lượt (dành cho cán bộ)")


def run(args: argparse.Namespace) -> int:
    from bot.channels.shell import Shell

    return Shell(explain=args.explain).run()
