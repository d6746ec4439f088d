"""One rig for each driver of the table: its settings, its virtual device behind a meddler, its verbs.

A verb is played through the supervisor and asserts that what comes back is *right*. To add a driver: write a
function that yields a `Rig` and put it into `RIGS` under the driver's name.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

from config.devices import Kind
from config.people import person
from drivers.device import DeviceError
from drivers.raster import RasterImage
from drivers.virtual.a4_printer import VirtualA4Printer
from drivers.virtual.camera import VirtualCamera
from drivers.virtual.code_scanner import VirtualCodeScanner
from drivers.virtual.demo_settings import choose_ports
from drivers.virtual.id_card_reader import VirtualIdCardReader
from drivers.virtual.receipt_printer import VirtualReceiptPrinter
from tests.drivers.rig import Call, Rig, Verb, behind_pty, behind_tcp, settings_of
from tests.peers.serial_server import SerialServer

PDF = b"%PDF-1.4\n% an invented page\n"


# ── ID card readers ─────────────────────────────────────────────────────────
@contextmanager
def id_card_reader_serial(folder: Path) -> Iterator[Rig]:
    bench = VirtualIdCardReader(folder / "bench", wire_time=False)
    with behind_pty(folder, bench) as (port, meddler):
        settings = settings_of(Kind.ID_CARD_READER, "id_card_reader_serial", port, timeout=0.25)
        yield Rig(settings, meddler, _id_card_verbs(bench))


@contextmanager
def id_card_reader_tcp(folder: Path) -> Iterator[Rig]:
    bench = VirtualIdCardReader(folder / "bench", wire_time=False)
    with behind_tcp(SerialServer(bench)) as (port, meddler):
        settings = settings_of(Kind.ID_CARD_READER, "id_card_reader_tcp", port, timeout=0.25)
        yield Rig(settings, meddler, _id_card_verbs(bench))


def _id_card_verbs(bench: VirtualIdCardReader) -> dict[str, Verb]:
    cards = cycle(("zhang", "wang"))  # two in turn, so that the answer for the one before is wrong
    lying = ""

    def lay_anew() -> None:
        nonlocal lying
        bench.act("take")
        lying = next(cards)
        bench.act("put", person=lying)

    async def finds(call: Call) -> None:
        assert await call("find_card", 1.0) is True

    async def reads(call: Call) -> None:
        assert (await call("read_card", 1.0)).name == person(lying).name

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


# ── code scanners ───────────────────────────────────────────────────────────
@contextmanager
def code_scanner_serial(folder: Path) -> Iterator[Rig]:
    bench = VirtualCodeScanner(folder / "bench")

    async def reads(call: Call) -> None:
        asyncio.get_running_loop().call_later(0.2, lambda: bench.act("scan", text="KT-20261122-0001"))
        code = await call("read_code", 1.0)
        if code is None:
            raise DeviceError("device_timeout", "no code came")
        assert code == "KT-20261122-0001"

    with behind_pty(folder, bench) as (port, meddler):
        settings = settings_of(Kind.CODE_SCANNER, "code_scanner_serial", port, pause=0.05)
        yield Rig(settings, meddler, {"read_code": Verb(reads, 1.0)})


# ── cameras ─────────────────────────────────────────────────────────────────
@contextmanager
def camera(folder: Path) -> Iterator[Rig]:
    with behind_tcp(VirtualCamera(0)) as (place, meddler):
        times = {"open_timeout": 1.0, "read_timeout": 0.5, "check_seconds": 0.5}
        settings = settings_of(Kind.PERSON_CAMERA, "camera", f"http://{place}/camera.mjpg", **times)
        yield Rig(settings, meddler, {"latest": Verb(_sees, 4.0)})


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
    with behind_tcp(VirtualReceiptPrinter(0, real_time=False)) as (port, meddler):
        settings = settings_of(Kind.RECEIPT_PRINTER, "receipt_printer_tcp", port, timeout=0.4)
        yield Rig(settings, meddler, _receipt_verbs())


@contextmanager
def receipt_printer_serial(folder: Path) -> Iterator[Rig]:
    bench = VirtualReceiptPrinter(link=folder / "bench", real_time=False)
    with behind_pty(folder, bench) as (port, meddler):
        settings = settings_of(Kind.RECEIPT_PRINTER, "receipt_printer_serial", port, timeout=0.4)
        yield Rig(settings, meddler, _receipt_verbs())


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
    with behind_tcp(bench) as (place, meddler):
        settings = settings_of(Kind.A4_PRINTER, "a4_printer_ipp", f"ipp://{place}/ipp/print", timeout=0.6)
        yield Rig(settings, meddler, _a4_verbs())


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
    "id_card_reader_tcp": id_card_reader_tcp,
    "code_scanner_serial": code_scanner_serial,
    "camera": camera,
    "receipt_printer_serial": receipt_printer_serial,
    "receipt_printer_tcp": receipt_printer_tcp,
    "a4_printer_ipp": a4_printer_ipp,
}
