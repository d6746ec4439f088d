"""What the hall answers, as it is written in the store: what it has, what it refuses, what it lacks.

Functions of an open transaction; none of them commits.
"""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.data import journal
from kiosk.data.store import Transaction
from mqtt import messages, outbox
from mqtt.messages import Ack, Stored

STORED = "stored"  # the code of an ack whose message the hall has committed
TURNED_AWAY = ("unknown_terminal", "revoked")  # codes that are about us, and not about the message
STREAMS = tuple(dict.fromkeys(messages.STREAM.values()))


def turned_away(acks: Sequence[Ack], before: bool) -> bool:
    """Whether the hall takes nothing of this terminal, by the last of its answers that tells."""
    told = [ack.code in TURNED_AWAY for ack in acks if ack.code == STORED or ack.code in TURNED_AWAY]
    return told[-1] if told else before


def settle(tx: Transaction, acks: list[Ack], arrived: list[str], now: float) -> list[Ack]:
    """Writes what the hall said. Returns the final refusals that were news."""
    outbox.health_arrived(tx, arrived)
    refused = []
    for ack in acks:
        if ack.code == STORED:
            outbox.acked(tx, ack.id, now)
        elif ack.retry:
            outbox.put_off(tx, ack.id)
        elif outbox.refused(tx, ack.id, ack.code, now):
            refused.append(ack)
    return refused


def give_again(tx: Transaction, stored: Stored, now: float) -> tuple[int, int]:
    """A hall with another life of its store is given again all that it may lack. Returns how many messages
    that is, and how many it lacks that are not here any more."""
    reopened = gone = 0
    for stream in STREAMS:
        boots = dict(stored.boots.get(stream, []))
        if stored.boots or not stored.streams:
            complete = len(boots) < messages.STORED_BOOTS
            reopened += outbox.reopen(tx, stream, boots, now, complete=complete)
            gone += journal.gone(tx, stream, boots)
        else:
            reopened += outbox.reopen_above(tx, stream, *stored.streams.get(stream, (0, 0)), now)
    tx.execute(
        "INSERT INTO meta VALUES ('generation', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (stored.generation,),
    )
    return reopened, gone


def generation(read: outbox.Executes) -> str:
    """Which life of the hall's store this terminal knows; empty before the first."""
    row = read.execute("SELECT value FROM meta WHERE name = 'generation'").fetchone()
    return str(row[0]) if row else ""
