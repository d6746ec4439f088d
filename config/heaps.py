"""The C library's heaps of a process: how many, and what is free in them given back to the system.

Of a C library without such calls nothing is asked.
"""

from __future__ import annotations

import ctypes

_ARENA_MAX = -8  # M_ARENA_MAX of malloc.h
_MOST = 2


def few() -> None:
    """Lets all threads share two heaps; to be called before the first thread starts.

    Each of a terminal's twenty threads would have its own otherwise, and the holes in them are 20 MB.
    """
    _call("mallopt", _ARENA_MAX, _MOST)


def give_back() -> None:
    """Returns the memory of pictures that are gone to the system: the heaps would keep it.

    A camera of two megapixels leaves twenty megabytes behind otherwise.
    """
    _call("malloc_trim", 0)


def _call(name: str, *arguments: int) -> None:
    function = getattr(ctypes.CDLL(None), name, None)
    if function is not None:
        function(*arguments)
