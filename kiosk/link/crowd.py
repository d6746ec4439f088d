"""Not all at once: after an outage a terminal waits a little, by chance, before it sends what has piled up.

A hall that was away for a second is met within a second; one that a hundred thousand terminals have waited
for, within half a minute.
"""

from __future__ import annotations

import random
from collections.abc import Callable

SPREAD = 30.0  # seconds; never more than the outage was long


class Crowd:
    """When this terminal may begin again. `clock` in seconds, monotonic."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._away_since: float | None = None
        self._begin = 0.0

    def away(self) -> None:
        """The line or the hall behind it has gone."""
        if self._away_since is None:
            self._away_since = self._clock()

    def back(self) -> None:
        """It is there again. Told twice, the second time changes nothing."""
        if self._away_since is not None:
            now = self._clock()
            self._begin = now + random.uniform(0, min(SPREAD, now - self._away_since))
            self._away_since = None

    @property
    def wait(self) -> float:
        """Seconds until this terminal may send; 0 when it may."""
        return max(0.0, self._begin - self._clock())
