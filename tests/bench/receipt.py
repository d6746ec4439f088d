"""A receipt on a serial line of 115200 baud, as a picture and as text: drawn, to its first byte, to its last.

The printer is in real time, and so is the line before it. The clock starts with the receipt as data, so that
drawing counts. python-escpos writes the same paper; it knows no fence, so the bench asks one behind it, no
Chinese text, so it is handed the bytes, and no layout, so it is handed our picture.
"""

from __future__ import annotations

import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from escpos.printer import Dummy, Serial

from config.catalogue_files import load_catalogue
from drivers import receipt_text
from drivers.raster import raster
from drivers.receipt_printer import BAND_ROWS, ReceiptPrinter
from drivers.virtual.receipt_plug import SerialPlug
from drivers.virtual.receipt_printer import VirtualReceiptPrinter
from kiosk.documents.paper_lines import fill
from kiosk.documents.receipts import WIDTH, Receipt, draw, text_lines
from tests.bench.table import Row

BAUD, TIMES = 115200, 5
PAPER = load_catalogue().papers["receipt"]
VALUES = {
    "hall": "示例政务服务大厅",
    "service": "个人参保证明打印",
    "service_en": "Proof of social insurance",
    "name": "张三",
    "number": "330100199301300051",
    "case_no": "330100SB0120261122000001",
    "check_code": "http://127.0.0.1/v/KT20261122000001",
    "printed": "2026-11-22 09:30",
    "terminal": "K001",
    "help_phone": "12345",
}
ROWS = [{"label": f"办理事项{number}", "value": "示例市人力资源和社会保障局"} for number in range(1, 6)]
RECEIPT = Receipt(fill(PAPER, VALUES, {"rows": ROWS}))
_BEGINNINGS = (b"\x1dv0", b"\x1c&")  # of a picture, of Chinese text
_FENCE = b"\x1d(H\x06\x00\x30\x30DONE"


def run() -> list[Row]:
    """Medians of several; fonts are loaded before."""
    draw(RECEIPT)
    with tempfile.TemporaryDirectory() as folder, _line(Path(folder) / "printer") as line:
        driver = ReceiptPrinter(port=str(line.link), baud=BAUD)
        driver.open()
        try:
            picture = [
                line.time(lambda: driver.print_image(raster(draw(RECEIPT)), b"R001")) for _ in range(TIMES)
            ]
            text = [line.time(lambda: driver.print_text(text_lines(RECEIPT), b"T001")) for _ in range(TIMES)]
        finally:
            driver.close()
        escpos_picture = [line.time(lambda: _escpos_picture(line)) for _ in range(TIMES)]
        escpos_text = [line.time(lambda: _escpos_text(line)) for _ in range(TIMES)]
    return [
        Row("receipt: template + values → lines", _ms(lambda: fill(PAPER, VALUES, {"rows": ROWS})), "ms"),
        *(
            Row(f"receipt: lines → picture, {name}", _ms(partial(draw, RECEIPT, across)), "ms")
            for name, across in (("80 mm", WIDTH), ("58 mm", 384))
        ),
        Row("receipt: lines → text", _ms(_own_text), "ms"),
        Row("receipt, raster 80 mm: on the wire", _raster_bytes(), "B", {"python-escpos": _escpos_raster()}),
        Row("receipt, text 80 mm: on the wire", len(_own_text()), "B", {"python-escpos": _escpos_type()}),
        *_rows("receipt, raster", picture, escpos_picture),
        *_rows("receipt, text", text, escpos_text),
        Row("the picture's own time on the wire", _raster_bytes() * 10 / BAUD * 1000, "ms"),
    ]


def _ms(act: Callable[[], object]) -> float:
    taken = []
    for _ in range(TIMES):
        start = time.perf_counter()
        act()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1000


def _own_text() -> bytes:
    return b"".join(block.data for block in receipt_text.blocks(text_lines(RECEIPT), WIDTH))


def _raster_bytes() -> int:
    """The bands with their heads, without the fences between them."""
    bands = raster(draw(RECEIPT)).bands(BAND_ROWS)
    return sum(len(band.bits) + 8 for band in bands)


def _escpos_raster() -> int:
    dummy = Dummy()
    dummy.image(draw(RECEIPT), fragment_height=480)  # a printer's buffer holds no more

    return len(dummy.output)


def _escpos_type() -> int:
    dummy = Dummy()
    _write_text(dummy)
    return len(dummy.output)


def _rows(what: str, ours: list[tuple[float, float]], theirs: list[tuple[float, float]]) -> Iterator[Row]:
    for at, where in enumerate(("first byte", "last fence")):
        ours_ms, theirs_ms = (statistics.median(one[at] for one in many) * 1000 for many in (ours, theirs))
        yield Row(f"{what}: data → {where}", ours_ms, "ms", {"python-escpos": theirs_ms})


class _Line:
    """A serial line at its pace before a printer on TCP, that notes when a receipt begins to come through."""

    def __init__(self, link: Path, printer: socket.socket) -> None:
        self.link = link
        self._printer = printer
        self._begun = 0.0
        self._tail = b""
        self.plug = SerialPlug(link, 10 / BAUD, self._take)

    def time(self, act: Callable[[], object]) -> tuple[float, float]:
        """Seconds until the first byte of the receipt has come, and until `act` has ended."""
        self._begun = 0.0
        start = time.perf_counter()
        act()
        return self._begun - start, time.perf_counter() - start

    def answer(self) -> None:
        """Carries the printer's answers back until it closes."""
        while data := self._printer.recv(4096):
            self.plug.say(data)

    def _take(self, data: bytes) -> None:
        seen = self._tail + data
        if not self._begun and any(beginning in seen for beginning in _BEGINNINGS):
            self._begun = time.perf_counter()
        self._tail = seen[-2:]
        self._printer.sendall(data)


@contextmanager
def _line(link: Path) -> Iterator[_Line]:
    printer = VirtualReceiptPrinter()
    printer.start()
    try:
        with socket.create_connection(("127.0.0.1", printer.port), 5) as sock:
            sock.settimeout(None)
            line = _Line(link, sock)
            answering = threading.Thread(target=line.answer, daemon=True)
            answering.start()
            try:
                yield line
            finally:
                line.plug.pull()
                sock.shutdown(socket.SHUT_RDWR)
                answering.join(5)
    finally:
        printer.stop()


def _escpos_picture(line: _Line) -> None:
    printer = Serial(devfile=str(line.link), baudrate=BAUD, timeout=20)
    printer.image(draw(RECEIPT), fragment_height=480)
    _finish(printer)


def _escpos_text(line: _Line) -> None:
    printer = Serial(devfile=str(line.link), baudrate=BAUD, timeout=20)
    _write_text(printer)
    _finish(printer)


def _write_text(printer: Dummy | Serial) -> None:
    """The same lines by python-escpos: Chinese as bytes, the codes by its own."""
    for line in RECEIPT.lines:
        if line.kind == "code":
            printer.qr(line.text, native=True, size=6)
        said = "-" * 48 if line.kind == "rule" else f"{line.label} {line.text if line.kind != 'code' else ''}"
        printer._raw(b"\x1c&" + said.encode("gb18030") + b"\n\x1c.")


def _finish(printer: Serial) -> None:
    printer.cut()
    printer._raw(_FENCE)
    heard = b""
    while b"DONE" not in heard:
        more = printer.device.read(1)
        assert more, "no answer to the fence"
        heard += more
    printer.close()
