"""Filing online step by step: moving, interruptions, troubles, resuming elsewhere, procedures without an online way."""

import pytest
from playing import Play

from actions.filing import OWN
from knowledge.desk import find_code
from knowledge.filing import find_trouble, troubles, walk
from knowledge.filing.flow import filing_accepts

BIRTH = "1.001193"
RUNNING = {"name": "filing", "procedure": BIRTH, "step": 3}


def begin(talk: Play, code: str = BIRTH):
    return talk.tap(f'/guide_filing{{"procedure": "{code}"}}')


def step(talk: Play) -> int:
    return talk.slots["flow"]["step"]


def test_walks_through_all_steps_and_ends(play):
    begin(play)
    seen = {play.text}
    for number in range(2, len(walk().steps) + 1):
        play.say("xong rồi ạ")
        assert step(play) == number and f"Bước {number}/" in play.text and play.text not in seen
        seen.add(play.text)
    play.press("Xong")
    assert "flow" not in play.slots and "hết các bước" in play.text and play.titles


def test_every_line_says_whether_it_is_general_or_of_the_procedure(play):
    begin(play)
    for _ in range(len(walk().steps)):
        for line in play.last.lines:
            if line.kind in ("item", "fact"):
                source = play.last.sources[line.source]
                assert (source.origin == "general") != bool(line.row)
                assert BIRTH in source.document or "không phải quy định" in source.document
        play.say("tiếp")


@pytest.mark.parametrize(
    "text, payload",
    [
        ("bước tiếp theo", "/guide_next"),
        ("Rồi, đăng nhập xong rồi", "/guide_next"),
        ("quay lại bước trước", "/guide_back"),
        ("nhắc lại giúp em", "/guide_repeat"),
        ("sang bước 5 nhé", '/guide_step{"step": 5}'),
        ("bước hai", '/guide_step{"step": 2}'),
        ("em bị kẹt ở đây", "/stuck"),
        ("chưa được", "/stuck"),
        ("otp ko về", '/stuck{"trouble": "otp"}'),
        ("thôi để mai làm tiếp", "/flow_stop"),
        ("dừng", "/flow_stop"),
        ("đúng rồi", "/guide_next"),
        ("tiếp tục BCD234", '/resume{"code": "BCD234"}'),
        ("lệ phí bao nhiêu", None),
        ("đăng ký tạm trú cần giấy tờ gì", None),
        ("tiếp tục thời hạn tạm trú thì làm sao", None),
        ("quay lại cái khai sinh lúc nãy", None),
        ("không có giấy chứng sinh thì sao", None),
        ("dung", None),  # dừng, đúng or dùng
        ("cảm ơn bạn", None),
        ("", None),
    ],
)
def test_what_the_running_guide_takes(text, payload):
    assert filing_accepts(text, RUNNING) == payload


def test_a_finished_guide_takes_nothing():
    assert filing_accepts("tiếp", {"name": "filing", "done": True}) is None


def test_agreeing_after_an_interruption_shows_the_step_again():
    assert filing_accepts("ok", {**RUNNING, "away": True}) == "/guide_repeat"
    assert filing_accepts("ok", RUNNING) == "/guide_next"


def test_back_repeat_and_number(play):
    begin(play)
    play.say("quay lại bước trước")
    assert step(play) == 1 and "bước đầu tiên" in play.text
    play.say("bước 7")
    assert step(play) == 7
    play.say("lùi lại một bước")
    assert step(play) == 6
    play.say("nhắc lại")
    assert step(play) == 6 and "nhắc lại" in play.text
    play.say("bước 40")
    assert step(play) == 6 and "từ 1 đến 10" in play.text


def test_a_question_in_the_middle_is_answered_and_the_way_back_offered_once(play):
    begin(play)
    play.say("tiếp")
    first = play.say("lệ phí bao nhiêu", "ask_fee")
    assert first.aspects == ["fee"] and "nhắn “tiếp”" in play.text and "Làm tiếp bước 2" in play.titles
    play.say("thời hạn mấy ngày", "ask_time")
    assert "nhắn “tiếp”" not in play.text and "Làm tiếp bước 2" in play.titles
    play.press("Làm tiếp bước 2")
    assert step(play) == 2 and "Bước 2/" in play.text
    play.say("tiếp")
    assert step(play) == 3


def test_another_procedure_in_the_middle_does_not_lose_the_thread(play):
    begin(play)
    play.say("tiếp")
    play.tap('/ask_dossier{"procedure": "1.004194"}')
    assert play.slots["procedure"] == "1.004194" and "Làm tiếp bước 2" in play.titles
    play.press("Làm tiếp")
    assert play.last.procedures == [BIRTH] and step(play) == 2


def test_the_guide_waits_below_the_questions_of_the_checklist(play):
    begin(play)
    play.say("bước 5")
    play.press("Lọc giấy tờ")
    assert play.slots["flow"]["name"] == "branches"
    for _ in range(8):
        if play.slots["flow"].get("name") == "filing":
            break
        play.press("Không biết")
    assert step(play) == 5 and "Làm tiếp bước 5" in play.titles


def test_the_papers_of_a_step_are_those_of_the_case(play):
    play.slots["case"] = {"truong-hop": "bo-roi"}
    play.slots["cases"] = {BIRTH: {"truong-hop": "bo-roi"}}
    begin(play)
    play.say("bước 5")
    assert "bị bỏ rơi" in play.text and "mang thai hộ" not in play.text and "Giấy chứng sinh (" not in play.text


def test_a_procedure_without_an_online_way_says_so(play, database):
    from actions.talk import store

    code = next(c for c in store().codes() if (one := store().layers(c)[0]).channels and all(ch.method != "online" for ch in one.channels))
    begin(play, code)
    assert "không nêu cách nộp trực tuyến" in play.text and "flow" not in play.slots and play.titles


