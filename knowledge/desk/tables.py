"""The desk's tables: questions for a person, feedback, places to resume, limits against guessing (SQLite and PostgreSQL).

They live beside the knowledge base in the same database, with their own Alembic branch (knowledge/desk/migrations).
Times are seconds since 1970. Texts are masked before they come here (bot/privacy.py masks every message).
"""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Float, Index, Integer, String, Text
from sqlalchemy.orm import declarative_base

Base = declarative_base()
# SQLite counts up only plain INTEGER keys.
Id = BigInteger().with_variant(Integer, "sqlite")


class Ticket(Base):
    """A question that a person should answer. `person` is the conversation as its channel names it; emptied at closing."""

    __tablename__ = "desk_ticket"
    __table_args__ = (Index("ix_desk_ticket_waiting", "channel", "state", "told_at"), Index("ix_desk_ticket_person", "person"))
    id = Column(Id, primary_key=True)
    code = Column(String(8), nullable=False, unique=True)
    state = Column(String(8), nullable=False, default="open")  # open | answered | closed
    channel = Column(String(16), nullable=False)
    person = Column(String(160))
    procedure = Column(String(16))
    question = Column(Text)
    summary = Column(JSON, nullable=False, default=list)  # lines, oldest first
    answer = Column(Text)
    created_at = Column(Float, nullable=False)
    answered_at = Column(Float)
    told_at = Column(Float)  # when the answer reached the person
    closed_at = Column(Float)


class Feedback(Base):
    """What somebody thinks of an answer, or of one line of it. Nothing says who."""

    __tablename__ = "desk_feedback"
    __table_args__ = (Index("ix_desk_feedback_state", "state", "kind"),)
    id = Column(Id, primary_key=True)
    kind = Column(String(8), nullable=False)  # good | bad | line
    state = Column(String(8), nullable=False, default="open")  # open | done
    reason = Column(String(24))
    procedure = Column(String(16), index=True)
    aspects = Column(JSON, nullable=False, default=list)
    row_id = Column(String(120))  # the line reported: code/origin/section/number
    line = Column(Text)  # its words as they were shown
    question = Column(Text)
    channel = Column(String(16), nullable=False)
    created_at = Column(Float, nullable=False)
    note = Column(Text)  # what the editor did


class Place(Base):
    """Where a walk-through stands, under a code that says nothing about the person."""

    __tablename__ = "desk_place"
    code = Column(String(8), primary_key=True)
    state = Column(JSON, nullable=False)  # {"procedure", "step", "case"}
    created_at = Column(Float, nullable=False)
    expires_at = Column(Float, nullable=False, index=True)


class Limit(Base):
    """How often something was tried within a window. The key holds a digest of the conversation, not its name."""

    __tablename__ = "desk_limit"
    key = Column(String(64), primary_key=True)
    since = Column(Float, nullable=False)
    count = Column(Integer, nullable=False)
