"""The receipt printer as a USB device of the printer class: real libusb and pyusb, usblp sent away."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from config.devices import Availability
from drivers.device import DeviceError
from drivers.raster import RasterImage
from drivers.receipt_text import Pair, Text
from drivers.virtual.receipt_printer import VirtualReceiptPrinter
from tests.drivers.receipts import hanging, printed, switched_on, when
from tests.peers.usb_peer import RECEIPT_PRINTER, Remote, UsbBus, usb_bus

DRIVER, PORT = "drivers.receipt_printer:ReceiptPrinter", "usb:04B8:0202"


@pytest.fixture(scope="module")
def bus() -> Iterator[UsbBus]:
    with usb_bus() as one:
        yield one


@pytest.fixture(scope="module")
def process(bus: UsbBus) -> Iterator[Remote]:
    with bus.process() as one:
        yield one


@pytest.fixture
def printer(bus: UsbBus) -> Iterator[VirtualReceiptPrinter]:
    with switched_on(VirtualReceiptPrinter(real_time=False)) as virtual:
        bus.plug(RECEIPT_PRINTER, far=f"127.0.0.1:{virtual.port}")
        yield virtual
        bus.unplug_all()


@pytest.fixture
def driver(process: Remote, printer: VirtualReceiptPrinter) -> Iterator[Remote]:
    process.make(DRIVER, port=PORT, timeout=10.0, text=True)
    process.call("open")
    yield process
    process.call("close")


def _receipt(rows: int, seed: int = 1) -> RasterImage:
    return RasterImage(576, rows, random.Random(seed).randbytes(72 * rows).replace(b"\x10", b"\x11"))


def test_picture_and_text_are_on_paper(driver: Remote, printer: VirtualReceiptPrinter) -> None:
    assert driver.call("print_image", _receipt(400), b"R001").finished
    lines = (Text("政务大厅"), Pair("编号", "A012"))
    assert driver.call("takes_text", lines)
    assert driver.call("print_text", lines, b"T001").finished
    picture, text = printer.paper()
    assert printed(picture.png, 400) == _receipt(400).bits
    assert [line.strip() for line in text.text] == ["政务大厅", "编号 A012"]
    assert driver.call("counts") == {"cuts": 2, "paper_mm": (400 + 96 + 60 + 96) // 8}


def test_the_kernels_driver_is_sent_away_and_called_back(
    driver: Remote, printer: VirtualReceiptPrinter, bus: UsbBus
) -> None:
    assert bus.state("printer") == {"claimed": True, "driver": ""}
    driver.call("close")
    assert bus.state("printer") == {"claimed": False, "driver": "usblp"}


def test_paper_that_ends_is_told_and_nothing_of_it_comes_out_afterwards(
    driver: Remote, printer: VirtualReceiptPrinter
) -> None:
    printer.act("paper_out_after", rows=100)
    with pytest.raises(DeviceError) as caught:
        driver.call("print_image", _receipt(400), b"R001")
    assert caught.value.code == "receipt_paper_out"
    assert driver.call("clear")
    printer.act("refill")
    assert printer.wait_idle()
    assert hanging(printer) == 100
    assert driver.call("print_image", _receipt(64, seed=2), b"R002").finished


def test_a_plug_pulled_in_the_middle_is_told_and_found_again_under_another_address(
    process: Remote, bus: UsbBus
) -> None:
    with switched_on(VirtualReceiptPrinter()) as slow:
        bus.plug(RECEIPT_PRINTER, far=f"127.0.0.1:{slow.port}")
        process.make(DRIVER, port=PORT, timeout=10.0)
        process.call("open")
        hand = when(lambda: hanging(slow) >= 40, lambda: bus.unplug("printer"))
        with pytest.raises(DeviceError) as caught:
            process.call("print_image", _receipt(4000), b"R001")  # long enough for any hand
        hand.join()
        assert (caught.value.code, caught.value.lost) == ("device_offline", True)
        with pytest.raises(DeviceError, match="device_absent"):
            process.call("open")
        bus.plug(RECEIPT_PRINTER.at(9), far=f"127.0.0.1:{slow.port}")
        process.call("open")
        assert process.call("print_image", _receipt(8, seed=2), b"R002").finished
        bus.unplug_all()


def test_a_printer_that_stalls_is_lost_and_no_crash(
    driver: Remote, printer: VirtualReceiptPrinter, bus: UsbBus
) -> None:
    bus.stall("printer")
    with pytest.raises(DeviceError):
        driver.call("status")
    bus.stall("printer", stalled=False)
    driver.call("open")
    assert driver.call("status").availability is Availability.ONLINE
