"""交管: driving licences, private vehicles, and offences on the road. Vehicles for hire: `vehicles`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from config import toml_file
from config.part import Part
from config.words import Words
from hall.platform.registers import vehicles

FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Licence:
    """A driving licence. `points` of twelve in this year."""

    citizen: str
    classes: str
    valid_to: date
    points: int


@dataclass(frozen=True)
class Car:
    """A vehicle that carries for nobody's hire."""

    plate: str
    owner: str


@dataclass(frozen=True)
class Offence:
    """One offence with a vehicle. `fine` in fen; `driver` a key, where the camera or officer knows him."""

    plate: str
    when: datetime
    where: Words
    what: Words
    fine: int
    points: int
    driver: str = ""
    settled: bool = False


class _File(Part):
    licence: tuple[Licence, ...]
    car: tuple[Car, ...]
    offence: tuple[Offence, ...]


@cache
def _load() -> _File:
    return toml_file.load(FILE, _File)


def licence(key: str) -> Licence | None:
    """A citizen's driving licence."""
    return next((one for one in _load().licence if one.citizen == key), None)


def plates(key: str) -> tuple[str, ...]:
    """The plates of a citizen's vehicles, those for hire too."""
    own = (car.plate for car in _load().car if car.owner == key)
    return (*own, *(vehicle.plate for vehicle in vehicles.of_owner(key)))


def offences(key: str) -> tuple[Offence, ...]:
    """Open ones with a citizen's vehicles, or of himself as a driver; the newest first."""
    mine = set(plates(key))
    found = (one for one in _load().offence if not one.settled and (one.plate in mine or one.driver == key))
    return tuple(sorted(found, key=lambda one: one.when, reverse=True))
