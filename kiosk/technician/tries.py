"""The lock-out clock: after each wrong try the next may come later, by number and for the whole terminal.

Pure functions of what is kept and of the time, which is the terminal's running time (`running_time.py`): a
clock that is set forgives nothing, and a restart neither. What is kept lies in the store. A try that lies
ahead of the running time comes from a store that counted otherwise: its wait begins anew (`not_ahead`).
"""

from __future__ import annotations

import msgspec

# Seconds after the first wrong try, the second …; after the last of these it stays as long.
BY_NUMBER = (0.0, 2.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)
# Whoever tries many numbers, or many cards; the right one still gets his turn four times in an hour.
AT_TERMINAL = (*((0.0,) * 10), 5.0, 15.0, 60.0, 300.0, 900.0)
FORGOTTEN_SECONDS = 86_400.0
MOST_KEPT = 100  # numbers that are counted at once; the oldest go first


class Tries(msgspec.Struct, frozen=True):
    """So many wrong ones, the last at this running time (seconds)."""

    wrong: int = 0
    last: float = 0.0


def failed(before: Tries, now: float) -> Tries:
    """One wrong try more."""
    return Tries(_remembered(before, now).wrong + 1, now)


def seconds_left(tries: Tries, now: float, waits: tuple[float, ...] = BY_NUMBER) -> float:
    """Until the next try; 0 when it may come now."""
    wrong = _remembered(tries, now).wrong
    if wrong == 0:
        return 0.0
    wait = waits[min(wrong, len(waits)) - 1]
    return max(0.0, min(wait, tries.last + wait - now))


def not_ahead(kept: dict[str, Tries], now: float) -> dict[str, Tries]:
    """No try lies in the future."""
    return {name: Tries(one.wrong, min(one.last, now)) for name, one in kept.items()}


def newest(kept: dict[str, Tries]) -> dict[str, Tries]:
    """As many as are kept, the newest of them."""
    order = sorted(kept, key=lambda name: kept[name].last, reverse=True)
    return {name: kept[name] for name in order[:MOST_KEPT]}


def _remembered(tries: Tries, now: float) -> Tries:
    return Tries() if now - tries.last > FORGOTTEN_SECONDS else tries
