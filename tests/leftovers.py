"""What a test must not leave behind: open files and sockets, and threads."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 60.0  # seconds: what has been told to end may still be at it


@contextmanager
def nothing_left() -> Iterator[None]:
    """AssertionError when there are more threads or open handles soon after the block than before it."""
    handles, threads = _open_handles(), threading.active_count()
    yield
    end = time.monotonic() + PATIENCE
    while _open_handles() > handles or threading.active_count() > threads:
        names = [one.name for one in threading.enumerate()]
        assert time.monotonic() < end, f"{_open_handles() - handles} handles too many; threads: {names}"
        time.sleep(0.02)


def _open_handles() -> int:
    return len(os.listdir("/proc/self/fd"))
