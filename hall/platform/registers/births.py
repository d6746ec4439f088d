"""卫生健康: births, as the hospitals tell them (出生医学证明)."""

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
class Birth:
    """One newborn. `mother` and `father` are citizens' keys."""

    certificate: str
    child: str
    sex: Literal["male", "female"]
    day: date
    hospital: str
    mother: str
    father: str


class _File(Part):
    birth: tuple[Birth, ...]


@cache
def load() -> tuple[Birth, ...]:
    """Every birth of the register. toml_file.ConfigError when the file does not fit."""
    return toml_file.load(FILE, _File).birth


def of_parent(person: str) -> tuple[Birth, ...]:
    """The newborn children of a citizen."""
    return tuple(one for one in load() if person in (one.mother, one.father))
