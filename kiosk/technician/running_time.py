"""How long this terminal has been running, in all: a clock that nothing but running moves.

Waits after wrong tries are counted by it, so a clock that is set forward forgives none, one that is set back
makes none longer, and a terminal that is switched off stands still. It never says too much; after each start
of the computer it may lack what had run since it was last written down.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from kiosk.data.ledger import Ledger, note
from kiosk.data.store import Transaction
from kiosk.remote.after_stop import machine_start

WRITE_SECONDS = 600.0  # between two writings
_KEPT = "running_time"


class Ran(msgspec.Struct, frozen=True):
    """`total` seconds in all, when this `start` of the computer had lasted `up` seconds."""

    total: float = 0.0
    up: float = 0.0
    start: str = ""  # its name; empty where the kernel gives none


def onwards(kept: Ran, up: float, start: str) -> Ran:
    """The same clock now, in this `start` of the computer, `up` seconds after it."""
    goes_on = start == kept.start and up >= kept.up
    return Ran(kept.total + (up - kept.up if goes_on else max(0.0, up)), up, start)


def now(
    ledger: Ledger, up: Callable[[], float] = time.monotonic, start: Callable[[], str] = machine_start
) -> Ran:
    """The clock of this terminal. `up` is the kernel's own count, which nobody sets."""
    kept = ledger.recall(_KEPT)
    return onwards(msgspec.json.decode(kept, type=Ran) if kept else Ran(), up(), start())


def keep(tx: Transaction, ran: Ran) -> None:
    """Written down with what was judged by it."""
    note(tx, _KEPT, msgspec.json.encode(ran).decode())


async def write_down(ledger: Ledger) -> None:
    """Call it every WRITE_SECONDS: what is not written down is lost when the power goes."""
    ran = now(ledger)
    await ledger.remember(_KEPT, msgspec.json.encode(ran).decode())
