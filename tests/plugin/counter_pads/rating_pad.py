"""A rating pad with five keys and a lamp, on a serial line (9600 baud, 8N1).

A question is `NN` `letter` `CC` return, its answer `NN` `text` `CC` return: NN counts the questions from 00
to 99, CC is the sum of all bytes before it, in hex. The pad speaks only when it is asked.

    ?  →  its model        L  →  ok: lamp on, keys forgotten
    K  →  0, or 1…5: the key touched since L        D  →  ok: dark, keys forgotten
"""

from __future__ import annotations

import time

from config.devices import Availability, DeviceState
from config.words import Words
from drivers.device import Deadline, DeviceError
from drivers.wire import Wire, check_port, drain, open_wire

LOOK_SECONDS = 0.05  # between two questions after a key


class NumberedLine:
    """Questions and answers of these pads; an answer to an earlier question is never taken for this one's."""

    def __init__(self, port: str, timeout: float) -> None:
        check_port(port)
        if not timeout > 0:
            raise ValueError("timeout must be above 0 seconds")
        self._port, self._timeout = port, timeout
        self._wire: Wire | None = None
        self._number, self._unsure = 0, True

    def open(self) -> None:
        """Opens the line. DeviceError `device_absent` when nothing is there."""
        self._wire = open_wire(self._port, Deadline(self._timeout), baud=9600)
        self._unsure = True

    def close(self) -> None:
        """Lets the line go."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()

    def ask(self, question: str) -> str:
        """The pad's answer. DeviceError `device_timeout`, `device_garbled`, `device_offline` (lost)."""
        if self._wire is None:
            raise DeviceError("device_offline", "not open", lost=True)
        deadline = Deadline(self._timeout)
        if self._unsure:  # whatever still comes belongs to a question that was given up
            drain(self._wire, 0.03, Deadline(self._timeout))
        self._unsure = True
        self._number = (self._number + 1) % 100
        self._wire.write(framed(self._number, question), deadline)
        answer = unframed(self._line(self._wire, deadline), self._number)
        self._unsure = False
        return answer

    def _line(self, wire: Wire, deadline: Deadline) -> bytes:
        heard = b""
        while not heard.endswith(b"\r"):
            data = wire.read(deadline)
            heard += data
            if not data or len(heard) > 100_000:
                raise DeviceError("device_timeout" if not data else "device_garbled", "no whole answer")
        return heard


def framed(number: int, text: str) -> bytes:
    """A question or an answer as it goes over the line."""
    body = f"{number:02}{text}".encode("ascii")
    return body + f"{sum(body) % 256:02X}\r".encode("ascii")


def unframed(line: bytes, number: int) -> str:
    """The text of the answer to question `number`. DeviceError `device_garbled` for anything else."""
    body, check = line[:-3], line[-3:-1]
    if not body.isascii() or check != f"{sum(body) % 256:02X}".encode("ascii"):
        raise DeviceError("device_garbled", "wrong sum")
    if body[:2] != f"{number:02}".encode("ascii"):
        raise DeviceError("device_garbled", "the answer to another question")
    return body[2:].decode("ascii")


class CounterRatingPad:
    """The driver: `drivers/pads.py: RatingPad`."""

    def __init__(self, *, port: str, timeout: float = 0.5) -> None:
        self._line = NumberedLine(port, timeout)
        self._asking = False

    def open(self) -> None:
        """Opens the line and puts the lamp out."""
        self._line.open()
        self.reset()

    def close(self) -> None:
        """Lets the line go."""
        self._line.close()

    def status(self) -> DeviceState:
        """Online when it tells its model."""
        return DeviceState(Availability.ONLINE, detail=self._line.ask("?"))

    def ask(self, question: Words, seconds: float) -> int | None:
        """The key touched, 1 to 5; None within `seconds`. This pad has no display: the question is lit."""
        deadline = Deadline(seconds)
        if not self._asking:
            self._line.ask("L")
            self._asking = True
        while True:
            key = self._line.ask("K")
            if key in ("1", "2", "3", "4", "5"):
                self.reset()
                return int(key)
            if key != "0":
                raise DeviceError("device_garbled", "no such key")
            if deadline.left == 0:
                return None
            time.sleep(min(LOOK_SECONDS, deadline.left))

    def reset(self) -> None:
        """Nobody is asked any more."""
        self._asking = False
        self._line.ask("D")
