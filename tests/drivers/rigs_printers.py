"""Rigs of printers for documents: A4 direct and through CUPS, special paper with IPP and with ESC/POS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.devices import Kind
from drivers.virtual.a4_printer import VirtualA4Printer
from drivers.virtual.demo_settings import choose_ports
from drivers.virtual.receipt_printer import VirtualReceiptPrinter
from tests.drivers.meddler import Meddler, Sockets
from tests.drivers.rig import Rig, behind_tcp, settings_of
from tests.drivers.verbs import a4_verbs, special_verbs
from tests.peers.cups import cups


def _printer(folder: Path) -> VirtualA4Printer:
    return VirtualA4Printer(choose_ports(0).a4, folder / "a4", page_seconds=0.05)


@contextmanager
def a4_printer_ipp(folder: Path) -> Iterator[Rig]:
    with behind_tcp(_printer(folder)) as (place, meddler):
        settings = settings_of(Kind.A4_PRINTER, "a4_printer_ipp", f"ipp://{place}/ipp/print", timeout=0.6)
        yield Rig(settings, meddler, a4_verbs(nobody=999_999))


@contextmanager
def a4_printer_cups(folder: Path) -> Iterator[Rig]:
    """The hand is in the wire between driver and cupsd; the printer behind it is well."""
    printer = _printer(folder)
    printer.start()
    try:
        with cups() as server:
            device = f"ipp://127.0.0.1:{printer.port}/ipp/print"
            server.queue("KioskA4", device)
            ends = Sockets(server.port)
            meddler = Meddler(ends)
            meddler.start()
            try:
                queue = f"ipp://127.0.0.1:{ends.port}/printers/KioskA4"
                settings = settings_of(Kind.A4_PRINTER, "a4_printer_cups", queue, device=device, timeout=0.8)
                yield Rig(settings, meddler, a4_verbs(nobody="nobody's"))
            finally:
                meddler.stop()
    finally:
        printer.stop()


@contextmanager
def special_printer_ipp(folder: Path) -> Iterator[Rig]:
    with behind_tcp(_printer(folder)) as (place, meddler):
        settings = settings_of(
            Kind.SPECIAL_PRINTER, "special_printer_ipp", f"ipp://{place}/ipp/print", timeout=0.6
        )
        yield Rig(settings, meddler, a4_verbs(nobody=999_999))


@contextmanager
def special_printer_escpos(folder: Path) -> Iterator[Rig]:
    with behind_tcp(VirtualReceiptPrinter(0, real_time=False)) as (port, meddler):
        settings = settings_of(
            Kind.SPECIAL_PRINTER, "special_printer_escpos", port, timeout=0.4, print_seconds=2.0
        )
        yield Rig(settings, meddler, special_verbs())
