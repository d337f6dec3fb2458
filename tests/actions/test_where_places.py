"""Where to file at the place that the message names: old and new names, levels, the day of the reform, messages without one."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import time

import pytest

from actions.answer import Answer
from actions.aspects import where
from actions.topic import Topic
from knowledge.place_mentions import told_places
from knowledge.store import open_store

BIRTH, RESIDENCE, VEHICLE, INSURANCE = "1.001193", "1.004222", "1.013067", "1.002179"
AFTER, FIRST, LAST = dt.date(2026, 11, 21), dt.date(2025, 7, 1), dt.date(2025, 6, 30)
WITHOUT = [
    "em ở nhà thì nộp ở đâu", "lên công an nộp có được không", "ra xã hay ra phường nộp hồ sơ vậy", "xã mới sáp nhập thì nộp chỗ nào", "người Việt Nam định cư ở nước ngoài nộp ở đâu",
    "người việt nam định cư lâu năm nộp chỗ nào", "báo cáo trung bình định kỳ nộp cơ quan nào", "nhà em có hai phòng trọ thì đăng ký ở đâu", "lương cao bằng người khác có phải nộp thuế không",
    "chị Hà Giang nhà em làm căn cước ở đâu", "con em tên Nguyễn Thái Bình khai sinh nộp ở đâu", "anh Bình Dương hỏi nộp hồ sơ chỗ nào", "cho em xin lai chau giay khai sinh nop o dau",
    "can ca mau don thi nop o dau", "q1/2025 nộp tờ khai thuế ở đâu", "công an xã an ninh trật tự nhận hồ sơ không", "nộp ở xã trung tâm một cửa hả", "làm ở công ty thì nộp đâu ạ", "em đang đi làm xa, bạn em nộp thay được không", "chi Hue oi nop o dau", "em o xa que, lam giay to o day duoc khong",
]  # fmt: skip


@pytest.fixture
def ask(database):
    """The answer on where to file, as its place lines (those with the source of the places)."""

    def asked(text: str, code: str = BIRTH, day: dt.date = AFTER) -> tuple[str, Answer]:
        answer = Answer("answer")
        answer.lines = where.lines(Topic(open_store(database).layers(code), day, text), answer)
        ours = [n for n, source in enumerate(answer.sources) if source.origin == "places"]
        return "\n".join(line.text for line in answer.lines if line.source in ours), answer

    return asked


@pytest.mark.parametrize("text", WITHOUT)
def test_no_place_in_everyday_words(text, ask):
    assert told_places(text) == ()
    said, answer = ask(text)
    assert said == "" and answer.lines == ask("")[1].lines and answer.sources == ask("")[1].sources


@pytest.mark.parametrize(
    "text",
    ["em ở phường Bến Nghé quận 1 thì nộp chỗ nào", "toi o phuong ben nghe quan 1 nop o dau", "Bến Nghé, Q.1 thì nộp ở đâu", "phuong Ben Nghe, q1 nop dau", "nop o dau a, nha em phuong ben nghe quan 1", "NHÀ Ở PHƯỜNG BẾN NGHÉ, QUẬN 1 NỘP Ở ĐÂU"],
)
def test_an_old_commune_is_told_as_the_one_of_today(text, ask):
    said, answer = ask(text)
    assert "Phường Bến Nghé (Quận 1) nay là Phường Sài Gòn, Thành phố Hồ Chí Minh" in said
    assert "Cấp xã: nộp tại Trung tâm Phục vụ hành chính công / Ủy ban nhân dân Phường Sài Gòn, Thành phố Hồ Chí Minh" in said
    (source,) = [source for source in answer.sources if source.origin == "places"]
    assert source.number == "202/2025/QH15" and source.date == "2025-06-12" and "vietnam-provinces" in source.document and "underthesea" in source.document
    assert answer.lines[0].kind == "heading" and any(line.text.startswith("Cơ quan thực hiện") for line in answer.lines)


def test_the_agency_is_the_one_of_the_source(ask):
    text = "nhà em ở phường Bến Nghé quận 1"
    assert "Cấp xã: nộp tại Công an Phường Sài Gòn, Thành phố Hồ Chí Minh" in ask(text, RESIDENCE)[0]
    said = ask(text, VEHICLE)[0]
    assert "Cấp tỉnh: Công an Thành phố Hồ Chí Minh" in said and "Cấp xã: Công an Phường Sài Gòn" in said and "tùy trường hợp" in said
    said = ask(text, INSURANCE)[0]
    assert "nộp tại Bảo hiểm xã hội Thành phố Hồ Chí Minh" in said and "Cấp xã" not in said


def test_an_old_district_asks_for_the_commune_of_today(ask):
    said, _ = ask("toi o huyen Cu Chi thi nop o dau")
    assert "không còn cấp huyện" in said and "Xã Củ Chi" in said and "và 1 nơi khác" in said and "?" in said and "nộp tại" not in said
    assert "Phường Cát Lái" in ask("em ở Thủ Đức thì nộp chỗ nào")[0] and "và 6 nơi khác" in ask("em ở Thủ Đức thì nộp chỗ nào")[0]
    assert "Cấp tỉnh: nộp tại Bảo hiểm xã hội Thành phố Hồ Chí Minh" in ask("em ở huyện Củ Chi", INSURANCE)[0]


@pytest.mark.parametrize("text", ["em ở Bình Dương nộp ở đâu", "em o binh duong nop o dau", "bình dương thì nộp chỗ nào", "nộp ở đâu, em ở tỉnh Bình Dương"])
def test_a_merged_province(text, ask):
    said, _ = ask(text)
    assert "Tỉnh Bình Dương cũ nay thuộc Thành phố Hồ Chí Minh" in said and "xã, phường nào của Thành phố Hồ Chí Minh?" in said
    assert "Bảo hiểm xã hội Thành phố Hồ Chí Minh" in ask(text, INSURANCE)[0] and "?" not in ask(text, INSURANCE)[0]


def test_a_divided_commune_asks_which(ask):
    said, _ = ask("em ở xã Tân Thạnh, huyện Thới Lai, Cần Thơ thì nộp ở đâu")
    assert "đã chia về 2 nơi" in said and "Xã Trường Thành; Xã Tân Thạnh?" in said and "nộp tại" not in said


@pytest.mark.parametrize(("text", "most"), [("em ở huyện Châu Thành thì nộp ở đâu", 6), ("em ở phường 1 thì nộp ở đâu", 7), ("ở quận Bình Thạnh nộp đâu", 6)])
def test_choices_are_few(text, most, ask):
    said, _ = ask(text)
    asked = said.splitlines()[-1]
    assert asked.count("?") == 1 and asked.count(";") + 1 <= most and "nộp tại" not in said


@pytest.mark.parametrize("text", ["ở quận 1", "em ở huyện Châu Thành", "ở huyện Củ Chi", "ở thành phố Thủ Đức", "phường Bến Nghé, quận 1", "ở Hà Giang"])
@pytest.mark.parametrize("code", [BIRTH, RESIDENCE, VEHICLE, INSURANCE])
@pytest.mark.parametrize("day", [FIRST, AFTER])
def test_never_a_district_to_file_at_since_the_reform(text, code, day, ask):
    _, answer = ask(text, code, day)
    offices = [line.text for line in answer.lines if line.source is not None and answer.sources[line.source].origin == "places" and line.kind == "item"]
    assert not [one for one in offices if any(word in one for word in ("Quận", "Huyện", "Thị xã", "Cấp huyện", "Thành phố Thủ Đức"))]


def test_the_day_before_the_reform_has_the_old_units(ask):
    text = "em ở phường Bến Nghé quận 1 nộp ở đâu"
    before, first = ask(text, day=LAST)[0], ask(text, day=FIRST)[0]
    assert "nộp tại Ủy ban nhân dân Phường Bến Nghé, Quận 1, Thành phố Hồ Chí Minh" in before and "Sài Gòn" not in before and "nay là" not in before
    assert "Ủy ban nhân dân Phường Sài Gòn, Thành phố Hồ Chí Minh" in first
    merged = "em ở Bình Dương nộp ở đâu"
    assert "Bảo hiểm xã hội Tỉnh Bình Dương" in ask(merged, INSURANCE, LAST)[0]
    assert "Bảo hiểm xã hội Thành phố Hồ Chí Minh" in ask(merged, INSURANCE, FIRST)[0]
    assert "Sài Gòn" not in ask("em ở phường Sài Gòn, Thành phố Hồ Chí Minh", day=LAST)[0]


def test_two_places_are_two(ask):
    first, second = told_places("hộ khẩu Nghệ An, đang ở quận 7 thì nộp ở đâu")
    assert first.province == "Tỉnh Nghệ An" and second.province == "Thành phố Hồ Chí Minh" and second.level == "district"
    (one,) = told_places("em ở quận 1, tạm trú lâu rồi, thành phố Hồ Chí Minh")
    assert one.level == "district" and one.province == "Thành phố Hồ Chí Minh"


def test_kinds_without_accents_vouch_for_each_other():
    (match,) = told_places("nop cho nao a, nha em xa binh long huyen chau phu tinh an giang")
    assert match.level == "commune" and match.province == "Tỉnh An Giang"


def test_in_a_conversation(play):
    answer = play.say(
        "khai sinh cho bé ở phường Bến Nghé quận 1 thì nộp ở đâu", "ask_where",
        entities=[{"entity": "procedure", "value": BIRTH}], link={"decision": "answer", "candidates": [{"code": BIRTH, "score": 0.99}], "topical": 8.0, "offer": []},
    )  # fmt: skip
    assert answer.kind == "answer" and answer.procedures == [BIRTH]
    assert "nay là Phường Sài Gòn" in play.text and "Nghị quyết" in play.text and "202/2025/QH15" in play.text


WHERE = {"entities": [{"entity": "procedure", "value": BIRTH}], "link": {"decision": "answer", "candidates": [{"code": BIRTH, "score": 0.99}], "topical": 8.0, "offer": []}}


@pytest.mark.parametrize("intent", ["not_found", "ask_overview", "ask_where"])
@pytest.mark.parametrize(
    ("first", "reply", "place"),
    [
        ("em ở huyện Củ Chi", "xã Bình Mỹ", "Xã Bình Mỹ, Thành phố Hồ Chí Minh"), ("em ở quận 3", "dạ em ở phuong ban co ạ", "Phường Bàn Cờ, Thành phố Hồ Chí Minh"),
        ("em ở Bình Dương", "phường Dĩ An", "Phường Dĩ An, Thành phố Hồ Chí Minh"), ("em ở quận 1", "Bến Nghé", "Phường Sài Gòn, Thành phố Hồ Chí Minh"),
    ],
)  # fmt: skip
def test_the_reply_to_the_question_is_taken(play, intent, first, reply, place):
    play.say(f"khai sinh nộp ở đâu, {first}", "ask_where", **WHERE)
    answer = play.say(reply, intent)
    assert answer.kind == "answer" and answer.procedures == [BIRTH] and answer.aspects == ["where"]
    assert f"Ủy ban nhân dân {place}" in play.text


def test_another_message_is_no_reply(play):
    play.say("khai sinh nộp ở đâu, em ở quận 3", "ask_where", **WHERE)
    assert play.say("trời ở quận 3 nóng quá").kind == "declined"
    play.say("khai sinh nộp ở đâu, em ở phường Bến Nghé quận 1", "ask_where", **WHERE)
    assert play.say("xã Bình Mỹ").kind == "declined"  # nothing was asked


def test_costs_next_to_nothing():
    told_places("em ở quận 1")
    took = []
    for text in WITHOUT * 5:
        began = time.process_time()
        told_places(text)
        took.append(time.process_time() - began)
    assert sorted(took)[int(len(took) * 0.95)] < 0.005


def test_names_are_loaded_only_for_a_message_that_may_name_a_place():
    code = "from knowledge import place_mentions as m, places; m.told_places('lệ phí bao nhiêu và nộp ở đâu ạ'); print(places.place_index.cache_info().currsize); m.told_places('em ở quận 1'); print(places.place_index.cache_info().currsize)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == ["0", "1"]
