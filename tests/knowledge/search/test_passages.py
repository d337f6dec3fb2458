"""The passage index: references in questions, places, years, copies, following the store."""

from __future__ import annotations

import datetime as dt

import pytest

from knowledge.guidance.records import DocumentRecord, PassageRecord
from knowledge.search.guidance_query import Place, read_question, read_reference
from knowledge.search.passages import PassageIndex, PassageSearch, passage_search, unit_of
from knowledge.store import Store


@pytest.fixture(scope="module")
def shipped(tmp_path_factory) -> Store:
    """A fresh clone's database: our own notes only."""
    return Store.open(f"sqlite:///{tmp_path_factory.mktemp('db') / 'shipped.db'}")


@pytest.fixture(scope="module")
def search(shipped) -> PassageSearch:
    return passage_search(shipped, None)


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        ("nhiệm vụ 16 của 797 là gì", ["797/BTTTT-THH"]),
        ("công văn số 797/BTTTT-THH nói gì", ["797/BTTTT-THH"]),
        ("cong van 639 yeu cau gi", ["639/BTTTT-THH"]),
        ("Điều 12 nđ 47", ["47/2020/NĐ-CP"]),
        ("nghị định 47/2020 có hiệu lực khi nào", ["47/2020/NĐ-CP"]),
        ("chỉ thị 14 về an toàn mạng", ["14/CT-TTg"]),
        ("phiên họp ngày 25/02/2023", ["Phiên 5-25/02/2023"]),
        ("bưu kiện 797.000 đồng", []),
        ("tôi có 47 con bò", []),
    ],
)
def test_documents_are_recognised(text, documents):
    assert read_reference(text).documents == documents


def test_unregistered_document_is_unknown():
    reference = read_reference("công văn 4321 nói gì")
    assert reference.documents == [] and reference.unknown == ["cong van 4321"]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("nhiệm vụ 9 và 10", [Place("nhiem vu", 9), Place("nhiem vu", 10)]),
        ("nhiem vu so 7", [Place("nhiem vu", 7)]),
        ("từ nhiệm vụ 3 đến 5", [Place("nhiem vu", 3), Place("nhiem vu", 4), Place("nhiem vu", 5)]),
        ("điểm 19 nói gì", [Place("diem", 19)]),
        ("dịch vụ công mức 3", []),
        ("nhiệm vụ năm 2023", []),
        ("22 nhiệm vụ của 797", []),
    ],
)
def test_places_are_recognised(text, places):
    assert read_reference(text).places == places


def test_years_and_wanted_place():
    reference = read_reference("năm 2022 và 2023, nhiệm vụ số mấy nói về dữ liệu")
    assert reference.years == [2022, 2023] and reference.wanted == "nhiem vu"


def test_marks_tell_asking_words_from_others():
    assert read_question("báo cáo với máy chủ").weights["bao"] == 1.0
    assert read_question("bao nhiêu nền tảng").weights["bao"] < 0.2
    assert 0.2 < read_question("may chu dat o dau").weights["may"] < 1.0


def test_long_names_count_once():
    weights = read_question("tổ công nghệ số cộng đồng báo cáo thế nào").weights
    name = sum(weights[w] for w in ("cong", "nghe", "so", "dong"))
    assert name <= weights["bao"] + weights["cao"]


@pytest.mark.parametrize("spelling", ["Nhiệm vụ 18 của 797 là gì?", "nhiem vu 18 cua 797 la gi"])
def test_numbered_place_comes_first(search, spelling):
    hit = search.search(spelling, 1)[0]
    assert hit.passage.document == "797/BTTTT-THH" and hit.passage.label == "nhiệm vụ 18"


def test_platform_by_number(search):
    assert search.search("nền tảng 34 để làm gì", 1)[0].passage.title == "(34) Nền tảng trợ lý ảo"


def test_which_task_speaks_of(search):
    assert search.search("nhiệm vụ số mấy nói về điện toán đám mây", 1)[0].passage.label == "nhiệm vụ 12"


def test_year_decides(search):
    first = {year: search.search(f"tỷ lệ hồ sơ trực tuyến {year}", 1)[0].passage for year in (2022, 2023)}
    assert first[2022].year == 2022 and first[2023].document == "Phiên 5-25/02/2023"


def test_filters(search):
    hits = search.search("trợ lý ảo", 5, document="797/BTTTT-THH")
    assert hits and {h.passage.document for h in hits} == {"797/BTTTT-THH"}
    assert all(h.passage.year in (2022, None) for h in search.search("chỉ tiêu", 10, year=2022))


def test_hit_as_dict(search):
    told = search.search("ai thành lập tổ công nghệ số cộng đồng", 1)[0].as_dict()
    assert set(told) == {"id", "kind", "score", "title", "source", "snippet"} and told["kind"] == "guidance"
    assert told["source"]["number"] == "793/BTTTT-THH" and told["source"]["date"] == "2022-03-05"


def _document(text: str, **more) -> DocumentRecord:
    day = dt.date(2024, 5, 6)
    passages = [PassageRecord("made-up:1", "12/QĐ-XYZ", day, text, label="Điều 1", heading=["Điều 1. Vườn ươm"], **more)]
    return DocumentRecord("made-up", "12/QĐ-XYZ", day, "Quyết định về vườn ươm", passages=passages)


def test_follows_the_store(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path / 'a.db'}", fill=False)
    follower = PassageSearch(store, tmp_path / "cache")
    assert not any(h.passage.document == "12/QĐ-XYZ" for h in follower.search("vườn ươm giống cây bạch đàn", 3))
    store.save_document(_document("Vườn ươm giống cây bạch đàn được bảo vệ."))
    assert follower.search("vườn ươm giống cây bạch đàn", 1)[0].passage.document == "12/QĐ-XYZ"
    assert PassageSearch(store, tmp_path / "cache").search("vườn ươm giống cây bạch đàn", 1)[0].passage.id == "made-up:1"


def test_broken_cache_is_only_slower(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path / 'a.db'}", fill=False)
    store.save_document(_document("Vườn ươm giống cây bạch đàn được bảo vệ."))
    PassageSearch(store, tmp_path).index()
    for path in tmp_path.glob("passages-*.pickle"):
        path.write_bytes(b"not a pickle")
    assert PassageSearch(store, tmp_path).search("vườn ươm", 1)


def test_copies_and_unusable_are_not_found():
    day = dt.date(2024, 1, 1)
    good = PassageRecord("a:1", "A", day, "Cá tra nuôi lồng trên sông.")
    copy = PassageRecord("b:1", "B", day, "Cá tra nuôi lồng trên sông.", duplicate_of="a:1")
    bad = PassageRecord("c:1", "C", day, "Cá tra nuôi lồng lệch cột.", usable=False)
    assert [h.passage.id for h in PassageIndex([good, copy, bad], []).search("cá tra nuôi lồng", 5)] == ["a:1"]


def test_empty_index():
    assert PassageIndex([], []).search("gì cũng được", 5) == []


@pytest.mark.parametrize(
    ("label", "unit"),
    [("điểm 11, mục 5", "điểm 11"), ("Điều 5, khoản 2", "Điều 5"), ("Điều 1, mục II.3.a", "Điều 1, mục II.3"), ("nhiệm vụ 3", "nhiệm vụ 3")],
)
def test_units(label, unit):
    assert unit_of(PassageRecord("x", "X", None, "", label=label)) == unit
