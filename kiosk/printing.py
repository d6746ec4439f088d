"""Printing: a record before the first byte, and an end that the device itself confirms.

A job whose end is not known is never printed again by itself. A certificate is
verified before it is printed and its bytes go out unchanged.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any

from config.devices import Kind
from drivers.device import DeviceError
from kiosk import stock
from kiosk.devices import Devices
from kiosk.ledger import Ledger, OpenRecord
from kiosk.print_job import Printed, Printer, State, cancel, find, follow, print_job, printer_for
from kiosk.receipts import Receipt, draw, text_lines
from kiosk.store import Transaction
from mqtt.messages import DocumentPrinted

RECEIPT_SECONDS = 30.0  # and what the printer's line needs for the bytes, which the driver knows
RECEIPT_CALL_SECONDS = 150.0  # a picture takes a minute at 9600 baud
FIRST_PAUSE, LAST_PAUSE = 5.0, 300.0  # seconds between questions after one unknown print


async def print_certificate(
    devices: Devices,
    ledger: Ledger,
    session: str,
    service: str,
    number: str,
    pdf: bytes,
    kind: Kind = Kind.A4_PRINTER,
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
    printed = await print_job(printer, pdf, record.id)
    await _ended(ledger, record, printed, "certificate", kind, number)
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
    printer = _printer_of(devices, record)
    if record.state == "intended":
        code = printer.failed if record.document == "certificate" else "receipt_failed"
        printed = Printed("failed", code, begun=False)
        await _ended(ledger, record, printed, record.document, printer.kind, "")
        return True
    if record.document != "certificate":
        if not devices.ready(Kind.RECEIPT_PRINTER):
            return False
        await _clear(devices, cut=True)
        printed = Printed("unknown", "receipt_unfinished")
        await _ended(ledger, record, printed, record.document, printer.kind, "")
        return True
    try:
        job = await find(printer, record.id)
        printed = Printed("unknown", printer.failed) if job is None else await follow(printer, job)
    except DeviceError:
        return False
    await _ended(ledger, record, printed, "certificate", printer.kind, record.key.split("/")[0])
    return True


class CallBack:
    """Takes back certificates whose end is not known, if their jobs still wait at the printer.

    Otherwise they would come out before the next person once paper or line are back. So a printer that can
    be asked is asked at once, also while it is out of paper; one that does not answer, or does not let go,
    is asked ever more rarely. A job that the printer does not know is left to staff, and asked no more.
    """

    def __init__(self, devices: Devices, ledger: Ledger, clock: Callable[[], float] = time.monotonic) -> None:
        self._devices, self._ledger, self._clock = devices, ledger, clock
        self._left: set[str] = set()  # to staff
        self._pauses: dict[str, tuple[float, float]] = {}  # record → not before, and the pause after that

    async def ask(self, record: OpenRecord) -> None:
        """Once for one unknown print; costs nothing while it is left to staff or its pause lasts."""
        not_before, pause = self._pauses.get(record.id, (0.0, FIRST_PAUSE))
        printer = _printer_of(self._devices, record)
        if record.id in self._left or self._clock() < not_before or not printer.reachable:
            return
        self._pauses[record.id] = (self._clock() + pause, min(pause * 2, LAST_PAUSE))
        with contextlib.suppress(DeviceError):
            await self._take_back(printer, record)

    async def _take_back(self, printer: Printer, record: OpenRecord) -> None:
        job = await find(printer, record.id)
        if job is None or (await printer.ask("job", job)).state == "unknown":
            self._left.add(record.id)
            return
        printed = await cancel(printer, job, printer.failed)
        if printed.state != "unknown":
            number = record.key.split("/")[0]
            await _ended(self._ledger, record, printed, "certificate", printer.kind, number)
            self._pauses.pop(record.id, None)


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


def _printer_of(devices: Devices, record: OpenRecord) -> Printer:
    """The printer that took the job; one of its sort when the terminal does not have it, or never said."""
    usual = Kind.A4_PRINTER if record.document == "certificate" else Kind.RECEIPT_PRINTER
    return printer_for(devices, usual, record.device)


def _takes_blank(printer: Printer) -> Callable[[Transaction, str], object] | None:
    if printer.kind is not Kind.SPECIAL_PRINTER:
        return None
    return lambda tx, record: stock.take(tx, printer.name, record)
