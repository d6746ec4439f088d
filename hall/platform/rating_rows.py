"""The rows of ratings: of each case or visit a first one and a follow-up, each once.

No row names a person. Whoever looks after a bad one asks by the case number, as for any other matter.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from hall.platform.clock import as_utc
from hall.platform.tables import ratings

FIRST, FOLLOW_UP = 1, 2
Verdict = Literal["kept", "again", "too_early"]


@dataclass(frozen=True)
class Given:
    """One rating as it was given. `about` is a case number, or a session where nothing was filed."""

    about: str
    number: int
    stars: int
    codes: tuple[str, ...]
    text: str
    channel: Literal["terminal", "receipt"]


def next_number(connection: Connection, about: str) -> int:
    """1 before any rating, 2 after the first, 0 when both have been given."""
    numbers = set(connection.scalars(select(ratings.c.number).where(ratings.c.case_no == about)))
    return next((number for number in (FIRST, FOLLOW_UP) if number not in numbers), 0)


def keep(transaction: Connection, given: Given, now: datetime) -> Verdict:
    """Keeps it once. The same one again is kept all the same; a follow-up wants a first one."""
    if given.number == FOLLOW_UP and next_number(transaction, given.about) == FIRST:
        return "too_early"
    told = {"stars": given.stars, "codes": json.dumps(sorted(set(given.codes))), "text": given.text}
    key = {"case_no": given.about, "number": given.number}
    row = insert(ratings).values(**key, **told, channel=given.channel, given_at=as_utc(now))
    transaction.execute(row.on_conflict_do_nothing())
    r = ratings.c
    kept = transaction.execute(
        select(ratings).where(r.case_no == given.about, r.number == given.number)
    ).one()
    return "kept" if all(getattr(kept, name) == value for name, value in told.items()) else "again"
