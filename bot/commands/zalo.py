"""`motcua zalo login|status`: connect a Zalo Official Account, look at what is connected."""

from __future__ import annotations

import argparse
import datetime as dt

HELP = "nối Zalo Official Account (login) và xem tình trạng kết nối Zalo (status)"
EXAMPLE = "motcua zalo login"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("login", "status"), help="login: lấy mã truy cập cho Official Account; status: xem kết nối")
    parser.add_argument("--code", help="mã cho phép (code) lấy sau khi đồng ý trên trang của Zalo")
    parser.add_argument("--refresh-token", metavar="MÃ", help="mã làm mới lấy từ công cụ API Explorer của Zalo; thay cho --code")
    parser.add_argument("--redirect", metavar="URL", help="địa chỉ Callback đã khai trong ứng dụng Zalo; mặc định MOTCUA_PUBLIC_URL")


def run(args: argparse.Namespace) -> int:
    import asyncio

    from bot.cli import Complaint
    from bot.settings import SettingsError, server_settings
    from bot.storage import Storage
    from knowledge.settings import get_settings

    try:
        settings = server_settings()
    except SettingsError as error:
        raise Complaint(str(error), 2) from None
    storage = Storage(get_settings().database)
    try:
        return asyncio.run((_login if args.action == "login" else _status)(settings, storage, args))
    finally:
        storage.close()


async def _login(settings, storage, args: argparse.Namespace) -> int:
    import httpx

    from bot.channels.zalo_tokens import LoginError, ZaloTokens
    from bot.cli import Complaint

    if settings.zalo_oa is None:
        raise Complaint("Hãy đặt ba biến MOTCUA_ZALO_APP_ID, MOTCUA_ZALO_APP_SECRET, MOTCUA_ZALO_OA_SECRET trước (docs/channels.md).", 2)
    code, refresh, verifier = args.code, args.refresh_token, None
    if not code and not refresh:
        code, verifier = _ask_for_code(settings, args)
    async with httpx.AsyncClient(timeout=20) as client:
        try:
            tokens = await ZaloTokens(settings.zalo_oa, storage, client).log_in(code=code, refresh_token=refresh, verifier=verifier)
        except LoginError as error:
            raise Complaint(f"Zalo không cấp mã truy cập ({error}). Mã code và mã làm mới chỉ dùng được một lần; hãy lấy mã mới rồi thử lại.") from error
        except httpx.HTTPError as error:
            raise Complaint(f"Không nối được tới Zalo ({type(error).__name__}). Hãy kiểm tra mạng rồi thử lại.") from error
    print(f"Đã nối Official Account. Mã truy cập dùng đến {_when(tokens.expires_at)}; máy chủ tự làm mới từ nay.")
    return 0


def _ask_for_code(settings, args: argparse.Namespace) -> tuple[str, str]:
    import base64
    import hashlib
    import secrets
    import sys
    from urllib.parse import parse_qs, urlencode, urlsplit

    from bot.cli import Complaint

    redirect = args.redirect or settings.public_url
    if not redirect:
        raise Complaint("Cần --redirect: địa chỉ Callback đã khai trong ứng dụng Zalo (hoặc đặt MOTCUA_PUBLIC_URL).", 2)
    verifier = secrets.token_urlsafe(32)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    query = urlencode({"app_id": settings.zalo_oa.app_id, "redirect_uri": redirect, "code_challenge": challenge})
    print("1. Mở địa chỉ này bằng tài khoản quản trị Official Account và bấm đồng ý:")
    print(f"   {settings.zalo_oa.oauth}/v4/oa/permission?{query}")
    print("2. Trình duyệt chuyển sang một trang có “code=…” trong địa chỉ. Chép cả địa chỉ đó (hoặc mã code) vào đây:")
    sys.stdout.flush()
    text = sys.stdin.readline().strip()
    code = parse_qs(urlsplit(text).query).get("code", [text])[0] if "code=" in text else text
    if not code:
        raise Complaint("Chưa có mã code nên chưa nối được.")
    return code, verifier


async def _status(settings, storage, args: argparse.Namespace) -> int:
    import time

    import httpx

    from bot.channels.zalo_bot import ApiError, ZaloBotChannel
    from bot.channels.zalo_tokens import REFRESH_LIFE, ZaloTokens

    problems = 0
    if settings.zalo_bot is None:
        print("Zalo Bot: chưa đặt MOTCUA_ZALO_BOT_TOKEN")
    else:
        channel = ZaloBotChannel(settings.zalo_bot)
        try:
            me = await channel.me()
            print(f"Zalo Bot: nối được, tài khoản {me.get('account_name') or me.get('display_name') or me.get('id')}")
        except (ApiError, httpx.HTTPError) as error:
            problems += 1
            print(f"Zalo Bot: không nối được ({error if isinstance(error, ApiError) else type(error).__name__})")
        finally:
            await channel.close()
    if settings.zalo_oa is None:
        print("Zalo OA: chưa đặt MOTCUA_ZALO_APP_ID, MOTCUA_ZALO_APP_SECRET, MOTCUA_ZALO_OA_SECRET")
    else:
        async with httpx.AsyncClient() as client:
            tokens = ZaloTokens(settings.zalo_oa, storage, client).read()
        if tokens is None or tokens.problem:
            problems += 1
            print("Zalo OA: " + (tokens.problem if tokens else "chưa đăng nhập; hãy chạy “motcua zalo login”"))
        else:
            left = "đã hết hạn, sẽ được làm mới ở lần gửi tới" if tokens.expires_at < time.time() else f"dùng đến {_when(tokens.expires_at)}"
            print(f"Zalo OA: đã nối; mã truy cập {left}; mã làm mới sống đến khoảng {_when(tokens.refreshed_at + REFRESH_LIFE)}")
    counts = storage.counts()
    print(f"Chờ gửi: {counts.get('outbox:pending', 0)}; giữ đến khi người dân nhắn lại: {counts.get('outbox:held', 0)}; không gửi được: {counts.get('outbox:dead', 0)}")
    return 1 if problems else 0


def _when(seconds: float) -> str:
    from knowledge.settings import VIETNAM

    return dt.datetime.fromtimestamp(seconds, VIETNAM).strftime("%H:%M ngày %d/%m/%Y")
