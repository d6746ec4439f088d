"""户政: households, descent, former names, moves, struck-off members, and where people say they live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from config import toml_file
from config.part import Part

FILE = Path(__file__).with_suffix(".toml")

Housing = Literal["owned", "rented", "dormitory", "relatives"]


@dataclass(frozen=True)
class Household:
    """One household book of this city. `members` are citizens' keys, its head first."""

    number: str
    region: str
    address: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class Child:
    """Descent. A parent is a citizen's key; the child a key, or the name of somebody of elsewhere."""

    child: str
    parents: tuple[str, ...]


@dataclass(frozen=True)
class FormerName:
    """A name that was changed on that day."""

    citizen: str
    name: str
    changed: date


@dataclass(frozen=True)
class Move:
    """Moved in from another division (a code of config/regions.toml)."""

    citizen: str
    day: date
    origin: str


@dataclass(frozen=True)
class StruckOff:
    """Somebody whose registration ended, and whose household he was of."""

    name: str
    relative: str  # a citizen's key
    tie: Literal["spouse", "parent"]
    day: date
    reason: Literal["death"]


@dataclass(frozen=True)
class Address:
    """One entry of the list of standard addresses."""

    code: str
    region: str
    text: str


@dataclass(frozen=True)
class Residence:
    """A citizen lives at this address, so he has said."""

    citizen: str
    address: str  # code of an `Address`
    since: date
    housing: Housing


class Register(Part):
    """The whole file."""

    household: tuple[Household, ...]
    child: tuple[Child, ...]
    former_name: tuple[FormerName, ...]
    move: tuple[Move, ...]
    struck_off: tuple[StruckOff, ...]
    address: tuple[Address, ...]
    residence: tuple[Residence, ...]
    slow: tuple[str, ...]  # matters of GA02 that take ten working days

    def of(self, key: str) -> Household | None:
        """The household of a citizen; None when he is registered elsewhere."""
        return next((one for one in self.household if key in one.members), None)

    def children(self, key: str) -> tuple[str, ...]:
        """Keys or names of a citizen's children."""
        return tuple(one.child for one in self.child if key in one.parents)

    def parents(self, key: str) -> tuple[str, ...]:
        """Keys of a citizen's parents."""
        return tuple(parent for one in self.child if one.child == key for parent in one.parents)


@cache
def load() -> Register:
    """The register. Raises toml_file.ConfigError."""
    return toml_file.load(FILE, Register)
