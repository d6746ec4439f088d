"""What is old goes, a little at a time, so that nobody waits for it.

On PostgreSQL messages go by the month (`hall/data/partitions.py`); everything else, and all of it on SQLite,
in small batches, each a transaction of its own. Before the first message goes, the store remembers from which
moment on: a terminal that repeats one of before is told *stored*, and it is not filed again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, Table, delete, func, select

from hall.commands import OPEN
from hall.data import bulk, desk_tables, partitions, store, tables
from hall.intake import numbers
from hall.settings import HallSettings, RetentionSettings

BATCH = 1000  # rows of one transaction
DAY_MS = 86_400_000
LAST = "retained"  # in `meta`: as of when was deleted last
STARTS = 64  # of a terminal whose numbers are kept by stream; twice what it is told of
GROUPS = 500  # streams that are shortened in one transaction
log = structlog.get_logger("retention")


def prune(engine: Engine, settings: HallSettings, now_ms: int) -> None:
    """Delete what is older than `settings.retention` says, as of `now_ms`. Database errors.

    In one turn no more than a day's worth is looked at beyond the last: a clock that jumps a year ahead, and
    is set right when somebody notices, has not deleted a year. After a long pause it catches up by the hour.
    """
    keep = settings.retention
    with engine.connect() as tx:
        bulk.begin(tx)
        partitions.make(tx, now_ms)
        now_ms = _as_of(tx, now_ms)
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
    gone["streams"] = _forget_starts(engine)
    _tell(gone)


def _as_of(tx: Connection, now_ms: int) -> int:
    """Which moment this turn takes for now, which is noted."""
    c = tables.meta.c
    last = int(tx.scalar(select(c.value).where(c.key == LAST)) or now_ms)
    if now_ms > last + DAY_MS:
        log.warning("days_behind", days=(now_ms - last) // DAY_MS, remedy="a pause, or compare the clock")
        now_ms = last + DAY_MS
    new = store.insert(tx.dialect.name, tables.meta).values(key=LAST, value=str(now_ms))
    tx.execute(new.on_conflict_do_update(index_elements=["key"], set_={"value": str(now_ms)}))
    return now_ms


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
            d.rating_tickets,
            (d.rating_tickets.c.closed > 0) & (d.rating_tickets.c.closed < business),
        ),
        (
            d.commands,
            (commands.given < now_ms - keep.commands * DAY_MS) & commands.state.not_in(OPEN),
        ),
        (d.incidents, (incidents.cleared > 0) & (incidents.cleared < business)),
        (d.audit, d.audit.c.at < now_ms - keep.audit * DAY_MS),
        (t.technician_acts, t.technician_acts.c.at < now_ms - keep.audit * DAY_MS),
        (t.readiness, t.readiness.c.at < business),
        (d.uplink, (d.uplink.c.state != "waiting") & (d.uplink.c.answered < business)),
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


def _forget_starts(engine: Engine) -> int:
    """Of each stream the numbers of starts long ago, if none of them is missing; returns how many rows went.

    Should such a message come once more, it is known by its id as long as it is kept.
    """
    s = tables.streams
    groups = select(s.c.terminal, s.c.stream).group_by(s.c.terminal, s.c.stream)
    with engine.connect() as tx:
        long = tx.execute(groups.having(func.count() > STARTS)).all()
    gone = 0
    for begin in range(0, len(long), GROUPS):
        with engine.connect() as tx:
            bulk.begin(tx)
            for terminal, stream in long[begin : begin + GROUPS]:
                its = (s.c.terminal == terminal) & (s.c.stream == stream)
                starts = select(s.c.boot).where(its).order_by(s.c.boot.desc())
                oldest = starts.offset(STARTS - 1).limit(1).scalar_subquery()
                whole = s.c.contiguous == s.c.highest
                gone += tx.execute(delete(s).where(its & whole & (s.c.boot < oldest))).rowcount
            tx.commit()
    return gone


def _tell(gone: Mapping[str, int]) -> None:
    if told := {name: count for name, count in gone.items() if count}:
        log.info("pruned", **told)
