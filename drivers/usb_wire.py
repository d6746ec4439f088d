"""A USB device without a driver of its own: bytes in and out by its bulk end points, through libusb.

Which interface and which end points, its descriptors say. A device may have its channel split over two
pairs of them, so this wire has *pipes*: 0 is the first IN and the first OUT, and most have no other.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import usb.core
import usb.util
from usb.backend import libusb1

from drivers.device import Deadline, DeviceError
from drivers.usb_place import Found, Place, fits, place_of, the_one

PRINTER_CLASS = 7
_BULK = 2
_MUCH = 4096  # bytes taken at once; a multiple of every packet size, else a full packet could overflow
_REST = 0.005  # seconds in which the rest of an answer follows its first full packet
_ASKED = 400  # milliseconds for an answer about the device itself, such as its number
_CHUNK = 16384  # bytes handed over at once, so that a time-out tells how far it came
_ERRORS = (usb.core.USBError, NotImplementedError, ValueError)  # all that pyusb raises for a device's sake


@dataclass(frozen=True)
class Channel:
    """Where the bytes go: an interface, and the addresses of its bulk end points in order."""

    interface: int
    alternate: int
    printer: bool
    into: tuple[int, ...]  # IN: from the device to us
    out: tuple[int, ...]
    packet: int  # bytes of the largest packet that comes in


class UsbWire:
    """One claimed interface of the device at `port`: `usb:0400:C35A[:NUMBER]` or `usb@1-1.2`.

    A kernel driver that holds the interface is sent away and called back on closing.
    DeviceError `device_absent` when it is not plugged in or somebody else holds it, `device_misconfigured`
    when several fit, when this user may not open it, or when it has no bulk end points.
    """

    def __init__(self, port: str) -> None:
        self._device: Any = None
        self._evicted = False  # a kernel driver waits to come back
        device = _find(port)
        try:
            self._device = device
            self._channel = _channel(_configured(device), port)
            self._claim()
        except _ERRORS as error:
            self.close()
            raise _refused(error, port) from None
        except DeviceError:
            self.close()
            raise

    @property
    def pipes(self) -> int:
        """How many pairs of bulk end points the interface has: 1, or 2 where the channel is split."""
        return min(len(self._channel.into), len(self._channel.out))

    def close(self) -> None:
        """Lets the interface go; may be called twice; never raises."""
        device, self._device = self._device, None
        if device is None:
            return
        evicted, self._evicted = self._evicted, False
        if evicted:
            with suppress(*_ERRORS):  # unplugged: there is nothing to give back
                usb.util.release_interface(device, self._channel.interface)
                device.attach_kernel_driver(self._channel.interface)
        with suppress(*_ERRORS):
            usb.util.dispose_resources(device)

    def write(self, data: bytes, deadline: Deadline, pipe: int = 0) -> None:
        """Hands all of `data` to the device.

        DeviceError `device_timeout` when it takes no more, `device_offline` (lost) when it is gone.
        """
        device, sent = self._held(), 0
        while sent < len(data):
            deadline.check("writing")
            try:
                sent += device.write(self._channel.out[pipe], data[sent : sent + _CHUNK], _ms(deadline.left))
            except usb.core.USBTimeoutError:
                raise DeviceError("device_timeout", "writing: the device takes no more bytes") from None
            except _ERRORS as error:
                raise self._lost(error, "writing", self._channel.out[pipe]) from None

    def read(self, deadline: Deadline, pipe: int = 0) -> bytes:
        """What has arrived, waiting for the first byte; `b""` when the deadline passes without one.

        With no time left it waits a millisecond, the shortest there is. DeviceError `device_offline` (lost).
        """
        packet = self._channel.packet
        data = self._take(pipe, packet, deadline.left)
        if len(data) == packet:  # there may be more; a short packet ends it, and so does a short silence
            data += self._take(pipe, _MUCH, min(_REST, deadline.left))
        return data

    def _take(self, pipe: int, most: int, seconds: float) -> bytes:
        end_point = self._channel.into[pipe]
        try:
            return bytes(self._held().read(end_point, most, _ms(seconds)))
        except usb.core.USBTimeoutError:
            return b""
        except _ERRORS as error:
            raise self._lost(error, "reading", end_point) from None

    def _claim(self) -> None:
        channel = self._channel
        if _kernel_holds(self._device, channel.interface):
            self._device.detach_kernel_driver(channel.interface)
            self._evicted = True
        usb.util.claim_interface(self._device, channel.interface)
        if channel.alternate:
            self._device.set_interface_altsetting(channel.interface, channel.alternate)

    def _held(self) -> Any:
        if self._device is None:
            raise DeviceError("device_offline", "not open", lost=True)
        return self._device

    def _lost(self, error: Exception, doing: str, end_point: int) -> DeviceError:
        """The error as `device_offline`; the handle is let go, so that nothing stays claimed."""
        if getattr(error, "errno", None) == errno.EPIPE:  # it stalled, and stays so until told otherwise
            with suppress(*_ERRORS):
                self._device.clear_halt(end_point)
        self.close()
        return DeviceError("device_offline", f"{doing}: {_words(error)}", lost=True)


def _find(port: str) -> Any:
    """The one device that `port` means."""
    place = place_of(port)
    backend = libusb1.get_backend()
    if backend is None:
        raise DeviceError("device_misconfigured", "libusb does not load: package libusb-1.0-0")
    try:
        there = [(_found(device, place), device) for device in usb.core.find(find_all=True, backend=backend)]
    except _ERRORS as error:
        raise _refused(error, port) from None
    return the_one(port, [(found, device) for found, device in there if fits(place, found)])


def _found(device: Any, place: Place) -> Found:
    """What the device is. Its number is asked for only where it matters: that opens the device."""
    socket = f"{device.bus}-{'.'.join(map(str, device.port_numbers or ()))}"
    number = ""
    if (device.idVendor, device.idProduct) == (place.vendor, place.product):
        device.default_timeout = _ASKED
        with suppress(*_ERRORS):  # not for this user, or it does not tell
            number = device.serial_number or ""
        usb.util.dispose_resources(device)
    return Found(device.idVendor, device.idProduct, socket, number)


def _configured(device: Any) -> Any:
    try:
        return device.get_active_configuration()
    except usb.core.USBError:  # fresh from the factory or reset: nobody has chosen one yet
        device.set_configuration()
        return device.get_active_configuration()


def _channel(configuration: Any, port: str) -> Channel:
    """The interface to use: a printer's before others, then the first with bulk end points both ways."""
    channels = sorted(_channels(configuration), key=lambda channel: not channel.printer)
    if not channels:
        raise DeviceError("device_misconfigured", f"{port}: no interface has bulk end points both ways")
    return channels[0]


