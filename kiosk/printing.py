"""Printing: a record before the first byte, and an end that the device itself confirms.

A job whose end is not known is never printed again by itself. A certificate is
verified before it is printed and its bytes go out unchanged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from config.devices import Kind
from config.print_layout import PLAIN, PrintLayout
from drivers.device import DeviceError
from kiosk import stock
from kiosk.devices import Devices
from kiosk.ledger import Ledger, OpenRecord
from kiosk.print_job import Printed, Printer, State, print_job, printer_for
from kiosk.receipts import Receipt, draw, text_lines
from kiosk.store import Transaction
from mqtt.messages import DocumentPrinted

RECEIPT_SECONDS = 30.0  # and what the printer's line needs for the bytes, which the driver knows
RECEIPT_CALL_SECONDS = 150.0  # a picture takes a minute at 9600 baud


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
    is begun.
    """
    printer = printer_for(devices, kind)
    try:
        record = await ledger.intend(
            "print",
            f"{number}/1",
            session,
            service,
            document="certificate",
            device=printer.name,
            also=_takes_blank(printer),
        )
    except DeviceError as error:
        return Printed("failed", error.code, begun=False)
    await ledger.sent(record)
    printed = await print_job(printer, pdf, record.id, layout)
    await ended(ledger, record, printed, "certificate", kind, number)
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
        await clear(devices)
    await ended(ledger, record, printed, document, Kind.RECEIPT_PRINTER, "")
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


async def clear(devices: Devices, cut: bool = False) -> None:
    """Empties the receipt printer's buffer, so that nothing of this print appears later.

    `cut` also severs what hangs from its mouth, after a crash in the middle of a receipt.
    """
    try:
        await devices.call(Kind.RECEIPT_PRINTER, "clear", seconds=30.0)
        if cut:
            await devices.call(Kind.RECEIPT_PRINTER, "cut", seconds=30.0)
    except DeviceError:
        pass  # the driver refuses to print until it is cleared, and clears when it opens


async def ended(
    ledger: Ledger, record: OpenRecord, printed: Printed, document: str, device: Kind, number: str
) -> None:
    """Notes how a print ended and tells the hall, in one transaction."""
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
    )

    def sheet(tx: Transaction, id: str) -> None:
        stock.end(tx, id, printed.state, printed.begun)

    await ledger.advance(record, printed.state, message, also=sheet)


def _receipt_end(error: DeviceError) -> State:
    """A receipt whose last fence never came may be whole: that is unknown. One that was stopped is not."""
    outcome = getattr(error, "outcome", None)
    unsure = error.lost or error.code in ("receipt_unfinished", "device_timeout")
    return "unknown" if unsure and (outcome is None or outcome.begun) else "failed"


def _takes_blank(printer: Printer) -> Callable[[Transaction, str], object] | None:
    if printer.kind is not Kind.SPECIAL_PRINTER:
        return None
    return lambda tx, record: stock.take(tx, printer.name, record)
