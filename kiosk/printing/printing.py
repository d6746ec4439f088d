"""Printing: a record before the first byte, and an end that the device itself confirms.

What will be printed is kept sealed in the transaction that notes it, so that a reprint
(`kiosk/printing/reprint.py`) is the same paper byte for byte. A job whose end is not known is never printed
again by itself. A certificate is verified before it is printed and its bytes go out unchanged.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from config.devices import Kind
from config.identifiers import uuid7
from config.print_layout import PLAIN, PrintLayout
from drivers.device import DeviceError
from kiosk.data import stock
from kiosk.data.ledger import Ledger, OpenRecord
from kiosk.data.records import DecidedBy, RecordError
from kiosk.data.sealed_copies import SealedCopy
from kiosk.data.store import Transaction
from kiosk.devices.devices import Devices
from kiosk.documents.receipts import WIDTH, Receipt, draw, text_lines
from kiosk.printing import roll
from kiosk.printing.print_job import Printed, Printer, print_job, printer_for
from mqtt.messages import DocumentPrinted

RECEIPT_SECONDS = 30.0  # and what the printer's line needs for the bytes, which the driver knows
RECEIPT_CALL_SECONDS = 150.0  # a picture takes a minute at 9600 baud


@dataclass(frozen=True)
class Order:
    """What is to be noted of a print: whose it is, which document, and the how-manieth paper of it.

    `name` is what all prints of the document have in common, of a certificate its number; `attempt` counts
    them, and no two prints can be the same attempt.
    """

    session: str
    service: str
    document: str
    name: str
    attempt: int = 1
    copy: int = 1
    decided_by: DecidedBy = ""


async def print_certificate(
    devices: Devices,
    ledger: Ledger,
    session: str,
    service: str,
    number: str,
    pdf: bytes,
    kind: Kind = Kind.A4_PRINTER,
    layout: PrintLayout = PLAIN,
) -> Printed:
    """Prints verified bytes and follows the job to its end.

    On special paper the next blank is taken in the transaction that notes the print; without one nothing
    is begun. Nor is a number that was printed here before, in whatever session: another paper of it is a
    reprint, and named is the record of which it would be one.
    """
    if not number:  # then it could not be told from others
        return Printed("failed", "certificate_invalid", begun=False)
    order, content = Order(session, service, "certificate", number), SealedCopy(kind, pdf, layout)
    try:
        return await print_order(devices, ledger, order, content, keep=True)
    except sqlite3.IntegrityError:
        former = await asyncio.to_thread(ledger.find, f"{number}/{order.attempt}")
        if former is None:
            raise
    kept = await asyncio.to_thread(ledger.sealed_copy, former)
    if kept is None or kept.content != pdf:  # too long ago, or not even the same paper
        return Printed("failed", "print_copies_used", begun=False)
    return Printed("failed", "print_made_before", begun=False, record=former.id)


async def print_photocopy(
    devices: Devices, ledger: Ledger, session: str, service: str, pdf: bytes, layout: PrintLayout = PLAIN
) -> Printed:
    """As a certificate; but nothing of what was printed is kept, so it is never printed again."""
    order = Order(session, service, "copy", uuid7())
    return await print_order(devices, ledger, order, SealedCopy(Kind.A4_PRINTER, pdf, layout), keep=False)


async def print_receipt(
    devices: Devices, ledger: Ledger, session: str, service: str, document: str, receipt: Receipt
) -> Printed:
    """Prints a receipt, as text where the printer prefers it; confirmed only by the printer's last fence."""
    order = Order(session, service, document, uuid7())
    return await print_order(devices, ledger, order, sealed_receipt(receipt), keep=True)


def sealed_receipt(receipt: Receipt) -> SealedCopy:
    """A receipt as it is kept: its data, from which its picture follows."""
    return SealedCopy(Kind.RECEIPT_PRINTER, msgspec.json.encode(receipt))


async def print_order(
    devices: Devices, ledger: Ledger, order: Order, content: SealedCopy, *, keep: bool, mark: str = ""
) -> Printed:
    """Prints `content` with its record, at a printer of its kind that is ready.

    `keep`: it is kept for a reprint. `mark` stands at the top of a receipt.
    """
    printer = printer_for(devices, content.kind)
    verb, drawn = "", None
    if content.kind is Kind.RECEIPT_PRINTER:
        verb, drawn = await for_printer(printer, _marked(content, mark))
    with ledger.holding(f"{order.name}/{order.attempt}"):
        return await _print(ledger, order, printer, content, verb, drawn, keep)


async def _print(
    ledger: Ledger, order: Order, printer: Printer, content: SealedCopy, verb: str, drawn: Any, keep: bool
) -> Printed:
    try:
        record = await ledger.intend(
            "print",
            f"{order.name}/{order.attempt}",
            order.session,
            order.service,
            document=order.document,
            device=printer.name,
            copy=order.copy,
            decided_by=order.decided_by,
            kept=content if keep else None,
            also=_takes_blank(printer),
        )
    except DeviceError as error:
        return Printed("failed", error.code, begun=False)
    await ledger.sent(record)
    if content.kind is Kind.RECEIPT_PRINTER:
        printed = await _on_the_roll(printer, ledger, record, verb, drawn)
    else:
        printed = await print_job(printer, content.content, record.id, content.layout)
    await ended(ledger, record, printed, order.document, content.kind, number_of(record))
    return replace(printed, record=record.id, device=printer.name)


