"""Community team mode: households side by side never mix, answers are short, the rest is not lost."""

import random

import pytest
from playing import Play

from actions.team import MOST, SHORT
from knowledge.commands import command_payload, household_command

CODES = ["1.001193", "1.004194", "1.000894", "1.004222", "2.000635"]


def ask(talk: Play, code: str, aspect: str = "dossier"):
    return talk.tap(f'/ask_{aspect}{{"procedure": "{code}"}}')


def test_turned_on_and_off(play):
    play.tap("/team_mode")
    assert "chế độ Tổ" in play.text and "Hộ mới" in play.titles
    play.press("Tắt")
    assert not play.slots["team"]["on"]
    play.say("bật chế độ tổ công nghệ số")
    assert play.slots["team"]["on"]
    play.say("tắt chế độ tổ")
    assert not play.slots["team"]["on"]


def test_answers_are_short_and_the_rest_is_one_button_away(play):
    whole = ask(play, CODES[0])
    play.tap("/team_mode")
    short = ask(play, CODES[0])
    assert len(short.lines) <= SHORT and short.sources and short.procedures == [CODES[0]]
    assert all(line.source is None or line.source < len(short.sources) for line in short.lines)
    play.press("Đọc đầy đủ")
    assert [line.text for line in play.last.lines] == [line.text for line in whole.lines]
    assert play.last.sources == whole.sources


def test_no_short_answers_outside_the_mode(play):
    assert len(ask(play, CODES[0]).lines) > SHORT


def test_five_households_never_mix(play):
    """Random switching and asking; a plain dictionary keeps what each household must have in hand."""
    rng = random.Random(6)
    play.tap("/team_mode")
    expected: dict[int, str | None] = {1: None}
    here = 1
    for _ in range(120):
        if rng.random() < 0.5:
            here = rng.randint(1, 5)
            play.say(f"hộ {here}")
            expected.setdefault(here, None)
        else:
            expected[here] = rng.choice(CODES)
            ask(play, expected[here], rng.choice(["dossier", "fee", "time", "where"]))
        assert play.slots.get("procedure") == expected[here]
        assert play.slots["team"]["current"] == str(here)
        kept = {int(n): home.get("procedure") for n, home in play.slots["team"]["homes"].items()}
        assert kept == {n: code for n, code in expected.items() if n != here}


def test_a_walk_through_stays_with_its_household(play):
    play.tap("/team_mode")
    play.tap(f'/guide_filing{{"procedure": "{CODES[0]}"}}')
    play.say("bước 4")
    play.say("hộ mới")
    assert "flow" not in play.slots and play.slots["team"]["current"] == "2"
    ask(play, CODES[1])
    play.say("xem các hộ")
    assert "bước 4" in play.text and CODES[1] in play.text and "đang ở đây" in play.text
    play.say("quay lại hộ 1")
    assert play.slots["flow"]["step"] == 4
    play.press("Làm tiếp bước 4")
    assert "Bước 4/" in play.text


def test_household_and_question_in_one_message(play):
    play.tap("/team_mode")
    ask(play, CODES[0])
    play.say("hộ 2")
    ask(play, CODES[1])
    play.say("hộ 1: phí bao nhiêu", "ask_fee")
    assert play.last.procedures == [CODES[0]] and play.slots["team"]["current"] == "1"


def test_closing_a_household_deletes_it(play):
    play.tap("/team_mode")
    ask(play, CODES[0])
    play.say("hộ 2")
    ask(play, CODES[1])
    play.say("xong hộ 2")
    assert play.slots["team"]["current"] == "1" and CODES[1] not in str(play.slots)
    play.say("xong hộ 1")
    assert CODES[0] not in str(play.slots) and "chưa hỏi" in play.text
    play.say("xong hộ 7")
    assert "Chưa mở hộ 7" in play.text


def test_there_is_an_end_to_households(play):
    play.tap("/team_mode")
    for _ in range(MOST + 1):
        play.say("hộ mới")
    assert (len(play.slots["team"]["homes"]) == MOST - 1 and "tối đa" in play.text) or "đóng bớt" in play.text
    play.say("hộ 99")
    assert "tối đa" in play.text


def test_a_message_to_forward(play):
    play.tap("/forward")
    assert play.last.kind == "choices"
    ask(play, CODES[0])
    play.tap("/forward")
    assert play.last.procedures == [CODES[0]] and len(play.text) < 4000 and play.last.sources


def test_a_field_is_listed_in_pages_and_picked_by_number(play):
    play.say("các thủ tục lĩnh vực hộ tịch", "list_field")
    first = play.last
    assert first.kind == "choices" and len(first.procedures) == 8 and "Hộ tịch" in play.text
    assert play.slots["choices"] == first.procedures
    play.press("Xem tiếp")
    second = play.last
    assert not set(second.procedures) & set(first.procedures)
    play.say("liệt kê lĩnh vực", "list_field")
    assert play.last.kind == "choices" and play.titles


def test_a_field_goes_on_when_the_words_are_typed(play):
    """"Xem tiếp" and its like are the intent `more`: page by page, each procedure once, then the end is said."""
    play.say("các thủ tục lĩnh vực hộ tịch", "list_field")
    seen = list(play.last.procedures)
    for _ in range(40):
        play.say("xem tiếp", "more")
        if play.last.kind != "choices":
            break
        assert "Hộ tịch" in play.text and play.slots["choices"] == play.last.procedures
        seen += play.last.procedures
    assert "đến đây là hết" in play.text
    assert len(seen) == len(set(seen)) and len(seen) > 16
    play.say("1", "choose")
    play.say("còn gì nữa", "more")
    assert "Hộ tịch" not in play.text  # the list is settled


@pytest.mark.parametrize(
    "text, command",
    [("hộ 2", ("go", 2)), ("sang hộ ba nhé", ("go", 3)), ("hộ mới", ("new", 0)), ("xem các hộ", ("list", 0)), ("xong hộ 4 rồi", ("close", 4)), ("hộ kinh doanh", None), ("hộ nghèo", None), ("tách hộ 2", None), ("sổ hộ khẩu", None)],
)
def test_household_commands(text, command):
    assert household_command(text) == command
    assert (command_payload(text) is None) == (command is None)
