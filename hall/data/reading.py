"""Questions that the desk and the API ask of the store. Nothing here writes.

`areas` are those that the reader may watch, as `Actor.areas` tells them; None: all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
)

from hall.data import tables
from hall.data.desk_tables import machines

Row = dict[str, Any]
Areas = frozenset[str] | None
_LISTS = {"supplies", "faults", "codes", "counts", "runs_out", "levels", "found"}  # columns of JSON text


def terminals(tx: Connection, path: str = "", areas: Areas = None) -> list[Row]:
    """All terminals in the order of their paths, or the one at `path`."""
    t = tables.terminals
    return _rows(tx, _where(select(t).order_by(t.c.path), t, areas, path=path))


def retired(tx: Connection) -> frozenset[str]:
    """Terminals that were taken away: what they said stays, but nobody need look after them."""
    m = machines.c
    return frozenset(tx.scalars(select(m.terminal).where(m.state.in_(("retired", "moved")))))


def devices(tx: Connection, terminal: str = "", areas: Areas = None) -> list[Row]:
    """Devices in the terminals' own order."""
    d = tables.devices
    return _rows(tx, _where(select(d).order_by(d.c.terminal, d.c.position), d, areas, terminal=terminal))


def open_faults(tx: Connection, terminal: str = "", areas: Areas = None) -> list[Row]:
    """Faults that are open now, the oldest first."""
    f = tables.faults
    return _rows(
        tx, _where(select(f).where(f.c.open).order_by(f.c.since, f.c.n), f, areas, terminal=terminal)
    )


def unsettled_prints(tx: Connection, terminal: str = "", areas: Areas = None) -> list[Row]:
    """Prints that nobody knows the end of yet, the oldest first."""
    p = tables.prints
    query = select(p).where(p.c.state == literal_column("'unknown'")).order_by(p.c.at, p.c.n)
    return _rows(tx, _where(query, p, areas, terminal=terminal))


def reports(tx: Connection, areas: Areas = None) -> list[Row]:
    """The last readiness report of each terminal; of those with most that is not ready first."""
    r = tables.readiness
    return _rows(tx, _where(select(r).order_by(r.c.not_ready.desc(), r.c.terminal), r, areas))


def page(
    tx: Connection, table: Table, after: int, limit: int, areas: Areas = None, **equal: Any
) -> list[Row]:
    """Rows with `n` above `after`, as they came; only those whose columns equal what is given."""
    query = _where(select(table), table, areas, **equal).where(table.c.n > after)
    return _rows(tx, query.order_by(table.c.n).limit(limit))


def latest(
    tx: Connection,
    table: Table,
    limit: int,
    before: str = "",
    since: int = 0,
    areas: Areas = None,
    **equal: Any,
) -> list[Row]:
    """The youngest rows first, by their own clock. `before` is `clock-n` of the last row seen; `since` ms."""
    at = clock(table)
    query = _where(select(table), table, areas, **equal)
    if before:
        moment, n = map(int, before.split("-"))
        query = query.where(or_(at < moment, and_(at == moment, table.c.n < n)))
    if since:
        query = query.where(at >= since)
    return _rows(tx, query.order_by(at.desc(), table.c.n.desc()).limit(limit))


def count(tx: Connection, table: Table, since: int = 0, areas: Areas = None, **equal: Any) -> int:
    """How many rows are like this."""
    query = _where(select(func.count()).select_from(table), table, areas, **equal)
    return tx.scalar(query.where(clock(table) >= since) if since else query) or 0


def clock(table: Table) -> Any:
    """The column that says when a row happened."""
    return next(table.c[name] for name in ("at", "started", "received") if name in table.c)


def stars(tx: Connection, since: int = 0, terminal: str = "", areas: Areas = None) -> dict[int, int]:
    """How often each rating was given."""
    r = tables.ratings
    query = select(r.c.stars, func.count()).where(r.c.at >= since).group_by(r.c.stars)
    query = _where(query, r, areas, terminal=terminal)
    return {int(row[0]): int(row[1]) for row in tx.execute(query)}


def per_terminal(tx: Connection, table: Table, since: int, areas: Areas = None) -> dict[str, int]:
    """Rows of each terminal since then."""
    query = select(table.c.terminal, func.count()).where(clock(table) >= since).group_by(table.c.terminal)
    return {row[0]: int(row[1]) for row in tx.execute(_where(query, table, areas))}


def of_sessions(tx: Connection, table: Table, rows: Sequence[Row]) -> dict[tuple[str, str, str], list[Row]]:
    """Rows of `table` that belong to the sessions of `rows`, by (terminal, session, service)."""
    named = {row["session"] for row in rows if row["session"]}
    found: dict[tuple[str, str, str], list[Row]] = {}
    if named:
        for row in _rows(tx, select(table).where(table.c.session.in_(named)).order_by(table.c.n)):
            found.setdefault((row["terminal"], row["session"], row["service"]), []).append(row)
    return found


def device_history(tx: Connection, terminal: str, device: str = "", since: int = 0) -> list[Row]:
    """What the devices of a terminal were on their axes, a row for each change, the oldest first."""
    h = tables.device_history
    query = _where(select(h), h, terminal=terminal, device=device).where(h.c.at >= since)
    return _rows(tx, query.order_by(h.c.at, h.c.n))


def gaps(tx: Connection, terminal: str) -> list[Row]:
    """Streams of a terminal whose numbers have a hole: something was sent that never came."""
    s = tables.streams
    return _rows(
        tx, select(s).where(s.c.terminal == terminal, s.c.contiguous < s.c.highest).order_by(s.c.boot)
    )


def changes(tx: Connection, after: int) -> list[Row]:
    """What changed, from the ingest's notes."""
    c = tables.changes
    return _rows(tx, select(c).where(c.c.n > after).order_by(c.c.n).limit(1000))


def newest_change(tx: Connection) -> int:
    """The number of the last note."""
    return tx.scalar(select(func.max(tables.changes.c.n))) or 0


def within(column: ColumnElement[str], areas: Areas) -> ColumnElement[bool]:
    """Whether a path, `area/hall…`, lies in one of these areas."""
    if areas is None:
        return true()
    return or_(false(), *(column.startswith(f"{area}/", autoescape=True) for area in sorted(areas)))


def _where(query: Select[Any], table: Table, areas: Areas = None, **equal: Any) -> Select[Any]:
    query = query.where(and_(True, *(table.c[name] == value for name, value in equal.items() if value != "")))
    if areas is None:
        return query
    return query.where(within(table.c["path" if table is tables.terminals else "terminal"], areas))


def _rows(tx: Connection, query: Select[Any]) -> list[Row]:
    return [
        {k: msgspec.json.decode(v) if k in _LISTS else v for k, v in row._mapping.items()}
        for row in tx.execute(query)
    ]
