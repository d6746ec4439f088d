"""Which MQTT to speak: 5, and 3.1.1 with a broker that knows no 5.

What 5 adds (expiry, a will that waits, a bound on packets) is comfort: all that terminal and hall need stands
in the payloads.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import Literal

Version = Literal["5", "3.1.1"]

FALLEN_BACK = 3600.0  # seconds until 5 is tried again
HANG_UPS = 2  # running, without a word, and the broker does not know what we speak


class Answer(Enum):
    """How a broker took our CONNECT."""

    ACCEPTED = auto()
    VERSION_REFUSED = auto()
    REFUSED = auto()  # for another reason
    HUNG_UP = auto()  # without CONNACK
    UNREACHED = auto()  # there was nobody to say it to


class Choice:
    """Chooses for each connection by how the last ones went. `clock` in seconds, monotonic."""

    def __init__(self, wanted: Literal["auto", "5", "3.1.1"], clock: Callable[[], float]) -> None:
        self._wanted = wanted
        self._clock = clock
        self._fell_back: float | None = None  # when
        self._was_told = False  # the broker said that it knows no 5; else we only gathered it
        self._hang_ups = 0

    @property
    def version(self) -> Version:
        """What to speak on the next connection."""
        if self._wanted != "auto":
            return self._wanted
        if self._fell_back is not None and self._clock() - self._fell_back >= FALLEN_BACK:
            self._fell_back, self._hang_ups = None, 0
        return "5" if self._fell_back is None else "3.1.1"

    @property
    def doubtful(self) -> bool:
        """The connection that stands may speak 3.1.1 for nothing: it is an hour since two hang-ups."""
        return (
            self._fell_back is not None
            and not self._was_told
            and self._clock() - self._fell_back >= FALLEN_BACK
        )

    def note(self, spoken: Version, answer: Answer) -> None:
        """How the broker took a CONNECT in `spoken`."""
        self._hang_ups = self._hang_ups + 1 if answer is Answer.HUNG_UP else 0
        if self._wanted != "auto":
            return
        if spoken == "5" and (answer is Answer.VERSION_REFUSED or self._hang_ups >= HANG_UPS):
            self._fell_back, self._was_told = self._clock(), answer is Answer.VERSION_REFUSED
            self._hang_ups = 0
        elif spoken == "3.1.1" and (answer is Answer.VERSION_REFUSED or self._hang_ups >= HANG_UPS):
            self._fell_back, self._hang_ups = None, 0  # that was not it either
