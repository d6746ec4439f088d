"""Printing again: only because somebody decided it, and when the first paper surely cannot come any more.

It is printed from the sealed copy, so it is the same document byte for byte under the same number. What may
be a second paper is marked 补打 with its number: a receipt at its top; a certificate, whose signed bytes can
carry no mark, by a slip that goes with it. See docs/decisions/070.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal

from config.devices import Kind
from config.identifiers import made_at
from config.settings import PrintingSettings
from config.words import words
from drivers.device import DeviceError
from kiosk.backstage import Backstage
from kiosk.data.ledger import OpenRecord
from kiosk.data.records import RecordError
from kiosk.data.sealed_copies import SealedCopy
from kiosk.documents import papers
from kiosk.printing import slips
from kiosk.printing.print_job import Printed, Printer, State, cancel, find
from kiosk.printing.printing import Order, clear, ended, free_roll, number_of, print_order, print_receipt
from kiosk.printing.unfinished import printer_of

LOOKS, LOOK_SECONDS = 3, 1.5  # a job that the printer does not know so often cannot come out any more
Decider = Literal["citizen", "staff"]
Fate = Literal["came", "nothing"]


class Refused(Exception):
    """It is not done. `code` is a row of `config/faults.toml`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def reprint(
    stage: Backstage, record: str, decided_by: Decider, serving: Callable[[], bool] = lambda: False
) -> Printed:
    """Prints the document of this print once more, and returns how that ended.

    A print of it whose end is unknown is taken back first and counts as failed by this decision; when the
    printer then says that it came out after all, that is returned and nothing is printed. `serving`: whether
    somebody stands there whose paper it is not; he may come while the first is taken back. Raises Refused
    `print_…`, `terminal_serving`, or the code of a printer that is not ready.
    """
    if serving():
        raise Refused("terminal_serving")
    made, attempts = await _found(stage, record)
    copy = next_copy(attempts, stage.settings.printing, time.time())
    content = await asyncio.to_thread(stage.ledger.sealed_copy, made)
    if content is None:
        raise Refused("print_copy_gone")
    for one in attempts:
        if one.state == "unknown":
            came = await settle(stage, one.id, "nothing", decided_by)
            if came.state == "confirmed":
                return came
    if serving():
        raise Refused("terminal_serving")
    if not stage.devices.ready(content.kind):
        raise Refused(stage.devices.fault(content.kind))
    printed = await _print(stage, attempts, content, copy, decided_by)
    if not printed.record:  # refused before it was noted: the document is still the one that was asked for
        return replace(printed, record=record)
    if copy > 1 and printed.came and made.document == "certificate" and not serving():
        await _tell_on_paper(stage, made, copy, decided_by)
    return printed


async def settle(stage: Backstage, record: str, fate: Fate, decided_by: Decider) -> Printed:
    """Ends an unknown print as somebody saw it: the paper came, or nothing did. Returns how it ended.

    First its job is taken back, so that it cannot come out later; if the printer says that it printed it,
    that counts. Raises Refused: `print_settled` when its end was known, `print_not_taken_back`.
    """
    made, _ = await _found(stage, record)
    if made.state in ("intended", "sent"):
        raise Refused("print_under_way")
    if made.state != "unknown":
        raise Refused("print_settled")
    told = await _taken_back(stage, made)
    if told is None:
        raise Refused("print_not_taken_back")
    if told.state == "confirmed":
        return await _ended(stage, made, told, "")
    state: Literal["confirmed", "failed"] = "confirmed" if fate == "came" else "failed"
    code = "" if fate == "came" else told.code
    return await _ended(stage, made, Printed(state, code), decided_by)


def next_copy(attempts: Sequence[OpenRecord], limits: PrintingSettings, now: float) -> int:
    """Which paper of the document the next print is: 1 when certainly none has come out yet.

    `now`: seconds since 1970. Raises Refused when one is under way, or beyond the limits.
    """
    if any(one.state in ("intended", "sent") for one in attempts):
        raise Refused("print_under_way")
    copy = 1 + sum(may_be_on_paper(one) for one in attempts)
    if copy > limits.copies:
        raise Refused("print_copies_used")
    if now - made_at(attempts[0].id) > limits.reprint_hours * 3600:
        raise Refused("print_too_late")
    return copy


def may_be_on_paper(attempt: OpenRecord) -> bool:
    """Whether somebody may hold a paper of this print, or a part of one."""
    return attempt.state != "failed" or attempt.begun


