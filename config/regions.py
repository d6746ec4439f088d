"""Administrative divisions (GB/T 2260, six digits) as far as this house needs them: `regions.toml`.

Provinces by their real names and codes; below them our invented city and invented neighbours, since no
sample names a real office.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import Field

from config import toml_file
from config.part import Part
from config.words import Words

FILE = Path(__file__).parent / "regions.toml"


@dataclass(frozen=True)
class Region:
    """One division. `parent` is empty for a province."""

    code: str
    name: Words
    parent: str


class _Row(Part):
    code: str = Field(pattern=r"^\d{6}$")
    name: Words


class _File(Part):
    plate_letters: str
    region: tuple[_Row, ...]


@cache
def _file() -> _File:
    return toml_file.load(FILE, _File)


def plate_letters() -> str:
    """The characters with which number plates begin, one a province."""
    return _file().plate_letters


@cache
def regions() -> Mapping[str, Region]:
    """Every division by code, in the file's order."""
    rows = _file().region
    codes = {row.code for row in rows}
    return {row.code: Region(row.code, row.name, _parent(row.code, codes)) for row in rows}


def under(code: str) -> tuple[Region, ...]:
    """The divisions directly in this one; of an empty code, the provinces."""
    return tuple(region for region in regions().values() if region.parent == code)


def full_name(code: str) -> Words | None:
    """`示例省示例市示范区`; None for an unknown code."""
    region = regions().get(code)
    if region is None:
        return None
    above = full_name(region.parent) if region.parent else None
    if above is None:
        return region.name
    return Words(above.zh + region.name.zh, f"{region.name.en}, {above.en}")


def _parent(code: str, codes: set[str]) -> str:
    for above in (code[:4] + "00", code[:2] + "0000"):
        if above != code and above in codes:
            return above
    return ""
