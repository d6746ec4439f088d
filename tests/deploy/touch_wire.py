"""A touch panel without glass: one finger, told to Xorg's driver `inputtest` (inputtestdrv(4))."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_HEADER = struct.Struct("=II")  # length with itself, kind
_VERSION, _SYNC, _TOUCH = 0, 1, 6
_BEGIN, _UPDATE, _END = 18, 19, 20  # XI_TouchBegin and so on
_VALUATORS = 64
_TOP = 0xFFFF  # the driver's axes go from 0 to this
SECONDS = 30.0


class Panel:
    """A finger on it; places from 0 to 1, from the left and from the top of the glass."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._send(_VERSION, struct.pack("=HH", 1, 0))
        self._answer()

    def touch(self, x: float, y: float) -> None:
        """Puts the finger there and takes it away; Xorg has heard of both when it returns."""
        for kind in (_BEGIN, _UPDATE, _END):
            places = [x * _TOP, y * _TOP] + [0.0] * (_VALUATORS - 2)
            mask = bytes([0b11]) + bytes(_VALUATORS // 8 - 1)
            valuators = struct.pack("=I8s", 0, mask) + _aligned(places)
            self._send(_TOUCH, struct.pack("=II", 0, kind) + valuators)
        self._send(_SYNC, b"")
        self._answer()

    def _send(self, kind: int, rest: bytes) -> None:
        self._line.sendall(_HEADER.pack(_HEADER.size + len(rest), kind) + rest)

    def _answer(self) -> None:
        length, _ = _HEADER.unpack(self._read(_HEADER.size))
        self._read(length - _HEADER.size)

    def _read(self, count: int) -> bytes:
        got = b""
        while len(got) < count:
            more = self._line.recv(count - len(got))
            if not more:
                raise ConnectionError("Xorg has hung up")
            got += more
        return got


def _aligned(places: list[float]) -> bytes:
    """Twice, with and without acceleration; 4 bytes before them bring doubles to a multiple of 8."""
    return bytes(4) + struct.pack(f"={_VALUATORS}d", *places) * 2


@contextmanager
def panel(path: Path) -> Iterator[Panel]:
    """The panel whose socket Xorg has made there."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(SECONDS)
        line.connect(str(path))
        yield Panel(line)
