"""Human help: the question reaches the desk masked and whole, the answer reaches its person."""

from playing import Play

from bot.human_answers import with_human_answers
from bot.privacy import mask
from knowledge.desk import find_code
from knowledge.settings import get_settings

BIRTH = "1.001193"


def asks(talk: Play, text: str) -> str:
    """A question and "gặp cán bộ" after it; the ticket's code. Masked as Assistant does."""
    talk.say(mask(text).text, "ask_fee")
    talk.say("cho tôi gặp cán bộ", "human")
    return find_code(talk.text)


def test_a_ticket_holds_what_an_official_needs(desk):
    talk = Play("web:h1")
    talk.tap(f'/ask_dossier{{"procedure": "{BIRTH}"}}')
    talk.slots["cases"] = {BIRTH: {"truong-hop": "bo-roi"}}
    code = asks(talk, "con tôi số định danh 001099123456 thì phí bao nhiêu")
    row = desk.ticket(code)
    assert row["procedure"] == BIRTH and "001099123456" not in str(row) and "[số đã ẩn]" in row["question"]
    assert any(BIRTH in line for line in row["summary"]) and any("bị bỏ rơi" in line for line in row["summary"])
    assert talk.last.kind == "handoff" and get_settings().opening_hours in talk.text


def test_asking_again_adds_to_the_same_ticket(desk):
    talk = Play("web:h2")
    code = asks(talk, "câu thứ nhất là gì")
    assert asks(talk, "còn câu thứ hai") == code
    assert "câu thứ nhất là gì" in str(desk.ticket(code)["summary"]) and desk.ticket(code)["question"] == "còn câu thứ hai"


def test_an_empty_ticket_takes_the_next_message(desk):
    talk = Play("web:h3")
    talk.say("gặp cán bộ", "human")
    code = find_code(talk.text)
    assert desk.ticket(code)["question"] is None and "nhắn luôn" in talk.text
    talk.say("cảm ơn", "thank")
    assert desk.ticket(code)["question"] is None
    talk.say("khai sinh cho con quá hạn", "ask_overview")
    assert desk.ticket(code)["question"] == "khai sinh cho con quá hạn" and code in talk.text
    talk.say("lệ phí bao nhiêu", "ask_fee")
    assert desk.ticket(code)["question"] == "khai sinh cho con quá hạn" and code not in talk.text


def test_no_phone_number_is_made_up(desk):
    talk = Play("web:h4")
    before = len(desk.tickets(None))
    talk.say("cho xin số hotline", "human")
    assert "không có số điện thoại" in talk.text and len(desk.tickets(None)) == before
    talk.press("Gửi câu hỏi")
    assert find_code(talk.text) and len(desk.tickets(None)) == before + 1


def test_the_answer_comes_once_with_the_next_reply_and_by_code_elsewhere(desk, database):
    talk = Play("web:h5")
    code = asks(talk, "nộp ở đâu vậy")
    elsewhere = Play("zalo:5", "zalo")
    elsewhere.say(f"tiếp tục {code}")
    assert "đang chờ" in elsewhere.text
    assert desk.answer_ticket(code, "Bạn nộp ở xã nơi cư trú.")
    assert "nộp ở xã" not in with_human_answers(talk.last, "zalo", "zalo:5", database).plain_text()
    told = with_human_answers(talk.tap("/thank"), "web", "web:h5", database)
    assert code in told.lines[0].text and told.lines[1].text == "Bạn nộp ở xã nơi cư trú."
    assert "nộp ở xã" not in with_human_answers(talk.tap("/thank"), "web", "web:h5", database).plain_text()
    elsewhere.say(f"tiếp tục {code}")
    assert "Bạn nộp ở xã nơi cư trú." in elsewhere.text
    desk.close_ticket(code)


def test_too_many_tickets_are_refused_politely(desk):
    talk = Play("web:h6")
    for number in range(5):
        desk.close_ticket(asks(talk, f"câu {number}"))
    talk.say("gặp cán bộ", "human")
    assert find_code(talk.text) is None and "Bộ phận Một cửa" in talk.text
