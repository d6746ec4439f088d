"""Queue numbers of the hall's windows: numbered per day and window, with the people still waiting.

The reference hall has no calling system, so a window is taken to serve one person after another,
`SERVING` each, whoever has priority (老年人 …) first; a hall with a calling system asks that instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select

from hall.platform.clock import as_utc, from_utc
from hall.platform.store import next_value
from hall.platform.tables import tickets

SERVING = timedelta(minutes=4)


@dataclass(frozen=True)
class Ticket:
    """One place in a queue: `A007`, and how many stand before it."""

    text: str
    waiting: int

    @property
    def minutes(self) -> int:
        """How long that takes, about."""
        return int(self.waiting * SERVING.total_seconds() // 60)


def take(
    transaction: Connection, windows: tuple[str, ...], window: str, now: datetime, priority: bool = False
) -> Ticket:
    """The next number of a window. With priority, only those who have it too stand before it."""
    ahead = waiting(transaction, window, now, priority)
    number = next_value(transaction, f"ticket:{now:%Y%m%d}:{window}")
    transaction.execute(
        insert(tickets).values(
            day=f"{now:%Y-%m-%d}", window=window, number=number, taken_at=as_utc(now), priority=priority
        )
    )
    return Ticket(f"{letter(windows, window)}{number:03}", ahead)


def letter(windows: tuple[str, ...], window: str) -> str:
    """What the numbers of a window begin with: its place among `windows`."""
    return chr(ord("A") + windows.index(window) % 26)


def waiting(connection: Connection, window: str, now: datetime, priority: bool = False) -> int:
    """How many people of a window's queue would be served before one who comes now."""
    rows = connection.execute(
        select(tickets.c.taken_at, tickets.c.priority)
        .where(tickets.c.day == f"{now:%Y-%m-%d}", tickets.c.window == window)
        .order_by(tickets.c.number)
    )
    left = unserved(((from_utc(row.taken_at), row.priority) for row in rows), now)
    return sum(first or not priority for first in left)


def unserved(taken: Iterable[tuple[datetime, bool]], now: datetime) -> list[bool]:
    """Of those who took a number (when, with priority), in this order: who is not served at `now`.

    Whoever is at the window counts too, as one with priority: nobody goes before him.
    """
    rest = list(taken)
    free_at: datetime | None = None
    while rest:
        first = rest[0][0]
        idle = free_at is None or free_at <= first  # nobody waited: whoever came is served, whoever he is
        start = first if idle or free_at is None else free_at
        if start > now:
            break
        come = [n for n, (moment, _) in enumerate(rest) if moment <= start]
        served = 0 if idle else next((n for n in come if rest[n][1]), 0)
        free_at = start + SERVING
        if free_at > now:
            return [True, *(priority for n, (_, priority) in enumerate(rest) if n != served)]
        del rest[served]
    return [priority for _, priority in rest]
