"""The bench: virtual hardware of one terminal, and a page with its hands.

It listens on loopback only and refuses to run beside an enrolled terminal, since whoever can
reach it can lay any card on the reader.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from drivers.virtual import special_tray
from drivers.virtual.a4_printer import VirtualA4Printer
from drivers.virtual.app_issuer import AppIssuer
from drivers.virtual.bench_page import Bench, application
from drivers.virtual.camera import VirtualCamera
from drivers.virtual.code_scanner import VirtualCodeScanner
from drivers.virtual.document_camera import VirtualDocumentCamera
from drivers.virtual.id_card_reader import VirtualIdCardReader
from drivers.virtual.io_board import VirtualIoBoard
from drivers.virtual.locker import VirtualLocker
from drivers.virtual.phone import VirtualPhone
from drivers.virtual.processes import ProcessError
from drivers.virtual.receipt_printer import VirtualReceiptPrinter
from drivers.virtual.special_printer import VirtualSpecialPrinter

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_BLANK_DOTS = 1656  # across a blank of A4's width, at eight dots to the millimetre


@dataclass(frozen=True)
class BenchSettings:
    """Where the page and the wires are. `folder` holds the links of the PTYs and the A4 printer's files.

    The times switch: `real_time` off makes everything as fast as it can, for tests; `page_seconds` is how
    long a page takes otherwise.
    """

    folder: Path
    port: int = 8090
    host: str = "127.0.0.1"
    receipt_port: int = 9100
    a4_port: int = 8631
    camera_port: int = 8091
    document_port: int = 8092
    special_port: int = 9101
    cashier: str = ""  # the reference platform's address, for the phone
    enrolled: bool = False
    real_time: bool = True
    page_seconds: float = 2.0


def serve(settings: BenchSettings) -> None:
    """Runs until SIGTERM or SIGINT, then takes everything down and returns.

    Prints `bench ready http://host:port/` when page and devices can be used. SystemExit with words
    when it must not run here, a port is taken, or a program is missing.
    """
    if settings.enrolled:
        raise SystemExit("bench: this terminal is enrolled; virtual hardware does not run beside it")
    if settings.host not in _LOOPBACK:
        raise SystemExit(f"bench: {settings.host} is not this computer alone; use 127.0.0.1")
    try:
        with _listening(settings) as listener, _patient() as asked, opened(settings) as bench:
            if not asked:
                _run(bench, listener)
    except (OSError, ProcessError) as error:
        raise SystemExit(f"bench: {error}") from None


@contextlib.contextmanager
def _listening(settings: BenchSettings) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host, settings.port), family=family)
    except OSError as error:
        raise OSError(f"port {settings.port} of the page: {error.strerror}") from None
    with listener:
        yield listener


@contextlib.contextmanager
def opened(settings: BenchSettings) -> Iterator[Bench]:
    """The devices of a bench without its page, each on its wire; taken down at the end. OSError."""
    folder = settings.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    page_seconds = settings.page_seconds if settings.real_time else 0.1
    receipts = VirtualReceiptPrinter(settings.receipt_port, real_time=settings.real_time)
    a4 = VirtualA4Printer(settings.a4_port, folder / "a4", page_seconds=page_seconds)
    books = VirtualReceiptPrinter(settings.special_port, real_time=settings.real_time, width=_BLANK_DOTS)
    bench = Bench(
        reader=VirtualIdCardReader(folder / "id-card-reader", wire_time=settings.real_time),
        camera=VirtualCamera(settings.camera_port),
        table=VirtualDocumentCamera(settings.document_port),
        receipts=receipts,
        a4=a4,
        special=VirtualSpecialPrinter(books, folder / special_tray.NAME),
        phone=VirtualPhone(settings.cashier, AppIssuer(folder)),
        others=(
            VirtualCodeScanner(folder / "code-scanner", papers=lambda: [one.png for one in receipts.paper()]),
            VirtualIoBoard(folder / "io-board", tray=lambda: bool(a4.paper())),
            VirtualLocker(folder / "locker"),
        ),
    )
    with contextlib.ExitStack() as stack:
        for name, device in bench.devices().items():
            stack.callback(device.stop)
            try:
                device.start()
            except OSError as error:
                raise OSError(f"{name}: {error}") from None
        yield bench


def _run(bench: Bench, listener: socket.socket) -> None:
    host, port = listener.getsockname()[:2]
    address = f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"

    def ready() -> None:
        print(f"bench ready {address}", flush=True)

    server = uvicorn.Server(
        uvicorn.Config(
            application(bench, ready), log_level="warning", access_log=False, timeout_graceful_shutdown=1
        )
    )
    server.run(sockets=[listener])


@contextlib.contextmanager
def _patient() -> Iterator[list[int]]:
    """A signal ends the page, never the putting away of devices, however often it comes.

    Yields the signals that came. uvicorn catches them while it serves and raises them again afterwards.
    """
    asked: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda got, _: asked.append(got)) for number in numbers}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def main(arguments: list[str]) -> int:
    """`python -m drivers.virtual.bench --folder F [--port N] …`; what `main.py demo bench` does too."""
    parser = argparse.ArgumentParser(prog="bench", description="Virtual hardware of one terminal.")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, default=8090)
    for name, port in (
        ("receipt", 9100),
        ("a4", 8631),
        ("camera", 8091),
        ("document", 8092),
        ("special", 9101),
    ):
        parser.add_argument(f"--{name}-port", type=int, default=port)
    parser.add_argument("--cashier", default="", help="address of the reference platform, for the phone")
    parser.add_argument("--page-seconds", type=float, default=2.0, help="for a page of the A4 printer")
    parser.add_argument("--fast", action="store_true", help="no wire, paper and page times")
    told = parser.parse_args(arguments)
    serve(
        BenchSettings(
            folder=told.folder,
            port=told.port,
            receipt_port=told.receipt_port,
            a4_port=told.a4_port,
            camera_port=told.camera_port,
            document_port=told.document_port,
            special_port=told.special_port,
            cashier=told.cashier,
            real_time=not told.fast,
            page_seconds=told.page_seconds,
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
