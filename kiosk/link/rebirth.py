"""Which life of the hall's store this terminal knows, and when to say its birth again to hear of another.

The hall answers each birth with `Stored`. A terminal that hears of a generation it does not know says its
birth again, unless it has just said it, and goes on asking with back-off until the answer is there.
"""

from __future__ import annotations

import random
from collections.abc import Callable

PATIENCE = 5.0  # seconds that an answer may take, doubled each time, ±25 %
LONGEST_PATIENCE = 300.0
SPREAD = 10.0  # seconds over which the terminals of a restored hall say their births


class Rebirth:
    """`clock` in seconds, monotonic."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._hall = ""  # the generation that the hall names, while it is there
        self._known = ""
        self._asked = 0
        self._said = float("-inf")  # when our birth was last said
        self._due: float | None = None

    def know(self, generation: str) -> None:
        """What the hall has of us in this generation is settled, and written."""
        self._known = generation
        if self._hall in ("", generation):
            self._due = None

    def said(self) -> None:
        """Our birth has been said: by each new connection, and when it was due."""
        self._said = self._clock()
        if self._due is not None:
            self._asked += 1
            wait = min(LONGEST_PATIENCE, PATIENCE * 2.0 ** min(self._asked, 16))
            self._due = self._said + wait * random.uniform(0.75, 1.25)

    def host(self, generation: str) -> None:
        """The hall says that it is there; an empty generation when it says that it goes."""
        news, self._hall = generation != self._hall, generation
        if generation in ("", self._known):
            self._due = None
        elif news or self._due is None:
            self._asked = 0
            now = self._clock()
            on_its_way = self._said + PATIENCE
            self._due = on_its_way if on_its_way > now else now + random.uniform(0, SPREAD)

    def believes(self, generation: str) -> bool:
        """Whether a `Stored` of this generation is an answer of the hall as it is now, and news."""
        return bool(generation) and generation != self._known and self._hall in ("", generation)

    @property
    def settled(self) -> bool:
        """True while the hall is there in a life of its store that this terminal knows."""
        return self._hall == self._known != ""

    @property
    def wait(self) -> float | None:
        """Seconds until our birth is to be said again; None when nothing is to be asked."""
        return None if self._due is None else max(0.0, self._due - self._clock())
