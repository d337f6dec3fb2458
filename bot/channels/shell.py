"""The shell channel: line editing and history on a terminal, plain lines when piped."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from rich.console import Console

from actions.answer import Answer
from bot.channels.papers import with_command
from bot.delivery.picking import choices, picked
from bot.privacy import mask
from bot.rendering import SHELL, own_numbers, render
from knowledge.settings import get_settings

HELP = """Gõ câu hỏi bằng lời thường, hoặc:
  số       chọn nút có số đó
  /help    xem phần này
  /explain bật hoặc tắt giải thích từng lượt (dành cho cán bộ)
  /totcn   chế độ Tổ công nghệ số: nhiều hộ, câu trả lời ngắn
  /xoa     quên cuộc trò chuyện này
  /thoat   kết thúc"""
SENDER = "shell"


class Shell:
    """Reads lines, plays turns, prints answers; colours only on a terminal."""

    def __init__(self, *, explain: bool = False):
        self.explain = explain
        self.terminal = sys.stdin.isatty() and sys.stdout.isatty()
        self.console = Console(highlight=False, soft_wrap=not self.terminal, no_color=not self.terminal)
        self.offered: dict[str, str] = {}  # what a typed number or title means now

    def run(self) -> int:
        if self.terminal:
            with Console(stderr=True).status("Đang khởi động trợ lý (khoảng 15 giây) ..."):
                assistant = self._load()
        else:
            assistant = self._load()
        self.assistant = assistant
        if self.terminal:
            self.console.print("[bold]Một Cửa[/bold] – hỏi thủ tục hành chính bằng lời thường. Gõ /help để xem cách dùng, /thoat để kết thúc.")
        return asyncio.run(self._loop())

    @staticmethod
    def _load() -> Any:
        from bot.assistant import Assistant

        return Assistant.load(progress=True)

    async def _loop(self) -> int:
        async for line in self._lines():
            text = line.strip()
            if text in ("/thoat", "/quit", "/exit"):
                break
            if text == "/help":
                self.console.print(HELP, markup=False)
            elif text == "/explain":
                self.explain = not self.explain
                self.console.print("Đã bật giải thích." if self.explain else "Đã tắt giải thích.")
            else:
                await self._turn(text)
        return 0

    async def _lines(self):
        if not self.terminal:
            for line in sys.stdin:
                yield line
            return
        from prompt_toolkit import PromptSession
        from prompt_toolkit.history import FileHistory

        class Masked(FileHistory):
            """What is kept on the disk is masked like everything else."""

            def store_string(self, string: str) -> None:
                super().store_string(mask(string).text)

        folder = get_settings().cache
        folder.mkdir(parents=True, exist_ok=True)
        session: PromptSession = PromptSession(history=Masked(str(folder / "shell-history")))
        while True:
            try:
                yield await session.prompt_async("Bạn: ")
            except (EOFError, KeyboardInterrupt):
                return

    async def _turn(self, text: str) -> None:
        turn = await self.assistant.handle(SENDER, picked(text, self.offered))
        self.show(turn.answer)
        if self.explain:
            from bot.explaining import explain_turn

            self.console.print(explain_turn(turn), markup=False, style="dim" if self.terminal else None)

    def show(self, answer: Answer) -> None:
        for message in render(with_command(answer), SHELL):
            self.console.print(message.text, markup=False)
        # In choices the first numbers already stand in the text.
        for number, button in list(enumerate(answer.buttons[: SHELL.buttons], 1))[own_numbers(answer) :]:
            self.console.print(f"  [{number}] {button.title}", markup=False)
        self.offered = choices(answer, [button.payload for button in answer.buttons])
        self.console.print()
