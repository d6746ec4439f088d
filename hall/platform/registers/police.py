"""公安: convictions, crossings of the border, and what an identity card is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from config import toml_file
from config.part import Part
from config.words import Words

FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Conviction:
    """A judgment that is final."""

    citizen: str
    day: date
    court: str
    offence: str
    sentence: str


@dataclass(frozen=True)
class Crossing:
    """Somebody left or entered the country. `port` and `papers` as they are printed."""

    citizen: str
    day: date
    way: Literal["out", "in"]
    port: str
    papers: str


@dataclass(frozen=True)
class Portrait:
    """A photograph taken for identity cards. `number` is that of its receipt."""

    citizen: str
    number: str
    taken: date
    place: Words


@dataclass(frozen=True)
class CardFees:
    """What an identity card costs, in fen, by the reason for a new one."""

    expired: int
    damaged: int
    lost: int

    def of(self, reason: str) -> int:
        """KeyError for another reason."""
        return {"expired": self.expired, "damaged": self.damaged, "lost": self.lost}[reason]


class Register(Part):
    """The whole file. `fingers`: of whom two readable fingerprints are on record."""

    card_fees: CardFees
    portrait_months: int  # how old a portrait may be
    renew_months: int  # how long before its end a card may be renewed
    fingers: tuple[str, ...]
    conviction: tuple[Conviction, ...]
    crossing: tuple[Crossing, ...]
    portrait: tuple[Portrait, ...]


@cache
def load() -> Register:
    """The register. Raises toml_file.ConfigError."""
    return toml_file.load(FILE, Register)


def convictions(key: str, first: date, last: date) -> tuple[Conviction, ...]:
    """Those of a citizen from `first` to `last`, the oldest first."""
    found = (one for one in load().conviction if one.citizen == key and first <= one.day <= last)
    return tuple(sorted(found, key=lambda one: one.day))


def crossings(key: str, first: date, last: date) -> tuple[Crossing, ...]:
    """Those of a citizen from `first` to `last`, the oldest first."""
    found = (one for one in load().crossing if one.citizen == key and first <= one.day <= last)
    return tuple(sorted(found, key=lambda one: one.day))
