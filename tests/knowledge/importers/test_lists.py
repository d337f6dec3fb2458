"""XLSX lists: headers at different heights, local codes, rows that name no procedure."""

import datetime as dt

import openpyxl
import pytest

from knowledge.importers.lists import read_list
from knowledge.importers.rejection import Rejection


def book(path, rows):
    work = openpyxl.Workbook()
    for row in rows:
        work.active.append(row)
    work.save(path)
    return path


def test_a_list_of_a_ministry(tmp_path):
    path = book(tmp_path / "danh-sach-2026-04-22.xlsx", [
        ["CỘNG HÒA ...", None, None, None, None],
        ["Mã số", "Tên", "Cơ quan ban hành", "Cơ quan thực hiện", "Lĩnh vực"],
        ["1.000001", " Đăng ký  chim ", "UBND tỉnh Chim", "Sở Chim\nXã", "Chim"],
        ["1.000001", "Đăng ký vẹt", "UBND tỉnh Vẹt", "", "Vẹt"],
        ["1.00002", "Sai mã", "", "", ""],
        [None, None, None, None, None],
        ["1.000003", "Thủ tục test", "", "", ""],
        [1.000004, "Mã là số", "", "", ""],
    ])  # fmt: skip
    found = list(read_list(path))
    first = found[0]
    assert (first.code, first.name, first.agency, first.field) == ("1.000001", "Đăng ký chim", "Sở Chim; Xã", "Chim")
    assert first.source.origin == "list" and first.source.retrieved == dt.date(2026, 4, 22)
    assert first.raw["issuer"] == "UBND tỉnh Chim" and "UBND tỉnh Chim" in first.source.note
    assert [item.place for item in found if isinstance(item, Rejection)] == ["dòng 4", "dòng 5", "dòng 7"]
    assert "tên khác" in found[1].reason and found[-1].code == "1.000004"


@pytest.mark.parametrize(
    ("cell", "level"),
    [("Toàn trình", "toàn trình"), ("Một phần", "một phần"), ("Mức độ 4", "toàn trình"), ("Mức độ 3", "một phần"), ("Mức độ 2", "cung cấp thông tin"), ("", None)],
)
def test_a_provincial_list(tmp_path, cell, level):
    path = book(tmp_path / "tinh.xlsx", [
        ["UBND TỈNH CHIM", None, None], [None], ["DANH SÁCH"],
        ["STT", "Mã TTHC", "MỨC ĐỘ DVC", "TÊN TTHC", "LĨNH VỰC", "QUYẾT ĐỊNH"],
        ["1", "2.000001.000.00.00.H99", cell, "Đăng ký chim", "Chim", "5/QĐ-UBND "],
    ])  # fmt: skip
    (record,) = read_list(path)
    assert (record.code, record.online_level, record.source.decision) == ("2.000001", level, "5/QĐ-UBND")
    assert record.raw["issuer"] == "TỈNH CHIM" or record.raw["issuer"].startswith("UBND")
    assert record.raw["local_code"] == "2.000001.000.00.00.H99" and record.flags[0].kind == "local-code"


def test_files_that_are_no_lists(tmp_path):
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    book(tmp_path / "other.xlsx", [["Ngày", "Số"], [1, 2]])
    found = list(read_list(tmp_path))
    assert len(found) == 2 and all(isinstance(item, Rejection) for item in found)
    assert "tiêu đề" in found[1].reason


def test_a_list_that_is_too_large_is_refused_before_reading(tmp_path):
    path = tmp_path / "large.xlsx"
    with path.open("wb") as stream:
        stream.truncate(100 * 1024 * 1024)
    (refused,) = read_list(path)
    assert "quá lớn" in refused.reason
