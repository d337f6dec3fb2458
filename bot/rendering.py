"""From one Answer to what a channel can show: lengths, buttons or numbers, plain text; nothing is lost."""

from __future__ import annotations

import html
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


def _fits(text: str, limit: int) -> int:
    """How many leading characters count at most `limit`: vendors count UTF-16 units, two for an emoji."""
    if len(text.encode("utf-16-le")) // 2 <= limit:
        return len(text)
    counted = 0
    for position, character in enumerate(text):
        counted += 2 if ord(character) > 0xFFFF else 1
        if counted > limit:
            return position
    return len(text)


def cut(text: str, limit: int) -> list[str]:
    """Pieces that count at most `limit`, cut at lines, else sentences, else words; joined they are the text."""
    pieces = []
    rest = text
    while (room := _fits(rest, limit)) < len(rest):
        window = rest[: room + 1]
        at = 0
        for border in _BORDERS:
            found = [m.start() for m in border.finditer(window) if m.start() >= room // 3]
            if found:
                at = found[-1]
                break
        at = at or max(room, 1)
        pieces.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    if rest.strip() or not pieces:
        pieces.append(rest)
    return pieces


def own_numbers(answer: Answer) -> int:
    """How many of the first buttons stand with their number in a line already (actions/procedures.py, actions/flows.py)."""
    if answer.kind != "choices":
        return 0
    found = {match.group(1) for line in answer.lines if (match := re.match(r"(\d{1,2})\. ", line.text))}
    return next((n for n in range(len(answer.buttons)) if str(n + 1) not in found), len(answer.buttons))


def _spare_text(answer: Answer, limits: Limits) -> str:
    """Buttons that the channel cannot show, as numbered lines; "" when there is none."""
    spare = list(enumerate(answer.buttons, 1))[max(limits.buttons, own_numbers(answer)) :]
    return "\n".join([*(f"{n}. {button.title}" for n, button in spare), "(Trả lời bằng số để chọn.)"]) if spare else ""


def numbered(answer: Answer, limits: Limits) -> list[str]:
    """Payloads by the number that stands in the text ("" where none stands): what "2" means as the next message."""
    own = own_numbers(answer)
    if not own and len(answer.buttons) <= limits.buttons:
        return []
    found = [button.payload if n < own or n >= limits.buttons else "" for n, button in enumerate(answer.buttons)]
    return found[:own] if len(answer.buttons) <= limits.buttons else found


def render(answer: Answer, limits: Limits) -> list[Message]:
    """Messages in order; buttons come with the last one, as numbered lines where the channel has none."""
    text = "\n".join(part for part in (answer_text(answer), _spare_text(answer, limits)) if part)
    buttons = answer.buttons[: limits.buttons]
    pieces = cut(text, limits.text)
    return [Message(piece, buttons if n == len(pieces) - 1 else []) for n, piece in enumerate(pieces)]


def render_html(answer: Answer, limits: Limits) -> list[Message]:
    """As `render`, in Telegram's HTML: headings bold, notes and sources in italics, everything else escaped."""
    marked = [(_TAGS.get(line.kind, ""), line_text(line)) for line in answer.lines]
    marked += [("i", text) for text in dict.fromkeys(source_text(source) for source in answer.sources)]
    if spare := _spare_text(answer, limits):
        marked.append(("", spare))
    packs: list[list[tuple[str, str]]] = [[]]
    room = limits.text
    for tag, text in marked:
        for piece in cut(text, limits.text):
            size = len(piece.encode("utf-16-le")) // 2 + 1
            if packs[-1] and size > room:
                packs.append([])
                room = limits.text
            packs[-1].append((tag, piece))
            room -= size
    texts = ["\n".join(_tagged(tag, text) for tag, text in pack) for pack in packs]
    buttons = answer.buttons[: limits.buttons]
    return [Message(text, buttons if n == len(texts) - 1 else []) for n, text in enumerate(texts)]


_TAGS = {"heading": "b", "note": "i"}


def _tagged(tag: str, text: str) -> str:
    escaped = html.escape(text, quote=False)
    return f"<{tag}>{escaped}</{tag}>" if tag and escaped.strip() else escaped