async def allowed(stage: Backstage, record: str) -> bool:
    """Whether a reprint may be offered now; the printer is asked only when it is wanted."""
    made, attempts = await _found(stage, record)
    with contextlib.suppress(Refused):
        next_copy(attempts, stage.settings.printing, time.time())
        return await asyncio.to_thread(stage.ledger.sealed_copy, made) is not None
    return False


async def as_it_stands(stage: Backstage, printed: Printed) -> Printed:
    """The print as its record says now, which the terminal may have ended since."""
    made, _ = await _found(stage, printed.record)
    states: dict[str, State] = {"confirmed": "confirmed", "failed": "failed"}
    return replace(printed, state=states.get(made.state, "unknown"), begun=made.begun)


async def _found(stage: Backstage, record: str) -> tuple[OpenRecord, list[OpenRecord]]:
    """The print, and all prints of its document. Refused `print_no_record`."""

    def look() -> tuple[OpenRecord, list[OpenRecord]]:
        made = stage.ledger.get(record)
        return made, stage.ledger.attempts(made)

    try:
        made, attempts = await asyncio.to_thread(look)
    except RecordError:
        raise Refused("print_no_record") from None
    if made.kind != "print":
        raise Refused("print_no_record")
    return made, attempts


async def _print(
    stage: Backstage, attempts: Sequence[OpenRecord], content: SealedCopy, copy: int, decided_by: Decider
) -> Printed:
    first = attempts[0]
    order = Order(
        first.session, first.service, first.document, first.name, len(attempts) + 1, copy, decided_by
    )
    mark = papers.reprint_mark(copy) if copy > 1 else ""
    printing = print_order(stage.devices, stage.ledger, order, content, keep=False, mark=mark)
    try:
        if content.kind is Kind.RECEIPT_PRINTER:
            return await slips.at_the_mouth(stage, printing)
        return await printing
    except sqlite3.IntegrityError:  # somebody else has begun this very attempt
        raise Refused("print_under_way") from None


async def _tell_on_paper(stage: Backstage, made: OpenRecord, copy: int, decided_by: Decider) -> None:
    """The slip that goes with a certificate's copy, where there is a printer for it."""
    if not stage.devices.ready(Kind.RECEIPT_PRINTER):
        return
    who = words("receipt.decided_citizen" if decided_by == "citizen" else "receipt.decided_staff").zh
    service = stage.catalogue.services.get(made.service)
    paper = papers.reprint_slip(stage, service, number_of(made), copy, who, datetime.now())
    await slips.at_the_mouth(
        stage, print_receipt(stage.devices, stage.ledger, made.session, made.service, "receipt", paper)
    )


async def _taken_back(stage: Backstage, made: OpenRecord) -> Printed | None:
    """Takes the job of an unknown print back. None: it may still come out, or nobody can say.

    `unknown`: it cannot come out any more, and the printer does not know how it ended.
    """
    printer = printer_of(stage.devices, made)
    if not made.on_sheets:
        return await _off_the_roll(stage, printer, made)
    try:
        for look in range(LOOKS):
            await asyncio.sleep(LOOK_SECONDS if look else 0)
            job = await find(printer, made.id)
            if job is None or (await printer.ask("job", job)).state == "unknown":
                continue  # a job that was a long time on its way in may be listed late
            told = await cancel(printer, job, printer.failed)
            return told if told.state != "unknown" else None
    except DeviceError:
        return None
    return Printed("unknown", printer.failed)


async def _off_the_roll(stage: Backstage, printer: Printer, made: OpenRecord) -> Printed | None:
    """The same for a receipt. The printer's own count of cuts may tell how it ended, and ends its record."""
    async with stage.mouth.lock:
        try:
            await free_roll(printer, stage.ledger)
        except DeviceError:
            return None
        if not await clear(stage.devices, device=printer.name):
            return None
    return await as_it_stands(stage, Printed("unknown", "receipt_unfinished", record=made.id))


async def _ended(
    stage: Backstage, made: OpenRecord, printed: Printed, decided_by: Literal["", "citizen", "staff"]
) -> Printed:
    """Notes it, unless the terminal itself has found its end meanwhile: then that counts."""
    printed = replace(printed, record=made.id, device=made.device)
    kind = printer_of(stage.devices, made).kind
    try:
        await ended(stage.ledger, made, printed, made.document, kind, number_of(made), decided_by)
    except RecordError:
        return await as_it_stands(stage, printed)
    return printed
