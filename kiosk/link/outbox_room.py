"""How much may wait for the hall: `link.outbox_megabytes`, and never the disk's last reserve.

Late health goes first, oldest first. Transactions, results and events are never given up: when they alone
are too much, the outbox is full and the terminal takes no new session, rather than lose one.
"""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass

from kiosk.data.store import Store
from mqtt import outbox

DISK_RESERVE = 200 * 1024 * 1024  # bytes


@dataclass(frozen=True)
class Room:
    """What waits, in bytes, and how many reports were given up for it just now."""

    messages: int
    health: int
    dropped: int
    full: bool


async def keep_within(store: Store, limit: int) -> Room:
    """Gives up what may go, until all that waits is within `limit` bytes and the disk has its reserve."""
    messages, health = await asyncio.to_thread(_size, store)  # reads all of it
    short = DISK_RESERVE - shutil.disk_usage(store.folder).free
    surplus = min(health, max(messages + health - limit, short))
    dropped = 0
    if surplus > 0:
        dropped = await store.write(lambda tx: outbox.drop_health(tx, surplus))
    return Room(messages, health, dropped, messages > limit)


def _size(store: Store) -> tuple[int, int]:
    with store.read() as read:
        return outbox.size(read)
