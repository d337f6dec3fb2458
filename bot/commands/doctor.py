"""`motcua doctor`: says in words what is missing."""

from __future__ import annotations

import argparse
import importlib
import sys

HELP = "kiểm tra cài đặt và nói rõ còn thiếu gì"
EXAMPLE = "motcua doctor"
PACKAGES = ("rasa", "rasa_sdk", "spacy", "underthesea", "sqlalchemy", "alembic", "telegram", "sklearn")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model")


def run(args: argparse.Namespace) -> int:
    from importlib.util import find_spec

    from bot.training import MODELS, ModelError, fingerprint
    from knowledge.settings import get_settings
    from knowledge.store import StoreError, _safe, open_store

    settings = get_settings()
    problems = 0

    def tell(good: bool, text: str) -> None:
        nonlocal problems
        problems += not good
        print(("  tốt   " if good else "  THIẾU ") + text)

    tell(sys.version_info[:2] == (3, 10), f"Python {sys.version.split()[0]}" + ("" if sys.version_info[:2] == (3, 10) else " – cần Python 3.10"))
    missing = [name for name in PACKAGES if find_spec(name) is None]
    tell(not missing, "các gói phần mềm" + (f" – thiếu {', '.join(missing)}; chạy “make install”" if missing else ""))
    try:
        importlib.import_module("nlu.text")
        store = open_store(settings.database)
        counts = store.counts()
        described = sum(n for key, n in counts.items() if key in ("procedures:curated", "procedures:structured", "procedures:portal"))
        tell(True, f"cơ sở dữ liệu {_safe(settings.database)}: {len(store.codes())} thủ tục ({described} bản ghi có chi tiết), {counts['passages']} đoạn hướng dẫn")
        tell(described > 0, "dữ liệu thủ tục" + ("" if described else " – chưa có; chạy “motcua import ĐƯỜNG-DẪN”"))
    except StoreError as error:
        tell(False, str(error))
    try:
        if settings.model:
            from bot.training import find_or_train

            tell(True, f"mô hình {find_or_train(settings)}")
        else:
            wanted = MODELS / f"motcua-{fingerprint()}.tar.gz"
            tell(wanted.is_file(), f"mô hình {wanted.name}" + ("" if wanted.is_file() else " – chưa huấn luyện cho dữ liệu hiện tại; chạy “motcua train” (lần chạy đầu cũng tự huấn luyện)"))
    except ModelError as error:
        tell(False, str(error))
    print(f"Ngày dùng để tính lệ phí: {settings.today().isoformat()} (giờ Việt Nam)")
    return 1 if problems else 0
