"""An import as a whole: what is broken is named and the rest goes in; killed, the database stays whole."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from knowledge.importers import portal
from knowledge.importers.run import import_paths
from knowledge.store import Store

ROOT = Path(__file__).resolve().parents[2]
RECORDS, MOMENTS = 200, 20


def crawled(number: int, **fields) -> dict:
    """A made-up crawl record in the portal's shape, different for every number."""
    rows = "".join(f"Giấy thứ {n} của hồ sơ {number}{n % 3 + 1} bản chính" for n in range(1, 9))
    return {
        "ma_thu_tuc": f"9.{number:06d}", "detail_url": f"https://example.invalid/{number}", "ten_thu_tuc": f"Đăng ký nuôi chim bồ câu số {number}",
        "so_quyet_dinh": f"{number}/QĐ-XYZ", "cap_thuc_hien": "Cấp xã", "loai_thu_tuc": "Loại khác", "linh_vuc": "Chim cảnh", "doi_tuong_thuc_hien": "Công dân Việt Nam",
        "trinh_tu_thuc_hien": "\n".join(f"Bước {n}: Làm việc thứ {n} cho con chim số {number}." for n in range(1, 8)),
        "cach_thuc_thuc_hien": f"Hình thức nộpThời gianPhí, lệ phíMô tảTrực tiếp{number % 9 + 1} Ngày làm việc{number + 10},000 Việt Nam ĐồngNộp tại xãTrực tuyến2 Ngày làm việcMiễn phí",
        "thanh_phan_ho_so": f"--Tên giấy tờMẫu đơn, tờ khaiSố lượng{rows}", "can_cu_phap_ly": f"Tên văn bản pháp lýMã văn bảnLuật Chim cảnh{number}/2024/QH15",
        "ket_qua_xu_ly": "Giấy đăng kýMã: KQ.G01.000001", "co_quan_thuc_hien": "Ủy ban nhân dân cấp xã", "raw_text": "", **fields,
    }  # fmt: skip


def write(folder: Path, name: str, content) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode())
    return path


# -- broken files --------------------------------------------------------------------------------


