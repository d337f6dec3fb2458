"""knowledge/desk: questions for a person, feedback, codes to resume, limits; on real SQLite (PostgreSQL where it is given)."""

import contextlib
import os
import threading

import pytest
from sqlalchemy import create_engine, inspect, text

from knowledge.desk import ALL_GUESSES, GUESSES, PLACE_DAYS, TICKETS, Desk, TooMany
from knowledge.desk.codes import DIGITS, LETTERS, find_code, new_code
from knowledge.desk.tables import Base

URLS = ["sqlite", *([os.environ["MOTCUA_TEST_POSTGRES"]] if os.environ.get("MOTCUA_TEST_POSTGRES") else [])]


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(params=URLS, ids=lambda url: url.split(":")[0])
def desk(request, tmp_path):
    url = f"sqlite:///{tmp_path / 'desk.db'}" if request.param == "sqlite" else request.param
    engine = create_engine(url, future=True)
    made = Desk(engine, Clock())
    yield made
    if request.param != "sqlite":
        with engine.begin() as connection:
            Base.metadata.drop_all(connection)
            connection.execute(text("DROP TABLE desk_alembic_version"))
    engine.dispose()


def ticket(desk: Desk, person: str = "p1", question: str = "hỏi gì đó", channel: str = "web"):
    return desk.open_ticket(channel, person, procedure="1.001193", question=question, summary=[question])


def test_migrated_tables_are_the_models(desk):
    found = inspect(desk.engine)
    for table in Base.metadata.sorted_tables:
        assert {c["name"] for c in found.get_columns(table.name)} == {c.name for c in table.columns}
    Desk(desk.engine)  # a second opening changes nothing


def test_codes_have_no_look_alikes_and_are_found_in_talk():
    assert not set(LETTERS) & set("AEIOUYLS") and not set(DIGITS) & set("015")
    for _ in range(200):
        code = new_code()
        assert find_code(f"tiếp tục {code.lower()} nhé") == code
        assert find_code(f"mã {code[:3]} {code[3:]}") == code
    assert find_code("tiếp tục hướng dẫn nộp") is None
    assert find_code("mã 1.004194") is None
    assert find_code("khai sinh 2026") is None


def test_a_question_is_answered_told_once_and_closed(desk):
    code, new = ticket(desk)
    assert new and [t["code"] for t in desk.tickets()] == [code]
    assert ticket(desk, question="hỏi thêm") == (code, False)
    assert desk.ticket(code)["summary"] == ["hỏi gì đó", "hỏi thêm"]
    assert desk.answer_ticket(code.lower(), "Mang theo giấy chứng sinh.")
    assert [a["person"] for a in desk.pending_answers("web")] == ["p1"]
    assert desk.pending_answers("telegram") == []
    assert desk.pending_answers("web", since=desk.clock() + 1) == []
    assert desk.mark_told(code) and not desk.mark_told(code)
    assert desk.pending_answers("web") == []
    assert desk.close_ticket(code) and not desk.close_ticket(code)
    assert desk.ticket(code)["person"] is None
    assert not desk.answer_ticket(code, "trễ")


def test_one_person_cannot_flood_the_desk(desk):
    for n in range(TICKETS[0]):
        code, _ = ticket(desk, question=str(n))
        desk.close_ticket(code)
    with pytest.raises(TooMany):
        ticket(desk)
    assert ticket(desk, person="p2")[1]
    desk.clock.now += TICKETS[1] + 1
    assert ticket(desk)[1]


def test_a_place_is_found_by_its_code_and_runs_out(desk):
    code = desk.save_place({"procedure": "1.001193", "step": 3, "case": None})
    assert desk.save_place({"procedure": "1.001193", "step": 4, "case": None}, code) == code
    assert desk.find(code.lower(), "somebody else") == {"kind": "place", "procedure": "1.001193", "step": 4, "case": None}
    desk.clock.now += PLACE_DAYS * 86400 + 1
    assert desk.find(code, "p1") is None
    assert desk.save_place({"step": 1}, code) != code


def test_guessing_codes_ends_soon(desk):
    code = desk.save_place({"procedure": None, "step": 1, "case": None})
    for _ in range(50):  # right codes cost nothing
        assert desk.find(code, "p1")
    for _ in range(GUESSES[0]):
        assert desk.find("BCDF23", "p1") is None
    with pytest.raises(TooMany):
        desk.find(code, "p1")
    assert desk.find(code, "p2")
    desk.clock.now += GUESSES[1] + 1
    assert desk.find(code, "p1")


def test_guessing_from_many_conversations_ends_too(desk):
    with pytest.raises(TooMany):
        for n in range(ALL_GUESSES[0] + 1):
            desk.find("BCDF23", f"p{n}")


def test_wrong_codes_at_the_same_moment_are_all_counted(desk):
    tried = []

    def guess():
        with contextlib.suppress(TooMany):
            tried.append(desk.find("BCDF23", "p1"))

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tried) <= GUESSES[0]


def test_reports_say_nothing_of_the_person(desk):
    number = desk.add_feedback("line", "web", "secret-person", procedure="1.001193", row="1.001193/curated/fee/0", line="Lệ phí: 5.000 đồng", question="phí?")
    desk.add_feedback("good", "web", "secret-person", procedure="1.001193", aspects=["fee"])
    assert [r["id"] for r in desk.reports()] == [number]
    with desk.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            assert "secret-person" not in str(connection.execute(table.select()).all())
    assert desk.report_done(number, "đã sửa") and not desk.report_done(number)
    assert desk.reports() == [] and desk.feedback_counts() == {"line": 1, "good": 1}


def test_forgetting_a_conversation(desk):
    code, _ = ticket(desk)
    place = desk.save_place({"step": 1})
    other, _ = ticket(desk, person="p2")
    assert desk.forget("p1", place) == 1
    assert desk.ticket(code) is None and desk.find(place, "p3") is None and desk.ticket(other)


def test_cleaning_drops_only_what_is_over(desk):
    old, _ = ticket(desk)
    desk.close_ticket(old)
    waiting, _ = ticket(desk, person="p2")
    desk.clock.now += 400 * 86400
    desk.clean()
    assert desk.ticket(old) is None and desk.ticket(waiting)
