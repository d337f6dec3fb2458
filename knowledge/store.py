"""The store: one database of procedures and guidance documents.

`Store.open` creates, migrates and fills a database that does not exist yet with the curated catalogue
and the guidance notes. Everything that reads or writes the knowledge base goes through a `Store`.
"""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Literal

from alembic import command
from alembic.config import Config
from sqlalchemy import bindparam, create_engine, delete, event, func, insert, select, update
from sqlalchemy.engine import Connection, Engine, Row, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import QueuePool

from knowledge import models as m
from knowledge.guidance.records import DocumentRecord, PassageRecord
from knowledge.records import (
    ORIGIN_RANK,
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

logger = logging.getLogger(__name__)
REVISION_SECONDS = 0.5
MIGRATIONS = Path(__file__).parent / "migrations"
Outcome = Literal["new", "changed", "unchanged"]


class StoreError(Exception):
    """The database cannot be used; the message says in Vietnamese what to do."""


class Store:
    """A knowledge base behind an SQLAlchemy URL. Thread-safe; cheap reads are cached until the revision moves."""

    def __init__(self, url: str):
        self.url = url
        self._lock = threading.Lock()
        self._records: dict[str, list[ProcedureRecord]] = {}
        self._records_revision = -1
        self._revision = 0
        self._revision_until = 0.0
        try:
            parsed = make_url(url)
            if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
                Path(parsed.database).expanduser().parent.mkdir(parents=True, exist_ok=True)
            self.engine: Engine = create_engine(url, future=True, **_engine_options(parsed))
        except (ArgumentError, NoSuchModuleError, ImportError, OSError, ValueError) as error:
            raise StoreError(
                f"Không mở được cơ sở dữ liệu {_safe(url)!r}: {error}. "
                "Hãy kiểm tra tùy chọn --database hoặc biến MOTCUA_DATABASE (ví dụ sqlite:///motcua.db)."
            ) from error

    # -- opening ---------------------------------------------------------------------------------

    @classmethod
    def open(cls, url: str, *, fill: bool = True) -> Store:
        """Open, create or migrate the database; fill a new one with what ships with the project.

        Raises StoreError when the database is unreachable, broken or not ours.
        """
        store = cls(url)
        try:
            store._migrate()
            if fill:
                store._fill()
        except (DBAPIError, OSError) as error:
            reason = str(getattr(error, "orig", error)).strip().splitlines()
            raise StoreError(
                f"Cơ sở dữ liệu {_safe(url)!r} không dùng được: {reason[0] if reason else error}. "
                "Hãy kiểm tra đường dẫn và quyền ghi; nếu tệp đã hỏng, đổi tên tệp cũ rồi chạy lại để tạo tệp mới."
            ) from error
        return store

    def _migrate(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with self.engine.begin() as connection:
            if _current_revision(connection) == _head_revision():
                return
            config.attributes["connection"] = connection
            logging.getLogger("alembic").setLevel(logging.WARNING)
            command.upgrade(config, "head")

    def _fill(self) -> None:
        """Bring the shipped catalogue and guidance notes into the database when they are newer than what is there."""
        from knowledge.importers.shipped import load_shipped, shipped_digest

        digest = shipped_digest()
        if self.meta("shipped") != digest:
            load_shipped(self)
            self.set_meta("shipped", digest)

    # -- meta ------------------------------------------------------------------------------------

    def meta(self, key: str) -> str | None:
        with self.engine.connect() as connection:
            return connection.execute(select(m.Meta.value).where(m.Meta.key == key)).scalar()

    def set_meta(self, key: str, value: str) -> None:
        with self.engine.begin() as connection:
            _upsert_meta(connection, key, value)

    def revision(self) -> int:
        """Counts up with every change of the content; another process's change is seen within REVISION_SECONDS."""
        now = time.monotonic()
        if now >= self._revision_until:
            self._revision = int(self.meta("revision") or 0)
            self._revision_until = now + REVISION_SECONDS
        return self._revision

    @contextmanager
    def writing(self) -> Iterator:
        """One transaction that also moves the revision."""
        with self.engine.begin() as connection:
            yield connection
            bumped = connection.execute(
                update(m.Meta).where(m.Meta.key == "revision").values(value=_incremented(connection))
            )
            if not bumped.rowcount:
                connection.execute(insert(m.Meta).values(key="revision", value="1"))
        self._revision_until = 0.0

    # -- procedures: writing ---------------------------------------------------------------------

    def save_procedure(self, record: ProcedureRecord) -> Outcome:
        """Write one layer in one transaction. Equal content is left alone."""
        digest = record.digest()
        with self.engine.connect() as connection:
            known = connection.execute(
                select(m.Procedure.id, m.Procedure.digest).where(
                    m.Procedure.code == record.code, m.Procedure.origin == record.source.origin
                )
            ).first()
        if known and known.digest == digest:
            return "unchanged"
        with self.writing() as connection:
            if known:
                connection.execute(delete(m.Procedure).where(m.Procedure.id == known.id))
            _insert_procedure(connection, record, digest)
        return "changed" if known else "new"

    def save_procedures(self, records: Iterable[ProcedureRecord]) -> dict[Outcome, int]:
        """Write many layers in one transaction (for what ships with the project; imports go record by record)."""
        counts: dict[Outcome, int] = {"new": 0, "changed": 0, "unchanged": 0}
        with self.writing() as connection:
            known = {
                (row.code, row.origin): row
                for row in connection.execute(select(m.Procedure.id, m.Procedure.code, m.Procedure.origin, m.Procedure.digest))
            }
            bare: list[dict] = []
            for record in records:
                digest = record.digest()
                row = known.get((record.code, record.source.origin))
                if row and row.digest == digest:
                    counts["unchanged"] += 1
                    continue
                if row:
                    connection.execute(delete(m.Procedure).where(m.Procedure.id == row.id))
                if _has_rows(record):
                    _insert_procedure(connection, record, digest)
                else:
                    bare.append(_procedure_values(record, digest))
                counts["changed" if row else "new"] += 1
            if bare:  # thousands of names: one statement
                connection.execute(insert(m.Procedure), bare)
        return counts

    def delete_procedures(self, origin: str, codes: set[str]) -> None:
        """Remove layers of one origin."""
        with self.writing() as connection:
            connection.execute(delete(m.Procedure).where(m.Procedure.origin == origin, m.Procedure.code.in_(codes)))

    def replace_everyday_names(self, rows: list[dict]) -> None:
        """Rows {"code", "kind": "name"|"situation", "text", "popularity"}; replaces all."""
        with self.writing() as connection:
            connection.execute(delete(m.EverydayName))
            if rows:
                connection.execute(insert(m.EverydayName), rows)

    # -- procedures: reading ---------------------------------------------------------------------

    def sources(self, codes: Collection[str]) -> dict[str, SourceRecord]:
        """Where the layer shown first of each code comes from, in one query: for lists that need no more of a record."""
        p = m.Procedure
        with self.engine.connect() as connection:
            rows = connection.execute(select(p.code, p.origin, p.source_url, p.source_retrieved, p.source_decision, p.source_note).where(p.code.in_(codes))).all()
        found: dict[str, SourceRecord] = {}
        for code, *source in sorted(rows, key=lambda row: ORIGIN_RANK[row.origin]):
            found.setdefault(code, SourceRecord(*source))
        return found

    def layers(self, code: str) -> list[ProcedureRecord]:
        """All layers of a code, the one to show first first; [] when unknown. Cached until the revision moves."""
        revision = self.revision()
        with self._lock:
            if revision != self._records_revision:
                self._records.clear()
                self._records_revision = revision
            cached = self._records.get(code)
        if cached is None:
            with self.engine.connect() as connection:
                cached = _read(connection, connection.execute(_OF_CODE, {"code": code}).all())
            cached.sort(key=lambda r: ORIGIN_RANK[r.source.origin])
            with self._lock:
                if len(self._records) > 5000:
                    self._records.clear()
                self._records[code] = cached
        return cached

    def save_lists(self, records: list[ProcedureRecord]) -> dict[Outcome, int]:
        """Write list layers in one transaction. Lists repeat codes and none is better: a later one only fills gaps."""
        counts: dict[Outcome, int] = {"new": 0, "changed": 0, "unchanged": 0}
        p = m.Procedure
        with self.writing() as connection:
            known = {
                row.code: row
                for row in connection.execute(
                    select(p.id, p.code, *(getattr(p, name) for name in _GAPS)).where(p.origin == "list", p.code.in_({r.code for r in records}))
                )
            }
            written: set[str] = set()
            for record in records:
                row = known.get(record.code)
                if row is None and record.code not in written:
                    _insert_procedure(connection, record, record.digest())
                    written.add(record.code)
                    counts["new"] += 1
                    continue
                gaps = {name: getattr(record, name) for name in _GAPS if row is not None and not getattr(row, name) and getattr(record, name)}
                if gaps:
                    connection.execute(update(p).where(p.id == row.id).values(**gaps))
                counts["changed" if gaps else "unchanged"] += 1
        return counts

    # -- guidance documents ----------------------------------------------------------------------

    def save_document(self, document: DocumentRecord) -> Outcome:
        """Write a file's document with the ones inside it, in one transaction. Equal content is left alone."""
        digest = _document_digest(document)
        with self.engine.connect() as connection:
            known = connection.execute(select(m.Document.digest).where(m.Document.key == document.key)).scalar()
        if known == digest:
            return "unchanged"
        with self.writing() as connection:
            inside = select(m.Document.id).where((m.Document.key == document.key) | (m.Document.contained_in == document.key))
            connection.execute(delete(m.Passage).where(m.Passage.document_id.in_(inside)))
            connection.execute(delete(m.Document).where((m.Document.key == document.key) | (m.Document.contained_in == document.key)))
            for one in document.walk():
                values = {name: getattr(one, name) for name in _DOCUMENT}
                if one is not document:
                    values["contained_in"] = document.key
                owner = connection.execute(insert(m.Document).values(**values, digest=digest)).inserted_primary_key[0]
                _insert_passages(connection, one.passages, owner)
        return "changed" if known else "new"

    def replace_notes(self, notes: list[PassageRecord]) -> None:
        """Our own notes on the documents; replaces all."""
        with self.writing() as connection:
            connection.execute(delete(m.Passage).where(m.Passage.document_id.is_(None)))
            _insert_passages(connection, notes, None)

    def passages(self) -> list[PassageRecord]:
        """All passages, notes first, then by document and place."""
        columns = [getattr(m.Passage, name) for name in _PASSAGE]
        with self.engine.connect() as connection:
            rows = connection.execute(select(m.Passage.key, *columns).order_by(m.Passage.document_id.isnot(None), m.Passage.document_id, m.Passage.position))
            return [PassageRecord(id=row[0], **dict(zip(_PASSAGE, row[1:], strict=True))) for row in rows]

    def documents(self) -> list[DocumentRecord]:
        """All documents without their passages."""
        columns = [getattr(m.Document, name) for name in _DOCUMENT]
        with self.engine.connect() as connection:
            return [DocumentRecord(**dict(zip(_DOCUMENT, row, strict=True))) for row in connection.execute(select(*columns).order_by(m.Document.id))]

    def set_duplicates(self, found: dict[str, str]) -> int:
        """Write {id of a copy: id of the passage to show} over all imported passages; returns how many rows changed."""
        with self.engine.connect() as connection:
            present = dict(connection.execute(select(m.Passage.key, m.Passage.duplicate_of).where(m.Passage.document_id.isnot(None))).all())
        changed = {key: found.get(key) for key, old in present.items() if old != found.get(key)}
        if changed:
            with self.writing() as connection:
                for key, shown in changed.items():
                    connection.execute(update(m.Passage).where(m.Passage.key == key).values(duplicate_of=shown))
        return len(changed)

    def records(self, origins: Iterable[str] | None = None, batch: int = 200) -> Iterator[ProcedureRecord]:
        """Every layer, by code and origin, read `batch` at a time (for reports and exports; nothing is cached)."""
        p = m.Procedure
        with self.engine.connect() as connection:
            query = select(p.id).order_by(p.code, p.origin)
            ids = list(connection.execute(query if origins is None else query.where(p.origin.in_(list(origins)))).scalars())
        for start in range(0, len(ids), batch):
            with self.engine.connect() as connection:
                rows = connection.execute(select(p.__table__).where(p.id.in_(ids[start : start + batch])).order_by(p.code, p.origin)).all()
                found = _read(connection, rows)
            yield from found

    def outlines(self) -> list[tuple[str, str, str]]:
        """(code, origin, name) of every layer, by code."""
        with self.engine.connect() as connection:
            p = m.Procedure
            return [tuple(row) for row in connection.execute(select(p.code, p.origin, p.name).order_by(p.code, p.origin))]

    def digests(self) -> dict[tuple[str, str], str]:
        """Digest of every layer by code and origin."""
        with self.engine.connect() as connection:
            p = m.Procedure
            return {(row.code, row.origin): row.digest for row in connection.execute(select(p.code, p.origin, p.digest))}

    def layer(self, code: str, origin: str) -> ProcedureRecord:
        """One layer; KeyError when there is none."""
        for record in self.layers(code):
            if record.source.origin == origin:
                return record
        raise KeyError((code, origin))

    def flags(self) -> list[tuple[str, str, str, str, str | None]]:
        """(code, origin, kind, field, text) of every data flag, by code."""
        with self.engine.connect() as connection:
            p, f = m.Procedure, m.DataFlag
            query = select(p.code, p.origin, f.kind, f.field, f.text).join(f, f.procedure_id == p.id).order_by(p.code, p.origin, f.position)
            return [tuple(row) for row in connection.execute(query)]

    def everyday_names(self) -> list[tuple[str, str, str]]:
        """(code, kind, text) of all everyday names and situations: the names files and the curated entries."""
        with self.engine.connect() as connection:
            p, n, e = m.Procedure, m.ProcedureName, m.EverydayName
            rows = list(connection.execute(select(e.code, e.kind, e.text)))
            rows += list(connection.execute(select(p.code, n.kind, n.text).join(n, n.procedure_id == p.id)))
            return [tuple(row) for row in rows]

    def codes(self) -> list[str]:
        with self.engine.connect() as connection:
            return list(connection.execute(select(m.Procedure.code).distinct().order_by(m.Procedure.code)).scalars())

    def counts(self) -> dict[str, int]:
        """Rows by origin, and documents and passages."""
        with self.engine.connect() as connection:
            counts = {
                f"procedures:{origin}": number
                for origin, number in connection.execute(
                    select(m.Procedure.origin, func.count()).group_by(m.Procedure.origin)
                )
            }
            counts["documents"] = connection.execute(select(func.count()).select_from(m.Document)).scalar_one()
            counts["passages"] = connection.execute(select(func.count()).select_from(m.Passage)).scalar_one()
        return counts

    def close(self) -> None:
        self.engine.dispose()


@lru_cache(maxsize=4)
def open_store(url: str) -> Store:
    """One store a URL and process."""
    return Store.open(url)


# -- helpers -------------------------------------------------------------------------------------


def _safe(url: str) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except Exception:
        return url.split("@")[-1]


def _engine_options(parsed) -> dict:
    if parsed.get_backend_name() == "sqlite":
        options: dict = {"connect_args": {"check_same_thread": False, "timeout": 30}}
        if parsed.database not in (None, "", ":memory:"):
            options["poolclass"] = QueuePool  # 1.4 opens the file anew for every statement otherwise
        return options
    return {"pool_pre_ping": True}


@event.listens_for(Engine, "connect")
def _sqlite_pragmas(connection, _record) -> None:
    if type(connection).__module__.startswith("sqlite3"):
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys=ON")
        # WAL lets the assistant read while an import writes; NORMAL keeps every committed record whole after a kill.
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.close()


@lru_cache(maxsize=1)
def _head_revision() -> str:
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def _current_revision(connection) -> str | None:
    from alembic.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def _upsert_meta(connection, key: str, value: str) -> None:
    if not connection.execute(update(m.Meta).where(m.Meta.key == key).values(value=value)).rowcount:
        connection.execute(insert(m.Meta).values(key=key, value=value))


def _incremented(connection) -> str:
    current = connection.execute(select(m.Meta.value).where(m.Meta.key == "revision").with_for_update()).scalar()
    return str(int(current or 0) + 1)


_SAME = ["code", "name", "field", "levels", "level_text", "kind", "agency", "competent_agency", "receiving_address", "delegated_agency", "coordinating_agency", "audience", "popularity", "family", "summary", "dossier_sets", "conditions", "related", "online_level", "online_url", "tips", "raw"]


def _procedure_values(record: ProcedureRecord, digest: str) -> dict:
    source = record.source
    return {
        **{name: getattr(record, name) for name in _SAME},
        "origin": source.origin,
        "digest": digest,
        "branches": [vars(branch) for branch in record.branches],
        "source_url": source.url,
        "source_retrieved": source.retrieved,
        "source_decision": source.decision,
        "source_note": source.note,
    }


def _has_rows(record: ProcedureRecord) -> bool:
    """True when the record needs rows in other tables."""
    return any(getattr(record, name) for name in ("channels", "dossier", "steps", "legal_basis", "results", "flags", "names", "situations"))


def _insert_procedure(connection, record: ProcedureRecord, digest: str) -> None:
    owner = connection.execute(insert(m.Procedure).values(**_procedure_values(record, digest))).inserted_primary_key[0]

    def rows(items: list[dict]) -> list[dict]:
        return [{**item, "procedure_id": owner, "position": n} for n, item in enumerate(items)]

    for position, channel in enumerate(record.channels):
        limit = channel.time or TimeLimit()
        channel_id = connection.execute(
            insert(m.Channel).values(
                procedure_id=owner,
                position=position,
                time_value=limit.value,
                time_maximum=limit.maximum,
                time_unit=limit.unit,
                time_note=limit.note,
                **{k: v for k, v in vars(channel).items() if k not in ("time", "fees")},
            )
        ).inserted_primary_key[0]
        if channel.fees:
            connection.execute(
                insert(m.Fee), [{**vars(fee), "channel_id": channel_id, "position": n} for n, fee in enumerate(channel.fees)]
            )
    names = [{"kind": "name", "text": t} for t in record.names] + [{"kind": "situation", "text": t} for t in record.situations]
    for table, items in (
        (m.DossierPaper, [vars(item) for item in record.dossier]),
        (m.Step, [{"text": text} for text in record.steps]),
        (m.LegalBasis, [vars(document) for document in record.legal_basis]),
        (m.Result, [vars(result) for result in record.results]),
        (m.DataFlag, [vars(flag) for flag in record.flags]),
        (m.ProcedureName, names),
    ):
        if items:
            connection.execute(insert(table), rows(items))


_GAPS = ("field", "agency", "online_level", "levels")
_DOCUMENT = ["key", "number", "date", "title", "issuer", "kind", "signer", "recipients", "validity", "superseded_by", "aliases", "file", "url", "retrieved", "contained_in", "part", "year", "rank", "contents", "tables"]
_PASSAGE = ["document", "document_date", "text", "kind", "heading", "label", "title", "questions", "line_from", "line_to", "page", "usable", "reason", "duplicate_of", "year", "previous", "following", "corrections", "origin", "warning", "topics"]


def _document_digest(document: DocumentRecord) -> str:
    """Of the document and the ones inside; copies are marked over all files later, so that mark does not count."""
    digest = hashlib.sha256()
    for one in document.walk():
        plain = copy.copy(one)
        plain.passages = [dataclasses.replace(passage, duplicate_of=None) for passage in one.passages]
        digest.update(plain.digest().encode())
    return digest.hexdigest()


def _insert_passages(connection, passages: list[PassageRecord], owner: int | None) -> None:
    if passages:
        connection.execute(
            insert(m.Passage),
            [{**{name: getattr(p, name) for name in _PASSAGE}, "key": p.id, "position": n, "document_id": owner} for n, p in enumerate(passages)],
        )


def _fields(row, cls, skip: tuple[str, ...] = ()) -> dict:
    return {name: getattr(row, name) for name in cls.__dataclass_fields__ if name not in skip}


# Read without the ORM: a procedure's first answer waits for this, and objects of the ORM took three times as long.
_OF_CODE = select(m.Procedure.__table__).where(m.Procedure.code == bindparam("code"))
_CHILDREN = {
    table: select(table.__table__).where(owner.in_(bindparam("ids", expanding=True))).order_by(owner, table.position)
    for table, owner in (
        *((table, table.procedure_id) for table in (m.ProcedureName, m.Channel, m.DossierPaper, m.Step, m.LegalBasis, m.Result, m.DataFlag)),
        (m.Fee, m.Fee.channel_id),
    )
}


def _read(connection: Connection, rows: list[Row]) -> list[ProcedureRecord]:
    """Records of rows of the table procedure, in their order, with all that belongs to them."""

    def children(table: type, owner: str, ids: list[int]) -> dict[int, list[Row]]:
        found: dict[int, list[Row]] = defaultdict(list)
        if ids:
            for row in connection.execute(_CHILDREN[table], {"ids": ids}):
                found[getattr(row, owner)].append(row)
        return found

    ids = [row.id for row in rows]
    of = {table: children(table, "procedure_id", ids) for table in _CHILDREN if table is not m.Fee}
    fees = children(m.Fee, "channel_id", [channel.id for channels in of[m.Channel].values() for channel in channels])
    return [_record(row, {table: found[row.id] for table, found in of.items()}, fees) for row in rows]


def _record(row: Row, of: dict[type, list[Row]], fees: dict[int, list[Row]]) -> ProcedureRecord:
    channels = []
    for channel in of[m.Channel]:
        limit = TimeLimit(channel.time_value, channel.time_unit, channel.time_note, channel.time_maximum)
        channels.append(
            ChannelRecord(
                **_fields(channel, ChannelRecord, ("time", "fees")),
                time=limit if any(vars(limit).values()) else None,
                fees=[FeeRecord(**_fields(fee, FeeRecord)) for fee in fees[channel.id]],
            )
        )
    return ProcedureRecord(
        **{name: getattr(row, name) for name in _SAME},
        source=SourceRecord(row.origin, row.source_url, row.source_retrieved, row.source_decision, row.source_note),
        names=[n.text for n in of[m.ProcedureName] if n.kind == "name"],
        situations=[n.text for n in of[m.ProcedureName] if n.kind == "situation"],
        channels=channels,
        dossier=[DossierItem(**_fields(item, DossierItem)) for item in of[m.DossierPaper]],
        steps=[step.text for step in of[m.Step]],
        legal_basis=[LegalDocument(**_fields(document, LegalDocument)) for document in of[m.LegalBasis]],
        results=[ResultRecord(**_fields(result, ResultRecord)) for result in of[m.Result]],
        branches=[Branch(**branch) for branch in row.branches],
        flags=[Flag(**_fields(flag, Flag)) for flag in of[m.DataFlag]],
    )
