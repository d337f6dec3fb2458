"""`motcua serve`: the server with every configured channel."""

from __future__ import annotations

import argparse
import datetime as dt

HELP = "chạy máy chủ với mọi kênh đã cấu hình (trang web, Telegram, Zalo)"
EXAMPLE = "TELEGRAM_TOKEN=123:abc motcua serve --port 8080"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", help="địa chỉ nghe; mặc định 127.0.0.1 (chỉ máy này); 0.0.0.0 để máy khác vào được")
    parser.add_argument("--port", type=int, help="cổng; mặc định 8080")
    parser.add_argument("--model", help="tệp mô hình; mặc định tự tìm hoặc tự huấn luyện")
    parser.add_argument("--status", action="store_true", help="chỉ in số tin đang chờ và các tin không gửi được, rồi thoát")
    parser.add_argument("--resend", action="store_true", help="đưa các tin không gửi được vào hàng chờ gửi lại, rồi thoát")


def run(args: argparse.Namespace) -> int:
    import asyncio
    import dataclasses

    from bot.cli import Complaint
    from bot.settings import SettingsError, server_settings
    from bot.storage import Storage
    from knowledge.settings import get_settings

    try:
        settings = server_settings()
    except SettingsError as error:
        raise Complaint(str(error), 2) from None
    if args.port is not None and not 0 <= args.port <= 65535:
        raise Complaint(f"--port phải từ 0 đến 65535, không phải {args.port}.", 2)
    settings = dataclasses.replace(settings, host=args.host or settings.host, port=settings.port if args.port is None else args.port)
    database = get_settings().database
    if args.status or args.resend:
        storage = Storage(database)
        try:
            return _report(storage, args.resend)
        finally:
            storage.close()

    from bot.assistant import Assistant
    from bot.server import Server

    print("Đang khởi động trợ lý (khoảng 15 giây) ...", flush=True)

    async def serve() -> None:
        await Server(settings, database, lambda: Assistant.load(progress=True)).run(_announce)

    try:
        asyncio.run(serve())
    except OSError as error:
        raise Complaint(f"Không mở được cổng {settings.port} ở {settings.host}: {error.strerror or error}. Hãy chọn cổng khác bằng --port.") from error
    print("Đã dừng; tin chưa xử lý xong vẫn nằm trong cơ sở dữ liệu và được trả lời ở lần chạy sau.")
    return 0


def _announce(server) -> None:
    shown = "127.0.0.1" if server.settings.host in ("0.0.0.0", "::") else server.settings.host
    print(f"Máy chủ chạy ở http://{shown}:{server.port} (dừng: Ctrl+C)")
    for channel in server.channels:
        if channel.name == "web":
            print(f"  trang web: http://{shown}:{server.port}/")
            origin = server.settings.public_url or f"http://{shown}:{server.port}"
            print(f'  nhúng vào trang khác: <script src="{origin}/web/embed.js" async></script>' + ("" if server.settings.embed else " (đặt MOTCUA_WEB_EMBED=https://trang-cua-ban trước)"))
        else:
            print(f"  {channel.name}: {channel.status()}")
    if not any(channel.name == "telegram" for channel in server.channels):
        print("  Telegram: chưa bật; lấy mã từ @BotFather rồi đặt biến TELEGRAM_TOKEN")
    print(flush=True)


def _report(storage, resend: bool) -> int:
    if resend:
        print(f"Đã đưa {storage.revive_dead_letters()} tin vào hàng chờ gửi lại; máy chủ đang chạy sẽ tự gửi.")
        return 0
    counts = storage.counts()
    print(f"Chờ trả lời: {counts.get('inbox:new', 0)}; chờ gửi: {counts.get('outbox:pending', 0)}; giữ đến khi người dân nhắn lại: {counts.get('outbox:held', 0)}; không gửi được: {counts.get('outbox:dead', 0)}")
    letters = storage.dead_letters()
    for letter in letters:
        made = dt.datetime.fromtimestamp(letter["created_at"]).strftime("%d/%m/%Y %H:%M")
        print(f"  {made}  {letter['channel']}  sau {letter['attempts']} lần: {letter['error']}")
    if letters:
        print("Gửi lại: motcua serve --resend")
    return 0
