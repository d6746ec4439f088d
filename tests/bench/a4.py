"""How long until a printer has accepted a certificate: ours beside other clients of the same printer.

Directly at an IPP printer, and through a CUPS queue. Each submission waits until the one before has come out:
the virtual printer takes one job at a time. Medians, milliseconds; the clients take turns.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

from ippx import IppClient

from drivers.a4_printer import A4Printer
from drivers.a4_printer_cups import CupsA4Printer
from drivers.virtual.a4_printer import VirtualA4Printer
from drivers.virtual.demo_settings import choose_ports
from tests.bench.table import Row
from tests.peers.cups import Cups, cups

ROUNDS = 7
_BYTES = 120_000  # a signed certificate with its font
Submit = Callable[[str], object]


def run() -> list[Row]:
    """Our driver against ippx's own client, and through CUPS also against `lp` with its start."""
    with tempfile.TemporaryDirectory() as folder, cups() as server:
        printer = VirtualA4Printer(choose_ports(0).a4, Path(folder), page_seconds=0.0)
        printer.start()
        try:
            address = f"ipp://127.0.0.1:{printer.port}/ipp/print"
            direct = _direct(printer, address)
            queued = _queued(printer, address, server, Path(folder))
        finally:
            printer.stop()
    return [_row("A4 submit → accepted, direct", direct), _row("A4 submit → accepted by CUPS", queued)]


def _direct(printer: VirtualA4Printer, address: str) -> dict[str, float]:
    driver = A4Printer(port=address)
    driver.open()
    pdf = _pdf()
    try:
        with IppClient(address, timeout=5) as client:
            return _medians(
                printer,
                {
                    "ours": lambda name: driver.submit(pdf, name),
                    "ippx": lambda name: client.print_job(
                        pdf, document_format="application/pdf", job_name=name
                    ),
                },
            )
    finally:
        driver.close()


def _queued(printer: VirtualA4Printer, address: str, server: Cups, folder: Path) -> dict[str, float]:
    queue = server.queue("KioskA4", address)
    driver = CupsA4Printer(port=queue, device=address)
    driver.open()
    pdf = _pdf()
    file = folder / "page.pdf"
    file.write_bytes(pdf)
    lp = ["lp", "-h", f"127.0.0.1:{server.port}", "-d", "KioskA4", "-t"]
    try:
        with IppClient(queue, timeout=5) as client:
            return _medians(
                printer,
                {
                    "ours": lambda name: driver.submit(pdf, name),
                    "ippx": lambda name: client.print_job(
                        pdf, document_format="application/pdf", job_name=name
                    ),
                    "lp": lambda name: subprocess.run(
                        [*lp, name, str(file)], check=True, capture_output=True, timeout=10
                    ),
                },
            )
    finally:
        driver.close()


def _medians(printer: VirtualA4Printer, clients: Mapping[str, Submit]) -> dict[str, float]:
    """Each client in turn, once unmeasured."""
    spent: dict[str, list[float]] = {who: [] for who in clients}
    for number in range(ROUNDS + 1):
        for who, submit in clients.items():
            printer.act("take")
            began = time.perf_counter()
            submit(f"{who}-{number}")
            took = (time.perf_counter() - began) * 1000
            if number:
                spent[who].append(took)
            _wait_printed(printer)
    return {who: median(times) for who, times in spent.items()}


def _wait_printed(printer: VirtualA4Printer) -> None:
    end = time.monotonic() + 15
    while not printer.paper():
        if time.monotonic() > end:
            raise RuntimeError("a page did not come out")
        time.sleep(0.02)
    time.sleep(0.05)  # until the printer has noted it, and takes the next


def _row(what: str, medians: Mapping[str, float]) -> Row:
    return Row(what, medians["ours"], "ms", {who: ms for who, ms in medians.items() if who != "ours"})


def _pdf() -> bytes:
    """One page of the size of a certificate, which the filters of CUPS can read."""
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (_BYTES, bytes(_BYTES)),
    )
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = (len(places) + 1, table, len(places) + 1, len(out))
    return (
        bytes(out)
        + b"xref\n0 %d\n0000000000 65535 f \n%strailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % end
    )
