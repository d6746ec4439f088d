"""The messages that the hall has not yet acknowledged, as functions over an open transaction.

None of these commits: the caller's transaction writes what happened and the message that tells it
together, or neither. A row ends only when the *hall* says so (`/ack` or a refusal): the broker's PUBACK
means that the broker has the message in memory, which is no promise. Acknowledged rows stay `keep_days`
more, so that a hall restored from an older backup can be given them again.

Times are seconds since 1970, handed in by the caller. Payloads hold nothing personal (`mqtt/messages.py`).
They lie here as they are handed in: whoever adds seals them, whoever sends opens them.

Beside the messages there is late health: reports of hours without a line. They are neither numbered nor
acknowledged, go after everything else, and are the only thing that is ever given up for want of room.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

FIRST_WAIT = 5.0  # seconds until a message that found no answer is sent again
LONGEST_WAIT = 300.0
SOON = 15.0  # seconds: what goes again by itself in less may still be on its way
PATIENCE = 3  # sendings after which nobody waits for an answer any more: it goes on, beside the rest

# What waits and what is kept are two tables: the one that is written with every case stays small, without
# an index to keep (a commit costs what pages it touches), in the order of its ids, which is that of time.
TABLES = """
CREATE TABLE outbox (
    id TEXT PRIMARY KEY, stream TEXT NOT NULL, boot INTEGER NOT NULL, seq INTEGER NOT NULL,
    payload BLOB NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL
) WITHOUT ROWID, STRICT;
CREATE TABLE outbox_kept (
    id TEXT PRIMARY KEY, stream TEXT NOT NULL, boot INTEGER NOT NULL, seq INTEGER NOT NULL,
    payload BLOB NOT NULL, acked REAL NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX outbox_kept_acked ON outbox_kept (acked);
CREATE TABLE dead_letters (
    id TEXT PRIMARY KEY, stream TEXT NOT NULL, boot INTEGER NOT NULL, seq INTEGER NOT NULL,
    payload BLOB NOT NULL, code TEXT NOT NULL, refused REAL NOT NULL
) STRICT
"""

LATE_HEALTH = """
CREATE TABLE late_health (
    id TEXT PRIMARY KEY, payload BLOB NOT NULL, made REAL NOT NULL
) WITHOUT ROWID, STRICT
"""


class Executes(Protocol):
    """Whatever runs SQL: a transaction of the store, a read-only connection."""

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> sqlite3.Cursor: ...


@dataclass(frozen=True)
class Waiting:
    """One message to be sent now."""

    id: str
    stream: str  # the topic's leaf: tx, res or evt; health when it is late
    payload: bytes
    attempts: int


def add(tx: Executes, payload: bytes, id: str, stream: str, boot: int, seq: int, now: float) -> None:
    """Puts an encoded envelope in the outbox, due at once. sqlite3.IntegrityError when it is there.

    `seq` counts the stream's messages of this boot from 1; whoever adds has numbered them.
    """
    tx.execute(
        "INSERT INTO outbox (id, stream, boot, seq, payload, due) VALUES (?, ?, ?, ?, ?, ?)",
        (id, stream, boot, seq, payload, now),
    )


def due(read: Executes, now: float, limit: int, in_flight: Collection[str] = ()) -> list[Waiting]:
    """At most `limit` messages to send now: transactions before results before events, each in its order.

    Those `in_flight` (handed to the broker, no PUBACK yet) are passed over. A row that is due later than
    the longest wait was dated by a clock that has since been set back: it is due. What found no answer
    PATIENCE times goes after the rest of its stream, so that it stands in nobody's way.
    """
    rows = read.execute(
        "SELECT id, stream, payload, attempts FROM outbox WHERE due <= ? OR due > ?"
        " ORDER BY stream DESC, attempts > ?, id LIMIT ?",
        (now, now + 2 * LONGEST_WAIT, PATIENCE, limit + len(in_flight)),
    )
    return [Waiting(*row) for row in rows if row[0] not in in_flight][:limit]


def unanswered(read: Executes, now: float, most: int) -> int:
    """How many messages, at most `most`, were sent and are not due again: an answer may be on its way.

    One that was sent more than PATIENCE times, or answered with *not now*, is not waited for: those that the
    hall never answers would in the end hold up all others."""
    rows = read.execute(
        "SELECT 1 FROM outbox WHERE attempts BETWEEN 1 AND ? AND due > ? AND due <= ? LIMIT ?",
        (PATIENCE, now, now + 2 * LONGEST_WAIT, most),
    )
    return len(rows.fetchall())


def next_due(read: Executes) -> float | None:
    """When the next message is due; None when nothing waits."""
    row = read.execute("SELECT min(due) FROM outbox").fetchone()
    return None if row[0] is None else float(row[0])


def sent(tx: Executes, ids: Collection[str], now: float) -> None:
    """Notes one more attempt of each; the next one waits twice as long as the last, ±25 %, at most 300 s."""
    for id in ids:
        row = tx.execute("SELECT attempts FROM outbox WHERE id = ?", (id,)).fetchone()
        if row is None:
            continue  # acknowledged in the meantime
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(int(row[0]), 16)) * random.uniform(0.75, 1.25)
        tx.execute("UPDATE outbox SET attempts = attempts + 1, due = ? WHERE id = ?", (now + wait, id))


def put_off(tx: Executes, id: str) -> None:
    """The hall has answered that it cannot take the message now: it goes again when it is due, later each
    time, and nobody waits for it."""
    tx.execute("UPDATE outbox SET attempts = max(attempts, ?) WHERE id = ?", (PATIENCE + 1, id))


def hurry(tx: Executes, now: float) -> None:
    """Makes due now what would wait long: the hall is back. A hall that comes and goes because it has too
    much to do is not given all of it once more each time."""
    tx.execute("UPDATE outbox SET due = ?, attempts = 0 WHERE due > ?", (now, now + SOON))


def acked(tx: Executes, id: str, now: float) -> bool:
    """The hall has committed the message. False when it does not wait here (an ack that came twice)."""
    tx.execute(
        "INSERT INTO outbox_kept SELECT id, stream, boot, seq, payload, ? FROM outbox WHERE id = ?", (now, id)
    )
    return tx.execute("DELETE FROM outbox WHERE id = ?", (id,)).rowcount == 1


def refused(tx: Executes, id: str, code: str, now: float) -> bool:
    """The hall will never take the message: it moves to the dead letters. False when it waits no more."""
    moved = tx.execute(
        "INSERT INTO dead_letters SELECT id, stream, boot, seq, payload, ?, ? FROM outbox WHERE id = ?",
        (code, now, id),
    )
    tx.execute("DELETE FROM outbox WHERE id = ?", (id,))
    return moved.rowcount == 1


def reopen_above(tx: Executes, stream: str, boot: int, seq: int, now: float) -> int:
    """Sends again the kept messages of a stream that a restored hall may lack. Returns how many.

    `(boot, seq)` is the highest that it has without a gap. Above it everything is reopened, and also what
    was acknowledged after it: a late straggler of an earlier boot has a lower number than what the backup
    ends with. Messages that the hall has after all cost it nothing: the id is known.
    """
    tx.execute(
        "INSERT INTO outbox SELECT id, stream, boot, seq, payload, 0, ? FROM outbox_kept"
        " WHERE stream = ? AND ((boot, seq) > (?, ?)"
        " OR acked >= (SELECT acked FROM outbox_kept WHERE stream = ? AND boot = ? AND seq = ?))",
        (now, stream, boot, seq, stream, boot, seq),
    )
    return tx.execute(
        "DELETE FROM outbox_kept WHERE stream = ? AND id IN (SELECT id FROM outbox)", (stream,)
    ).rowcount


def reopen(tx: Executes, stream: str, boots: Mapping[int, int], now: float, *, complete: bool) -> int:
    """Sends again what a restored hall lacks of a stream. Returns how many messages.

    `boots` has, by boot, the number up to which nothing is missing; of a boot that is not there the hall has
    nothing, unless it is older than those and the list is not `complete`. What was refused above those
    numbers goes again, too: with the refusal the hall lost what it knew of the number.
    """
    oldest = 0 if complete else min(boots, default=0)
    known = json.dumps({str(boot): seq for boot, seq in boots.items()})
    above = (
        "stream = ? AND boot >= ? AND seq >"
        " coalesce((SELECT value FROM json_each(?) WHERE key = CAST(boot AS TEXT)), 0)"
    )
    reopened = 0
    for table in ("outbox_kept", "dead_letters"):
        tx.execute(
            f"INSERT INTO outbox SELECT id, stream, boot, seq, payload, 0, ? FROM {table} WHERE {above}",  # noqa: S608 (our tables)
            (now, stream, oldest, known),
        )
        reopened += tx.execute(
            f"DELETE FROM {table} WHERE {above}",  # noqa: S608 (our tables)
            (stream, oldest, known),
        ).rowcount
    return reopened


def keep_health(tx: Executes, id: str, payload: bytes, now: float) -> None:
    """Keeps a health report that found no line. Ids are UUIDv7: they sort by time."""
    tx.execute("INSERT INTO late_health VALUES (?, ?, ?)", (id, payload, now))


def late_health(read: Executes, limit: int, in_flight: Collection[str] = ()) -> list[Waiting]:
    """At most `limit` reports, oldest first; for when nothing else is to be sent."""
    rows = read.execute(
        "SELECT id, 'health', payload, 0 FROM late_health ORDER BY id LIMIT ?", (limit + len(in_flight),)
    )
    return [Waiting(*row) for row in rows if row[0] not in in_flight][:limit]


def health_arrived(tx: Executes, ids: Collection[str]) -> None:
    """The broker has these reports. That is all that health asks for."""
    for id in ids:
        tx.execute("DELETE FROM late_health WHERE id = ?", (id,))


def drop_health(tx: Executes, surplus: int) -> int:
    """Gives up late health, oldest first, until `surplus` bytes are free or none is left. How many."""
    dropped = 0
    for id, size in tx.execute("SELECT id, length(payload) FROM late_health ORDER BY id").fetchall():
        if surplus <= 0:
            break
        tx.execute("DELETE FROM late_health WHERE id = ?", (id,))
        surplus -= size
        dropped += 1
    return dropped


def size(read: Executes) -> tuple[int, int]:
    """Bytes of the messages that wait, and of late health."""
    (messages,) = read.execute("SELECT total(length(payload)) FROM outbox").fetchone()
    (health,) = read.execute("SELECT total(length(payload)) FROM late_health").fetchone()
    return int(messages), int(health)


def depth(read: Executes) -> int:
    """How many messages the hall has not acknowledged."""
    return int(read.execute("SELECT count(*) FROM outbox").fetchone()[0])


def dead(read: Executes) -> list[tuple[str, str]]:
    """(id, code) of every message that the hall refused, oldest first."""
    return [
        (str(i), str(code)) for i, code in read.execute("SELECT id, code FROM dead_letters ORDER BY refused")
    ]


def purge(tx: Executes, now: float, keep_days: float) -> int:
    """Deletes what was acknowledged more than `keep_days` ago. Returns how many.

    At a time no more than a day's worth: a clock that jumps a year ahead for an hour must not take all that a
    hall could be restored with.
    """
    (oldest,) = tx.execute("SELECT min(acked) FROM outbox_kept").fetchone()
    until = min(now - keep_days * 86400, (now if oldest is None else oldest) + 86400)
    return tx.execute("DELETE FROM outbox_kept WHERE acked < ?", (until,)).rowcount
