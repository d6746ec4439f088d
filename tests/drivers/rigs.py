"""One rig for each driver of the table: its settings, its virtual device behind a meddler, its verbs.

A verb is played through the supervisor and asserts that what comes back is *right*. To add a driver: write a
function that yields a `Rig` and put it into `RIGS` under the driver's name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from config.devices import Kind
from drivers.device import DeviceError
from drivers.virtual.camera import VirtualCamera
from drivers.virtual.code_scanner import VirtualCodeScanner
from drivers.virtual.document_camera import VirtualDocumentCamera
from drivers.virtual.id_card_reader import VirtualIdCardReader
from drivers.virtual.receipt_printer import VirtualReceiptPrinter
from tests.drivers.rig import Call, Rig, Verb, behind_pty, behind_tcp, settings_of
from tests.drivers.rigs_boards import io_board_modbus, locker_8a
from tests.drivers.rigs_cards import id_card_reader_pcsc, social_card_reader_pcsc
from tests.drivers.rigs_printers import (
    a4_printer_cups,
    a4_printer_ipp,
    special_printer_escpos,
    special_printer_ipp,
)
from tests.drivers.rigs_usb import id_card_reader_usb, id_card_reader_usb_split, receipt_printer_usb
from tests.drivers.verbs import id_card_verbs, receipt_verbs, sees, slip_verbs
from tests.peers.serial_server import SerialServer


# ── ID card readers ─────────────────────────────────────────────────────────
@contextmanager
def id_card_reader_serial(folder: Path) -> Iterator[Rig]:
    bench = VirtualIdCardReader(folder / "bench", wire_time=False)
    with behind_pty(folder, bench) as (port, meddler):
        settings = settings_of(Kind.ID_CARD_READER, "id_card_reader_serial", port, timeout=0.25)
        yield Rig(settings, meddler, id_card_verbs(bench))


@contextmanager
def id_card_reader_tcp(folder: Path) -> Iterator[Rig]:
    bench = VirtualIdCardReader(folder / "bench", wire_time=False)
    with behind_tcp(SerialServer(bench)) as (port, meddler):
        settings = settings_of(Kind.ID_CARD_READER, "id_card_reader_tcp", port, timeout=0.25)
        yield Rig(settings, meddler, id_card_verbs(bench))


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
        yield Rig(settings, meddler, {"latest": Verb(sees, 4.0)})


@contextmanager
def document_camera(folder: Path) -> Iterator[Rig]:
    bench = VirtualDocumentCamera(0)

    async def captures(call: Call) -> None:
        page = await call("capture", 3.0)
        assert page.width > 600 and page.height > 400 and page.jpeg.startswith(b"\xff\xd8")

    with behind_tcp(bench) as (place, meddler):
        bench.act("put", sheet="form")
        times = {"open_timeout": 1.5, "read_timeout": 0.5, "check_seconds": 0.5}
        settings = settings_of(
            Kind.DOCUMENT_CAMERA, "document_camera", f"http://{place}/document.mjpg", **times
        )
        yield Rig(settings, meddler, {"capture": Verb(captures, 5.0)})


# ── printers ────────────────────────────────────────────────────────────────
@contextmanager
def receipt_printer_tcp(folder: Path) -> Iterator[Rig]:
    with behind_tcp(VirtualReceiptPrinter(0, real_time=False)) as (port, meddler):
        settings = settings_of(Kind.RECEIPT_PRINTER, "receipt_printer_tcp", port, timeout=0.4)
        yield Rig(settings, meddler, receipt_verbs())


@contextmanager
def receipt_printer_serial(folder: Path) -> Iterator[Rig]:
    bench = VirtualReceiptPrinter(link=folder / "bench", real_time=False, presenter=True)
    with behind_pty(folder, bench) as (port, meddler):
        settings = settings_of(
            Kind.RECEIPT_PRINTER, "receipt_printer_serial", port, timeout=0.4, presenter="custom"
        )
        yield Rig(settings, meddler, slip_verbs())


RIGS: Mapping[str, Callable[[Path], Any]] = {
    "id_card_reader_serial": id_card_reader_serial,
    "id_card_reader_tcp": id_card_reader_tcp,
    "id_card_reader_usb": id_card_reader_usb,
    "id_card_reader_usb, split pipe": id_card_reader_usb_split,
    "id_card_reader_pcsc": id_card_reader_pcsc,
    "social_card_reader_pcsc": social_card_reader_pcsc,
    "code_scanner_serial": code_scanner_serial,
    "io_board_modbus": io_board_modbus,
    "locker_8a": locker_8a,
    "camera": camera,
    "receipt_printer_serial": receipt_printer_serial,
    "receipt_printer_tcp": receipt_printer_tcp,
    "receipt_printer_usb": receipt_printer_usb,
    "a4_printer_ipp": a4_printer_ipp,
    "a4_printer_cups": a4_printer_cups,
    "special_printer_ipp": special_printer_ipp,
    "special_printer_escpos": special_printer_escpos,
    "document_camera": document_camera,
}
