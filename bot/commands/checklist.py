"""`motcua checklist`: the list of papers of one case, to read, to print or as a QR code. Loads nothing of Rasa."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HELP = "lập danh sách giấy tờ theo trường hợp; in ra HTML, PDF hoặc mã QR"
EXAMPLE = "motcua checklist 1.001193 --case thoi-han=qua-han nguoi-nop=uy-quyen --pdf khai-sinh.pdf"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", metavar="MÃ", help="mã thủ tục, ví dụ 1.001193")
    parser.add_argument("--case", nargs="+", default=[], metavar="CÂU=LỰA_CHỌN", help="câu trả lời cho từng câu hỏi; bỏ trống để xem các câu hỏi và lựa chọn")
    parser.add_argument("--place", metavar="TỈNH", help="tỉnh, thành phố nộp hồ sơ (khi lệ phí do tỉnh quyết định)")
    parser.add_argument("--html", type=Path, metavar="TỆP", help="ghi trang để in")
    parser.add_argument("--pdf", type=Path, metavar="TỆP", help="ghi bản PDF khổ A4")
    parser.add_argument("--qr", type=Path, metavar="TỆP", help="ghi mã QR (.png hoặc .svg) dẫn tới trang thủ tục")
    parser.add_argument("--qr-text", action="store_true", help="mã QR chứa chữ của danh sách thay cho đường dẫn")


def run(args: argparse.Namespace) -> int:
    from bot.cli import Complaint
    from knowledge.settings import get_settings
    from knowledge.store import open_store

    settings = get_settings()
    layers = open_store(settings.database).layers(args.code)
    if not layers:
        raise Complaint(f"không có thủ tục mã {args.code}; gõ “motcua search TỪ_KHÓA” để tìm mã")
    branches = next((layer.branches for layer in layers if layer.branches), [])
    case = _case(args.case, branches)

    from bot import printing

    made = printing.checklist_of({"code": args.code, "case": case}, place=args.place)
    written = False
    try:
        for path, content in (
            (args.html, lambda: printing.html(made).encode()),
            (args.pdf, lambda: printing.pdf(made)),
            (args.qr, lambda: printing.qr(made, "text" if args.qr_text else "link", as_svg=args.qr.suffix.lower() == ".svg")),
        ):
            if path is not None:
                path.write_bytes(content())
                print(f"Đã ghi {path}", file=sys.stderr)
                written = True
    except printing.PrintingError as error:
        raise Complaint(str(error)) from error
    except OSError as error:
        raise Complaint(f"không ghi được tệp: {error.strerror}: {error.filename}") from error
    if not written:
        print(printing.text(made))
        waiting = [b for b in branches if b.id not in case]
        if waiting:
            print("\nCâu hỏi còn để ngỏ (thêm --case CÂU=LỰA_CHỌN):")
            for branch in waiting:
                print(f"  {branch.id}: {branch.question} " + "; ".join(f"{o['id']} ({o['label']})" for o in branch.options))
    return 0


def _case(pairs: list[str], branches: list) -> dict[str, str]:
    """{'thoi-han': 'qua-han'}; a wrong pair is named with what is possible."""
    from bot.cli import Complaint

    known = {b.id: [o["id"] for o in b.options] for b in branches}
    case: dict[str, str] = {}
    for pair in pairs:
        branch, sign, option = pair.partition("=")
        if not sign or branch not in known:
            raise Complaint(f"--case {pair!r}: thủ tục này có các câu {', '.join(known) or '(không có câu nào)'}; viết dạng CÂU=LỰA_CHỌN", 2)
        if option not in known[branch] and option != "unknown":
            raise Complaint(f"--case {pair!r}: lựa chọn của câu {branch} là {', '.join(known[branch])} hoặc unknown", 2)
        case[branch] = option
    return case
