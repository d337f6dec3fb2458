"""The evaluation report counts right and renders; parts that it switches off come back (no model is loaded)."""

from __future__ import annotations

import re
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest

from actions import resolve
from benchmarks import evaluation, evaluation_report
from benchmarks.evaluation_report import (
    Gain,
    by_field,
    calibration,
    calibration_error,
    curves,
    gain,
    grouped,
    interval,
    procedure_confusions,
    recall,
    type_confusions,
)
from knowledge.search.procedures import Entry, ProcedureIndex
from nlu import entities, linker, question_model, safety, tokenizer
from nlu.linking.features import NAMES, Candidates, prepare
from nlu.text import normalise

SVG = "{http://www.w3.org/2000/svg}"


def row(case: str, verdict: str = "pass", **more) -> dict:
    plain = {
        "case": case, "turn": 0, "file": "made_up", "style": "std", "kind": "", "about": "procedure", "aspect": "fee", "verdict": verdict, "did": "answer",
        "expected": ["1.000001"], "known": True, "field": "Đất đai", "answered": ["1.000001"], "aspects": ["fee"], "sureness": 0.95, "candidates": ["1.000001"],
        "code typed": False, "plain": {"BM25, titles": ["1.000002", "1.000001"]},
    }  # fmt: skip
    return plain | more


WRONG = {"answered": ["1.000002"], "candidates": ["1.000002", "1.000001"]}
ROWS = [
    row("a"),
    row("b", "wrong", sureness=0.62, style="typo", **WRONG),
    row("c", "missed", aspects=["time"], sureness=0.68),
    row("d", "pass", about="none", did="declined", expected=[], answered=[], aspects=[], aspect="", field="", sureness=0.05, candidates=["1.000003"]),
    row("e", "asked", did="choices", field="Hộ tịch", sureness=0.3),
    row("e", "pass", turn=1, field="Hộ tịch", sureness=0.01),
    row("f", "pass", **{"code typed": True}, field="Thuế"),
]


def result() -> dict:
    run = {
        "date": "2026-01-02", "revision": "abc", "model": "m.tar.gz", "digest": "0123", "fingerprint": "feed", "database": "sqlite",
        "counts": {"procedures:curated": 2, "documents": 1}, "procedures": 3, "described": 2, "seconds": 9,
    }  # fmt: skip
    off = [one | ({"verdict": "wrong"} if one["case"] == "a" else {"verdict": "pass"} if one["case"] == "b" else {}) for one in ROWS if not one["turn"]]
    names = {"1.000001": "Cấp giấy | phép [xanh]", "1.000002": "Một tên " + "dài " * 80}
    return {"run": run, "parts": {"ranker": "the order is that of the mix"}, "names": names, "sets": {"made up": {"": ROWS, "ranker": off}}}


def test_groups_are_sorted_by_size_and_leave_out_rows_without_a_key():
    assert [(name, len(rows)) for name, rows in grouped(ROWS, lambda one: one["field"]).items()] == [("Đất đai", 3), ("Hộ tịch", 2), ("Thuế", 1)]


def test_rare_fields_are_summed():
    assert {name: len(rows) for name, rows in by_field(ROWS).items()} == {"Đất đai": 3, "2 other fields": 3}


def test_recall_looks_at_as_many_as_it_says():
    assert recall([ROWS[0], ROWS[1]]) == {1: 0.5, 4: 1.0, 10: 1.0}
    assert recall(ROWS[:1], lambda one: one["plain"]["BM25, titles"])[1] == 0.0


def test_near_question_types_and_other_kinds_of_answer_are_no_confusion():
    near = row("n", aspect="online", aspects=["steps"])
    other = row("o", aspects=["time"], did="choices")
    second = row("s", aspects=["time", "fee"])
    assert type_confusions([*ROWS, near, other, second]) == {("fee", "time"): 1}


