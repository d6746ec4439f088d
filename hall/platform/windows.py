"""Queue numbers of the hall's windows: numbered per day and window, with the people still waiting.

The reference hall has no calling system, so a window is taken to serve one person after another,
`SERVING` each; a hall with a calling system asks that instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select

from hall.platform.clock import as_utc, from_utc
from hall.platform.store import next_value, tickets

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


def take(transaction: Connection, windows: tuple[str, ...], window: str, now: datetime) -> Ticket:
    """The next number of a window; its letter is the window's place among `windows`."""
    ahead = waiting(transaction, window, now)
    number = next_value(transaction, f"ticket:{now:%Y%m%d}:{window}")
    transaction.execute(
        insert(tickets).values(day=f"{now:%Y-%m-%d}", window=window, number=number, taken_at=as_utc(now))
    )
    return Ticket(f"{chr(ord('A') + windows.index(window) % 26)}{number:03}", ahead)


def waiting(connection: Connection, window: str, now: datetime) -> int:
    """How many people stand in a window's queue now."""
    rows = connection.execute(
        select(tickets.c.taken_at)
        .where(tickets.c.day == f"{now:%Y-%m-%d}", tickets.c.window == window)
        .order_by(tickets.c.number)
    )
    return still_waiting((from_utc(row.taken_at) for row in rows), now)


def still_waiting(taken: Iterable[datetime], now: datetime) -> int:
    """How many of those who took a number, in this order, are not yet served at `now`."""
    free_at: datetime | None = None
    count = 0
    for moment in taken:
        free_at = (moment if free_at is None else max(free_at, moment)) + SERVING
        count += free_at > now
    return count
