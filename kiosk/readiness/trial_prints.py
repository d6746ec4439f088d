"""Trying printers: a slip and a page that say TEST, of which nobody's business can be read.

In a running terminal a slip goes the way of every paper, with its record, so that the printer's count of cuts
stays right; the doctor, who has the printer for himself, prints none while such a record is open.
"""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from config.devices import Kind
from config.identifiers import uuid7
from config.words import words
from drivers.device import DeviceError
from kiosk.backstage import Backstage
from kiosk.devices.devices import Devices
from kiosk.documents import papers, picture_pdf
from kiosk.documents.receipts import Receipt, draw
from kiosk.printing.print_job import Printed, Printer, named_fault
from kiosk.printing.printing import (
    RECEIPT_CALL_SECONDS,
    RECEIPT_SECONDS,
    Order,
    for_printer,
    print_order,
    receipt_end,
    sealed_receipt,
)
from kiosk.printing.slips import at_the_mouth, has_mouth, watch
from kiosk.readiness.workplace import Allowed, Tried, Workplace

if TYPE_CHECKING:
    from PIL.Image import Image

SHEET_SECONDS = 90.0
MOUTH_SECONDS = 15.0  # for whoever takes the test slip; then it is drawn in
_LOOK_SECONDS = 0.2
_A4 = (210.0, 297.0)  # millimetres
_DOTS = 1240  # across an A4 page of 150 dots an inch
_MARGIN = 200  # dots above and below
_FENCE = b"TEST"


async def receipt(place: Workplace, name: str, allowed: Allowed) -> Tried:
    """A slip, printed and cut."""
    tried = words("doctor.tried_slip")
    if not allowed.paper:
        return Tried(words("doctor.tried_state"), untried=words("doctor.untried_paper"))
    if place.devices.pick(Kind.RECEIPT_PRINTER) != name:  # of two, papers go to the other one now
        return Tried(words("doctor.tried_state"), untried=words("doctor.untried_other"))
    printed = await place.print_slip(name, _slip(place, name))
    if printed.code == "print_under_way":
        return Tried(words("doctor.tried_state"), untried=words("doctor.untried_open_print"))
    if not printed.came:
        found = words("doctor.slip_unknown" if printed.state == "unknown" else "doctor.slip_failed")
        return Tried(tried, found, (printed.code or "receipt_failed",))
    return Tried(tried, words("doctor.slip_printed"))


async def sheet(place: Workplace, name: str, allowed: Allowed) -> Tried:
    """One page, which is out when the printer says so."""
    if not allowed.paper:
        return Tried(words("doctor.tried_state"), untried=words("doctor.untried_paper"))
    tried = words("doctor.tried_page")
    pdf = await asyncio.to_thread(page_of, [_slip(place, name)])
    printer = Printer(place.devices, Kind.A4_PRINTER, name)
    code = await print_page(printer, pdf)
    if code:
        return Tried(tried, words("doctor.page_failed"), (code,))
    return Tried(tried, words("doctor.page_printed"))


async def print_page(printer: Printer, pdf: bytes) -> str:
    """Prints a paper of the technician's own, of which nothing is kept; empty when it is out, else why."""
    try:
        job = await printer.ask("submit", pdf, uuid7(), seconds=30.0)
        end = time.monotonic() + SHEET_SECONDS
        while time.monotonic() < end:
            told = await printer.ask("job", job)
            if told.state == "completed":
                return ""
            if told.state == "unknown" or told.ended or not printer.ready:
                break
            await asyncio.sleep(_LOOK_SECONDS)
        if not told.ended:
            await printer.ask("cancel", job)
    except DeviceError as error:
        return error.code
    return named_fault(printer, told.reasons) or printer.fault or printer.failed


async def print_with_record(stage: Backstage, device: str, paper: Receipt) -> Printed:
    """On the roll of a running terminal, with the record that every paper has."""
    order = Order(f"terminal-{date.today().isoformat()}", "", "staff", uuid7())
    content = sealed_receipt(paper)
    return await at_the_mouth(stage, print_order(stage.devices, stage.ledger, order, content, keep=False))


async def print_alone(devices: Devices, device: str, paper: Receipt) -> Printed:
    """On a roll that no terminal has, straight through its driver."""
    printer = Printer(devices, Kind.RECEIPT_PRINTER, device)
    verb, drawn = await for_printer(printer, paper)
    try:
        await printer.ask(verb, drawn, _FENCE, RECEIPT_SECONDS, seconds=RECEIPT_CALL_SECONDS)
    except DeviceError as error:
        return receipt_end(error)
    if has_mouth(devices, device):
        await watch(devices, device, MOUTH_SECONDS)
    return Printed("confirmed")


def page_of(slips: list[Receipt]) -> bytes:
    """Papers of the roll as a PDF: each begins on an A4 page, and a long one goes on on the next."""
    from PIL import Image as images

    pages = []
    high = round(_DOTS * _A4[1] / _A4[0])
    for drawn in (piece for one in slips for piece in pieces(draw(one).convert("L"), high - 2 * _MARGIN)):
        page = images.new("RGB", (_DOTS, high), "white")
        page.paste(drawn.convert("RGB"), ((_DOTS - drawn.width) // 2, _MARGIN))
        told = io.BytesIO()
        page.save(told, "JPEG", quality=85)
        pages.append(picture_pdf.Sheet(told.getvalue(), page.width, page.height, _A4))
    return picture_pdf.document(pages)


def pieces(drawn: Image, room: int) -> Iterator[Image]:
    """A grey picture in pieces of at most `room` rows, cut between two lines of text where there is a gap."""
    top = 0
    while top < drawn.height:
        end = min(top + room, drawn.height)
        gaps = range(end, top + room // 2, -1) if end < drawn.height else ()
        empty = (y for y in gaps if drawn.crop((0, y - 1, drawn.width, y)).getextrema() == (255, 255))
        end = next(empty, end)
        yield drawn.crop((0, top, drawn.width, end))
        top = end


def _slip(place: Workplace, name: str) -> Receipt:
    rows = [(words("staff_slip.test_device").zh, name)]
    next = words("staff_slip.test_next").zh
    return papers.staff_slip(place, words("staff_slip.test_title").zh, rows, next)
