"""The same said of several ways of filing is said once."""

from __future__ import annotations

from actions.topic import METHODS


def merge_labels(texts: list[str]) -> list[str]:
    """["Trực tiếp: 3 ngày", "Trực tuyến: 3 ngày"] -> ["Trực tiếp, trực tuyến: 3 ngày"]; other lines and the order stay."""
    labels: dict[str, list[str]] = {}
    order: list[tuple[str, bool]] = []
    for text in texts:
        label, mark, rest = text.partition(": ")
        if mark and label in METHODS.values():
            if rest not in labels:
                labels[rest] = []
                order.append((rest, True))
            if label not in labels[rest]:
                labels[rest].append(label)
        elif (text, False) not in order:
            order.append((text, False))
    return [
        f"{labels[rest][0]}{''.join(f', {one.lower()}' for one in labels[rest][1:])}: {rest}" if labelled else rest
        for rest, labelled in order
    ]
