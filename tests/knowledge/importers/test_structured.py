"""The structured file: several fees a channel, dossiers by group, broken lines."""

import datetime as dt
import json

import pytest

from knowledge.importers.rejection import Rejection
from knowledge.importers.structured import parse_structured, read_structured

FEE = (
    "Phí : 10.000 Đồng - Nuôi theo đàn: + Trường hợp nộp trực tiếp thu 10.000 đồng/con/lần đăng ký;  Phí : 15.000 Đồng Nuôi lẻ thu 15.000 đồng/lần đăng ký;"
    "  Phí : Miễn phí Đồng - Trường hợp người nuôi thuộc diện được miễn phí theo quy định tại Điều 4 Thông tư số 5/2022/TT-BTC"
)


def raw(**fields):
    record = {
        "reference": "https://example.invalid/1", "Mã thủ tục:": "1.234567", "Số quyết định:": "9/QĐ-XYZ", "Tên thủ tục:": "Đăng ký nuôi chim",
        "Cấp thực hiện:": "Cấp Xã", "Lĩnh vực:": "Chim", "Trình tự thực hiện:": "- Nộp đơn.\n- Nhận giấy.",
        "Cách thức thực hiện:": [{"Hình thức nộp": "Trực tiếp", "Thời hạn giải quyết": "03 Ngày làm việc", "Phí, lệ phí": FEE, "Mô tả": "Tại xã."}],
        "Thành phần hồ sơ:": {"* Giấy tờ phải nộp:": [
            {"Tên giấy tờ": "- Tờ khai (mẫu CT09)", "Mẫu đơn, tờ khai": "D:\\x\\forms\\a.pdf, D:\\x\\forms\\b c.pdf", "Số lượng": "Bản chính: 1Bản sao: 0"},
            {"Tên giấy tờ": "Giấy chim", "Mẫu đơn, tờ khai": "D:\\x\\forms\\a, b.pdf", "Số lượng": "Bản chính: 0Bản sao: 2"}],
            "Bao gồm": [{"Tên giấy tờ": "Đơn", "Mẫu đơn, tờ khai": "", "Số lượng": "Bản chính: 1Bản sao: 0"}]},
        "Đối tượng thực hiện:": "Công dân Việt Nam", "Cơ quan thực hiện:": "UBND cấp xã", "Kết quả thực hiện:": "Giấy đăng ký, Thông báo, nêu rõ lý do",
        "Căn cứ pháp lý:": [{"Số ký hiệu": "1/2020/QH14", "Trích yếu": "Luật Chim", "Ngày ban hành": "09-05-2020", "Cơ quan ban hành": "Quốc Hội"}],
        "Yêu cầu, điều kiện thực hiện:": "Không có",
    }  # fmt: skip
    record.update(fields)
    return record


def test_every_fee_of_a_channel_is_kept():
    (channel,) = parse_structured(raw()).channels
    assert [(fee.amount, fee.per, fee.exempt) for fee in channel.fees] == [
        (10_000, "con/lần đăng ký", False), (15_000, "lần đăng ký", False), (0, None, True),
    ]  # fmt: skip
    assert channel.fees[0].condition.startswith("Nuôi theo đàn") and channel.fees[2].basis == "5/2022/TT-BTC"
    assert not channel.declared_free and (channel.time.value, channel.time.unit) == (3, "working_day")


@pytest.mark.parametrize(
    ("cell", "free", "fees"),
    [
        ("Phí : 0 Đồng", True, []),
        ("", False, []),
        ("Lệ phí : 150 USD", False, [(150, "USD", None)]),
        ("Phí : 500000 Đồng", False, [(500_000, "VND", None)]),
        ("Lệ phí : Đồng Chưa quy định.", False, [(None, "VND", None)]),
        ("Phí : Đồng Phí: 250000 Đồng (Văn bằng trong nước là 250.000 đồng/văn bằng)", False, [(250_000, "VND", "văn bằng")]),
    ],
)
def test_fee_cells(cell, free, fees):
    row = {"Hình thức nộp": "Trực tuyến", "Thời hạn giải quyết": "", "Phí, lệ phí": cell, "Mô tả": ""}
    (channel,) = parse_structured(raw(**{"Cách thức thực hiện:": [row]})).channels
    assert channel.declared_free is free
    assert [(fee.amount, fee.currency, fee.per) for fee in channel.fees] == fees


def test_council_with_exemption_and_a_zero_that_means_nothing():
    cell = "Lệ phí : 0 Đồng Mức lệ phí cụ thể do Hội đồng nhân dân tỉnh quyết định. Miễn lệ phí cho hộ nghèo; người khuyết tật."
    row = {"Hình thức nộp": "Trực tuyến", "Phí, lệ phí": cell}
    (channel,) = parse_structured(raw(**{"Cách thức thực hiện:": [row]})).channels
    council, exempt = channel.fees
    assert council.decided_by_council and council.amount is None and not channel.declared_free
    assert exempt.exempt and "người khuyết tật" in exempt.condition


def test_dossier_by_group_with_bare_file_names():
    record = parse_structured(raw())
    assert [(item.group, item.form, item.originals, item.copies) for item in record.dossier] == [
        ("Giấy tờ phải nộp", "CT09", 1, None), ("Giấy tờ phải nộp", "a, b.pdf", 0, 2), (None, None, 1, None),
    ]  # fmt: skip
    assert "D:\\" not in record.raw["dossier"] and "b c.pdf" in record.raw["dossier"]


def test_the_other_sections():
    record = parse_structured(raw())
    assert record.source.retrieved == dt.date(2026, 4, 30) and record.source.origin == "structured"
    assert record.legal_basis[0].date == dt.date(2020, 5, 9) and record.legal_basis[0].issuer == "Quốc Hội"
    assert [result.name for result in record.results] == ["Giấy đăng ký", "Thông báo, nêu rõ lý do"]
    assert record.steps == ["Nộp đơn.", "Nhận giấy."] and record.conditions is None


def test_broken_lines_are_refused_with_their_number(tmp_path):
    path = tmp_path / "procedures.jsonl"
    lines = [
        json.dumps(raw()), "{cut", json.dumps(raw(**{"Mã thủ tục:": ""})), "", json.dumps(raw(**{"Cách thức thực hiện:": "x"})),
        json.dumps(raw(**{"Căn cứ pháp lý:": [{"Số ký hiệu": 5}]})), json.dumps([1]), json.dumps(raw(**{"Mã thủ tục:": "1.000002"})),
    ]  # fmt: skip
    path.write_bytes("\n".join(lines).encode() + b"\n\xff\xfe\n")
    found = list(read_structured(path))
    assert [item.code for item in found if not isinstance(item, Rejection)] == ["1.234567", "1.000002"]
    assert [item.place.split(",")[0] for item in found if isinstance(item, Rejection)] == [f"dòng {n}" for n in (2, 3, 5, 6, 7, 9)]
