"""The tables of the knowledge base (SQLAlchemy 2.0 style on 1.4, SQLite and PostgreSQL).

One row of `procedure` is one *layer*: what one origin (curated, structured, portal, list) says about a
code. Layers are never merged in the database, so a contradiction stays visible; `knowledge.views`
decides what is shown first.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import declarative_base, relationship

Base = declarative_base()


class Meta(Base):
    """Key and value; `revision` counts up with every change, so that indexes know when to follow."""

    __tablename__ = "meta"
    key = Column(String(64), primary_key=True)
    value = Column(Text, nullable=False)


def _children(name: str) -> relationship:
    return relationship(name, order_by=f"{name}.position", cascade="all, delete-orphan", passive_deletes=True, lazy="selectin")


class Procedure(Base):
    __tablename__ = "procedure"
    __table_args__ = (UniqueConstraint("code", "origin"),)
    id = Column(Integer, primary_key=True)
    code = Column(String(16), nullable=False, index=True)
    origin = Column(String(16), nullable=False)
    digest = Column(String(64), nullable=False)
    updated_at = Column(DateTime, server_default=func.now(), nullable=False)
    name = Column(Text, nullable=False)
    field = Column(Text)
    levels = Column(JSON, nullable=False, default=list)
    level_text = Column(Text)
    kind = Column(Text)
    agency = Column(Text)
    competent_agency = Column(Text)
    receiving_address = Column(Text)
    delegated_agency = Column(Text)
    coordinating_agency = Column(Text)
    audience = Column(JSON, nullable=False, default=list)
    popularity = Column(Integer)
    family = Column(String(120), index=True)
    summary = Column(Text)
    dossier_sets = Column(Text)
    conditions = Column(Text)
    related = Column(JSON, nullable=False, default=list)
    online_level = Column(String(32))
    online_url = Column(Text)
    tips = Column(JSON, nullable=False, default=list)
    branches = Column(JSON, nullable=False, default=list)
    raw = Column(JSON, nullable=False, default=dict)  # the source's own text, by section
    source_url = Column(Text)
    source_retrieved = Column(Date)
    source_decision = Column(Text)
    source_note = Column(Text)

    channels = _children("Channel")
    dossier = _children("DossierPaper")
    steps = _children("Step")
    legal_basis = _children("LegalBasis")
    results = _children("Result")
    flags = _children("DataFlag")
    names = _children("ProcedureName")


def _owner() -> Column:
    return Column(Integer, ForeignKey("procedure.id", ondelete="CASCADE"), nullable=False, index=True)


class ProcedureName(Base):
    """An everyday name or a situation that belongs to one layer (curated entries)."""

    __tablename__ = "procedure_name"
    id = Column(Integer, primary_key=True)
    procedure_id = _owner()
    position = Column(Integer, nullable=False)
    kind = Column(String(16), nullable=False)  # name | situation
    text = Column(Text, nullable=False)


class EverydayName(Base):
    """Everyday names and situations by code (knowledge/catalogue/names), also for codes not imported yet."""

    __tablename__ = "everyday_name"
    id = Column(Integer, primary_key=True)
    code = Column(String(16), nullable=False, index=True)
    kind = Column(String(16), nullable=False)  # name | situation
    text = Column(Text, nullable=False)
    popularity = Column(Integer)


class Channel(Base):
    """A way of filing with its time limit; several rows may share a method and differ by `case`."""

    __tablename__ = "channel"
    id = Column(Integer, primary_key=True)
    procedure_id = _owner()
    position = Column(Integer, nullable=False)
    method = Column(String(16), nullable=False)
    time_value = Column(Float)
    time_maximum = Column(Float)
    time_unit = Column(String(16))
    time_note = Column(Text)
    time_text = Column(Text)
    declared_free = Column(Boolean, nullable=False, default=False)
    contradiction = Column(Boolean, nullable=False, default=False)
    case = Column("case_text", Text, key="case")
    description = Column(Text)
    note = Column(Text)
    when = Column("when_json", JSON, key="when", nullable=False, default=dict)
    fees = relationship("Fee", order_by="Fee.position", cascade="all, delete-orphan", passive_deletes=True, lazy="selectin")


class Fee(Base):
    """One amount (in `currency`) or rate with its condition, place, validity window and basis."""

    __tablename__ = "fee"
    id = Column(Integer, primary_key=True)
    channel_id = Column(Integer, ForeignKey("channel.id", ondelete="CASCADE"), nullable=False, index=True)
    position = Column(Integer, nullable=False)
    amount = Column(Float)
    rate = Column(String(64))
    currency = Column(String(8), nullable=False, default="VND")
    kind = Column(String(16))
    condition = Column(Text)
    per = Column(Text)
    bound = Column(String(8))
    place = Column(Text)
    valid_from = Column(Date)
    valid_to = Column(Date)
    basis = Column(Text)
    exempt = Column(Boolean, nullable=False, default=False)
    decided_by_council = Column(Boolean, nullable=False, default=False)
    when = Column("when_json", JSON, key="when", nullable=False, default=dict)


class DossierPaper(Base):
    __tablename__ = "dossier_paper"
    id = Column(Integer, primary_key=True)
    procedure_id = _owner()
    position = Column(Integer, nullable=False)
    name = Column(Text, nullable=False)
    originals = Column(Integer)
    copies = Column(Integer)
    form = Column(Text)
    group = Column("group_title", Text, key="group")
    condition = Column(Text)
    is_note = Column(Boolean, nullable=False, default=False)
    when = Column("when_json", JSON, key="when", nullable=False, default=dict)


class Step(Base):
    __tablename__ = "step"
    id = Column(Integer, primary_key=True)
    procedure_id = _owner()
    position = Column(Integer, nullable=False)
    text = Column(Text, nullable=False)


class LegalBasis(Base):
    __tablename__ = "legal_basis"
    id = Column(Integer, primary_key=True)
    procedure_id = _owner()
    position = Column(Integer, nullable=False)
    number = Column(Text)
    title = Column(Text)
    date = Column(Date)
    issuer = Column(Text)


class Result(Base):
    __tablename__ = "result"
    id = Column(Integer, primary_key=True)
    procedure_id = _owner()
    position = Column(Integer, nullable=False)
    name = Column(Text, nullable=False)
    code = Column(Text)
    refusal = Column(Boolean, nullable=False, default=False)


class DataFlag(Base):
    """Something about a layer that an editor should look at (`motcua review`)."""

    __tablename__ = "data_flag"
    id = Column(Integer, primary_key=True)
    procedure_id = _owner()
    position = Column(Integer, nullable=False)
    kind = Column(String(64), nullable=False, index=True)
    field = Column(String(64), nullable=False)
    text = Column(Text)


class Document(Base):
    """A guidance document (or one inside another's file). Numbers repeat: number and date together name it."""

    __tablename__ = "document"
    id = Column(Integer, primary_key=True)
    key = Column(String(200), nullable=False, unique=True)
    number = Column(String(120), nullable=False, index=True)
    date = Column(Date)
    digest = Column(String(64), nullable=False)
    title = Column(Text, nullable=False)
    issuer = Column(Text)
    kind = Column(Text)
    signer = Column(Text)
    recipients = Column(Text)
    validity = Column(Text)
    superseded_by = Column(Text)
    aliases = Column(JSON, nullable=False, default=list)
    file = Column(Text)
    url = Column(Text)
    retrieved = Column(Date)
    contained_in = Column(String(200), index=True)
    part = Column(JSON, nullable=False, default=list)
    year = Column(Integer)
    rank = Column(Integer, nullable=False, default=0)
    contents = Column(JSON, nullable=False, default=list)
    tables = Column(Integer, nullable=False, default=0)


class Passage(Base):
    """A self-contained piece of a document, with where it stands. Our own notes have no `document_id`."""

    __tablename__ = "passage"
    id = Column(Integer, primary_key=True)
    key = Column(String(250), nullable=False, unique=True)
    document_id = Column(Integer, ForeignKey("document.id", ondelete="CASCADE"), index=True)
    position = Column(Integer, nullable=False)
    document = Column(String(120), nullable=False, index=True)
    document_date = Column(Date)
    text = Column(Text, nullable=False)
    kind = Column(String(24), nullable=False)
    heading = Column(JSON, nullable=False, default=list)
    label = Column(Text)
    title = Column(Text)
    questions = Column(JSON, nullable=False, default=list)
    line_from = Column(Integer)
    line_to = Column(Integer)
    page = Column(Integer)
    usable = Column(Boolean, nullable=False, default=True)
    reason = Column(Text)
    duplicate_of = Column(String(250))
    year = Column(Integer)
    previous = Column(String(250))
    following = Column(String(250))
    corrections = Column(JSON, nullable=False, default=list)
    origin = Column(String(16), nullable=False, index=True)
    warning = Column(Text)
    topics = Column(JSON, nullable=False, default=list)


Index("everyday_name_code_kind", EverydayName.code, EverydayName.kind)
