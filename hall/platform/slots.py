"""Appointments at an office: half-hours of the next working days, so many people each.

When an office receives is data (`slots.toml`). A place is taken in the transaction of its case: two people
never get the last one, and a case that fails gives its place back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

from pydantic import Field
from sqlalchemy import Connection, insert, select

from config import toml_file
from config.form import When
from config.part import Part
from config.platform_api import FormData, FormOption
from config.rules import day_of
from config.words import Words, same, words
from hall.platform.clock import as_utc
from hall.platform.office import Asking, Filing
from hall.platform.refusals import Refused
from hall.platform.tables import appointments

FILE = Path(__file__).with_name("slots.toml")
STEP = timedelta(minutes=30)


class Office(Part):
    """When an office receives people by appointment."""

    spans: tuple[str, ...] = Field(min_length=1)  # "09:00-11:30": the last half-hour begins at 11:00
    weekdays: tuple[int, ...]  # 1 is Monday
    ahead: int = Field(ge=1, le=30)  # so many working days, from tomorrow on
    places: int = Field(ge=1)  # people in a half-hour

    @property
    def slots(self) -> tuple[str, ...]:
        """The half-hours of a day by their beginning: 09:00, 09:30 …"""
        return tuple(slot for span in self.spans for slot in _half_hours(span))


class _File(Part):
    closed: tuple[date, ...] = ()
    office: dict[str, Office]


@dataclass(frozen=True)
class Place:
    """One appointment. `number` is the person's place in that half-hour, from 1 on."""

    office: str
    day: date
    slot: str
    number: int

    @property
    def words(self) -> Words:
        """`11月24日 周二 09:30`."""
        return words("slots.place", day=day_words(self.day), slot=self.slot)


def offices() -> Mapping[str, Office]:
    """Every office that receives by appointment, by its name."""
    return _file().office


def closed_days() -> frozenset[date]:
    """The public holidays that the hall knows of."""
    return frozenset(_file().closed)


def days(office: str, today: date) -> tuple[date, ...]:
    """The days on which an appointment can be had, from tomorrow on. KeyError for an unknown office."""
    told, found, day = offices()[office], list[date](), today
    while len(found) < told.ahead:
        day += timedelta(days=1)
        if day.isoweekday() in told.weekdays and day not in closed_days():
            found.append(day)
    return tuple(found)


def free(connection: Connection, office: str, day: date) -> Mapping[str, int]:
    """The places left in each half-hour of a day; full ones are 0."""
    taken = dict.fromkeys(offices()[office].slots, 0)
    rows = connection.scalars(
        select(appointments.c.slot).where(appointments.c.office == office, appointments.c.day == f"{day}")
    )
    for slot in rows:
        taken[slot] = taken.get(slot, 0) + 1
    return {slot: max(0, offices()[office].places - taken[slot]) for slot in offices()[office].slots}


def take(transaction: Connection, office: str, day: str, slot: str, case_no: str, now: datetime) -> Place:
    """A place for a case. `day` is `2026-11-24`, `slot` `09:30`, as a form has them.

    Refused `slot_unknown` (422) when nobody is received then, `slot_full` (409) with what that day still has.
    """
    wanted = day_of(day)
    if wanted is None or wanted not in days(office, now.date()) or slot not in offices()[office].slots:
        raise Refused("slot_unknown", 422)
    left = free(transaction, office, wanted)
    if not left[slot]:
        others = [other for other, places in left.items() if places]
        found = _listed(others) if others else words("slots.none")
        raise Refused("slot_full", 409, day=day_words(wanted), slot=slot, others=found)
    number = offices()[office].places - left[slot] + 1
    transaction.execute(
        insert(appointments).values(
            office=office, day=f"{wanted}", slot=slot, number=number, case_no=case_no, taken_at=as_utc(now)
        )
    )
    return Place(office, wanted, slot, number)


def take_for(filing: Filing, office: str) -> Place:
    """The place that a form with `day` and `slot` asks for. Refused as `take`."""
    return take(
        filing.transaction, office, filing.text("day"), filing.text("slot"), filing.case_no, filing.now
    )


def form(asking: Asking, office: str) -> FormData:
    """The fields `day` and `slot` of a form, filled with what is free."""
    with asking.parts.store.reading() as connection:
        return FormData(options=options(connection, office, asking.today))


def options(connection: Connection, office: str, today: date) -> dict[str, tuple[FormOption, ...]]:
    """The days with their places, and the half-hours, each only on the days when it has a place."""
    by_day = {day: free(connection, office, day) for day in days(office, today)}
    open_days = tuple(
        FormOption(
            value=f"{day}", name=words("slots.day", day=day_words(day), left=sum(by_day[day].values()))
        )
        for day in by_day
        if any(by_day[day].values())
    )
    half_hours = []
    for slot in offices()[office].slots:
        on = tuple(f"{day}" for day in by_day if by_day[day][slot])
        if on:
            half_hours.append(FormOption(value=slot, name=same(slot), only_if=When(field="day", is_in=on)))
    return {"day": open_days, "slot": tuple(half_hours)}


def day_words(day: date) -> Words:
    """`11月24日 周二`."""
    weekday = words(f"slots.weekday_{day.isoweekday()}")
    return words("slots.on", month=day.month, day=day.day, weekday=weekday)


def _listed(texts: list[str]) -> Words:
    comma = words("slots.comma")
    return Words(comma.zh.join(texts), comma.en.join(texts))


@cache
def _file() -> _File:
    return toml_file.load(FILE, _File)


def _half_hours(span: str) -> tuple[str, ...]:
    first, last = (datetime.combine(date.min, time.fromisoformat(end)) for end in span.split("-"))
    count = int((last - first) / STEP)
    return tuple(f"{first + STEP * n:%H:%M}" for n in range(count))
