"""What ships with the project and fills a new database: curated catalogue, everyday names, guidance notes."""

from __future__ import annotations

import hashlib
import sys
from typing import TYPE_CHECKING

from sqlalchemy import select

from knowledge import models as m
from knowledge.guidance import load_notes
from knowledge.importers.catalogue import CATALOGUE, REGISTER, read_catalogue, read_names, read_register

if TYPE_CHECKING:
    from knowledge.store import Store

GUIDANCE = CATALOGUE.parent / "guidance"


def shipped_digest() -> str:
    """A fingerprint of the shipped files by name, size and time: cheap enough for every start."""
    digest = hashlib.sha256()
    for path in sorted([*CATALOGUE.rglob("*.yml"), REGISTER, *GUIDANCE.rglob("*.yml")]):
        stat = path.stat()
        digest.update(f"{path.name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def load_shipped(store: Store) -> None:
    """Write the shipped content; entries that shipped before and no longer do are removed, an editor's own stay."""
    curated = list(read_catalogue(on_error=lambda error: print(f"motcua: bỏ qua một tệp thủ tục hỏng: {error}", file=sys.stderr)))
    store.save_procedures(curated)
    shipped = {record.code for record in curated}
    before = store.meta("shipped_codes")
    if before is None:  # a database of an older version: all its curated entries shipped
        with store.engine.connect() as connection:
            present = set(connection.execute(select(m.Procedure.code).where(m.Procedure.origin == "curated")).scalars())
    else:
        present = set(before.split())
    if gone := present - shipped:
        store.delete_procedures("curated", gone)
    store.set_meta("shipped_codes", " ".join(sorted(shipped)))
    store.save_procedures(read_register())
    store.replace_everyday_names(read_names())
    store.replace_notes(load_notes())
