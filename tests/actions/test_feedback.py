"""Feedback: offered without crowding out the next question, kept without the person, with reason and row."""

import pytest
from playing import Play

from actions.feedback import REASONS, said_reason

BIRTH = "1.001193"


def ask(talk: Play, aspect: str = "fee"):
    talk.events.append({"event": "user", "text": "khai sinh phí bao nhiêu", "input_channel": "web"})
    return talk.tap(f'/ask_{aspect}{{"procedure": "{BIRTH}"}}')


def newest(desk):
    return desk.reports(("good", "bad", "line"), None)[-1]


def test_offered_under_answers_only(play):
    ask(play)
    assert {"Có ích", "Chưa đúng"} <= set(play.titles) and len(play.titles) <= 5
    play.tap("/greet")
    assert "Có ích" not in play.titles
    play.tap(f'/guide_filing{{"procedure": "{BIRTH}"}}')
    assert "Có ích" not in play.titles


def test_praise_is_kept(play, desk):
    ask(play)
    play.press("Có ích")
    row = newest(desk)
    assert (row["kind"], row["procedure"], row["aspects"], row["question"]) == ("good", BIRTH, ["fee"], "khai sinh phí bao nhiêu")
    assert play.last.kind == "smalltalk" and play.slots["procedure"] == BIRTH


@pytest.mark.parametrize("reason", REASONS)
def test_a_reason_belongs_to_its_report(play, desk, reason):
    ask(play)
    play.press("Chưa đúng")
    before = len(desk.reports(("bad",), None))
    play.press(REASONS[reason][0])
    rows = desk.reports(("bad",), None)
    assert len(rows) == before and rows[-1]["reason"] == reason and rows[-1]["procedure"] == BIRTH
    assert play.last.lines


def test_a_wrong_procedure_is_set_aside(play):
    ask(play)
    play.press("Chưa đúng")
    play.press("Sai thủ tục")
    assert "procedure" not in play.slots


def test_a_reason_in_words(play, desk):
    ask(play)
    play.say("lệ phí sai rồi", "feedback_bad")
    assert newest(desk)["reason"] == "wrong-fee"
    assert said_reason("câu trả lời thiếu giấy tờ") == "missing-paper" and said_reason("chưa đúng") is None


def test_a_wrong_line_is_reported_with_its_row(play, desk):
    answer = ask(play)
    rows = [line.row for line in answer.lines if line.row]
    play.say("báo dòng này sai", "report_line")
    assert "Dòng 1" in play.titles
    play.press("Dòng 1")
    row = newest(desk)
    assert row["kind"] == "line" and row["row_id"] == rows[0] and row["line"] and row["line"][:40] in play.text


def test_a_line_of_nothing_cannot_be_reported(play, desk):
    before = len(desk.reports(("line",), None))
    play.say("báo dòng này sai", "report_line")
    assert play.last.kind == "smalltalk" and not play.titles
    play.tap('/report_line{"row": "x; DROP TABLE desk_feedback"}')
    assert len(desk.reports(("line",), None)) == before


def test_feedback_does_not_use_up_the_rest_of_an_answer(play):
    play.tap('/ask_dossier{"procedure": "1.001193"}')
    left = play.slots.get("more")
    assert left
    play.press("Có ích")
    assert play.slots["more"] == left


def test_nothing_of_the_person_is_kept(desk):
    talk = Play("telegram:778899", "telegram")
    ask(talk)
    talk.press("Chưa đúng")
    assert "778899" not in str(newest(desk))


def test_a_complaint_gets_a_way_to_a_person(play):
    play.say("bot dở quá", "complain")
    assert play.last.kind == "handoff" and "Gặp cán bộ" in play.titles
    ask(play)
    play.say("sai lệ phí rồi, tệ quá", "complain")
    assert play.last.kind == "smalltalk"
