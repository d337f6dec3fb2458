"""`motcua validate`: is the knowledge base in order."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path

HELP = "kiểm tra dữ liệu: lược đồ, dẫn chiếu, mức thu hết hiệu lực, nguồn, tên trùng, thủ tục giống nhau"
EXAMPLE = "motcua validate --kind dead-reference"
SHOWN = 20  # of each kind, unless one kind is asked for


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("catalogue", nargs="?", metavar="THƯ-MỤC", help="thư mục danh mục (LĨNH-VỰC/MÃ.yml); mặc định: danh mục đi kèm")
    parser.add_argument("--kind", action="append", metavar="LOẠI", help="chỉ loại này; dùng được nhiều lần")
    parser.add_argument("--json", action="store_true", help="mỗi điều một dòng JSON")


def run(args: argparse.Namespace) -> int:
    """Exit status 1 when there is an error; warnings alone are 0."""
    from bot.cli import Complaint
    from knowledge.importers.catalogue import CATALOGUE
    from knowledge.settings import get_settings
    from knowledge.store import open_store
    from knowledge.validate import validate_files, validate_store

    root = Path(args.catalogue) if args.catalogue else CATALOGUE
    if not root.is_dir():
        raise Complaint(f"không thấy thư mục {root}", 2)
    settings = get_settings()
    problems = [*validate_files(root), *validate_store(open_store(settings.database), settings.today())]
    problems = [one for one in problems if not args.kind or one.kind in args.kind]
    problems.sort(key=lambda one: (one.severity, one.kind, one.where))
    counts = Counter((one.severity, one.kind) for one in problems)
    if args.json:
        for one in problems:
            print(json.dumps(asdict(one), ensure_ascii=False))
    else:
        shown: Counter[str] = Counter()
        for one in problems:
            shown[one.kind] += 1
            if args.kind or one.severity == "error" or shown[one.kind] <= SHOWN:
                print(f"{'LỖI     ' if one.severity == 'error' else 'cảnh báo'}  {one.kind}  {one.where}: {one.text}")
        print("Tổng cộng:" if counts else "Dữ liệu hợp lệ, không có cảnh báo.")
        for (severity, kind), number in sorted(counts.items()):
            print(f"{number:6}  {'lỗi' if severity == 'error' else 'cảnh báo'}  {kind}" + (f" (mới in {SHOWN}; xem hết: --kind {kind})" if severity != "error" and number > SHOWN and not args.kind else ""))
    return 1 if any(one.severity == "error" for one in problems) else 0
