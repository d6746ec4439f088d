"""The invented citizens of the demo and the tests: what their cards say and what the platform holds of them.

Nobody here exists. The numbers have a valid check digit, but their order number begins with 00, which no
issued card has. `profiles/demo_people.toml` is the only file with persons in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, field_validator

from config import toml_file

FILE = Path(__file__).parent / "profiles" / "demo_people.toml"


@dataclass(frozen=True)
class Insurance:
    """One insurance of one person. Months are `YYYY-MM`, both inside the record."""

    kind: Literal["pension", "unemployment", "injury"]
    first: str
    last: str
    months_paid: int
    employer: str


@dataclass(frozen=True)
class Person:
    """One invented citizen. `valid_to` None is for life; `reference` and `live` name photographs, or nothing.

    `reference` is the picture that the platform holds, `live` the one that stands before the camera.
    """

    key: str
    name: str
    sex: Literal["male", "female"]
    nation: str  # GB/T 3304, two digits
    birth: date
    address: str
    number: str
    issuer: str
    valid_from: date
    valid_to: date | None = None
    phone: str = ""
    reference: str = ""
    live: str = ""
    insurance: tuple[Insurance, ...] = ()

    def __repr__(self) -> str:
        """Only the key, as a habit: with real people this would be a leak."""
        return f"Person({self.key})"


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    person: tuple[Person, ...]

    @field_validator("person")
    @classmethod
    def _coherent(cls, people: tuple[Person, ...]) -> tuple[Person, ...]:
        for field in ("key", "number"):
            if len({getattr(person, field) for person in people}) != len(people):
                raise ValueError(f"two persons have the same {field}")
        for person in people:
            for record in person.insurance:
                _check_record(person.key, record)
        return people


def _check_record(key: str, record: Insurance) -> None:
    """A record's months are months, in order, and it holds no more of them than fit between."""
    for month in (record.first, record.last):
        if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
            raise ValueError(f"{key}: {month} is no month; write 2026-03")
    span = (
        12 * (int(record.last[:4]) - int(record.first[:4])) + int(record.last[5:]) - int(record.first[5:]) + 1
    )
    if not 0 < record.months_paid <= span:
        raise ValueError(f"{key}: {record.months_paid} months do not fit {record.first} to {record.last}")


def load(path: Path = FILE) -> Mapping[str, Person]:
    """The people of a file by key, in its order. toml_file.ConfigError when it does not fit."""
    return {person.key: person for person in toml_file.load(path, _File).person}


@cache
def people() -> Mapping[str, Person]:
    """The demo's people by key, in the order of the file."""
    return load()


def person(key: str) -> Person:
    """One of the demo's people. ValueError naming the known keys when there is no such person."""
    if key not in people():
        raise ValueError(f"there is no person {key}; there are {', '.join(people())}")
    return people()[key]
