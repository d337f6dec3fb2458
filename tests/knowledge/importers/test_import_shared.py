"""Counts over the real data. Skipped where the shared folder is missing; the whole crawl only with -m slow."""

import random
import re
import time

import pytest

from knowledge.importers.amounts import LEAST_VND, find_money
from knowledge.importers.lists import read_list
from knowledge.importers.portal import read_portal
from knowledge.importers.rejection import Rejection
from knowledge.importers.structured import read_structured

pytestmark = pytest.mark.needs_shared


def check(records):
    for record in records:
        assert re.fullmatch(r"\d\.\d{6}", record.code) and record.channels and record.steps and record.levels, record.code
        for channel in record.channels:
            priced = [fee for fee in channel.fees if fee.amount or fee.rate]
            assert channel.contradiction == (channel.declared_free and bool(priced)), record.code
            if channel.contradiction:
                assert any(flag.kind == "free-but-amounts" for flag in record.flags), record.code
            for fee in channel.fees:
                assert fee.currency != "VND" or not fee.amount or fee.amount >= LEAST_VND, record.code
            if channel.time:
                assert channel.time.unit is not None or channel.time_text, record.code
        # no amount of money of the section is lost: it is structured or stands in note or description
        kept = " ".join(f"{channel.note} {channel.description}" for channel in record.channels)
        for money in find_money(record.raw["channels"]):
            assert money.text.replace(" ", "") in kept.replace(" ", ""), (record.code, money.text)
        # no row of a dossier is lost
        # (a cell is glued to its name; "01 bản chính" ends a name; a cell right after a cell has no name)
        cells = re.findall(r"(?<![\s0])(?<!bản chính)(?<!bản sao)\d bản chính(?=$|[^\s,.;:)])", record.raw.get("dossier", ""))
        assert len(record.dossier) >= len(cells), record.code


@pytest.fixture(scope="module")
def crawl_folder(shared_dir):
    return shared_dir / "data" / "national-portal-2026-07"


def test_a_sample_of_the_crawl(crawl_folder):
    files = random.Random(3).sample(sorted(crawl_folder.rglob("*.json")), 120)
    records = [item for file in files for item in read_portal(file)]
    refused = [item for item in records if isinstance(item, Rejection)]
    assert len(refused) <= 3 and all("trang thuộc mã khác" in item.reason for item in refused)
    check([item for item in records if not isinstance(item, Rejection)])


@pytest.mark.slow
def test_the_whole_crawl(crawl_folder):
    began = time.perf_counter()
    records = list(read_portal(crawl_folder))
    took = time.perf_counter() - began
    assert len(records) == 2642
    refused = [item for item in records if isinstance(item, Rejection)]
    assert len(refused) == 17 and all("trang thuộc mã khác" in item.reason for item in refused)
    records = [item for item in records if not isinstance(item, Rejection)]
    check(records)
    assert took < 80  # 20 s on two idle cores; the machine is shared
    kinds = {flag.kind for record in records for flag in record.flags}
    assert {"bare-time", "glued-time-amount", "thousands-lost", "free-but-amounts", "expired-window", "rebuilt-from-page"} <= kinds
    rebuilt = [record for record in records if ("rebuilt-from-page", "steps") in {(f.kind, f.field) for f in record.flags}]
    assert len(rebuilt) == 25 and all(record.dossier for record in rebuilt if "dossier" in record.raw)
    glued = [d.number for record in records for d in record.legal_basis if d.number and re.match(r"\d{5,}/", d.number)]
    assert not glued, glued


def test_the_structured_file(shared_dir):
    records = list(read_structured(shared_dir / "data" / "structured-113"))
    assert len(records) == 113 and not [item for item in records if isinstance(item, Rejection)]
    assert not [record.code for record in records if "D:\\" in str(record.as_dict())]
    stay = next(record for record in records if record.code == "1.004194")
    assert {fee.amount for channel in stay.channels if channel.method == "in_person" for fee in channel.fees} >= {10_000, 15_000}


def test_the_lists(shared_dir):
    found = list(read_list(shared_dir / "data" / "lists"))
    records = [item for item in found if not isinstance(item, Rejection)]
    assert len(records) > 9_000 and all(record.name for record in records)
    assert all(item.place for item in found if isinstance(item, Rejection))
