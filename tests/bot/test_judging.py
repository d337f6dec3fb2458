"""Each rule of the judge, and that it agrees with the judge that ships beside the sample cases."""

from __future__ import annotations

import importlib.util
import itertools
import json

import pytest

from bot.judging import VERDICTS, comparable, judge, judge_files, read_cases


def turn(kind="answer", text="", procedures=(), aspects=(), numbers=(), buttons=(), candidates=()):
    return {
        "kind": kind,
        "reply": [{"text": text, "buttons": [{"title": title, "payload": ""} for title in buttons]}],
        "procedures": list(procedures),
        "aspects": list(aspects),
        "sources": [{"number": number} for number in numbers],
        "candidates": [{"code": code, "score": 0.5} for code in candidates],
    }


A, B, C = "9.000001", "9.000002", "9.000003"
CASES = [
    # expected, turn, verdict
    ({"procedures": [A], "aspect": "fee"}, turn(procedures=[A], aspects=["fee"]), "pass"),
    ({"procedures": [A, B], "aspect": "fee"}, turn(procedures=[B], aspects=["time", "fee"]), "pass"),
    ({"procedures": [A], "aspect": "fee"}, turn(procedures=[B, A], aspects=["fee"]), "wrong"),
    ({"procedures": [A], "aspect": "fee"}, turn(procedures=[], aspects=["fee"]), "wrong"),
    ({"procedures": [A], "aspect": "fee"}, turn(procedures=[A], aspects=["time"]), "missed"),
    ({"procedures": [A], "aspect": "fee"}, turn("declined"), "missed"),
    ({"procedures": [A], "aspect": "fee"}, turn("guidance", numbers=["1/QĐ"]), "missed"),
    ({"procedures": [A], "aspect": "fee"}, turn("choices", procedures=[B, A]), "asked"),
    ({"procedures": [A], "aspect": "fee"}, turn("choices", procedures=[B, C, "9.4", "9.5", A]), "missed"),
    ({"procedures": [A], "aspect": "overview"}, turn(procedures=[A], aspects=["dossier"]), "pass"),
    ({"procedures": [A], "aspect": "steps"}, turn(procedures=[A], aspects=["online"]), "pass"),
    ({"procedures": [A], "aspect": "form"}, turn(procedures=[A], aspects=["dossier"]), "pass"),
    ({"procedures": [A], "aspect": "dossier"}, turn(procedures=[A], aspects=["form"]), "missed"),
    ({"procedures": [A], "aspect": None}, turn(procedures=[A], aspects=["legal"]), "pass"),
    ({"procedures": [A], "aspect": "fee", "facts": ["50.000"]}, turn(text="Lệ phí: 50,000 đồng", procedures=[A], aspects=["fee"]), "pass"),
    ({"procedures": [A], "aspect": "fee", "facts": ["50.000"]}, turn(text="Lệ phí: 75.000 đồng", procedures=[A], aspects=["fee"]), "missed"),
    ({"procedures": [A], "aspect": None, "facts": ["Mẫu CT01"]}, turn(procedures=[A], buttons=["mẫu  ct01"]), "pass"),
    ({"decline": True}, turn("declined"), "pass"),
    ({"decline": True}, turn("smalltalk"), "pass"),
    ({"decline": True}, turn("choices", procedures=[A]), "pass"),
    ({"decline": True}, turn(procedures=[A]), "wrong"),
    ({"decline": True}, turn("guidance"), "wrong"),
    ({"decline": True, "may_correct": True}, turn("guidance"), "pass"),
    ({"decline": True, "may_correct": True}, turn(procedures=[A]), "wrong"),
    ({"ask_back": True, "procedures": [A, B]}, turn("choices", procedures=[C, B]), "pass"),
    ({"ask_back": True, "procedures": [A]}, turn("choices", procedures=[C]), "missed"),
    ({"ask_back": True, "procedures": []}, turn("choices", procedures=[C]), "pass"),
    ({"ask_back": True, "procedures": [A, B]}, turn(procedures=[A]), "asked"),
    ({"ask_back": True, "procedures": [A, B]}, turn(procedures=[C]), "wrong"),
    ({"ask_back": True, "procedures": [A, B]}, turn("declined"), "missed"),
    ({"guidance": True, "documents": ["12/XYZ-KT"], "facts": ["80%"]}, turn("guidance", "đạt 80%", numbers=["12/xyz-kt"]), "pass"),
    ({"guidance": True, "documents": ["12/XYZ-KT"], "facts": ["80%"]}, turn("guidance", "đạt 70%", numbers=["12/XYZ-KT"]), "missed"),
    ({"guidance": True, "documents": ["12/XYZ-KT"]}, turn("guidance", numbers=["99/ABC"]), "wrong"),
    ({"guidance": True, "documents": ["12/XYZ-KT"]}, turn("declined"), "missed"),
    ({"all_of": [[A], [B, C]], "procedures": [A, B, C]}, turn(procedures=[A, C]), "pass"),
    ({"all_of": [[A], [B, C]], "procedures": [A, B, C]}, turn(procedures=[A]), "missed"),
    ({"all_of": [[A], [B]], "procedures": [A, B]}, turn("choices", procedures=[A]), "asked"),
    ({"emergency": True, "facts": ["114"]}, turn("emergency", "Hãy gọi 114"), "pass"),
    ({"emergency": True, "facts": ["114"]}, turn("emergency", "Hãy gọi 113"), "missed"),
    ({"emergency": True}, turn(procedures=[A]), "missed"),
    ({"smalltalk": True}, turn("smalltalk"), "pass"),
    ({"smalltalk": True}, turn(procedures=[A]), "wrong"),
    ({"procedures": [A], "aspect": None, "pii": ["0912 000 111"]}, turn(text="số 0912 000 111", procedures=[A]), "wrong"),
    ({"decline": True, "pii": ["0912000111"]}, turn("declined", "không giữ số nào"), "pass"),
    ({"procedures": [A]}, turn("error"), "error"),
    ({"procedures": [A]}, None, "error"),
]


