"""The signature of Zalo Official Account webhooks, in one place.

Documented formula: header `X-ZEvent-Signature: mac=<hex>`, hex of plain SHA-256 over app_id + raw body + timestamp + OA
secret key. Test vector: tests/channels/test_zalo_signature.py.
"""

from __future__ import annotations

import hashlib
import hmac

HEADER = "X-ZEvent-Signature"


def event_mac(app_id: str, body: bytes, timestamp: str, secret: str) -> str:
    """Lower-case hex of the mac of one webhook call; `body` are the bytes as they came."""
    return hashlib.sha256(app_id.encode() + body + timestamp.encode() + secret.encode()).hexdigest()


def is_signed(header: str | None, app_id: str, body: bytes, timestamp: str, secret: str) -> bool:
    """Whether the header carries the right mac, compared in constant time; never true without a secret or header."""
    if not secret or not header or not header.startswith("mac="):
        return False
    given = header[len("mac=") :].strip().lower()
    return hmac.compare_digest(given.encode(), event_mac(app_id, body, timestamp, secret).encode())
