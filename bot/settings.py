"""Settings of the server and its channels, read from the environment; secrets come only from there (docs/channels.md)."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

TELEGRAM_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")
ZALO_SECRET = re.compile(r"\S{8,256}")


class SettingsError(ValueError):
    """A setting cannot be used; the message names it in Vietnamese."""


@dataclass(frozen=True)
class TelegramSettings:
    """`webhook_secret` set: webhook under the public URL; otherwise long polling."""

    token: str = field(repr=False)
    api: str = "https://api.telegram.org"
    webhook_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class ZaloBotSettings:
    token: str = field(repr=False)
    api: str = "https://bot-api.zaloplatforms.com"
    webhook_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class ZaloOASettings:
    """`oa_secret` signs webhooks; `app_secret` renews tokens."""

    app_id: str
    app_secret: str = field(repr=False)
    oa_secret: str = field(repr=False)
    openapi: str = "https://openapi.zalo.me"
    oauth: str = "https://oauth.zaloapp.com"


@dataclass(frozen=True)
class ServerSettings:
    """Times are seconds."""

    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str | None = None  # https address under which vendors reach this server
    web: bool = True
    embed: tuple[str, ...] = ()  # origins whose pages may show the chat in a frame
    proxies: int = 0  # trusted reverse proxies in front, for the address a request comes from
    grace: float = 20.0  # how long a stop waits for turns and replies under way
    keep: float = 48 * 3600.0  # how long done messages are remembered against duplicates (Zalo OA repeats for 12 h)
    give_up: float = 24 * 3600.0  # how long a reply is tried before it becomes a dead letter
    telegram: TelegramSettings | None = None
    zalo_bot: ZaloBotSettings | None = None
    zalo_oa: ZaloOASettings | None = None


def _number(env: Mapping[str, str], name: str, default: float, low: float, high: float) -> float:
    text = env.get(name)
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not low <= value <= high:
        raise SettingsError(f"{name} phải là số từ {low:g} đến {high:g}; hiện là {text!r}.")
    return value


def _url(env: Mapping[str, str], name: str, default: str | None) -> str | None:
    text = (env.get(name) or default or "").rstrip("/")
    if text and not re.match(r"https?://[^\s/]+", text):
        raise SettingsError(f"{name} phải là địa chỉ bắt đầu bằng https:// (hoặc http:// khi thử trong máy); hiện là {text!r}.")
    return text or None


def _secret(env: Mapping[str, str], name: str, pattern: re.Pattern, rule: str) -> str | None:
    text = env.get(name)
    if text and not pattern.fullmatch(text):
        raise SettingsError(f"{name} phải gồm {rule}.")
    return text or None


def server_settings(env: Mapping[str, str] = os.environ) -> ServerSettings:
    """Raises SettingsError when a value cannot be used or belongs to a set that is not whole."""
    public = _url(env, "MOTCUA_PUBLIC_URL", None)
    telegram = zalo_bot = zalo_oa = None
    if token := env.get("MOTCUA_TELEGRAM_TOKEN") or env.get("TELEGRAM_TOKEN"):
        secret = _secret(env, "MOTCUA_TELEGRAM_SECRET", TELEGRAM_SECRET, "16–256 chữ cái không dấu, chữ số, dấu _ hoặc -")
        telegram = TelegramSettings(token.strip(), _url(env, "MOTCUA_TELEGRAM_API", TelegramSettings.api), secret)
    if token := env.get("MOTCUA_ZALO_BOT_TOKEN"):
        secret = _secret(env, "MOTCUA_ZALO_BOT_SECRET", ZALO_SECRET, "8–256 ký tự không có khoảng trắng")
        zalo_bot = ZaloBotSettings(token.strip(), _url(env, "MOTCUA_ZALO_BOT_API", ZaloBotSettings.api), secret)
    parts = {name: (env.get(name) or "").strip() for name in ("MOTCUA_ZALO_APP_ID", "MOTCUA_ZALO_APP_SECRET", "MOTCUA_ZALO_OA_SECRET")}
    if any(parts.values()):
        if missing := [name for name, value in parts.items() if not value]:
            raise SettingsError(f"Zalo OA còn thiếu {', '.join(missing)}; cần đủ cả ba biến {', '.join(parts)}.")
        zalo_oa = ZaloOASettings(*parts.values(), openapi=_url(env, "MOTCUA_ZALO_OPENAPI", ZaloOASettings.openapi), oauth=_url(env, "MOTCUA_ZALO_OAUTH", ZaloOASettings.oauth))
    for name, channel in (("MOTCUA_TELEGRAM_SECRET", telegram), ("MOTCUA_ZALO_BOT_SECRET", zalo_bot)):
        if channel and channel.webhook_secret and not public:
            raise SettingsError(f"{name} bật webhook nên cần thêm MOTCUA_PUBLIC_URL (địa chỉ https của máy chủ này). Bỏ {name} để dùng long polling.")
    embed = tuple((env.get("MOTCUA_WEB_EMBED") or "").split())
    for origin in embed:
        if origin != "*" and not re.fullmatch(r"https?://[\w.\-*]+(:\d+)?", origin):
            raise SettingsError(f"MOTCUA_WEB_EMBED gồm các địa chỉ trang cách nhau bằng dấu cách, ví dụ https://xa.gov.vn; không hiểu {origin!r}.")
    return ServerSettings(
        host=env.get("MOTCUA_HOST") or "127.0.0.1",
        port=int(_number(env, "MOTCUA_PORT", 8080, 0, 65535)),
        public_url=public,
        web=(env.get("MOTCUA_WEB") or "1").lower() not in ("0", "no", "false", "off"),
        embed=embed,
        proxies=int(_number(env, "MOTCUA_PROXIES", 0, 0, 10)),
        grace=_number(env, "MOTCUA_GRACE", 20, 0, 600),
        keep=_number(env, "MOTCUA_KEEP_HOURS", 48, 14, 24 * 90) * 3600,
        give_up=_number(env, "MOTCUA_GIVE_UP_HOURS", 24, 0.01, 24 * 30) * 3600,
        telegram=telegram,
        zalo_bot=zalo_bot,
        zalo_oa=zalo_oa,
    )
