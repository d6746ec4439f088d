"""不动产: who owns what, and the registrations that are under way."""

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
class Unit:
    """A home as it is registered. `owners` are citizens' keys; `area` square metres."""

    number: str  # 不动产权证号
    unit_number: str  # 不动产单元号, 28 characters
    region: str  # the district, as in config/regions.toml
    address: str
    owners: tuple[str, ...]
    area: str
    use: str
    registered: date


@dataclass(frozen=True)
class Stage:
    """One stage of a registration."""

    day: date
    what: Words


@dataclass(frozen=True)
class Case:
    """A registration. `applicants` are keys; `book`: the number of the new certificate, once ready."""

    number: str
    kind: Words
    applicants: tuple[str, ...]
    unit: str  # number of a `Unit`
    state: Literal["review", "ready"]
    tax: Literal["paid", "due", "exempt"]
    stages: tuple[Stage, ...]
    book: str = ""


class _File(Part):
    unit: tuple[Unit, ...]
    case: tuple[Case, ...]


@cache
def _load() -> _File:
    return toml_file.load(FILE, _File)


def units() -> tuple[Unit, ...]:
    """Every home of the register. toml_file.ConfigError when the file does not fit."""
    return _load().unit


def of(key: str, region: str = "") -> tuple[Unit, ...]:
    """What a citizen owns, alone or with others; in one district where it is named."""
    return tuple(one for one in units() if key in one.owners and region in ("", one.region))


def unit(number: str) -> Unit:
    """A home by the number of its certificate. KeyError."""
    return {one.number: one for one in units()}[number]


def cases_of(key: str) -> tuple[Case, ...]:
    """The registrations of a citizen, the newest first."""
    found = (one for one in _load().case if key in one.applicants)
    return tuple(sorted(found, key=lambda one: one.stages[0].day, reverse=True))
