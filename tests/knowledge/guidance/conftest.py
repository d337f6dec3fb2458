"""What the tests of guidance documents share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from knowledge.guidance.records import DocumentRecord
from knowledge.importers.documents import read_documents

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def seeds_dir() -> Path:
    """The five guidance texts beside the repository (never committed), or a skip that says where they were looked for."""
    shared = Path(os.environ.get("MOTCUA_SHARED", ROOT.parent / "shared"))
    if not (shared / "seeds").is_dir():
        pytest.skip(f"no guidance texts in {shared / 'seeds'}; set MOTCUA_SHARED")
    return shared / "seeds"


@pytest.fixture(scope="session")
def seeds(seeds_dir: Path) -> list[DocumentRecord]:
    """All five files read together, copies among them marked."""
    return read_documents(sorted(seeds_dir.glob("*.txt")))


@pytest.fixture(scope="session")
def by_key(seeds: list[DocumentRecord]) -> dict[str, DocumentRecord]:
    return {document.key: document for top in seeds for document in top.walk()}


@pytest.fixture
def write(tmp_path: Path):
    """write("a.txt", text) -> path"""

    def save(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return save
