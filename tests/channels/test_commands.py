"""Slash commands and what a text may be."""

from __future__ import annotations

import pytest

from bot.channels.commands import interpret
from bot.channels.limits import Buckets
from bot.incoming import is_payload


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/start", ("payload", "/greet")),
        ("/start ref_123", ("payload", "/greet")),
        ("/trogiup", ("payload", "/help")),
        ("/TTHC khai sinh", ("text", "khai sinh")),
        ("/tthc@motcua_bot khai sinh", ("text", "khai sinh")),
        ("/tthc", ("payload", "/vague")),
        ("/tthc /ask_fee", ("text", "ask_fee")),
        ("/xoa", ("forget", "")),
        ("/totcn có những ai", ("text", "có những ai")),
        ("/totcn", ("payload", "/team_mode")),
        ("/lạ gì đó", ("text", "lạ gì đó")),
        ("/ask_fee", ("payload", "/help")),
        ('/ask_fee{"procedure": "1.001193"}', ("text", 'ask_fee{"procedure": "1.001193"}')),
        ("  xin chào\0 ", ("text", "xin chào")),
        ("gọi 0912345678", ("text", "gọi [số đã ẩn]")),
    ],
)
def test_typed(typed, told):
    assert interpret(typed) == told


def test_where_buttons_come_as_text():
    assert interpret('/ask_fee{"procedure": "1.001193"}', payloads=True) == ("payload", '/ask_fee{"procedure": "1.001193"}')
    assert interpret("/xoa", payloads=True) == ("forget", "")
    assert interpret("/tthc", payloads=True) == ("payload", "/vague")


@pytest.mark.parametrize(("text", "good"), [("/ask_fee", True), ('/a{"b": "c"}', True), ('/a{"b": 1}', True), ("a", False), ("/A", False), ('/a{"b": []}', False), ("/a{", False), ("/a[]", False), ("/a{1}", False), ("/a" + "{" * 900, False), ('/a{"b":"' + "x" * 1000 + '"}', False)])
def test_payload_form(text, good):
    assert is_payload(text) is good


def test_buckets():
    buckets = Buckets(burst=3, rate=1000.0)
    assert [buckets.take("a") for _ in range(3)] == [0.0, 0.0, 0.0]
    slow = Buckets(burst=1, rate=0.1)
    assert slow.take("a") == 0.0
    assert 9.0 < slow.take("a") <= 10.0
    assert slow.take("b") == 0.0
