"""The one typed place of all settings; every one can be set by environment (docs/settings.md)."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from dataclasses import field as attribute
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from platformdirs import user_cache_path, user_data_path

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
OPENING_HOURS = "giờ hành chính các ngày làm việc; mỗi nơi có thể khác, bạn nên hỏi trước nơi mình đến."


def _default_database() -> str:
    return f"sqlite:///{user_data_path('motcua') / 'motcua.db'}"


@dataclass(frozen=True)
class Settings:
    """Attributes name what they hold; the environment variable is MOTCUA_<NAME>."""

    database: str = attribute(default_factory=_default_database)  # any SQLAlchemy URL
    model: str | None = None  # trained model file or folder; None: found or trained
    as_of: dt.date | None = None  # the day that counts as today; None: today in Viet Nam
    cache: Path = attribute(default_factory=lambda: user_cache_path("motcua"))  # search indexes, never needed
    log_level: str = "ERROR"
    opening_hours: str = OPENING_HOURS  # what people hear who ask for an official

    def today(self) -> dt.date:
        """The day for which fees and windows are computed."""
        return self.as_of or dt.datetime.now(VIETNAM).date()


def from_environment() -> Settings:
    """Raises ValueError in Vietnamese words when MOTCUA_AS_OF is not a date."""
    values: dict = {}
    if database := os.environ.get("MOTCUA_DATABASE"):
        values["database"] = database
    if model := os.environ.get("MOTCUA_MODEL"):
        values["model"] = model
    if as_of := os.environ.get("MOTCUA_AS_OF"):
        try:
            values["as_of"] = dt.date.fromisoformat(as_of)
        except ValueError:
            raise ValueError(f"MOTCUA_AS_OF phải là ngày dạng NĂM-THÁNG-NGÀY, ví dụ 2026-11-21; hiện là {as_of!r}") from None
    if cache := os.environ.get("MOTCUA_CACHE"):
        values["cache"] = Path(cache)
    if level := os.environ.get("MOTCUA_LOG_LEVEL"):
        values["log_level"] = level.upper()
    if hours := os.environ.get("MOTCUA_OPENING_HOURS"):
        values["opening_hours"] = hours
    return Settings(**values)


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process. The command line puts its options into the environment first."""
    return from_environment()
