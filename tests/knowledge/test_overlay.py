"""Layers over each other, review, changes in words, validation."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from knowledge.changes import compare, record_changes
from knowledge.overlay import differences, same_title
from knowledge.records import Branch, ChannelRecord, DossierItem, FeeRecord, LegalDocument, SourceRecord, TimeLimit
from knowledge.review import review
from knowledge.store import Store
from knowledge.validate import act_key, record_problems, validate_files, validate_store
from knowledge.views import as_contract, as_text

TODAY = dt.date(2026, 11, 21)


@pytest.fixture
def base(tmp_path):
    opened = Store.open(f"sqlite:///{tmp_path / 'a.db'}", fill=False)
    yield opened
    opened.close()


@pytest.fixture
def two(made_up):
    """(curated, portal) that agree on everything but the origin and the day of reading."""
    curated = made_up(origin="curated", source=SourceRecord("curated", "https://example.invalid/1", dt.date(2026, 4, 30), "12/QĐ-XYZ"), flags=[])
    return curated, made_up(flags=[])


def desk(*fees, time=TimeLimit(3.0, "working_day", maximum=5.0)):
    return [ChannelRecord("in_person", time=time, fees=list(fees))]


def test_layers_that_agree_say_nothing(two):
    assert differences(list(two), TODAY) == []


@pytest.mark.parametrize(
    ("fields", "kind", "words"),
    [
        ({"channels": desk(FeeRecord(amount=70000.0))}, "differs-amounts", "70.000 đồng"),
        ({"channels": desk(FeeRecord(amount=50000.0), time=TimeLimit(9.0, "day"))}, "differs-time", "9 ngày"),
        ({"dossier": [DossierItem("Đơn"), DossierItem("Ảnh")]}, "differs-papers", "2 giấy tờ"),
        ({"name": "Khai báo tạm trú cho người nước ngoài"}, "differs-title", "Khai báo tạm trú"),
        ({"source": SourceRecord("portal", "https://example.invalid/1", dt.date(2026, 7, 20), "99/QĐ-XYZ")}, "differs-decision", "99/QĐ-XYZ"),
    ],
)
def test_what_differs_is_named_with_its_day(two, made_up, fields, kind, words):
    found = differences([two[0], made_up(**{"flags": [], **fields})], TODAY)
    assert [one.kind for one in found] == [kind]
    assert words in found[0].other and "20/07/2026" in found[0].text() and found[0].fresher


def test_an_older_layer_is_not_fresher(two, made_up):
    old = made_up(origin="structured", source=SourceRecord("structured", None, dt.date(2020, 1, 1)), channels=desk(FeeRecord(amount=70000.0)))
    assert not differences([two[0], old], TODAY)[0].fresher


def test_a_reduction_that_ended_is_no_difference(two, made_up):
    both = [FeeRecord(amount=50000.0), FeeRecord(amount=25000.0, valid_to=dt.date(2025, 12, 31))]
    curated = replace(two[0], channels=desk(FeeRecord(amount=50000.0)))
    assert differences([curated, made_up(channels=desk(*both), flags=[])], TODAY) == []


def test_titles():
    assert same_title("Thủ tục đăng ký khai sinh", "Đăng ký khai sinh")
    assert not same_title("Đăng ký khai sinh", "Cấp giấy phép lái xe")


def test_show_tells_the_layers_and_what_is_fresher(two, made_up):
    layers = [two[0], made_up(channels=desk(FeeRecord(amount=70000.0)), flags=[])]
    told = as_contract(layers, TODAY)
    assert told["fresher"][0] == {
        "kind": "differs-amounts", "field": "fees.in_person", "shown": "Trực tiếp: 50.000 đồng", "other": "70.000 đồng", "origin": "portal", "retrieved": "2026-07-20",
    }  # fmt: skip
    assert [one["origin"] for one in told["layers"]] == ["curated", "portal"]
    assert told["channels"][0]["fees"][0]["amount"] == 50000
    assert "bản thu từ cổng (20/7/2026) ghi khác: 70.000 đồng" in as_text(layers, TODAY)


def test_show_marks_what_is_not_due(made_up):
    reduced = made_up(channels=desk(FeeRecord(amount=80000.0), FeeRecord(amount=40000.0, valid_from=dt.date(2025, 7, 1), valid_to=dt.date(2026, 12, 31))))
    fees = as_contract([reduced], TODAY)["channels"][0]["fees"]
    assert [(one["amount"], one["in_force"], one["replaced"]) for one in fees] == [(80000, False, True), (40000, True, False)]
    fees = as_contract([reduced], dt.date(2027, 1, 1))["channels"][0]["fees"]
    assert [(one["amount"], one["in_force"]) for one in fees] == [(80000, True), (40000, False)]
    assert "đã hết hiệu lực" in as_text([reduced], dt.date(2027, 1, 1))


def test_review_lists_flags_and_differences(base, two, made_up):
    base.save_procedure(two[0])
    base.save_procedure(made_up(channels=desk(FeeRecord(amount=70000.0))))
    base.save_procedure(made_up("1.000009"))
    found = list(review(base, TODAY))
    assert [(one.code, one.kind) for one in found] == [("1.000001", "differs-amounts"), ("1.000001", "bare-time"), ("1.000009", "bare-time")]
    assert [one.code for one in review(base, TODAY, kinds={"bare-time"}, codes={"1.000009"})] == ["1.000009"]


def test_changes_in_words(made_up):
    old = made_up()
    new = made_up(
        name="Đăng ký nuôi bồ câu", agency=None, steps=["Nộp đơn."], channels=[*desk(FeeRecord(amount=60000.0, kind="lệ phí"), time=TimeLimit(3.0, "working_day")), ChannelRecord("post")],
        dossier=[DossierItem("Đơn đăng ký", 2)], legal_basis=[LegalDocument("9/2026/NĐ-CP")],
    )  # fmt: skip
    words = "\n".join(record_changes(old, new))
    for part in (
        "tên đổi từ “Đăng ký nuôi chim bồ câu đưa thư (1.000001)” thành “Đăng ký nuôi bồ câu”", "bỏ cơ quan thực hiện: “Ủy ban nhân dân cấp xã”", "bỏ bước thực hiện: “Nhận giấy.”",
        "Trực tiếp: thời hạn đổi từ 3 - 5 ngày làm việc thành 3 ngày làm việc", "thêm mức thu (trực tiếp): “lệ phí 60.000 đồng”", "bỏ cách nộp trực tuyến", "thêm cách nộp bưu chính",
        "thêm giấy tờ: “Đơn đăng ký, 2 bản chính”", "thêm căn cứ pháp lý: “9/2026/NĐ-CP”", "bỏ căn cứ pháp lý: “12/2024/QH15”",
    ):  # fmt: skip
        assert part in words, part
    assert record_changes(old, made_up(raw={"channels": "khác"})) == ["đổi ở phần không hiện ra (văn bản gốc, thứ tự hoặc chi tiết của một mục)"]


def test_compare_reads_only_what_differs(made_up):
    old = {(f"1.00000{n}", "portal"): made_up(f"1.00000{n}") for n in (1, 2, 3)}
    new = {("1.000001", "portal"): old["1.000001", "portal"], ("1.000002", "portal"): made_up("1.000002", agency="Sở A"), ("1.000004", "portal"): made_up("1.000004")}
    read = []

    def reader(side):
        return lambda key: read.append(key) or side[key]

    digests = [{key: record.digest() for key, record in side.items()} for side in (old, new)]
    found = list(compare(*digests, reader(old), reader(new)))
    assert [(one.code, one.kind) for one in found] == [("1.000002", "changed"), ("1.000003", "gone"), ("1.000004", "new")]
    assert ("1.000001", "portal") not in read and "Sở A" in found[0].text()
    assert [one.kind for one in compare(*digests, reader(old), reader(new), gone=False)] == ["changed", "new"]


def test_validate_finds_each_kind_of_problem(base, made_up):
    bad = made_up(
        origin="curated", source=SourceRecord("curated"), related=["9.999999"], family=None,
        branches=[Branch("x", "Đi đâu?", [{"id": "a", "label": "A", "procedure": "8.888888"}, {"id": "b", "label": "B"}])],
        channels=desk(FeeRecord(amount=50000.0, valid_to=dt.date(2025, 12, 31)), FeeRecord(amount=60000.0, valid_to=dt.date(2026, 12, 31))),
    )  # fmt: skip
    base.save_procedure(bad)
    base.save_procedure(made_up("1.000002", name="Cấp giấy phép lái tàu", family=None, related=[]))
    base.save_procedure(made_up("1.000003", name="Cấp giấy phép lái tàu (thực hiện tại cấp tỉnh)", family=None, related=[], names=[]))
    found = {(one.severity, one.kind) for one in validate_store(base, TODAY)}
    assert found == {
        ("error", "dead-reference"), ("warning", "expired-window"), ("warning", "window-ends-soon"), ("error", "missing-source"), ("warning", "shared-name"), ("warning", "look-alike"),
    }  # fmt: skip
    assert [one.kind for one in record_problems(bad, {"9.999999", "8.888888"}, dt.date(2025, 1, 1))] == ["missing-source"]


def test_one_name_for_two_levels_of_one_act_is_no_problem(base, made_up):
    base.save_procedure(made_up("1.000002", name="Cấp giấy phép lái tàu (cấp xã)", related=[]))
    base.save_procedure(made_up("1.000003", name="Cấp giấy phép lái tàu (cấp tỉnh)", related=[]))
    assert [one.kind for one in validate_store(base, TODAY)] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Khóa căn cước điện tử (thực hiện tại cấp xã)", "Khóa căn cước điện tử (thực hiện tại cấp trung ương)"),
        ("Thủ tục cấp thẻ thực hiện tại Công an cấp xã", "Cấp thẻ"),
    ],
)
def test_levels_of_one_act(one, other):
    assert act_key(one) == act_key(other)


def test_files_of_the_catalogue(tmp_path):
    folder = tmp_path / "chim"
    folder.mkdir()
    (folder / "1.000001.yml").write_text("code: '1.000001'\nname: Thiếu đủ thứ\n", encoding="utf-8")
    (folder / "1.000002.yml").write_text("a: [", encoding="utf-8")
    assert [one.kind for one in validate_files(tmp_path)] == ["schema", "schema"]


def test_what_ships_has_no_errors():
    assert [one for one in validate_files() if one.severity == "error"] == []
