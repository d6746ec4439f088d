"""A serial line: bytes in and out, each with a time-out. Works on UARTs, USB adapters and PTYs."""

from __future__ import annotations

import errno
import os
import select
import termios
from contextlib import suppress

import serial

from drivers.device import Deadline, DeviceError


class SerialWire:
    """One open line, 8N1, taken for this process alone; `flow` is none, rtscts or xonxoff.

    DeviceError `device_absent` when the port cannot be opened, `device_misconfigured` when it may not be.
    """

    def __init__(self, port: str, baud: int, flow: str = "none") -> None:
        if flow not in ("none", "rtscts", "xonxoff"):
            raise DeviceError("device_misconfigured", f"flow {flow!r} is not none, rtscts or xonxoff")
        try:
            self._line = serial.Serial(
                port,
                baud,
                timeout=0,
                exclusive=True,
                rtscts=flow == "rtscts",
                xonxoff=flow == "xonxoff",
            )
        except (ValueError, OverflowError) as error:
            raise DeviceError("device_misconfigured", f"{port} at {baud} baud: {error}") from None
        except (OSError, termios.error) as error:  # SerialException is an OSError
            if getattr(error, "errno", None) == errno.EACCES:
                said = f"{port}: not permitted; the terminal's user belongs into the group dialout"
                raise DeviceError("device_misconfigured", said) from None
            raise DeviceError("device_absent", f"{port}: {_reason(error)}") from None

    def close(self) -> None:
        """Lets the line go; may be called twice; never raises."""
        with suppress(OSError):  # the cable was pulled: there is nothing left to hold
            self._line.close()

    def write(self, data: bytes, deadline: Deadline) -> None:
        """Hands all of `data` to the line.

        DeviceError `device_timeout` when the line takes no more, `device_offline` (lost) when it is gone.
        """
        deadline.check("writing")
        view = memoryview(data)
        try:
            handle = self._line.fileno()
            waiting = select.poll()  # and not pyserial's write, which asks a full line again without a pause
            waiting.register(handle, select.POLLOUT)
            while view:
                if not waiting.poll(deadline.left * 1000):
                    raise DeviceError("device_timeout", "writing: the line takes no more bytes")
                with suppress(BlockingIOError):
                    view = view[os.write(handle, view) :]
        except OSError as error:
            raise DeviceError("device_offline", f"writing: {_reason(error)}", lost=True) from None

    def read(self, deadline: Deadline) -> bytes:
        """What has arrived, waiting for the first byte; `b""` when the deadline passes without one.

        DeviceError `device_offline` (lost) when the line is gone.
        """
        try:
            handle = self._line.fileno()
            waiting = select.poll()  # not select(): it fails on handles beyond 1023
            waiting.register(handle, select.POLLIN)
            if not waiting.poll(deadline.left * 1000):
                return b""
            data = os.read(handle, 4096)
        except OSError as error:
            raise DeviceError("device_offline", f"reading: {_reason(error)}", lost=True) from None
        if not data:
            raise DeviceError("device_offline", "reading: the line has hung up", lost=True)
        return data


def _reason(error: Exception) -> str:
    """The system's words without the port's name twice."""
    number = getattr(error, "errno", None)
    return os.strerror(number) if isinstance(number, int) else type(error).__name__
