"""司法: matters before the notary (公证), and where each stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from config import toml_file
from config.part import Part

FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Step:
    """One step of a matter. Not `done`: the one that it waits at."""

    day: date
    what: str  # a row `step_…` of office_justice
    done: bool = True


@dataclass(frozen=True)
class Matter:
    """One citizen's matter. `kind` is an option of the form."""

    number: str
    citizen: str
    kind: str
    office: str
    steps: tuple[Step, ...]


class _File(Part):
    matter: tuple[Matter, ...]


@cache
def matters() -> tuple[Matter, ...]:
    """Every matter. toml_file.ConfigError when the file does not fit."""
    return toml_file.load(FILE, _File).matter
