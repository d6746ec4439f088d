"""The wire of a resident ID module: any wire, and on USB the module's channel of two pipes.

The SAM_V specification splits each frame on USB: preamble and length go through the first pair of end
points (02 out, 81 in), command to check byte through the second (06 out, 85 in). Other modules of the same
VID:PID put the whole frame through one pair. How many pairs there are tells which it is.
"""

from __future__ import annotations

from typing import Protocol

from drivers.device import Deadline
from drivers.sam_frames import PREAMBLE
from drivers.wire import Wire, open_wire

_HEAD = len(PREAMBLE) + 2
_AT_ONCE = Deadline(0)


class Pipes(Protocol):
    """A USB wire with several pipes (`usb_wire.UsbWire`)."""

    def close(self) -> None:
        """As of every wire."""

    def write(self, data: bytes, deadline: Deadline, pipe: int = 0) -> None:
        """Into one of the pipes."""

    def read(self, deadline: Deadline, pipe: int = 0) -> bytes:
        """Out of one of the pipes."""


def open_sam_wire(port: str, deadline: Deadline, *, baud: int) -> Wire:
    """The wire that `port` spells. DeviceError as `wire.open_wire`."""
    if not port.startswith("usb"):
        return open_wire(port, deadline, baud=baud)
    from drivers.usb_wire import UsbWire  # loads libusb, which a serial line does not need

    wire = UsbWire(port)
    return SplitWire(wire) if wire.pipes > 1 else wire


class SplitWire:
    """Two pipes as one stream of frames: a head from the first, then what it counts from the second.

    Halves that have lost each other are handed over as garbage, so that draining empties both pipes; a
    wrong pair fails the frame's check byte or its length.
    """

    def __init__(self, pipes: Pipes) -> None:
        self._pipes = pipes
        self._head = bytearray()
        self._owed = 0  # bytes that the last head announced and that have not come

    def close(self) -> None:
        """Lets go; may be called twice; never raises."""
        self._pipes.close()

    def write(self, data: bytes, deadline: Deadline) -> None:
        """Hands over one whole request. DeviceError as `Wire.write`."""
        self._forget()
        self._pipes.write(data[:_HEAD], deadline, 0)
        self._pipes.write(data[_HEAD:], deadline, 1)

    def read(self, deadline: Deadline) -> bytes:
        """What has arrived of an answer; `b""` when the deadline passes without a byte in either pipe."""
        if self._owed:
            data = self._pipes.read(deadline, 1)
            self._owed = max(0, self._owed - len(data))
        else:
            data = self._pipes.read(deadline, 0)
            self._count(data)
        if not data:  # nothing where it was due: what lies in the other pipe belongs to nothing
            data = self._pipes.read(_AT_ONCE, 0 if self._owed else 1)
            self._forget()
        return data

    def _count(self, data: bytes) -> None:
        self._head += data
        start = self._head.find(PREAMBLE)
        if start >= 0 and len(self._head) >= start + _HEAD:
            counted = self._head[start + len(PREAMBLE) : start + _HEAD]
            self._owed = int.from_bytes(counted, "big")
            self._head.clear()

    def _forget(self) -> None:
        self._owed = 0
        self._head.clear()
