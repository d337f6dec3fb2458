"""`motcua train`."""

from __future__ import annotations

import argparse
import time

HELP = "huấn luyện mô hình hiểu câu hỏi"
EXAMPLE = "motcua train"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", metavar="TỆP", help="ghi mô hình vào tệp .tar.gz này; mặc định: thư mục models/ của dự án")


def run(args: argparse.Namespace) -> int:
    from pathlib import Path

    from bot.training import MODELS, fingerprint, train
    from knowledge.settings import get_settings
    from knowledge.store import open_store

    started = time.perf_counter()
    open_store(get_settings().database)
    target = Path(args.out).resolve() if args.out else MODELS / f"motcua-{fingerprint()}.tar.gz"
    model = train(target)
    print(f"Đã huấn luyện trong {time.perf_counter() - started:.0f} giây: {model}")
    return 0
