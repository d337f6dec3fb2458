"""Export to YAML and CSV, and reading it back."""

from __future__ import annotations

import csv
import datetime as dt

import pytest

from knowledge.exchange import OVERVIEW, as_yaml, export, read_yaml, slug
from knowledge.importers.catalogue import CATALOGUE, read_catalogue
from knowledge.importers.portal import read_portal
from knowledge.importers.rejection import Rejection
from knowledge.importers.run import import_paths
from knowledge.importers.structured import read_structured
from knowledge.records import ProcedureRecord
from knowledge.store import Store

TODAY = dt.date(2026, 11, 21)


def through_a_file(record, folder):
    path = folder / f"{record.code}.yml"
    path.write_text(as_yaml(record), encoding="utf-8")
    (back,) = read_yaml(path)
    return back


def test_every_curated_entry_comes_back(tmp_path):
    for record in read_catalogue(CATALOGUE):
        back = through_a_file(record, tmp_path)
        assert isinstance(back, ProcedureRecord) and back.digest() == record.digest(), record.code


@pytest.mark.parametrize("origin", ["structured", "portal", "list", "register"])
def test_other_layers_come_back_with_flags_and_the_source_s_words(made_up, tmp_path, origin):
    record = made_up(origin=origin, raw={"channels": "tab\there\u00a0 ‎ “x”: - #\n  dòng hai \u2028 hết "})
    back = through_a_file(record, tmp_path)
    assert back == record


@pytest.mark.needs_shared
def test_real_records_come_back(shared_dir, tmp_path):
    files = sorted((shared_dir / "data" / "national-portal-2026-07").rglob("*.json"))[::60]
    records = [item for file in files for item in read_portal(file)] + list(read_structured(shared_dir / "data" / "structured-113"))[::6]
    for record in records:
        if not isinstance(record, Rejection):
            back = through_a_file(record, tmp_path)
            assert not isinstance(back, Rejection) and back.digest() == record.digest(), (record.code, str(back)[:300])


def test_a_database_comes_back(tmp_path, made_up):
    one, other = (Store.open(f"sqlite:///{tmp_path / name}", fill=False) for name in ("a.db", "b.db"))
    for record in (made_up(), made_up("1.000002", origin="structured"), made_up("1.000003", origin="list")):
        one.save_procedure(record)
    for record in list(read_catalogue(CATALOGUE))[:3]:
        one.save_procedure(record)
    counts = export(one, tmp_path / "out", TODAY)
    assert counts == {"portal": 1, "structured": 1, "list": 1, "curated": 3}
    assert (tmp_path / "out" / "portal" / "chim-canh" / "1.000001.yml").is_file()
    first = import_paths(other, [tmp_path / "out"])
    assert first.counts["new"] == 6 and not first.rejected and other.digests() == one.digests()
    assert import_paths(other, [tmp_path / "out"]).counts["unchanged"] == 6
    with (tmp_path / "out" / OVERVIEW).open(encoding="utf-8-sig", newline="") as handle:
        rows = {row["ma"]: row for row in csv.DictReader(handle, delimiter=";")}
    assert len(rows) == 6 and "Trực tiếp: 50.000 đồng" in rows["1.000001"]["phi_hom_nay"] and rows["1.000001"]["so_giay_to"] == "1"
    for store in (one, other):
        store.close()


def test_only_the_origins_asked_for(tmp_path, made_up):
    store = Store.open(f"sqlite:///{tmp_path / 'a.db'}", fill=False)
    store.save_procedure(made_up())
    store.save_procedure(made_up(origin="list"))
    assert export(store, tmp_path / "out", TODAY, origins=["list"]) == {"list": 1}
    store.close()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("1.000001.yml", "a: [1, 2", "YAML"),
        ("1.000001.yml", "just words", "không phải tệp thủ tục"),
        ("1.000001.yml", "code: '1.000001'\nsource: {origin: portal}\n", "thiếu tên"),
        ("1.000001.yml", "code: '1.000001'\nname: x\nsource: {origin: dream}\n", "origin"),
        ("1.000002.yml", "code: '1.000001'\nname: x\nsource: {origin: portal}\n", "tên tệp"),
        ("1.000001.yml", "code: 1.000001\nname: x\nsource: {origin: portal}\n", "mã"),
        ("1.000001.yml", "code: '1.000001'\nname: x\nsource: {origin: portal}\nlevel: x\n", "level"),
        ("1.000001.yml", "code: '1.000001'\nname: x\nsource: {origin: portal}\nchannels: [{method: fax}]\n", "fax"),
        ("1.000001.yml", "code: '1.000001'\nname: x\nsource: {origin: portal}\nchannels: [{method: post, fees: [{amount: nhiều}]}]\n", "nhiều"),
        ("1.000001.yml", "code: '1.000001'\nname: x\nsource: {origin: portal}\nchannels: 5\n", "dạng"),
        ("1.000001.yml", "code: '1.000001'\nname: x\nsource: {url: 'https://a'}\n", "required"),
        ("1.000001.yml", b"name: \xff\xfe", "UTF-8"),
    ],
)
def test_a_file_that_is_none_is_refused_with_a_reason(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (item,) = read_yaml(path)
    assert isinstance(item, Rejection) and words in f"{item.reason} {item.place}" and "\n" not in item.reason


def test_slug():
    assert slug("Đăng ký, quản lý cư trú") == "dang-ky-quan-ly-cu-tru" and slug(None) == "khac" and slug("???") == "khac"
