"""Printing: a record before the first byte, and an end that the device itself confirms.

A job whose end is not known is never printed again by itself. A certificate is
verified before it is printed and its bytes go out unchanged.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any, Literal

from config.devices import Kind
from drivers.device import DeviceError
from kiosk.devices import Devices
from kiosk.ledger import Ledger, OpenRecord
from kiosk.receipts import Receipt, draw, text_lines
from mqtt.messages import DocumentPrinted

A4_SECONDS = 90.0  # from the submitted job to its last sheet; then it is cancelled
A4_POLL = 0.3
CANCEL_SECONDS = 5.0  # a cancelled job still reads as processing for a moment
RECEIPT_SECONDS = 30.0  # and what the printer's line needs for the bytes, which the driver knows
RECEIPT_CALL_SECONDS = 150.0  # a picture takes a minute at 9600 baud

State = Literal["confirmed", "failed", "unknown"]
_FAULT_OF_REASON = {
    "media-empty": "a4_paper_out",
    "media-needed": "a4_paper_out",
    "media-jam": "a4_jam",
    "cover-open": "a4_cover_open",
    "door-open": "a4_cover_open",
    "toner-empty": "a4_toner_out",
    "marker-supply-empty": "a4_toner_out",
}


@dataclass(frozen=True)
class Printed:
    """How a print ended; `code` is of faults.toml when it did not come out well."""

    state: State
    code: str = ""


async def print_certificate(
    devices: Devices, ledger: Ledger, session: str, service: str, number: str, pdf: bytes
) -> Printed:
    """Prints verified bytes on the A4 printer and follows the job to its end."""
    record = await ledger.intend("print", f"{number}/1", session, service, document="certificate")
    await ledger.sent(record)
    try:
        job = await devices.call(Kind.A4_PRINTER, "submit", pdf, record.id, seconds=20.0)
        printed = await _follow(devices, job)
    except DeviceError as error:
        printed = await _after_failed_submit(devices, record, error)
    await _ended(ledger, record, printed, "certificate", Kind.A4_PRINTER, number)
    return printed


async def print_receipt(
    devices: Devices, ledger: Ledger, session: str, service: str, document: str, receipt: Receipt
) -> Printed:
    """Prints a receipt, as text where the printer prefers it; confirmed only by the printer's last fence."""
    verb, content = await _for_printer(devices, receipt)
    record = await ledger.intend("print", "", session, service, document=document)
    await ledger.sent(record)
    fence = bytes(0x30 + (byte % 64) for byte in bytes.fromhex(record.id.replace("-", ""))[-4:])
    try:
        await devices.call(
            Kind.RECEIPT_PRINTER, verb, content, fence, RECEIPT_SECONDS, seconds=RECEIPT_CALL_SECONDS
        )
        printed = Printed("confirmed")
    except DeviceError as error:
        printed = Printed(_receipt_end(error), error.code)
        await _clear(devices)
    await _ended(ledger, record, printed, document, Kind.RECEIPT_PRINTER, "")
    return printed


async def _for_printer(devices: Devices, receipt: Receipt) -> tuple[str, Any]:
    """The verb and what it prints. A picture has every character; text is quick on a slow line."""
    lines = text_lines(receipt)
    try:
        if await devices.call(Kind.RECEIPT_PRINTER, "takes_text", lines, seconds=20.0):
            return "print_text", lines
    except DeviceError:
        pass  # the print itself tells what is wrong
    from drivers.raster import raster

    return "print_image", raster(await asyncio.to_thread(draw, receipt))


async def resolve(devices: Devices, ledger: Ledger, record: OpenRecord) -> bool:
    """Settles a print left open by a crash. False: the device cannot be asked yet.

    A certificate's job is found by its name at the printer; a receipt's end
    cannot be asked for afterwards, so it stays unknown and staff decide.
    """
    if record.state == "intended":
        code = "a4_failed" if record.document == "certificate" else "receipt_failed"
        await _ended(ledger, record, Printed("failed", code), record.document, _kind(record), "")
        return True
    if record.document != "certificate":
        if not devices.ready(Kind.RECEIPT_PRINTER):
            return False
        await _clear(devices, cut=True)
        await _ended(
            ledger, record, Printed("unknown", "receipt_unfinished"), record.document, _kind(record), ""
        )
        return True
    try:
        job = await devices.call(Kind.A4_PRINTER, "find", record.id, seconds=20.0)
        printed = Printed("unknown", "a4_failed") if job is None else await _follow(devices, job)
    except DeviceError:
        return False
    await _ended(ledger, record, printed, "certificate", Kind.A4_PRINTER, record.key.split("/")[0])
    return True


