"""A terminal in a process of its own that dies in the middle of printing.

`python -m tests.journeys.paper_child SETTINGS HALL --person P [--visits N] [--die certificate:0.4]`

It dies as long after *certificate intended* or *receipt intended* of its last visit as told, or on the wire
of the receipt printer behind so many bytes (`wire:12345`). What it sends to that printer it leaves as
negatives (tests/whose_paper.py) beside its settings. Without `--die` it says `settled` when all is.
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
from kiosk.ledger import Ledger
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
            die_on_the_wire(int(how_far), told.visits)
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

    ReceiptPrinter.print_image = print_image  # type: ignore[method-assign]


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


def die_on_the_wire(count: int, times: int) -> None:
    """Lets so many bytes through to the receipt printer, and dies."""
    armed: list[int] = []
    on_intended("receipt", times, lambda: armed.append(count))
    writing = TcpWire.write

    def write(self: TcpWire, data: bytes, deadline: Deadline) -> None:
        if armed:
            data, left = data[: armed[0]], armed[0] - len(data)
            writing(self, data, deadline)
            armed[0] = left
            if left <= 0:
                points.kill_self()
        else:
            writing(self, data, deadline)

    TcpWire.write = write  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
