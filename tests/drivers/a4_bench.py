"""A virtual A4 printer on the table: documents for it, a driver at it, and tidying up between two tests."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from drivers.a4_job import JobState
from drivers.a4_printer import A4Printer
from drivers.virtual.a4_printer import VirtualA4Printer
from drivers.virtual.demo_settings import choose_ports

PATIENCE = 60.0  # seconds for what must come; CUPS pauses before a busy printer for 1, 2, 3, 5, 8 … s


def pdf(pages: int = 1) -> bytes:
    """Empty pages that the filters of CUPS can read."""
    file = io.BytesIO()
    sheets = [Image.new("1", (620, 877), 1) for _ in range(pages)]
    sheets[0].save(file, "PDF", resolution=75, save_all=True, append_images=sheets[1:])
    return file.getvalue()


@contextmanager
def switched_on(folder: Path, **options: object) -> Iterator[VirtualA4Printer]:
    """A printer that takes a tenth of a second for a sheet."""
    virtual = VirtualA4Printer(choose_ports(0).a4, folder, page_seconds=0.1, **options)  # type: ignore[arg-type]
    virtual.start()
    try:
        yield virtual
    finally:
        virtual.stop()


def tidy(printer: VirtualA4Printer) -> None:
    """As a technician leaves it: with paper, closed, and nothing in the tray."""
    state = printer.state()
    for hand, is_needed in (
        ("plug", not state["plugged"]),
        ("refill", state["paper"] != "full"),
        ("clear_jam", state["jammed"]),
        ("close_cover", state["cover_open"]),
        ("change_toner", state["toner"] != "full"),
        ("take", True),
    ):
        if is_needed:
            printer.act(hand)


def address(printer: VirtualA4Printer) -> str:
    """Its own IPP address."""
    return f"ipp://127.0.0.1:{printer.port}/ipp/print"


@contextmanager
def opened(
    printer: VirtualA4Printer, timeout: float = 20.0, counts_pages: bool = True
) -> Iterator[A4Printer]:
    """The driver at this printer."""
    driver = A4Printer(port=address(printer), timeout=timeout, counts_pages=counts_pages)
    driver.open()
    try:
        yield driver
    finally:
        driver.close()


def until(what: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Waits for it."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.03)


def done(ask: Callable[[], JobState]) -> JobState:
    """The job's state once the printer has no more to do with it."""
    until(lambda: ask().ended or ask().short)
    return ask()
