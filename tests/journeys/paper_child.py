"""A terminal in a process of its own that dies in the middle of printing.

`python -m tests.journeys.paper_child SETTINGS HALL --person P [--visits N] [--die certificate:0.4]`

It dies as long after *certificate intended* or *receipt intended* of its last visit as told, or on the wire
of the receipt printer behind this part of the receipt's bytes (`wire:0.37`). What it sends to that printer it
leaves as negatives (tests/whose_paper.py) beside its settings. Without `--die` it says `settled` when all is.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import pickle
import signal
import threading
from pathlib import Path
from typing import Any

from config import settings as terminal_settings
from drivers.device import Deadline
from drivers.raster import RasterImage
from drivers.receipt_printer import ReceiptPrinter
from drivers.tcp_wire import TcpWire
from kiosk.data.ledger import Ledger
from tests.journeys import points, terminal_child
from tests.journeys.hall import Hall
from tests.whose_paper import negative

NEGATIVES = "negatives"


def main() -> None:
    """Until it dies, or stdin closes."""
    ctypes.CDLL(None).prctl(terminal_child.PR_SET_PDEATHSIG, signal.SIGKILL)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("settings", type=Path)
    parser.add_argument("hall", type=Path)
    parser.add_argument("--person", default="zhang")
    parser.add_argument("--visits", type=int, default=1)
    parser.add_argument("--die", default="")
    told = parser.parse_args()
    folder = told.settings.parent / NEGATIVES
    folder.mkdir(exist_ok=True)
    keep_negatives(folder)
    if told.die:
        where, _, how_far = told.die.partition(":")
        if where == "wire":
            die_on_the_wire(float(how_far), told.visits)
        else:
            on_intended(where, told.visits, lambda: die_after(float(how_far)))
    hall: Hall = pickle.loads(told.hall.read_bytes())
    settings = terminal_settings.load(told.settings)
    asyncio.run(terminal_child.serve(settings, hall, told.visits, "SB01", told.person))


def keep_negatives(folder: Path) -> None:
    """Whatever goes to the receipt printer is written down before, under the name of its last fence."""
    printing = ReceiptPrinter.print_image

    def print_image(self: ReceiptPrinter, image: RasterImage, job: bytes, *rest: Any) -> Any:
        (folder / job.hex()).write_bytes(negative(image))
        return printing(self, image, job, *rest)

    ReceiptPrinter.print_image = print_image  # type: ignore[method-assign, assignment]


def on_intended(document: str, times: int, act: Any) -> None:
    """Acts when a print of this document has been intended so often."""
    seen: list[str] = []

    def passed(record: Any, *arguments: Any, **named: Any) -> None:
        if record.document == document:
            seen.append(record.id)
            if len(seen) == times:
                act()

    points.after(Ledger, "intend", passed)


def die_after(seconds: float) -> None:
    """By a thread of its own: the loop may be busy."""
    timer = threading.Timer(seconds, points.kill_self)
    timer.daemon = True
    timer.start()


def die_on_the_wire(part: float, times: int) -> None:
    """Lets this part of the last visit's receipt through to the printer, and dies."""
    seen: list[bytes] = []
    left: list[int] = []  # bytes, once that receipt is under way
    printing, writing = ReceiptPrinter.print_image, TcpWire.write

    def print_image(self: ReceiptPrinter, image: RasterImage, job: bytes, *rest: Any) -> Any:
        seen.append(job)
        if len(seen) == times:
            left.append(int(part * len(image.bits)))
        return printing(self, image, job, *rest)

    def write(self: TcpWire, data: bytes, deadline: Deadline) -> None:
        writing(self, data[: left[0]] if left else data, deadline)
        if left:
            left[0] -= len(data)
            if left[0] <= 0:
                points.kill_self()

    ReceiptPrinter.print_image = print_image  # type: ignore[method-assign, assignment]
    TcpWire.write = write  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
