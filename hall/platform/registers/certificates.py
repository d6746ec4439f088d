"""The e-certificates (电子证照) that citizens hold: cited instead of copied, renewed before they expire."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from config import toml_file
from config.certificate import TYPES, issue_number
from config.identity_api import ECertificate
from config.people import Person
from config.words import Words

FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Certificate:
    """One row: whose, of which kind; `valid_until` None is without an end."""

    holder: str
    type: str
    serial: str
    version: int = 1
    valid_until: date | None = None


class Register(BaseModel):
    """The file: names and renewing services by kind, and who holds what."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    names: dict[str, Words]
    renewed_by: dict[str, str] = Field(default_factory=dict)
    certificate: tuple[Certificate, ...]

    @model_validator(mode="after")
    def _kinds_are_known(self) -> Register:
        kinds = {one.type for one in self.certificate} | self.renewed_by.keys() | self.names.keys()
        if unknown := kinds - TYPES.keys():
            raise ValueError(f"config/certificate.py has no type {', '.join(sorted(unknown))}")
        if nameless := kinds - self.names.keys():
            raise ValueError(f"a kind without a name: {', '.join(sorted(nameless))}")
        return self


@cache
def load() -> Register:
    """The register. toml_file.ConfigError when it does not fit."""
    return toml_file.load(FILE, Register)


def held(
    person: Person, today: date, prolonged: Mapping[str, date] | None = None
) -> tuple[ECertificate, ...]:
    """What a citizen holds that is valid today, the soonest to expire first.

    `prolonged`: by kind, until when it holds since it was renewed here.
    """
    register, later = load(), prolonged or {}
    all_his = [_renewed(one, later.get(one.type)) for one in _of(person, register)]
    valid = [one for one in all_his if one.valid_until is None or one.valid_until >= today]
    valid.sort(key=lambda one: one.valid_until or date.max)
    return tuple(
        ECertificate(
            identifier=issue_number(one.serial, one.version, kind=TYPES[one.type]),
            type=one.type,
            name=register.names[one.type],
            valid_until=one.valid_until,
            renew=register.renewed_by.get(one.type, ""),
        )
        for one in valid
    )


def _renewed(one: Certificate, until: date | None) -> Certificate:
    """The next version, where it holds longer now."""
    if until is None or one.valid_until is None or until <= one.valid_until:
        return one
    return replace(one, version=one.version + 1, valid_until=until)


def _of(person: Person, register: Register) -> Iterator[Certificate]:
    """The identity card's own, which lasts as long as the card, and the rows of the file.

    Its serial has no part of the identity number: an identifier stands on papers that others see.
    """
    mark = hashlib.sha256(person.key.encode()).hexdigest()[:6].upper()
    yield Certificate(person.key, "identity", f"ID{person.valid_from:%Y%m%d}{mark}", 1, person.valid_to)
    yield from (one for one in register.certificate if one.holder == person.key)
