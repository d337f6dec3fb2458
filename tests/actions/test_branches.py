"""Which case are you: asked once each, answered by button, number or words, interrupted, corrected, taken up again."""

import itertools
import random

import pytest
from playing import Play

from actions.branches import questions
from knowledge.store import open_store

BIRTH, RESIDENCE = "1.001193", "1.004222"


def begin(talk: Play, code: str = BIRTH):
    return talk.tap(f'/checklist{{"procedure": "{code}"}}')


def asked(talk: Play) -> str | None:
    return ((talk.slots.get("flow") or {}).get("question") or {}).get("branch")


def test_asks_one_by_one_and_hands_over_the_list(play):
    begin(play)
    seen = []
    for reply in ("không", "1", "/branch_answer", "bà nội đi làm ạ"):
        seen.append(asked(play))
        if reply.startswith("/"):
            play.press("Chưa quá 60 ngày")
        else:
            play.say(reply)
    assert seen == ["yeu-to", "truong-hop", "thoi-han", "nguoi-nop"]
    assert play.slots["case"] == {"yeu-to": "trong-nuoc", "truong-hop": "binh-thuong", "thoi-han": "dung-han", "nguoi-nop": "nguoi-than"}
    assert play.last.kind == "answer" and "Danh sách chuẩn bị: Đăng ký khai sinh" in play.text
    assert "Văn bản ủy quyền" not in play.text and "bỏ rơi" not in play.text


def test_question_in_the_middle_is_answered_and_the_open_one_offered_once(play):
    begin(play)
    play.say("không")
    waiting = asked(play)
    first = play.text
    answer = play.say("hết bao nhiêu tiền", "ask_fee")
    assert answer.kind == "answer" and "Phí, lệ phí" in play.text and "Ta còn dở danh sách giấy tờ" in play.text
    assert asked(play) == waiting and play.text != first
    second = play.say("mấy ngày xong", "ask_time")
    assert "Ta còn dở" not in second.plain_text() and "Làm tiếp danh sách giấy tờ" in play.titles
    play.say("có giấy chứng sinh")
    assert asked(play) == "thoi-han"


def test_other_topic_leaves_the_flow_and_coming_back_does_not_ask_again(play):
    begin(play)
    play.say("không")
    play.say("có giấy chứng sinh")
    play.tap(f'/ask_dossier{{"procedure": "{RESIDENCE}"}}')
    assert play.slots["flow"]["parked"] and play.slots["procedure"] == RESIDENCE
    play.say("có", "affirm")
    assert play.slots["cases"][BIRTH] == {"yeu-to": "trong-nuoc", "truong-hop": "binh-thuong"}  # "có" answered nothing
    play.tap(f'/ask_fee{{"procedure": "{BIRTH}"}}')
    assert "Ta còn dở danh sách giấy tờ" in play.text and asked(play) == "thoi-han"
    assert play.slots["case"] == {"yeu-to": "trong-nuoc", "truong-hop": "binh-thuong"}


def test_choices_of_another_question_park_the_flow(play):
    begin(play)
    play.slots["choices"] = None
    play.say("làm lại thẻ", "ask_overview", link={"decision": "ask", "candidates": [{"code": "1.014063", "score": 0.4}, {"code": "1.014064", "score": 0.4}], "topical": 8.0, "topical_words": ["the", "lai"], "offer": ["1.014063", "1.014064"]})
    assert play.last.kind == "choices" and play.slots["flow"]["parked"]
    play.say("2", "choose")
    assert play.last.procedures == ["1.014064"]


def test_stop_and_take_up_again(play):
    begin(play)
    play.say("không")
    play.say("thôi để sau")
    assert "dừng" in play.text and play.titles
    play.say("hôm nay trời đẹp", "chitchat")
    assert "Ta còn dở" not in play.text
    play.say("tiếp tục danh sách")
    assert asked(play) == "truong-hop" and play.last.kind == "choices"


def test_list_so_far_without_the_open_answers(play):
    begin(play)
    play.say("không")
    play.say("dừng lại")
    play.press("Xem danh sách đến đây")
    assert play.last.kind == "answer" and "chỉ cần khi – Bé thuộc trường hợp nào" in play.text.replace("[", "")


def test_unknown_repeat_back_and_wrong_number(play):
    begin(play)
    texts = [play.text]
    for reply in ("nhắc lại câu hỏi", "9", "nhắc lại"):
        play.say(reply)
        assert asked(play) == "yeu-to"
        texts.append(play.text)
    assert len(set(texts)) == len(texts)
    play.say("không biết nữa")
    assert asked(play) == "truong-hop" and play.slots["case"] == {"yeu-to": "unknown"}
    play.say("quay lại câu trước")
    assert asked(play) == "yeu-to" and "yeu-to" not in play.slots["case"]
    play.say("quay lại")
    assert "câu đầu tiên" in play.text and asked(play) == "yeu-to"


