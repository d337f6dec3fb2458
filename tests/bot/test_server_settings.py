"""Settings of the server: whole sets only, secrets never shown, complaints in plain words."""

from __future__ import annotations

import pytest

from bot.settings import SettingsError, server_settings

OA = {"MOTCUA_ZALO_APP_ID": "1", "MOTCUA_ZALO_APP_SECRET": "geheim-a", "MOTCUA_ZALO_OA_SECRET": "geheim-b"}


def test_nothing_set_is_the_web_page_on_this_machine():
    settings = server_settings({})
    assert (settings.host, settings.port, settings.web) == ("127.0.0.1", 8080, True)
    assert (settings.telegram, settings.zalo_bot, settings.zalo_oa) == (None, None, None)


@pytest.mark.parametrize("name", ["TELEGRAM_TOKEN", "MOTCUA_TELEGRAM_TOKEN"])
def test_a_token_alone_means_long_polling(name):
    telegram = server_settings({name: "1:abc"}).telegram
    assert telegram.token == "1:abc"
    assert telegram.webhook_secret is None


def test_secrets_are_never_shown():
    settings = server_settings({"TELEGRAM_TOKEN": "1:geheim-t", "MOTCUA_ZALO_BOT_TOKEN": "geheim-z", **OA})
    assert "geheim" not in repr(settings)


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({"TELEGRAM_TOKEN": "1:a", "MOTCUA_TELEGRAM_SECRET": "long-enough-secret"}, "MOTCUA_PUBLIC_URL"),
        ({"TELEGRAM_TOKEN": "1:a", "MOTCUA_TELEGRAM_SECRET": "short", "MOTCUA_PUBLIC_URL": "https://a.vn"}, "MOTCUA_TELEGRAM_SECRET"),
        ({"MOTCUA_ZALO_BOT_TOKEN": "a", "MOTCUA_ZALO_BOT_SECRET": "kurz", "MOTCUA_PUBLIC_URL": "https://a.vn"}, "MOTCUA_ZALO_BOT_SECRET"),
        ({"MOTCUA_PUBLIC_URL": "a.vn"}, "MOTCUA_PUBLIC_URL"),
        ({"MOTCUA_PORT": "http"}, "MOTCUA_PORT"),
        ({"MOTCUA_KEEP_HOURS": "1"}, "MOTCUA_KEEP_HOURS"),
        ({"MOTCUA_WEB_EMBED": "xa.gov.vn"}, "MOTCUA_WEB_EMBED"),
        ({"MOTCUA_WEB_EMBED": "https://a.vn; script-src *"}, "MOTCUA_WEB_EMBED"),
        *(({name: value for name, value in OA.items() if name != left_out}, left_out) for left_out in OA),
    ],
)
def test_what_cannot_be_used_is_named(env, named):
    with pytest.raises(SettingsError, match=named):
        server_settings(env)


def test_a_whole_set():
    settings = server_settings({**OA, "MOTCUA_PUBLIC_URL": "https://a.vn/", "MOTCUA_ZALO_OPENAPI": "http://127.0.0.1:9", "MOTCUA_WEB": "0", "MOTCUA_WEB_EMBED": "https://xa.vn https://*.gov.vn"})
    assert settings.public_url == "https://a.vn"
    assert settings.zalo_oa.openapi == "http://127.0.0.1:9"
    assert not settings.web
    assert settings.embed == ("https://xa.vn", "https://*.gov.vn")
