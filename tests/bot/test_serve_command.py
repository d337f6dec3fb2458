"""What `motcua serve` says when it is ready: each channel in one line, with its place or what is missing."""

from __future__ import annotations

from bot.commands.serve import _announce
from bot.server import Server
from bot.settings import ServerSettings, TelegramSettings, ZaloOASettings

TOKEN = "4242:local-test-token"


def lines_of(settings: ServerSettings, tmp_path, capsys) -> list[str]:
    server = Server(settings, f"sqlite:///{tmp_path / 'motcua.db'}", lambda: None)
    _announce(server)
    server.papers.close()
    server.storage.close()
    return [line.strip() for line in capsys.readouterr().out.splitlines() if line.strip()]


def test_the_page_alone(tmp_path, capsys):
    lines = lines_of(ServerSettings(port=8080), tmp_path, capsys)
    assert lines[1] == "Trang web: http://127.0.0.1:8080/"
    assert len(lines) == 3
    assert all(name in lines[2] for name in ("Chưa bật", "Telegram (TELEGRAM_TOKEN", "Zalo Bot (MOTCUA_ZALO_BOT_TOKEN", "Zalo OA (MOTCUA_ZALO_APP_ID", "docs/channels.md"))


async def test_several_channels_and_no_secret_on_the_screen(tmp_path, capsys):
    settings = ServerSettings(
        port=9000,
        host="0.0.0.0",
        embed=("https://xa.example.vn",),
        public_url="https://bot.example.org",
        telegram=TelegramSettings(TOKEN, "http://127.0.0.1:9"),
        zalo_oa=ZaloOASettings("4141", "app-secret", "oa-secret"),
    )
    lines = lines_of(settings, tmp_path, capsys)
    assert lines[1:3] == ["Trang web: http://127.0.0.1:9000/", 'nhúng vào trang khác: <script src="https://bot.example.org/web/embed.js" async></script>']
    assert lines[3] == "Telegram: chưa nối"
    assert lines[4] == "Zalo OA: chưa đăng nhập; hãy chạy “motcua zalo login”"
    assert lines[5].startswith("Chưa bật: Zalo Bot (")
    whole = " ".join(lines)
    assert not any(secret in whole for secret in (TOKEN, "app-secret", "oa-secret"))
