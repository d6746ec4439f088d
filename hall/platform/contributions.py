"""What was paid into a pension, month by month: on which base, by whom, how much."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from config.people import Insurance, Person
from hall.platform.insurance import paid_months
from hall.platform.registers import social

OWN, EMPLOYERS, ALONE = 8, 16, 20  # percent of the base: the insured, his employer, who pays for himself


@dataclass(frozen=True)
class Month:
    """One paid month (`YYYY-MM`). Amounts in fen: what it was reckoned on, own share, employer's share."""

    month: str
    base: int
    own: int
    employers: int


@dataclass(frozen=True)
class Year:
    """What was paid in one year. `base` is that of its last month."""

    year: str
    months: int
    base: int
    own: int
    employers: int


def pension_months(person: Person, first: str, last: str) -> tuple[Month, ...]:
    """Every month from `first` to `last` (`YYYY-MM`) that was paid for the pension, in order."""
    return tuple(
        _month(person.key, month)
        for record in person.insurance
        if record.kind == "pension"
        for month in paid_months(record)
        if first <= month <= last
    )


def by_year(months: Iterable[Month]) -> Iterator[Year]:
    """The same, added up year by year."""
    for year, group in groupby(months, key=lambda one: one.month[:4]):
        found = list(group)
        own, employers = sum(one.own for one in found), sum(one.employers for one in found)
        yield Year(year, len(found), found[-1].base, own, employers)


def is_paying(record: Insurance) -> bool:
    """Is this insurance paid up to the last month that is booked?"""
    return record.last >= social.load().booked_until


def is_self_insured(person: Person) -> bool:
    """Does he pay for himself (灵活就业)?"""
    return person.key in social.load().self_insured


def _month(key: str, month: str) -> Month:
    register = social.load()
    base = register.base(key, int(month[:4]))
    if key in register.self_insured:
        return Month(month, base, base * ALONE // 100, 0)
    return Month(month, base, base * OWN // 100, base * EMPLOYERS // 100)
