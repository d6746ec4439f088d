"""How many acts of technicians a terminal may tell in a day; of what is above, only how many there were.

A terminal that somebody has taken over can say what it likes under its own name. That is acknowledged, so
that its outbox drains; but the audit, which nobody may shorten, is not filled by it: the first MOST_ACTS
of a day stand there, and one row more when that day is over. Meanwhile somebody at the desk is told.

A day begins with the first act, by the hall's clock. The caller of `counted` holds the terminals' rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, delete, select

from hall.access import audit
from hall.data import bulk, store
from hall.data.desk_tables import technician_days
from hall.intake import live
from hall.settings import HallSettings

Row = dict[str, Any]
MOST_ACTS = 2000  # of one terminal in a day; a week that one was offline comes in at once, and has less
DAY_MS = 86_400_000
CODE = "technician_flood"  # what is told at the desk, and the act in the audit


def counted(tx: Connection, acts: Sequence[Row], received: Sequence[int]) -> tuple[list[Row], list[int]]:
    """Those of these acts that are kept, and when they came in (ms since 1970); all are counted."""
    keys = sorted({(act["terminal"],) for act in acts})
    days = {row["terminal"]: row for row in bulk.by_keys(tx, technician_days, ("terminal",), keys)}
    kept, when = [], []
    for act, at in zip(acts, received, strict=True):
        path = act["terminal"]
        day = days.get(path)
        if day is None or _over(day, at):
            if day is not None:
                _tell(tx, day)
            day = days[path] = {"terminal": path, "since": at, "acts": 0}
        day["acts"] += 1
        if day["acts"] <= MOST_ACTS:
            kept.append(act)
            when.append(at)
    bulk.run_many(tx, _insertion(tx.dialect.name), list(days.values()))
    return kept, when


def flooding(tx: Connection, path: str = "") -> list[Row]:
    """The days in which a terminal told more than is kept: `terminal`, `since`."""
    d = technician_days.c
    query = select(technician_days).where(d.acts > MOST_ACTS)
    if path:
        query = query.where(d.terminal == path)
    return [dict(row._mapping) for row in tx.execute(query)]


def end_days(engine: Engine, settings: HallSettings, now: int) -> None:
    """For the scheduler: days that are over are told, and forgotten. `now` in ms since 1970."""
    d = technician_days.c
    old = select(d.terminal).where((d.since <= now - DAY_MS) | (d.since >= now + DAY_MS))
    with engine.connect() as tx:
        over = tx.scalars(old).all()
    for path in over:
        with engine.connect() as tx:
            bulk.begin(tx)
            live.lock(tx, [path])  # an ingest may be counting
            row = tx.execute(select(technician_days).where(d.terminal == path)).one_or_none()
            if row is not None and _over(day := dict(row._mapping), now):
                _tell(tx, day)
                tx.execute(delete(technician_days).where(d.terminal == path))
            tx.commit()


def _over(day: Row, now: int) -> bool:
    """Also by a clock that is set back: else its day would be years long."""
    return bool(abs(now - day["since"]) >= DAY_MS)


def _tell(tx: Connection, day: Row) -> None:
    """One row in the audit for all that was left out."""
    more, path = day["acts"] - MOST_ACTS, day["terminal"]
    if more > 0:
        audit.note(tx, "system", CODE, area=path.partition("/")[0], subject=path, detail=f"{more} more acts")


@cache
def _insertion(dialect: str) -> Any:
    new = store.insert(dialect, technician_days)
    again = {"since": new.excluded.since, "acts": new.excluded.acts}
    return new.on_conflict_do_update(index_elements=["terminal"], set_=again)
