"""The driver's contract.

A driver is a plain blocking class: `open() · close() · status()` and its verbs,
each with a time-out in seconds, raising `DeviceError(code)` and nothing else.
It starts no thread (a camera's frame grabber is the one exception), makes no
second try, logs nothing about a person and knows no screen. One caller at a
time: `kiosk/devices/devices.py` gives each device its own worker.

Besides, a driver may have any of these; its worker looks for them by name:

    reset()             after a verb that nobody waits for any more: leaves the device clean (card released,
                        buffer cleared, late answers fenced off). Without it the device is closed and opened.
    counts()            totals since it was made, only growing, of what is worn or used up: `cards`, `pages`,
                        `cuts`, `paper_mm` …; touches nothing.
    take(text)          what reached the terminal by another way than the device's wire, such as the key
                        events of a scanner that is a keyboard. Called from any thread; returns at once.
"""

from __future__ import annotations

import time
from typing import Protocol, runtime_checkable

from config.devices import DeviceState


class DeviceError(Exception):
    """A coded problem of a device.

    `code` is a row of `config/faults.toml`. `detail` is for the technician and
    holds nothing personal. `lost` is True when the handle is gone and only
    `close()` then `open()` can help.
    """

    def __init__(self, code: str, detail: str = "", *, lost: bool = False) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.lost = lost


@runtime_checkable
class Device(Protocol):
    """What every driver offers. A class conforms by having these; it inherits nothing.

    The constructor takes keyword arguments only, which are the options of the
    settings (`port = "…"` and the driver's own) and does not touch the device.
    """

    def open(self) -> None:
        """Takes hold of the device. DeviceError `device_absent` when it is not there."""

    def close(self) -> None:
        """Lets go; may be called twice and after any error; never raises."""

    def status(self) -> DeviceState:
        """Asks the device how it is; within its own time-out; DeviceError when it does not answer."""


LONGEST_SECONDS = 86_400.0  # beyond which a time of the settings is a slip, and clocks overflow in the end


def check_seconds(**times: float) -> None:
    """ValueError unless each is above 0 and at most a day, which *not a number* is not; for constructors."""
    for name, seconds in times.items():
        if not 0 < seconds <= LONGEST_SECONDS:
            raise ValueError(f"{name} is {seconds:g}, not above 0 and at most a day")


class Deadline:
    """A time-out that several reads share."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self._end - time.monotonic())

    def check(self, doing: str) -> None:
        """Raises DeviceError `device_timeout` when no time is left."""
        if self.left <= 0:
            raise DeviceError("device_timeout", doing)
