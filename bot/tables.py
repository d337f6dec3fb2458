"""The operational tables: what came in, what goes out, how far each conversation is (SQLite and PostgreSQL).

They live beside the knowledge base in the same database, with their own Alembic branch (bot/migrations). Times are
seconds since 1970. Texts are masked before they come here and are emptied once they are answered or sent.
"""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Float, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import declarative_base

Base = declarative_base()
# SQLite counts up only plain INTEGER keys.
Id = BigInteger().with_variant(Integer, "sqlite")
# SQLite gives the number of a deleted last row again unless told otherwise; a page asks for "what came after number n".
_NEVER_AGAIN = {"sqlite_autoincrement": True}


class Inbox(Base):
    """One message of a person. The unique pair is what makes a second delivery of the same message harmless."""

    __tablename__ = "channel_inbox"
    __table_args__ = (UniqueConstraint("channel", "message_id"), Index("ix_channel_inbox_waiting", "state", "person", "sent_at"), _NEVER_AGAIN)
    id = Column(Id, primary_key=True)
    channel = Column(String(16), nullable=False)
    message_id = Column(String(160), nullable=False)
    person = Column(String(160), nullable=False)
    address = Column(JSON, nullable=False)
    kind = Column(String(16), nullable=False)
    text = Column(Text, nullable=False)
    sent_at = Column(Float, nullable=False)
    received_at = Column(Float, nullable=False)
    state = Column(String(8), nullable=False, default="new")  # new | done
    attempts = Column(Integer, nullable=False, default=0)


class Outbox(Base):
    """One message to a person, written in the same transaction as the turn that made it."""

    __tablename__ = "channel_outbox"
    __table_args__ = (Index("ix_channel_outbox_waiting", "state", "person", "id"), Index("ix_channel_outbox_person", "person", "id"), _NEVER_AGAIN)
    id = Column(Id, primary_key=True)
    channel = Column(String(16), nullable=False)
    person = Column(String(160), nullable=False)
    address = Column(JSON, nullable=False)
    content = Column(JSON, nullable=False)
    state = Column(String(8), nullable=False, default="pending")  # pending | sent | held | dead
    attempts = Column(Integer, nullable=False, default=0)
    error = Column(Text)
    created_at = Column(Float, nullable=False)
    sent_at = Column(Float)


class Person(Base):
    """One conversation: the talk's slots, what could be chosen last, and who is working on it."""

    __tablename__ = "channel_person"
    person = Column(String(160), primary_key=True)
    channel = Column(String(16), nullable=False)
    slots = Column(JSON, nullable=False, default=dict)
    version = Column(Integer, nullable=False, default=0)  # counts turns, so that a process knows when its copy is old
    numbered = Column(JSON, nullable=False, default=list)  # payloads by what one may type: a number shown, a button's title
    last_in = Column(Float, nullable=False, default=0.0)
    window_sent = Column(Integer, nullable=False, default=0)  # messages sent since the person last wrote
    turn_owner = Column(String(120))
    turn_until = Column(Float, nullable=False, default=0.0)
    send_owner = Column(String(120))
    send_until = Column(Float, nullable=False, default=0.0)


class Payload(Base):
    """Payloads too long for a vendor's button, under a short key."""

    __tablename__ = "channel_payload"
    key = Column(String(64), primary_key=True)
    payload = Column(Text, nullable=False)
    used_at = Column(Float, nullable=False)


class ZaloToken(Base):
    """Tokens of an Official Account. A refresh token works once: see bot/channels/zalo_tokens.py."""

    __tablename__ = "zalo_token"
    app_id = Column(String(40), primary_key=True)
    access = Column(Text, nullable=False)
    refresh = Column(Text, nullable=False)
    expires_at = Column(Float, nullable=False)
    refreshed_at = Column(Float, nullable=False)
    problem = Column(Text)
    owner = Column(String(120))
    until = Column(Float, nullable=False, default=0.0)
