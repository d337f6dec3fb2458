"""The list of a case: reviewed combinations, never a paper of another branch, every line with its source."""

import datetime as dt
import itertools
from pathlib import Path

import pytest
import yaml

from actions.answer import Answer
from actions.branches import option_of, questions
from actions.checklist import FORWARDABLE, as_answer, build, case_pairs, papers_of
from knowledge.fees import fees, holds
from knowledge.flows import UNKNOWN
from knowledge.store import open_store

DAY = dt.date(2026, 11, 21)
CATALOGUE = Path(__file__).resolve().parents[2] / "knowledge" / "catalogue"
CODES = sorted(path.stem for path in CATALOGUE.glob("*/*.yml") if path.stem[:1].isdigit())
REVIEWED = yaml.safe_load(Path(__file__).with_name("reviewed_cases.yml").read_text(encoding="utf-8"))


def dossier_layer(database, code):
    return next((layer for layer in open_store(database).layers(code) if layer.dossier), None)


def test_thirty_cases_are_reviewed():
    assert len({(row["code"], tuple(sorted(row["case"].items()))) for row in REVIEWED}) >= 30


@pytest.mark.parametrize("row", REVIEWED, ids=lambda row: f"{row['code']}:{'+'.join(row['case'].values())}")
def test_reviewed_case(database, row):
    layer = dossier_layer(database, row["code"])
    known = {b.id: {o["id"] for o in b.options} for b in layer.branches}
    assert all(option in known[branch] for branch, option in row["case"].items())
    names = [paper.name for paper in papers_of(layer, row["case"])]
    assert len(names) == len(row["papers"]), names
    for name, begin in zip(names, row["papers"], strict=True):
        assert name.replace('"', "'").startswith(begin)
    for one in fees(layer, DAY, case=row["case"]):
        wanted = row["fee"][one.channel.method]
        told = sorted({int(f.amount) for f in one.amounts if f.amount}) if one.status in ("amounts", "contradiction") else one.status
        assert told == wanted
    said = as_answer(build(row["code"], row["case"], DAY)).plain_text()
    for amounts in row["fee"].values():
        for amount in amounts if isinstance(amounts, list) else []:
            assert f"{amount:,}".replace(",", ".") in said


def combinations(code):
    """All combinations of options that stay with the procedure, with every question also left open."""
    per_branch = [[(b.id, o["id"]) for o in b.options if not o.get("procedure")] + [(b.id, UNKNOWN)] for b in questions(code)]
    return [dict(chosen) for chosen in itertools.product(*per_branch)]


@pytest.mark.parametrize("code", CODES)
def test_no_paper_of_another_branch_in_any_combination(database, code):
    layer = dossier_layer(database, code)
    if layer is None:
        pytest.skip("no papers in the catalogue")
    for case in combinations(code):
        made = build(code, case, DAY)
        section = next((s for s in made.sections if s.key == "papers"), None)
        shown = [line.text for line in section.lines if line.text.startswith("☐")] if section else []
        wanted = [p for p in layer.dossier if not p.is_note and _allowed(p, case)]
        assert len(shown) == len(wanted), (case, shown)
        for text, paper in zip(shown, wanted, strict=True):
            assert text.removeprefix("☐ ").startswith(" ".join(paper.name.split()).rstrip(" .;"))


def _allowed(paper, case):
    """Said anew, apart from knowledge.fees.holds: every question the paper hangs on is open or answered by one of its options."""
    for branch, options in paper.when.items():
        chosen = case.get(branch)
        if chosen is not None and chosen != UNKNOWN and chosen not in options:
            return False
    return True


@pytest.mark.parametrize("code", CODES)
def test_every_fact_has_its_source(database, code):
    case = next(iter(combinations(code)))
    for made in (build(code, case, DAY), build(code, case, DAY, limits=(100, 50))):
        assert made.sources and all(s.url or s.document for s in made.sources)
        for section in made.sections:
            for line in section.lines:
                if line.kind != "heading":
                    assert line.source is not None and 0 <= line.source < len(made.sources), line
                    assert line.row and line.row.startswith(code)


def test_a_paper_of_an_open_question_says_when_it_is_needed(database):
    made = build("1.001193", {"yeu-to": "trong-nuoc", "truong-hop": UNKNOWN}, DAY)
    waiting = [line.text for line in made.section("papers").lines if "Biên bản về việc trẻ bị bỏ rơi" in line.text]
    assert waiting and "[chỉ cần khi – Bé thuộc trường hợp nào: Trẻ bị bỏ rơi]" in waiting[0]
    settled = build("1.001193", {"truong-hop": "bo-roi"}, DAY)
    assert "[chỉ cần khi – Bé thuộc" not in as_answer(settled).plain_text()


def test_common_cases_fit_one_message(play):
    for code, options in {"1.001193": "yeu-to=trong-nuoc truong-hop=binh-thuong thoi-han=dung-han nguoi-nop=cha-me", "1.004194": "cach=ca-nhan", "3.000347": "loai=dan-su hang=o-to nguoi=trong-nuoc", "1.000894": "quoc-tich=khong lan-dau=chua"}.items():
        play.slots["cases"] = {code: dict(pair.split("=") for pair in options.split())}
        answer = play.tap(f'/checklist{{"procedure": "{code}"}}')
        assert answer.kind == "answer" and len(answer.plain_text()) <= FORWARDABLE + 80  # the hint on "xem thêm" comes after
        assert answer.attachments == [{"kind": "checklist", "code": code, "case": play.slots["case"]}]


def test_attachments_survive_the_way_to_the_channel(play):
    answer = play.tap('/checklist{"procedure": "1.012566"}')
    again = Answer.from_dict(answer.as_dict())
    assert again.attachments == answer.attachments and again.attachments[0]["code"] == "1.012566"


def test_ended_fee_is_not_said_as_due(database):
    made = build("1.001456", {"tuoi": "tu-14", "loai": "cap-moi"}, DAY)
    first = made.section("fee").lines[0].text
    assert "200.000" in first and "160.000" not in first


def test_unknown_code(database):
    with pytest.raises(KeyError):
        build("9.999999", {}, DAY)


def test_case_in_words(database):
    layer = dossier_layer(database, "1.001193")
    pairs = case_pairs(layer.branches, {"thoi-han": "qua-han", "nguoi-nop": UNKNOWN})
    assert pairs == [("Bé sinh đã quá 60 ngày chưa?", "Đã quá 60 ngày"), ("Ai đi làm giấy khai sinh?", "Không biết")]


def test_unknown_rules_nothing_out():
    assert holds({"a": ["x"]}, {"a": UNKNOWN}) and holds({"a": ["x"]}, {}) and not holds({"a": ["x"]}, {"a": "y"})


def test_options_lead_only_to_known_codes(database):
    store = open_store(database)
    for code in CODES:
        for branch in questions(code):
            for option in branch.options:
                if target := option.get("procedure"):
                    assert store.layers(target), (code, branch.id, target)
                    assert option_of(code, branch.id, option["id"]) == option