def test_broken_files_are_named_and_the_rest_goes_in(store, tmp_path):
    folder = tmp_path / "data"
    for number in range(5):
        write(folder, f"9.{number:06d}.json", crawled(number))
    whole = json.dumps(crawled(10), ensure_ascii=False).encode()
    broken = {
        "cut.json": (whole[: len(whole) // 2], "cắt giữa chừng", "dòng"),
        "encoding.json": (json.dumps(crawled(11), ensure_ascii=False).encode("utf-16"), "UTF-8", "byte"),
        "windows.json": (json.dumps(crawled(12), ensure_ascii=False).encode("cp1258", "replace"), "UTF-8", "byte"),
        "no-code.json": (crawled(13, ma_thu_tuc=""), "thiếu mã thủ tục", "ma_thu_tuc"),
        "code-number.json": (crawled(14, ma_thu_tuc=9.14), "phải là chuỗi chữ", "ma_thu_tuc"),
        "no-name.json": (crawled(15, ten_thu_tuc=None), "thiếu tên", "ten_thu_tuc"),
        "list-field.json": (crawled(16, thanh_phan_ho_so=["Đơn"]), "danh sách", "thanh_phan_ho_so"),
        "object-field.json": (crawled(17, cach_thuc_thuc_hien={"a": 1}), "đối tượng", "cach_thuc_thuc_hien"),
        "number.json": (b"42", "không phải một đối tượng JSON", None),
        "text.json": (b'"xin chao"', "không phải một đối tượng JSON", None),
        "null.json": (b"null", "không phải một đối tượng JSON", None),
        "empty.json": (b"", "tệp trống", None),
        "spaces.json": (b" \n\t " * 1000, "không có nội dung", None),
        "zeros.json": (b"\0" * 4096, "không có nội dung", None),
        "deep.json": (b"[" * 100_000, "JSON", None),
        "not.json": (b"<html><body>404</body></html>", "JSON hỏng", "dòng 1"),
        "not.xlsx": (b"PK\x03\x04 not a workbook", "", None),
        "not.docx": (b"nothing", "", None),
        "not.pdf": (b"%PDF-1.4 nothing", "", None),
        "lines.jsonl": (json.dumps(crawled(20), ensure_ascii=False).encode() + b"\n{broken\n" + json.dumps(crawled(21), ensure_ascii=False).encode() + b"\n", "không phải JSON", "dòng 2"),
        "name-not-yaml.yml": (b"a: [1, 2", "YAML", "dòng"),
    }  # fmt: skip
    for name, (content, _, _) in broken.items():
        write(folder, name, content)
    report = import_paths(store, [folder])
    assert report.counts["new"] == 7 and store.codes() == [*(f"9.{n:06d}" for n in range(5)), "9.000020", "9.000021"]
    told = {Path(one.path).name: one for one in report.rejected}
    assert set(told) == set(broken)
    for name, (_, words, place) in broken.items():
        assert words in told[name].reason and "\n" not in str(told[name]), name
        assert place is None or place in (told[name].place or ""), name
    text = report.text()
    assert f"bị từ chối {len(broken)}" in text and "cut.json" in text


def test_a_hundred_megabytes_of_nothing_are_refused_without_reading(store, tmp_path):
    (tmp_path / "data").mkdir()
    for name in ("nothing.json", "nothing.jsonl", "nothing.yml"):
        with (tmp_path / "data" / name).open("wb") as handle:
            handle.truncate(100_000_000)
    write(tmp_path / "data", "9.000001.json", crawled(1))
    began = time.process_time()
    report = import_paths(store, [tmp_path / "data"])
    assert time.process_time() - began < 20
    assert report.counts["new"] == 1 and {Path(one.path).name for one in report.rejected} == {"nothing.json", "nothing.jsonl", "nothing.yml"}
    assert "quá lớn" in next(one.reason for one in report.rejected if one.path.endswith("nothing.json"))


def test_characters_that_a_database_refuses(store, tmp_path):
    odd = crawled(1, ten_thu_tuc="Đăng ký \u0000nuôi chim", trinh_tu_thuc_hien="Bước 1: \u0000 \ud800 nộp đơn")
    write(tmp_path / "data", "9.000001.json", json.dumps(odd).encode())
    write(tmp_path / "data", "9.000002.json", crawled(2))
    report = import_paths(store, [tmp_path / "data"])
    assert store.codes() == ["9.000001", "9.000002"] and report.counts["new"] == 2
    assert store.layers("9.000001")[0].name == "Đăng ký nuôi chim"


def test_one_odd_record_does_not_stop_the_others(store, tmp_path, monkeypatch):
    true = portal.parse_channels
    monkeypatch.setattr(portal, "parse_channels", lambda text, day=None: 1 / 0 if "11,000" in text else true(text, day))
    for number in range(3):
        write(tmp_path / "data", f"9.{number:06d}.json", crawled(number))
    report = import_paths(store, [tmp_path / "data"])
    assert report.counts["new"] == 2 and "ZeroDivisionError" in report.rejected[0].reason


def test_progress_is_told_file_by_file(store, tmp_path):
    for number in range(3):
        write(tmp_path / "data", f"9.{number:06d}.json", crawled(number))
    told = []
    import_paths(store, [tmp_path / "data"], lambda done, total, name: told.append((done, total, name)))
    assert told[0] == (0, 3, "9.000000.json") and told[-1] == (3, 3, "9.000002.json")


# -- killed --------------------------------------------------------------------------------------


def check_whole(path: Path) -> set[str]:
    """Every record is there entirely or not at all; returns the codes."""
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    store = Store.open(f"sqlite:///{path}", fill=False)
    digests = store.digests()
    found = {record.code for record in store.records({"portal"}) if record.digest() == digests[record.code, "portal"]}
    assert found == {code for code, origin in digests if origin == "portal"}
    store.close()
    return found


@pytest.mark.needs_shared
def test_a_record_is_the_same_in_every_process(shared_dir):
    """Sets of words have another order in every process; nothing of it may get into a record."""
    code = (
        "import sys; from pathlib import Path; from knowledge.importers.portal import read_portal; "
        "print(*(item.digest() for path in sys.argv[1:] for item in read_portal(path) if hasattr(item, 'code')))"
    )
    files = sorted((shared_dir / "data" / "national-portal-2026-07").rglob("*.json"))[::40]
    runs = [
        subprocess.run([sys.executable, "-c", code, *map(str, files)], cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True).stdout
        for seed in ("1", "2", "3")
    ]
    assert len(set(runs)) == 1 and len(runs[0].split()) >= 60


@pytest.mark.slow
def test_killed_at_any_moment(tmp_path):
    folder = tmp_path / "data"
    for number in range(RECORDS):
        write(folder, f"9.{number:06d}.json", crawled(number))
    filled = tmp_path / "filled.db"
    store = Store.open(f"sqlite:///{filled}")  # with what ships, so that the command goes straight to the import
    store.close()
    with sqlite3.connect(filled) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def start(path: Path) -> subprocess.Popen:
        command = [sys.executable, "-m", "bot.cli", "import", str(folder), "--database", f"sqlite:///{path}"]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)

    def present(path: Path) -> int:
        with sqlite3.connect(path, timeout=30) as connection:
            return connection.execute("SELECT count(*) FROM procedure WHERE origin = 'portal'").fetchone()[0]

    rng, seen = random.Random(20261121), []
    for moment in range(MOMENTS):
        path = tmp_path / f"{moment}.db"
        shutil.copy(filled, path)
        wanted = rng.randrange(0, RECORDS)  # kill somewhere inside the record after so many
        process = start(path)
        deadline = time.monotonic() + 120
        while present(path) < wanted and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        time.sleep(rng.random() * 0.02)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        before = check_whole(path)
        seen.append(len(before))
        store = Store.open(f"sqlite:///{path}")
        second = import_paths(store, [folder])
        assert second.counts["new"] == RECORDS - len(before) and second.counts["unchanged"] == len(before) and not second.rejected
        if moment % 7 == 0:
            third = import_paths(store, [folder])
            assert third.counts["unchanged"] == RECORDS and "Không có gì thay đổi." in third.text()
        store.close()
        assert len(check_whole(path)) == RECORDS
        path.unlink()
    assert len({count for count in seen if 0 < count < RECORDS}) >= MOMENTS // 2, seen  # the kills did fall into the import
