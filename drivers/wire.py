"""A wire: bytes to and from a device, each call within a deadline. Which one it is, the port's spelling says.

    /dev/ttyS0, /dev/serial/by-id/…, any other path     a serial line
    serial:1A86:7523[:NUMBER], serial@1-1.2             the serial line of a USB adapter, wherever it turns up
    usb:0400:C35A[:NUMBER], usb@1-1.2                   the USB device itself, by its bulk end points
    192.168.1.20:9100, tcp:host:9100                    TCP

NUMBER is the device's serial number and `@1-1.2` the socket that it is plugged into (bus-port.port): both
outlast a replug, which bus addresses and `/dev/ttyUSB0` do not.
"""

from __future__ import annotations

import re
from typing import Protocol

from drivers.device import Deadline, DeviceError

_TCP = re.compile(r"(tcp:)?(\[[0-9A-Fa-f:]+\]|[^/:\s]+):(?P<number>[0-9]{1,5})")
_USB = re.compile(r"(usb|serial)(:[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}(:.+)?|@[0-9]+-[0-9]+(\.[0-9]+)*)")

FLOWS = ("none", "rtscts", "xonxoff")
MOST_BAUD = 4_000_000  # of Linux (termbits.h)


class Wire(Protocol):
    """One open line. What is behind it is known to nobody here."""

    def close(self) -> None:
        """Lets go; may be called twice; never raises."""

    def write(self, data: bytes, deadline: Deadline) -> None:
        """Hands over all of `data`; after an error it is not known how much went out.

        DeviceError `device_timeout` when no more bytes are taken, `device_offline` (lost) when the line is
        gone.
        """

    def read(self, deadline: Deadline) -> bytes:
        """What has arrived, waiting for the first byte; `b""` when the deadline passes without one.

        With no time left it does not wait. DeviceError `device_offline` (lost) when the line is gone.
        """


def check_port(port: str, baud: int = 9600) -> None:
    """DeviceError `device_misconfigured` when `port` spells no wire or `baud` no rate; nothing is touched."""
    if not 50 <= baud <= MOST_BAUD:
        raise DeviceError("device_misconfigured", f"{baud} is no baud rate")
    tcp = _TCP.fullmatch(port)
    if _USB.fullmatch(port) or port.startswith("/") or (tcp and 0 < int(tcp["number"]) < 65536):
        return
    raise DeviceError(
        "device_misconfigured",
        f"port {port!r} is no wire; like /dev/ttyS0, serial:1A86:7523, usb:0400:C35A or 192.168.1.20:9100",
    )


def seconds_a_byte(port: str, baud: int) -> float:
    """Seconds that the wire which `port` spells needs for a byte: ten bits on a serial line, 0 elsewhere."""
    return 10 / baud if port.startswith(("/", "serial")) else 0.0


def open_wire(port: str, deadline: Deadline, *, baud: int = 115200, flow: str = "none") -> Wire:
    """Opens the wire that `port` spells; `baud` and `flow` (none, rtscts, xonxoff) count on serial lines.

    DeviceError `device_absent` when nothing is there, `device_misconfigured` for a port that spells none.
    A wire's module is imported when it is used.
    """
    check_port(port)
    if _TCP.fullmatch(port):
        from drivers.tcp_wire import TcpWire

        return TcpWire(port.removeprefix("tcp:"), deadline)
    if port.startswith("usb"):
        from drivers.usb_wire import UsbWire

        return UsbWire(port)
    from drivers.serial_wire import SerialWire

    if port.startswith("serial"):
        from drivers.usb_place import serial_path

        return SerialWire(serial_path(port), baud, flow)
    return SerialWire(port, baud, flow)


def drain(wire: Wire, quiet: float, deadline: Deadline) -> int:
    """Throws away what arrives until the line has been quiet for `quiet` seconds; how many bytes.

    Ends at the deadline even if the line never falls quiet. DeviceError `device_offline` (lost).
    """
    thrown = 0
    while deadline.left > 0:
        data = wire.read(Deadline(min(quiet, deadline.left)))
        thrown += len(data)
        if not data:
            break
    return thrown
