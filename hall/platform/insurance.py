"""What a person has paid, month by month, out of the invented records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from config.people import Insurance, Person

READY = 7  # the month in which the year before is closed


@dataclass(frozen=True)
class Paid:
    """One insurance within a period. Months are `YYYY-MM`: the first and last paid in it."""

    kind: str
    first: str
    last: str
    months: int
    employer: str


def paid(person: Person, kinds: tuple[str, ...], first: str, last: str) -> tuple[Paid, ...]:
    """What was paid of these insurances from `first` to `last` (`YYYY-MM`), without empty ones."""
    found = []
    for record in person.insurance:
        if record.kind not in kinds:
            continue
        months = [m for m in _paid_months(record) if _index(first) <= m <= _index(last)]
        if months:
            ends = (_text(months[0]), _text(months[-1]))
            found.append(Paid(record.kind, *ends, len(months), record.employer))
    return tuple(found)


def known_period(person: Person) -> tuple[str, str] | None:
    """The first and last month of all records; None without any."""
    if not person.insurance:
        return None
    return min(r.first for r in person.insurance), max(r.last for r in person.insurance)


def paid_months(record: Insurance) -> tuple[str, ...]:
    """The months of one record that were paid, `YYYY-MM`, in order."""
    return tuple(_text(month) for month in _paid_months(record))


@dataclass(frozen=True)
class PensionYear:
    """The pension in one year. `paid` and `totals` (paid months so far) have one entry for each month."""

    employer: str
    paid: tuple[bool, ...]
    totals: tuple[int, ...]
    since: str  # first month paid at all, YYYY-MM
    until: str  # last one up to the year's end


def years_on_record(person: Person, today: date) -> tuple[str, ...]:
    """The last five years with a paid month, the youngest first; a year is ready in the next July."""
    months = {month // 12 for record in _pensions(person) for month in _paid_months(record)}
    return tuple(year for year in last_years(today) if int(year) in months)


def last_years(today: date) -> tuple[str, ...]:
    """The last five years that are closed, the youngest first."""
    last = today.year - (1 if today.month >= READY else 2)
    return tuple(str(year) for year in range(last, last - 5, -1))


def pension_year(person: Person, year: int) -> PensionYear:
    """One of `years_on_record`."""
    records = _pensions(person)
    months = sorted({month for record in records for month in _paid_months(record)})
    wanted = range(year * 12, year * 12 + 12)
    past = [month for month in months if month <= wanted[-1]]
    return PensionYear(
        employer=next(r.employer for r in records if set(_paid_months(r)) & set(wanted)),
        paid=tuple(month in past for month in wanted),
        totals=tuple(sum(paid <= month for paid in past) for month in wanted),
        since=_text(past[0]),
        until=_text(past[-1]),
    )


def _pensions(person: Person) -> tuple[Insurance, ...]:
    return tuple(record for record in person.insurance if record.kind == "pension")


def _paid_months(record: Insurance) -> list[int]:
    """The record says how many months are missing, not which: here one gap, in the middle of its span."""
    span = list(range(_index(record.first), _index(record.last) + 1))
    missing = len(span) - record.months_paid
    before = record.months_paid // 2
    return span[:before] + span[before + missing :]


def _index(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1


def _text(index: int) -> str:
    return f"{index // 12:04}-{index % 12 + 1:02}"
