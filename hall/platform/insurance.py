"""What a person has paid, month by month, out of the invented records."""

from __future__ import annotations

from dataclasses import dataclass

from config.people import Insurance, Person


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
