"""What a comparison is about: time, fee, papers, distance."""

from __future__ import annotations

import re

from knowledge.search.analysis import fold

# What "... hơn" compares, in folded words.
_MEASURES = {
    "time": re.compile(r"\b(?:nhanh|le|mau|som|cham|lau)(?: \w+)? hon\b"),
    "fee": re.compile(r"\b(?:re|dat|mac|ton|it tien|nhieu tien|do (?:ton )?tien)(?: \w+)? hon\b"),
    "dossier": re.compile(r"\b(?:it|nhieu|gon|don gian|ruom ra|de)(?: (?:giay(?: to)?|ho so|thu tuc))? hon\b"),
    "where": re.compile(r"\b(?:gan|xa) hon\b"),
}


def measured(text: str) -> list[str]:
    """Question types that a comparison is about: "cái nào lẹ hơn" -> ["time"]."""
    folded = fold(text)
    return [aspect for aspect, expression in _MEASURES.items() if expression.search(folded)]
