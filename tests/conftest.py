"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of shared data beside the repository (MOTCUA_SHARED overrides the place); skips where it is missing."""
    place = Path(os.environ.get("MOTCUA_SHARED") or ROOT.parent / "shared")
    if not (place / "data").is_dir():
        pytest.skip(f"needs the shared data, not found at {place} (set MOTCUA_SHARED)")
    return place
