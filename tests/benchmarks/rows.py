"""Defines Row, one measured figure, and how rows are shown. Every benchmark module has `run() -> list[Row]`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What was measured. Ratios are kept, because seconds depend on the machine; `wanted` is the bound, "" where there is none."""

    what: str
    value: float
    unit: str = ""
    wanted: str = ""

    @property
    def kept(self) -> bool | None:
        """Whether the bound is kept, or None where there is none. Bounds read "≥ 40" or "≤ 2.5"."""
        if not self.wanted:
            return None
        sign, _, bound = self.wanted.partition(" ")
        return self.value >= float(bound) if sign == "≥" else self.value <= float(bound)


def show(rows: Iterable[Row]) -> str:
    """The rows as a table for a terminal."""
    marks = {None: "", True: "kept", False: "NOT KEPT"}
    lines = [f"{row.what:<74} {row.value:>10.2f} {row.unit:<8} {row.wanted:<9} {marks[row.kept]}".rstrip() for row in rows]
    return "\n".join(lines)
