"""Records of the crawl: what goes in, what is refused and with which words."""

import datetime as dt
import json

import pytest

from knowledge.importers import portal
from knowledge.importers.portal import parse_record, read_portal
from knowledge.importers.rejection import RecordError, Rejection
from knowledge.records import ProcedureRecord, record_from_dict


def write(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode())
    return path


def test_a_record_has_its_fields_and_survives_a_round_trip(crawl):
    record = parse_record(crawl(cap_thuc_hien="Cấp bộ, Cấp xã", doi_tuong_thuc_hien="Cán bộ, công chức, viên chức, Doanh nghiệp Việt Nam"))
    assert (record.code, record.levels, record.agency) == ("1.234567", ["bộ", "xã"], "Ủy ban nhân dân cấp xã")
    assert record.audience == ["Cán bộ, công chức, viên chức", "Doanh nghiệp Việt Nam"]
    assert record.source.origin == "portal" and record.source.retrieved == dt.date(2026, 7, 20)
    assert record.source.note == "tháng 7/2026" and record.source.decision == "12/QĐ-XYZ"
    assert record.conditions is None and record.related == []
    assert set(record.raw) == {"steps", "channels", "dossier", "legal", "conditions", "results"}
    assert record_from_dict(record.as_dict()) == record


def page_of(code):
    return f"Đăng ký nuôi chimTên thủ tụcĐăng ký nuôi chimMã thủ tục{code}Số quyết định12/QĐ-XYZCấp thực hiệnCấp xã"


def test_the_page_of_another_code_never_describes_this_one(crawl, tmp_path):
    with pytest.raises(RecordError) as refused:
        parse_record(crawl(raw_text=page_of("1.765432")))
    assert "trang thuộc mã khác" in refused.value.reason and "1.765432" in refused.value.reason
    assert refused.value.place == "trường raw_text"
    assert parse_record(crawl(raw_text=page_of("1.234567"))).code == "1.234567"
    # a code further down in the page is no head of the page
    related = page_of("1.234567") + "Thủ tục liên quan: Mã thủ tục 1.765432 Số quyết định 9/QĐ-XYZ"
    assert parse_record(crawl(raw_text=related)).code == "1.234567"
    write(tmp_path, "1.234567.json", crawl(raw_text=page_of("1.765432")))
    (item,) = read_portal(tmp_path)
    assert isinstance(item, Rejection) and "mã khác" in item.reason


def test_the_day_of_the_record_wins_over_the_default(crawl):
    assert parse_record(crawl(crawled_at="2026-06-30T08:00:00")).source.retrieved == dt.date(2026, 6, 30)


def test_district_level_and_online_level(crawl):
    record = parse_record(crawl(cap_thuc_hien="Cấp huyện", ten_thu_tuc="Đăng ký trực tuyến toàn trình", co_quan_thuc_hien="Công an cấp huyện"))
    assert record.levels == ["khác"] and record.online_level == "toàn trình"
    assert {flag.field for flag in record.flags if flag.kind == "district-level"} == {"levels", "agency"}
    assert parse_record(crawl()).online_level is None


def test_number_of_sets_is_taken_as_said(crawl):
    assert parse_record(crawl(trinh_tu_thuc_hien="Nộp đơn. Số lượng hồ sơ: 01 bộ.")).dossier_sets == "01 bộ"
    assert parse_record(crawl()).dossier_sets is None


@pytest.mark.parametrize(
    ("fields", "words", "place"),
    [
        ({"ma_thu_tuc": ""}, "thiếu mã", "ma_thu_tuc"),
        ({"ma_thu_tuc": None}, "thiếu mã", "ma_thu_tuc"),
        ({"ma_thu_tuc": "1.2345"}, "d.dddddd", "ma_thu_tuc"),
        ({"ma_thu_tuc": "1.234567\n"}, None, None),
        ({"ma_thu_tuc": 1.234567}, "phải là chuỗi chữ", "ma_thu_tuc"),
        ({"ten_thu_tuc": "Không có thông tin"}, "thiếu tên", "ten_thu_tuc"),
        ({"thanh_phan_ho_so": ["Đơn"]}, "danh sách", "thanh_phan_ho_so"),
    ],
)
def test_refused_records(crawl, fields, words, place):
    if words is None:
        assert parse_record(crawl(**fields)).code == "1.234567"
        return
    with pytest.raises(RecordError, match=words) as error:
        parse_record(crawl(**fields))
    assert place in error.value.place and "\n" not in error.value.reason


