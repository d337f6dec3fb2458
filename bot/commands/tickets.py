"""`motcua tickets`: the questions that people left for an official."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from typing import Any

HELP = "xem, trả lời, đóng câu hỏi gửi cán bộ"
EXAMPLE = "motcua tickets list · motcua tickets answer BCD234 'Bạn mang theo ...'"
STATES = {"open": "chờ trả lời", "answered": "đã trả lời", "closed": "đã đóng"}


def arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="VIỆC", required=True)
    listing = actions.add_parser("list", help="liệt kê phiếu, cũ nhất trước")
    listing.add_argument("--all", action="store_true", help="cả phiếu đã trả lời và đã đóng")
    listing.add_argument("--json", action="store_true", help="mỗi phiếu một dòng JSON")
    show = actions.add_parser("show", help="xem một phiếu")
    show.add_argument("code", metavar="MÃ")
    show.add_argument("--json", action="store_true", help="một dòng JSON")
    answer = actions.add_parser("answer", help="trả lời; người hỏi nhận ở kênh đã hỏi")
    answer.add_argument("code", metavar="MÃ")
    answer.add_argument("text", metavar="NỘI-DUNG", help="câu trả lời; - để đọc từ đầu vào chuẩn")
    close = actions.add_parser("close", help="đóng phiếu; từ đó không gửi gì cho người hỏi nữa")
    close.add_argument("code", metavar="MÃ")


def when(seconds: float | None) -> str:
    """Seconds since 1970 as Vietnamese local time; '' for None."""
    from knowledge.settings import VIETNAM

    return dt.datetime.fromtimestamp(seconds, VIETNAM).strftime("%d/%m/%Y %H:%M") if seconds else ""


def public(row: dict[str, Any]) -> dict[str, Any]:
    """A ticket without the conversation's name."""
    return {key: value for key, value in row.items() if key not in ("id", "person")}


def line(row: dict[str, Any]) -> str:
    question = row["question"] or (row["summary"][-1] if row["summary"] else "(chưa có nội dung)")
    return f"{row['code']}  {when(row['created_at'])}  {STATES[row['state']]:12}  {row['procedure'] or '-':9}  {question[:90]}"


def run(args: argparse.Namespace) -> int:
    from bot.cli import Complaint
    from knowledge.desk import open_desk
    from knowledge.settings import get_settings

    desk = open_desk(get_settings().database)
    if args.action == "list":
        desk.clean()
        rows = desk.tickets(None if args.all else "open")
        for row in rows:
            print(json.dumps(public(row), ensure_ascii=False) if args.json else line(row))
        if not rows and not args.json:
            print("Không có phiếu nào đang chờ." if not args.all else "Chưa có phiếu nào.")
        return 0
    row = desk.ticket(args.code)
    if row is None:
        raise Complaint(f"không có phiếu {args.code}. Gõ “motcua tickets list --all” để xem các phiếu.")
    if args.action == "show":
        print(json.dumps(public(row), ensure_ascii=False) if args.json else whole(row))
        return 0
    if args.action == "answer":
        text = (sys.stdin.read() if args.text == "-" else args.text).strip()
        if not text:
            raise Complaint("câu trả lời đang trống.", 2)
        if not desk.answer_ticket(args.code, text):
            raise Complaint(f"phiếu {row['code']} đã đóng nên không trả lời được nữa.")
        print(f"Đã trả lời phiếu {row['code']}; người hỏi nhận ở kênh {row['channel']}.")
        return 0
    if not desk.close_ticket(args.code):
        raise Complaint(f"phiếu {row['code']} đã đóng từ trước.")
    print(f"Đã đóng phiếu {row['code']}.")
    return 0


def whole(row: dict[str, Any]) -> str:
    """A ticket for a reader."""
    told = " (người hỏi đã nhận)" if row["told_at"] else " (người hỏi chưa nhận)" if row["answer"] and row["state"] == "answered" else ""
    out = [f"Phiếu {row['code']} – {STATES[row['state']]}{told}, kênh {row['channel']}, gửi {when(row['created_at'])}"]
    if row["question"]:
        out.append(f"Câu hỏi: {row['question']}")
    out += [f"  {text}" for text in row["summary"]]
    if row["answer"]:
        out.append(f"Trả lời ({when(row['answered_at'])}): {row['answer']}")
    return "\n".join(out)
