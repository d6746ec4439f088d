"""Identifiers that sort by the time they were made: UUID version 7 (RFC 9562, 5.7)."""

from __future__ import annotations

import os
import threading
import time

_lock = threading.Lock()
_last = 0  # the newest time part given out; the one thing that must be remembered to stay in order


def uuid7() -> str:
    """A new UUIDv7 in its 36 characters, greater than every one this process made before.

    48 bits of milliseconds, then 12 bits of the fraction of the millisecond (RFC 9562, 6.2, method 3),
    then 62 random bits. A clock that stands still or steps back only advances the fraction.
    """
    global _last
    now = time.time_ns()
    with _lock:
        _last = max((now << 12) // 1_000_000, _last + 1)  # 4096ths of a millisecond
        moment = f"{_last:015x}"
    random = os.urandom(8).hex()
    variant = "89ab"[int(random[0], 16) & 0b11]
    return f"{moment[:8]}-{moment[8:12]}-7{moment[12:]}-{variant}{random[1:4]}-{random[4:]}"


def made_at(id: str) -> float:
    """When a UUIDv7 was made, in seconds since 1970."""
    return int(id.replace("-", "")[:12], 16) / 1000
