"""The special-paper printer, over IPP and over ESC/POS: one document on one numbered blank, or the truth."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from PIL import Image, ImageDraw

from config.devices import Supply
from drivers.device import Device, DeviceError
from drivers.pdf_picture import pages_of, picture
from drivers.raster import RasterImage
from drivers.special_printer_escpos import EscposSpecialPrinter
from drivers.special_printer_ipp import IppSpecialPrinter
from drivers.virtual.a4_printer import VirtualA4Printer
from drivers.virtual.demo_settings import choose_ports
from drivers.virtual.receipt_printer import VirtualReceiptPrinter
from drivers.virtual.special_printer import Sheet, VirtualSpecialPrinter


def _pdf(pages: int = 1) -> bytes:
    """A small book page with a black bar."""
    page = Image.new("1", (300, 200), 1)
    ImageDraw.Draw(page).rectangle((0, 80, 300, 120), fill=0)
    file = io.BytesIO()
    page.save(file, "PDF", resolution=100, save_all=True, append_images=[page] * (pages - 1))
    return file.getvalue()


PDF = _pdf()


@contextmanager
def ipp(folder: Path) -> Iterator[tuple[VirtualSpecialPrinter, Any]]:
    printer = VirtualA4Printer(choose_ports(0).a4, folder, page_seconds=0.1)
    bench = VirtualSpecialPrinter(printer)
    with _open(bench, lambda: IppSpecialPrinter(port=f"ipp://127.0.0.1:{printer.port}/ipp/print")) as both:
        yield both


@contextmanager
def escpos(folder: Path) -> Iterator[tuple[VirtualSpecialPrinter, Any]]:
    printer = VirtualReceiptPrinter(real_time=False)
    bench = VirtualSpecialPrinter(printer)
    with _open(bench, lambda: EscposSpecialPrinter(port=f"127.0.0.1:{printer.port}", timeout=10)) as both:
        yield both


@contextmanager
def _open(
    bench: VirtualSpecialPrinter, driver: Callable[[], Any]
) -> Iterator[tuple[VirtualSpecialPrinter, Any]]:
    bench.start()
    opened = None
    try:
        bench.act("load", first="GZ000101", count=2)
        opened = driver()
        opened.open()
        yield bench, opened
    finally:
        if opened is not None:
            opened.close()
        bench.stop()


BOTH = pytest.mark.parametrize("kind", [ipp, escpos], ids=["ipp", "escpos"])


def _end(driver: Any, job: Any) -> str:
    end = time.monotonic() + 60
    while not driver.job(job).ended:
        assert time.monotonic() < end, "it never came to an end"
        time.sleep(0.02)
    return str(driver.job(job).state)


def _until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not what():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)


@BOTH
def test_each_document_comes_out_on_the_next_blank_until_the_tray_is_empty(kind: Any, tmp_path: Path) -> None:
    with kind(tmp_path) as (bench, driver):
        whole = isinstance(driver, Device)
        assert whole
        assert driver.status().ready
        for name in ("KT-1", "KT-2"):
            job = driver.submit(PDF, name)
            assert driver.find(name) == job
            assert _end(driver, job) == "completed"
        assert bench.sheets() == [Sheet("GZ000101", 1), Sheet("GZ000102", 2)]
        assert driver.counts() == {"pages": 2}
        _until(lambda: driver.status().supplies["blanks"] is Supply.OUT)
        assert driver.status().faults == ("special_blank_out",)


@BOTH
def test_a_sheet_that_a_hand_takes_away_keeps_its_number_and_the_next_gets_the_next(
    kind: Any, tmp_path: Path
) -> None:
    with kind(tmp_path) as (bench, driver):
        for name in ("KT-1", "KT-2"):
            assert _end(driver, driver.submit(PDF, name)) == "completed"
            bench.act("tear" if kind is escpos else "take")
        assert bench.sheets() == [Sheet("GZ000101", 1), Sheet("GZ000102", 2)]


def test_blanks_lie_in_the_tray_while_the_power_is_off(tmp_path: Path) -> None:
    first = VirtualSpecialPrinter(VirtualReceiptPrinter(real_time=False), tmp_path / "tray")
    first.start()
    first.act("load", first="GZ000101", count=3)
    first.act("spoil")
    first.stop()
    second = VirtualSpecialPrinter(VirtualReceiptPrinter(real_time=False), tmp_path / "tray")
    second.start()
    try:
        assert (second.state()["blanks"], second.state()["next"]) == (2, "GZ000102")
        assert second.state()["paper"] == "full"
        second.act("empty")
        assert second.state()["paper"] == "out"
    finally:
        second.stop()


@BOTH
def test_an_open_cover_and_its_supplies_are_told_in_this_printers_words(kind: Any, tmp_path: Path) -> None:
    with kind(tmp_path) as (bench, driver):
        bench.act("open_cover")
        state = driver.status()
        assert (state.faults[0], state.ready) == ("special_cover_open", False)
        assert "paper" not in state.supplies
        bench.act("close_cover")


def test_a_blank_that_jams_ends_the_print_and_nothing_of_it_comes_out_for_the_next(tmp_path: Path) -> None:
    with escpos(tmp_path) as (bench, driver):
        bench.act("jam_next_cut")
        job = driver.submit(PDF, "KT-1")
        assert (driver.job(job).state, driver.job(job).reasons) == ("aborted", ("special_jam",))
        bench.act("clear_cutter")
        assert _end(driver, driver.submit(PDF, "KT-2")) == "completed"
        assert driver.counts() == {"pages": 1}


def test_a_blank_whose_end_nobody_told_is_unknown_and_never_called_untouched(tmp_path: Path) -> None:
    with escpos(tmp_path) as (bench, driver):
        driver.close()
        hasty = EscposSpecialPrinter(port=f"127.0.0.1:{bench.printer.port}", timeout=10, print_seconds=2.0)
        hasty.open()
        hasty.submit(PDF, "KT-1")
        bench.act("drop_next_fence")
        assert hasty.submit(PDF, "KT-2") == "KT-2"
        assert hasty.job("KT-2").state == "unknown"
        assert hasty.find("KT-2") == "KT-2"
        assert hasty.find("of another life") == "of another life"
        assert hasty.job("of another life").state == "unknown"
        hasty.close()


@pytest.mark.parametrize(("rows", "told"), [(200, "aborted"), (400, "unknown")])
def test_a_tray_that_is_empty_before_the_cut_leaves_it_open_whether_the_document_is_out(
    tmp_path: Path, rows: int, told: str
) -> None:
    with escpos(tmp_path) as (bench, driver):
        bench.act("paper_out_after", rows=rows)  # of 384, and 96 to the knife
        job = driver.submit(PDF, "KT-1")
        assert (driver.job(job).state, driver.job(job).reasons) == (told, ("special_blank_out",))


def test_a_cover_that_is_open_leaves_the_blank_untouched(tmp_path: Path) -> None:
    with escpos(tmp_path) as (bench, driver):
        bench.act("open_cover")
        with pytest.raises(DeviceError, match="special_cover_open"):
            driver.submit(PDF, "KT-1")
        assert driver.find("KT-1") is None
        assert bench.sheets() == []


def test_what_is_no_document_of_one_page_never_reaches_the_printer(tmp_path: Path) -> None:
    with escpos(tmp_path) as (bench, driver):
        for document in (b"no PDF", _pdf(2)):
            with pytest.raises(DeviceError, match="special_failed"):
                driver.submit(document, "KT-1")
        assert driver.find("KT-1") is None
        assert bench.sheets() == []


def test_a_page_is_drawn_as_wide_as_the_blank(tmp_path: Path) -> None:
    drawn = picture(PDF, 576)
    assert (drawn.width, drawn.height) == (576, 384)
    assert drawn.bits[: drawn.row_bytes] == bytes(drawn.row_bytes)
    middle = drawn.bits[192 * drawn.row_bytes : 193 * drawn.row_bytes]
    assert middle == b"\xff" * drawn.row_bytes


def test_a_missing_program_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(DeviceError, match="apt-get install poppler-utils"):
        picture(PDF, 576)


@given(some.binary(max_size=200) | some.binary(max_size=60).map(lambda rest: b"P4\n8 3\n" + rest))
def test_any_bytes_are_bitmaps_or_a_coded_error(noise: bytes) -> None:
    try:
        pages = pages_of(noise)
    except DeviceError as error:
        assert error.code == "special_failed"
    else:
        assert b"".join(page.bits for page in pages) in noise or len(pages) > 1


def test_several_bitmaps_in_a_row_are_told_apart() -> None:
    assert pages_of(b"P4\n8 1\n\xffP4 16 1\n\x0f\xf0") == [
        RasterImage(8, 1, b"\xff"),
        RasterImage(16, 1, b"\x0f\xf0"),
    ]
