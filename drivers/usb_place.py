"""Where a USB device is plugged in: from the port's spelling to the one device that is meant.

    VVVV:PPPP, VVVV:PPPP:NUMBER     what it is: vendor and product in hexadecimal, serial number
    @1-1.2                          the socket: bus, then the port of each hub on the way

Both outlast a replug, after which a device has another bus address and often another `/dev/ttyUSB`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from drivers.device import DeviceError

T = TypeVar("T")
_PLACE = re.compile(
    r"(usb|serial)(:(?P<vendor>[0-9A-Fa-f]{4}):(?P<product>[0-9A-Fa-f]{4})(:(?P<number>.+))?"
    r"|@(?P<socket>[0-9]+-[0-9]+(\.[0-9]+)*))"
)


@dataclass(frozen=True)
class Place:
    """What a port asks for: either a kind of device (and maybe which one of it), or a socket."""

    vendor: int = 0
    product: int = 0
    number: str = ""
    socket: str = ""


@dataclass(frozen=True)
class Found:
    """One device that is plugged in, as both libraries that look for them tell it."""

    vendor: int
    product: int
    socket: str  # 1-1.2
    number: str = ""  # empty when it has none, or was not asked for it

    def __str__(self) -> str:
        """As the technician would spell it in the settings."""
        kind = f"{self.vendor:04X}:{self.product:04X}"
        return f"{kind} at @{self.socket}" + (f" with number {self.number}" if self.number else "")


def place_of(port: str) -> Place:
    """What `usb…` or `serial…` asks for. DeviceError `device_misconfigured` when it is neither."""
    found = _PLACE.fullmatch(port)
    if found is None:
        raise DeviceError("device_misconfigured", f"port {port!r} names no USB device; like usb:0400:C35A")
    if found["socket"]:
        return Place(socket=found["socket"])
    return Place(int(found["vendor"], 16), int(found["product"], 16), found["number"] or "")


def fits(place: Place, device: Found) -> bool:
    """Is this the device that is asked for?"""
    if place.socket:
        return device.socket == place.socket
    if (device.vendor, device.product) != (place.vendor, place.product):
        return False
    return not place.number or device.number == place.number


def the_one(port: str, fitting: Sequence[tuple[Found, T]]) -> T:
    """The one of `fitting`. DeviceError `device_absent` for none, `device_misconfigured` for several."""
    if not fitting:
        raise DeviceError("device_absent", f"{port}: not plugged in")
    if len(fitting) > 1:
        there = ", ".join(sorted(str(found) for found, _ in fitting))
        raise DeviceError("device_misconfigured", f"{port}: several fit; say which: {there}")
    return fitting[0][1]


def serial_path(port: str) -> str:
    """The tty of the USB adapter that `serial:…` or `serial@…` names, as it is called at this moment.

    DeviceError `device_absent` when it is not plugged in, `device_misconfigured` when several ttys fit.
    """
    from serial.tools import list_ports  # looks through /sys, which nobody else needs

    place = place_of(port)
    fitting = []
    for tty in list_ports.comports():
        if tty.vid is None or tty.pid is None or not tty.location:
            continue  # no USB adapter
        # An adapter with several lines has them as interfaces: 1-1.2:1.0.
        found = Found(tty.vid, tty.pid, tty.location.partition(":")[0], tty.serial_number or "")
        if fits(place, found):
            fitting.append((found, tty.device))
    return str(the_one(port, fitting))
