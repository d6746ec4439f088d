"""The technician's gesture: hold, three taps, hold, all on one empty spot of the glass. It is drawn nowhere.

It is a rhythm and not a place, so a panel that is calibrated wrongly, turned or mirrored still knows it: any
spot serves on which nothing can be touched, and a finger that lands on something begins anew. Knows nothing
of Kivy and of no clock: whoever hears touches tells when they were.
"""

from __future__ import annotations

from dataclasses import dataclass

HOLD = 1.4  # seconds at least; a technician is told two
LONGEST = 8.0  # seconds: a sleeve on the glass is not a finger
TAP = 0.9  # seconds at most
PAUSE = 2.5  # seconds at most between two touches
NEAR = 0.15  # of the window's shorter side: all of it is one spot
RHYTHM = "-...-"  # held, tapped three times, held
_HELD, _TAPPED = "-", "."


@dataclass(frozen=True)
class _Down:
    x: float
    y: float
    at: float


class Gesture:
    """What was heard of it so far. Lengths in parts of the window's shorter side, times in seconds."""

    def __init__(self) -> None:
        self._heard = ""
        self._spot: tuple[float, float] | None = None
        self._down: _Down | None = None
        self._left = 0.0  # when the last finger left

    def forget(self) -> None:
        """Another page is in view, or something was touched: nothing was heard."""
        self._heard, self._spot, self._down = "", None, None

    def down(self, x: float, y: float, at: float, empty: bool) -> None:
        """A finger comes down; `empty` where nothing can be touched."""
        second = self._down is not None
        late = bool(self._heard) and at - self._left > PAUSE
        if not empty or second:
            self.forget()
            return
        if late or not self._here(x, y):
            self.forget()
        self._spot = self._spot or (x, y)
        self._down = _Down(x, y, at)

    def up(self, x: float, y: float, at: float) -> bool:
        """The finger leaves. True when that was the last of it."""
        down, self._down = self._down, None
        if down is None:
            return False
        self._left = at
        self._hear(_stroke(at - down.at) if self._here(x, y) else "")
        if self._heard != RHYTHM:
            return False
        self.forget()
        return True

    def _hear(self, stroke: str) -> None:
        """One more stroke. What does not go on may begin anew: a hold does."""
        heard = self._heard + stroke
        if stroke and RHYTHM.startswith(heard):
            self._heard = heard
        elif stroke == _HELD:
            self._heard = _HELD
        else:
            self.forget()

    def _here(self, x: float, y: float) -> bool:
        return self._spot is None or max(abs(x - self._spot[0]), abs(y - self._spot[1])) <= NEAR


def _stroke(seconds: float) -> str:
    if seconds <= TAP:
        return _TAPPED
    return _HELD if HOLD <= seconds <= LONGEST else ""
