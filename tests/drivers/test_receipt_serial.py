"""A receipt printer on a serial line: the same driver, and patience that follows from the line's pace."""

from __future__ import annotations

import random
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from drivers.device import DeviceError
from drivers.raster import RasterImage
from drivers.receipt_fences import ReceiptError
from drivers.receipt_printer import ReceiptPrinter
from drivers.virtual.receipt_printer import VirtualReceiptPrinter
from tests.drivers.receipts import driver_of, hanging, printed, switched_on, when


def _receipt(rows: int, seed: int = 1) -> RasterImage:
    return RasterImage(576, rows, random.Random(seed).randbytes(72 * rows).replace(b"\x10", b"\x11"))


@pytest.mark.parametrize("flow", ["none", "xonxoff", "rtscts"])
def test_a_receipt_over_a_serial_line_is_on_paper_dot_for_dot(tmp_path: Path, flow: str) -> None:
    with switched_on(VirtualReceiptPrinter(link=tmp_path / "printer", real_time=False)) as printer:
        with driver_of(printer, flow=flow) as driver:
            assert driver.print_image(_receipt(400), b"R001").finished
            assert driver.status().ready
            assert driver.counts() == {"cuts": 1, "paper_mm": (400 + 96) // 8}
    [piece] = printer.paper()
    assert printed(piece.png, 400) == _receipt(400).bits


def test_a_slow_line_is_not_taken_for_a_silent_printer(tmp_path: Path) -> None:
    # 9 kB at 38400 baud take 2.4 s; the printer may be silent for 1 s and the print may last 2 s.
    printer = VirtualReceiptPrinter(link=tmp_path / "printer", baud=38400)
    with switched_on(printer), driver_of(printer, baud=38400, timeout=1.0) as driver:
        begun = time.monotonic()
        assert driver.print_image(_receipt(128), b"R001", timeout=2.0).finished
        assert time.monotonic() - begun > 128 * 72 * 10 / 38400  # else the line was not slow


def test_paper_that_ends_on_a_slow_line_is_told_and_cleared_before_the_next_person(tmp_path: Path) -> None:
    printer = VirtualReceiptPrinter(link=tmp_path / "printer", baud=57600)
    with switched_on(printer), driver_of(printer, baud=57600, timeout=2.0) as driver:
        printer.act("paper_out_after", rows=100)
        with pytest.raises(ReceiptError) as caught:
            driver.print_image(_receipt(256), b"R001")
        assert (caught.value.code, caught.value.outcome.bands) == ("receipt_paper_out", 1)
        assert driver.clear()
        printer.act("refill")
        assert printer.wait_idle()
        assert hanging(printer) == 100
        assert driver.print_image(_receipt(8, seed=2), b"R002").finished
        assert driver.counts()["cuts"] == 2


def test_a_serial_cable_pulled_in_the_middle_is_told_and_found_again(tmp_path: Path) -> None:
    printer = VirtualReceiptPrinter(link=tmp_path / "printer")
    with switched_on(printer), driver_of(printer) as driver:
        hand = when(lambda: hanging(printer) >= 40, lambda: printer.act("unplug"))
        with pytest.raises(ReceiptError) as caught:
            driver.print_image(_receipt(4000), b"R001")  # long enough for any hand
        hand.join()
        assert (caught.value.code, caught.value.lost) == ("device_offline", True)
        with pytest.raises(DeviceError, match="device_absent"):
            driver.open()
        printer.act("plug")
        driver.open()
        assert driver.print_image(_receipt(8, seed=2), b"R002").finished


def test_half_a_band_in_a_printer_that_cannot_clear_does_not_swallow_the_next_receipt() -> None:
    with switched_on(VirtualReceiptPrinter(real_time=False, clears=False, process_ids=False)) as printer:
        with socket.create_connection(("127.0.0.1", printer.port), 5) as line:  # the rest never arrives
            line.sendall(b"\x1dv0\x00\x48\x00\x40\x00" + bytes(500))
        with driver_of(printer, timeout=2.0) as driver:
            assert driver.print_image(_receipt(64), b"R001").finished
    assert printed(printer.paper()[-1].png, 64 + 64)[64 * 72 :] == _receipt(64).bits


def test_the_late_answer_to_an_earlier_job_is_no_fence_of_the_next() -> None:
    with _slow_to_answer() as port:
        driver = ReceiptPrinter(port=port, timeout=5.0, fence="status")
        driver.open()  # its question is answered twice: the first answer was owed to a job of before
        with pytest.raises(ReceiptError) as caught:
            driver.print_image(_receipt(64), b"R001", timeout=0.6)
        driver.close()
    assert (caught.value.code, caught.value.outcome.bands) == ("receipt_unfinished", 0)


@contextmanager
def _slow_to_answer() -> Iterator[str]:
    """A simple printer with two answers to its first `GS r`, one of them late, and none to any other."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        client, _ = listener.accept()
        late = threading.Timer(0.05, client.sendall, (b"\x00",))
        with client:
            while data := client.recv(65536):
                client.sendall(b"\x12" * len(re.findall(rb"\x10\x04[\x01-\x04]", data)))
                if b"\x1dr\x01" in data and not late.ident:
                    client.sendall(b"\x00")
                    late.start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()
        thread.join(5)


def test_an_answer_that_comes_late_is_not_taken_for_the_next_questions() -> None:
    with switched_on(VirtualReceiptPrinter(real_time=False)) as printer, driver_of(printer) as driver:
        driver.status()  # by now it has said all that it had to say by itself
        printer._say(b"\x1a")  # to question 1 it would mean: offline
        time.sleep(0.05)
        assert driver.status().ready


@pytest.mark.parametrize(
    "wrong", [{"flow": "dtr"}, {"fence": "none"}, {"port": "usb"}, {"presenter": "unheard"}, {"baud": -1}]
)
def test_what_no_printer_has_is_a_mistake_of_the_settings(wrong: dict[str, str], tmp_path: Path) -> None:
    with switched_on(VirtualReceiptPrinter(link=tmp_path / "printer")):
        options = {"port": str(tmp_path / "printer"), **wrong}
        with pytest.raises(DeviceError, match="device_misconfigured"):
            ReceiptPrinter(**options).open()  # type: ignore[arg-type]
