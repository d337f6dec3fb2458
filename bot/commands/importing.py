"""`motcua import`: brings procedures and guidance documents into the knowledge base (contract.md)."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HELP = "đưa thủ tục và văn bản hướng dẫn vào cơ sở dữ liệu"
EXAMPLE = "motcua import du-lieu/cong-dvc danh-sach.xlsx tai-lieu.docx"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="ĐƯỜNG-DẪN", help="tệp hoặc thư mục: JSON của cổng, JSONL, danh sách XLSX, văn bản .txt .docx .pdf .html")


def run(args: argparse.Namespace) -> int:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from bot.cli import Complaint
    from knowledge.importers.run import import_paths
    from knowledge.settings import get_settings
    from knowledge.store import open_store

    paths = [Path(p) for p in args.paths]
    missing = [str(p) for p in paths if not p.exists()]
    if missing:
        raise Complaint(f"không thấy: {', '.join(missing)}", 2)
    store = open_store(get_settings().database)
    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("Đang đọc", total=None)

        def tell(done: int, total: int, name: str) -> None:
            bar.update(task, completed=done, total=total, description=name[:40])

        report = import_paths(store, paths, tell)
    print(report.text())
    return 1 if report.rejected else 0
