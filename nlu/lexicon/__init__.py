"""Language facts as data: slang, abbreviations, dialect, old and new terms, danger words.

Every file beside this one is YAML; `load("slang")` gives its content. Editing a file needs
no change in code and no retraining, except `frames` and `topics` (see nlu/data/README.md).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent


@cache
def load(name: str) -> Any:
    """Content of `nlu/lexicon/<name>.yml`, read once. Raises FileNotFoundError for an unknown name."""
    # The base loader keeps every scalar a text: "on", "no" and "y" are Vietnamese syllables here, not booleans.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    with open(FOLDER / f"{name}.yml", encoding="utf-8") as handle:
        return yaml.load(handle, Loader=loader)
