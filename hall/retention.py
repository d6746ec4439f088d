"""What is old goes, a little at a time, so that nobody waits for it.

On PostgreSQL messages go by the month (`hall/partitions.py`); everything else, and all of it on SQLite, in
small batches, each a transaction of its own. Before the first message goes, the store remembers from which
moment on: a terminal that repeats one of before is told *stored*, and it is not filed again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, Table, delete, select

from hall import bulk, desk_tables, numbers, partitions, tables
from hall.commands import OPEN
from hall.settings import HallSettings, RetentionSettings

BATCH = 1000  # rows of one transaction
DAY_MS = 86_400_000
log = structlog.get_logger("retention")


def prune(engine: Engine, settings: HallSettings, now_ms: int) -> None:
    """Delete what is older than `settings.retention` says, as of `now_ms`. Database errors."""
    keep = settings.retention
    with engine.connect() as tx:
        bulk.begin(tx)
        partitions.make(tx, now_ms)
        tx.commit()
    gone = {"messages": _prune_messages(engine, now_ms - keep.messages * DAY_MS)}
    for table, condition in _old(keep, now_ms):
        gone[table.name] = _sweep(engine, table, condition)
    with engine.connect() as tx:
        bulk.begin(tx)
        c = desk_tables.command_parts.c
        tx.execute(
            delete(desk_tables.command_parts).where(c.command.not_in(select(desk_tables.commands.c.id)))
        )
        tx.commit()
    _tell(gone)


def _old(keep: RetentionSettings, now_ms: int) -> list[tuple[Table, Any]]:
    """Which rows of which table are too old."""
    business, health = now_ms - keep.business * DAY_MS, now_ms - keep.health * DAY_MS
    t, d = tables, desk_tables
    commands, incidents = d.commands.c, d.incidents.c
    told = [(table, table.c.at < business) for table in (t.cases, t.prints, t.payments, t.ratings)]
    return [
        *told,
        (t.sessions, (t.sessions.c.started < business) & (t.sessions.c.ended < business)),
        (t.device_history, t.device_history.c.at < health),
        (t.refused, t.refused.c.received < now_ms - keep.refused * DAY_MS),
        (
            d.commands,
            (commands.given < now_ms - keep.commands * DAY_MS) & commands.state.not_in(OPEN),
        ),
        (d.incidents, (incidents.cleared > 0) & (incidents.cleared < business)),
        (d.audit, d.audit.c.at < now_ms - keep.audit * DAY_MS),
    ]


def _prune_messages(engine: Engine, edge_ms: int) -> int:
    """Messages that were made, or came, before `edge_ms`; returns how many rows went one by one."""
    with engine.connect() as tx:
        bulk.begin(tx)
        numbers.move_edge(tx, edge_ms)
        tx.commit()
    with engine.connect() as tx:
        dropped = partitions.drop(tx, edge_ms)
        tx.commit()
    for name in dropped:
        log.info("partition_dropped", name=name)
    return _sweep(engine, tables.messages, tables.messages.c.received < edge_ms, by_arrival=True)


def _sweep(engine: Engine, table: Table, condition: Any, *, by_arrival: bool = False) -> int:
    """Delete rows in batches. `by_arrival`: the old ones have the lowest numbers, so the first young one ends
    it, where no index would find them."""
    gone = 0
    while True:
        with engine.connect() as tx:
            bulk.begin(tx)
            found, looked = _next(tx, table, condition, by_arrival)
            if found:
                tx.execute(delete(table).where(table.c.n.in_(found)))
            tx.commit()
        gone += len(found)
        if len(found) < looked or not found:
            return gone


def _next(tx: Connection, table: Table, condition: Any, by_arrival: bool) -> tuple[list[int], int]:
    """The numbers of the next rows to go, and how many there would be in a full batch."""
    if not by_arrival:
        return list(tx.scalars(select(table.c.n).where(condition).limit(BATCH))), BATCH
    first = tx.execute(select(table.c.n, condition).order_by(table.c.n).limit(BATCH)).all()
    return [n for n, old in first if old], len(first)


def _tell(gone: Mapping[str, int]) -> None:
    if told := {name: count for name, count in gone.items() if count}:
        log.info("pruned", **told)