async def call_back(devices: Devices, ledger: Ledger, record: OpenRecord) -> None:
    """Takes back a certificate whose end is not known, if its job still waits at the printer.

    Otherwise it would come out before the next person once paper or line are back. A job that the
    printer does not know leaves the record as it is: that is for staff to decide.
    """
    if not devices.ready(Kind.A4_PRINTER):
        return
    job = await devices.call(Kind.A4_PRINTER, "find", record.id, seconds=20.0)
    if job is None:
        return
    printed = await _cancel(devices, job, "a4_failed")
    if printed.state != "unknown":
        await _ended(ledger, record, printed, "certificate", Kind.A4_PRINTER, record.key.split("/")[0])


async def _follow(devices: Devices, job: int) -> Printed:
    """Polls the job to its end; cancels it at the time-out, so that it never prints for the next person."""
    end, code = time.monotonic() + A4_SECONDS, "a4_failed"
    while time.monotonic() < end:
        try:
            state = await devices.call(Kind.A4_PRINTER, "job", job, seconds=10.0)
        except DeviceError:
            await asyncio.sleep(1.0)
            continue
        if state.state == "completed":
            return Printed("confirmed")
        code = _fault(state.reasons) or devices.fault(Kind.A4_PRINTER) or code
        if state.state in ("canceled", "aborted"):
            return Printed("failed", code)
        await asyncio.sleep(A4_POLL)
    return await _cancel(devices, job, code)


async def _cancel(devices: Devices, job: int, code: str) -> Printed:
    try:
        await devices.call(Kind.A4_PRINTER, "cancel", job, seconds=10.0)
        state = await devices.call(Kind.A4_PRINTER, "job", job, seconds=10.0)
        end = time.monotonic() + CANCEL_SECONDS
        while not state.ended and time.monotonic() < end:
            await asyncio.sleep(A4_POLL)
            state = await devices.call(Kind.A4_PRINTER, "job", job, seconds=10.0)
    except DeviceError:
        return Printed("unknown", code)
    if state.state == "completed":
        return Printed("confirmed")
    return Printed("failed" if state.state in ("canceled", "aborted") else "unknown", code)


async def _after_failed_submit(devices: Devices, record: OpenRecord, error: DeviceError) -> Printed:
    """The submission got no answer: the job may be at the printer all the same, under our name."""
    try:
        job = await devices.call(Kind.A4_PRINTER, "find", record.id, seconds=10.0)
    except DeviceError:
        return Printed("unknown", error.code)
    return Printed("failed", error.code) if job is None else await _follow(devices, job)


async def _clear(devices: Devices, cut: bool = False) -> None:
    """Empties the receipt printer's buffer, so that nothing of this print appears later.

    `cut` also severs what hangs from its mouth, after a crash in the middle of a receipt.
    """
    try:
        await devices.call(Kind.RECEIPT_PRINTER, "clear", seconds=30.0)
        if cut:
            await devices.call(Kind.RECEIPT_PRINTER, "cut", seconds=30.0)
    except DeviceError:
        pass  # the driver refuses to print until it is cleared, and clears when it opens


async def _ended(
    ledger: Ledger, record: OpenRecord, printed: Printed, document: str, device: Kind, number: str
) -> None:
    message = DocumentPrinted(
        session=record.session,
        service=record.service,
        job=record.id,
        document=document,
        state=printed.state,
        device=device,
        number=number,
        code=printed.code,
    )
    await ledger.advance(record, printed.state, message)


def _receipt_end(error: DeviceError) -> State:
    """A receipt whose last fence never came may be whole: that is unknown. One that was stopped is not."""
    outcome = getattr(error, "outcome", None)
    unsure = error.lost or error.code in ("receipt_unfinished", "device_timeout")
    return "unknown" if unsure and (outcome is None or outcome.begun) else "failed"


def _kind(record: OpenRecord) -> Kind:
    return Kind.A4_PRINTER if record.document == "certificate" else Kind.RECEIPT_PRINTER


def _fault(reasons: tuple[str, ...]) -> str:
    return next((_FAULT_OF_REASON[reason] for reason in reasons if reason in _FAULT_OF_REASON), "")
