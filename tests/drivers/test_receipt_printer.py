"""The receipt printer's driver against a printer that behaves, over real TCP."""

from __future__ import annotations

import io
import random
import threading
from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pytest
import segno
from PIL import Image

from config.devices import Availability, Supply
from drivers.device import Device, DeviceError
from drivers.raster import RasterImage, raster
from drivers.receipt_fences import PrintOutcome, ReceiptError
from drivers.receipt_printer import ReceiptPrinter
from drivers.virtual.receipt_printer import VirtualReceiptPrinter
from tests.drivers.receipts import driver_of, hanging, printed, switched_on, when

ROWS = 400  # seven bands


@pytest.fixture
def printer() -> Iterator[VirtualReceiptPrinter]:
    with switched_on(VirtualReceiptPrinter(real_time=False)) as virtual:
        yield virtual


def _receipt(rows: int = ROWS, seed: int = 1) -> RasterImage:
    return RasterImage(576, rows, random.Random(seed).randbytes(72 * rows).replace(b"\x10", b"\x11"))


LONG = _receipt(rows=4000)  # prints long enough for any hand to move meanwhile


def _fails(act: Callable[[], object]) -> ReceiptError:
    with pytest.raises(ReceiptError) as caught:
        act()
    return caught.value


# ── when all goes well ───────────────────────────────────────────────────────


