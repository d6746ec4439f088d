"""What happened on this terminal, in an order that cannot be changed unnoticed.

Each entry's body is sealed under its session's key (`kiosk/data/vault.py`). The chain is SHA-256 over the
chain before it and over everything the entry says in clear, with the digest of the sealed body: it verifies
after the key is destroyed. An entry that the hall must hear of puts its message in the outbox in the same
transaction, and the message carries the chain's head, which the hall keeps: a disk that is rewritten as a
whole no longer agrees with what the hall has seen.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from config.identifiers import uuid7
from kiosk.data.store import Transaction
from kiosk.data.vault import Vault
from mqtt import messages, outbox
from mqtt.messages import Data, Envelope
from mqtt.outbox import Executes
from mqtt.topics import ROOT, TerminalPath

START = bytes(32)  # the chain before the first entry
_STREAMS = ("tx", "evt", "res")  # as `journal_head` counts them
_encoder = msgspec.json.Encoder()
LOOKED_AT = 20_000  # entries from the end, for whoever looks for the newest of a type
_COLUMNS = "SELECT n, id, session, type, time, sealed, digest, chain, stream, boot, seq, message FROM journal"
_SELECT = f"{_COLUMNS} WHERE n > ? ORDER BY n"


class Entry(NamedTuple):
    """One row, in the order of its columns.

    `digest`, `chain` and `message` are SHA-256 (32 bytes); `message` is empty without one.
    """

    n: int  # 1, 2, 3 … without a gap
    id: str  # UUIDv7, also the message's
    session: str
    type: str
    time: str  # RFC 3339, UTC
    sealed: bytes
    digest: bytes  # of the sealed body
    chain: bytes
    stream: str = ""  # of the message: tx, evt or res; empty: told to nobody
    boot: int = 0
    seq: int = 0
    message: bytes = b""  # digest of the payload as it goes over the wire


@dataclass(frozen=True)
class HallRow:
    """What the hall holds of one message; digest and head in hex."""

    id: str
    stream: str
    boot: int
    seq: int
    digest: str
    head: str


@dataclass(frozen=True)
class Problem:
    """One thing that does not agree. `what`: missing, chain, body, tail, seq, unreadable; hall_missing,
    hall_twice, hall_differs, hall_extra, hall_head."""

    what: str
    n: int = 0  # the journal's entry, 0 when there is none
    id: str = ""


@dataclass(frozen=True)
class Report:
    """What a check found; sound when there is no problem."""

    entries: int
    head: str
    problems: tuple[Problem, ...]

    @property
    def sound(self) -> bool:
        return not self.problems


def append(
    tx: Transaction,
    vault: Vault,
    session: str,
    type: str,
    body: Mapping[str, Any],
    message: Data | None = None,
    path: TerminalPath | None = None,
) -> Entry:
    """Writes one entry, and its message to the outbox, in the caller's transaction.

    `session` is empty for what the terminal itself does: that is sealed under a key of the day. `message`
    is one of the reliable types of `mqtt/messages.py` (KeyError for another) and needs `path`. Raises
    MessageError `too_large`.
    """
    now = time.time()
    stamp = _stamp(now)
    id = uuid7()
    session = session or f"terminal-{stamp[:10]}"
    sealed = vault.seal(tx, session, id, _encoder.encode(body), now)
    n, before, numbers = _place(tx)
    stream, boot, seq = "", 0, 0
    if message is not None:
        stream, boot = messages.STREAM[messages.NAMES[message.__class__]], tx.boot
        seq = numbers[stream] + 1
        numbers = {**numbers, stream: seq}
    digest = hashlib.sha256(sealed).digest()
    chain = _link(before, digest, n + 1, id, session, type, stamp, stream, boot, seq)
    told = b""
    if message is not None:
        if path is None:
            raise ValueError("a message needs the terminal's path")
        payload = _payload(message, path, id, stamp, boot, seq, chain)
        outbox.add(tx, vault.seal_message(tx, id, payload), id, stream, boot, seq, now)
        told = hashlib.sha256(payload).digest()
    entry = Entry(n + 1, id, session, type, stamp, sealed, digest, chain, stream, boot, seq, told)
    _insert(tx, entry, numbers)
    return entry


def head(read: Executes) -> tuple[int, bytes]:
    """The number and chain of the last entry; (0, 32 zero bytes) of an empty journal."""
    n, chain = read.execute("SELECT n, chain FROM journal_head").fetchone()
    return int(n), bytes(chain)


def numbers(read: Executes, boot: int) -> dict[str, int]:
    """By stream the last number of this start."""
    at, *last = read.execute("SELECT boot, tx, evt, res FROM journal_head").fetchone()
    return dict(zip(_STREAMS, last if at == boot else (0, 0, 0), strict=True))


def entries(read: Executes, after: int = 0) -> Iterator[Entry]:
    """Every entry with n > `after`, in order."""
    for row in read.execute(_SELECT, (after,)):
        yield Entry(*row)


def latest(read: Executes, type: str) -> Iterator[Entry]:
    """The entries of one type among the last `LOOKED_AT`, the newest first."""
    oldest = head(read)[0] - LOOKED_AT
    for row in read.execute(f"{_COLUMNS} WHERE n > ? AND type = ? ORDER BY n DESC", (oldest, type)):
        yield Entry(*row)


def body(read: Executes, vault: Vault, entry: Entry) -> dict[str, Any]:
    """An entry's body. KeyDestroyed once its session's retention is over."""
    plain: dict[str, Any] = msgspec.json.decode(vault.unseal(read, entry.session, entry.id, entry.sealed))
    return plain


def verify(read: Executes) -> Report:
    """Walks the whole chain; every break is named once and the walk goes on behind it."""
    problems: list[Problem] = []
    n, chain = 0, START
    numbers: dict[tuple[str, int], int] = {}
    try:
        for entry in entries(read):
            if entry.n != n + 1:
                problems.append(Problem("missing", n + 1))
            problems += _problems_of(entry, chain, numbers)
            n, chain = entry.n, entry.chain
        if head(read) != (n, chain):
            problems.append(Problem("tail", n + 1))
    except (sqlite3.DatabaseError, TypeError, ValueError):
        problems.append(Problem("unreadable", n + 1))  # no program of ours wrote that: the walk ends here
    return Report(n, chain.hex(), tuple(problems))


def _problems_of(entry: Entry, before: bytes, numbers: dict[tuple[str, int], int]) -> list[Problem]:
    """What is wrong with one entry after the chain `before`; `numbers` has the last seq of each series."""
    found = []
    if hashlib.sha256(entry.sealed).digest() != entry.digest:
        found.append("body")
    if _link_of(entry, before) != entry.chain:
        found.append("chain")
    if entry.stream:
        series = entry.stream, entry.boot
        if entry.seq != numbers.get(series, 0) + 1:
            found.append("seq")
        numbers[series] = entry.seq
    return [Problem(what, entry.n, entry.id) for what in found]


def compare(read: Executes, hall: Iterable[HallRow]) -> Report:
    """The journal against what the hall has seen: each message there once and the same, nothing else.

    Messages that still wait in the outbox or were refused are not expected, nor those that the terminal
    told under another name, before it was moved. The heads that the hall kept
    must each stand in our chain.
    """
    here = place_since(read)
    not_expected = {
        str(row[0]) for row in read.execute("SELECT id FROM outbox UNION SELECT id FROM dead_letters")
    }
    ours = {entry.id: entry for entry in entries(read) if entry.stream}
    problems: list[Problem] = []
    seen: set[str] = set()
    for row in hall:
        entry = ours.get(row.id)
        if entry is None:
            problems.append(Problem("hall_extra", id=row.id))
            continue
        if row.id in seen:
            problems.append(Problem("hall_twice", entry.n, row.id))
        seen.add(row.id)
        if (row.stream, row.boot, row.seq, row.digest) != (
            entry.stream,
            entry.boot,
            entry.seq,
            entry.message.hex(),
        ):
            problems.append(Problem("hall_differs", entry.n, row.id))
        if row.head != entry.chain.hex():
            problems.append(Problem("hall_head", entry.n, row.id))
    for id in ours.keys() - seen - not_expected:
        if ours[id].n > here:
            problems.append(Problem("hall_missing", ours[id].n, id))
    n, chain = head(read)
    return Report(n, chain.hex(), tuple(sorted(problems, key=lambda problem: problem.n)))


def gone(read: Executes, stream: str, boots: Mapping[int, int]) -> int:
    """How many messages of a stream lie above these numbers, by boot, and wait nowhere to be sent."""
    waiting = {str(row[0]) for row in read.execute("SELECT id FROM outbox WHERE stream = ?", (stream,))}
    oldest = min(boots, default=0)
    rows = read.execute(
        "SELECT id, boot, seq FROM journal WHERE stream = ? AND boot >= ? AND n > ?",
        (stream, oldest, place_since(read)),
    )
    return sum(seq > boots.get(boot, 0) and id not in waiting for id, boot, seq in rows)


def place_since(read: Executes) -> int:
    """The entry with which the terminal came to where it is; 0 where it was never moved."""
    row = read.execute("SELECT value FROM meta WHERE name = 'moved'").fetchone()
    return int(row[0]) if row else 0


def _payload(
    message: Data, path: TerminalPath, id: str, stamp: str, boot: int, seq: int, chain: bytes
) -> bytes:
    return messages.encode(
        Envelope(
            id=id,
            type=messages.NAMES[message.__class__],
            source=f"{ROOT}/{path}",
            time=stamp,
            data=message,
            boot=boot,
            seq=seq,
            head=chain.hex(),
        )
    )


def _place(tx: Transaction) -> tuple[int, bytes, dict[str, int]]:
    """Where the next entry goes: the last one's number and chain, and each stream's last seq of this boot.

    All in one row, so that a commit touches one page less; read once, since nobody else writes it.
    """
    if "journal" in tx.remembered:
        place: tuple[int, bytes, dict[str, int]] = tx.remembered["journal"]
        return place
    n, chain, boot, *last = tx.execute("SELECT n, chain, boot, tx, evt, res FROM journal_head").fetchone()
    return n, chain, dict(zip(_STREAMS, last if boot == tx.boot else (0, 0, 0), strict=True))


def _stamp(now: float) -> str:
    """RFC 3339 in UTC with milliseconds; by hand, at half of what `datetime` takes."""
    day, milliseconds = divmod(int(now * 1000), 86_400_000)
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{_day(day)}T{hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}Z"


@lru_cache(maxsize=1)
def _day(days: int) -> str:
    """The date so many days after the first of January 1970."""
    return (date(1970, 1, 1) + timedelta(days=days)).isoformat()


def _link_of(entry: Entry, before: bytes) -> bytes:
    return _link(
        before,
        entry.digest,
        entry.n,
        entry.id,
        entry.session,
        entry.type,
        entry.time,
        entry.stream,
        entry.boot,
        entry.seq,
    )


def _link(before: bytes, digest: bytes, *said: str | int) -> bytes:
    """The next link. The parts are framed as a JSON array, so that none can flow into its neighbour."""
    return hashlib.sha256(before + digest + msgspec.json.encode(said)).digest()


def _insert(tx: Transaction, entry: Entry, numbers: Mapping[str, int]) -> None:
    tx.execute("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", entry)
    tx.execute(
        "UPDATE journal_head SET n = ?, chain = ?, boot = ?, tx = ?, evt = ?, res = ? WHERE one = 1",
        (entry.n, entry.chain, tx.boot, *numbers.values()),
    )
    tx.remembered["journal"] = entry.n, entry.chain, numbers
