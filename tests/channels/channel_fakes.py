"""An assistant small enough to foresee: the same methods as bot.assistant.Assistant, answers that show what it was told."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from actions.answer import Answer, Button, Line, Source

LONG_LINES = [f"Dòng {n}: " + "hồ sơ gồm tờ khai và giấy tờ kèm theo; " * 4 for n in range(1, 61)]
PROCEDURES = [("1.001193", "Đăng ký khai sinh"), ("1.000656", "Đăng ký khai tử"), ("1.000894", "Đăng ký kết hôn")]
SOURCE = Source("Trang thử", "1/2026", None, "2026-07-20", "https://example.org/thu-tuc?a=1&b=2")


@dataclass
class FakeTurn:
    answer: Answer


@dataclass
class FakeAssistant:
    """Counts turns in a slot, so that a lost, doubled or reordered turn shows."""

    delay: float = 0.0
    talks: dict[str, dict[str, Any]] = field(default_factory=dict)
    told: list[tuple[str, str]] = field(default_factory=list)
    active: set[str] = field(default_factory=set)
    overlapped: bool = False

    async def handle(self, sender: str, text: str, *, channel: str = "shell") -> FakeTurn:
        self.overlapped = self.overlapped or sender in self.active
        self.active.add(sender)
        self.told.append((sender, text))
        if self.delay:
            await asyncio.sleep(self.delay)
        slots = self.talks.setdefault(sender, {})
        slots["turns"] = slots.get("turns", 0) + 1
        answer = self._answer(text, slots)
        self.active.discard(sender)
        return FakeTurn(answer)

    def _answer(self, text: str, slots: dict[str, Any]) -> Answer:
        if text.startswith("/choose"):
            code = json.loads(text[len("/choose") :])["procedure"]
            slots["procedure"] = code
            return Answer("answer", [Line(f"Đã chọn {dict(PROCEDURES)[code]} (lượt {slots['turns']})", "heading", 0)], [SOURCE])
        if text == "chọn giúp":
            answer = Answer("choices", procedures=[code for code, _ in PROCEDURES])
            for number, (code, name) in enumerate(PROCEDURES, 1):
                answer.say(f"{number}. {name}", "fact")
                answer.buttons.append(Button(name, "/choose" + json.dumps({"procedure": code, "why": "x" * 60})))
            return answer
        if text == "nhiều nút":
            return Answer("smalltalk", [Line("Bạn hỏi gì?", "text")], buttons=[Button(name, "/choose" + json.dumps({"procedure": code})) for code, name in PROCEDURES])
        if text == "dài":
            return Answer("answer", [Line(line, "item", 0) for line in LONG_LINES], [SOURCE])
        if text == "ký hiệu":
            return Answer("answer", [Line("Nếu a < b & c > d thì <b>không đậm</b>", "heading"), Line("\"ngoặc\" 'đơn' &amp; <script>", "note")], [SOURCE])
        if text == "danh sách":
            answer = Answer("answer", [Line("Giấy tờ cần nộp:", "heading", 0), Line("Tờ khai", "item", 0), Line("Giấy chứng sinh", "item", 0)], [SOURCE])
            answer.attachments = [{"kind": "checklist", "code": "1.001193", "case": {"thoi-han": "qua-han"}}]
            return answer
        if text == "đang nói về gì":
            return Answer("answer", [Line(f"Thủ tục {slots.get('procedure')}", "text")])
        return Answer("answer", [Line(f"Lượt {slots['turns']}: {text}", "text")])

    async def slots(self, sender: str) -> dict[str, Any]:
        return dict(self.talks.get(sender, {}))

    async def restore(self, sender: str, slots: dict[str, Any]) -> None:
        self.talks[sender] = dict(slots)

    async def forget(self, sender: str) -> None:
        self.talks.pop(sender, None)
