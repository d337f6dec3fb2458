"""Random walks through the guiding flows: what a person might tap or type, and what must hold after every reply.

A player has `turn(text) -> Answer` and `slots`; the same walk (number) always taps and types by the same dice.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from actions.answer import Answer
from actions.talk import store
from knowledge.fees import holds

MOVES = [
    "tiếp", "xong rồi ạ", "bước tiếp theo", "quay lại bước trước", "nhắc lại", "bước 3", "bước 9", "bước 77", "em bị kẹt ở đây", "chưa được", "otp không về",
    "quên mật khẩu", "ảnh mờ quá", "file nặng quá", "bị trừ tiền hai lần", "dừng lại", "thôi để sau", "ok", "không", "không biết", "có", "đúng rồi",
    "1", "2", "số 3", "cái đầu tiên", "9",
]  # fmt: skip
QUESTIONS = ["lệ phí bao nhiêu", "mấy ngày thì xong", "nộp ở đâu", "cần giấy tờ gì", "mẫu đơn nào", "nộp qua mạng được không", "lay nguon o dau"]
TOPICS = ["đăng ký khai sinh cần gì", "tạm trú phí nhiêu", "làm lại căn cước bị mất", "đăng ký kết hôn", "xác nhận độc thân", "1.004194", "thuê nhà thì đăng ký gì"]
CHANGES = ["không phải, ý tôi là đăng ký thường trú", "quay lại cái lúc nãy", "nhầm, quá hạn rồi", "so sánh hai cái đó", "xem thêm", "cảm ơn bạn", "bot dở quá", "gặp cán bộ", "chưa đúng", "báo dòng này sai", "thời tiết hôm nay", "asdfgh", "bạn là ai"]
FLOWS = ["lập danh sách giấy tờ cho tôi", "kiểm tra trước khi nộp giúp", "hướng dẫn nộp từng bước", "mới sinh con cần làm những thủ tục gì", "nhà có người mất phải làm gì", "tin chuyển tiếp", "các thủ tục lĩnh vực hộ tịch"]
HOMES = ["/team_mode", "hộ mới", "hộ 2", "hộ 1", "xem các hộ", "xong hộ 2", "đọc đầy đủ", "tắt chế độ tổ"]
ASKED_AGAIN = ("nhắc lại", "/guide_repeat", "/flow_repeat")


class Player(Protocol):
    slots: dict[str, Any]

    def turn(self, text: str) -> Answer: ...


@dataclass
class Walk:
    """What was said and replied, for the report of a failure."""

    number: int
    steps: list[tuple[str, str]] = field(default_factory=list)

    def __str__(self) -> str:
        return f"walk {self.number}\n" + "\n".join(f"> {said}\n  {reply[:400]}" for said, reply in self.steps[-4:])


def starts() -> list[str]:
    """First messages: every flow for procedures with and without questions, and plain ones."""
    codes = [c for c in store().codes() if any(layer.source.origin == "curated" for layer in store().layers(c))]
    asking = [c for c in codes if any(layer.branches for layer in store().layers(c))]
    found = [f'/guide_filing{{"procedure": "{c}"}}' for c in codes] + [f'/check_before{{"procedure": "{c}"}}' for c in codes[::3]]
    found += 2 * [f'/checklist{{"procedure": "{c}"}}' for c in asking]
    return found + 8 * [*FLOWS, *TOPICS, "/team_mode"]


def walk(number: int, player: Player, first: list[str], check: Callable[[Walk, str, Answer, Player], None]) -> Walk:
    """One walk of 4 to 11 messages; `check` looks at every reply."""
    rng = random.Random(number)
    gone = Walk(number)
    said = rng.choice(first)
    for _ in range(rng.randint(4, 11)):
        answer = player.turn(said)
        gone.steps.append((said, answer.plain_text()))
        check(gone, said, answer, player)
        dice = rng.random()
        if answer.buttons and dice < 0.6:
            said = rng.choice(answer.buttons).payload
        else:
            kinds = [MOVES, MOVES, QUESTIONS, TOPICS, CHANGES, FLOWS]
            if (player.slots.get("team") or {}).get("on"):
                kinds += [HOMES, HOMES, HOMES]
            said = rng.choice(rng.choice(kinds))
    return gone


def stray_papers(code: str, case: dict[str, str], texts: list[str]) -> list[str]:
    """Lines that say a paper which belongs to other branches only."""
    layer = next((one for one in store().layers(code) if one.branches), None)
    if layer is None:
        return []
    mine = {p.name[:60] for p in layer.dossier if holds(p.when, case)}
    other = {p.name[:60] for p in layer.dossier if not p.is_note and not holds(p.when, case)} - mine
    said = [text.removeprefix("☐ ") for text in texts]
    # "Giấy chứng nhận (nếu có)" of this branch begins like "Giấy chứng nhận" of another.
    return [text for text in said if any(text.startswith(name) and not any(text.startswith(own) and len(own) > len(name) for own in mine) for name in other)]


def waiting(flow: dict[str, Any] | None) -> bool:
    """Whether a flow has an open question."""
    if not flow or flow.get("parked") or flow.get("done"):
        return False
    return bool(flow.get("step") if flow.get("name") == "filing" else flow.get("question"))


def check(gone: Walk, said: str, answer: Answer, player: Player) -> None:
    """No error, no dead end, no question twice in the same words, no paper of another branch, no fact without a source."""
    text = answer.plain_text()
    assert answer.kind != "error", gone
    assert text.strip(), gone
    assert all(line.source is None or 0 <= line.source < len(answer.sources) for line in answer.lines), gone
    assert not any(line.kind == "fact" and line.source is None for line in answer.lines), gone
    flow = player.slots.get("flow")
    if answer.kind in ("answer", "choices") or (waiting(flow) and answer.kind == "smalltalk" and (flow or {}).get("name") != "filing"):
        assert answer.buttons or _asks(answer) or answer.kind == "smalltalk", f"dead end: {gone}"
    before = gone.steps[-2] if len(gone.steps) > 1 else None
    # Who asks for the fee twice is told it twice; what may not come twice is a question of ours.
    told_again = answer.kind == "answer" and "Ta còn dở" not in text
    if before and before[0] != said and waiting(flow) and not said.startswith(ASKED_AGAIN) and not told_again:
        assert text != before[1], f"the same question again: {gone}"
    titles = [button.title for button in answer.buttons]
    assert len(titles) == len(set(titles)) or answer.kind == "choices", f"two buttons alike: {gone}"
    case = player.slots.get("case") or {}
    for code in answer.procedures if len(answer.procedures) == 1 and player.slots.get("procedure") == answer.procedures[0] else []:
        stray = stray_papers(code, case, [line.text for line in answer.lines if (line.row or "").startswith(f"{code}/")])
        assert not stray, f"papers of another branch {stray}: {gone}"


def _asks(answer: Answer) -> bool:
    return any("?" in line.text or "nhắn" in line.text or "gõ" in line.text.lower() for line in answer.lines)

