"""A4 printer over IPP (IPP Everywhere): hand over a PDF, then ask how far it is.

`submit` is the moment after which paper may come out. Everything that follows is asking:
a print is done when `job()` says `completed`, never because nothing was heard.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ippx import Attribute, Operation, Tag

from config.devices import Availability, DeviceState, Media, Supply
from config.print_layout import PLAIN, PrintLayout
from drivers.device import Deadline, DeviceError, check_seconds
from drivers.ipp_wire import IppRefused, IppWire, all_of

State = Literal["pending", "processing", "completed", "canceled", "aborted", "held", "unknown"]

_JOB_STATES: dict[int, State] = {  # RFC 8011, 5.3.7
    3: "pending",
    4: "held",
    5: "processing",
    6: "held",  # processing-stopped: waits for paper or a hand
    7: "canceled",
    8: "aborted",
    9: "completed",
}
_STOPPED = 5  # printer-state (RFC 8011, 5.4.11)
_PROCESSING = 4
_NEAR_PERCENT = 10
_NOT_POSSIBLE = 0x0404
_BUSY = 0x0507
_BUSY_PAUSE = 0.1  # seconds
_REMEMBERED = 64  # jobs whose names are kept
_UNKNOWN_JOB = (0x0406, 0x0407)  # not found, gone

# printer-state-reasons without their suffix → fault code, worst first.
_FAULTS = (
    ("a4_jam", {"media-jam"}),
    ("a4_cover_open", {"cover-open", "door-open", "interlock-open"}),
    ("a4_paper_out", {"media-empty", "media-needed", "input-tray-missing"}),
    ("a4_toner_out", {"toner-empty", "marker-supply-empty", "marker-supply-missing"}),
    (
        "a4_failed",
        {"paused", "stopped", "shutdown", "output-area-full", "fuser-over-temp", "fuser-under-temp"},
    ),
    ("device_offline", {"offline", "connecting-to-device", "timed-out"}),
    ("a4_paper_low", {"media-low"}),
    ("a4_toner_low", {"toner-low", "marker-supply-low"}),
)
_PASSING = ("a4_paper_low", "a4_toner_low")

_STATUS_ATTRIBUTES = [
    "printer-state",
    "printer-state-reasons",
    "printer-is-accepting-jobs",
    "printer-make-and-model",
    "printer-supply",
    "marker-levels",
    "marker-types",
]
_JOB_ATTRIBUTES = ["job-id", "job-name", "job-state", "job-state-reasons", "job-media-sheets-completed"]
_NEWEST = 100  # finished jobs that are looked through


@dataclass(frozen=True)
class JobState:
    """One job as the printer sees it. `reasons` are IPP keywords; `sheets` is None where it does not count.

    `held` waits for something (paper, a hand), `unknown` is a job that the printer no longer knows.
    """

    state: State
    reasons: tuple[str, ...] = ()
    sheets: int | None = None

    @property
    def ended(self) -> bool:
        """True when nothing more will come out."""
        return self.state in ("completed", "canceled", "aborted")


class A4Printer:
    """One printer at `port` ("ipp://host:631/ipp/print"); `timeout` in seconds for each question.

    For `ipps://` give `fingerprint`, the SHA-256 of its certificate, unless it has one of a known authority.
    """

    def __init__(self, *, port: str, timeout: float = 5.0, fingerprint: str = "") -> None:
        check_seconds(timeout=timeout)
        self._wire = IppWire(port, fingerprint)
        self._timeout = timeout
        # A printer that was switched off counts its jobs from 1 again: another's job must not pass for ours.
        self._names: dict[int, str] = {}
        self._pages = 0
        self._counted: set[int] = set()

    # ── the driver's contract ────────────────────────────────────────────────

    def open(self) -> None:
        """Asks the printer for its state once. DeviceError `device_absent` when it does not answer."""
        self._wire.open()
        try:
            self.status()
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
        wanted = Attribute("requested-attributes", Tag.KEYWORD, _STATUS_ATTRIBUTES)
        groups = self._wire.ask(Operation.GET_PRINTER_ATTRIBUTES, [wanted], Deadline(self._timeout))
        return printer_state(groups[0] if groups else {})

    # ── its verbs ────────────────────────────────────────────────────────────

    def submit(self, pdf: bytes, job_name: str, layout: PrintLayout = PLAIN) -> int:
        """Hands over a whole PDF; the printer's job id. `job_name` is our own id of this print.

        A printer with another job in hand may say *busy*; it is then asked again until the time-out.
        IppRefused (`a4_failed`): it said no and has not got the job. After `device_timeout` or
        `device_offline` the job may or may not have arrived: `find(job_name)` tells, and nothing is
        submitted again before it has told.
        """
        attributes = [
            Attribute("job-name", Tag.NAME, [job_name]),
            Attribute("document-format", Tag.MIME_TYPE, ["application/pdf"]),
        ]
        # A big document on a slow line takes longer than a question.
        deadline = Deadline(self._timeout + len(pdf) / 500_000)
        for group in self._print_job(attributes, pdf, deadline):
            if isinstance(group.get("job-id"), int):
                return self._remember(int(group["job-id"]), job_name)
        raise DeviceError("device_garbled", "an accepted job without an id")

    def job(self, job_id: int) -> JobState:
        """How far a job is; `unknown` when the printer no longer knows it, or knows another by its number.

        DeviceError as `status`.
        """
        attributes = [
            Attribute("job-id", Tag.INTEGER, [job_id]),
            Attribute("requested-attributes", Tag.KEYWORD, _JOB_ATTRIBUTES),
        ]
        try:
            groups = self._wire.ask(Operation.GET_JOB_ATTRIBUTES, attributes, Deadline(self._timeout))
        except IppRefused as error:
            if error.status in _UNKNOWN_JOB:  # it was switched off, or forgets finished jobs
                return JobState("unknown")
            raise
        group = groups[0] if groups else {}
        if group.get("job-name") != self._names.get(job_id, group.get("job-name")):
            return JobState("unknown")
        return self._count(job_id, _job_state(group))

    def find(self, job_name: str) -> int | None:
        """The id of the newest job of this name, waiting or finished; None when there is none."""
        found = self.named(job_name)
        return max(found) if found else None

    def named(self, job_name: str) -> dict[int, JobState]:
        """Every job of this name that the printer knows, by its id, in the order in which they came."""
        found: dict[int, JobState] = {}
        for which in ("not-completed", "completed"):
            attributes = [
                Attribute("limit", Tag.INTEGER, [_NEWEST]),  # newest first (RFC 8011, 4.2.6.2)
                Attribute("which-jobs", Tag.KEYWORD, [which]),
                Attribute("requested-attributes", Tag.KEYWORD, _JOB_ATTRIBUTES),
            ]
            for group in self._wire.ask(Operation.GET_JOBS, attributes, Deadline(self._timeout)):
                if group.get("job-name") == job_name and isinstance(group.get("job-id"), int):
                    found[int(group["job-id"])] = _job_state(group)
        return {self._remember(job, job_name): self._count(job, found[job]) for job in sorted(found)}

    def counts(self) -> Mapping[str, int]:
        """`pages`: sheets of our jobs that were seen to come out; one where the printer does not count."""
        return {"pages": self._pages}

    def cancel(self, job_id: int) -> None:
        """Asks the printer to give a job up; what became of it says `job()`. No error when it has ended."""
        attributes = [Attribute("job-id", Tag.INTEGER, [job_id])]
        try:
            self._wire.ask(Operation.CANCEL_JOB, attributes, Deadline(self._timeout))
        except IppRefused as error:
            if error.status not in (_NOT_POSSIBLE, *_UNKNOWN_JOB):  # not possible: it has ended
                raise

    def _print_job(
        self, attributes: list[Attribute], pdf: bytes, deadline: Deadline
    ) -> list[Mapping[str, Any]]:
        while True:
            try:
                return self._wire.ask(Operation.PRINT_JOB, attributes, deadline, pdf)
            except IppRefused as error:
                if error.status != _BUSY or deadline.left < _BUSY_PAUSE:
                    raise
            time.sleep(_BUSY_PAUSE)

    def _remember(self, job_id: int, job_name: str) -> int:
        if self._names.pop(job_id, None) != job_name:
            self._counted.discard(job_id)
        self._names[job_id] = job_name
        while len(self._names) > _REMEMBERED:
            forgotten = next(iter(self._names))
            del self._names[forgotten]
            self._counted.discard(forgotten)
        return job_id

    def _count(self, job_id: int, job: JobState) -> JobState:
        """Takes note of the pages of one of ours, once."""
        if job.state == "completed" and job_id in self._names and job_id not in self._counted:
            self._counted.add(job_id)
            self._pages += max(job.sheets or 1, 1)
        return job


def printer_state(attributes: Mapping[str, Any]) -> DeviceState:
    """The summary of what Get-Printer-Attributes told."""
    keywords = {_without_suffix(str(reason)) for reason in all_of(attributes.get("printer-state-reasons"))}
    faults = [code for code, reasons in _FAULTS if reasons & keywords]
    state = attributes.get("printer-state")
    halted = state == _STOPPED or attributes.get("printer-is-accepting-jobs") is False
    if halted and all(code in _PASSING for code in faults):
        faults.insert(0, "a4_failed")
    toner = _toner(attributes, faults)
    if toner is Supply.LOW and "a4_toner_low" not in faults:
        faults.append("a4_toner_low")
    paper = (
        Supply.OUT if "a4_paper_out" in faults else Supply.LOW if "a4_paper_low" in faults else Supply.FULL
    )
    if any(code not in _PASSING for code in faults):
        availability = Availability.OFFLINE if faults[0] == "device_offline" else Availability.FAULT
    elif state == _PROCESSING:
        availability = Availability.BUSY
    else:
        availability = Availability.ONLINE if state else Availability.UNKNOWN
    media = Media.JAMMED if "a4_jam" in faults else Media.NONE
    detail = " ".join([str(attributes.get("printer-make-and-model", "")), *sorted(keywords - {"none"})])
    return DeviceState(availability, media, {"paper": paper, "toner": toner}, tuple(faults), detail.strip())


def _without_suffix(reason: str) -> str:
    for suffix in ("-report", "-warning", "-error"):
        reason = reason.removesuffix(suffix)
    return reason


def _toner(attributes: Mapping[str, Any], faults: list[str]) -> Supply:
    if "a4_toner_out" in faults:
        return Supply.OUT
    if "a4_toner_low" in faults:
        return Supply.LOW
    markers = zip(
        all_of(attributes.get("marker-types")), all_of(attributes.get("marker-levels")), strict=False
    )
    levels = [level for kind, level in markers if isinstance(level, int) and "waste" not in str(kind)]
    levels += [_percent(one) for one in all_of(attributes.get("printer-supply")) if isinstance(one, bytes)]
    known = [level for level in levels if level >= 0]  # -1, -2, -3: the printer cannot say
    if not known:
        return Supply.UNKNOWN
    return Supply.LOW if min(known) <= _NEAR_PERCENT else Supply.FULL


def _percent(supply: bytes) -> int:
    """The level of one `printer-supply` value (PWG 5100.13) in percent; -1 when it is not a toner's."""
    fields = dict(part.partition("=")[::2] for part in supply.decode("utf-8", "replace").split(";"))
    if fields.get("class") != "supplyThatIsConsumed":
        return -1
    try:
        level, capacity = int(fields.get("level", "-1")), int(fields.get("maxcapacity", "100"))
    except ValueError:
        return -1
    return level * 100 // capacity if capacity > 0 else level


def _job_state(group: Mapping[str, Any]) -> JobState:
    number = group.get("job-state")
    sheets = group.get("job-media-sheets-completed")
    return JobState(
        _JOB_STATES.get(number, "unknown") if isinstance(number, int) else "unknown",
        tuple(str(reason) for reason in all_of(group.get("job-state-reasons")) if reason != "none"),
        sheets if isinstance(sheets, int) else None,
    )
