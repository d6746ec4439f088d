"""What a citizen answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from config.strokes import Strokes
from kiosk.prompts.frame import Value


@dataclass(frozen=True)
class Chosen:
    """One value touched."""

    value: str


@dataclass(frozen=True)
class Filled:
    """The values of a form's unlocked fields."""

    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Rated:
    """A rating: 1–5 stars (5 best) and indicator codes."""

    stars: int
    codes: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True)
class Wrong:
    """The citizen says that a prefilled field is wrong."""

    key: str


@dataclass(frozen=True)
class StaffSaid:
    """Who of the staff has looked, and his secret number."""

    number: str
    pin: str = field(repr=False)


@dataclass(frozen=True)
class Signed:
    """What was written with the finger."""

    strokes: Strokes


@dataclass(frozen=True)
class Touched:
    """Where the crosses were touched: parts (0–1) of width and height, in the order of the crosses."""

    points: tuple[tuple[float, float], ...]


Answer = Chosen | Filled | Rated | Signed | StaffSaid | Touched | Wrong
