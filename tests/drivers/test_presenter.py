"""A printer that hands its paper out and draws back what nobody takes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from config.devices import Media
from drivers.device import DeviceError
from drivers.presenter import TABLE, presenter_of
from drivers.raster import RasterImage
from drivers.receipt_fences import ReceiptError
from drivers.receipt_printer import ReceiptPrinter
from drivers.virtual.receipt_printer import VirtualReceiptPrinter
from tests.drivers.receipts import driver_of, switched_on, when

RECEIPT = RasterImage(576, 100, b"\xaa" * 7200)


@pytest.fixture
def printer() -> Iterator[VirtualReceiptPrinter]:
    with switched_on(VirtualReceiptPrinter(real_time=False, presenter=True)) as virtual:
        yield virtual


def _places(printer: VirtualReceiptPrinter) -> list[str]:
    return [piece.place for piece in printer.paper()]


def test_a_receipt_waits_in_the_mouth_until_a_hand_takes_it(printer: VirtualReceiptPrinter) -> None:
    with driver_of(printer, presenter="custom") as driver:
        assert driver.status().media is Media.NONE
        driver.print_image(RECEIPT, b"P001")
        assert driver.status().media is Media.PRESENT
        assert not driver.taken(timeout=0.0)
        hand = when(lambda: True, lambda: printer.act("take"))
        assert driver.taken(timeout=60.0)
        hand.join()
        assert driver.status().media is Media.NONE
    assert _places(printer) == ["hand"]


def test_what_nobody_takes_is_drawn_in(printer: VirtualReceiptPrinter) -> None:
    with driver_of(printer, presenter="custom") as driver:
        driver.print_image(RECEIPT, b"P001")
        driver.retract()
        assert driver.taken(timeout=0.0)
    assert _places(printer) == ["bin"]


def test_the_next_person_never_finds_what_the_one_before_left(printer: VirtualReceiptPrinter) -> None:
    with driver_of(printer, presenter="custom") as driver:
        driver.print_image(RECEIPT, b"P001")
        driver.print_image(RECEIPT, b"P002")
    assert _places(printer) == ["bin", "mouth"]


def test_half_a_receipt_is_severed_and_drawn_in_before_the_next_one(printer: VirtualReceiptPrinter) -> None:
    with driver_of(printer, presenter="custom") as driver:
        printer.act("paper_out_after", rows=70)
        with pytest.raises(ReceiptError):
            driver.print_image(RECEIPT, b"P001")
        driver.clear()
        printer.act("refill")
        driver.print_image(RECEIPT, b"P002")
    assert _places(printer) == ["bin", "mouth"]


def test_a_printer_whose_mouth_cannot_be_asked_says_unknown() -> None:
    with switched_on(VirtualReceiptPrinter(real_time=False)) as plain:  # answers no DLE EOT 20
        with driver_of(plain, presenter="custom") as driver:
            assert driver.status().media is Media.UNKNOWN
            assert not driver.taken(timeout=0.1)
        with driver_of(plain) as driver:
            assert driver.status().media is Media.NOT_SUPPORTED
            for verb in (driver.taken, driver.present, driver.retract):
                with pytest.raises(DeviceError, match="no presenter"):
                    verb()


@contextmanager
def slow_mouth() -> Iterator[str]:
    """The port of a printer without process ids whose mouth moves for long: it answers how it is at once, the
    fence of the first movement only when the first band of the next print has come, and no fence after it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            line, _ = listener.accept()
            fences = 0
            with line, suppress(OSError):
                while data := line.recv(65536):
                    line.sendall(b"\x12" * data.count(b"\x10\x04"))
                    fences += data.count(b"\x1dr\x01")
                    opening = fences == 1 and b"\x1dr\x01" in data
                    if opening or (b"\x1dv0" in data and fences < 4):
                        line.sendall(b"\x00")

        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def test_the_late_answer_to_a_movement_is_not_taken_for_paper_of_the_next_print() -> None:
    with slow_mouth() as port:
        spelled = {"present": "1D65030C", "retract": "1D6502"}
        driver = ReceiptPrinter(port=port, timeout=3.0, fence="status", presenter=spelled)
        driver.open()
        with pytest.raises(DeviceError, match="device_timeout"):
            driver.retract(timeout=0.2)
        with pytest.raises(ReceiptError) as failed:
            driver.print_image(RECEIPT, b"P001", timeout=1.0)
        driver.close()
    assert failed.value.outcome.bands == 0


def test_the_settings_can_spell_another_makers_bytes() -> None:
    table = TABLE["custom"]
    spelled = {"present": "1D 65 03 0C", "retract": "1d6502", "ask": "100414", "bit": 32}
    assert presenter_of(spelled) == table
    assert presenter_of("") is None
    for wrong in (
        "star",
        {"present": "1D"},
        {**spelled, "speed": 3},
        {**spelled, "bit": 0},
        {**spelled, "ask": "x"},
    ):
        with pytest.raises(DeviceError, match="device_misconfigured"):
            presenter_of(wrong)
