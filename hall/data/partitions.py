"""Messages by month, on PostgreSQL: a month's partition is made before it begins and dropped whole when old.

A message belongs to the month in which it was made, as its UUIDv7 says. Ids that say something absurd are
kept in `messages_default`, where retention deletes row by row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import Connection, text

from hall.data import bulk

AHEAD = 2  # months that are ready before they begin
TURN = 0x68616C6C  # advisory lock of whoever changes the form of the store ("hall")
_NAME = re.compile(r"messages_(\d{4})_(\d{2})")
_CHILDREN = text(
    "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
    " WHERE i.inhparent = 'messages'::regclass ORDER BY c.relname"
)


def make(tx: Connection, now_ms: int) -> list[str]:
    """Make the partitions of this month and the next; returns those that are new. Nothing on SQLite."""
    if tx.dialect.name != "postgresql":
        return []
    bulk.take_turn(tx, TURN)
    there = set(tx.scalars(_CHILDREN))
    made = []
    for year, month in _months(now_ms, AHEAD + 1):
        name = f"messages_{year:04d}_{month:02d}"
        if name not in there:
            _make(tx, name, _first_id(year, month), _first_id(*_next(year, month)))
            made.append(name)
    return made


def drop(tx: Connection, edge_ms: int) -> list[str]:
    """Drop the partitions of months that ended before `edge_ms`; returns them. Nothing on SQLite."""
    if tx.dialect.name != "postgresql":
        return []
    bulk.take_turn(tx, TURN)
    gone = []
    for name in tx.scalars(_CHILDREN).all():
        found = _NAME.fullmatch(name)
        if found and _begin(*_next(int(found[1]), int(found[2]))) <= edge_ms:
            tx.execute(text(f"DROP TABLE {name}"))
            gone.append(name)
    return gone


def first_id(moment_ms: int) -> str:
    """No UUIDv7 made at or after `moment_ms` sorts before it."""
    digits = f"{max(moment_ms, 0):012x}"
    return f"{digits[:8]}-{digits[8:12]}"


def _make(tx: Connection, name: str, first: str, end: str) -> None:
    """With what the default partition has of it, from a time when nobody made partitions."""
    tx.execute(text(f"CREATE TABLE {name} (LIKE messages INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"))
    moved = f"DELETE FROM messages_default WHERE id >= '{first}' AND id < '{end}' RETURNING *"  # noqa: S608 (ours)
    tx.execute(text(f"WITH moved AS ({moved}) INSERT INTO {name} SELECT * FROM moved"))  # noqa: S608 (ours)
    tx.execute(text(f"ALTER TABLE messages ATTACH PARTITION {name} FOR VALUES FROM ('{first}') TO ('{end}')"))


def _months(now_ms: int, count: int) -> Iterator[tuple[int, int]]:
    day = datetime.fromtimestamp(now_ms / 1000, UTC)
    year, month = day.year, day.month
    for _ in range(count):
        yield year, month
        year, month = _next(year, month)


def _next(year: int, month: int) -> tuple[int, int]:
    return (year + 1, 1) if month == 12 else (year, month + 1)


def _begin(year: int, month: int) -> int:
    return int(datetime(year, month, 1, tzinfo=UTC).timestamp() * 1000)


def _first_id(year: int, month: int) -> str:
    return first_id(_begin(year, month))
