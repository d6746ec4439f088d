"""The rating table: five stars, each with the indicator codes of the 好差评 interface."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import tomli

from config.words import Words


@dataclass(frozen=True)
class Indicator:
    """One reason that a citizen may tick."""

    code: str
    name: Words


@dataclass(frozen=True)
class StarRow:
    """One rating: 1–5, 5 best (the uplink reverses where it must), with its indicators."""

    stars: int
    name: Words
    indicators: tuple[Indicator, ...]


@cache
def star_rows() -> tuple[StarRow, ...]:
    """The five ratings, best first."""
    with (Path(__file__).parent / "ratings.toml").open("rb") as file:
        table = tomli.load(file)
    rows = []
    for row in table["star"]:
        indicators = tuple(Indicator(code, Words(**name)) for code, name in row["codes"].items())
        rows.append(StarRow(row["stars"], Words(**row["name"]), indicators))
    return tuple(sorted(rows, key=lambda row: -row.stars))


def valid(stars: int, codes: tuple[str, ...]) -> bool:
    """True when the stars exist and every code belongs to them."""
    return any(r.stars == stars and {i.code for i in r.indicators} >= set(codes) for r in star_rows())
