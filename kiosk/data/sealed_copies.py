"""What was printed, kept sealed so that a reprint is the same paper byte for byte.

The copy is kept in the transaction that notes the first print, under the session's key, and goes at the
latest with that key. Each further print of the document is made from it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import msgspec

from config.devices import Kind
from config.print_layout import PLAIN, PrintLayout
from kiosk.data.store import Transaction
from kiosk.data.vault import KeyDestroyed, Vault
from mqtt.outbox import Executes


@dataclass(frozen=True)
class SealedCopy:
    """The exact bytes that go to the printer: a PDF, or a receipt's data as JSON."""

    kind: Kind  # of printer
    content: bytes
    layout: PrintLayout = PLAIN


def keep(tx: Transaction, vault: Vault, record: str, session: str, copy: SealedCopy) -> None:
    """Keeps what the print with this record will print."""
    now = time.time()
    sealed = vault.seal(tx, session, _row(record), msgspec.msgpack.encode(copy), now)
    tx.execute("INSERT INTO sealed_copies VALUES (?, ?, ?, ?)", (record, session, now, sealed))


def find(read: Executes, vault: Vault, record: str) -> SealedCopy | None:
    """What the print with this record printed; None when nothing of it is kept (any more)."""
    row = read.execute("SELECT session, sealed FROM sealed_copies WHERE record = ?", (record,)).fetchone()
    if row is None:
        return None
    try:
        plain = vault.unseal(read, row[0], _row(record), row[1])
    except KeyDestroyed:
        return None
    return msgspec.msgpack.decode(plain, type=SealedCopy)


def drop(tx: Transaction, now: float, hours: float) -> int:
    """Drops the copies that nobody can read any more, and those older than `hours`; how many.

    `now`: seconds since 1970. One that was made as far in the future goes too: the clock was wrong, and it
    would lie here until then. The store overwrites what it deletes; `Store.scrub` then clears the log.
    """
    return tx.execute(
        "DELETE FROM sealed_copies WHERE abs(? - made) > ? OR session NOT IN"
        " (SELECT session FROM session_keys)",
        (now, hours * 3600),
    ).rowcount


def _row(record: str) -> str:
    """What the sealed bytes are bound to: never the record's own detail under the same key."""
    return f"{record}-copy"
