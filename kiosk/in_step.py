"""Whoever looks every so often looks when the others do, so that an idle processor wakes once for all."""

from __future__ import annotations

import time


def to_next(seconds: float) -> float:
    """Seconds until the next whole multiple of `seconds` on the monotonic clock, which is also asyncio's.

    More than 0 and never more than `seconds`: nobody looks later for it.
    """
    return seconds - time.monotonic() % seconds
