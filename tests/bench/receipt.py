"""A receipt on a serial line of 115200 baud, as a picture and as text: to its first byte, to its last fence.

The printer is in real time, and so is the line before it. The clock starts with the receipt as data, so that
drawing counts. python-escpos writes the same paper; it knows no fence, so the bench asks one behind it, and
no Chinese text, so it is handed the bytes.
"""

from __future__ import annotations

import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from escpos.printer import Serial

from config.words import Words
from drivers.raster import raster
from drivers.receipt_printer import ReceiptPrinter
from drivers.virtual.receipt_plug import SerialPlug
from drivers.virtual.receipt_printer import VirtualReceiptPrinter
from kiosk.receipts import Receipt, draw, text_lines
from tests.bench.table import Row

BAUD, TIMES = 115200, 5
RECEIPT = Receipt(
    hall="示例政务服务大厅",
    title=Words("社会保险参保证明", "Proof of social insurance"),
    rows=tuple((f"办理事项{number}", "示例市人力资源和社会保障局") for number in range(1, 9)),
    foot=("请妥善保管", "服务热线 12345"),
    code="http://127.0.0.1/v/KT20261122000001",
    code_words="扫码核验",
)
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
        *_rows("receipt, raster", picture, escpos_picture),
        *_rows("receipt, text", text, escpos_text),
        Row("the picture's own time on the wire", len(raster(draw(RECEIPT)).bits) * 10 / BAUD * 1000, "ms"),
    ]


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
    printer.image(draw(RECEIPT))
    _finish(printer)


def _escpos_text(line: _Line) -> None:
    printer = Serial(devfile=str(line.link), baudrate=BAUD, timeout=20)
    printer._raw(b"\x1c&")
    for content in (RECEIPT.hall, RECEIPT.title.zh, *(f"{label} {value}" for label, value in RECEIPT.rows)):
        printer._raw(content.encode("gb18030") + b"\n")
    printer._raw(b"\x1c.")
    printer.qr(RECEIPT.code, native=True, size=6)
    for content in RECEIPT.foot:
        printer._raw(b"\x1c&" + content.encode("gb18030") + b"\n")
    _finish(printer)


def _finish(printer: Serial) -> None:
    printer.cut()
    printer._raw(_FENCE)
    heard = b""
    while b"DONE" not in heard:
        more = printer.device.read(1)
        assert more, "no answer to the fence"
        heard += more
    printer.close()
