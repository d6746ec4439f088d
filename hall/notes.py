"""Notes of what changed, which the open pages listen to (`hall/changes.py`)."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from hall import tables


def leave(tx: Connection, changed: Iterable[tuple[str, str]]) -> None:
    """Note what changed as (terminal, what), in the transaction that changes it."""
    rows = [{"terminal": terminal, "what": what} for terminal, what in sorted(set(changed))]
    if rows:
        tx.execute(tables.changes.insert(), rows)
