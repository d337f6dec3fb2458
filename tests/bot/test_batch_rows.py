"""What a row of `motcua batch` says of the linker."""

from bot.commands.batch import ranked


def candidates(*codes):
    return [{"code": code, "score": 1 / (n + 1)} for n, code in enumerate(codes)]


def test_the_reading_inside_the_talk_comes_first_and_nothing_stands_twice():
    link = {"candidates": candidates("1.000001", "1.000002", "1.000003"), "talk": {"topic": "1.000002", "candidates": candidates("1.000002", "1.000009")}}
    assert [c["code"] for c in ranked(link)] == ["1.000002", "1.000009", "1.000001", "1.000003"]


def test_ten_at_most_and_none_without_a_linker():
    assert len(ranked({"candidates": candidates(*(f"1.{n:06}" for n in range(14)))})) == 10
    assert ranked({}) == []
