import re
from pathlib import Path

import pytest

from nlu.generate import TARGET, render
from nlu.lexicon import FOLDER, load
from nlu.patterns import Phrases, compile_phrases, needed_words
from nlu.syllables import fold, is_syllable
from nlu.terms import find_terms
from nlu.text import normalise

RULE_KEYS = {"to", "prev", "next", "not_prev", "not_next", "near", "not_near"}


@pytest.mark.parametrize("name", ["slang", "abbreviations", "dialect"])
def test_rules_are_well_formed(name):
    for key, value in load(name).items():
        assert key == key.strip() and key
        for rule in value if isinstance(value, list) else [{"to": value}]:
            assert set(rule) <= RULE_KEYS and "to" in rule, (name, key)


def test_no_key_stands_twice_in_a_file():
    for path in Path(FOLDER).glob("*.yml"):
        if path.stem in ("slang", "abbreviations", "dialect", "spelling"):
            keys = [line.split(":")[0] for line in path.read_text(encoding="utf-8").splitlines() if line and line[0] not in "# "]
            assert len(keys) == len(set(keys)), path.name


def test_compounds_are_syllables():
    for line in load("compounds")["words"]:
        for word in line.split(","):
            assert all(is_syllable(part) or part in ("internet", "karaoke") for part in word.split()), word


def test_patterns_compile():
    for group in load("cues").values():
        compile_phrases(tuple(group))
    for groups in load("scope").values():
        for data in groups.values():
            compile_phrases(tuple(data["patterns"]))
            Phrases(data["unless"])


def test_pattern_words_match_with_and_without_marks_but_not_other_marks():
    pattern = compile_phrases(("cháy nhà",))
    assert pattern.search("cháy nhà rồi") and pattern.search("chay nha roi")
    assert not pattern.search("chạy nhà hàng")


def test_every_pattern_is_reached_through_its_words():
    phrases = Phrases(["hệ thống … lỗi"])
    assert phrases.search("he thong cua toi bi loi", frozenset(fold("he thong cua toi bi loi").split()))


@pytest.mark.parametrize(
    "pattern, needed",
    [
        ("hệ thống … lỗi", [{"he", "thong", "loi"}]),
        ("(lệ )?phí", [{"phi"}]),
        ("giá (bao nhiêu|cả)?", [{"gia"}]),
        ("nhiệm vụ (số )?<n>", [{"nhiem", "vu"}]),
        ("(qua|trên) mạng", [{"mang"}]),
        ("(bao nhiêu|mấy (trăm|chục)) (tiền|đồng|nghìn)", [{"bao", "nhieu"}, {"may"}]),
        ("=cháy", [{"chay"}]),
        ("(1|2)", [set()]),
    ],
)
def test_words_that_a_pattern_cannot_do_without(pattern, needed):
    assert sorted(needed_words(pattern), key=sorted) == sorted(map(frozenset, needed), key=sorted)


def written_out(pattern: str, last: bool) -> str:
    """A text that a pattern matches: of each choice the first (or last), every option left out (or taken)."""
    text = pattern.replace("<n>", "7").replace("=", "").replace("…", " ")
    while (group := re.search(r"\(([^()]*)\)(\?)?", text)) is not None:
        chosen = group.group(1).split("|")[-1 if last else 0]
        text = text[: group.start()] + (chosen if last or not group.group(2) else "") + text[group.end() :]
    return " ".join(text.split())


@pytest.mark.parametrize("last", [False, True])
def test_nothing_is_passed_over_that_matches(last):
    matched = tried = 0
    groups = [*load("cues").values(), *(data["patterns"] for kind in load("scope").values() for data in kind.values())]
    for group in groups:
        phrases, expression = Phrases(group), compile_phrases(tuple(group))
        for pattern in group:
            text = written_out(pattern, last)
            tried += 1
            if expression.search(text):
                matched += 1
                assert phrases.search(text, frozenset(fold(text).replace(",", " ").split())), (pattern, text)
    assert matched > 0.9 * tried


def test_old_terms_are_found_with_their_note():
    found = find_terms(normalise("Lam so do muc do 4 duoc khong"))
    assert [term.now.split(",")[0] for term in found] == ["Giấy chứng nhận quyền sử dụng đất", "dịch vụ công trực tuyến toàn trình"]
    text = "đổi CMND"
    term = find_terms(normalise(text))[0]
    assert text[term.start : term.end] == "CMND" and "căn cước" in term.note and term.basis


def test_generated_data_is_up_to_date():
    assert TARGET.read_text(encoding="utf-8") == render()
