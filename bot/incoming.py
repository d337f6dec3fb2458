"""A message as it comes in: without what nobody sees or stores, and a payload only if a button could have carried it."""

from __future__ import annotations

import json
import re
from collections.abc import Collection

PAYLOAD = re.compile(r"/([a-z][a-z_]{0,40})(\{.*\})?", re.DOTALL)
MAX_PAYLOAD = 1000
# Rasa's own intents: no button sends them, and typed they would end the talk without an answer.
INTERNAL = frozenset({"restart", "session_start", "nlu_fallback"})
_TERMINAL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")  # colours and cursor moves pasted from a terminal
_MARKUP = re.compile(r"</?[a-z][a-z0-9]*(?:\s+[\w\-]+\s*=[^<>]*)?\s*/?>|<!--.*?-->", re.IGNORECASE | re.DOTALL)  # pasted from a page
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def clean(text: str) -> str:
    """Without half an emoji (a lone surrogate), terminal sequences and control characters, which no database or vendor takes."""
    return _CONTROL.sub("", _TERMINAL.sub("", text.encode("utf-8", "replace").decode()).replace("\r\n", "\n"))


def is_payload(text: str) -> bool:
    """Whether a text has the form of a button's payload: /intent or /intent{"entity": value}, flat and short."""
    match = PAYLOAD.fullmatch(text) if len(text) <= MAX_PAYLOAD else None
    if not match:
        return False
    if not match.group(2):
        return True
    try:
        values = json.loads(match.group(2))
    except (ValueError, RecursionError):
        return False
    return all(isinstance(value, (str, int, float)) for value in values.values())


def as_message(text: str, intents: Collection[str]) -> str:
    """The text for Rasa: a payload stays when its intent is one of `intents`; any other text is plain words, without markup."""
    text = clean(text)
    if not text.startswith("/"):
        return _MARKUP.sub(" ", text)
    match = PAYLOAD.match(text)
    if match and is_payload(text) and match.group(1) in intents and match.group(1) not in INTERNAL:
        return text
    return text.lstrip("/ \t\n")
