"""The command line: `motcua <command>`. Each command is one file in bot/commands."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import re
import sys
from importlib import import_module

COMMANDS = ("chat", "batch", "show", "search", "checklist", "import", "review", "validate", "diff", "export", "train", "eval", "explain", "tickets", "feedback", "serve", "zalo", "doctor")
# Python keywords and builtins cannot name a module well.
MODULES = {"import": "importing", "eval": "evaluate"}


# What argparse says, in Vietnamese.
COMPLAINTS = (
    (r"the following arguments are required: (.*)", r"thiếu \1"),
    (r"unrecognized arguments: (.*)", r"không có tùy chọn hay tham số \1"),
    (r"argument (.+?): invalid choice: (.+?) \(choose from (.*)\)", r"\1 không thể là \2 (chọn một trong: \3)"),
    (r"argument (.+?): invalid (?:int|float) value: (.*)", r"\1 cần một con số, không phải \2"),
    (r"argument (.+?): expected (?:one|at least one) argument", r"\1 cần một giá trị"),
    (r"argument (.+?): not allowed with argument (.*)", r"\1 không dùng chung với \2"),
    (r"ambiguous option: (.+?) could match (.*)", r"tùy chọn \1 chưa rõ (có: \2)"),
    (r"^argument (.+?): ", r"\1: "),
)


class Complaint(Exception):
    """Something the user must mend: one line, exit status `status` (1 done with complaints, 2 wrong use)."""

    def __init__(self, message: str, status: int = 1):
        super().__init__(message)
        self.status = status


class Parser(argparse.ArgumentParser):
    """Wrong use in one Vietnamese line, exit status 2."""

    def error(self, message: str) -> None:
        for english, vietnamese in COMPLAINTS:
            message = re.sub(english, vietnamese, message)
        self.exit(2, f"motcua: {message}. Gõ “{self.prog} --help” để xem cách dùng.\n")


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} không phải ngày dạng NĂM-THÁNG-NGÀY (ví dụ 2026-11-21)") from None


def common() -> argparse.ArgumentParser:
    """Options that every command takes."""
    parent = argparse.ArgumentParser(add_help=False)
    parent.add_argument("--database", metavar="URL", help="cơ sở dữ liệu (mọi URL của SQLAlchemy); mặc định: tệp SQLite trong thư mục dữ liệu của người dùng hoặc MOTCUA_DATABASE")
    parent.add_argument("--as-of", type=_date, metavar="NĂM-THÁNG-NGÀY", help="ngày tính lệ phí và hiệu lực; mặc định: hôm nay theo giờ Việt Nam")
    parent.add_argument("--debug", action="store_true", help="hiện đầy đủ lỗi")
    return parent


def parser() -> argparse.ArgumentParser:
    main_parser = Parser(prog="motcua", description="Một Cửa: trợ lý tra cứu thủ tục hành chính, mỗi câu trả lời đều có nguồn.")
    subparsers = main_parser.add_subparsers(dest="command", metavar="LỆNH", required=True, parser_class=Parser)
    parent = common()
    for name in COMMANDS:
        module = import_module(f"bot.commands.{MODULES.get(name, name)}")
        sub = subparsers.add_parser(
            name, help=module.HELP, description=module.HELP, epilog=f"Ví dụ: {module.EXAMPLE}", parents=[parent], formatter_class=argparse.RawDescriptionHelpFormatter
        )
        module.arguments(sub)
        sub.set_defaults(run=module.run)
    return main_parser


def main(argv: list[str] | None = None) -> int:
    args = parser().parse_args(argv)
    # Options win over the environment; everything below reads one Settings object.
    if args.database:
        os.environ["MOTCUA_DATABASE"] = args.database
    if args.as_of:
        os.environ["MOTCUA_AS_OF"] = args.as_of.isoformat()
    if getattr(args, "model", None):
        os.environ["MOTCUA_MODEL"] = args.model
    if args.debug:
        os.environ.setdefault("MOTCUA_LOG_LEVEL", "WARNING")
    from bot.training import ModelError
    from knowledge.importers.catalogue import CatalogueError
    from knowledge.settings import get_settings
    from knowledge.store import StoreError

    try:
        get_settings()
    except ValueError as error:  # a setting in the environment, named in the message
        print(f"motcua: {error}", file=sys.stderr)
        return 2
    try:
        return args.run(args) or 0
    except Complaint as complaint:
        print(f"motcua: {complaint}", file=sys.stderr)
        return complaint.status
    except (StoreError, ModelError, CatalogueError) as error:
        if args.debug:
            raise
        print(f"motcua: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if args.debug:
            raise
        print(f"motcua: lỗi không lường trước: {type(error).__name__}: {error}. Chạy lại với --debug để xem chi tiết.", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
