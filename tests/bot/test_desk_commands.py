"""`motcua tickets` and `motcua feedback`: what they print, change and refuse."""

from __future__ import annotations

import io
import json
import sys

import pytest

from bot.cli import main
from knowledge.desk import open_desk
from knowledge.settings import get_settings


@pytest.fixture
def desk(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path / 'motcua.db'}"
    monkeypatch.setenv("MOTCUA_DATABASE", url)
    get_settings.cache_clear()
    yield open_desk(url)
    get_settings.cache_clear()


@pytest.fixture
def ticket(desk):
    code, _ = desk.open_ticket("web", "web:secret-person", procedure="1.001193", question="nộp ở đâu", summary=["Đã hỏi: nộp ở đâu"])
    return code


def test_listing_and_showing(ticket, capsys):
    assert main(["tickets", "list"]) == 0
    told = capsys.readouterr().out
    assert ticket in told and "nộp ở đâu" in told and "chờ trả lời" in told
    assert main(["tickets", "show", ticket.lower()]) == 0
    assert "Câu hỏi: nộp ở đâu" in capsys.readouterr().out
    assert main(["tickets", "list", "--json"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert row["code"] == ticket and row["state"] == "open"


def test_the_conversation_is_not_shown(ticket, capsys):
    for command in (["list"], ["list", "--json"], ["show", ticket], ["show", ticket, "--json"]):
        main(["tickets", *command])
    assert "secret-person" not in capsys.readouterr().out


def test_answering_and_closing(desk, ticket, capsys, monkeypatch):
    assert main(["tickets", "answer", ticket, "Bạn nộp ở xã."]) == 0
    assert desk.pending_answers("web")[0]["answer"] == "Bạn nộp ở xã."
    monkeypatch.setattr(sys, "stdin", io.StringIO("Bạn nộp ở phường.\n"))
    assert main(["tickets", "answer", ticket, "-"]) == 0
    assert desk.ticket(ticket)["answer"] == "Bạn nộp ở phường."
    assert main(["tickets", "list"]) == 0
    assert main(["tickets", "close", ticket]) == 0
    assert desk.ticket(ticket)["state"] == "closed"
    capsys.readouterr()
    assert main(["tickets", "answer", ticket, "trễ rồi"]) == 1
    assert "đã đóng" in capsys.readouterr().err
    assert main(["tickets", "close", ticket]) == 1
    assert main(["tickets", "list"]) == 0
    assert ticket not in capsys.readouterr().out
    assert main(["tickets", "list", "--all"]) == 0
    assert ticket in capsys.readouterr().out


@pytest.mark.parametrize("command", [["show", "BCDF23"], ["answer", "BCDF23", "x"], ["close", "BCDF23"]])
def test_an_unknown_code_is_one_line(desk, capsys, command):
    assert main(["tickets", *command]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and "BCDF23" in told and "Traceback" not in told


def test_an_empty_answer_is_refused(ticket, capsys):
    assert main(["tickets", "answer", ticket, "   "]) == 2


def test_feedback(desk, capsys):
    assert main(["feedback"]) == 0
    assert "Không có góp ý" in capsys.readouterr().out
    number = desk.add_feedback("line", "web", "web:secret-person", procedure="1.001193", row="1.001193/curated/fee/0", line="Lệ phí 5.000 đồng", question="phí?")
    desk.add_feedback("good", "web", "web:1", procedure="1.001193", aspects=["fee"])
    assert main(["feedback"]) == 0
    told = capsys.readouterr().out
    assert "1.001193/curated/fee/0" in told and "Lệ phí 5.000 đồng" in told and "có ích" not in told and "secret-person" not in told
    assert main(["feedback", "--counts", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"line": 1, "good": 1}
    assert main(["feedback", "--done", str(number), "--note", "đã sửa"]) == 0
    assert main(["feedback", "--done", str(number)]) == 1
    capsys.readouterr()
    assert main(["feedback", "--all"]) == 0
    assert "đã xem xong: đã sửa" in capsys.readouterr().out
    assert main(["feedback", "--note", "x"]) == 2


def test_review_lists_what_people_report_until_it_is_looked_at(desk, capsys):
    desk.add_feedback("line", "web", "web:somebody", procedure="1.001193", aspects=["fee"], row="1.001193/curated/fee/1", line="Lệ phí: 8.000 đồng")
    desk.add_feedback("bad", "web", "web:somebody", procedure="1.000894", aspects=["time"], question="mấy ngày xong", reason="wrong-time")
    desk.add_feedback("good", "web", "web:somebody", procedure="1.000894", aspects=["time"])
    assert main(["review", "--kind", "reported-line", "--kind", "reported-answer"]) == 0
    told = capsys.readouterr().out
    assert "1.001193  reported-line  [curated] 1.001193/curated/fee/1: góp ý số 1: Lệ phí: 8.000 đồng" in told
    assert "1.000894  reported-answer" in told and "mấy ngày xong" in told and "góp ý số 3" not in told
    assert main(["feedback", "--done", "1"]) == 0
    capsys.readouterr()
    assert main(["review", "--code", "1.001193", "--kind", "reported-line"]) == 0
    assert "reported-line" not in capsys.readouterr().out
