"""`motcua zalo` and `motcua serve --status` against the local vendor."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "channels"))

from channel_vendors import FakeZaloBot, FakeZaloOA


@pytest.fixture
async def oa():
    vendor = await FakeZaloOA().start()
    yield vendor
    await vendor.stop()


@pytest.fixture
def run(tmp_path):
    async def go(*args: str, stdin: str = "", **env: str) -> tuple[int, str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("MOTCUA_", "TELEGRAM_"))}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "import sys; from bot.cli import main; sys.exit(main())", *args, "--database", f"sqlite:///{tmp_path / 'm.db'}",
            env={**clean, **env}, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=Path(__file__).resolve().parents[2],
        )
        out, err = await asyncio.wait_for(process.communicate(stdin.encode()), 60)
        return process.returncode, out.decode(), err.decode()

    return go


def account(vendor: FakeZaloOA) -> dict[str, str]:
    return {"MOTCUA_ZALO_APP_ID": vendor.APP, "MOTCUA_ZALO_APP_SECRET": vendor.APP_SECRET, "MOTCUA_ZALO_OA_SECRET": vendor.OA_SECRET, "MOTCUA_ZALO_OPENAPI": vendor.url, "MOTCUA_ZALO_OAUTH": vendor.url}


async def test_login_by_pasted_address_then_status(run, oa):
    status, out, err = await run("zalo", "login", "--redirect", "https://bot.example.org/", stdin="https://bot.example.org/?oa_id=1&code=good-code&x=1\n", **account(oa))
    assert (status, err) == (0, "")
    assert f"{oa.url}/v4/oa/permission?app_id={oa.APP}" in out
    assert "code_challenge=" in out
    form = oa.calls[-1][1]
    assert form["code"] == "good-code"
    assert len(form["code_verifier"]) == 43
    status, out, err = await run("zalo", "status", **account(oa))
    assert status == 0
    assert "Zalo OA: đã nối" in out


async def test_a_refused_code_is_one_clear_line(run, oa):
    status, _, err = await run("zalo", "login", "--code", "bad", **account(oa))
    assert status == 1
    assert "-14014" in err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1


async def test_login_without_settings_is_wrong_use(run):
    status, _, err = await run("zalo", "login")
    assert status == 2
    assert "MOTCUA_ZALO_APP_ID" in err


async def test_status_of_the_bot(run):
    vendor = await FakeZaloBot().start()
    status, out, _ = await run("zalo", "status", MOTCUA_ZALO_BOT_TOKEN=vendor.TOKEN, MOTCUA_ZALO_BOT_API=vendor.url)
    assert status == 0
    assert "bot.thu" in out
    status, out, _ = await run("zalo", "status", MOTCUA_ZALO_BOT_TOKEN="wrong", MOTCUA_ZALO_BOT_API=vendor.url)
    assert status == 1
    assert "không nối được (401" in out
    await vendor.stop()


async def test_serve_status_of_a_new_database(run):
    status, out, _ = await run("serve", "--status")
    assert status == 0
    assert "Chờ trả lời: 0" in out


async def test_serve_names_a_setting_that_cannot_be_used(run):
    status, _, err = await run("serve", MOTCUA_PUBLIC_URL="nonsense")
    assert status == 2
    assert "MOTCUA_PUBLIC_URL" in err