def test_correction_of_an_earlier_answer(play):
    begin(play)
    for reply in ("không", "có giấy chứng sinh", "chưa quá"):
        play.say(reply)
    play.say("à nhầm, quá hạn rồi")
    assert play.slots["case"]["thoi-han"] == "qua-han" and asked(play) == "nguoi-nop"
    play.say("mẹ bé đi")
    assert "không đúng hạn" in play.text
    play.say("nhầm, nhờ người khác")
    assert "Văn bản ủy quyền" in play.text and "Tôi đã sửa" in play.text


def test_option_that_leads_to_another_procedure_carries_what_is_known(play):
    begin(play, "1.014063")
    play.say("người lớn")
    play.say("thẻ bị mất rồi")
    assert play.slots["procedure"] == "1.014064"
    assert play.slots["case"] == {"tuoi": "tu-14", "ly-do": "mat"}
    assert play.last.kind == "answer" and "theo thủ tục khác" in play.text and "mã 1.014064" in play.text


def test_turning_back_from_the_other_procedure(play):
    begin(play, "1.000894")
    play.press("Có, hoặc định cư")
    assert play.slots["procedure"] == "2.000806"
    play.press("Người Việt ở trong nước")
    assert play.slots["procedure"] == "1.000894" and play.slots["case"]["quoc-tich"] == "khong"
    assert asked(play) == "lan-dau"


def test_what_the_talk_said_is_not_asked_again(play):
    play.say("con em sinh ở nhà không có giấy chứng sinh, quá 60 ngày rồi", "ask_dossier", link={"decision": "answer", "candidates": [{"code": BIRTH, "score": 0.9}], "topical": 9.0, "topical_words": ["sinh"]})
    play.say("lập danh sách giúp em", "checklist")
    assert play.slots["case"] == {"truong-hop": "khong-chung-sinh", "thoi-han": "qua-han"}
    assert "tôi ghi nhận" in play.text and asked(play) == "yeu-to" and "Câu 1/2" in play.text


def test_dossier_and_fee_follow_the_case(play):
    begin(play)
    for reply in ("không", "trẻ bị bỏ rơi", "chưa", "ông bà"):
        play.say(reply)
    play.tap(f'/ask_dossier{{"procedure": "{BIRTH}"}}')
    assert "Biên bản về việc trẻ bị bỏ rơi" in play.text and "mang thai hộ" not in play.text
    play.tap(f'/ask_fee{{"procedure": "{BIRTH}"}}')
    assert "Hội đồng nhân dân" not in play.text


def test_again_forgets_the_answers(play):
    begin(play, "1.010038")
    play.press("Đã ly hôn")
    assert play.last.kind == "answer"
    play.press("Chọn lại trường hợp")
    assert asked(play) == "ly-do" and play.slots["case"] == {}


def test_old_buttons_do_no_harm(play):
    begin(play, "1.010038")
    old = [b.payload for b in play.last.buttons]
    play.press("Đã ly hôn")
    play.tap(old[0])
    assert play.last.kind in ("answer", "smalltalk") and play.slots["case"]["ly-do"] == "thuong"
    begin(play, BIRTH)
    play.tap(old[0])
    assert "câu hỏi trước" in play.text and asked(play) == "yeu-to"


def test_without_questions_the_list_comes_at_once(play):
    assert begin(play, "1.012566").kind == "answer"


def test_without_a_procedure_it_asks_for_one(play):
    answer = play.say("lập danh sách giấy tờ cho tôi", "checklist", link={"decision": "none", "topical": 0.0})
    assert answer.kind == "choices" and "flow" not in play.slots


def test_code_known_by_name_only(play, database):
    named = next(code for code in open_store(database).codes() if all(layer.source.origin == "register" for layer in open_store(database).layers(code)))
    assert begin(play, named).kind == "declined"


@pytest.mark.parametrize("seed", range(20))
def test_random_answers_always_end_in_a_list(play, database, seed):
    """Any order of buttons ends within a bounded number of turns, without a question asked twice in the same words."""
    rng = random.Random(seed)
    store = open_store(database)
    code = rng.choice([c for c in store.codes() if questions(c)])
    begin(play, code)
    said = [play.text]
    for _ in range(25):
        if play.last.kind != "choices":
            break
        play.tap(rng.choice(play.last.buttons).payload)
        assert play.text != said[-1]
        said.append(play.text)
    assert play.last.kind in ("answer", "declined"), said[-1]
    assert len(said) <= 14


def test_interruptions_at_every_question(play):
    """Whatever is asked in between, the same list comes out."""
    replies = ("không", "có giấy chứng sinh", "rồi", "nhờ người khác")
    lists = set()
    for places in itertools.product((False, True), repeat=3):
        talk = Play()
        begin(talk)
        for reply, interrupted in zip(replies, (*places, False), strict=True):
            if interrupted:
                talk.say("nộp ở đâu", "ask_where")
            talk.say(reply)
        lists.add(talk.text)
    assert len(lists) == 1
