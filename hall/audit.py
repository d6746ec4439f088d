"""Who did what, when: rows that are never changed and only go when their time is over."""

from __future__ import annotations

import time

from sqlalchemy import Connection

from hall.desk_tables import audit

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
