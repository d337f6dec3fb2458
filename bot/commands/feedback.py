"""`motcua feedback`: what people think of answers, and which lines they report as wrong."""

from __future__ import annotations

import argparse
import json
from typing import Any

HELP = "xem góp ý về câu trả lời và dòng bị báo sai"
EXAMPLE = "motcua feedback · motcua feedback --done 12 --note 'đã sửa lệ phí'"
KINDS = {"good": "có ích", "bad": "chưa đúng", "line": "dòng sai"}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--all", action="store_true", help="cả lời khen và việc đã xem xong")
    parser.add_argument("--counts", action="store_true", help="chỉ đếm theo loại và lý do")
    parser.add_argument("--json", action="store_true", help="mỗi góp ý một dòng JSON")
    parser.add_argument("--done", type=int, metavar="SỐ", help="đánh dấu góp ý số này đã xem xong")
    parser.add_argument("--note", metavar="GHI-CHÚ", help="đi với --done: đã làm gì")


def run(args: argparse.Namespace) -> int:
    from bot.cli import Complaint
    from knowledge.desk import open_desk
    from knowledge.settings import get_settings

    desk = open_desk(get_settings().database)
    if args.note and args.done is None:
        raise Complaint("--note cần đi cùng --done.", 2)
    if args.done is not None:
        if not desk.report_done(args.done, args.note):
            raise Complaint(f"không có góp ý số {args.done} đang chờ.")
        print(f"Đã đánh dấu góp ý số {args.done} là xong.")
        return 0
    if args.counts:
        counts = desk.feedback_counts()
        print(json.dumps(counts, ensure_ascii=False) if args.json else "\n".join(f"{name}: {number}" for name, number in sorted(counts.items())) or "Chưa có góp ý nào.")
        return 0
    rows = desk.reports(tuple(KINDS), None) if args.all else desk.reports()
    for row in rows:
        print(json.dumps(row, ensure_ascii=False) if args.json else text(row))
    if not rows and not args.json:
        print("Không có góp ý nào đang chờ xem.")
    return 0


def text(row: dict[str, Any]) -> str:
    """A report for a reader."""
    from bot.commands.tickets import when

    out = [f"{row['id']}. {when(row['created_at'])}  {KINDS[row['kind']]}{' – ' + row['reason'] if row['reason'] else ''}  {row['procedure'] or ''} {' '.join(row['aspects'])}".rstrip()]
    if row["row_id"]:
        out.append(f"   dòng {row['row_id']}: {row['line'] or '(không còn lời của dòng)'}")
    if row["question"]:
        out.append(f"   câu hỏi: {row['question']}")
    if row["state"] == "done":
        out.append(f"   đã xem xong{': ' + row['note'] if row['note'] else ''}")
    return "\n".join(out)
