"""Which neighbouring syllables are one Vietnamese word ("con dấu", "hội trường")?

Data: the word list that underthesea ships (74,000 words of a general dictionary), read as a file: importing underthesea
takes seconds.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from knowledge.search.analysis import fold

LIST = "Viet74K.txt"


@lru_cache(maxsize=1)
def two_syllables() -> tuple[frozenset[str], frozenset[str]]:
    """Words of two syllables, lower case with their marks, and the same folded. About 90 ms once."""
    path = Path(find_spec("underthesea").submodule_search_locations[0]) / "corpus" / "data" / LIST
    lines = (line.strip().lower().replace("-", " ") for line in path.read_text(encoding="utf-8").splitlines())
    found = frozenset(line for line in lines if line.count(" ") == 1)
    return found, frozenset(fold(word) for word in found)
