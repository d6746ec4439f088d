"""What the tests of the receipt printer share: a printer, its driver, a hand, a look at the paper."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from PIL import Image

from drivers.raster import raster
from drivers.receipt_printer import ReceiptPrinter
from drivers.virtual.receipt_printer import VirtualReceiptPrinter


@contextmanager
def switched_on(virtual: VirtualReceiptPrinter) -> Iterator[VirtualReceiptPrinter]:
    """The printer, on its wire while the block runs."""
    virtual.start()
    try:
        yield virtual
    finally:
        virtual.stop()


@contextmanager
def driver_of(
    virtual: VirtualReceiptPrinter, timeout: float = 3.0, **options: Any
) -> Iterator[ReceiptPrinter]:
    """Our driver, open, at the printer's serial line if it has one, else at its TCP port."""
    port = str(virtual.state()["link"] or f"127.0.0.1:{virtual.port}")
    driver = ReceiptPrinter(port=port, timeout=timeout, **options)
    driver.open()
    try:
        yield driver
    finally:
        driver.close()


def printed(png: bytes, rows: int) -> bytes:
    """The first rows of a piece of paper as raster bits."""
    with Image.open(io.BytesIO(png)) as picture:
        return raster(picture).bits[: rows * 72]


def hanging(virtual: VirtualReceiptPrinter) -> int:
    """How many rows hang from the mouth."""
    return sum(piece.rows for piece in virtual.paper() if not piece.cut)


def when(condition: Callable[[], bool], act: Callable[[], object]) -> threading.Thread:
    """A hand that acts as soon as it sees something."""

    def hand() -> None:
        end = time.monotonic() + 60
        while not condition() and time.monotonic() < end:
            time.sleep(0.001)
        act()

    thread = threading.Thread(target=hand)
    thread.start()
    return thread
