"""What a rig is: a driver's settings, its virtual device behind a meddler, and its verbs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.devices import Kind
from config.settings import DeviceSettings
from drivers import registry
from drivers.device import Device
from drivers.virtual.a4_printer import VirtualA4Printer
from drivers.virtual.camera import VirtualCamera
from drivers.virtual.document_camera import VirtualDocumentCamera
from drivers.virtual.receipt_printer import VirtualReceiptPrinter
from drivers.virtual.virtual_device import VirtualDevice
from tests.drivers.meddler import Hand, Meddler, Ptys, Sockets
from tests.peers.serial_server import SerialServer

Call = Callable[..., Awaitable[Any]]  # devices.call without its kind


@dataclass(frozen=True)
class Verb:
    """One verb as the terminal uses it. `seconds`: within these the driver has answered or said why not."""

    play: Callable[[Call], Awaitable[None]]
    seconds: float
    prepare: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Rig:
    """A driver's settings, the hand in its wire, and its verbs by name. `make` is the supervisor's."""

    settings: DeviceSettings
    meddler: Hand
    verbs: Mapping[str, Verb]
    make: Callable[[DeviceSettings], Device] = registry.make


def settings_of(kind: Kind, driver: str, port: str, **options: Any) -> DeviceSettings:
    return DeviceSettings(kind=kind, driver=driver, port=port, poll_seconds=0.2, options=options)


@contextmanager
def behind_pty(folder: Path, bench: VirtualDevice) -> Iterator[tuple[str, Meddler]]:
    """The device on its wire and a meddler before it: the port for the driver, and the meddler."""
    bench.start()
    port = folder / "port"
    meddler = Meddler(Ptys(port, lambda: str(bench.state()["link"])))
    meddler.start()
    try:
        yield str(port), meddler
    finally:
        meddler.stop()
        bench.stop()


@contextmanager
def behind_tcp(
    bench: VirtualCamera | VirtualDocumentCamera | VirtualReceiptPrinter | VirtualA4Printer | SerialServer,
) -> Iterator[tuple[str, Meddler]]:
    bench.start()
    ends = Sockets(bench.port)
    meddler = Meddler(ends)
    meddler.start()
    try:
        yield f"127.0.0.1:{ends.port}", meddler
    finally:
        meddler.stop()
        bench.stop()
