"""Guidance documents: the register of what they are, the project's own notes on what they say."""

from __future__ import annotations

from knowledge.guidance.register import Register, load_register

__all__ = ["Register", "load_register"]
