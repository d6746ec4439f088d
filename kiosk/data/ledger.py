"""What happened is one transaction: the business row, the journal entry and the message together.

`Ledger` is the store, the vault and the terminal's path in one hand. Nothing
outside writes to the store for a session.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from config.identifiers import uuid7
from kiosk.data import journal, records, sealed_copies, stock
from kiosk.data.records import DecidedBy, Kind, State
from kiosk.data.sealed_copies import SealedCopy
from kiosk.data.store import Store, Transaction
from kiosk.data.vault import KeyDestroyed, Vault
from mqtt.messages import CommandPart, Data, SessionEnded
from mqtt.topics import TerminalPath

T = TypeVar("T")
ON_SHEETS = ("certificate", "copy")


@dataclass(frozen=True)
class OpenRecord:
    """A record that is under way, with what is needed to tell of its end.

    `document`, `device` (the printer's name in the settings), `copy`, `decided_by` and `begun` are for
    prints, `fen` for payments.
    """

    id: str
    kind: Kind
    key: str
    session: str
    service: str
    state: State
    document: str = ""
    fen: int = 0
    device: str = ""
    copy: int = 1
    decided_by: DecidedBy = ""
    begun: bool = True

    @property
    def name(self) -> str:
        """What all prints of one document have in common: of a certificate its number."""
        return records.document_name(self.key)

    @property
    def on_sheets(self) -> bool:
        """True for a print that is a job at a printer of sheets; the others come off the receipt roll."""
        return self.document in ON_SHEETS


class Ledger:
    """Writes what is intended and what happened."""

    def __init__(self, store: Store, vault: Vault, path: TerminalPath) -> None:
        self._store, self._vault, self._path = store, vault, path
        self._unscrubbed = False  # what was destroyed still stands in the store's log
        self._held: Counter[str] = Counter()  # how many living doings have the record of this key in hand

    @contextmanager
    def holding(self, key: str) -> Iterator[None]:
        """Meanwhile the record of this key belongs to whoever is doing it, and nobody else asks after it.

        Of two who begin the same at once one is refused; what the other holds stays held.
        """
        self._held[key] += 1
        try:
            yield
        finally:
            self._held[key] -= 1
            self._held += Counter()  # forgets those that nobody holds

    def holds(self, key: str) -> bool:
        """Whether somebody is doing it at this moment."""
        return self._held[key] > 0

    async def tell(self, session: str, message: Data) -> None:
        """Journals what happened and puts its message in the outbox."""
        await self._store.write(lambda tx: self._journal(tx, session, message))

    def tell_sync(self, session: str, message: Data) -> None:
        """The same for a caller without a loop."""
        self._store.write_sync(lambda tx: self._journal(tx, session, message))

    async def together(self, work: Callable[[Transaction, Callable[[Data], None]], T]) -> T:
        """Runs `work(tx, tell)` in one transaction; `tell(message)` journals what the terminal itself does
        and puts its message in the outbox."""
        return await self._store.write(lambda tx: work(tx, lambda message: self._journal(tx, "", message)))

    def look(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` finds in the store as it stands now; it must not write."""
        with self._store.read() as read:
            return work(read)

    @property
    def boot(self) -> int:
        """Counts the starts of this terminal."""
        return self._store.boot

    async def intend(
        self,
        kind: Kind,
        key: str,
        session: str,
        service: str,
        document: str = "",
        *,
        fen: int = 0,
        signature: str = "",
        device: str = "",
        copy: int = 1,
        decided_by: DecidedBy = "",
        kept: SealedCopy | None = None,
        also: Callable[[Transaction, str], object] | None = None,
    ) -> OpenRecord:
        """Notes that something will be done, before its first byte. The key is made when it is empty.

        `fen` and `signature` are sealed; of `signature`, nothing else keeps a copy. `kept` is what will be
        printed, and is kept sealed for a reprint. `also(tx, record)` is done in the same transaction; what
        it raises takes the record back.
        """
        detail = {"fen": fen, "signature": signature}

        def work(tx: Transaction) -> records.Record:
            made = records.intend(
                tx,
                self._vault,
                kind,
                key or uuid7(),
                session,
                service,
                detail,
                document=document,
                device=device,
                copy=copy,
                decided_by=decided_by,
            )
            if kept is not None:
                sealed_copies.keep(tx, self._vault, made.id, session, kept)
            if also is not None:
                also(tx, made.id)
            return made

        return _open(await self._store.write(work), fen=fen)

    async def sent(self, record: OpenRecord) -> None:
        """Notes that the first byte may leave now."""
        await self.advance(record, "sent", None)

    async def advance(
        self,
        record: OpenRecord,
        state: State,
        message: Data | None,
        also: Callable[[Transaction, str], object] | None = None,
        *,
        begun: bool = True,
        decided_by: DecidedBy = "",
    ) -> None:
        """Takes the record on, and tells the hall in the same transaction when there is a message.

        `also(tx, record)` is done in the same transaction too. RecordError when it cannot go there.
        """

        def work(tx: Transaction) -> None:
            records.advance(tx, self._vault, record.id, state, begun=begun, decided_by=decided_by)
            if also is not None:
                also(tx, record.id)
            if message is not None:
                self._journal(tx, record.session, message)

        await self._store.write(work)

    async def remember(self, name: str, value: str) -> None:
        """Keeps one thing for whoever looks at the store from outside, such as the doctor."""

        await self._store.write(lambda tx: note(tx, name, value))

    def recall(self, name: str) -> str:
        """What was remembered under this name; empty for nothing."""
        with self._store.read() as read:
            row = read.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
            return str(row[0]) if row else ""

    def last(self, type: str, fits: Callable[[dict[str, Any]], bool], most: int) -> list[tuple[str, Any]]:
        """Time (RFC 3339, UTC) and body of the newest journal entries of this type that fit, newest first.

        What is past its retention is left out.
        """
        found: list[tuple[str, Any]] = []
        with self._store.read() as read:
            for entry in journal.latest(read, type):
                try:
                    body = journal.body(read, self._vault, entry)
                except KeyDestroyed:
                    continue
                if fits(body):
                    found.append((entry.time, body))
                if len(found) >= most:
                    break
        return found

    def open_records(self) -> list[OpenRecord]:
        """What a crash or a lost answer left open, oldest first."""
        with self._store.read() as read:
            return [self._opened(read, record) for record in records.open_records(read)]

    def sheet(self, record: OpenRecord) -> str:
        """The number of the blank that this print took; empty when it took none, or one without a number."""
        with self._store.read() as read:
            return stock.number_of(read, record.id)

    def find(self, key: str) -> OpenRecord | None:
        """The record with this key as it stands now, open or not; None when there is none."""
        with self._store.read() as read:
            record = records.find(read, key)
            return self._opened(read, record) if record else None

    def get(self, id: str) -> OpenRecord:
        """The record with this id as it stands now, open or not. RecordError when there is none."""
        with self._store.read() as read:
            return self._opened(read, records.get(read, id))

    def attempts(self, record: OpenRecord) -> list[OpenRecord]:
        """Every print of the document that this print is of, oldest first, as they stand now."""
        with self._store.read() as read:
            return [self._opened(read, one) for one in records.attempts(read, record.key)]

    def sealed_copy(self, record: OpenRecord) -> SealedCopy | None:
        """What every print of this document prints; None when it is not kept (any more)."""
        with self._store.read() as read:
            copies = (
                sealed_copies.find(read, self._vault, one.id) for one in records.attempts(read, record.key)
            )
            return next((copy for copy in copies if copy is not None), None)

    async def end_broken_sessions(self) -> int:
        """Tells of sessions that a stop of the terminal cut off; returns how many."""

        def work(tx: Transaction) -> int:
            rows = tx.execute(
                "SELECT DISTINCT session FROM journal WHERE type = 'SessionStarted' AND session NOT IN"
                " (SELECT session FROM journal WHERE type = 'SessionEnded')"
            ).fetchall()
            for (session,) in rows:
                self._journal(tx, session, SessionEnded(session=session, outcome="restarted"))
            return len(rows)

        return await self._store.write(work)

    async def destroy_expired_keys(
        self, now: float, retention_days: float, copy_hours: float = math.inf
    ) -> int:
        """Destroys the keys of sessions past their retention; their entries still verify. How many.

        What was sealed for reprints goes with them, and what is older than `copy_hours` before them.
        """

        def work(tx: Transaction) -> tuple[int, int]:
            destroyed = self._vault.destroy_expired(tx, now, retention_days)
            return destroyed, sealed_copies.drop(tx, now, copy_hours)

        destroyed, dropped = await self._store.write(work)
        if destroyed or dropped or self._unscrubbed:
            self._unscrubbed = True
            self._unscrubbed = not await asyncio.to_thread(self._store.scrub)
        return destroyed

    def _journal(self, tx: Transaction, session: str, message: Data) -> None:
        body: dict[str, Any] = {name: getattr(message, name) for name in message.__struct_fields__}
        if isinstance(message, CommandPart):  # what it was can be proved; it need not lie here for ever
            body["content"] = hashlib.sha256(message.content).hexdigest()
        journal.append(tx, self._vault, session, type(message).__name__, body, message, self._path)

    def _opened(self, read: Any, r: records.Record) -> OpenRecord:
        try:
            detail = records.detail_of(read, self._vault, r)
        except KeyDestroyed:  # past its retention: only what is not personal is still known
            detail = {}
        document, device = str(detail.get("document", "")), str(detail.get("device", ""))  # of older stores
        return _open(
            replace(r, document=r.document or document, device=r.device or device),
            fen=int(detail.get("fen", 0)),
        )


def note(tx: Transaction, name: str, value: str) -> None:
    """As `Ledger.remember`, in the caller's transaction."""
    tx.execute(
        "INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


def _open(r: records.Record, fen: int) -> OpenRecord:
    return OpenRecord(
        r.id,
        r.kind,
        r.key,
        r.session,
        r.service,
        r.state,
        r.document,
        fen,
        r.device,
        r.copy,
        r.decided_by,
        r.begun,
    )