def test_a_procedure_known_by_name_only_is_not_guided(play):
    from actions.talk import store
    from knowledge.records import NAMED_ONLY

    code = next(c for c in store().codes() if all(layer.source.origin in NAMED_ONLY for layer in store().layers(c)))
    begin(play, code)
    assert play.last.kind == "declined" and "flow" not in play.slots


def test_which_procedure_is_asked_and_answered_by_number(play):
    play.say("hướng dẫn nộp", "guide_filing")
    assert play.last.kind == "choices" and play.titles == ["Các bước nộp nói chung"]
    candidates = [{"code": c, "score": 0.5} for c in (BIRTH, "1.004194")]
    play.say("hướng dẫn nộp giấy tờ", "guide_filing", link={"candidates": candidates, "decision": "ask", "topical": 3.0, "topical_words": ["giay"]})
    assert play.last.procedures == [BIRTH, "1.004194"]
    play.say("cái thứ 2")
    assert play.slots["flow"]["procedure"] == "1.004194" and step(play) == 1


def test_the_general_guide_claims_no_procedure(play):
    play.tap('/guide_filing{"value": "general"}')
    assert play.last.kind == "smalltalk" and play.last.procedures == []
    assert {s.origin for s in play.last.sources} == {"general"}


def test_resume_on_another_channel(play):
    begin(play)
    code = find_code(play.text)
    play.say("tiếp")
    play.say("tiếp")
    other = Play("telegram:9", "telegram")
    other.say(f"tiếp tục {code.lower()}", "affirm")
    assert other.slots["procedure"] == BIRTH and step(other) == 3 and "Bước 3/" in other.text
    assert other.slots["flow"]["code"] == code


def test_stopping_tells_the_code_and_the_code_goes_on(play):
    begin(play)
    code = play.slots["flow"]["code"]
    play.say("tiếp")
    play.press("Dừng")
    assert code in play.text and "flow" not in play.slots
    play.say(f"tiếp tục {code}")
    assert step(play) == 2


def test_the_case_comes_along(play):
    play.slots["cases"] = {BIRTH: {"truong-hop": "bo-roi"}}
    begin(play)
    other = Play("zalo:1", "zalo")
    other.say(f"mã {play.slots['flow']['code']}")
    assert other.slots["case"] == {"truong-hop": "bo-roi"}


def test_wrong_codes_are_refused_and_then_made_to_wait(play):
    other = Play("web:guesser")
    for _ in range(5):
        other.say("tiếp tục BCDF23")
        assert "Không có gì được lưu" in other.text
    other.say("tiếp tục BCDF23")
    assert "thử lại sau" in other.text and other.last.kind == "declined"


def test_the_code_says_nothing_of_the_person(play, desk):
    begin(play)
    found = desk.find(play.slots["flow"]["code"], "web:2")
    assert set(found) == {"kind", "procedure", "step", "case"} and "web:1" not in str(found)


@pytest.mark.parametrize(
    "said, trouble",
    [
        ("mã otp mãi không thấy về", "otp"),
        ("em quên mật khẩu vneid rồi", "mat-khau"),
        ("tài khoản của tôi mới mức 1", "muc-2"),
        ("anh chup bi mo", "anh-mo"),
        ("file nặng quá không tải lên được", "qua-dung-luong"),
        ("bị trừ tiền hai lần luôn", "tru-tien-hai-lan"),
        ("nộp nhầm xã mất rồi", "sai-noi"),
        ("tìm không thấy thủ tục đâu hết", "khong-thay-dich-vu"),
        ("không ký số được", "ky-so"),
        ("hồ sơ bị trả lại", "bi-tra-lai"),
        ("đăng ký kết hôn", None),
        ("lệ phí bao nhiêu tiền", None),
    ],
)
def test_troubles_are_found_in_words(said, trouble):
    found = find_trouble(said)
    assert (found.id if found else None) == trouble


@pytest.mark.parametrize("trouble", troubles())
def test_every_trouble_says_what_to_do_and_whom_to_ask(play, trouble):
    begin(play)
    play.tap(f'/stuck{{"trouble": "{trouble}"}}')
    assert "hỏi:" in play.text and len(play.last.lines) >= 3 and "Gặp cán bộ" in play.titles
    play.press("Xem lại bước 1")
    assert step(play) == 1


def test_stuck_twice_is_not_asked_the_same_again(play):
    begin(play)
    play.press("Tôi bị kẹt")
    first = play.text
    play.say("vẫn không được")
    play.say("chưa được")
    assert play.text != first and "Gặp cán bộ" in play.titles


def test_stuck_without_a_guide(play):
    play.say("em bị kẹt rồi", "stuck")
    assert play.last.kind == "smalltalk" and len(play.titles) >= 5
    play.press("Quên mật khẩu")
    assert "lấy lại mật khẩu" in play.text


def test_next_without_a_guide_does_something_sensible(play):
    play.say("bước tiếp theo là gì", "guide_next")
    assert play.last.kind == "smalltalk"
    play.tap('/ask_overview{"procedure": "1.001193"}')
    play.say("bước tiếp theo là gì", "guide_next")
    assert play.last.aspects == ["steps"]


def test_the_data_hangs_together():
    assert len(walk().steps) == 10 and len(troubles()) >= 12
    assert {name for s in walk().steps for name in s.own} <= set(OWN)
    texts = " ".join(" ".join(s.say) for s in walk().steps) + " ".join(" ".join(t.do) for t in troubles().values())
    # No figure and no phone number may be claimed by general advice.
    assert "MB" not in texts and not any(word.isdigit() and len(word) > 3 for word in texts.split())
