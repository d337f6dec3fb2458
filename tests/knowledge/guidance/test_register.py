"""The register and the list of corrections are data that must hold together."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from knowledge.guidance.register import fold_number, load_corrections, load_register

REGISTER = load_register()


def test_number_and_date_name_one_document() -> None:
    keys = [(fold_number(d.number), d.date) for d in REGISTER.documents]
    assert len(keys) == len(set(keys)) == 20


def test_aliases_are_not_shared() -> None:
    aliases = [alias.casefold() for d in REGISTER.documents for alias in d.aliases]
    assert len(aliases) == len(set(aliases))


@pytest.mark.parametrize("number", ["16 - CV/BCSD", "16-CV/BCSĐ", "16-cv/bcsđ"])
def test_a_number_is_found_however_it_is_spaced(number: str) -> None:
    found = REGISTER.document(number)
    assert found and found.number == "16-CV/BCSĐ"


def test_a_number_with_another_date_is_another_document() -> None:
    assert REGISTER.document("14/CT-TTg", dt.date(2019, 6, 7))
    assert REGISTER.document("14/CT-TTg", dt.date(2018, 5, 25)) is None


def test_sources_name_registered_documents_and_their_rules_compile() -> None:
    for source in REGISTER.sources:
        assert REGISTER.document(source.document, source.date), source.key
        for rule in [*source.drop, *REGISTER.drop]:
            assert rule["why"]
            for name in ("line", "from", "to", "inline"):
                if rule.get(name) not in (None, "$end"):
                    re.compile(rule[name])


def test_recognised_by_content() -> None:
    start = "BỘ X\nSố: 797/BTTTT-THH\nKính\n gửi:"
    assert REGISTER.recognise(start + "\nNơi nhận: A").key == "cong-van-797"
    assert REGISTER.recognise("Một văn bản khác") is None


def test_corrections_are_listed_with_reason_and_known_source() -> None:
    rules = load_corrections()
    keys = {source.key for source in REGISTER.sources}
    assert len({rule.id for rule in rules}) == len(rules)
    for rule in rules:
        assert rule.why and rule.sources, f"{rule.id}: a correction is bound to the text it was seen in"
        assert set(rule.sources) <= keys
        assert not rule.find.search(rule.put) or rule.put.startswith("\\"), f"{rule.id} would apply to its own result"


def test_the_rank_is_corrected_only_before_the_four_names() -> None:
    rule = next(rule for rule in load_corrections() if rule.id == "thu-truong-ten")
    assert rule.find.sub(rule.put, "1. Thủ trưởng Phan Tâm") == "1. Thứ trưởng Phan Tâm"
    assert rule.find.sub(rule.put, "Thủ trưởng cơ quan ngang bộ") == "Thủ trưởng cơ quan ngang bộ"