@pytest.mark.parametrize("number", range(len(CASES)))
def test_verdict(number):
    expect, got, verdict = CASES[number]
    told, detail = judge(expect, got)
    assert told == verdict, detail
    assert bool(detail) or verdict in ("pass", "asked")


def test_every_verdict_occurs():
    assert {verdict for _, _, verdict in CASES} == set(VERDICTS)


def test_amounts_and_numbers_are_compared_as_people_write_them():
    assert comparable("Phí: 1,500,000 Đồng") == comparable("phí:  1.500.000 đồng")
    assert comparable("08 giờ") == comparable("8 giờ")
    assert comparable("10.5") != comparable("105")


def test_tables_shares_and_failures():
    cases = [
        {"id": "a", "style": "std", "turns": ["một", "hai"], "expect": [{"procedures": [A], "aspect": "fee"}, {"decline": True}]},
        {"id": "b", "style": "typo", "turns": ["ba"], "expect": [{"procedures": [B], "aspect": "time"}]},
    ]
    rows = [
        {"id": "a", "turn": 0, **turn(procedures=[A], aspects=["fee"], candidates=[A, B])},
        {"id": "a", "turn": 1, **turn("declined")},
        {"id": "b", "turn": 0, **turn(procedures=[A], aspects=["time"], candidates=[A, B])},
    ]
    told = judge_files(cases, rows)
    assert told["tables"]["all"]["n"] == 3
    assert told["tables"]["all"]["pass"] == pytest.approx(2 / 3)
    assert told["tables"]["all"]["wrong"] == pytest.approx(1 / 3)
    assert told["whole"] == {"conversations": 2, "passed": 1}
    assert told["linker"] == {"n": 2, "R@1": 0.5, "R@10": 1.0}
    assert len(told["failures"]) == 1 and told["failures"][0].startswith("b[0] wrong")
    for table in told["tables"].values():
        assert sum(table[verdict] for verdict in VERDICTS) == pytest.approx(1.0)


def test_a_case_without_output_is_an_error_not_a_pass():
    told = judge_files([{"id": "x", "style": "std", "turns": ["một"], "expect": [{"decline": True}]}], [])
    assert told["tables"]["all"]["error"] == 1.0 and told["whole"]["passed"] == 0


def test_no_cases_give_no_division_by_zero():
    assert judge_files([], [])["tables"]["all"]["n"] == 0


@pytest.mark.parametrize("line", ["{", '{"id": "a"}', '{"id": "a", "turns": ["x", "y"], "expect": [{}]}', "[]"])
def test_a_broken_case_is_named_with_its_line(tmp_path, line):
    path = tmp_path / "cases.jsonl"
    path.write_text('{"id": "ok", "turns": ["x"], "expect": [{}]}\n\n' + line + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"cases\.jsonl: dòng 3"):
        read_cases([path])


@pytest.mark.needs_shared
def test_it_agrees_with_the_judge_of_the_sample_cases(shared_dir):
    path = shared_dir / "cases" / "judge.py"
    if not path.is_file():
        pytest.skip("the shared cases have no judge.py")
    spec = importlib.util.spec_from_file_location("shared_judge", path)
    other = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(other)
    compared = 0
    for (expect, _, _), (_, got, _) in itertools.product(CASES, CASES):
        if got is None or "kind" not in got:
            continue
        mine, theirs = judge(expect, got)[0], other.judge_turn(json.loads(json.dumps(expect)), got)[0]
        # An answer about no procedure at all is an error in neither; everything else must agree.
        assert mine == theirs, (expect, got)
        compared += 1
    assert compared > 1500
