"""From one Answer to what a channel can show: lengths, buttons or numbers, plain text; nothing is lost."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from actions.answer import Answer, Button, Line, source_text


@dataclass(frozen=True)
class Limits:
    """What a channel can take. `buttons` 0: choices are numbered in the text."""

    text: int
    buttons: int


SHELL = Limits(text=100_000, buttons=10)
TELEGRAM = Limits(text=4096, buttons=10)
ZALO = Limits(text=2000, buttons=0)
ZALO_OA = Limits(text=2000, buttons=5)
WEB = Limits(text=20_000, buttons=10)


@dataclass
class Message:
    """One message to send."""

    text: str
    buttons: list[Button] = field(default_factory=list)


def line_text(line: Line) -> str:
    return f"• {line.text.strip()}" if line.kind == "item" else f"⚠ {line.text}" if line.kind == "warning" else line.text


def answer_text(answer: Answer) -> str:
    """Lines, then each source once."""
    parts = [line_text(line) for line in answer.lines]
    told = [source_text(source) for source in answer.sources]
    return "\n".join([*parts, *dict.fromkeys(told)])


_BORDERS = (re.compile(r"\n"), re.compile(r"(?<=[.!?;])\s"), re.compile(r"\s"))


def cut(text: str, limit: int) -> list[str]:
    """Pieces of at most `limit` characters, cut at lines, else sentences, else words; joined they are the text."""
    pieces = []
    rest = text
    while len(rest) > limit:
        window = rest[: limit + 1]
        at = 0
        for border in _BORDERS:
            found = [m.start() for m in border.finditer(window) if m.start() >= limit // 3]
            if found:
                at = found[-1]
                break
        at = at or limit
        pieces.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    if rest.strip() or not pieces:
        pieces.append(rest)
    return pieces


def render(answer: Answer, limits: Limits) -> list[Message]:
    """Messages in order; buttons come with the last one, as numbered lines where the channel has none."""
    text = answer_text(answer)
    buttons = answer.buttons[: limits.buttons]
    spare = answer.buttons[limits.buttons :]
    if spare and answer.kind != "choices":  # choices already carry their numbers in the text
        start = len(buttons)
        text += "\n" + "\n".join(f"{start + n}. {b.title}" for n, b in enumerate(spare, 1))
        text += "\n(Trả lời bằng số để chọn.)"
    pieces = cut(text, limits.text)
    return [Message(piece, buttons if n == len(pieces) - 1 else []) for n, piece in enumerate(pieces)]
