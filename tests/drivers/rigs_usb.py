"""Rigs on a USB bus without a plug: libusb and pyusb are real, the driver lives where the bus is seen.

The plug that comes out is the bus's own; whatever else befalls an answer is done between the bus and the
virtual device behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from config.devices import DeviceState, Kind
from config.settings import DeviceSettings
from drivers import registry
from drivers.device import Device, DeviceError
from drivers.virtual.id_card_reader import VirtualIdCardReader
from drivers.virtual.receipt_printer import VirtualReceiptPrinter
from tests.drivers.meddler import Meddler, Sockets
from tests.drivers.rig import Rig, Verb, settings_of
from tests.drivers.verbs import id_card_verbs, receipt_verbs
from tests.peers.serial_server import SerialServer
from tests.peers.usb_peer import (
    CARD_READER,
    RECEIPT_PRINTER,
    SPLIT_CARD_READER,
    UsbBus,
    UsbDevice,
    usb_bus,
)


class Plug:
    """A device's plug in the bus: at each replug it has another address."""

    def __init__(self, bus: UsbBus, device: UsbDevice, far: int) -> None:
        self._bus, self._device, self._line = bus, device, Sockets(far)
        self._plugged = False

    def plug(self) -> None:
        self._line.plug()
        self._device = replace(self._device, address=self._device.address + 1)
        self._bus.plug(self._device, far=f"127.0.0.1:{self._line.port}")
        self._plugged = True

    def unplug(self) -> None:
        if self._plugged:
            self._bus.unplug(self._device.name)
            self._line.unplug()
        self._plugged = False

    def accept(self) -> bool:
        return self._line.accept()

    def handles(self) -> tuple[int, int] | None:
        return self._line.handles()

    def waiting(self) -> int | None:
        return self._line.waiting()

    def hang_up(self) -> None:
        self._line.hang_up()


class OnTheBus:
    """A driver in a process that sees the bus, a new one for each; its verbs are run there.

    The mocked bus ends a process that opens a node in the very moment when it goes. That is the mock's own
    fault and not the driver's, and reads as the plug that it was.
    """

    def __init__(self, bus: UsbBus, settings: DeviceSettings) -> None:
        self._verbs = dir(registry.class_of(settings.driver))
        self._stack = ExitStack()
        self._remote = self._stack.enter_context(bus.process())
        self._remote.make(registry.BUILT_IN[settings.driver], port=settings.port, **settings.options)

    def open(self) -> None:
        self._call("open")

    def close(self) -> None:
        self._stack.close()

    def status(self) -> DeviceState:
        state = self._call("status")
        assert isinstance(state, DeviceState)
        return state

    def __getattr__(self, verb: str) -> Any:
        if verb.startswith("_") or verb not in self._verbs:
            raise AttributeError(verb)
        return lambda *arguments, **named: self._call(verb, *arguments, **named)

    def _call(self, verb: str, *arguments: Any, **named: Any) -> Any:
        try:
            return self._remote.call(verb, *arguments, **named)
        except (OSError, EOFError):
            raise DeviceError("device_offline", "the bus ended the process", lost=True) from None


@contextmanager
def on_the_bus(
    device: UsbDevice,
    far: SerialServer | VirtualReceiptPrinter,
    settings: DeviceSettings,
    verbs: dict[str, Verb],
) -> Iterator[Rig]:
    """The rig of a USB device whose behaviour is that of `far`."""
    far.start()
    try:
        with usb_bus() as bus:
            meddler = Meddler(Plug(bus, device, far.port))
            meddler.start()
            try:
                yield Rig(settings, meddler, verbs, lambda one: _made(bus, one))
            finally:
                meddler.stop()
    finally:
        far.stop()


def _made(bus: UsbBus, settings: DeviceSettings) -> Device:
    return OnTheBus(bus, settings)


@contextmanager
def id_card_reader_usb(folder: Path) -> Iterator[Rig]:
    with _reader(folder, CARD_READER) as rig:
        yield rig


@contextmanager
def id_card_reader_usb_split(folder: Path) -> Iterator[Rig]:
    with _reader(folder, SPLIT_CARD_READER) as rig:
        yield rig


@contextmanager
def _reader(folder: Path, device: UsbDevice) -> Iterator[Rig]:
    bench = VirtualIdCardReader(folder / "bench", wire_time=False)
    port = f"usb:{device.vendor:04X}:{device.product:04X}"
    settings = settings_of(Kind.ID_CARD_READER, "id_card_reader_usb", port, timeout=0.5)
    with on_the_bus(device, SerialServer(bench), settings, id_card_verbs(bench)) as rig:
        yield rig


@contextmanager
def receipt_printer_usb(folder: Path) -> Iterator[Rig]:
    settings = settings_of(Kind.RECEIPT_PRINTER, "receipt_printer_usb", "usb:04B8:0202", timeout=0.4)
    with on_the_bus(
        RECEIPT_PRINTER, VirtualReceiptPrinter(0, real_time=False), settings, receipt_verbs()
    ) as rig:
        yield rig
