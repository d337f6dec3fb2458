"""The store on SQLite and on PostgreSQL: migrations, layers, revision, import."""

from __future__ import annotations

import json

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, text

from knowledge.guidance.records import DocumentRecord, PassageRecord
from knowledge.importers.run import import_paths
from knowledge.store import MIGRATIONS, Store, StoreError


def migrate(store, revision):
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        (command.upgrade if revision == "head" else command.downgrade)(config, revision)


def test_migrations_go_up_and_down(store):
    full = set(inspect(store.engine).get_table_names())
    assert {"procedure", "fee", "data_flag", "passage", "meta"} <= full
    migrate(store, "base")
    assert set(inspect(store.engine).get_table_names()) <= {"alembic_version"}
    migrate(store, "head")
    assert set(inspect(store.engine).get_table_names()) == full


def test_the_models_are_what_the_migrations_make(store):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from knowledge.models import Base

    with store.engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata)
    assert not [one for one in found if not (isinstance(one, tuple) and one[0] == "remove_table")]


def test_a_record_comes_back_as_it_went_in(store, made_up):
    record = made_up()
    assert store.save_procedure(record) == "new"
    (back,) = store.layers(record.code)
    assert back == record and back.digest() == record.digest()


def test_the_same_again_changes_nothing_and_does_not_move_the_revision(store, made_up):
    store.save_procedure(made_up())
    before = store.revision()
    assert store.save_procedure(made_up()) == "unchanged"
    assert store.revision() == before
    assert store.save_procedure(made_up(agency="Sở Chim cảnh")) == "changed"
    assert store.revision() == before + 1
    assert store.layers("1.000001")[0].agency == "Sở Chim cảnh"
    with store.engine.connect() as connection:
        for table in ("channel", "dossier_paper", "step", "legal_basis", "result", "data_flag", "procedure_name"):
            orphans = connection.execute(text(f"SELECT count(*) FROM {table} WHERE procedure_id NOT IN (SELECT id FROM procedure)")).scalar()
            assert orphans == 0, table


def test_layers_stay_apart_and_the_curated_one_is_first(store, made_up):
    for origin in ("register", "portal", "list", "curated", "structured"):
        store.save_procedure(made_up(origin=origin))
    assert [one.source.origin for one in store.layers("1.000001")] == ["curated", "structured", "portal", "list", "register"]
    assert store.layer("1.000001", "portal").source.origin == "portal"
    with pytest.raises(KeyError):
        store.layer("1.000009", "portal")
    assert store.layers("1.000009") == []
    assert [one.source.origin for one in store.records({"portal", "curated"})] == ["curated", "portal"]
    store.delete_procedures("curated", {"1.000001"})
    assert "curated" not in {one.source.origin for one in store.layers("1.000001")}


def test_json_columns_keep_vietnamese_and_order(store, made_up):
    record = made_up(raw={"b": "Đ “ngoặc”\n\tcuối", "a": "ô ̣ 😀"}, audience=["b", "a", "ạ"])
    store.save_procedure(record)
    back = store.layers(record.code)[0]
    assert back.raw == record.raw and back.audience == ["b", "a", "ạ"]


def test_many_at_once(store, made_up):
    records = [made_up(f"1.{n:06d}") for n in range(50)]
    assert store.save_procedures(records) == {"new": 50, "changed": 0, "unchanged": 0}
    assert store.save_procedures(records) == {"new": 0, "changed": 0, "unchanged": 50}
    names = [made_up(f"2.{n:06d}", "register", **{key: [] for key in ("channels", "dossier", "steps", "legal_basis", "results", "flags", "names", "situations")}) for n in range(30)]
    assert store.save_procedures(names)["new"] == 30 and store.layers("2.000007") == [names[7]]
    store.delete_procedures("register", {one.code for one in names})
    assert len(store.codes()) == len(store.outlines()) == len(store.digests()) == 50
    assert [one.code for one in store.records(batch=7)] == sorted(one.code for one in records)


def test_lists_fill_gaps_only(store, made_up):
    first = made_up(origin="list", agency=None, channels=[], dossier=[])
    assert store.save_lists([first, made_up(origin="list", name="Tên khác", agency="Sở A")])["new"] == 1
    assert store.save_lists([made_up(origin="list", name="Tên khác", agency="Sở B")])["changed"] == 1
    assert store.save_lists([made_up(origin="list", agency="Sở C")])["unchanged"] == 1
    kept = store.layers("1.000001")[0]
    assert (kept.name, kept.agency) == (first.name, "Sở B")


