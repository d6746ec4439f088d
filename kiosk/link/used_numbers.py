"""Numbers that were used once are not used again, even when the store was restored from an image or copied.

Such a store counts its starts from where the image was made, a new one from the first. The hall then knows
messages of this start, or of a younger one, that this journal has not: it would refuse each new one under
their numbers, and take every birth for an old one. Its answer to a birth shows it; the next start counts from
above what the hall knows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import structlog

from kiosk.data import journal
from kiosk.data.store import Store, Transaction
from mqtt.messages import Stored

LARGEST = 2**53  # a start above this was never counted by a terminal
RAISED = "boot_raised"  # in `meta`: above which start the count was last raised

_log = structlog.get_logger(__name__)


class UsedNumbers:
    """`found(again)` is called once at most: numbers were used before. `again`: this start was to be the one
    above them, so that a second machine must be using the same name."""

    def __init__(self, store: Store, found: Callable[[bool], None]) -> None:
        self._store, self._found = store, found
        self._told = False
        self._looking: set[asyncio.Task[None]] = set()  # the loop itself holds tasks only weakly

    def on_stored(self, stored: Stored) -> None:
        """The hall's answer to our birth; on the loop."""
        task = asyncio.get_running_loop().create_task(self._look(stored), name="used numbers")
        self._looking.add(task)
        task.add_done_callback(self._looking.discard)

    async def _look(self, stored: Stored) -> None:
        boots = stored.boots or {stream: [place] for stream, place in stored.streams.items()}
        with self._store.read() as read:
            used = beyond(boots, self._store.boot, journal.numbers(read, self._store.boot))
        if not used:
            return
        again = await self._store.write(lambda tx: raise_boot(tx, used))
        if not self._told:
            self._told = True
            _log.error("numbers_reused", boot=self._store.boot, known=used, again=again)
            self._found(again)


def beyond(boots: Mapping[str, list[tuple[int, int]]], boot: int, ours: Mapping[str, int]) -> int:
    """The youngest start that the hall knows more of than we; 0 when there is none.

    `boots` has by stream (start, number) of what the hall has, `ours` by stream the last number of `boot`.
    """
    used = [
        start
        for stream, places in boots.items()
        for start, number in places
        if boot < start < LARGEST or (start == boot and number > ours.get(stream, 0))
    ]
    return max(used, default=0)


def raise_boot(tx: Transaction, used: int) -> bool:
    """Lets the next start count from above `used`. True when this one was to be above them already."""
    row = tx.execute("SELECT value FROM meta WHERE name = ?", (RAISED,)).fetchone()
    tx.execute("UPDATE meta SET value = max(CAST(value AS INTEGER), ?) WHERE name = 'boot'", (used,))
    tx.execute(
        "INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (RAISED, str(used)),
    )
    return row is not None and int(row[0]) == tx.boot - 1
