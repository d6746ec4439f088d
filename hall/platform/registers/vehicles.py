"""交通运输: vehicles that carry for hire, their transport certificates and what their yearly review wants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from config import toml_file
from config.part import Part

FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Vehicle:
    """A vehicle with a transport certificate (道路运输证). `owner` is a citizen's key."""

    plate: str
    owner: str
    kind: Literal["freight", "taxi"]
    certificate: str  # its number, twelve digits
    model: str
    tonnage: str
    issued: date
    reviewed_until: date  # the last review is good until then
    tested: date  # 检验检测, once a year
    insured_until: date  # the carrier's liability
    offences: int = 0  # that are not settled


class _File(Part):
    vehicle: tuple[Vehicle, ...]


@cache
def vehicles() -> Mapping[str, Vehicle]:
    """Every vehicle by its plate. toml_file.ConfigError when the file does not fit."""
    return {vehicle.plate: vehicle for vehicle in toml_file.load(FILE, _File).vehicle}


def of_owner(key: str) -> tuple[Vehicle, ...]:
    """The vehicles of a citizen, in the order of the file."""
    return tuple(vehicle for vehicle in vehicles().values() if vehicle.owner == key)
