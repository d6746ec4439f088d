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
from dataclasses import dataclass, replace
from typing import Any, Literal

import msgspec

from config.identifiers import uuid7
from kiosk.data.store import Transaction
from kiosk.data.vault import Vault
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

DecidedBy = Literal["", "citizen", "staff"]  # who wanted a copy, or said how a print ended
_SELECT = (
    "SELECT id, kind, key, session, service, state, detail, updated, document, device, copy, decided_by,"
    " begun FROM records "
)

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
    document: str = ""  # of prints, here and below: certificate, receipt …; clear, for it names nobody
    device: str = ""  # the printer's name in the settings
    copy: int = 1  # 2 and more: printed again, with the mark 补打
    decided_by: DecidedBy = ""
    begun: bool = True  # False: it failed and not a sheet can have moved


def intend(
    tx: Transaction,
    vault: Vault,
    kind: Kind,
    key: str,
    session: str,
    service: str,
    detail: Mapping[str, Any],
    *,
    document: str = "",
    device: str = "",
    copy: int = 1,
    decided_by: DecidedBy = "",
) -> Record:
    """Notes that something will be done. sqlite3.IntegrityError when the key was used before."""
    id, now = uuid7(), time.time()
    sealed = vault.seal(tx, session, id, msgspec.json.encode(detail), now)
    record = Record(
        id, kind, key, session, service, "intended", sealed, now, document, device, copy, decided_by
    )
    tx.execute(
        "INSERT INTO records (id, kind, key, session, service, state, detail, updated, document, device,"
        " copy, decided_by, begun) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (id, kind, key, session, service, "intended", sealed, now, document, device, copy, decided_by, 1),
    )
    return record


def advance(
    tx: Transaction,
    vault: Vault,
    id: str,
    state: State,
    detail: Mapping[str, Any] | None = None,
    *,
    begun: bool = True,
    decided_by: DecidedBy = "",
) -> Record:
    """Takes the record to its next state, with a new detail if given. RecordError when it cannot go there.

    `begun` and `decided_by` are for the end of a print; who decided is only ever added.
    """
    record = get(tx, id)
    if state not in NEXT[record.kind].get(record.state, frozenset()):
        raise RecordError(f"{record.kind} {id} cannot go from {record.state} to {state}")
    now = time.time()
    sealed = record.sealed
    if detail is not None:
        sealed = vault.seal(tx, record.session, id, msgspec.json.encode(detail), now)
    decided_by = decided_by or record.decided_by
    tx.execute(
        "UPDATE records SET state = ?, detail = ?, updated = ?, begun = ?, decided_by = ? WHERE id = ?",
        (state, sealed, now, begun, decided_by, id),
    )
    return replace(record, state=state, sealed=sealed, updated=now, begun=bool(begun), decided_by=decided_by)


def get(read: Executes, id: str) -> Record:
    """The record with this id. RecordError when there is none."""
    row = read.execute(_SELECT + "WHERE id = ?", (id,)).fetchone()
    if row is None:
        raise RecordError(f"no record {id}")
    return _record(row)


def find(read: Executes, key: str) -> Record | None:
    """The record with this key; None when there is none."""
    row = read.execute(_SELECT + "WHERE key = ?", (key,)).fetchone()
    return _record(row) if row else None


def open_records(read: Executes) -> list[Record]:
    """Everything whose end is not known, oldest first: to be asked after at start.

    Money that was taken and has neither served a case nor been given back is open too.
    """
    rows = read.execute(_SELECT + "WHERE state IN ('intended', 'sent', 'unknown', 'paid') ORDER BY id")
    return [_record(row) for row in rows]


def attempts(read: Executes, key: str) -> list[Record]:
    """Every print of the document that a print with this key is of, oldest first.

    Their keys are one name with the attempt's number behind it: `name/1`, `name/2` …
    """
    name = document_name(key)
    rows = read.execute(
        _SELECT + "WHERE kind = 'print' AND (key = ? OR (key > ? AND key < ?)) ORDER BY id",
        (name, f"{name}/", f"{name}0"),  # 0 is the character after the slash
    )
    found = [_record(row) for row in rows]
    return [one for one in found if document_name(one.key) == name]  # `name/2026` may be another's number


def prints(read: Executes, count: int) -> list[Record]:
    """The open prints, and the newest `count` of all, oldest first."""
    newest = read.execute(
        "SELECT min(id) FROM (SELECT id FROM records WHERE kind = 'print' ORDER BY id DESC LIMIT ?)", (count,)
    ).fetchone()[0]
    rows = read.execute(
        _SELECT
        + "WHERE kind = 'print' AND (state IN ('intended', 'sent', 'unknown') OR id >= ?) ORDER BY id",
        (newest or "",),
    )
    return [_record(row) for row in rows]


def document_name(key: str) -> str:
    """What all prints of one document have in common: of a certificate its number."""
    name, _, attempt = key.rpartition("/")  # the platform's numbers may have slashes of their own
    return name if name and attempt.isdecimal() else key


def _record(row: tuple[Any, ...]) -> Record:
    return replace(Record(*row), begun=bool(row[-1]))


def detail_of(read: Executes, vault: Vault, record: Record) -> dict[str, Any]:
    """The record's detail. KeyDestroyed once its session's retention is over."""
    plain: dict[str, Any] = msgspec.json.decode(vault.unseal(read, record.session, record.id, record.sealed))
    return plain
