"""民政: marriages and divorces, as both sides of each are on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from config import toml_file
from config.part import Part

FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Marriage:
    """One marriage. A side is a citizen's key, or the name of somebody who is not on the register."""

    sides: tuple[str, str]
    day: date
    number: str  # of its certificate
    office: str
    divorced: date | None = None
    divorce_number: str = ""
    widowed: date | None = None  # the day the other side died

    @property
    def lasts(self) -> bool:
        """Are they still married?"""
        return self.divorced is None and self.widowed is None

    def other(self, key: str) -> str:
        """The other side: a key, or a name."""
        return self.sides[1] if self.sides[0] == key else self.sides[0]


class _File(Part):
    marriage: tuple[Marriage, ...]


@cache
def marriages() -> tuple[Marriage, ...]:
    """Every marriage of the register. toml_file.ConfigError when the file does not fit."""
    return toml_file.load(FILE, _File).marriage


def of(key: str) -> tuple[Marriage, ...]:
    """The marriages of a citizen, the first one first."""
    return tuple(one for one in marriages() if key in one.sides)


def spouse(key: str) -> str:
    """Whom a citizen is married to now: a key, or a name; empty for nobody."""
    return next((one.other(key) for one in of(key) if one.lasts), "")
