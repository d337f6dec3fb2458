"""Slash commands, the same on every chat channel."""

from __future__ import annotations

import re

from bot.channels.base import MAX_TEXT
from bot.incoming import clean, is_payload
from bot.privacy import mask

# name -> what the vendor's menu says of it
MENU = {
    "start": "Bắt đầu",
    "trogiup": "Xem tôi giúp được gì",
    "tthc": "Hỏi một thủ tục: /tthc đăng ký khai sinh",
    "totcn": "Chế độ Tổ công nghệ số: giúp nhiều hộ, trả lời ngắn",
    "xoa": "Xóa cuộc trò chuyện này",
}
_ALONE = {"start": "/greet", "trogiup": "/help", "help": "/help", "tthc": "/vague", "totcn": "/team_mode"}
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@\w+)?(?:\s+(.*))?", re.DOTALL)


def interpret(text: str, *, payloads: bool = False) -> tuple[str, str]:
    """(kind, text) of Incoming for what a person typed, masked. `payloads`: the channel sends button payloads as text."""
    text = clean(text).strip()[:MAX_TEXT]
    match = _COMMAND.fullmatch(text)
    if payloads and is_payload(text) and not (match and match.group(1).lower() in {*MENU, *_ALONE}):
        return "payload", text
    if not match:
        # A slash that is no command must not reach Rasa, which would read it as an intent.
        return "text", mask(text.lstrip("/") if text.startswith("/") else text).text
    name, rest = match.group(1).lower(), (match.group(2) or "").strip()
    if name == "xoa":
        return "forget", ""
    if name == "start":  # Telegram's deep links put a parameter behind it
        return "payload", _ALONE[name]
    if rest:
        return "text", mask(rest.lstrip("/")).text
    return "payload", _ALONE.get(name, "/help")
