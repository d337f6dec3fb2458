"""Words of titles that go with words people say: learned from others, used on titles never asked about."""

import numpy as np
import pytest

from knowledge.search.procedures import Entry, ProcedureIndex, folded_terms
from nlu.linking.associations import AssociatedTitles, Associations, part_of, title_terms
from nlu.linking.query import make_query

LOST = [(f"{who} làm rớt mất tiêu {thing}", f"Cấp lại {thing}") for who in ("ba", "mẹ", "em") for thing in ("giấy phép lái xe", "thẻ thường trú", "sổ bảo hiểm")]
CLOSED = [(f"{who} nghỉ bán luôn {thing}", f"Chấm dứt hoạt động {thing}") for who in ("ba", "mẹ", "em") for thing in ("cửa hàng", "quán ăn", "tiệm thuốc")]


def entry(code: str, name: str) -> Entry:
    return Entry(code, name, "", (), "", (), 1, "", True, (), ())


@pytest.fixture(scope="module")
def learned() -> Associations:
    pairs = [*LOST, *CLOSED]
    return Associations.fitted([make_query(text).matter for text, _ in pairs], [title_terms(name) for _, name in pairs])


def test_a_title_never_asked_about_is_found_by_what_goes_with_its_words(learned):
    index = ProcedureIndex([entry("1.000001", "Cấp lại hộ chiếu"), entry("1.000002", "Chấm dứt hoạt động hợp tác xã")], ["", ""])
    beside = AssociatedTitles([learned, learned], index)
    for text, first in (("tui làm rớt mất tiêu cuốn đó", 0), ("nghi ban luon roi", 1)):
        mean, summed = beside.of(make_query(text), np.asarray([0, 1]))
        assert mean.argmax() == first and summed.argmax() == first


def test_shares_are_those_of_a_plain_count(learned):
    texts = [list(dict.fromkeys(make_query(text).matter)) for text, _ in (*LOST, *CLOSED)]
    titles = [title_terms(name) for _, name in (*LOST, *CLOSED)]
    kept = {term for terms in texts for term in terms if sum(term in other for other in texts) >= 2}
    word, title_word = "rot", "cap lai"
    owed = sum(1 / len(kept & set(text)) for text, title in zip(texts, titles) if word in text and title_word in title)
    known = set(learned.titled)
    whole = sum(len(known & set(title)) / len(kept & set(text)) for text, title in zip(texts, titles) if word in text)
    heard = learned.heard(make_query(word))
    assert heard[learned.titled[title_word]] == pytest.approx(owed / (whole + 2.0), rel=1e-4)


def test_each_title_is_judged_by_what_was_heard_of_others(learned):
    """Words said of nothing but one procedure say nothing for it; so its part's associations, without it, are taken."""
    index = ProcedureIndex([entry(code, "Cấp lại hộ chiếu") for code in ("1.000001", "1.000002", "1.000003", "1.000004")], [""] * 4)
    parts = [part_of(e.code) for e in index.entries]
    assert set(parts) == {0, 1}
    silent = Associations.fitted([["x"], ["x"]], [folded_terms("Cấp lại hộ chiếu")] * 2)
    mean, _ = AssociatedTitles([learned, silent], index).of(make_query("làm rớt mất tiêu"), np.arange(4))
    assert all((score > 0) == (part == 0) for score, part in zip(mean, parts))


def test_nothing_known_says_nothing(learned):
    index = ProcedureIndex([entry("1.000001", "Xyz")], [""])
    mean, summed = AssociatedTitles([learned, learned], index).of(make_query("abc def"), np.asarray([0]))
    assert mean.tolist() == [0.0] and summed.tolist() == [0.0]
    assert AssociatedTitles([learned, learned], index).of(make_query("abc"), np.zeros(0, dtype=int))[0].shape == (0,)
