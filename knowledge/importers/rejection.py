"""A file or a record that was not imported, and why. One line of Vietnamese that an operator can act on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rejection:
    """`path`: the file; `reason`: Vietnamese, one line; `place`: line, byte, field or row in the file, if known."""

    path: str
    reason: str
    place: str | None = None

    def __str__(self) -> str:
        where = f" ({self.place})" if self.place else ""
        return f"{self.path}{where}: {self.reason}"


class RecordError(ValueError):
    """One record that cannot be used; the reader turns it into a `Rejection` with the file's name."""

    def __init__(self, reason: str, place: str | None = None) -> None:
        super().__init__(reason)
        self.reason = " ".join(reason.split())
        self.place = place
