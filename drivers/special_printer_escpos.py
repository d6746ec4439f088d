"""Special-paper printer that speaks ESC/POS: draws one document on one blank and puts it out.

Such a printer keeps no list of jobs, so this object remembers how each one ended. Of a job from before it was
made nothing is known, and `find` says so: it never claims that a sheet lies untouched.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from config.devices import DeviceState
from config.print_layout import PLAIN, PrintLayout
from drivers.a4_job import JobState
from drivers.device import DeviceError, check_seconds
from drivers.pdf_picture import picture
from drivers.receipt_fences import ReceiptError
from drivers.receipt_printer import ReceiptPrinter
from drivers.special_words import of_special, special_errors, state_of_special

_REMEMBERED = 64  # jobs whose end is kept


class EscposSpecialPrinter:
    """One printer at `port`, options as `ReceiptPrinter`; `width` in dots is that of a blank.

    `print_seconds`: how long one blank may take.
    """

    def __init__(
        self,
        *,
        port: str,
        baud: int = 115200,
        flow: str = "none",
        width: int = 576,
        timeout: float = 3.0,
        fence: str = "auto",
        print_seconds: float = 30.0,
    ) -> None:
        check_seconds(print_seconds=print_seconds)
        self._printer = ReceiptPrinter(
            port=port, baud=baud, flow=flow, width=width, timeout=timeout, fence=fence
        )
        self._width, self._print_seconds = width, print_seconds
        self._ended: dict[str, JobState | None] = {}  # None: nothing of it reached the printer
        self._pages = 0
        self._clean = True  # the printer's buffer holds nothing of a job that failed

    def open(self) -> None:
        """Connects and empties the buffer. DeviceError as `ReceiptPrinter.open`."""
        with special_errors():
            self._printer.open()
        self._clean = True

    def close(self) -> None:
        """Lets go; may be called twice; never raises."""
        self._printer.close()

    def status(self) -> DeviceState:
        """Blanks, cover, and whether a job was left in the buffer. DeviceError as `ReceiptPrinter`."""
        with special_errors():
            return state_of_special(self._printer.status())

    def submit(self, pdf: bytes, job_name: str, layout: PrintLayout = PLAIN) -> str:
        """Draws a PDF of one page and prints it; returns when it is out or has failed, which `job` tells.

        DeviceError: nothing of it has reached the printer; `a4_layout` for more than one side or copy.
        """
        if layout.sides != "one-sided" or layout.copies != 1:
            raise DeviceError("a4_layout", "one side of one blank is all that it prints")
        self._remember(job_name, None)
        image = picture(pdf, self._width)
        with special_errors():
            if not self._clean:
                self._printer.clear()
                self._clean = True
            try:
                self._printer.print_image(image, _fence(job_name), self._print_seconds)
            except ReceiptError as error:
                if not error.outcome.begun:
                    raise
                self._remember(job_name, _end(error))
                self._clear()
                return job_name
        self._pages += 1
        self._remember(job_name, JobState("completed", sheets=1))
        return job_name

    def job(self, job_name: str) -> JobState:
        """How a job ended; `unknown` when that cannot be told."""
        return self._ended.get(job_name) or JobState("unknown")

    def find(self, job_name: str) -> str | None:
        """None when it is certain that nothing of this job reached the printer; else its name."""
        return None if job_name in self._ended and self._ended[job_name] is None else job_name

    def cancel(self, job_name: str) -> None:
        """Throws away what the printer still holds, whosever it is. DeviceError as `ReceiptPrinter.clear`."""
        with special_errors():
            self._printer.clear()
        self._clean = True

    def counts(self) -> Mapping[str, int]:
        """`pages` that came out whole."""
        return {"pages": self._pages}

    def _clear(self) -> None:
        """Nothing of a job that failed may come out for the next person."""
        self._clean = False
        try:
            self._printer.clear()
            self._clean = True
        except DeviceError:
            pass  # it refuses to print until it is cleared, and clears when it opens

    def _remember(self, job_name: str, end: JobState | None) -> None:
        self._ended.pop(job_name, None)
        self._ended[job_name] = end
        while len(self._ended) > _REMEMBERED:
            del self._ended[next(iter(self._ended))]


def _end(error: ReceiptError) -> JobState:
    """A print whose last fence never came may be whole: that is unknown. One that was stopped is not.

    After the last blank the printer may tell of its empty tray before it answers the fence behind the cut.
    """
    whole = error.code == "receipt_paper_out" and error.outcome.bands == error.outcome.total
    unsure = whole or error.lost or error.code in ("receipt_unfinished", "device_timeout")
    return JobState("unknown" if unsure else "aborted", (of_special(error.code),))


def _fence(job_name: str) -> bytes:
    return bytes(0x30 + byte % 64 for byte in hashlib.sha256(job_name.encode()).digest()[:4])
