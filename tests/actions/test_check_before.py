"""Before you submit: one question after another, what to mend at the end, general words marked as such."""

import pytest
from playing import Play

from actions.check_before import MOST, plan
from actions.procedures import topic_of
from actions.talk import Talk
from knowledge.checks import FOLDER, CheckError, check_by_id, checks_for, read

BIRTH, LAND = "1.001193", "1.012784"


def begin(talk: Play, code: str = BIRTH):
    return talk.tap(f'/check_before{{"procedure": "{code}"}}')


def waiting(talk: Play) -> str:
    return talk.slots["flow"]["question"]["branch"].removeprefix("check:")


def test_all_good(play):
    begin(play)
    seen = []
    while play.last.kind == "choices":
        seen.append(waiting(play))
        item = check_by_id(seen[-1])
        play.press("Không" if item and item.good == "khong" else "Có")
    assert len(seen) == len(set(seen)) and 5 <= len(seen) <= MOST
    assert "đều ổn" in play.text and "Cần sửa" not in play.text
    assert "flow" not in play.slots


def test_what_is_wrong_is_said_at_the_end_with_its_source(play):
    begin(play)
    wrong = {"giay-to", "tip-1", "chu-ky"}
    while play.last.kind == "choices":
        here = waiting(play)
        item = check_by_id(here)
        good = "Không" if item and item.good == "khong" else "Có"
        play.press(good if here not in wrong else "Không" if good == "Có" else "Có")
    assert "Cần sửa trước khi nộp" in play.text
    assert "rõ nét" in play.text and "Ký và ghi rõ họ tên" in play.text and "☐ Tờ khai đăng ký khai sinh" in play.text
    for line in play.last.lines:
        if "Thủ tục ghi" in line.text or line.text.startswith("☐"):
            assert line.source is not None and line.row
        elif line.kind == "item":
            assert "kinh nghiệm chung" in line.text


def test_interruption_then_the_same_question_in_other_words(play):
    begin(play)
    play.say("đủ rồi ạ")
    before, here = play.text, waiting(play)
    play.say("lệ phí bao nhiêu", "ask_fee")
    assert "Ta còn dở phần kiểm tra" in play.text and waiting(play) == here and play.text != before
    play.say("chưa")
    assert waiting(play) != here and "Tôi ghi lại" in play.text


def test_stop_gives_the_result_so_far(play):
    begin(play)
    play.say("không")
    play.say("dừng")
    assert play.last.kind == "answer" and "Cần sửa" in play.text and "chưa kiểm tra" in play.text and "flow" not in play.slots
    begin(play)
    play.say("dừng lại")
    assert "chưa kết luận" in play.text


def test_unknown_back_and_other_procedure(play):
    begin(play)
    first = waiting(play)
    play.say("không chắc")
    assert waiting(play) != first
    play.say("quay lại câu trước")
    assert waiting(play) == first
    play.tap('/ask_fee{"procedure": "1.004194"}')
    assert play.slots["flow"]["parked"]
    play.say("tiếp tục kiểm tra")
    assert waiting(play) == first and not play.slots["flow"].get("parked")


@pytest.mark.parametrize(
    ("text", "check"),
    [("chụp bị mờ có sao không", "anh-ro"), ("tệp nặng quá dung lượng thì sao", "dung-luong"), ("em chưa ký tên có bị trả không", "chu-ky"), ("nộp sai nơi có được chuyển không", "dung-noi")],
)
def test_a_question_on_one_point_is_answered(play, text, check):
    answer = play.say(text, "check_before")
    assert check_by_id(check).mend in play.text and "Kinh nghiệm chung" in play.text
    assert answer.kind == "guidance" and "Kiểm tra cả hồ sơ" in play.titles


def test_reasons_with_the_notes_of_the_procedure(play):
    play.tap(f'/ask_dossier{{"procedure": "{LAND}"}}')
    play.say("vì sao hồ sơ hay bị trả lại vậy", "check_before", link={"decision": "none", "topical": 0.0})
    assert "sơ đồ thửa đất" in play.text and "Kinh nghiệm chung" in play.text
    assert play.last.procedures == [LAND]


def test_without_a_procedure_general_checks(play):
    play.say("kiểm tra giúp hồ sơ", "check_before", link={"decision": "none", "topical": 0.0})
    assert play.last.kind == "choices" and play.slots["flow"]["procedure"] is None
    play.say("dừng")
    assert play.last.kind == "guidance"


def test_a_check_from_a_source_appears_only_where_the_source_says_so(database):
    def ids(code):
        return plan(topic_of(code, Talk("", "", 1.0, [], [], [], "none", 0.0, {}, {})))

    assert "hop-phap-hoa" in ids("2.000806") and "hop-phap-hoa" not in ids("2.002516")
    assert all(len(ids(code)) >= 4 for code in (BIRTH, LAND, "1.001612", "3.000347"))


def test_files_keep_the_schema(tmp_path):
    assert len([c for path in FOLDER.glob("*.yml") for c in read(path)[1]]) >= 20
    assert all("MB" not in c.mend and "KB" not in c.mend for c in checks_for(None, None))
    broken = tmp_path / "x.yml"
    broken.write_text("checks:\n  - {id: a, question: không dấu hỏi, mend: b}\n", encoding="utf-8")
    with pytest.raises(CheckError):
        read(broken)
