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
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    with _lock:
        _last = max(milliseconds << 12 | (nanoseconds << 12) // 1_000_000, _last + 1)
        moment = _last
    random = int.from_bytes(os.urandom(8)) & (1 << 62) - 1
    digits = f"{(moment >> 12) << 80 | 7 << 76 | (moment & 0xFFF) << 64 | 0b10 << 62 | random:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
