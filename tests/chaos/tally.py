"""Counters in a file that is mapped into memory: what was counted is there after a kill -9."""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

PUBLISHED = 0  # messages that a terminal handed to its broker
TAKEN = 1  # numbered messages that an ingest was brought
_PLACES = 8
_NUMBER = struct.Struct("<q")


class Tally:
    """One process's counters; another process reads them with `read`."""

    def __init__(self, file: Path) -> None:
        """Goes on from what the file says, which is made when it is not there."""
        with file.open("a+b") as opened:
            opened.truncate(_PLACES * _NUMBER.size)
            self._memory = mmap.mmap(opened.fileno(), _PLACES * _NUMBER.size)

    def add(self, place: int, number: int = 1) -> None:
        """Counts on, by one thread at a time."""
        (now,) = _NUMBER.unpack_from(self._memory, place * _NUMBER.size)
        _NUMBER.pack_into(self._memory, place * _NUMBER.size, now + number)


def total(folder: Path, place: int) -> int:
    """The sum over all tallies of a folder."""
    return sum(_NUMBER.unpack_from(file.read_bytes(), place * 8)[0] for file in folder.glob("*.tally"))
