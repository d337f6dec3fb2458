"""Community team mode (/totcn): several anonymous households side by side, answers short enough to read aloud.

Slot `team`: {"on", "current": "1", "homes": {"2": {slot: value}}, "full": the last answer in full}. The current household's
state is in the ordinary slots; the others wait under `homes`. Nothing of a household is kept but its number.
State diagram: docs/flows-b.md.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Any

from actions.answer import Answer, Button, Line
from actions.base import AnswerAction, fixed
from actions.filing import running
from actions.procedures import answer_question, aspect_buttons, topic_of
from actions.resolve import index, payload
from actions.talk import Talk, store
from actions.topic import clip
from knowledge.commands import NUMBERS, as_number, household_command
from knowledge.search.analysis import fold, folded_words
from knowledge.search.procedures import ProcedureIndex

SAVED = ("procedure", "history", "compared", "choices", "aspects", "pending_aspects", "more", "case", "cases", "guidance", "flow")
MOST = 20  # households at once
SHORT = 3  # lines read aloud
LINE = 170  # characters of such a line
PAGE = 8  # procedures of a field shown at once
# "Hộ 2: phí bao nhiêu": a household and its question in one message.
_PREFIX = re.compile(r"^\s*(?:hộ|ho)\s+(?:số |so |thứ |thu )?(\d{1,2}|[^\W\d]{2,5})\s*(?:[:,.;–-]|\s(?:hỏi|hoi|cần|can|muốn|muon|thì|thi)\b)\s*(?=\S)", re.IGNORECASE)
_OFF = re.compile(r"\b(?:tat|thoat|dong|ket thuc|bo|ngung|dung)\b")
_UNSHORTENED = frozenset({"action_more", "action_forward", "action_household", "action_team_mode", "action_list_field", "action_resume"})


def mode(talk: Talk) -> dict[str, Any] | None:
    """The slot when the mode is on."""
    team = talk.slot("team") or {}
    return team if team.get("on") else None


def _prefix(text: str) -> tuple[int, str] | None:
    """(household, the rest) of "hộ 2: ..."; None when a message does not begin so."""
    match = _PREFIX.match(text)
    if not match:
        return None
    word = fold(match.group(1))
    return (as_number(word), text[match.end() :]) if word.isdigit() or word in NUMBERS else None


# -- households ----------------------------------------------------------------------------------


def _put(talk: Talk, name: str, value: Any) -> None:
    """A change that later reads of the plain slots see as well."""
    talk.set(name, value)
    talk.slots.pop(name, None)
    if value is not None:
        talk.slots[name] = value


def switch(talk: Talk, number: int) -> bool:
    """Lay the present household aside and take up another; False when it is the present one or out of range."""
    team = dict(talk.slot("team") or {})
    current, wanted = team.get("current", "1"), str(number)
    if wanted == current or not 1 <= number <= MOST:
        return False
    homes = dict(team.get("homes") or {})
    homes[current] = {name: value for name in SAVED if (value := talk.slot(name)) is not None}
    taken = homes.pop(wanted, {})
    for name in SAVED:
        _put(talk, name, taken.get(name))
    _put(talk, "team", {**team, "current": wanted, "homes": homes, "full": None})
    return True


def choose_by_prefix(action: str, talk: Talk) -> None:
    """Before an action: "hộ 2: ..." goes to household 2 first (actions/turn.py)."""
    if mode(talk) and action not in ("action_household", "action_delete_data") and (found := _prefix(talk.text)):
        number, talk.text = found
        switch(talk, number)


def _numbers(team: dict[str, Any]) -> list[int]:
    return sorted({int(team.get("current", "1")), *map(int, team.get("homes") or {})})


def _state(talk: Talk, slots: dict[str, Any]) -> str:
    """What a household is about, in one line."""
    code = slots.get("procedure")
    if not code or not store().layers(code):
        return "chưa hỏi thủ tục nào"
    flow = slots.get("flow") or {}
    step = f", đang nộp trực tuyến bước {flow['step']}" if flow.get("name") == "filing" and flow.get("step") else ""
    return f"{clip(topic_of(code, talk).name, 80)} (mã {code}){step}"


def _present(talk: Talk) -> dict[str, Any]:
    return {name: talk.slot(name) for name in SAVED}


def _here(talk: Talk, lead: str) -> Answer:
    """Where the present household stands, with its likely next steps."""
    team = talk.slot("team") or {}
    answer = Answer("smalltalk").say(f"{lead} Hộ {team.get('current', '1')}: {_state(talk, _present(talk))}.")
    if flow := running(talk):
        answer.buttons.append(Button(f"Làm tiếp bước {flow['step']}", payload("guide_repeat")))
    if talk.procedure and store().layers(talk.procedure):
        answer.buttons += aspect_buttons(talk.procedure, talk.slot("aspects") or ["overview"])[:2]
    answer.buttons.append(Button("Xem các hộ", payload("household", value="list")))
    return answer


class TeamMode(AnswerAction):
    """/totcn turns the mode on; asked again it says where one is, with a way out."""

    action_name = "action_team_mode"

    def answer(self, talk: Talk) -> Answer:
        team = dict(talk.slot("team") or {})
        value = talk.entity("value")
        if value == "off" or (team.get("on") and not talk.text.startswith("/") and _OFF.search(fold(talk.text))):
            talk.set("team", {**team, "on": False, "full": None})
            return Answer("smalltalk").say("Đã tắt chế độ Tổ công nghệ số. Các hộ đang mở vẫn được nhớ trong cuộc trò chuyện này; gõ /totcn để mở lại.")
        was_on = bool(team.get("on"))
        talk.set("team", {"current": "1", "homes": {}, **team, "on": True})
        if was_on:
            answer = _here(talk, "Đang ở chế độ Tổ công nghệ số.")
            answer.buttons = [*answer.buttons[:3], Button("Tắt chế độ", payload("team_mode", value="off"))]
            return answer
        answer = Answer("smalltalk")
        answer.say("Đã bật chế độ Tổ công nghệ số: trả lời ngắn để đọc cho bà con, muốn nghe hết thì nhắn “đọc đầy đủ”.")
        answer.say("Giúp nhiều hộ một lúc: nhắn “hộ mới”, “hộ 2”, “xem các hộ”. Không cần tên hay số giấy tờ của ai.")
        answer.say("Tra nhanh bằng mã thủ tục hoặc “các thủ tục lĩnh vực hộ tịch”; nhắn “tin chuyển tiếp” để có tin gửi bà con.")
        answer.buttons = [
            Button("Hộ mới", payload("household", value="new")),
            Button("Xem các hộ", payload("household", value="list")),
            Button("Tài liệu cho Tổ", payload("ask_guidance", value="nhiệm vụ của Tổ công nghệ số cộng đồng")),
            Button("Tắt chế độ", payload("team_mode", value="off")),
        ]
        return answer


class Household(AnswerAction):
    """"Hộ 2", "hộ mới", "xem các hộ", "xong hộ 2"."""

    action_name = "action_household"

    def answer(self, talk: Talk) -> Answer:
        command = self._command(talk)
        if command is None:
            if found := _prefix(talk.text):
                number, talk.text = found
                switch(talk, number)
            return answer_question(talk, talk.aspects or ["overview"])
        team = talk.slot("team") or {}
        if not team.get("on"):
            _put(talk, "team", {"current": "1", "homes": {}, **team, "on": True})
        name, number = command
        if name == "list":
            return self._list(talk)
        if name == "close":
            return self._close(talk, number)
        if name == "new":
            present = talk.slot("team")
            used = _numbers(present)
            number = next((n for n in range(1, MOST + 1) if n not in used), 0)
            if not number:
                return Answer("smalltalk").say(f"Đã mở {MOST} hộ, bạn đóng bớt một hộ (nhắn “xong hộ 3”) rồi mở thêm.")
        if not 1 <= number <= MOST:
            return Answer("smalltalk").say(f"Mỗi lúc giúp được tối đa {MOST} hộ, đánh số từ 1 đến {MOST}.")
        moved = switch(talk, number)
        return _here(talk, "Đã chuyển." if moved else "Bạn đang ở hộ này rồi.")

    @staticmethod
    def _command(talk: Talk) -> tuple[str, int] | None:
        value = str(talk.entity("value") or "")
        if value in ("new", "list"):
            return value, 0
        if (said := str(talk.entity("household") or "")).isdigit():
            return ("close" if value == "close" else "go"), int(said)
        return household_command(talk.text)

    @staticmethod
    def _list(talk: Talk) -> Answer:
        team = talk.slot("team")
        answer = Answer("smalltalk").say("Các hộ đang mở:", "heading")
        homes = team.get("homes") or {}
        for number in _numbers(team):
            here = str(number) == team.get("current", "1")
            slots = _present(talk) if here else homes[str(number)]
            answer.say(f"Hộ {number}{' (đang ở đây)' if here else ''}: {_state(talk, slots)}", "item")
            if not here and len(answer.buttons) < 4:
                answer.buttons.append(Button(f"Hộ {number}", payload("household", household=str(number))))
        answer.buttons.append(Button("Hộ mới", payload("household", value="new")))
        return answer

    @staticmethod
    def _close(talk: Talk, number: int) -> Answer:
        team = talk.slot("team")
        used = _numbers(team)
        if number not in used:
            return Answer("smalltalk").say(f"Chưa mở hộ {number}.")
        if str(number) == team.get("current", "1"):
            others = [n for n in used if n != number]
            for name in SAVED if not others else ():
                _put(talk, name, None)
            if others:
                switch(talk, others[0])
            team = talk.slot("team")
        homes = {key: value for key, value in (team.get("homes") or {}).items() if key != str(number)}
        _put(talk, "team", {**team, "homes": homes})
        return _here(talk, f"Đã xóa dữ liệu của hộ {number}.")


# -- short answers -------------------------------------------------------------------------------


def shorten(action: str, talk: Talk, answer: Answer) -> Answer:
    """In team mode: at most three lines to read aloud, the whole kept for "đọc đầy đủ" (actions/turn.py)."""
    team = mode(talk)
    if team is None:
        return answer
    if action == "action_more" and team.get("full"):
        talk.set("team", {**team, "full": None})
        return Answer.from_dict(team["full"])
    if answer.kind not in ("answer", "guidance") or action in _UNSHORTENED or len(answer.lines) <= SHORT:
        return answer
    talk.set("team", {**team, "full": answer.as_dict()})
    spoken = [line for line in answer.lines if line.kind in ("fact", "item", "warning")] or answer.lines
    title = next((line.text for line in answer.lines if line.kind == "heading"), None)
    chosen = spoken[: SHORT - 1] if title else spoken[:SHORT]
    if title:
        chosen = [Line(title, "heading"), *chosen]
    if action.startswith("action_guide"):  # the question at the end of a step is what the helper asks the person
        chosen = [*chosen[: SHORT - 1], *(line for line in answer.lines[-1:] if line.kind == "text")]
    sources = sorted({line.source for line in chosen if line.source is not None})
    short = Answer(answer.kind, procedures=answer.procedures, aspects=answer.aspects, more=answer.more, attachments=answer.attachments)
    short.sources = [answer.sources[n] for n in sources]
    short.lines = [replace(line, text=clip(line.text, LINE), source=sources.index(line.source) if line.source is not None else None) for line in chosen]
    short.buttons = [Button("Đọc đầy đủ", payload("more"))]
    if action.startswith("action_guide") or action == "action_stuck":
        short.buttons += answer.buttons[:3]
    else:
        short.buttons += [*([Button("Tin chuyển tiếp", payload("forward"))] if answer.procedures else []), *answer.buttons[:2]]
    return short


class Forward(AnswerAction):
    """One message to forward about the procedure in hand: the checklist of the present case."""

    action_name = "action_forward"

    def answer(self, talk: Talk) -> Answer:
        from actions.checklist import checklist_answer

        code = talk.entity("procedure") or talk.procedure
        if not code or not store().layers(code) or not topic_of(code, talk).described:
            return fixed("choices", "no_topic")
        return checklist_answer(code, talk.slot("case") or {}, talk)


# -- look-up by field ------------------------------------------------------------------------------


def fields() -> dict[str, list[str]]:
    """Codes by field, those that most people need first."""
    return _fields(index())


@lru_cache(maxsize=2)
def _fields(procedures: ProcedureIndex) -> dict[str, list[str]]:
    found: dict[str, list[tuple[int, str, str]]] = {}
    for entry in procedures.entries:
        if entry.field:
            found.setdefault(entry.field, []).append((-(entry.popularity or 0) - (10 if entry.detail else 0), entry.name, entry.code))
    return {name: [code for _, _, code in sorted(rows)] for name, rows in found.items()}


def named_field(text: str) -> str | None:
    """The field that a message names; the one with most words, then with most procedures, wins."""
    said = folded_words(text)
    joined = f" {' '.join(said)} "
    best: tuple[int, int, str] | None = None
    for name, codes in fields().items():
        words = folded_words(re.sub(r"\(.*?\)", "", name))
        if words and f" {' '.join(words)} " in joined:
            best = max(best or (0, 0, ""), (len(words), len(codes), name))
    return best[2] if best else None


class ListField(AnswerAction):
    """"Các thủ tục lĩnh vực hộ tịch": what there is in a field, a page at a time."""

    action_name = "action_list_field"

    def answer(self, talk: Talk) -> Answer:
        every = fields()
        name = talk.entity("field") if talk.entity("field") in every else named_field(talk.text)
        if name is None:
            if talk.candidates and talk.decision != "none":
                return answer_question(talk, talk.aspects or ["overview"])
            popular = sorted(every, key=lambda one: -sum(1 for code in every[one] if (index().entries[index().row_of[code]].popularity or 0) >= 2))[:5]
            answer = Answer("choices").say("Bạn cần xem lĩnh vực nào? Chọn một lĩnh vực, hoặc gõ tên lĩnh vực khác.")
            answer.buttons = [Button(clip(one, 60), payload("list_field", field=one)) for one in popular]
            return answer
        step = str(talk.entity("step") or "1")
        return self.page(talk, name, max(1, int(step) if step.isdigit() else 1))

    def page(self, talk: Talk, name: str, page: int) -> Answer:
        """One page of a field, counted from 1; the first where there is no such page."""
        codes = fields()[name]
        shown = codes[(page - 1) * PAGE : page * PAGE] or codes[:PAGE]
        answer = Answer("choices", procedures=shown, aspects=["overview"])
        answer.say(f"Lĩnh vực {name} có {len(codes)} thủ tục trong dữ liệu" + (f" (trang {page}):" if len(codes) > PAGE else ":"), "heading")
        for number, code in enumerate(shown, 1):
            topic = topic_of(code, talk)
            answer.lines.append(Line(f"{number}. {clip(topic.name, 140)} (mã {code})", "fact", topic.source(topic.main, answer)))
            answer.buttons.append(Button(clip(topic.name, 60), payload("choose", procedure=code)))
        if page * PAGE < len(codes):
            answer.buttons.append(Button("Xem tiếp", payload("list_field", field=name, step=str(page + 1))))
        answer.say("Bạn trả lời bằng số thứ tự, hoặc gõ mã thủ tục.", "note")
        talk.set("choices", shown)
        talk.set("pending_aspects", ["overview"])
        return answer

    def after(self, talk: Talk) -> Answer | None:
        """The page behind the one that lies open, for "xem tiếp"; None when what lies open is no page of a field."""
        shown = talk.slot("choices") or []
        entry = index().entries[index().row_of[shown[0]]] if shown and shown[0] in index().row_of else None
        codes = fields().get(entry.field, []) if entry and entry.field else []
        at = codes.index(shown[0]) if shown and shown[0] in codes else 1
        if at % PAGE or codes[at : at + PAGE] != shown:
            return None
        if at + PAGE >= len(codes):
            return Answer("smalltalk").say(f"Danh sách lĩnh vực {entry.field} đến đây là hết. Bạn gõ số để chọn, hoặc nói việc cần làm.")
        return self.page(talk, entry.field, at // PAGE + 2)

