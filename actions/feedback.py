"""Was it useful? Why not? "Báo dòng này sai": reports for the editors (`motcua review`), without anything of the person."""

from __future__ import annotations

import logging
import re

from sqlalchemy.exc import DBAPIError

from actions.answer import Answer, Button, Line
from actions.base import AnswerAction
from actions.history import last_answer, questions
from actions.resolve import payload
from actions.talk import Talk
from actions.topic import clip
from knowledge.desk import TooMany, open_desk
from knowledge.search.analysis import fold
from knowledge.settings import get_settings

logger = logging.getLogger(__name__)
# reason -> (button, words that say it, without marks)
REASONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "wrong-procedure": ("Sai thủ tục", ("sai thu tuc", "khong dung thu tuc", "nham thu tuc", "khac thu tuc", "lac de", "khong phai thu tuc")),
    "missing-paper": ("Thiếu giấy tờ", ("thieu giay", "thieu ho so", "thieu to", "con thieu", "chua du giay")),
    "wrong-fee": ("Sai lệ phí", ("sai le phi", "sai phi", "phi sai", "sai tien", "sai gia", "muc phi", "le phi sai", "gia sai")),
    "unclear": ("Khó hiểu", ("kho hieu", "khong hieu", "roi qua", "dai qua", "dai dong", "khong ro")),
    "other": ("Lý do khác", ()),
}
ROW = re.compile(r"[\w.\-]{1,40}/\w{1,16}/[\w\-]{0,24}/\d{1,4}")
LINES = 8
TEXT = 300
SILENT = frozenset({"guide_filing", "guide_next", "guide_back", "guide_repeat", "guide_step", "stuck", "resume", "household", "team_mode", "list_field", "forward"})


def offer(action: str, talk: Talk, answer: Answer) -> Answer:
    """"Có ích" / "Chưa đúng" under an answer, when nothing else is being asked (actions/turn.py)."""
    flow = talk.slot("flow") or {}
    busy = flow.get("name") and not flow.get("done") and not flow.get("parked")
    team = (talk.slot("team") or {}).get("on")
    if answer.kind not in ("answer", "guidance") or not answer.lines or busy or team or action.removeprefix("action_") in SILENT:
        return answer
    about = {"procedure": answer.procedures[0]} if answer.procedures else {}
    if answer.kind == "guidance":
        about["aspect"] = "guidance"
    elif answer.aspects:
        about["aspect"] = answer.aspects[0]
    # Three for the next question and two for this one: five is what the tightest channel shows.
    answer.buttons = [*answer.buttons[:3], Button("Có ích", payload("feedback_good", **about)), Button("Chưa đúng", payload("feedback_bad", **about))]
    return answer


def _store(talk: Talk, kind: str, **values: object) -> int | None:
    """Number of the report; None when it could not be taken (said nowhere: the person did their part)."""
    said = questions(talk, 1)
    aspect = talk.entity("aspect")
    procedure = talk.entity("procedure") or talk.procedure
    try:
        return open_desk(get_settings().database).add_feedback(
            kind, talk.channel, talk.sender, procedure=procedure, aspects=[aspect] if aspect else list(talk.slot("aspects") or []),
            question=clip(said[-1], TEXT) if said else None, **values,
        )  # fmt: skip
    except (TooMany, DBAPIError):
        logger.warning("feedback not taken", exc_info=True)
        return None


def _keep_more(talk: Talk, answer: Answer) -> Answer:
    """Feedback must not use up what "xem thêm" would show."""
    answer.more = [Line(**line) for line in talk.slot("more") or []]
    return answer


class FeedbackGood(AnswerAction):
    action_name = "action_feedback_good"

    def answer(self, talk: Talk) -> Answer:
        _store(talk, "good")
        return _keep_more(talk, Answer("smalltalk").say("Cảm ơn bạn đã cho biết. Bạn cần hỏi gì thêm thì cứ nhắn nhé."))


def said_reason(text: str) -> str | None:
    """The reason that a message names; None when it names none."""
    folded = fold(text)
    return next((reason for reason, (_, ways) in REASONS.items() if any(way in folded for way in ways)), None)


