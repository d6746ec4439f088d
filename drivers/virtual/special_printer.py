"""A special-paper printer: one of the virtual printers, with a tray of numbered blanks.

Each finished document lies on the next blank; after the last one the tray is empty. A sheet that a hand
spoils is gone with its number, as when a technician pulls it out crumpled. Blanks stay in the tray while the
power is off.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from drivers.virtual import special_tray
from drivers.virtual.a4_printer import VirtualA4Printer
from drivers.virtual.receipt_printer import VirtualReceiptPrinter

_LOOK_SECONDS = 0.02


@dataclass(frozen=True)
class Sheet:
    """One blank that is out of the tray. `document` numbers the finished paper on it; 0: spoiled."""

    number: str
    document: int


class VirtualSpecialPrinter:
    """`printer` does the printing, over IPP or ESC/POS; this is its tray. Its hands are the printer's too.

    `kept` is the file that remembers what lies in the tray; without one it is empty at each start.
    """

    name = "special_printer"

    def __init__(self, printer: VirtualA4Printer | VirtualReceiptPrinter, kept: Path | None = None) -> None:
        self.printer = printer
        self._kept = kept
        self._tray: list[str] = []
        self._out: list[Sheet] = []
        self._finished = 0  # documents that have been given their sheet
        self._seen_empty = True  # the printer's own sensor has seen what the tray is now
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Switches it on with what is in its tray. OSError as its printer."""
        self.printer.start()
        with self._lock:
            self._tray = special_tray.read(self._kept)
            self._seen_empty = not self._tray
        if not self._tray:
            self.printer.act("paper_out")
        self._ending.clear()
        self._thread = threading.Thread(target=self._watch, name="virtual-special-tray", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Switches it off; may be called twice."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(5)
            self._thread = None
        self.printer.stop()

    def state(self) -> dict[str, object]:
        """The printer's state, the blanks in the tray, and the sheets that are out."""
        sheets = self.sheets()
        with self._lock:
            blanks, following = len(self._tray), self._tray[0] if self._tray else None
        out = [{"number": sheet.number, "document": sheet.document} for sheet in sheets]
        return {**self.printer.state(), "blanks": blanks, "next": following, "sheets": out}

    def act(self, action: str, **arguments: object) -> None:
        """load(first, count) numbered blanks below what is left, spoil the next one, empty the tray,
        or any hand of the printer."""
        if action == "load":
            self._load(str(arguments.get("first", "")), arguments.get("count"))
        elif action == "spoil":
            self._spoil()
        elif action == "empty":
            self._empty()
        else:
            self._settle()  # a hand that takes paper away must not take the count with it
            self.printer.act(action, **arguments)

    def sheets(self) -> list[Sheet]:
        """The sheets that are out of the tray, in the order in which they left it."""
        self._settle()
        with self._lock:
            return list(self._out)

    # ── inside ───────────────────────────────────────────────────────────────

    def _load(self, first: str, count: object) -> None:
        digits = len(first) - len(first.rstrip("0123456789"))
        if not isinstance(count, int) or count < 1 or not digits:
            raise ValueError("load needs first, which ends in digits, and count, from 1")
        start = int(first[-digits:])
        with self._lock:
            self._tray += [f"{first[:-digits]}{start + n:0{digits}}" for n in range(count)]
            self._seen_empty = False
            special_tray.write(self._kept, self._tray)
            self.printer.act("refill")

    def _spoil(self) -> None:
        with self._lock:
            if not self._tray:
                raise ValueError("the tray is empty")
            self._out.append(Sheet(self._tray.pop(0), 0))
            special_tray.write(self._kept, self._tray)
            self._look_into_the_tray()

    def _empty(self) -> None:
        with self._lock:
            self._tray.clear()
            special_tray.write(self._kept, self._tray)
            self._look_into_the_tray()

    def _watch(self) -> None:
        while not self._ending.wait(_LOOK_SECONDS):
            self._settle()
            if not self._at_rest():
                continue  # it would take an empty tray for the end of its document
            with self._lock, suppress(OSError):  # it is being switched off
                self._look_into_the_tray()

    def _at_rest(self) -> bool:
        """Whether it has said all that it had to say of its last document."""
        if isinstance(self.printer, VirtualReceiptPrinter):
            return self.printer.wait_idle(0.0)
        return self.printer.state()["printing"] is None

    def _look_into_the_tray(self) -> None:
        if not self._tray and not self._seen_empty:
            self.printer.act("paper_out")
            self._seen_empty = True

    def _settle(self) -> None:
        """Lays each finished document on its blank."""
        finished = [paper.number for paper in self.printer.paper() if getattr(paper, "cut", True)]
        with self._lock:
            last = max(finished, default=0)
            for document in range(self._finished + 1, last + 1):
                self._out.append(Sheet(self._tray.pop(0) if self._tray else "", document))
            if last > self._finished:
                self._finished = last
                special_tray.write(self._kept, self._tray)