def test_flags_and_names(store, made_up):
    store.save_procedure(made_up(origin="curated"))
    store.replace_everyday_names([{"code": "1.000009", "kind": "name", "text": "bồ câu", "popularity": 2}])
    assert store.flags() == [("1.000001", "curated", "bare-time", "time", "3")]
    assert ("1.000009", "name", "bồ câu") in store.everyday_names() and ("1.000001", "situation", "nhà tôi nuôi bồ câu đưa thư") in store.everyday_names()


def test_documents(store):
    document = DocumentRecord(key="1/ABC", number="1/ABC", date=None, title="Hướng dẫn nuôi bồ câu")
    document.passages = [PassageRecord(id="1/ABC#1", document="1/ABC", document_date=None, text="Bồ câu ăn thóc.", kind="paragraph", heading=["Chương 1"], origin="document")]
    assert [store.save_document(document), store.save_document(document)] == ["new", "unchanged"]
    assert [p.text for p in store.passages()] == ["Bồ câu ăn thóc."] and store.passages()[0].heading == ["Chương 1"]
    assert store.set_duplicates({"1/ABC#1": "x"}) == 1 and store.set_duplicates({"1/ABC#1": "x"}) == 0


def test_an_import_goes_in_once(store, tmp_path):
    crawled = {name: "" for name in ("detail_url",)}
    for number in range(3):
        record = {
            **crawled, "ma_thu_tuc": f"1.00000{number}", "ten_thu_tuc": "Đăng ký nuôi chim", "cap_thuc_hien": "Cấp xã", "linh_vuc": "Chim cảnh",
            "trinh_tu_thuc_hien": "Bước 1: Nộp đơn.", "cach_thuc_thuc_hien": "Hình thức nộpThời gianPhí, lệ phíMô tảTrực tiếp3 Ngày làm việcMiễn phí",
        }  # fmt: skip
        (tmp_path / f"1.00000{number}.json").write_text(json.dumps(record), encoding="utf-8")
    first, second = import_paths(store, [tmp_path]), import_paths(store, [tmp_path])
    assert (first.counts["new"], first.rejected) == (3, []) and second.counts["unchanged"] == 3
    assert "Không có gì thay đổi." in second.text()


@pytest.mark.slow
def test_a_new_database_is_filled_with_what_ships(database):
    store = Store.open(database)
    counts = store.counts()
    assert counts["procedures:curated"] >= 100 and counts["procedures:register"] > 2000 and counts["passages"] > 100
    own = store.layers("1.001193")[0]
    assert own.source.origin == "curated" and own.channels
    revision = store.revision()
    store.close()
    again = Store.open(database)
    assert again.revision() == revision
    again.close()


def test_an_editors_own_entry_survives_the_next_version(store, made_up, monkeypatch):
    from knowledge.importers import shipped

    monkeypatch.setattr(shipped, "read_register", lambda: [])
    monkeypatch.setattr(shipped, "read_names", lambda: [])
    monkeypatch.setattr(shipped, "load_notes", lambda: [])
    monkeypatch.setattr(shipped, "read_catalogue", lambda **_: [made_up("1.000001", "curated"), made_up("1.000002", "curated")])
    shipped.load_shipped(store)
    store.save_procedure(made_up("1.000003", "curated"))
    monkeypatch.setattr(shipped, "read_catalogue", lambda **_: [made_up("1.000001", "curated")])
    shipped.load_shipped(store)
    assert store.codes() == ["1.000001", "1.000003"]


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:1/none", "sqlite:////proc/no/such.db", "nonsense://x", "not a url"])
def test_a_database_that_cannot_be_used_is_named_in_one_line(url):
    with pytest.raises(StoreError) as error:
        Store.open(url)
    assert "\n" not in str(error.value) and "cơ sở dữ liệu" in str(error.value).casefold()


def test_a_broken_file_is_named(tmp_path):
    path = tmp_path / "hong.db"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreError, match="không dùng được"):
        Store.open(f"sqlite:///{path}")


def test_sources_are_those_of_the_layer_shown_first(store, made_up):
    store.save_procedures([made_up("1.000001", "portal"), made_up("1.000001", "curated"), made_up("1.000002", "portal")])
    found = store.sources(["1.000001", "1.000002", "9.999999"])
    assert set(found) == {"1.000001", "1.000002"}
    assert all(found[code] == store.layers(code)[0].source for code in found)
    assert store.sources([]) == {}
