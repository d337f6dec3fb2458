"""The curated catalogue: form without the raw data, facts against it (needs ../shared)."""

from __future__ import annotations

import copy
import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def load_check():
    spec = importlib.util.spec_from_file_location("catalogue_check", ROOT / "benchmarks" / "catalogue_check.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


check = load_check()
PATHS = sorted(path for path in check.CATALOGUE.glob("*/*.yml") if path.parent.name != "names")


@pytest.fixture(scope="module")
def raw_data(shared_dir) -> Path:
    return shared_dir


@pytest.fixture(scope="module")
def birth(raw_data):
    """The entry of one code and what the raw data say about it."""
    entry = check.read_entry(check.CATALOGUE / "ho-tich" / "1.001193.yml")
    raw, known = check.load_raw(raw_data, {entry["code"]})
    return entry, raw[entry["code"]], known


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_form(path):
    entry = check.read_entry(path)
    assert [vars(finding) for finding in check.check_form(path, entry)] == []


def test_each_code_once():
    codes = [path.stem for path in PATHS]
    assert len(codes) == len(set(codes))
    assert len(codes) >= 45


def test_the_most_needed_are_there():
    needed = {
        "1.001193", "1.000894", "1.000656", "1.004873", "2.000635", "1.004222", "1.004194", "1.014061", "1.014063",
        "1.014064", "3.000228", "1.001456", "3.000346", "3.000347", "3.000348", "1.013067", "1.013076", "3.000333",
        "2.000815", "2.000884", "1.013978", "1.013831", "1.013225", "1.001612", "2.001583", "1.008498", "2.000693",
        "1.001939", "1.002179",
    }  # fmt: skip
    assert needed <= {path.stem for path in PATHS}


@pytest.mark.needs_shared
def test_every_fact_is_in_the_raw_record(raw_data):
    rows, found = check.check_catalogue(raw_data)
    assert [f"{f.code} {f.kind} {f.where}: {f.value}" for f in found] == []
    assert len(rows) == len(PATHS)


@pytest.mark.needs_shared
@pytest.mark.parametrize(
    ("kind", "spoil"),
    [
        ("amount", lambda e: e["channels"][0]["fees"].append({"amount": 123000})),
        ("basis", lambda e: e["channels"][0]["fees"].append({"basis": "99/2031/TT-BTC"})),
        ("date", lambda e: e["channels"][0]["fees"].append({"rate": "50%", "valid_to": "2031-12-31"})),
        ("time", lambda e: e["channels"][0].update(time={"value": 41, "unit": "working_day"})),
        ("legal", lambda e: e["legal_basis"].append({"number": "98/2031/NĐ-CP"})),
        ("form", lambda e: e["dossier"][0].update(form="Mẫu ZX-77")),
        ("result", lambda e: e["results"].append({"name": "Giấy phép bay"})),
        ("decision", lambda e: e["source"].update(decision="9999/QĐ-BTP")),
        ("unknown-code", lambda e: e["related"].append("9.999999")),
        ("agency", lambda e: e.update(agency="Sở Vũ trụ")),
        ("number", lambda e: e["tips"].append("Nộp trong vòng 347 ngày.")),
    ],
)
def test_a_wrong_fact_is_noticed(birth, kind, spoil):
    entry, raw, known = copy.deepcopy(birth[0]), birth[1], birth[2]
    spoil(entry)
    assert kind in {finding.kind for finding in check.check_facts(entry, raw, known)}


@pytest.mark.needs_shared
def test_a_dropped_paper_is_noticed(birth):
    entry, raw = copy.deepcopy(birth[0]), birth[1]
    weight = check.weights({entry["code"]: raw})
    assert check.check_papers(entry, raw, weight, 50.0) == []
    entry["dossier"] = [paper for paper in entry["dossier"] if "bỏ rơi" not in paper["name"]]
    assert any("bỏ rơi" in finding.value for finding in check.check_papers(entry, raw, weight, 50.0))


@pytest.mark.needs_shared
def test_an_invented_paper_is_noticed(birth):
    entry, raw = copy.deepcopy(birth[0]), birth[1]
    assert check.check_invented(entry, raw, check.INVENTED) == []
    entry["dossier"].append({"name": "Hóa đơn tiền điện ba tháng gần nhất của khu phố"})
    assert [finding.kind for finding in check.check_invented(entry, raw, check.INVENTED)] == ["paper-not-in-source"]


def test_form_faults_are_noticed():
    path = check.CATALOGUE / "ho-tich" / "1.001193.yml"
    entry = check.read_entry(path)
    entry["channels"][0]["fees"].append({"amount": 135})
    entry["channels"][0]["fees"].append({"amount": 5000, "decided_by_council": True})
    entry["dossier"][0]["when"] = {"truong-hop": ["khong-co-lua-chon-nay"]}
    entry["branches"].append(
        {"id": "thua", "question": "Hỏi thừa?", "options": [{"id": "a", "label": "A"}, {"id": "b", "label": "B"}]}
    )
    entry["branches"] = entry["branches"][1:]
    kinds = {finding.kind for finding in check.check_form(path, entry)}
    assert {"amount-under-1000", "amount-and-no-amount", "dead-branch", "idle-branch"} <= kinds
    del entry["names"]
    assert {finding.kind for finding in check.check_form(path, entry)} == {"schema"}


def test_rows_of_a_page_that_runs_together():
    page = (
        "* Phải nộp:Tên giấy tờMẫu đơn, tờ khaiSố lượng- Tờ khai A.mau.doc1 bản chính"
        "Giấy B có 02 bản chính kèm theo0 bản chính,1 bản sao- Lưu ý C0 bản chính"
    )
    assert list(check.crawl_rows(page)) == [
        ("- Tờ khai A.mau.doc", True),
        ("Giấy B có 02 bản chính kèm theo", True),
        ("- Lưu ý C", False),
    ]
