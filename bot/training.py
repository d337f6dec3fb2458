"""Find the trained model, or train it: `motcua train`, and on first use."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from knowledge.settings import Settings
from nlu.linking import ahead

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "models"
DATA = ["nlu/data", "bot/rules", "bot/stories"]
DOMAIN = "bot/domain"


class ModelError(Exception):
    """The model cannot be used; the message says in Vietnamese what to do."""


def fingerprint(root: Path = ROOT) -> str:
    """Of everything that training reads, and of the code of the components."""
    digest = hashlib.sha256()
    paths = [root / "config.yml", root / "uv.lock"]
    for folder, patterns in (("nlu", ("*.py", "*.yml", "*.jsonl")), ("bot/domain", ("*.yml",)), ("bot/rules", ("*.yml",)), ("knowledge/search", ("*.py",)), ("knowledge/catalogue", ("*.yml", "*.csv"))):
        for pattern in patterns:
            paths += sorted((root / folder).rglob(pattern))
    for path in paths:
        if path.is_file():
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def latest_model(folder: Path = MODELS) -> Path | None:
    models = sorted(folder.glob("*.tar.gz"), key=lambda p: p.stat().st_mtime) if folder.is_dir() else []
    return models[-1] if models else None


def find_or_train(settings: Settings, *, progress: bool = False) -> Path:
    """The model of the settings, else the one that fits the present files, trained when missing."""
    if settings.model:
        path = Path(settings.model)
        if path.is_dir():
            found = latest_model(path)
            if found is None:
                raise ModelError(f"Thư mục {path} không có mô hình nào (*.tar.gz). Hãy chạy “motcua train” hoặc bỏ tùy chọn --model.")
            return found
        if not path.is_file():
            raise ModelError(f"Không thấy mô hình {path}. Hãy chạy “motcua train” hoặc bỏ tùy chọn --model.")
        return path
    wanted = MODELS / f"motcua-{fingerprint()}.tar.gz"
    if wanted.is_file():
        return wanted
    if progress:
        print("Đang huấn luyện mô hình (lần đầu hoặc dữ liệu vừa đổi), mất chừng hai phút ...", file=sys.stderr, flush=True)
    return train(wanted)


def train(target: Path) -> Path:
    """Train with Rasa and keep only this model. Raises ModelError."""
    from bot.quiet import quiet
    from knowledge.settings import get_settings

    settings = get_settings()
    quiet(settings.log_level)
    ahead.begin(settings.database, settings.cache)
    try:
        return _train(target, settings.log_level)
    finally:
        ahead.end()


def _train(target: Path, log_level: str) -> Path:
    import contextlib
    import io
    import os

    import rasa.model_training

    from bot.quiet import quiet_structlog

    quiet_structlog(log_level)
    target.parent.mkdir(parents=True, exist_ok=True)
    before = os.getcwd()
    os.chdir(ROOT)  # rasa reads and caches relative to the working folder
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            result = rasa.model_training.train(
                domain=DOMAIN,
                config="config.yml",
                training_files=[p for p in DATA if (ROOT / p).exists()],
                output=str(target.parent),
                fixed_model_name=target.name,
                force_training=True,
                core_additional_arguments={"augmentation_factor": 0},  # stories glued together teach rules nothing
            )
    except Exception as error:
        raise ModelError(f"Huấn luyện không thành công: {error}") from error
    finally:
        os.chdir(before)
    if result.code != 0 or not result.model:
        raise ModelError(f"Huấn luyện không thành công. {said.getvalue().strip()[-500:]}")
    for old in target.parent.glob("motcua-*.tar.gz"):
        if old != target:
            old.unlink(missing_ok=True)
    return Path(result.model)
