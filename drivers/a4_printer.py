"""A4 printer over IPP (IPP Everywhere): hand over a PDF, then ask how far it is.

`submit` is the moment after which paper may come out. Everything that follows is asking:
a print is done when `job()` says `completed`, never because nothing was heard.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ippx import Attribute, Operation, Tag

from config.devices import DeviceState
from config.print_layout import PLAIN, PrintLayout
from drivers import a4_layout, pdf_pages
from drivers.a4_job import JOB_ATTRIBUTES, Handed, JobState, judged, told
from drivers.a4_layout import ABILITIES, Abilities
from drivers.a4_state import STATUS_ATTRIBUTES, printer_state
from drivers.device import Deadline, DeviceError, check_seconds
from drivers.ipp_wire import IppRefused, IppWire

_NOT_POSSIBLE = 0x0404
_BUSY = 0x0507
_BUSY_PAUSE = 0.1  # seconds
_CANCELS, _CANCEL_PAUSE = 3, 0.2
_STOPPING = "processing-to-stop-point"  # job-state-reasons of one that was cancelled (RFC 8011, 5.3.8)
_REMEMBERED = 64  # jobs whose names are kept
_UNKNOWN_JOB = (0x0406, 0x0407)  # not found, gone

_NEWEST = 100  # finished jobs that are looked through


class A4Printer:
    """One printer at `port` ("ipp://host:631/ipp/print"); `timeout` in seconds for each question.

    For `ipps://` give `fingerprint`, the SHA-256 of its certificate, unless it has one of a known authority.
    `counts_pages = False` for a printer whose counter of a job's pages is wrong.
    """

    def __init__(
        self, *, port: str, timeout: float = 5.0, fingerprint: str = "", counts_pages: bool = True
    ) -> None:
        check_seconds(timeout=timeout)
        self._wire = IppWire(port, fingerprint)
        self._timeout = timeout
        # A printer that was switched off counts its jobs from 1 again: another's job must not pass for ours.
        self._ours: dict[int, Handed] = {}
        self._expected: dict[str, Handed] = {}
        self._can = Abilities()
        self._believed, self._seen_counting = counts_pages, False
        self._pages = 0
        self._counted: set[int] = set()

    # ── the driver's contract ────────────────────────────────────────────────

    def open(self) -> None:
        """Asks the printer once for its state and what it can do. DeviceError `device_absent` when it does
        not answer."""
        self._wire.open()
        try:
            self._can = a4_layout.abilities(self._told([*STATUS_ATTRIBUTES, *ABILITIES]))
        except DeviceError as error:
            self._wire.close()
            if error.code in ("device_offline", "device_timeout"):
                raise DeviceError("device_absent", error.detail, lost=True) from None
            raise

    def close(self) -> None:
        """Lets go; may be called twice; never raises."""
        self._wire.close()

    def status(self) -> DeviceState:
        """State, faults, paper and toner. DeviceError `device_timeout` or `device_offline` (lost)."""
        return printer_state(self._told(STATUS_ATTRIBUTES))

    # ── its verbs ────────────────────────────────────────────────────────────

    def submit(self, pdf: bytes, job_name: str, layout: PrintLayout = PLAIN) -> int:
        """Hands over a whole PDF; the printer's job id. `job_name` is our own id of this print.

        DeviceError `a4_layout`: the printer cannot lay it out so, and has not been given it.

        A printer with another job in hand may say *busy*; it is then asked again until the time-out.
        IppRefused (`a4_failed`): it said no and has not got the job. After `device_timeout` or
        `device_offline` the job may or may not have arrived: `find(job_name)` tells, and nothing is
        submitted again before it has told.
        """
        attributes = [
            Attribute("job-name", Tag.NAME, [job_name]),
            Attribute("document-format", Tag.MIME_TYPE, ["application/pdf"]),
            Attribute("ipp-attribute-fidelity", Tag.BOOLEAN, [True]),  # as told, or not at all
        ]
        job = a4_layout.job_attributes(layout, self._can)
        # A big document on a slow line takes longer than a question.
        deadline = Deadline(self._timeout + len(pdf) / 500_000)
        handed = Handed(job_name, layout, pdf_pages.pages(pdf))
        for group in self._print_job(attributes, job, pdf, deadline):
            if isinstance(group.get("job-id"), int):
                return self._remember(int(group["job-id"]), handed)
        raise DeviceError("device_garbled", "an accepted job without an id")

    def job(self, job_id: int) -> JobState:
        """How far a job is; `unknown` when the printer no longer knows it, or knows another by its number.

        DeviceError as `status`.
        """
        attributes = [
            Attribute("job-id", Tag.INTEGER, [job_id]),
            Attribute("requested-attributes", Tag.KEYWORD, JOB_ATTRIBUTES),
        ]
        try:
            groups = self._wire.ask(Operation.GET_JOB_ATTRIBUTES, attributes, Deadline(self._timeout))
        except IppRefused as error:
            if error.status in _UNKNOWN_JOB:  # it was switched off, or forgets finished jobs
                return JobState("unknown")
            raise
        group = groups[0] if groups else {}
        ours = self._ours.get(job_id)
        if ours is not None and group.get("job-name") != ours.name:
            return JobState("unknown")
        return self._judge(job_id, group)

    def find(self, job_name: str) -> int | None:
        """The id of the newest job of this name, waiting or finished; None when there is none."""
        found = self.named(job_name)
        return max(found) if found else None

    def named(self, job_name: str) -> dict[int, JobState]:
        """Every job of this name that the printer knows, by its id, in the order in which they came."""
        found: dict[int, Mapping[str, Any]] = {}
        for which in ("not-completed", "completed"):
            attributes = [
                Attribute("limit", Tag.INTEGER, [_NEWEST]),  # newest first (RFC 8011, 4.2.6.2)
                Attribute("which-jobs", Tag.KEYWORD, [which]),
                Attribute("requested-attributes", Tag.KEYWORD, JOB_ATTRIBUTES),
            ]
            for group in self._wire.ask(Operation.GET_JOBS, attributes, Deadline(self._timeout)):
                if group.get("job-name") == job_name and isinstance(group.get("job-id"), int):
                    found[int(group["job-id"])] = group
        for job in found:
            self._remember(job, self._expected.get(job_name, Handed(job_name)))
        return {job: self._judge(job, found[job]) for job in sorted(found)}

    def expect(self, pdf: bytes, job_name: str, layout: PrintLayout) -> None:
        """Notes what a job of this name is made of, which comes to the printer by way of a queue.

        DeviceError `a4_layout` as `submit`.
        """
        a4_layout.job_attributes(layout, self._can)
        self._expected[job_name] = Handed(job_name, layout, pdf_pages.pages(pdf))
        while len(self._expected) > _REMEMBERED:
            del self._expected[next(iter(self._expected))]

    def keeps_documents(self) -> bool:
        """True when a finished job's document is still there, as a print server may keep it. DeviceError as
        `status`."""
        attributes = [
            Attribute("limit", Tag.INTEGER, [_NEWEST]),
            Attribute("which-jobs", Tag.KEYWORD, ["completed"]),
            Attribute("requested-attributes", Tag.KEYWORD, ["job-id", "number-of-documents"]),
        ]
        jobs = self._wire.ask(Operation.GET_JOBS, attributes, Deadline(self._timeout))
        return any(one.get("number-of-documents", 0) for one in jobs)

    def counts(self) -> Mapping[str, int]:
        """`pages`: sheets of our jobs that came out by the printer's count, or the document's without one."""
        return {"pages": self._pages}

    def cancel(self, job_id: int) -> None:
        """Asks the printer to give a job up; what became of it says `job()`. No error when it has ended.

        Asks again until it says that the job is stopping or has ended before: one that is just beginning can
        miss its cancelling, and begin even after it was called canceled (seen with ippeveprinter).
        """
        attributes = [Attribute("job-id", Tag.INTEGER, [job_id])]
        for attempt in range(_CANCELS):
            time.sleep(_CANCEL_PAUSE * (attempt > 0))
            try:
                self._wire.ask(Operation.CANCEL_JOB, attributes, Deadline(self._timeout))
            except IppRefused as error:
                if error.status in (_NOT_POSSIBLE, *_UNKNOWN_JOB):  # not possible: it has ended
                    return
                raise
            state = self.job(job_id)
            if state.state == "unknown" or _STOPPING in state.reasons:
                return

    def _told(self, names: list[str]) -> Mapping[str, Any]:
        """Attributes of the printer. DeviceError as `status`."""
        wanted = Attribute("requested-attributes", Tag.KEYWORD, names)
        groups = self._wire.ask(Operation.GET_PRINTER_ATTRIBUTES, [wanted], Deadline(self._timeout))
        return groups[0] if groups else {}

    def _print_job(
        self, attributes: list[Attribute], job: list[Attribute], pdf: bytes, deadline: Deadline
    ) -> list[Mapping[str, Any]]:
        while True:
            try:
                return self._wire.ask(Operation.PRINT_JOB, attributes, deadline, pdf, job)
            except IppRefused as error:
                if error.status != _BUSY:
                    raise
                time.sleep(min(_BUSY_PAUSE, deadline.left))
                if deadline.left <= 0:
                    raise

    def _remember(self, job_id: int, handed: Handed) -> int:
        """Keeps what is known of a job of ours; one that was only found again does not say its pages."""
        known = self._ours.pop(job_id, None)
        if known is None or known.name != handed.name:
            self._counted.discard(job_id)
        else:
            handed = known if handed.pages is None else handed
        self._ours[job_id] = handed
        while len(self._ours) > _REMEMBERED:
            forgotten = next(iter(self._ours))
            del self._ours[forgotten]
            self._counted.discard(forgotten)
        return job_id

    def _judge(self, job_id: int, group: Mapping[str, Any]) -> JobState:
        """The job's state; takes note of the pages of one of ours, once."""
        job, ours = told(group), self._ours.get(job_id)
        if not self._believed:
            job = replace(job, sheets=None, impressions=None)
        self._seen_counting = self._seen_counting or job.counted
        state = judged(job, ours, self._seen_counting)
        if ours is not None and (state.ended or state.short) and job_id not in self._counted:
            self._counted.add(job_id)
            whole = a4_layout.sheets(ours.pages or 1, ours.layout) if state.state == "completed" else 0
            self._pages += state.sheets or whole
        return state
