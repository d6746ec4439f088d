"""Which compartments of the locker a citizen's originals may lie in: nobody opens those for a test.

Kept over a stop, by number and time alone; the case that they belong to is the platform's business.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from config.platform_api import ORIGINALS_HOURS
from kiosk.ledger import Ledger

_MEMORY = "originals"


async def put_by(ledger: Ledger, compartment: int, clock: Callable[[], float] = time.time) -> None:
    """Before its door is opened for somebody: from now on, for ORIGINALS_HOURS, something may lie in it."""
    told = {str(number): at for number, at in _told(ledger, clock()).items()}
    await ledger.remember(_MEMORY, json.dumps(told | {str(compartment): clock()}))


async def not_put_by(ledger: Ledger, compartment: int) -> None:
    """Its door has stayed shut."""
    told = {str(number): at for number, at in _told(ledger, time.time()).items() if number != compartment}
    await ledger.remember(_MEMORY, json.dumps(told))


def compartments(ledger: Ledger, clock: Callable[[], float] = time.time) -> frozenset[int]:
    """Those that something may lie in now."""
    return frozenset(_told(ledger, clock()))


def _told(ledger: Ledger, now: float) -> dict[int, float]:
    kept = json.loads(ledger.recall(_MEMORY) or "{}")
    return {int(number): at for number, at in kept.items() if now - at < ORIGINALS_HOURS * 3600}
