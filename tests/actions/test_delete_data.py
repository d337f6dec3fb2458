"""Deleting: slots, questions to officials and the place to resume go; a question about privacy deletes nothing."""

from playing import Play

from knowledge.desk import find_code


def test_everything_goes(desk):
    talk = Play("web:d1")
    talk.tap("/team_mode")
    talk.tap('/guide_filing{"procedure": "1.001193"}')
    first = talk.slots["flow"]["code"]
    talk.say("hộ 2")
    talk.tap('/guide_filing{"procedure": "1.004194"}')
    second = talk.slots["flow"]["code"]
    talk.say("gặp cán bộ", "human")
    ticket = find_code(talk.text)
    talk.say("xóa dữ liệu của tôi", "delete_data")
    assert talk.slots == {} and talk.forgotten and "Đã xóa" in talk.text and "Phiếu" in talk.text
    assert desk.ticket(ticket) is None
    for code in (first, second):
        assert desk.find(code, "web:other") is None


def test_a_question_about_privacy_deletes_nothing(desk):
    talk = Play("web:d2")
    talk.tap('/ask_fee{"procedure": "1.001193"}')
    talk.say("bạn có lưu thông tin của tôi không", "delete_data")
    assert not talk.forgotten and talk.slots["procedure"] == "1.001193"
    talk.press("Xóa ngay")
    assert talk.forgotten and talk.slots == {}


def test_without_anything_to_delete():
    talk = Play("web:d3")
    talk.tap("/delete_data")
    assert talk.forgotten and "Phiếu" not in talk.text
