"""Answers about procedures: which question type goes on, papers asked about by name, slots that need an event."""

import pytest
from playing import Play

from actions.base import _differs
from actions.procedures import goes_on

BIRTH = "1.001193"
MARRIAGE = "1.000894"


@pytest.mark.parametrize("text", ["còn đăng ký kết hôn?", "Thế còn kết hôn thì sao", "thế làm lại thì sao", "thế ảnh thẻ thì sao", "vậy kết hôn thì sao ạ", "the con ket hon", "con ket hon thi sao", "vay ket hon the nao?"])
def test_carries_on(text):
    assert goes_on(text)


@pytest.mark.parametrize("text", ["thẻ bảo hiểm y tế", "con tôi đăng ký kết hôn", "con toi ket hon", "the can cuoc", "còn nữa không", "thế nhé", "Con gái lấy chồng"])
def test_does_not_carry_on(text):
    assert not goes_on(text)


def linked(code: str, decision: str = "answer") -> dict:
    """What the linker says of a message that names one procedure."""
    return {"candidates": [{"code": code, "score": 9.0}], "decision": decision, "topical": 9.0, "topical_words": 2}


def test_a_short_further_matter_is_asked_the_same_question(play):
    play.say("khai sinh cho con mất bao nhiêu tiền", "ask_fee", link=linked(BIRTH))
    play.say("thế còn đăng ký kết hôn?", "ask_overview", link=linked(MARRIAGE))
    assert play.last.procedures == [MARRIAGE] and play.last.aspects == ["fee"]


def test_a_child_is_not_a_conjunction(play):
    play.say("khai sinh cho con mất bao nhiêu tiền", "ask_fee", link=linked(BIRTH))
    play.say("con tôi đăng ký kết hôn", "ask_overview", link=linked(MARRIAGE))
    assert play.last.procedures == [MARRIAGE] and play.last.aspects == ["overview"]


def test_a_paper_asked_about_by_name_is_a_question_to_the_dossier(play):
    play.say("đăng ký khai sinh cho con", "ask_overview", link=linked(BIRTH))
    play.say("có phải nộp giấy chứng sinh không?", "ask_overview", link={"decision": "none", "topical": 3.0})
    assert play.last.procedures == [BIRTH] and play.last.aspects == ["dossier"]
    assert "chứng sinh" in play.text.lower()


def test_a_yes_or_no_question_to_no_paper_stays_what_it_is(play):
    play.say("đăng ký khai sinh cho con", "ask_overview", link=linked(BIRTH))
    play.say("có được ủy thác qua tổng lãnh sự ở nước khác không", "ask_conditions", link={"decision": "none", "topical": 3.0})
    assert play.last.procedures == [BIRTH] and play.last.aspects == ["conditions"]


def test_slots_handed_back_as_they_are_get_an_event_only_when_they_could_have_changed():
    flow = {"name": "filing"}
    assert not _differs("a", "a") and not _differs({"name": "filing"}, flow)
    assert _differs("b", "a") and _differs(flow, flow) and _differs(None, flow)


def test_a_walk_through_keeps_its_code_over_turns(play: Play):
    play.tap(f'/guide_filing{{"procedure": "{BIRTH}"}}')
    code = play.slots["flow"]["code"]
    play.say("xong rồi")
    assert code and play.slots["flow"]["code"] == code


def in_talk(topic: str, *candidates: tuple[str, float]) -> dict:
    """What the linker says of a message inside a talk."""
    return {"decision": "none", "topical": 3.0, "topical_words": ["x"], "talk": {"topic": topic, "candidates": [{"code": code, "score": score} for code, score in candidates]}}


def test_a_tie_between_staying_and_moving_is_asked(play):
    play.say("đăng ký khai sinh cho con", "ask_overview", link=linked(BIRTH))
    play.say("trường hợp cưới xong mới khai thì sao", "ask_dossier", link=in_talk(BIRTH, (BIRTH, 0.5), (MARRIAGE, 0.4)))
    assert play.last.kind == "choices" and play.last.procedures == [BIRTH, MARRIAGE]


def test_a_clear_reading_is_told(play):
    play.say("đăng ký khai sinh cho con", "ask_overview", link=linked(BIRTH))
    play.say("ông bà đi khai thay được không", "ask_dossier", link=in_talk(BIRTH, (BIRTH, 0.8), (MARRIAGE, 0.6)))
    assert play.last.kind == "answer" and play.last.procedures == [BIRTH]


@pytest.mark.parametrize("confidence, types, aspects", [(0.4, 1, ["fee", "overview"]), (0.9, 1, ["fee"]), (0.4, 2, ["fee", "time"])])
def test_a_type_that_is_hardly_asked_comes_with_the_overview(play, confidence, types, aspects):
    asked = [{"name": f"ask_{name}", "confidence": 0.6} for name in ("fee", "time")[:types]]
    message = {"intent": {"name": "ask_fee", "confidence": confidence}, "question_types": asked, "link": linked(BIRTH)}
    play._turn("em sinh con xong nghe nói có tiền", "ask_fee", {}, message)
    assert play.last.procedures == [BIRTH] and play.last.aspects == aspects


@pytest.mark.parametrize(
    "said, matter, codes",
    [
        ("hồ sơ đăng ký có những giấy gì ạ", [], [MARRIAGE, BIRTH]),  # "đăng ký" stands in both titles, the rest only asks
        ("giấy khai sinh thì cần gì", ["khai", "sinh"], [BIRTH]),
        ("bên kết hôn nộp ở đâu", ["ben", "ket", "hon"], [MARRIAGE]),
    ],
)
def test_words_that_only_ask_pick_none_of_the_choices(play, said, matter, codes):
    offer = {"decision": "ask", "candidates": [{"code": MARRIAGE, "score": 0.4}, {"code": BIRTH, "score": 0.4}], "topical": 8.0, "topical_words": ["x"], "offer": [MARRIAGE, BIRTH]}
    play.say("đi đăng ký ở xã", "ask_overview", link=offer)
    assert play.last.kind == "choices"
    play.say(said, "ask_dossier", link={"decision": "none", "candidates": [], "topical": 2.0 if matter else 0.0, "topical_words": matter, "matter_words": matter})
    assert play.last.kind == "answer" and play.last.procedures == codes


def test_a_comparison_that_is_no_clear_question_is_about_its_measure(play):
    message = {"intent": {"name": "ask_conditions", "confidence": 0.3}, "question_types": [{"name": "ask_conditions", "confidence": 0.3}], "link": linked(MARRIAGE)}
    play._turn("đám cưới thì có lẹ hơn không", "ask_conditions", {}, message)
    assert play.last.procedures == [MARRIAGE] and play.last.aspects == ["time"]
