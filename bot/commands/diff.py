"""`motcua diff`: what changed between two databases, or what an import would change."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path

HELP = "so hai cơ sở dữ liệu, hoặc xem trước một lần nhập sẽ thay đổi những gì"
EXAMPLE = "motcua diff truoc.db sau.db   |   motcua diff du-lieu/cong-dvc"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("before", metavar="A", help="cơ sở dữ liệu (tệp .db hoặc URL); nếu không có B: tệp, thư mục sẽ nhập")
    parser.add_argument("after", nargs="?", metavar="B", help="cơ sở dữ liệu để so với A")
    parser.add_argument("--json", action="store_true", help="mỗi thay đổi một dòng JSON")


def run(args: argparse.Namespace) -> int:
    from bot.cli import Complaint
    from knowledge.changes import compare
    from knowledge.importers.rejection import Rejection
    from knowledge.importers.run import read_records
    from knowledge.settings import get_settings
    from knowledge.store import Store, open_store

    def store_of(text: str) -> Store:
        if "://" in text:
            return Store.open(text, fill=False)
        if not Path(text).is_file():
            raise Complaint(f"không thấy cơ sở dữ liệu {text}", 2)
        return Store.open(f"sqlite:///{Path(text).resolve()}", fill=False)

    rejected = 0
    if args.after:
        old, new = store_of(args.before), store_of(args.after)
        changes = compare(old.digests(), new.digests(), lambda key: old.layer(*key), lambda key: new.layer(*key))
    else:
        path = Path(args.before)
        if not path.exists():
            raise Complaint(f"không thấy: {path}", 2)
        old = open_store(get_settings().database)
        records = {}
        for item in read_records([path]):
            if isinstance(item, Rejection):
                rejected += 1
            elif item.source.origin != "list" or (item.code, "list") not in records:
                records[item.code, item.source.origin] = item
        before = old.digests()
        # lists only fill gaps: a layer that is there stays
        digests = {key: before.get(key, "new") if key[1] == "list" else record.digest() for key, record in records.items()}
        changes = compare(before, digests, lambda key: old.layer(*key), records.__getitem__, gone=False)
    counts: Counter[str] = Counter()
    for change in changes:
        counts[change.kind] += 1
        print(json.dumps(asdict(change), ensure_ascii=False) if args.json else change.text())
    if not args.json:
        print(f"Mới {counts['new']}, thay đổi {counts['changed']}, không còn {counts['gone']}." if counts else "Không có gì khác nhau.")
        if rejected:
            print(f"Bị từ chối {rejected} (lý do: xem báo cáo của motcua import).")
    return 0
