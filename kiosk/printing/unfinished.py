"""Prints that a stop, or an answer that never came, left without a known end.

Each is reconciled with its device: settled where the device can tell, left to staff where it cannot. Nothing
of it may come out before the next person.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

from config.devices import Kind
from drivers.device import DeviceError
from kiosk.data.ledger import Ledger, OpenRecord
from kiosk.devices.devices import Devices
from kiosk.printing import roll
from kiosk.printing.print_job import Printed, Printer, cancel, find, follow, printer_for
from kiosk.printing.printing import clear, ended, free_roll, number_of

FIRST_PAUSE, LAST_PAUSE = 5.0, 300.0  # seconds between questions after one unknown print
LEFT_AFTER = 3  # answers that a job is not known


async def resolve(devices: Devices, ledger: Ledger, record: OpenRecord) -> bool:
    """Settles a print left open by a crash. False: the device cannot be asked yet.

    A job is found by its name at the printer; of a receipt the printer's own count of cuts tells, if it has
    one. What nobody can tell stays unknown, and staff decide.
    """
    printer = printer_of(devices, record)
    if record.state == "intended":
        code = printer.failed if record.on_sheets else "receipt_failed"
        await _end(ledger, record, Printed("failed", code, begun=False), printer)
        return True
    try:
        if not record.on_sheets:
            return await _resolve_receipt(printer, ledger, record)
        job = await find(printer, record.id)
        printed = (
            Printed("unknown", printer.failed) if job is None else await _finish(printer, job, record.id)
        )
    except DeviceError:
        return False
    await _end(ledger, record, printed, printer)
    return True


async def _resolve_receipt(printer: Printer, ledger: Ledger, record: OpenRecord) -> bool:
    """Severs what hangs, after the printer has told. A receipt that was never noted as begun is not on paper;
    but a terminal whose older software noted none, or that has another printer now, cannot know."""
    if not printer.clearable:
        return False
    begun = await roll.last(printer, ledger)
    if not begun.key and not await clear(printer.devices, cut=True, device=printer.name):
        return False
    await free_roll(printer, ledger)
    if begun.key != record.key:
        unknown = Printed("unknown", "receipt_unfinished")
        not_begun = Printed("failed", "receipt_unfinished", begun=False)
        sure = begun.key and record.device in ("", printer.name)
        await _end(ledger, record, not_begun if sure else unknown, printer)
    return True


def to_be_freed(devices: Devices) -> list[Printer]:
    """The receipt printers that can be asked to throw away and sever what a former receipt left."""
    names = [name for name, (kind, _) in devices.states().items() if kind is Kind.RECEIPT_PRINTER]
    printers = [Printer(devices, Kind.RECEIPT_PRINTER, name) for name in names]
    return [printer for printer in printers if printer.clearable]


async def free(printer: Printer, ledger: Ledger) -> None:
    """Severs what hangs; a buffer that could not be cleared when the printer was opened is cleared now.

    DeviceError when it cannot be done yet.
    """
    if not printer.ready:
        await printer.ask("clear", seconds=roll.CALL_SECONDS)
    await free_roll(printer, ledger)


async def _finish(printer: Printer, job: Any, job_name: str) -> Printed:
    """A job in the making is waited for. One that waits is taken back: the next person must not have it."""
    state = await printer.ask("job", job)
    if state.state in ("pending", "held"):
        return await cancel(printer, job, printer.failed)
    return await follow(printer, job, job_name)


class CallBack:
    """Takes back certificates whose end is not known, if their jobs still wait at the printer.

    Otherwise they would come out before the next person once paper or line are back. So a printer that can
    be asked is asked at once, also while it is out of paper; one that does not answer, or does not let go,
    is asked ever more rarely. A job that the printer does not know may still be on its way in; when it has
    not known it three times, it is left to staff and asked no more.
    """

    def __init__(self, devices: Devices, ledger: Ledger, clock: Callable[[], float] = time.monotonic) -> None:
        self._devices, self._ledger, self._clock = devices, ledger, clock
        self._misses: dict[str, int] = {}  # by record: how often its printer did not know the job
        self._pauses: dict[str, tuple[float, float]] = {}  # record → not before, and the pause after that

    async def ask(self, record: OpenRecord) -> None:
        """Once for one unknown print; costs nothing while it is left to staff or its pause lasts."""
        not_before, pause = self._pauses.get(record.id, (0.0, FIRST_PAUSE))
        printer = printer_of(self._devices, record)
        if (
            self._misses.get(record.id, 0) >= LEFT_AFTER
            or self._clock() < not_before
            or not printer.reachable
        ):
            return
        self._pauses[record.id] = (self._clock() + pause, min(pause * 2, LAST_PAUSE))
        with contextlib.suppress(DeviceError):
            await self._take_back(printer, record)

    async def _take_back(self, printer: Printer, record: OpenRecord) -> None:
        job = await find(printer, record.id)
        if job is None or (await printer.ask("job", job)).state == "unknown":
            self._misses[record.id] = self._misses.get(record.id, 0) + 1
            return
        printed = await cancel(printer, job, printer.failed)
        if printed.state != "unknown":
            await _end(self._ledger, record, printed, printer)
            self._pauses.pop(record.id, None)


def printer_of(devices: Devices, record: OpenRecord) -> Printer:
    """The printer that took the job; one of its sort when the terminal does not have it, or never said."""
    usual = Kind.A4_PRINTER if record.on_sheets else Kind.RECEIPT_PRINTER
    return printer_for(devices, usual, record.device)


async def _end(ledger: Ledger, record: OpenRecord, printed: Printed, printer: Printer) -> None:
    await ended(ledger, record, printed, record.document, printer.kind, number_of(record))
