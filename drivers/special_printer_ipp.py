"""Special-paper printer that speaks IPP: one document on one blank of the tray, a certificate book or card.

The wire and the ways of its jobs are those of the A4 printer. How many blanks are left, and which number the
next one bears, is the terminal's account (`kiosk/data/stock.py`): no printer knows that.
"""

from __future__ import annotations

from collections.abc import Mapping

from config.devices import DeviceState
from config.print_layout import PLAIN, PrintLayout
from drivers.a4_job import JobState
from drivers.a4_printer import A4Printer
from drivers.special_words import special_errors, state_of_special


class IppSpecialPrinter:
    """One printer at `port`, options as `A4Printer`."""

    def __init__(
        self, *, port: str, timeout: float = 5.0, fingerprint: str = "", counts_pages: bool = True
    ) -> None:
        self._printer = A4Printer(
            port=port, timeout=timeout, fingerprint=fingerprint, counts_pages=counts_pages
        )

    def open(self) -> None:
        """Asks the printer for its state once. DeviceError `device_absent` when it does not answer."""
        with special_errors():
            self._printer.open()

    def close(self) -> None:
        """Lets go; may be called twice; never raises."""
        self._printer.close()

    def status(self) -> DeviceState:
        """State, faults, whether the tray is empty (`blanks`), the `ribbon`. DeviceError as `A4Printer`."""
        with special_errors():
            return state_of_special(self._printer.status())

    def submit(self, pdf: bytes, job_name: str, layout: PrintLayout = PLAIN) -> int:
        """Hands over one document; the printer's job id. DeviceError as `A4Printer.submit`."""
        with special_errors():
            return self._printer.submit(pdf, job_name, layout)

    def job(self, job_id: int) -> JobState:
        """How far a job is, as `A4Printer.job`."""
        with special_errors():
            return self._printer.job(job_id)

    def find(self, job_name: str) -> int | None:
        """The id of the newest job of this name; None when the printer knows none."""
        with special_errors():
            return self._printer.find(job_name)

    def cancel(self, job_id: int) -> None:
        """Asks the printer to give a job up; what became of it says `job()`."""
        with special_errors():
            self._printer.cancel(job_id)

    def counts(self) -> Mapping[str, int]:
        """`pages` that were seen to come out."""
        return self._printer.counts()
