"""Who did what, when: rows that are never changed and only go when their time is over."""

from __future__ import annotations

import getpass
import os
import time
from typing import Any

from sqlalchemy import Connection, select

from hall.data.desk_tables import audit

_MOST = {column.name: column.type.length for column in audit.c if hasattr(column.type, "length")}


def note(
    tx: Connection,
    actor_name: str,
    act: str,
    *,
    area: str = "",
    subject: str = "",
    reference: str = "",
    outcome: str = "",
    detail: str = "",
) -> None:
    """Adds a row in the transaction of the act itself, so that neither is there without the other.

    `actor_name` is an account, `cli:USER` or `system`; texts that are too long are cut. Never a secret,
    never anything of a citizen.
    """
    told = {
        "actor": actor_name,
        "act": act,
        "area": area,
        "subject": subject,
        "reference": reference,
        "outcome": outcome,
        "detail": detail,
    }
    row = {name: text.replace("\x00", "")[: _MOST[name]] for name, text in told.items()}
    tx.execute(audit.insert().values(at=int(time.time() * 1000), **row))


def at_the_server() -> str:
    """The actor of a command of the server's own: who types it; with sudo, who asked for it."""
    asked = os.environ.get("SUDO_USER", "")
    try:
        return f"cli:{asked or getpass.getuser()}"
    except (KeyError, OSError):  # a user number without a name
        return f"cli:{os.getuid()}"


def entries(
    tx: Connection,
    areas: frozenset[str] | None,
    limit: int,
    *,
    after: int = 0,
    before: int = 0,
    subject: str = "",
) -> list[dict[str, Any]]:
    """Rows of these areas; without areas (None) all, also those of none. Oldest first after `after`.

    With `before` (an `n`, or -1 for the newest) the youngest first.
    """
    query = select(audit).limit(limit)
    query = query.order_by(audit.c.n.desc() if before else audit.c.n)
    if areas is not None:
        query = query.where(audit.c.area.in_(areas))
    if after:
        query = query.where(audit.c.n > after)
    if before > 0:
        query = query.where(audit.c.n < before)
    if subject:
        query = query.where(audit.c.subject == subject)
    return [dict(row._mapping) for row in tx.execute(query)]
