"""The receipt printer's own count of its cuts."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from drivers.device import DeviceError
from drivers.raster import RasterImage
from drivers.virtual.receipt_printer import VirtualReceiptPrinter
from tests.drivers.receipts import driver_of, switched_on

SLIP = RasterImage(576, 100, bytes(range(72)) * 100)
LONG = RasterImage(576, 640, bytes(range(72)) * 640)  # its cut is sent long after its first bands


def test_each_cut_counts_once_also_one_of_what_hung_and_the_count_outlives_the_cable() -> None:
    printer = VirtualReceiptPrinter(real_time=False)
    with switched_on(printer):
        with driver_of(printer) as driver:
            first = driver.cuts()
            assert first is not None
            driver.print_image(SLIP, b"JOB1")
            assert driver.cuts() == first + 1
            driver.cut()
            assert driver.cuts() == first + 2
        printer.act("unplug")
        printer.act("plug")
        with driver_of(printer) as driver:
            assert driver.cuts() == first + 2


def test_a_print_that_was_given_up_is_cleared_without_a_cut() -> None:
    """Our own cut must not pass for the receipt's."""
    printer = VirtualReceiptPrinter(real_time=False)
    with switched_on(printer), driver_of(printer) as driver:
        before = driver.cuts()
        printer.act("at_row", rows=70, hand="open_cover")
        with pytest.raises(DeviceError, match="receipt_cover_open"):
            driver.print_image(LONG, b"JOB1")
        printer.act("close_cover")
        driver.reset()
        assert driver.cuts() == before


def test_a_model_that_does_not_know_the_question_tells_nothing_and_types_nothing() -> None:
    printer = VirtualReceiptPrinter(real_time=False, counts_cuts=False)
    with switched_on(printer), driver_of(printer) as driver:
        assert driver.cuts() is None
        driver.cut()
    [piece] = printer.paper()
    with Image.open(io.BytesIO(piece.png)) as paper:
        assert paper.convert("L").getextrema() == (255, 255), "something stands on the paper"


def test_a_printer_with_a_presenter_is_asked_only_where_the_settings_say_so() -> None:
    printer = VirtualReceiptPrinter(real_time=False, presenter=True)
    with switched_on(printer):
        with driver_of(printer, presenter="custom") as driver:
            assert driver.cuts() is None
        with driver_of(printer, presenter="custom", cut_counter="yes") as driver:
            assert driver.cuts() is not None