def test_a_wrong_procedure_is_a_confusion_only_where_it_was_told():
    fair = row("g", expected=["1.000009", "1.000001"])
    offered = row("h", did="choices", **WRONG)
    assert procedure_confusions([*ROWS, fair, offered]) == {("1.000001", "1.000002"): 1}


def test_calibration_by_tenths():
    bins = calibration([row("a", sureness=0.3), row("b", sureness=0.39, **WRONG), row("c", sureness=1.0), row("d", sureness=None), row("e", sureness=0.0, candidates=[])])
    assert [(one.low, one.n, one.right) for one in bins] == [(0.0, 1, 0.0), (0.3, 2, 0.5), (0.9, 1, 1.0)]
    assert bins[1].said == pytest.approx(0.345)
    assert calibration_error(bins) == pytest.approx(2 * abs(0.345 - 0.5) / 4)


def test_curves_take_first_messages_that_the_linker_decides():
    about, everything = curves(ROWS)
    assert sum(one.n for one in about) == 4  # a, b, c, e; not the second turn, not the code typed
    assert sum(one.n for one in everything) == 5
    assert everything[0].right == 0.0 and everything[0].low == 0.0


def test_gain_compares_the_same_turns():
    without = [row("a", "wrong"), row("b", "pass"), row("c", "missed"), row("unknown", "pass")]
    told = gain(ROWS, without)
    assert (told.n, told.lost, told.won) == (3, 1, 1)
    assert str(Gain(100, 9, 0)) == "+9.0 ± 6.0"
    assert str(Gain(100, 0, 4)) == "-4.0 ± 4.0"
    assert (str(Gain(5, 0, 0)), str(Gain(0, 0, 0))) == ("0", "-")


def test_all_of_few_is_not_certain():
    low, high = interval(16, 16)
    assert 0.75 < low < 0.85 and high == pytest.approx(1.0)


def test_the_report_renders():
    text = evaluation_report.report(result())
    for heading in ("## What was run", "### By style", "### By question type expected", "### By field of the procedure expected", "### Confused question types", "### Confused procedures", "### Linker", "### Calibration", "### What each part gains"):
        assert f"\n{heading}\n" in text
    assert re.search(r"^\| all +\| +7 \| +57\.1 \|", text, re.MULTILINE)
    assert re.search(r"^\| fee +\| time +\| +1 \|$", text, re.MULTILINE)
    assert "3 of 6 conversations pass" in text
    assert "Cấp giấy \\| phép [xanh]" in text and " …" in text
    # Without the ranker: a is lost, b is won, no later message was played.
    assert re.search(r"^\| ranker +\|.*\| +- \| +- \|.*\| +1 \| +1 \| \+0\.0 ± 47\.1 \|$", text, re.MULTILINE)


def test_every_table_is_a_markdown_table():
    lines = evaluation_report.report(result()).splitlines()
    tables = [[]]
    for line in lines:
        if line.startswith("|"):
            tables[-1].append(line)
        elif tables[-1]:
            tables.append([])
    tables = [one for one in tables if one]
    assert len(tables) >= 9
    for one in tables:
        assert set(one[1]) <= set("|-: ") and len(one) > 2
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in one}) == 1, one[0]


def test_the_picture_is_well_formed_and_says_what_it_shows():
    drawn = evaluation_report.calibration_svg({"made up": ROWS, "other": ROWS[:1]})
    root = ElementTree.fromstring(drawn.encode())
    assert root.tag == f"{SVG}svg"
    words = [element.text for element in root.iter(f"{SVG}text")]
    assert {"made up", "other", "about a procedure (n 4)", "all, also about none (n 5)", "share right"} <= set(words)
    assert drawn == evaluation_report.calibration_svg({"made up": ROWS, "other": ROWS[:1]})  # a second run changes nothing by itself


