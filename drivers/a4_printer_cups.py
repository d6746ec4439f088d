"""A4 printer behind a CUPS queue. CUPS takes the job; the printer itself is asked what became of it.

What CUPS says of a job is not enough to hand a certificate over (seen with CUPS 2.4):
- *completed*, when the printer lost power in the middle and no paper came;
- *canceled*, when the printer aborted it by itself, and also while the printer still holds it and prints it
  as soon as its cover is closed;
- *processing* without a reason, for 14 s after the printer has gone;
- all its pages counted, when the printer lost one: it counts what it sent.
So a job is looked for by its name on both sides, and the printer's word counts as soon as it has the job.

The queue is made once: `lpadmin -p KioskA4 -E -v <device> -m everywhere -o printer-error-policy=abort-job`.
A CUPS that starts again prints what its spool still holds, even a page that had come out already: its spool
is to be emptied before each start (`config/deploy/cups-empty-spool.conf`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from config.devices import Availability, DeviceState
from config.print_layout import PLAIN, PrintLayout
from drivers.a4_job import JobState
from drivers.a4_printer import A4Printer
from drivers.a4_reasons import PASSING
from drivers.device import DeviceError


class CupsA4Printer:
    """The queue at `port` ("ipp://127.0.0.1:631/printers/KioskA4") of the printer at `device` (its own IPP
    address, which `device_fingerprint` and `counts_pages` are for as in `A4Printer`); `timeout` in seconds
    for each question.

    A job is called by its name, which is our own: its number in the queue says nothing to the printer.
    Without `device`, a printer that speaks no IPP, there is only the word of CUPS.
    """

    def __init__(
        self,
        *,
        port: str,
        device: str = "",
        timeout: float = 5.0,
        device_fingerprint: str = "",
        counts_pages: bool = True,
    ) -> None:
        self._queue = A4Printer(port=port, timeout=timeout)
        self._keeps = False
        self._printer: A4Printer | None = None
        if device:
            self._printer = A4Printer(
                port=device, timeout=timeout, fingerprint=device_fingerprint, counts_pages=counts_pages
            )

    # ── the driver's contract ────────────────────────────────────────────────

    def open(self) -> None:
        """Asks queue and printer for their state once. DeviceError `device_absent` when one is silent."""
        try:
            for one in self._both():
                one.open()
            self._keeps = self._queue.keeps_documents()
        except DeviceError:
            self.close()
            raise

    def close(self) -> None:
        """Lets go; may be called twice; never raises."""
        for one in self._both():
            one.close()

    def status(self) -> DeviceState:
        """State, faults, paper and toner of the printer, whether the queue passes jobs on, and whether it
        keeps what it printed (`a4_files_kept`).

        DeviceError `device_timeout` or `device_offline` (lost) when queue or printer does not answer.
        """
        queue = self._queue.status()
        state = queue if self._printer is None else behind(queue, self._printer.status())
        return replace(state, faults=(*state.faults, "a4_files_kept")) if self._keeps else state

    # ── its verbs ────────────────────────────────────────────────────────────

    def submit(self, pdf: bytes, job_name: str, layout: PrintLayout = PLAIN) -> str:
        """Hands a whole PDF to the queue; returns what to ask for the job by. DeviceError as `A4Printer`.

        The layout must be possible for the printer too: a queue passes on what its own description says.
        """
        if self._printer is not None:
            self._printer.expect(pdf, job_name, layout)
        self._queue.submit(pdf, job_name, layout)
        return job_name

    def job(self, job_name: str) -> JobState:
        """How far a job is; `unknown` when it was lost or nobody knows it. DeviceError as `status`.

        Once a page is out, whatever else waits at the printer under its name is taken back: a CUPS that
        was interrupted sends a job anew, and the second page would lie there for the next person.
        """
        queued = self._queue.named(job_name)
        if any(one.ended for one in queued.values()):
            self._keeps = self._queue.keeps_documents()
        if self._printer is None:
            return truth(queued.values(), None)
        at_printer = self._printer.named(job_name)
        state = truth(queued.values(), at_printer.values())
        if state.state == "completed" or state.short:
            self._take_back(self._printer, at_printer)
        return state

    def find(self, job_name: str) -> str | None:
        """The name again when queue or printer knows such a job, waiting or finished; None otherwise."""
        return job_name if any(one.named(job_name) for one in self._both()) else None

    def cancel(self, job_name: str) -> None:
        """Takes a job back in the queue first, which then sends no more, and from the printer.

        What became of it says `job()`. DeviceError as `status`; the printer is asked even then.
        """
        failed: DeviceError | None = None
        for one in self._both():
            try:
                self._take_back(one, one.named(job_name))
            except DeviceError as error:
                failed = failed or error
        if failed is not None:
            raise failed

    def counts(self) -> Mapping[str, int]:
        """`pages`, as the printer counts them, since CUPS counts those sent twice."""
        return (self._printer or self._queue).counts()

    def _both(self) -> tuple[A4Printer, ...]:
        return (self._queue,) if self._printer is None else (self._queue, self._printer)

    def _take_back(self, where: A4Printer, jobs: Mapping[int, JobState]) -> None:
        for number, state in jobs.items():
            if not state.ended:
                where.cancel(number)


def truth(queued: Iterable[JobState], at_printer: Iterable[JobState] | None) -> JobState:
    """What became of one job, from its traces in the queue and at the printer (None: it cannot be asked).

    The oldest trace comes first. One page that came out is a job that came out; while any trace waits,
    the job waits; CUPS's *completed* counts for nothing when the printer never had the job or lost it.
    """
    ours, theirs = list(queued), list(at_printer or ())
    for state in theirs:
        if state.state == "completed" or state.short:
            return state
    for state in (*theirs, *reversed(ours)):
        if not state.ended:
            return state
    if theirs:
        return theirs[-1]
    if not ours or (at_printer is not None and ours[-1].state == "completed"):
        return JobState("unknown")
    return ours[-1]


def behind(queue: DeviceState, printer: DeviceState) -> DeviceState:
    """The printer's state, and `a4_failed` when the queue is halted or refuses jobs.

    What CUPS repeats of the printer's own troubles is left out: it is as old as the last job.
    """
    if "a4_failed" not in queue.faults or printer.availability is Availability.OFFLINE:
        return printer
    stopping = [code for code in printer.faults if code not in (*PASSING, "a4_failed")]
    passing = [code for code in printer.faults if code in PASSING]
    return replace(
        printer,
        availability=Availability.FAULT,
        faults=(*stopping, "a4_failed", *passing),
        detail=f"{printer.detail}; the queue: {queue.detail}",
    )
