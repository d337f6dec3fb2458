"""Stores for the tests of the knowledge base: SQLite always, a real PostgreSQL where its programs are installed."""

from __future__ import annotations

import datetime as dt
import glob
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from knowledge.records import (
    Branch,
    ChannelRecord,
    DossierItem,
    FeeRecord,
    Flag,
    LegalDocument,
    ProcedureRecord,
    ResultRecord,
    SourceRecord,
    TimeLimit,
)
from knowledge.store import Store


def _program(name: str) -> str | None:
    """Debian keeps initdb and pg_ctl out of the PATH."""
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))
    return found[-1] if found else shutil.which(name)


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A private cluster on a free port, thrown away afterwards. MOTCUA_TEST_POSTGRESQL names a server to use instead."""
    if given := os.environ.get("MOTCUA_TEST_POSTGRESQL"):
        yield given.rstrip("/")
        return
    initdb, pg_ctl = _program("initdb"), _program("pg_ctl")
    if not initdb or not pg_ctl:
        pytest.skip("PostgreSQL is not installed (apt-get install -y postgresql, or set MOTCUA_TEST_POSTGRESQL)")
    owner = None
    if os.geteuid() == 0:  # the server refuses to run as root
        try:
            owner = pwd.getpwnam("postgres")
        except KeyError:
            pytest.skip("PostgreSQL cannot run as root and there is no user “postgres”")
    folder = Path(tempfile.mkdtemp(prefix="motcua-pg-"))
    if owner:
        os.chown(folder, owner.pw_uid, owner.pw_gid)

    def run(*command: str) -> None:
        options = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=folder, timeout=120, **options)
        if done.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            pytest.skip(f"PostgreSQL did not start: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = str(folder / "data")
    run(initdb, "-D", data, "-U", "motcua", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    run(pg_ctl, "-D", data, "-w", "-l", str(folder / "log"), "-o", f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off", "start")
    try:
        yield f"postgresql://motcua@127.0.0.1:{port}"
    finally:
        run(pg_ctl, "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path) -> Iterator[str]:
    """The URL of an empty database, once of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'motcua.db'}"
        return
    server = request.getfixturevalue("postgresql_url")
    name = f"motcua_{uuid.uuid4().hex[:12]}"
    admin = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield f"{server}/{name}"
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


@pytest.fixture
def store(database) -> Iterator[Store]:
    """An empty, migrated store of each kind; nothing shipped is in it."""
    opened = Store.open(database, fill=False)
    yield opened
    opened.close()


@pytest.fixture
def made_up():
    """A function that makes a record with something in every field; keyword arguments replace fields."""

    def make(code="1.000001", origin="portal", **fields) -> ProcedureRecord:
        values = {
            "name": f"Đăng ký nuôi chim bồ câu đưa thư ({code})",
            "field": "Chim cảnh",
            "levels": ["xã", "tỉnh"],
            "level_text": "Cấp xã, Cấp tỉnh",
            "kind": "Loại khác",
            "agency": "Ủy ban nhân dân cấp xã",
            "audience": ["Công dân Việt Nam"],
            "names": ["làm giấy nuôi bồ câu"],
            "situations": ["nhà tôi nuôi bồ câu đưa thư"],
            "popularity": 1,
            "family": "chim/bo-cau",
            "summary": "Ghi nhận một đàn bồ câu đưa thư.",
            "channels": [
                ChannelRecord(
                    "in_person", time=TimeLimit(3.0, "working_day", maximum=5.0), time_text="3 - 5 Ngày làm việc", note="50.000 đồng",
                    fees=[
                        FeeRecord(amount=50000.0, kind="lệ phí", per="đàn", basis="1/2024/TT-BTC", valid_from=dt.date(2024, 1, 1)),
                        FeeRecord(rate="0,1%", condition="giá trị đàn", when={"ai": ["to-chuc"]}),
                        FeeRecord(amount=0.0, condition="hộ nghèo", exempt=True),
                    ],
                ),
                ChannelRecord("online", declared_free=True, case="tự nuôi", description="Cổng dịch vụ công"),
            ],
            "dossier": [DossierItem("Đơn đăng ký", 1, 0, "BC01", "Lần đầu"), DossierItem("Lưu ý: mang theo chim", is_note=True)],
            "dossier_sets": "01 bộ",
            "steps": ["Nộp đơn.", "Nhận giấy."],
            "conditions": "Chim khỏe.",
            "legal_basis": [LegalDocument("12/2024/QH15", "Luật Chim cảnh", dt.date(2024, 6, 1), "Quốc hội"), LegalDocument(None, "Thông lệ")],
            "results": [ResultRecord("Giấy đăng ký", "KQ.1"), ResultRecord("Văn bản từ chối", refusal=True)],
            "related": ["1.000002"],
            "online_level": "toàn trình",
            "tips": ["Nhớ ghi số vòng."],
            "branches": [Branch("ai", "Ai nuôi?", [{"id": "ca-nhan", "label": "Cá nhân"}, {"id": "to-chuc", "label": "Tổ chức"}])],
            "flags": [Flag("bare-time", "time", "3")],
            "raw": {"channels": "Trực tiếp3 - 5 Ngày làm việc50.000 đồng"},
        }  # fmt: skip
        source = fields.pop("source", None) or SourceRecord(origin, "https://example.invalid/1", dt.date(2026, 7, 20), "12/QĐ-XYZ", "tháng 7/2026")
        return ProcedureRecord(code=code, source=source, **{**values, **fields})

    return make