def test_a_whole_receipt_is_on_paper_dot_for_dot_and_its_code_can_be_scanned(
    printer: VirtualReceiptPrinter,
) -> None:
    page = Image.new("L", (576, 500), 255)
    code = io.BytesIO()
    segno.make("http://127.0.0.1/verify/KT20261122", error="m").save(code, kind="png", scale=8, border=4)
    with Image.open(code) as square:
        page.paste(square.convert("L"), (100, 60))
    sent = raster(page)

    with driver_of(printer) as driver:
        outcome = driver.print_image(sent, b"R001")

    assert outcome == PrintOutcome(bands=8, total=8, begun=True, finished=True)
    [piece] = printer.paper()
    assert piece.cut
    assert printed(piece.png, 500) == sent.bits
    seen = cv2.imdecode(np.frombuffer(piece.png, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert seen is not None
    assert cv2.QRCodeDetector().detectAndDecode(seen)[0] == "http://127.0.0.1/verify/KT20261122"


def test_two_receipts_are_two_pieces_of_paper(printer: VirtualReceiptPrinter) -> None:
    with driver_of(printer) as driver:
        driver.print_image(_receipt(seed=1), b"R001")
        driver.print_image(_receipt(seed=2), b"R002")
    first, second = printer.paper()
    assert printed(first.png, ROWS) == _receipt(seed=1).bits
    assert printed(second.png, ROWS) == _receipt(seed=2).bits


def test_a_picture_that_looks_like_commands_prints_and_commands_nothing(
    printer: VirtualReceiptPrinter,
) -> None:
    trap = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08" + b"\x10\x04\x01" + b"\x1b@" + b"\x1dr\x01"
    sent = RasterImage(576, 100, trap.ljust(72, b"\xff") * 100)
    with driver_of(printer) as driver:
        assert driver.print_image(sent, b"R001").finished
        assert driver.status().ready
    [piece] = printer.paper()
    differing = int.from_bytes(printed(piece.png, 100), "big") ^ int.from_bytes(sent.bits, "big")
    assert differing.bit_count() == 2 * 100  # one dot for each of the two real-time commands in a row


def test_the_driver_keeps_the_contract_and_its_state_is_ready(printer: VirtualReceiptPrinter) -> None:
    with driver_of(printer) as driver:
        assert isinstance(driver, Device)
        state = driver.status()
    assert state.ready
    assert state.supplies == {"paper": Supply.FULL}


# ── paper ends ───────────────────────────────────────────────────────────────


def test_paper_that_ends_in_the_seventh_band_leaves_six_certain(printer: VirtualReceiptPrinter) -> None:
    with driver_of(printer) as driver:
        printer.act("paper_out_after", rows=6 * 64 + 10)
        error = _fails(lambda: driver.print_image(_receipt(rows=832), b"R001"))
        state = driver.status()
    assert error.code == "receipt_paper_out"
    assert error.outcome == PrintOutcome(bands=6, total=13, begun=True, finished=False)
    assert state.faults == ("receipt_paper_out", "receipt_unfinished")


def test_without_clearing_the_rest_comes_out_after_the_refill_and_nobody_else_may_print(
    printer: VirtualReceiptPrinter,
) -> None:
    with driver_of(printer) as driver:
        printer.act("paper_out_after", rows=100)
        _fails(lambda: driver.print_image(_receipt(), b"R001"))
        printer.act("refill")
        assert printer.wait_idle()
        assert hanging(printer) > 100  # the phantom
        error = _fails(lambda: driver.print_image(_receipt(seed=2), b"R002"))
    assert error.code == "receipt_unfinished"
    assert not error.outcome.begun


def test_after_clearing_nothing_more_comes_out_and_the_next_receipt_is_whole(
    printer: VirtualReceiptPrinter,
) -> None:
    with driver_of(printer) as driver:
        printer.act("paper_out_after", rows=100)
        _fails(lambda: driver.print_image(_receipt(), b"R001"))
        assert driver.clear()
        printer.act("refill")
        assert printer.wait_idle()
        assert hanging(printer) == 100
        assert driver.print_image(_receipt(seed=2), b"R002").finished
    left, whole = printer.paper()
    assert left.cut
    assert printed(left.png, 100) == _receipt().bits[: 100 * 72]
    assert printed(whole.png, ROWS) == _receipt(seed=2).bits


def test_a_terminal_that_starts_anew_clears_what_the_one_before_left(printer: VirtualReceiptPrinter) -> None:
    with driver_of(printer) as driver:
        printer.act("paper_out_after", rows=100)
        _fails(lambda: driver.print_image(_receipt(), b"R001"))
    with driver_of(printer) as driver:
        assert driver.status().faults == ("receipt_paper_out",)
        printer.act("refill")
        assert driver.status().ready
        driver.cut()
    assert [piece.rows - 96 for piece in printer.paper()] == [100]  # 96 rows to the knife


def test_without_paper_nothing_is_begun(printer: VirtualReceiptPrinter) -> None:
    with driver_of(printer) as driver:
        printer.act("paper_out")
        error = _fails(lambda: driver.print_image(_receipt(), b"R001"))
    assert (error.code, error.outcome.begun) == ("receipt_paper_out", False)
    assert printer.paper() == []


def test_low_paper_prints_and_says_so(printer: VirtualReceiptPrinter) -> None:
    with driver_of(printer) as driver:
        printer.act("paper_low")
        assert driver.print_image(_receipt(), b"R001").finished
        state = driver.status()
    assert state.ready
    assert state.faults == ("receipt_paper_low",)


# ── cover, knife, cable, silence ─────────────────────────────────────────────


def test_a_cover_opened_in_the_middle_ends_the_print_at_once() -> None:
    with switched_on(VirtualReceiptPrinter()) as printer, driver_of(printer) as driver:
        hand = when(lambda: hanging(printer) >= 150, lambda: printer.act("open_cover"))
        error = _fails(lambda: driver.print_image(LONG, b"R001"))
        hand.join()
        on_paper = hanging(printer)
    assert error.code == "receipt_cover_open"
    assert 1 <= error.outcome.bands <= on_paper // 64


def test_a_knife_that_sticks_leaves_all_bands_certain_and_the_print_unfinished(
    printer: VirtualReceiptPrinter,
) -> None:
    with driver_of(printer) as driver:
        printer.act("jam_next_cut")
        error = _fails(lambda: driver.print_image(_receipt(), b"R001"))
        assert error.code == "receipt_cutter"
        assert error.outcome == PrintOutcome(bands=7, total=7, begun=True, finished=False)
        printer.act("close_cover")  # resets the knife, as the technician is told
        assert driver.clear()
        assert driver.print_image(_receipt(seed=2), b"R002").finished


@pytest.mark.parametrize("band", range(4))
def test_a_cable_pulled_at_any_band_claims_no_more_than_is_on_paper(band: int) -> None:
    with switched_on(VirtualReceiptPrinter()) as printer, driver_of(printer) as driver:
        hand = when(lambda: hanging(printer) >= band * 64 + 8, lambda: printer.act("unplug"))
        error = _fails(lambda: driver.print_image(LONG, b"R001"))
        hand.join()
        assert error.lost
        assert error.code == "device_offline"
        with pytest.raises(DeviceError, match="device_absent"):
            driver.open()
        printer.act("plug")
        driver.open()
        on_paper = sum(piece.rows for piece in printer.paper())
        assert error.outcome.bands * 64 <= on_paper
        assert printer.wait_idle()
        assert sum(piece.rows for piece in printer.paper()) <= on_paper + 96  # no phantom
        assert driver.print_image(_receipt(rows=64, seed=2), b"R002").finished


def test_a_fence_that_is_lost_makes_the_print_unfinished(printer: VirtualReceiptPrinter) -> None:
    with driver_of(printer) as driver:
        driver.print_image(_receipt(), b"R001")
        printer.act("drop_next_fence")
        error = _fails(lambda: driver.print_image(_receipt(), b"R002", timeout=0.8))
        assert (error.code, error.outcome.bands) == ("receipt_unfinished", 0)
        assert not driver.status().ready
        driver.clear()
        assert driver.status().ready


def test_a_printer_that_falls_silent_is_lost_and_found_again(printer: VirtualReceiptPrinter) -> None:
    with driver_of(printer, timeout=1.5) as driver:
        printer.act("silence")
        with pytest.raises(DeviceError) as caught:
            driver.status()
        assert (caught.value.code, caught.value.lost) == ("device_timeout", True)
        with pytest.raises(DeviceError, match="device_timeout"):
            driver.open()
        printer.act("speak")
        driver.open()
        assert driver.status().availability is Availability.ONLINE


def test_a_printer_that_falls_silent_under_way_is_given_up_long_before_the_print_would_be() -> None:
    with switched_on(VirtualReceiptPrinter()) as printer, driver_of(printer, timeout=1.5) as driver:
        hand = when(lambda: hanging(printer) >= 100, lambda: printer.act("silence"))
        error = _fails(lambda: driver.print_image(LONG, b"R001", timeout=60))
        hand.join()
    assert (error.code, error.lost) == ("receipt_unfinished", True)
    assert error.outcome.begun


def test_nobody_at_the_port_is_absent_and_a_strange_port_is_misconfigured() -> None:
    with switched_on(VirtualReceiptPrinter()) as printer:
        port = printer.port
    with pytest.raises(DeviceError, match="device_absent"):
        ReceiptPrinter(port=f"127.0.0.1:{port}", timeout=0.5).open()
    for strange in ("", "9100", "printer", "printer:0", "printer:99999", "usb:04b8"):
        with pytest.raises(DeviceError, match="device_misconfigured"):
            ReceiptPrinter(port=strange)


# ── simpler models ───────────────────────────────────────────────────────────


def test_a_model_without_process_ids_prints_and_knows_how_far() -> None:
    with switched_on(VirtualReceiptPrinter(real_time=False, process_ids=False)) as printer:
        with driver_of(printer) as driver:
            assert driver.print_image(_receipt(), b"R001").finished
            printer.act("paper_out_after", rows=200)
            error = _fails(lambda: driver.print_image(_receipt(), b"R002"))
    assert (error.code, error.outcome.bands) == ("receipt_paper_out", 3)


def test_a_model_that_tells_nothing_by_itself_is_asked() -> None:
    with switched_on(VirtualReceiptPrinter(real_time=False, auto_status=False)) as printer:
        with driver_of(printer) as driver:
            printer.act("paper_out_after", rows=200)
            error = _fails(lambda: driver.print_image(_receipt(), b"R001"))
    assert (error.code, error.outcome.bands) == ("receipt_paper_out", 3)


def test_a_model_that_cannot_clear_stays_out_of_service_until_it_has_worked_off_its_buffer() -> None:
    with switched_on(VirtualReceiptPrinter(real_time=False, clears=False)) as printer:
        with driver_of(printer, timeout=1.0) as driver:
            printer.act("paper_out_after", rows=100)
            _fails(lambda: driver.print_image(_receipt(), b"R001"))
            with pytest.raises(DeviceError, match="receipt_unfinished"):
                driver.clear()
            printer.act("refill")
            assert "receipt_unfinished" in driver.status().faults
            assert not driver.clear()  # not thrown away: it came out
            assert driver.status().ready


def test_nothing_is_left_when_printer_and_driver_are_gone() -> None:
    before = set(threading.enumerate())
    with switched_on(VirtualReceiptPrinter(real_time=False)) as printer, driver_of(printer) as driver:
        printer.act("paper_out_after", rows=10)
        _fails(lambda: driver.print_image(_receipt(), b"R001"))
    driver.close()
    printer.stop()
    assert set(threading.enumerate()) <= before
