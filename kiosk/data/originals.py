"""Which compartments of the locker a citizen's originals may lie in: nobody opens those for a test.

Kept over a stop, by number and time alone; the case that they belong to is the platform's business.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable

from config.platform_api import ORIGINALS_HOURS
from kiosk.data.ledger import Ledger

_MEMORY = "originals"


async def put_by(ledger: Ledger, compartment: int, clock: Callable[[], float] = time.time) -> None:
    """Before its door is opened for somebody: from now on, for ORIGINALS_HOURS, something may lie in it."""
    told = {str(number): at for number, at in _told(ledger.recall(_MEMORY), clock()).items()}
    await ledger.remember(_MEMORY, json.dumps(told | {str(compartment): clock()}))


async def not_put_by(ledger: Ledger, compartment: int) -> None:
    """Its door has stayed shut."""
    told = _told(ledger.recall(_MEMORY), time.time())
    rest = {str(number): at for number, at in told.items() if number != compartment}
    await ledger.remember(_MEMORY, json.dumps(rest))


def compartments(ledger: Ledger, clock: Callable[[], float] = time.time) -> frozenset[int]:
    """Those that something may lie in now."""
    return frozenset(_told(ledger.recall(_MEMORY), clock()))


def of_store(read: sqlite3.Connection, clock: Callable[[], float] = time.time) -> frozenset[int]:
    """The same, of a terminal that does not run. sqlite3.Error."""
    row = read.execute("SELECT value FROM meta WHERE name = ?", (_MEMORY,)).fetchone()
    return frozenset(_told(str(row[0]) if row else "", clock()))


def _told(kept: str, now: float) -> dict[int, float]:
    told = json.loads(kept or "{}")
    return {int(number): at for number, at in told.items() if now - at < ORIGINALS_HOURS * 3600}
