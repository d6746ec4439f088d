"""教育: who is entered at which school of compulsory education, and where whose file of studies is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from config import toml_file
from config.part import Part

FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Entry:
    """A child's entry to primary or middle school. Keys of citizens; the guardians are his parents."""

    pupil: str
    guardians: tuple[str, ...]
    year: int
    stage: Literal["primary", "middle"]  # 幼升小, 小升初
    school: str
    state: Literal["admitted", "checking"]
    registered: date
    told: date | None = None  # the day the letter of admission went out


@dataclass(frozen=True)
class StudyFile:
    """A file of studies (学籍档案): of whom, from which school, and who keeps it."""

    citizen: str
    school: str
    first: int
    degree: str
    number: str
    keeper: str
    since: date  # the keeper has it
    last: int | None = None  # None: still studies there


class _File(Part):
    entry: tuple[Entry, ...]
    study_file: tuple[StudyFile, ...]


@cache
def _file() -> _File:
    return toml_file.load(FILE, _File)


def entries() -> tuple[Entry, ...]:
    """Every child's entry. toml_file.ConfigError when the file does not fit."""
    return _file().entry


def guardians(pupil: str) -> frozenset[str]:
    """A child's guardians on record."""
    return frozenset(key for entry in entries() if entry.pupil == pupil for key in entry.guardians)


def study_files(key: str) -> tuple[StudyFile, ...]:
    """A citizen's files, the youngest first."""
    found = (one for one in _file().study_file if one.citizen == key)
    return tuple(sorted(found, key=lambda one: one.first, reverse=True))
