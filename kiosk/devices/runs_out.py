"""When a supply will have run out, from what the last days used of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

DAYS = 14  # days before today that count
ENOUGH = 3  # fewer days say nothing
FURTHEST = 3650  # days ahead that anybody plans


def runs_out(today: date, capacity: int, used: int, per_day: Sequence[int]) -> date | None:
    """The day on which the last of `capacity` will be used; None: not known yet.

    `used` since the supply was changed and `per_day` on each of the last days, days without use included
    and today not, are in the unit of `capacity`. It is not known before three days, nor without any use.
    """
    if len(per_day) < ENOUGH or sum(per_day) <= 0:
        return None
    left = max(0, capacity - used)
    days = left * len(per_day) // sum(per_day)
    return today + timedelta(days=min(days, FURTHEST))
