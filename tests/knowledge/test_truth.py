"""The structure says what the raw record says (benchmarks/truth.py), on records picked at random."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

spec = importlib.util.spec_from_file_location("truth", Path(__file__).resolve().parents[2] / "benchmarks" / "truth.py")
truth = importlib.util.module_from_spec(spec)
spec.loader.exec_module(truth)

RAW = {
    "cach_thuc_thuc_hien": "Hình thức nộpThời gianPhí, lệ phíMô tảTrực tiếp3 Ngày làm việc50,000 VNĐ (50.000 đồng/lần)Trực tuyến2 Ngày làm việcMiễn phí",
    "can_cu_phap_ly": "Luật Chim cảnh12/2024/QH15", "thanh_phan_ho_so": "Tên giấy tờĐơn đăng ký nuôi chim2 bản chính", "ket_qua_xu_ly": "", "linh_vuc": "Chim cảnh", "so_quyet_dinh": "1/QĐ",
}  # fmt: skip


def channel(method, value, amounts=(), free=False):
    fees = [{"amount": amount, "valid_from": None, "valid_to": None, "basis": None} for amount in amounts]
    return {"method": method, "time": {"value": value, "unit": "working_day"}, "fees": fees, "declared_free": free, "note": None, "description": None, "case": None}


def told(**parts):
    return {
        "channels": [channel("in_person", 3, [50000]), channel("online", 2, free=True)], "legal_basis": [{"number": "12/2024/QH15", "title": None}],
        "dossier": [{"name": "Đơn đăng ký nuôi chim", "originals": 2}], "results": [], "refusals": [], "field": "Chim cảnh", "decision": "1/QĐ", **parts,
    }  # fmt: skip


def wrong(**parts):
    return {field for field, good, _ in truth.compare(RAW, told(**parts)) if not good}


def test_the_reader_finds_what_is_wrong():
    assert wrong() == set()
    assert wrong(channels=[channel("in_person", 3, [50000])]) >= {"channel", "time", "declared free"}
    assert wrong(channels=[channel("in_person", 4, [50000]), channel("online", 2, free=True)]) == {"time"}
    assert wrong(channels=[channel("in_person", 3, [5000]), channel("online", 2, free=True)]) == {"amount", "amount of the column"}
    assert wrong(legal_basis=[]) == {"legal number"}
    assert wrong(dossier=[{"name": "Đơn khác", "originals": 1}]) == {"dossier name", "dossier count"}
    assert wrong(field="Chim", decision=None) == {"field", "decision"}


@pytest.mark.needs_shared
def test_records_picked_at_random(shared_dir, capsys):
    assert truth.main(["--n", "150", "--seed", "26", "--shared", str(shared_dir)]) == 0, capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.needs_shared
def test_no_amount_of_money_is_lost(shared_dir, capsys):
    assert truth.main(["--all-money", "--shared", str(shared_dir)]) == 0, capsys.readouterr().out[-2000:]
