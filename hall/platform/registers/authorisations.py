"""Authorisations that were made at a window: who may act for whom, in which services, until when."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy.dialects.sqlite import insert

from config import toml_file
from config.people import Person
from hall.platform.store import Store
from hall.platform.tables import authorisations

FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Row:
    """One of them. Persons by their key; `made_at`, `withdrawn_at` in UTC."""

    number: str
    principal: str
    agent: str
    mode: Literal["errand", "proxy"]
    services: tuple[str, ...]
    until: date
    made_at: datetime
    withdrawn_at: datetime | None = None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    authorisation: tuple[Row, ...]


@cache
def load() -> tuple[Row, ...]:
    """The rows of the file. toml_file.ConfigError when they do not fit."""
    return toml_file.load(FILE, _File).authorisation


def lay_down(store: Store, citizens: Mapping[str, Person]) -> None:
    """The authorisations that the windows have made, of the register's file; those here already stay."""
    numbers = {person.key: person.number for person in citizens.values()}
    with store.transaction() as transaction:
        for one in load():
            if not {one.principal, one.agent} <= numbers.keys():
                continue  # other people than the demo's
            values = {
                "number": one.number,
                "principal": numbers[one.principal],
                "agent": numbers[one.agent],
                "mode": one.mode,
                "services": json.dumps(one.services),
                "until": one.until.isoformat(),
                "signature": "",
                "made_at": one.made_at,
                "withdrawn_at": one.withdrawn_at,
            }
            transaction.execute(insert(authorisations).values(**values).on_conflict_do_nothing())
