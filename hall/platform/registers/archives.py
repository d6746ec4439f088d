"""民生档案: what the archives keep of the citizens: only children, years in the countryside, the army …

Marriages are not kept twice: `marriages.py` has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from config import toml_file
from config.part import Part
from config.words import words
from hall.platform.registers import marriages

FILE = Path(__file__).with_suffix(".toml")

Kind = Literal["marriage", "only_child", "youth", "veteran", "injury", "second_child"]


@dataclass(frozen=True)
class Archive:
    """One record. `person` is a citizen's key."""

    person: str
    kind: Kind
    number: str  # 档号
    day: date
    what: str
    keeper: str


class _File(Part):
    archive: tuple[Archive, ...]


@cache
def load() -> tuple[Archive, ...]:
    """Every record but marriages. toml_file.ConfigError when the file does not fit."""
    return toml_file.load(FILE, _File).archive


def of(person: str, kind: str) -> tuple[Archive, ...]:
    """The records of a citizen of one kind, the oldest first."""
    if kind == "marriage":
        return tuple(_married(person))
    return tuple(sorted((a for a in load() if (a.person, a.kind) == (person, kind)), key=lambda a: a.day))


def _married(person: str) -> list[Archive]:
    """Marriages and divorces. Who the other side is stands in the register's own certificate, not here."""
    found = []
    for one in marriages.of(person):
        told = words("office_general.archive_married").zh
        found.append(Archive(person, "marriage", one.number, one.day, told, one.office))
        if one.divorced is not None:
            told = words("office_general.archive_divorced").zh
            found.append(Archive(person, "marriage", one.divorce_number, one.divorced, told, one.office))
    return found