class FeedbackBad(AnswerAction):
    """Not right: noted at once, then the reason by button, then the line where that helps."""

    action_name = "action_feedback_bad"

    def answer(self, talk: Talk) -> Answer:
        reason = talk.entity("reason") or said_reason(talk.text)
        if reason not in REASONS:
            number = _store(talk, "bad")
            return _keep_more(talk, self._ask(talk, number))
        number = _number(talk)
        if number is not None:
            _reason(number, reason)
        else:
            _store(talk, "bad", reason=reason)
        return _keep_more(talk, self._after(talk, reason))

    @staticmethod
    def _ask(talk: Talk, number: int | None) -> Answer:
        answer = Answer("smalltalk").say("Cảm ơn bạn đã báo, tôi đã ghi lại cho người biên tập. Chưa đúng ở chỗ nào ạ?")
        about = {key: value for key in ("procedure", "aspect") if (value := talk.entity(key))}
        if number is not None:
            about["code"] = str(number)
        answer.buttons = [Button(title, payload("feedback_bad", reason=reason, **about)) for reason, (title, _) in REASONS.items()]
        return answer

    @staticmethod
    def _after(talk: Talk, reason: str) -> Answer:
        answer = Answer("smalltalk")
        if reason == "wrong-procedure":
            talk.set("procedure", None)
            talk.set("compared", None)
            return answer.say("Tôi đã ghi lại và gác thủ tục đó sang một bên. Bạn nói lại việc cần làm theo cách khác giúp tôi nhé.")
        if reason == "unclear":
            answer.say("Tôi đã ghi lại. Bạn muốn tôi nói riêng phần nào?")
            if talk.procedure:
                titles = (("Giấy tờ cần nộp", "ask_dossier"), ("Lệ phí", "ask_fee"), ("Nơi nộp", "ask_where"))
                answer.buttons = [Button(title, payload(intent, procedure=talk.procedure)) for title, intent in titles]
            answer.buttons.append(Button("Gặp cán bộ", payload("human")))
            return answer
        answer.say("Tôi đã ghi lại. Thông tin của tôi theo nguồn ghi ở mỗi câu trả lời; bạn nên xem lại trên cổng hoặc hỏi nơi nộp trước khi làm.")
        if last_answer(talk):
            answer.buttons.append(Button("Chỉ ra dòng sai", payload("report_line")))
        answer.buttons.append(Button("Gặp cán bộ", payload("human")))
        return answer


def _number(talk: Talk) -> int | None:
    said = talk.entity("code")
    return int(said) if said and str(said).isdigit() else None


def _reason(number: int, reason: str) -> None:
    try:
        open_desk(get_settings().database).set_reason(number, reason)
    except DBAPIError:
        logger.warning("reason not kept", exc_info=True)


class ReportLine(AnswerAction):
    """One wrong line: by its row's id from a button, else the last answer's lines to choose from."""

    action_name = "action_report_line"

    def answer(self, talk: Talk) -> Answer:
        row = talk.entity("row")
        answer = last_answer(talk)
        lines = [line for line in answer.lines if line.row] if answer else []
        if row and ROW.fullmatch(row):
            text = next((line.text for line in lines if line.row == row), None)
            _store(talk, "line", row=row, line=clip(text, TEXT) if text else None)
            told = Answer("smalltalk").say("Cảm ơn bạn. Tôi đã báo dòng này cho người biên tập kiểm tra lại với nguồn.")
            if text:
                told.say(f"Dòng đã báo: “{clip(text, 160)}”", "note")
            return _keep_more(talk, told)
        if not lines:
            return _keep_more(talk, Answer("smalltalk").say("Bạn muốn báo dòng nào ạ? Hãy hỏi lại thông tin đó, rồi bấm “Chưa đúng” ngay dưới câu trả lời."))
        asked = Answer("smalltalk").say("Dòng nào sai ạ? Bạn chọn một dòng:")
        for number, line in enumerate(lines[:LINES], 1):
            asked.say(f"{number}. {clip(line.text, 160)}")
            asked.buttons.append(Button(f"Dòng {number}", payload("report_line", row=line.row, procedure=line.row.partition("/")[0])))
        return _keep_more(talk, asked)


class Complain(AnswerAction):
    """Somebody is angry: taken seriously, with a way to report the answer and a way to a person."""

    action_name = "action_complain"

    def answer(self, talk: Talk) -> Answer:
        if said_reason(talk.text) and last_answer(talk):
            return FeedbackBad().answer(talk)
        answer = Answer("handoff").say("Xin lỗi vì đã làm bạn phiền lòng. Nếu câu trả lời của tôi chưa đúng, bạn báo giúp để người biên tập sửa; nếu cần, tôi chuyển câu hỏi cho cán bộ.")
        answer.say("Về thái độ phục vụ hoặc việc giải quyết hồ sơ, bạn có thể gửi phản ánh, kiến nghị trên Cổng Dịch vụ công quốc gia (https://dichvucong.gov.vn) hoặc với người đứng đầu nơi đó.")
        if last_answer(talk):
            answer.buttons.append(Button("Báo câu trả lời chưa đúng", payload("feedback_bad")))
        answer.buttons.append(Button("Gặp cán bộ", payload("human")))
        return answer
