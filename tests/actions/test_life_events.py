"""Life events: ten and more, in order, only procedures that exist, found by words."""

import pytest
from playing import Play

from actions.life_events import offered
from knowledge.life_events import LifeEventError, event_by_id, events, find_event, read
from knowledge.store import open_store


def test_at_least_ten_events_all_of_known_codes(database):
    assert len(events()) >= 10
    store = open_store(database)
    for event in events():
        missing = [code for code in event.codes if not store.layers(code)]
        assert not missing, (event.id, missing)


@pytest.mark.parametrize("event", events(), ids=lambda e: e.id)
def test_shown_in_order_with_buttons_and_sources(play, event):
    answer = play.tap(f'/life_event{{"event": "{event.id}"}}')
    assert answer.kind == "answer" and answer.procedures == offered(event)
    numbered = [line for line in answer.lines if line.text[:1].isdigit()]
    assert len(numbered) == len(answer.procedures)
    assert [int(line.text.split(".")[0]) for line in numbered] == list(range(1, len(numbered) + 1))
    assert all(line.source is not None for line in numbered)
    shown = play.slots["choices"]
    for number, code in enumerate(shown, 1):
        assert f"{number}. " in numbered[number - 1].text and code in numbered[number - 1].text
    play.say("2", "choose")
    assert play.last.procedures == [shown[1]]


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("chị gái em vừa sinh cháu trai", "sinh-con"),
        ("hai đứa mình cuối năm cưới", "ket-hon"),
        ("ông ngoại mới qua đời sáng nay", "nguoi-mat"),
        ("nhà em dọn về quê sinh sống luôn", "chuyen-nha"),
        ("em bị rớt bóp mất sạch giấy tờ", "mat-giay-to"),
        ("mẹ tôi tính mở tiệm tạp hóa", "mo-cua-hang"),
        ("gia đình sắp cất nhà mới", "xay-nha"),
        ("vợ chồng mới mua căn hộ chung cư", "mua-nha-dat"),
        ("vừa tậu xe máy mới", "mua-xe"),
        ("cháu sắp đi du học", "di-nuoc-ngoai"),
        ("năm sau tôi về hưu", "nghi-huu"),
        ("toi vua ly hon xong", "ly-hon"),
        ("nha co nguoi mat", "nguoi-mat"),
    ],
)
def test_found_by_words(text, event):
    assert find_event(text).id == event


@pytest.mark.parametrize("text", ["lệ phí bao nhiêu", "đổi bằng lái xe hết hạn", "xin chào", "xuất ngũ về quê", "đăng ký tạm trú cho công nhân"])
def test_not_found_in_other_matters(text):
    assert find_event(text) is None


def test_next_step_after_one_is_done(play):
    play.tap('/life_event{"event": "nguoi-mat"}')
    play.tap('/ask_overview{"procedure": "1.000656"}')
    play.say("xong rồi làm gì tiếp")
    assert play.last.procedures == ["1.003197"] and "Việc tiếp theo" in play.text
    play.say("lệ phí bao nhiêu", "ask_fee")
    assert play.last.procedures == ["1.003197"]
    play.say("việc tiếp theo")
    assert play.last.procedures == ["2.000821"]
    play.say("xem lại danh sách việc")
    assert play.last.procedures[0] == "1.000656"


def test_after_the_joint_filing_what_it_covers_is_not_offered(play):
    play.tap('/life_event{"event": "sinh-con"}')
    play.tap('/ask_overview{"procedure": "2.000986"}')
    play.say("việc tiếp theo là gì")
    assert play.last.procedures == ["2.000693"]


def test_last_step_is_said(play):
    event = event_by_id("xay-nha")
    play.tap('/life_event{"event": "xay-nha"}')
    play.tap(f'/ask_overview{{"procedure": "{event.steps[-1].code}"}}')
    play.say("tiếp theo")
    assert "việc cuối" in play.text and play.titles


def test_life_event_waits_below_a_checklist(play):
    play.tap('/life_event{"event": "ly-hon"}')
    play.tap('/checklist{"procedure": "1.010038"}')
    assert play.slots["flow"]["under"]["name"] == "life_event"
    play.press("Đã ly hôn")
    assert play.last.kind == "answer" and play.slots["flow"]["name"] == "life_event"


def test_unclear_event_is_asked_for(play):
    answer = play.say("cần làm trọn bộ giấy tờ", "life_event", link={"decision": "none", "topical": 0.0})
    assert answer.kind == "choices" and len(answer.buttons) == len(events())


def test_broken_file_is_named(tmp_path):
    broken = tmp_path / "x.yml"
    broken.write_text("id: x\ntitle: X\nnames: [a]\nsituations: [b]\nsteps: [{code: '1'}]\n", encoding="utf-8")
    with pytest.raises(LifeEventError, match=r"x\.yml"):
        read(broken)


def test_told_as_a_question_without_a_procedure(play):
    answer = play.say("em dâu mới đẻ hôm kia thì cần lo giấy tờ gì", "ask_dossier", link={"decision": "none", "topical": 6.0, "topical_words": ["de"]})
    assert answer.kind == "answer" and answer.procedures[0] == "2.000986"
    other = Play().say("trời mưa quá", "ask_overview", link={"decision": "none", "topical": 6.0, "topical_words": ["mua"]})
    assert other.kind == "declined"
