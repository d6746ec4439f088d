"""Our driver at a printer of another house, and a client of another house at our printer."""

from __future__ import annotations

import io
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from config.devices import Availability, Supply
from drivers.device import DeviceError
from drivers.raster import RasterImage, raster
from drivers.receipt_fences import ReceiptError
from drivers.receipt_printer import ReceiptPrinter
from drivers.receipt_text import Code, Pair, Text
from drivers.virtual.receipt_printer import VirtualReceiptPrinter
from tests.drivers.receipts import switched_on
from tests.peers import receiptio
from tests.peers.emupos import Emupos, emupos

ROWS = 400
RECEIPT = RasterImage(576, ROWS, random.Random(7).randbytes(72 * ROWS).replace(b"\x10", b"\x11"))
MARKUP = """^^^政务大厅

办件编号 | A012
{code:http://127.0.0.1/v/KT1; option:qrcode,6,m}
"""


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emupos]:
    with emupos(tmp_path_factory.mktemp("emupos")) as running:
        yield running


@pytest.fixture(params=["hall", "line"])
def driver(other: Emupos, request: pytest.FixtureRequest) -> Iterator[ReceiptPrinter]:
    """On TCP, and on a serial line."""
    made = ReceiptPrinter(port=other.ports[request.param], timeout=1.0)
    made.open()
    yield made
    made.close()


def _name(other: Emupos, driver: ReceiptPrinter, request: pytest.FixtureRequest) -> str:
    return str(request.node.callspec.params["driver"])


def _soon(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + 60
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def _code_in(png: bytes) -> str:
    seen = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert seen is not None
    return cv2.QRCodeDetector().detectAndDecode(cv2.copyMakeBorder(seen, 40, 40, 40, 40, 0, value=255))[0]


# ── emupos ───────────────────────────────────────────────────────────────────


def test_a_picture_is_the_same_dots_at_the_other_house(
    other: Emupos, driver: ReceiptPrinter, request: pytest.FixtureRequest
) -> None:
    name = _name(other, driver, request)
    before = len(other.receipts(name))
    assert driver.print_image(RECEIPT, b"R001").finished
    assert _soon(lambda: len(other.receipts(name)) == before + 1)
    with Image.open(io.BytesIO(other.image(name))) as picture:
        seen = raster(picture)
    assert (seen.width, seen.height, seen.bits) == (RECEIPT.width, RECEIPT.height, RECEIPT.bits)


def test_text_says_the_same_and_its_code_can_be_scanned(
    other: Emupos, driver: ReceiptPrinter, request: pytest.FixtureRequest
) -> None:
    name = _name(other, driver, request)
    before = len(other.receipts(name))
    driver.print_text((Text("HALL", size=2), Pair("No", "A012"), Code("http://127.0.0.1/v/KT1")), b"T001")
    assert _soon(lambda: len(other.receipts(name)) == before + 1)
    assert other.text(name).split("\n")[:2] == ["HALL", "No A012"]
    assert _code_in(other.image(name)) == "http://127.0.0.1/v/KT1"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("paper-out", "receipt_paper_out"),
        ("cover-open", "receipt_cover_open"),
        ("offline", "device_offline"),
    ],
)
def test_what_is_wrong_there_is_told_here_and_nothing_is_begun(
    other: Emupos, driver: ReceiptPrinter, request: pytest.FixtureRequest, fault: str, code: str
) -> None:
    name = _name(other, driver, request)
    before = len(other.receipts(name))
    other.fault(name, fault)
    try:
        assert driver.status().faults == (code,)
        with pytest.raises(ReceiptError) as caught:
            driver.print_image(RECEIPT, b"R002")
        assert (caught.value.code, caught.value.outcome.begun) == (code, False)
    finally:
        other.fault(name, fault, so=False)
    assert driver.status().availability is Availability.ONLINE
    assert len(other.receipts(name)) == before


def test_low_paper_there_is_low_paper_here(
    other: Emupos, driver: ReceiptPrinter, request: pytest.FixtureRequest
) -> None:
    name = _name(other, driver, request)
    other.fault(name, "paper-near-end")
    try:
        state = driver.status()
        assert driver.print_image(RECEIPT, b"R003").finished
    finally:
        other.fault(name, "paper-near-end", so=False)
    assert (state.ready, state.supplies["paper"]) == (True, Supply.LOW)


def test_a_driver_that_comes_while_the_paper_is_out_waits_and_then_prints(other: Emupos) -> None:
    other.fault("hall", "paper-out")
    late = ReceiptPrinter(port=other.ports["hall"], timeout=0.5)
    try:
        late.open()
        assert "receipt_paper_out" in late.status().faults
        with pytest.raises(DeviceError, match="receipt_unfinished"):
            late.clear()  # it knows no clearing: out of service until it has worked off its buffer
        other.fault("hall", "paper-out", so=False)
        assert not late.clear()
        assert late.print_image(RECEIPT, b"R004").finished
    finally:
        other.fault("hall", "paper-out", so=False)
        late.close()


# ── receiptio ────────────────────────────────────────────────────────────────


def test_the_client_finds_out_what_is_wrong_with_our_printer() -> None:
    address = receiptio.own_address()
    with switched_on(VirtualReceiptPrinter(receiptio.PORT, host=address, real_time=False)) as printer:
        assert receiptio.ask(address) == "online"
        for hand, back, word in (
            ("open_cover", "close_cover", "coveropen"),
            ("paper_out", "refill", "paperempty"),
        ):
            printer.act(hand)
            assert receiptio.ask(address) == word
            printer.act(back)
        printer.act("unplug")
        assert receiptio.ask(address) == "disconnect"


def test_the_client_knows_our_printer_by_its_name_and_what_it_prints_is_on_paper(tmp_path: Path) -> None:
    address = receiptio.own_address()
    with switched_on(VirtualReceiptPrinter(receiptio.PORT, host=address, real_time=False)) as printer:
        assert receiptio.print_markup(address, MARKUP, tmp_path, "-l", "zh") == "success"
        printer.act("paper_out")
        assert receiptio.print_markup(address, MARKUP, tmp_path, "-l", "zh") == "paperempty"
    [piece] = printer.paper()
    assert piece.cut
    said = [" ".join(line.split()) for line in piece.text]
    assert said[0] == "政务大厅" and "办件编号 A012" in said
    assert _code_in(piece.png) == "http://127.0.0.1/v/KT1"
