"""`motcua batch`: plays conversations of a file through the whole assistant (contract.md)."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HELP = "chạy các cuộc hội thoại trong tệp qua toàn bộ trợ lý"
EXAMPLE = "motcua batch cau-hoi.jsonl --out tra-loi.jsonl"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("input", metavar="VÀO.jsonl", help='mỗi dòng {"id": "...", "turns": ["..."]}')
    parser.add_argument("--out", required=True, metavar="RA.jsonl", help="mỗi lượt một dòng kết quả")
    parser.add_argument("--model", help="tệp mô hình; mặc định tự tìm hoặc tự huấn luyện")


def conversations(path: Path) -> Iterator[tuple[int, dict | None, str]]:
    """(line number, conversation or None, complaint)."""
    with path.open("rb") as handle:
        for number, raw in enumerate(handle, 1):
            if not raw.strip():
                continue
            try:
                data = json.loads(raw.decode("utf-8"))
                if not isinstance(data, dict) or not isinstance(data.get("id"), (str, int)) or not isinstance(data.get("turns"), list) or not all(isinstance(t, str) for t in data["turns"]):
                    raise ValueError('cần {"id": chuỗi, "turns": danh sách chuỗi}')
                yield number, data, ""
            except (UnicodeDecodeError, ValueError) as error:
                yield number, None, str(error)


def ranked(link: dict[str, Any]) -> list[dict[str, Any]]:
    """The linker's first ten: as it reads the message inside the talk, then as it reads it alone."""
    in_talk = (link.get("talk") or {}).get("candidates") or []
    first = {candidate["code"] for candidate in in_talk}
    return [*in_talk, *(candidate for candidate in link.get("candidates") or [] if candidate["code"] not in first)][:10]


def output_row(identity: Any, number: int, turn: Any) -> dict[str, Any]:
    """One turn as the contract writes it."""
    from bot.rendering import SHELL, render

    answer, parse = turn.answer, turn.parse
    link = parse.get("link") or {}
    intent = parse.get("intent") or {}
    return {
        "id": identity,
        "turn": number,
        "message": turn.message,
        "kind": answer.kind,
        "reply": [{"text": m.text, "buttons": [{"title": b.title, "payload": b.payload} for b in m.buttons]} for m in render(answer, SHELL)],
        "procedures": answer.procedures,
        "aspects": answer.aspects,
        "sources": [
            {"document": s.document, "number": s.number, "section": s.section, "date": s.date, "url": s.url, "retrieved": s.retrieved} for s in answer.sources
        ],
        "candidates": ranked(link),
        "intent": intent.get("name"),
        "confidence": intent.get("confidence"),
        "latency_ms": round(turn.latency_ms, 2),
    }


async def play(assistant: Any, path: Path, out: Any, tell: Any) -> tuple[list[float], int]:
    """Latencies and complaints; every finished turn is one whole line."""
    latencies: list[float] = []
    complaints = 0
    for line, data, problem in conversations(path):
        if data is None:
            print(f"motcua: {path}: dòng {line}: {problem}; bỏ qua", file=sys.stderr)
            complaints += 1
            continue
        sender = f"batch-{line}-{data['id']}"
        for number, text in enumerate(data["turns"]):
            turn = await assistant.handle(sender, text, channel="batch")
            latencies.append(turn.latency_ms)
            out.write(json.dumps(output_row(data["id"], number, turn), ensure_ascii=False) + "\n")
            out.flush()
        await assistant.forget(sender)
        tell(len(latencies))
    return latencies, complaints


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def run(args: argparse.Namespace) -> int:
    from bot.assistant import Assistant
    from bot.cli import Complaint

    path = Path(args.input)
    if not path.is_file():
        raise Complaint(f"không thấy tệp {path}", 2)
    try:
        out = open(args.out, "w", encoding="utf-8")  # noqa: SIM115 - closed by the with below; opened first to complain before the model loads
    except OSError as error:
        raise Complaint(f"không ghi được {args.out}: {error.strerror}", 2) from error
    with out:
        assistant = Assistant.load(progress=True)
        terminal = sys.stderr.isatty()

        def tell(done: int) -> None:
            if terminal:
                print(f"\r{done} lượt", end="", file=sys.stderr, flush=True)

        started = time.perf_counter()
        latencies, complaints = asyncio.run(play(assistant, path, out, tell))
    spent = time.perf_counter() - started
    end = "\r" if terminal else ""
    print(
        f"{end}{len(latencies)} lượt, {len(latencies) / spent if spent else 0:.1f} lượt/giây, p50 {percentile(latencies, 0.5):.1f} ms, p95 {percentile(latencies, 0.95):.1f} ms",
        file=sys.stderr,
    )
    return 1 if complaints else 0
