"""Guidance documents: the register of what they are, the project's own notes on what they say."""

from __future__ import annotations

from knowledge.guidance.own_notes import load_notes
from knowledge.guidance.records import DocumentRecord, PassageRecord
from knowledge.guidance.register import Register, load_register

__all__ = ["DocumentRecord", "PassageRecord", "Register", "load_notes", "load_register"]
