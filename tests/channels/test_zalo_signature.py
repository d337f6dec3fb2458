"""The test vector of the webhook signature, made apart with: printf '4001{"a":1}1699003881354sEcReT' | sha256sum."""

from __future__ import annotations

import pytest

from bot.channels.zalo_signature import event_mac, is_signed

VECTOR = "5047bde21fcf0d5ac523fde8f57bc85e43049e3b0e95ec52baadbbb3b9388375"
PARTS = ("4001", b'{"a":1}', "1699003881354", "sEcReT")


def test_vector():
    assert event_mac(*PARTS) == VECTOR
    assert is_signed(f"mac={VECTOR}", *PARTS)
    assert is_signed(f"mac={VECTOR.upper()}", *PARTS)


@pytest.mark.parametrize("header", [None, "", "mac=", VECTOR, f"mac={VECTOR[:-1]}0", f"mac={VECTOR}0", "mac=ă", f"hmac={VECTOR}"])
def test_other_headers_are_refused(header):
    assert not is_signed(header, *PARTS)


@pytest.mark.parametrize("changed", [("4002", *PARTS[1:]), (PARTS[0], b'{"a":2}', *PARTS[2:]), (*PARTS[:2], "1699003881355", PARTS[3]), (*PARTS[:3], "other")])
def test_every_part_is_signed(changed):
    assert not is_signed(f"mac={VECTOR}", *changed)


def test_without_a_secret_nothing_is_signed():
    app, body, stamp, _ = PARTS
    assert not is_signed(f"mac={event_mac(app, body, stamp, '')}", app, body, stamp, "")
