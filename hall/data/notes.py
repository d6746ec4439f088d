"""Notes of what changed, which the open pages listen to (`hall/desk/changes.py`)."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from hall.data import bulk, tables

TURN = 0x6E6F7465  # advisory lock of who notes what changed ("note"), until its commit


def leave(tx: Connection, changed: Iterable[tuple[str, str]]) -> None:
    """Note what changed as (terminal, what), in the transaction that changes it: last, since others wait."""
    rows = [{"terminal": terminal, "what": what} for terminal, what in sorted(set(changed))]
    if rows:
        bulk.take_turn(tx, TURN)  # the desk reads by number: no lower one may be committed after a higher
        tx.execute(tables.changes.insert(), rows)
