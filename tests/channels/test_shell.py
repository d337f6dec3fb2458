"""The shell on a terminal (a real pseudo-terminal) and piped: history, buttons by number or title, colours, help."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
CODE = f"""
import sys
sys.path[:0] = [{str(HERE.parents[1])!r}, {str(HERE)!r}]
from channel_fakes import FakeAssistant
from bot.channels.shell import Shell
class Trial(Shell):
    _load = staticmethod(FakeAssistant)
sys.exit(Trial().run())
"""


def environment(tmp_path) -> dict[str, str]:
    return {**os.environ, "MOTCUA_CACHE": str(tmp_path), "TERM": "xterm", "COLUMNS": "100", "PROMPT_TOOLKIT_NO_CPR": "1"}


class Terminal:
    def __init__(self, tmp_path):
        self.screen, theirs = pty.openpty()
        self.process = subprocess.Popen([sys.executable, "-c", CODE], stdin=theirs, stdout=theirs, stderr=theirs, env=environment(tmp_path), close_fds=True)
        os.close(theirs)
        self.seen = ""

    def type(self, text: str) -> None:
        os.write(self.screen, text.encode())

    def sees(self, text: str, seconds: float = 30.0) -> str:
        """Waits for a text after what was seen before; returns what came up to it."""
        new, end = "", time.monotonic() + seconds
        while text not in new:
            assert time.monotonic() < end, f"{text!r} not in {new!r}"
            if select.select([self.screen], [], [], 0.2)[0]:
                new += os.read(self.screen, 65536).decode("utf-8", "replace")
        self.seen += new
        return new

    def close(self) -> int:
        try:
            return self.process.wait(20)
        finally:
            self.process.kill()
            os.close(self.screen)


@pytest.fixture
def terminal(tmp_path):
    made = Terminal(tmp_path)
    yield made
    made.process.kill()


def test_on_a_terminal(terminal, tmp_path):
    assert "\x1b[1m" in terminal.sees("Gõ /help")  # bold: colours and marks on a terminal
    terminal.type("chọn giúp\r")
    terminal.sees("3. Đăng ký kết hôn")
    terminal.type("2\r")
    terminal.sees("Đã chọn Đăng ký khai tử (lượt 2)")
    terminal.type("\x1b[A\x1b[A\r")  # two up: the question before, from the history
    terminal.sees("3. Đăng ký kết hôn")
    terminal.type("dang ky khai sinhhh\x7f\x7f\r")  # a mistake is mended in the line
    terminal.sees("Đã chọn Đăng ký khai sinh (lượt 4)")
    terminal.type("số 001099012345 của tôi\r")
    terminal.sees("Lượt 5")
    terminal.type("/help\r")
    terminal.sees("chọn nút có số đó")
    terminal.type("/thoat\r")
    assert terminal.close() == 0
    kept = (tmp_path / "shell-history").read_text(encoding="utf-8")
    assert "chọn giúp" in kept
    assert "001099012345" not in kept


def test_the_end_of_input_ends_it(terminal):
    terminal.sees("Bạn:")  # the prompt: before it the end would be lost
    terminal.type("\x04")
    assert terminal.close() == 0


def test_piped_it_writes_plain_lines(tmp_path):
    said = "nhiều nút\nđăng ký kết hôn\ndanh sách\n/help\nmột lời nữa"
    done = subprocess.run([sys.executable, "-c", CODE], input=said, capture_output=True, text=True, env=environment(tmp_path), timeout=60, check=True)
    assert "\x1b" not in done.stdout
    assert "  [3] Đăng ký kết hôn" in done.stdout
    assert "Đã chọn Đăng ký kết hôn (lượt 2)" in done.stdout
    assert "motcua checklist 1.001193 --case thoi-han=qua-han --pdf danh-sach.pdf" in done.stdout
    assert done.stdout.rstrip().endswith("Lượt 4: một lời nữa")
    assert not (tmp_path / "shell-history").exists()
