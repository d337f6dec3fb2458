"""`motcua export`: the knowledge base as YAML files and a CSV overview; `motcua import` reads them back."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HELP = "ghi cơ sở dữ liệu thành tệp YAML (mỗi thủ tục một tệp) và bảng CSV cho người biên tập"
EXAMPLE = "motcua export ban-bien-tap --origin curated"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="THƯ-MỤC", help="nơi ghi; tệp đã có bị ghi đè")
    parser.add_argument("--origin", action="append", choices=("curated", "structured", "portal", "list", "register"), help="chỉ lớp này (mặc định: curated, structured, portal); dùng được nhiều lần")


def run(args: argparse.Namespace) -> int:
    from rich.console import Console
    from rich.progress import Progress

    from bot.cli import Complaint
    from knowledge.exchange import OVERVIEW, export
    from knowledge.settings import get_settings
    from knowledge.store import open_store

    settings = get_settings()
    folder = Path(args.folder)
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("Đang ghi", total=None)
        try:
            counts = export(
                open_store(settings.database), folder, settings.today(), origins=args.origin or ("curated", "structured", "portal"),
                tell=lambda done, total: bar.update(task, completed=done, total=total),
            )  # fmt: skip
        except OSError as error:
            raise Complaint(f"không ghi được vào {folder}: {error.strerror or error}") from error
    print(f"Đã ghi {sum(counts.values())} tệp vào {folder} ({', '.join(f'{origin}: {number}' for origin, number in sorted(counts.items())) or 'không có gì'}); bảng tổng quan: {folder / OVERVIEW}")
    return 0
