"""What medical insurance holds: who is insured and how, visits, bills, care away from home."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from config import toml_file

Kind = Literal["employee", "retired", "resident"]


@dataclass(frozen=True)
class Insured:
    """One citizen's insurance here. Fen; `until` is empty while it goes on; `credit` is a retired one's."""

    kind: Kind
    region: str
    since: str
    until: str = ""
    balance: int = 0  # of the account
    credit: int = 0  # into it, a month

    @property
    def form_kind(self) -> Literal["employee", "resident"]:
        """As forms spell it: who was an employee is one still."""
        return "resident" if self.kind == "resident" else "employee"


@dataclass(frozen=True)
class Visit:
    """One visit that was settled: `fund` of `total` fen by insurance."""

    who: str
    day: date
    place: str
    kind: Literal["outpatient", "inpatient", "chemist"]
    diagnosis: str
    total: int
    fund: int


@dataclass(frozen=True)
class Claim:
    """Bills that were brought to the window, and what became of them."""

    who: str
    number: str
    brought: date
    place: str
    total: int
    state: Literal["received", "checking", "paid", "returned"]
    paid: int = 0
    paid_on: date | None = None


@dataclass(frozen=True)
class Away:
    """Care away from home, from `first` to `last`; None: until it is cancelled."""

    who: str
    kind: str
    region: str
    first: date
    last: date | None = None


@dataclass(frozen=True)
class Elsewhere:
    """Insured in another place up to `until`; empty: still."""

    who: str
    kind: Literal["employee", "resident"]
    region: str
    until: str


class Register(BaseModel):
    """The file; citizens by their key."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    booked_until: str
    resident_fee: int
    resident_subsidy: int
    booklets_in: str
    insured: dict[str, Insured]
    visit: tuple[Visit, ...] = ()
    claim: tuple[Claim, ...] = ()
    away: tuple[Away, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    booklet: dict[str, date] = Field(default_factory=dict)


@cache
def load() -> Register:
    """The register beside this file. toml_file.ConfigError when it does not fit."""
    return toml_file.load(Path(__file__).with_suffix(".toml"), Register)
