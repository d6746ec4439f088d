"""民政: households with an allowance, and old people with theirs."""

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
class Relief:
    """A household's relief: 低保, 特困, 低收入. Money in fen a month; valid until `until`."""

    citizen: str
    kind: Literal["minimum", "destitute", "low_income"]
    number: str
    people: int
    fen: int
    since: date
    until: date
    office: str


@dataclass(frozen=True)
class Elder:
    """What an old citizen has already: 高龄津贴 or 居家养老."""

    citizen: str
    kind: Literal["allowance", "home_care"]
    since: date


class _File(Part):
    relief: tuple[Relief, ...]
    elder: tuple[Elder, ...]


@cache
def _file() -> _File:
    return toml_file.load(FILE, _File)


@cache
def reliefs() -> Mapping[str, Relief]:
    """The relief of each citizen who has any. toml_file.ConfigError when the file does not fit."""
    return {one.citizen: one for one in _file().relief}


def elders(key: str) -> tuple[Elder, ...]:
    """What an old citizen has already."""
    return tuple(one for one in _file().elder if one.citizen == key)
