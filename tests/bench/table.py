"""One measured row, and the table of them all."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_HEAD = ("what", "ours", "peers", "ratio", "budget", "")


@dataclass(frozen=True)
class Row:
    """One figure of ours, its peers' in the same unit and the same run, and what it may be.

    `ratio` is ours to the first peer's. At most one budget counts: `at_most` or `at_least` in the unit,
    `ratio_at_most` against the first peer. `aim` is what we would like to see, in words of the table only.
    """

    what: str
    ours: float
    unit: str
    peers: Mapping[str, float] = field(default_factory=dict)
    at_most: float | None = None
    at_least: float | None = None
    ratio_at_most: float | None = None
    aim: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours to the first peer's; None without one."""
        first = next(iter(self.peers.values()), 0.0)
        return self.ours / first if first else None

    @property
    def met(self) -> bool | None:
        """Whether the budget is kept; None when there is none."""
        if self.at_most is not None:
            return self.ours <= self.at_most
        if self.at_least is not None:
            return self.ours >= self.at_least
        if self.ratio_at_most is not None and self.ratio is not None:
            return self.ratio <= self.ratio_at_most
        return None

    @property
    def budget(self) -> str:
        """The budget as the table says it."""
        bounds = (("≤", self.at_most, ""), ("≥", self.at_least, ""), ("≤", self.ratio_at_most, " ×"))
        said = next(
            (f"{sign} {number(value)}{after}" for sign, value, after in bounds if value is not None), ""
        )
        return f"{said} (aim {self.aim})" if self.aim else said


def lines(rows: Sequence[Row]) -> list[str]:
    """The rows as aligned lines, with a head."""
    cells = [_HEAD, *(_cells(row) for row in rows)]
    widths = [max(_width(line[column]) for line in cells) for column in range(len(_HEAD))]
    return ["  ".join(_padded(*pair) for pair in zip(line, widths, strict=True)).rstrip() for line in cells]


def _cells(row: Row) -> tuple[str, ...]:
    peers = " · ".join(f"{name} {number(value)}" for name, value in row.peers.items())
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    verdict = {True: "met", False: "MISSED", None: ""}[row.met]
    return row.what, f"{number(row.ours)} {row.unit}", peers, ratio, row.budget, verdict


def number(value: float) -> str:
    """A figure in three digits, thousands with commas."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)
