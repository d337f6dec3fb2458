"""Built indexes kept on disk: read back when they were built from the same content, thrown away when they are old."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
KEPT = 3  # newest files of a kind that stay


def kept(kind: str, content: object, folder: Path | None, build: Callable[[], T]) -> T:
    """`build()`, or what it gave before for the same `content` (compared by its repr). No folder: always built."""
    if folder is None:
        return build()
    key = hashlib.sha256(repr(content).encode()).hexdigest()[:32]
    path = folder / f"{kind}-{key}.pickle"
    try:
        with path.open("rb") as handle:
            return pickle.load(handle)
    except Exception:  # a missing, foreign or cut cache file is only slower
        built = build()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in sorted(folder.glob(f"{kind}-*.pickle"), key=lambda p: p.stat().st_mtime)[:-KEPT]:
            old.unlink(missing_ok=True)
        temporary = path.with_suffix(".tmp")
        with temporary.open("wb") as handle:
            pickle.dump(built, handle, protocol=pickle.HIGHEST_PROTOCOL)
        temporary.replace(path)
    except OSError:  # a full or read-only disk must not end the search
        pass
    return built
