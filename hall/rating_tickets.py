"""Tickets of bad ratings (差评处置): one or two stars open one, and somebody must close it.

Somebody looks after it, calls back, and closes it with what came of it, within 15 working days (local
practice under 国办发〔2019〕51号). No ticket names a person: who asks goes by the case number to its office.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select, update

from hall.data import notes, reading
from hall.data.desk_tables import rating_tickets

BAD = 2  # stars, and less
DAYS = 15  # working days: Monday to Friday, since nobody here knows the year's holidays
CALLS = ("reached", "unreached", "nobody")
KEPT = 200  # closed ones that a page shows
Row = dict[str, Any]
_SATURDAY = 5


def of_rating(rating: Row) -> Row | None:
    """The ticket that a rating's row opens; None for one that is not bad."""
    if rating["stars"] > BAD:
        return None
    told = ("terminal", "session", "service", "case_no", "number", "stars", "codes")
    return {name: rating[name] for name in told} | {"opened": rating["at"]}


def due(opened: int, zone: ZoneInfo) -> int:
    """Until when it must be closed: the end of the fifteenth working day behind that of the rating."""
    day = datetime.fromtimestamp(opened / 1000, zone).date()
    left = DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < _SATURDAY
    end = datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)
    return int(end.timestamp() * 1000)


def shown(tx: Connection, areas: reading.Areas, zone: ZoneInfo, *, closed: bool = False) -> list[Row]:
    """The open ones, the oldest first; or those that are closed, the youngest first. Each with its `due`."""
    t = rating_tickets.c
    query = select(rating_tickets).where(reading.within(t.terminal, areas))
    if closed:
        query = query.where(t.closed > 0).order_by(t.closed.desc(), t.n.desc()).limit(KEPT)
    else:
        query = query.where(t.closed == 0).order_by(t.opened, t.n)
    return [_with_due(dict(row._mapping), zone) for row in tx.execute(query)]


def one(tx: Connection, n: int, zone: ZoneInfo) -> Row | None:
    """The ticket of this number."""
    row = tx.execute(select(rating_tickets).where(rating_tickets.c.n == n)).one_or_none()
    return _with_due(dict(row._mapping), zone) if row else None


def take(tx: Connection, n: int, who: str, now: int) -> bool:
    """Somebody looks after it; who says so later takes it over. False when it is closed."""
    return _change(tx, n, taken_by=who, taken=now)


def called(tx: Connection, n: int, who: str, how: str, now: int) -> bool:
    """Somebody has called back, or nobody is known: one of CALLS. False when it is closed."""
    return _change(tx, n, call=how, called_by=who, called=now)


def close(tx: Connection, n: int, who: str, note: str, now: int) -> bool:
    """What came of it. False when it is closed already, or nobody has called back."""
    t = rating_tickets.c
    return _change(tx, n, t.called > 0, closed_by=who, closed=now, note=note[:500])


def _change(tx: Connection, n: int, *conditions: Any, **values: Any) -> bool:
    t = rating_tickets.c
    query = update(rating_tickets).where(t.n == n, t.closed == 0, *conditions)
    terminal = tx.scalar(query.values(**values).returning(t.terminal))
    if terminal is None:
        return False
    notes.leave(tx, [(terminal, "tickets")])
    return True


def _with_due(row: Row, zone: ZoneInfo) -> Row:
    return row | {"due": due(row["opened"], zone)}
