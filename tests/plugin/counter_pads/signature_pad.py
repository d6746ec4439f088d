"""A signature tablet with a pen, on the same line as the rating pad.

S  →  ok: the display asks for a signature, unless it does already
P  →  empty while the citizen writes; once he has touched *done*: `x,y,ms` of each point, `;` between
      points, `|` between strokes; x 0…999 from the left, y 0…499 from the top
D  →  ok: dark, everything forgotten
"""

from __future__ import annotations

import time

from config.devices import Availability, DeviceState
from config.strokes import Point, Strokes
from drivers.device import Deadline, DeviceError

from .rating_pad import LOOK_SECONDS, NumberedLine

WIDTH, HEIGHT = 1000, 500


class CounterSignaturePad:
    """The driver: `drivers/pads.py: SignaturePad`."""

    def __init__(self, *, port: str, timeout: float = 1.0) -> None:
        self._line = NumberedLine(port, timeout)

    def open(self) -> None:
        """Opens the line and clears the display."""
        self._line.open()
        self.cancel()

    def close(self) -> None:
        """Lets the line go."""
        self._line.close()

    def status(self) -> DeviceState:
        """Online when it tells its model."""
        return DeviceState(Availability.ONLINE, detail=self._line.ask("?"))

    def sign(self, seconds: float) -> Strokes | None:
        """The signature once *done* was touched; None when it was not within `seconds`."""
        deadline = Deadline(seconds)
        self._line.ask("S")
        while True:
            written = self._line.ask("P")
            if written:
                strokes = strokes_of(written)
                self.cancel()
                return strokes
            if deadline.left == 0:
                return None
            time.sleep(min(LOOK_SECONDS, deadline.left))

    def cancel(self) -> None:
        """Ends signing and clears the display."""
        self._line.ask("D")

    def reset(self) -> None:
        """Nobody waits for the signature any more."""
        self.cancel()


def strokes_of(written: str) -> Strokes:
    """The strokes in the pad's words. DeviceError `device_garbled`, which quotes nothing of them."""
    try:
        drawn = tuple(
            tuple(_point(*map(int, point.split(","))) for point in stroke.split(";"))
            for stroke in written.split("|")
        )
    except (TypeError, ValueError):
        raise DeviceError("device_garbled", "no strokes") from None
    return Strokes(drawn, WIDTH / HEIGHT)


def _point(x: int, y: int, milliseconds: int) -> Point:
    if not (0 <= x < WIDTH and 0 <= y < HEIGHT and milliseconds >= 0):
        raise ValueError("outside the pad")
    return Point(x / WIDTH, y / HEIGHT, milliseconds / 1000)