async def _on_the_roll(
    printer: Printer, ledger: Ledger, record: OpenRecord, verb: str, drawn: Any
) -> Printed:
    fence = bytes(0x30 + (byte % 64) for byte in bytes.fromhex(record.id.replace("-", ""))[-4:])
    try:
        await free_roll(printer, ledger)
        await roll.begin(printer, ledger, record)
    except DeviceError as error:
        return Printed("failed", error.code, begun=False)
    try:
        await printer.ask(verb, drawn, fence, RECEIPT_SECONDS, seconds=RECEIPT_CALL_SECONDS)
    except DeviceError as error:
        return await _given_up(printer, ledger, receipt_end(error))
    return Printed("confirmed")


async def _given_up(printer: Printer, ledger: Ledger, printed: Printed) -> Printed:
    """Nothing of it may appear later; where the printer's own count can tell, it says how it ended."""
    if not printed.begun:
        await roll.not_begun(printer, ledger)
        return printed
    told = await roll.end_of(printer, ledger)
    if told == "confirmed":
        return Printed("confirmed")
    if not told and not await clear(printer.devices, device=printer.name):
        return replace(printed, state="unknown")  # what waits in its buffer may still come out, and whole
    return replace(printed, state=told) if told and printed.state == "unknown" else printed


async def free_roll(printer: Printer, ledger: Ledger) -> None:
    """Severs what a former receipt left behind; its record, if open, ends by what the printer told.

    DeviceError when the printer cannot do it now: then nothing may be printed.
    """
    begun = await roll.settle(printer, ledger)
    if not begun.key or not begun.end:
        return
    former = await asyncio.to_thread(ledger.find, begun.key)
    if former is None or former.state not in ("sent", "unknown") or former.state == begun.end:
        return
    printed = Printed("confirmed") if begun.end == "confirmed" else Printed(begun.end, "receipt_unfinished")
    with suppress(RecordError):  # staff have settled it meanwhile
        await ended(ledger, former, printed, former.document, printer.kind, "")


async def for_printer(printer: Printer, receipt: Receipt) -> tuple[str, Any]:
    """A receipt printer's verb and what it prints. A picture has every character; text is quick."""
    lines = text_lines(receipt)
    try:
        if await printer.ask("takes_text", lines):
            return "print_text", lines
    except DeviceError:
        pass  # the print itself tells what is wrong
    from drivers.raster import raster

    across = WIDTH
    if printer.devices.offers(printer.kind, "width"):  # a driver of another house may not tell
        with suppress(DeviceError):
            across = await printer.ask("width")
    return "print_image", raster(await asyncio.to_thread(draw, receipt, across))


def _marked(content: SealedCopy, mark: str) -> Receipt:
    receipt = msgspec.json.decode(content.content, type=Receipt)
    return replace(receipt, mark=mark) if mark else receipt


async def clear(devices: Devices, cut: bool = False, device: str = "") -> bool:
    """Empties the receipt printer's buffer, so that nothing of this print appears later. False: it cannot be.

    `cut` also severs what hangs from its mouth, after a crash in the middle of a receipt.
    """
    try:
        await devices.call(Kind.RECEIPT_PRINTER, "clear", seconds=30.0, device=device)
        if cut:
            await devices.call(Kind.RECEIPT_PRINTER, "cut", seconds=30.0, device=device)
    except DeviceError:
        return False  # the driver refuses to print until it is cleared, and clears when it opens
    return True


async def ended(
    ledger: Ledger,
    record: OpenRecord,
    printed: Printed,
    document: str,
    device: Kind,
    number: str,
    decided_by: DecidedBy = "",
) -> None:
    """Notes how a print ended and tells the hall, in one transaction.

    `decided_by`: who said how it ended, where no device could. RecordError when it has ended before.
    """
    message = DocumentPrinted(
        session=record.session,
        service=record.service,
        job=record.id,
        document=document,
        state=printed.state,
        device=device,
        number=number,
        code=printed.code,
        sheet=await asyncio.to_thread(ledger.sheet, record) if device is Kind.SPECIAL_PRINTER else "",
        copy=record.copy,
        decided_by=decided_by or record.decided_by,
    )

    def sheet(tx: Transaction, id: str) -> None:
        stock.end(tx, id, printed.state, printed.begun)

    await ledger.advance(
        record, printed.state, message, also=sheet, begun=printed.begun, decided_by=decided_by
    )


def number_of(record: OpenRecord) -> str:
    """The certificate's own number; empty for any other paper."""
    return record.name if record.document == "certificate" else ""


def receipt_end(error: DeviceError) -> Printed:
    """A receipt whose end nobody heard, or of which only the cut is not certain, may be whole: unknown.

    One that was stopped before is not.
    """
    outcome = getattr(error, "outcome", None)
    begun = outcome is None or outcome.begun
    unsure = error.lost or error.code in ("receipt_unfinished", "device_timeout")
    unsure = unsure or (outcome is not None and outcome.bands == outcome.total)
    return Printed("unknown" if unsure and begun else "failed", error.code, begun=begun)


def _takes_blank(printer: Printer) -> Callable[[Transaction, str], object] | None:
    if printer.kind is not Kind.SPECIAL_PRINTER:
        return None
    return lambda tx, record: stock.take(tx, printer.name, record)
