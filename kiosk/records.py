"""Intend, do, record, tell: whatever reaches outside has a row here before its first byte.

The key is what makes the other side do it once; the state says how far we know. Open records are asked
after at start.

    submission  intended → sent → accepted | refused | unknown; unknown → sent again, same key
    print       intended → sent → confirmed | failed | unknown; unknown is never printed again by itself
    payment     intended → sent → paid | refused | unknown; unknown → paid | refused | refunded;
                paid → settled (its case was accepted) | refunded; never charged a second time
    each        intended → failed: given up before its first byte
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from kiosk.identifiers import uuid7
from kiosk.store import Transaction
from kiosk.vault import Vault
from mqtt.outbox import Executes

Kind = Literal["submission", "print", "payment"]
State = Literal[
    "intended",
    "sent",
    "accepted",
    "refused",
    "unknown",
    "confirmed",
    "failed",
    "paid",
    "settled",
    "refunded",
]

NEXT: Mapping[Kind, Mapping[str, frozenset[str]]] = {
    "submission": {
        "intended": frozenset({"sent", "failed"}),
        "sent": frozenset({"accepted", "refused", "unknown"}),
        "unknown": frozenset({"sent", "accepted", "refused", "failed"}),
    },
    "print": {
        "intended": frozenset({"sent", "failed"}),
        "sent": frozenset({"confirmed", "failed", "unknown"}),
        "unknown": frozenset({"confirmed", "failed"}),
    },
    "payment": {
        "intended": frozenset({"sent", "failed"}),
        "sent": frozenset({"paid", "refused", "unknown"}),
        "unknown": frozenset({"paid", "refused", "refunded"}),
        "paid": frozenset({"settled", "refunded"}),
    },
}


class RecordError(Exception):
    """A step that a record cannot take, or no such record."""


@dataclass(frozen=True)
class Record:
    """One thing that reaches outside. `sealed` is its detail (`detail_of`)."""

    id: str
    kind: Kind
    key: str  # the idempotency key, the job
    session: str
    service: str
    state: State
    sealed: bytes
    updated: float  # seconds since 1970


def intend(
    tx: Transaction, vault: Vault, kind: Kind, key: str, session: str, service: str, detail: Mapping[str, Any]
) -> Record:
    """Notes that something will be done. sqlite3.IntegrityError when the key was used before."""
    id, now = uuid7(), time.time()
    sealed = vault.seal(tx, session, id, msgspec.json.encode(detail), now)
    record = Record(id, kind, key, session, service, "intended", sealed, now)
    tx.execute(
        "INSERT INTO records (id, kind, key, session, service, state, detail, updated)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (id, kind, key, session, service, "intended", sealed, now),
    )
    return record


def advance(
    tx: Transaction, vault: Vault, id: str, state: State, detail: Mapping[str, Any] | None = None
) -> Record:
    """Takes the record to its next state, with a new detail if given. RecordError when it cannot go there."""
    record = get(tx, id)
    if state not in NEXT[record.kind].get(record.state, frozenset()):
        raise RecordError(f"{record.kind} {id} cannot go from {record.state} to {state}")
    now = time.time()
    sealed = record.sealed
    if detail is not None:
        sealed = vault.seal(tx, record.session, id, msgspec.json.encode(detail), now)
    tx.execute("UPDATE records SET state = ?, detail = ?, updated = ? WHERE id = ?", (state, sealed, now, id))
    return Record(id, record.kind, record.key, record.session, record.service, state, sealed, now)


def get(read: Executes, id: str) -> Record:
    """The record with this id. RecordError when there is none."""
    row = read.execute(
        "SELECT id, kind, key, session, service, state, detail, updated FROM records WHERE id = ?", (id,)
    ).fetchone()
    if row is None:
        raise RecordError(f"no record {id}")
    return Record(*row)


def find(read: Executes, key: str) -> Record | None:
    """The record with this key; None when there is none."""
    row = read.execute(
        "SELECT id, kind, key, session, service, state, detail, updated FROM records WHERE key = ?", (key,)
    ).fetchone()
    return Record(*row) if row else None


def open_records(read: Executes) -> list[Record]:
    """Everything whose end is not known, oldest first: to be asked after at start.

    Money that was taken and has neither served a case nor been given back is open too.
    """
    rows = read.execute(
        "SELECT id, kind, key, session, service, state, detail, updated FROM records"
        " WHERE state IN ('intended', 'sent', 'unknown', 'paid') ORDER BY id"
    )
    return [Record(*row) for row in rows]


def detail_of(read: Executes, vault: Vault, record: Record) -> dict[str, Any]:
    """The record's detail. KeyDestroyed once its session's retention is over."""
    plain: dict[str, Any] = msgspec.json.decode(vault.unseal(read, record.session, record.id, record.sealed))
    return plain
