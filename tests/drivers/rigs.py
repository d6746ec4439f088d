"""One rig for each driver of the table: its settings, its virtual device behind a meddler, its verbs.

A verb is played through the supervisor and asserts that what comes back is *right*. To add a driver: write a
function that yields a `Rig` and put it into `RIGS` under the driver's name.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.devices import Kind
from config.settings import DeviceSettings
from drivers.device import DeviceError
from drivers.raster import RasterImage
from drivers.virtual.a4_printer import VirtualA4Printer
from drivers.virtual.camera import VirtualCamera
from drivers.virtual.demo_settings import choose_ports
from drivers.virtual.id_card_reader import VirtualIdCardReader
from drivers.virtual.receipt_printer import VirtualReceiptPrinter
from tests.drivers.meddler import Hand, Meddler, Ptys, Sockets

Call = Callable[..., Awaitable[Any]]  # devices.call without its kind
PDF = b"%PDF-1.4\n% an invented page\n"


@dataclass(frozen=True)
class Verb:
    """One verb as the terminal uses it. `seconds`: within these the driver has answered or said why not."""

    play: Callable[[Call], Awaitable[None]]
    seconds: float
    prepare: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Rig:
    """A driver's settings, the hand in its wire, and its verbs by name."""

    settings: DeviceSettings
    meddler: Hand
    verbs: Mapping[str, Verb]


def _settings(kind: Kind, driver: str, port: str, **options: Any) -> DeviceSettings:
    return DeviceSettings(kind=kind, driver=driver, port=port, poll_seconds=0.2, options=options)


# ── ID card readers ─────────────────────────────────────────────────────────
@contextmanager
def id_card_reader_serial(folder: Path) -> Iterator[Rig]:
    bench = VirtualIdCardReader(folder / "bench", wire_time=False)
    bench.start()
    meddler = Meddler(Ptys(folder / "reader", lambda: str(bench.state()["link"])))
    meddler.start()
    try:
        settings = _settings(
            Kind.ID_CARD_READER, "id_card_reader_serial", str(folder / "reader"), timeout=0.25
        )
        yield Rig(settings, meddler, _id_card_verbs(bench))
    finally:
        meddler.stop()
        bench.stop()


def _id_card_verbs(bench: VirtualIdCardReader) -> dict[str, Verb]:
    def lay_anew() -> None:
        bench.act("take")
        bench.act("put", person="zhang")

    async def finds(call: Call) -> None:
        assert await call("find_card", 1.0) is True

    async def reads(call: Call) -> None:
        assert (await call("read_card", 1.0)).name == "张明远"

    async def waits(call: Call) -> None:
        await call("read_card", 1.0)
        assert await call("wait_removed", 0.05) is False
        bench.act("take")
        assert await call("wait_removed", 1.0) is True

    async def tells_its_number(call: Call) -> None:
        assert await call("sam_id") == "05.01-20260101-0000000001-0000000002"

    return {
        "find_card": Verb(finds, 1.5, lay_anew),
        "read_card": Verb(reads, 2.5, lay_anew),
        "wait_removed": Verb(waits, 4.0, lay_anew),
        "sam_id": Verb(tells_its_number, 0.5),
    }


# ── cameras ─────────────────────────────────────────────────────────────────
@contextmanager
def camera(folder: Path) -> Iterator[Rig]:
    bench = VirtualCamera(0)
    bench.start()
    bench.act("show", who="nobody")
    ends = Sockets(bench.port)
    meddler = Meddler(ends)
    meddler.start()
    try:
        port = f"http://127.0.0.1:{ends.port}/camera.mjpg"
        settings = _settings(
            Kind.PERSON_CAMERA, "camera", port, open_timeout=1.0, read_timeout=0.5, check_seconds=0.5
        )
        yield Rig(settings, meddler, {"latest": Verb(_sees, 4.0)})
    finally:
        meddler.stop()
        bench.stop()


async def _sees(call: Call) -> None:
    """Pictures of the right size keep coming; while the camera wakes there is none yet."""
    end = time.monotonic() + 3.0
    first, frame = None, None
    while first is None or frame is None or frame.sequence < first + 6:
        if time.monotonic() > end:
            raise DeviceError("device_timeout", "no new pictures")
        frame = await call("latest")
        if frame is not None:
            assert frame.image.shape == (480, 640, 3)
            first = frame.sequence if first is None else first
        await asyncio.sleep(0.02)


# ── printers ────────────────────────────────────────────────────────────────
@contextmanager
def receipt_printer_tcp(folder: Path) -> Iterator[Rig]:
    bench = VirtualReceiptPrinter(0, real_time=False)
    bench.start()
    ends = Sockets(bench.port)
    meddler = Meddler(ends)
    meddler.start()
    try:
        settings = _settings(
            Kind.RECEIPT_PRINTER, "receipt_printer_tcp", f"127.0.0.1:{ends.port}", timeout=0.4
        )
        yield Rig(settings, meddler, _receipt_verbs())
    finally:
        meddler.stop()
        bench.stop()


def _receipt_verbs() -> dict[str, Verb]:
    image = RasterImage(576, 200, bytes(range(72)) * 200)

    async def prints(call: Call) -> None:
        await call("clear")
        outcome = await call("print_image", image, b"TEST", 2.0)
        assert outcome.finished and outcome.bands == outcome.total == 4

    async def cuts(call: Call) -> None:
        await call("clear")
        await call("cut", 1.0)

    async def clears(call: Call) -> None:
        assert isinstance(await call("clear"), bool)

    return {"print_image": Verb(prints, 4.0), "cut": Verb(cuts, 3.0), "clear": Verb(clears, 2.0)}


@contextmanager
def a4_printer_ipp(folder: Path) -> Iterator[Rig]:
    bench = VirtualA4Printer(choose_ports(0).a4, folder / "a4", page_seconds=0.05)
    bench.start()
    ends = Sockets(bench.port)
    meddler = Meddler(ends)
    meddler.start()
    try:
        port = f"ipp://127.0.0.1:{ends.port}/ipp/print"
        settings = _settings(Kind.A4_PRINTER, "a4_printer_ipp", port, timeout=0.6)
        yield Rig(settings, meddler, _a4_verbs())
    finally:
        meddler.stop()
        bench.stop()


def _a4_verbs() -> dict[str, Verb]:
    names = iter(f"job-{number}" for number in range(1000))
    first: list[int] = []

    async def submits(call: Call) -> None:
        name = next(names)
        job = await call("submit", PDF, name)
        assert await call("find", name) == job

    async def knows_the_job(call: Call) -> None:
        if not first:
            first.append(await call("submit", PDF, "the first"))
        assert (await call("job", first[0])).state in ("pending", "processing", "completed")

    async def finds_none(call: Call) -> None:
        assert await call("find", "never sent") is None

    async def cancels(call: Call) -> None:
        await call("cancel", 999_999)

    return {
        "submit": Verb(submits, 3.0),
        "job": Verb(knows_the_job, 2.0),
        "find": Verb(finds_none, 2.0),
        "cancel": Verb(cancels, 1.5),
    }


RIGS: Mapping[str, Callable[[Path], Any]] = {
    "id_card_reader_serial": id_card_reader_serial,
    "camera": camera,
    "receipt_printer_tcp": receipt_printer_tcp,
    "a4_printer_ipp": a4_printer_ipp,
}
