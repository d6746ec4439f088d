"""One job at one printer that takes documents: handed over, followed, found again, taken back.

All questions of a job go to the device that took it: with two printers of a kind, the other one has another
job under the same number.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any, Literal

from config.devices import Availability, DeviceState, Kind
from config.faults import faults
from config.print_layout import PLAIN, PrintLayout
from drivers.a4_reasons import PASSING, fault_of
from drivers.device import DeviceError
from drivers.special_words import of_special
from kiosk.devices.devices import Devices

PRINT_SECONDS = 90.0  # from the submitted job to its last sheet; then it is cancelled
SHEET_SECONDS = 30.0  # and this long after each sheet that came out: fifty take minutes
POLL_SECONDS, SILENT_SECONDS = 0.3, 1.0
CANCEL_SECONDS = 5.0  # a cancelled job still reads as processing for a moment
SUBMIT_SECONDS, ASK_SECONDS = 60.0, 20.0

State = Literal["confirmed", "failed", "unknown"]
_UNSURE = ("device_timeout", "device_garbled", "device_stuck", "terminal_internal")  # it may have the job
_GONE = (Availability.OFFLINE, Availability.ABSENT, Availability.UNKNOWN)


@dataclass(frozen=True)
class Printed:
    """How a print ended; `code` is of faults.toml when it did not come out well.

    `begun` is False when the printer never had the job, so that no sheet can have moved. `record` and
    `device` name the print and its printer; `record` is empty when nothing was even noted.
    """

    state: State
    code: str = ""
    begun: bool = True
    record: str = field(default="", compare=False)
    device: str = field(default="", compare=False)

    @property
    def came(self) -> bool:
        """True when the paper is out, whole."""
        return self.state == "confirmed"


@dataclass(frozen=True)
class Printer:
    """One printer of the terminal, by its name in the settings."""

    devices: Devices
    kind: Kind
    name: str

    async def ask(self, verb: str, *arguments: Any, seconds: float = ASK_SECONDS, **named: Any) -> Any:
        """One verb of this very device. DeviceError as `Devices.call`."""
        return await self.devices.call(
            self.kind, verb, *arguments, seconds=seconds, device=self.name, **named
        )

    @property
    def reachable(self) -> bool:
        """True when it can be asked, also while it waits for paper or a hand."""
        return self._state.availability not in _GONE

    @property
    def ready(self) -> bool:
        """True when it can print now."""
        return self._state.ready

    @property
    def clearable(self) -> bool:
        """True when it could print but for an earlier job, of which something may wait or hang there."""
        stopping = set(self._state.faults) - {"receipt_paper_low"}
        return self.ready or stopping == {"receipt_unfinished"}

    @property
    def fault(self) -> str:
        """What it says is wrong with it; empty when nothing is."""
        return self._state.faults[0] if self._state.faults and not self._state.ready else ""

    @property
    def failed(self) -> str:
        """The code of this kind for what has no better one."""
        return self.spelled("a4_failed")

    def spelled(self, code: str) -> str:
        """A code of A4 printers as this kind of printer spells it."""
        return of_special(code) if self.kind is Kind.SPECIAL_PRINTER else code

    @property
    def _state(self) -> DeviceState:
        return self.devices.states().get(self.name, (self.kind, DeviceState()))[1]


def printer_for(devices: Devices, kind: Kind, name: str = "") -> Printer:
    """The printer called `name` if the terminal still has it, else one of the kind that is ready."""
    known = devices.states()
    if name in known:
        return Printer(devices, known[name][0], name)
    return Printer(devices, kind, devices.pick(kind))


async def print_job(printer: Printer, pdf: bytes, job_name: str, layout: PrintLayout = PLAIN) -> Printed:
    """Hands a document over under our own name for it and follows it to its end."""
    try:
        job = await printer.ask("submit", pdf, job_name, layout, seconds=SUBMIT_SECONDS)
    except DeviceError as error:
        return await _after_failed_submit(printer, job_name, error)
    return await follow(printer, job, job_name)


async def find(printer: Printer, job_name: str) -> Any:
    """What the printer calls the job of this name; None when it knows none. DeviceError: cannot be asked."""
    return await printer.ask("find", job_name)


async def follow(printer: Printer, job: Any, job_name: str) -> Printed:
    """Asks after the job to its end; cancels it at the time-out: it must not print for the next person.

    A job that the printer no longer knows has an unknown end: waiting longer does not tell it. After an
    answer that did not come it is looked for by its name: a printer that was switched off counts its jobs
    from 1 again, and its driver, opened anew, remembers none of ours.
    """
    end, code, sheets, silent = time.monotonic() + PRINT_SECONDS, printer.failed, 0, False
    while time.monotonic() < end:
        try:
            if silent:
                job, silent = await find(printer, job_name), False
            if job is None:
                return Printed("unknown", code)
            state = await printer.ask("job", job)
        except DeviceError:
            silent = True
            await asyncio.sleep(SILENT_SECONDS)
            continue
        if (state.sheets or 0) > sheets:
            sheets, end = state.sheets, max(end, time.monotonic() + SHEET_SECONDS)
        if state.state == "completed":
            return Printed("confirmed")
        code = named_fault(printer, state.reasons) or printer.fault or code
        if state.state in ("canceled", "aborted"):
            return Printed("failed", code)
        if state.state == "unknown":
            return Printed("unknown", code)
        await asyncio.sleep(POLL_SECONDS)
    return await cancel(printer, job, code)


async def cancel(printer: Printer, job: Any, code: str) -> Printed:
    """Takes the job back and waits until the printer has let go of it; `unknown` when it does not say so."""
    try:
        await printer.ask("cancel", job)
        state = await printer.ask("job", job)
        end = time.monotonic() + CANCEL_SECONDS
        while not state.ended and state.state != "unknown" and time.monotonic() < end:
            await asyncio.sleep(POLL_SECONDS)
            state = await printer.ask("job", job)
    except DeviceError:
        return Printed("unknown", code)
    if state.state == "completed":
        return Printed("confirmed")
    return Printed("failed" if state.state in ("canceled", "aborted") else "unknown", code)


async def _after_failed_submit(printer: Printer, job_name: str, error: DeviceError) -> Printed:
    """The submission got no answer: the job may be at the printer all the same, under our name.

    A printer that took too long to answer, or hung up on us, may still be taking it in, though it does not
    list it yet. Only its refusal says that it has not got it.
    """
    try:
        job = await find(printer, job_name)
    except DeviceError:
        return Printed("unknown", error.code)
    if job is not None:
        return await follow(printer, job, job_name)
    if error.lost or error.code in _UNSURE:
        return Printed("unknown", error.code)
    return Printed("failed", error.code, begun=False)


def named_fault(printer: Printer, reasons: tuple[str, ...]) -> str:
    """The first reason that is a fault: an IPP keyword, or a code of a driver that speaks no IPP."""
    for reason in reasons:
        code = fault_of(reason)
        if code and code not in PASSING:
            return printer.spelled(code)
        if reason in faults():
            return reason
    return ""
