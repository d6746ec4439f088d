"""What social insurance holds: wages, pensions, who is out of work, social security cards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from config import toml_file


@dataclass(frozen=True)
class Pension:
    """What is paid out: fen a month, since `YYYY-MM`; `confirmed` is the day of the last yearly check."""

    fen: int
    since: str
    confirmed: date


@dataclass(frozen=True)
class Unemployed:
    """Registered as looking for work."""

    since: date


@dataclass(frozen=True)
class Left:
    """The last day of work that an employer told."""

    day: date


@dataclass(frozen=True)
class Card:
    """A social security card: of which bank; `lost` since a report, or `made` so far."""

    number: str
    bank: str  # an option of SB06's field
    issued: date | None = None
    lost: date | None = None
    asked: date | None = None
    made: Literal["", "asked", "personalised", "ready"] = ""
    ready: date | None = None  # can be fetched from this day on


class Register(BaseModel):
    """The file; citizens by their key."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    booked_until: str
    benefit: int
    average: dict[int, int]
    percent: dict[str, int]
    self_insured: dict[str, str]
    pension: Mapping[str, Pension] = Field(default_factory=dict)
    unemployed: Mapping[str, Unemployed] = Field(default_factory=dict)
    left: Mapping[str, Left] = Field(default_factory=dict)
    card: Mapping[str, Card] = Field(default_factory=dict)

    def base(self, key: str, year: int) -> int:
        """On how many fen a month a citizen pays in a year: whole yuan."""
        average = self.average[max(since for since in self.average if since <= max(year, min(self.average)))]
        return average * self.percent.get(key, 100) // 10_000 * 100


@cache
def load() -> Register:
    """The register beside this file. toml_file.ConfigError when it does not fit."""
    return toml_file.load(Path(__file__).with_suffix(".toml"), Register)
