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

    from bot.quiet import quiet

    quiet(get_settings().log_level)  # before the channels' libraries are imported: they warn about each other
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


# What a newcomer sets to turn a channel on.
NAMES = {
    "web": ("Trang web", "MOTCUA_WEB=1"),
    "telegram": ("Telegram", "TELEGRAM_TOKEN, lấy ở @BotFather"),
    "zalo_bot": ("Zalo Bot", "MOTCUA_ZALO_BOT_TOKEN"),
    "zalo_oa": ("Zalo OA", "MOTCUA_ZALO_APP_ID, MOTCUA_ZALO_APP_SECRET, MOTCUA_ZALO_OA_SECRET"),
}


def _announce(server) -> None:
    """One line for each channel that is on, with its place; one for those that are off, with what turns them on."""
    shown = "127.0.0.1" if server.settings.host in ("0.0.0.0", "::") else server.settings.host
    here = f"http://{shown}:{server.port}"
    print("Máy chủ đã sẵn sàng (dừng: Ctrl+C).")
    for channel in server.channels:
        print(f"  {NAMES[channel.name][0]}: {here + '/' if channel.name == 'web' else channel.status()}")
        if channel.name == "web" and server.settings.embed:
            print(f'    nhúng vào trang khác: <script src="{server.settings.public_url or here}/web/embed.js" async></script>')
    on = {channel.name for channel in server.channels}
    if off := [f"{title} ({variable})" for name, (title, variable) in NAMES.items() if name not in on]:
        print(f"  Chưa bật: {'; '.join(off)}. Cách bật: docs/channels.md")
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