def test_a_tree_with_broken_files_lets_the_rest_in(crawl, tmp_path, monkeypatch):
    good = json.dumps(crawl(), ensure_ascii=False).encode()
    write(tmp_path, "bo-a/1.234567.json", good)
    write(tmp_path, "bo-a/cut.json", good[: len(good) // 2])
    write(tmp_path, "bo-b/encoding.json", json.dumps(crawl(ma_thu_tuc="1.000002"), ensure_ascii=False).encode("utf-16"))
    write(tmp_path, "bo-b/latin.json", b'{"ma_thu_tuc": "1.000003", "ten_thu_tuc": "\xe9\xe8"}')
    write(tmp_path, "bo-b/empty.json", b"")
    write(tmp_path, "bo-b/nothing.json", b"\0" * 1000)
    write(tmp_path, "bo-b/number.json", b"12")
    write(tmp_path, "bo-b/bom.json", b"\xef\xbb\xbf" + json.dumps(crawl(ma_thu_tuc="1.000009")).encode())
    write(tmp_path, "bo-b/several.json", [crawl(ma_thu_tuc="1.000010"), crawl(ma_thu_tuc="x"), crawl(ma_thu_tuc="1.000011")])
    write(tmp_path, "readme.txt", b"not a record")
    found = list(read_portal(tmp_path))
    assert [item.code for item in found if isinstance(item, ProcedureRecord)] == ["1.234567", "1.000009", "1.000010", "1.000011"]
    refused = {item.path.rsplit("/", 1)[1]: item for item in found if isinstance(item, Rejection)}
    assert set(refused) == {"cut.json", "encoding.json", "latin.json", "empty.json", "nothing.json", "number.json", "several.json"}
    assert "cắt" in refused["cut.json"].reason and "dòng 1" in refused["cut.json"].place
    assert "UTF-8" in refused["latin.json"].reason and "byte" in refused["latin.json"].place
    assert "trống" in refused["empty.json"].reason
    assert "bản ghi 2" in refused["several.json"].place
    assert all("\n" not in str(item) for item in refused.values())


def test_a_file_too_large_is_refused_before_reading(tmp_path, monkeypatch):
    path = tmp_path / "1.000001.json"
    with path.open("wb") as stream:
        stream.truncate(100 * 1024 * 1024)  # sparse: nothing is written, and nothing may be read
    monkeypatch.setattr(type(path), "read_bytes", lambda self: pytest.fail("read a file that is too large"))
    (refused,) = read_portal(path)
    assert "quá lớn" in refused.reason and "byte" in refused.place


def test_a_missing_path_is_named(tmp_path):
    (refused,) = read_portal(tmp_path / "nowhere")
    assert isinstance(refused, Rejection) and "không có" in refused.reason


def test_parsing_twice_gives_the_same_digest(crawl):
    assert parse_record(crawl()).digest() == parse_record(crawl()).digest()


def test_deeply_nested_json_is_refused(tmp_path):
    path = tmp_path / "deep.json"
    path.write_text("[" * 100_000)
    found = list(read_portal(path))
    assert len(found) == 1 and isinstance(found[0], Rejection)


def test_the_reader_streams(crawl, tmp_path, monkeypatch):
    for number in range(3):
        write(tmp_path, f"1.00000{number}.json", crawl(ma_thu_tuc=f"1.00000{number}"))
    read = []
    original = portal.read_json
    monkeypatch.setattr(portal, "read_json", lambda path, *rest: read.append(path) or original(path, *rest))
    stream = read_portal(tmp_path)
    assert next(stream).code == "1.000000" and len(read) == 1