def _channels(configuration: Any) -> Iterator[Channel]:
    for interface in configuration:
        bulk = [point for point in interface if point.bmAttributes & 3 == _BULK]
        into = [point for point in bulk if point.bEndpointAddress & 0x80]
        out = [point for point in bulk if not point.bEndpointAddress & 0x80]
        if into and out:
            yield Channel(
                interface=interface.bInterfaceNumber,
                alternate=interface.bAlternateSetting,
                printer=interface.bInterfaceClass == PRINTER_CLASS,
                into=tuple(sorted(point.bEndpointAddress for point in into)),
                out=tuple(sorted(point.bEndpointAddress for point in out)),
                packet=max(point.wMaxPacketSize for point in into),
            )


def _kernel_holds(device: Any, interface: int) -> bool:
    with suppress(NotImplementedError):
        return bool(device.is_kernel_driver_active(interface))
    return False


def _refused(error: Exception, port: str) -> DeviceError:
    """Why it cannot be opened."""
    if getattr(error, "errno", None) == errno.EACCES:
        return DeviceError("device_misconfigured", f"{port}: not permitted; a udev rule is missing")
    return DeviceError("device_absent", f"{port}: {_words(error)}")


def _words(error: Exception) -> str:
    text = getattr(error, "strerror", None)
    return str(text or type(error).__name__)


def _ms(seconds: float) -> int:
    """libusb counts in milliseconds, and takes 0 for *for ever*."""
    return max(1, round(seconds * 1000))
