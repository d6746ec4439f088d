"""A printer that hands its paper out and draws back what nobody takes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from config.devices import Media
from drivers.device import DeviceError
from drivers.presenter import TABLE, presenter_of
from drivers.raster import RasterImage
from drivers.receipt_fences import ReceiptError
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
        assert driver.taken(timeout=5.0)
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