def test_what_a_case_is_about():
    assert evaluation.about({"procedures": ["1.000001"]}) == "procedure"
    assert evaluation.about({"procedures": ["1.000001"], "ask_back": True}) == "other"
    assert evaluation.about({"decline": True}) == "none" and evaluation.about({"guidance": True}) == "none"
    assert evaluation.about({"decline": True, "emergency": True}) == "other"
    assert evaluation.about({"facts": ["xin chào"]}) == "other"


def test_as_typed_undoes_nothing_and_keeps_spans():
    text = "Làm GKS cho bé, mã 1.004194 k?"
    plain = evaluation.as_typed(text)
    assert plain.tokens == ("làm", "gks", "cho", "bé", "mã", "1.004194", "k")
    assert [text[start:end].lower() for start, end in plain.alignment] == list(plain.tokens)
    assert plain.breaks == (False, False, False, True, False, False, True)
    assert plain.text != normalise(text).text


def entry(code: str, name: str) -> Entry:
    return Entry(code, name, "Hộ tịch", ("xã",), "", (), 1, "", True, (), ())


class Learned:
    def order(self, found):
        return np.array([1, 0]), np.array([5.0, 1.0])

    def sureness(self, found, order, scores):
        return 0.5 if list(order) == [1, 0] and list(scores) == [5.0, 1.0] else 0.0


@pytest.fixture
def made():
    """A linker with two procedures and one remembered question."""
    index = ProcedureIndex([entry("1.000001", "Đăng ký khai sinh"), entry("1.000002", "Đăng ký khai tử")], ["", ""])
    made = SimpleNamespace(context="context", ranker=Learned(), config={"answer_at": 0.42, "ask_at": 0.1, "unknown_at": 0.6}, _prepared=prepare(index, [("khai sinh cho cháu", ("1.000001",))], acts="acts"))
    made._prepared.associated = "associated"
    made.index = lambda: (index, made._prepared)
    return made


def state(made) -> tuple:
    normalisers = tuple(module.normalise for module in (tokenizer, question_model, entities, safety))
    prepared = made._prepared
    return (normalisers, linker.make_query, len(prepared.asked.view.owners), prepared.acts, made.context, type(made.ranker), tuple(made.config.values()), resolve.TIED_FROM, prepared.associated)


@pytest.mark.parametrize(("part", "place"), [("normaliser", {0}), ("marks", {1}), ("memory", {2}), ("acts", {3}), ("context", {4}), ("ranker", {5}), ("asking", {6, 7}), ("associations", {8})])
def test_a_part_is_switched_off_alone_and_comes_back(made, part, place):
    before = state(made)
    with evaluation.PARTS[part][0](made):
        during = state(made)
    assert {number for number, (a, b) in enumerate(zip(before, during)) if a != b} == place
    assert state(made) == before


def test_without_marks_and_memory_nothing_of_them_is_seen(made):
    with evaluation.PARTS["marks"][0](made):
        assert not linker.make_query("khai sinh cho bé").has_accents
    assert linker.make_query("khai sinh cho bé").has_accents
    with evaluation.PARTS["memory"][0](made):
        best, votes = made._prepared.asked.scores(linker.make_query("khai sinh cho cháu"))
        assert not best.any() and not votes.any()
    assert made._prepared.asked.scores(linker.make_query("khai sinh cho cháu"))[0].any()


def test_the_unlearned_order_is_that_of_the_mix_and_sureness_stays(made):
    features = np.zeros((2, len(NAMES)), dtype=np.float32)
    features[:, NAMES.index("mix")] = 2.0, 1.0
    found = Candidates(np.array([0, 1]), features, {}, ["", ""], np.zeros(1))
    with evaluation.PARTS["ranker"][0](made):
        order, scores = made.ranker.order(found)
        assert list(order) == [0, 1] and list(scores) == [2.0, 1.0]
        assert made.ranker.sureness(found, order, scores) == 0.5
    assert list(made.ranker.order(found)[0]) == [1, 0]
