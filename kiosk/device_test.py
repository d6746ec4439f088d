"""Trying one device because the hall asks for it: what each kind does that harms nobody.

A printer prints a slip that says TEST, a camera grabs one picture, a speaker says a word, a board tells its
contacts; every other kind, and any that must not be tried blindly, tells its state.
"""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import date

from config.devices import Availability, Kind
from config.identifiers import uuid7
from config.words import words
from drivers.device import DeviceError
from kiosk import papers, picture_pdf
from kiosk.backstage import Backstage
from kiosk.command_desk import NotDone
from kiosk.printing import Order, print_order, sealed_receipt
from kiosk.receipts import Receipt, draw
from kiosk.slips import at_the_mouth

PICTURE_SECONDS = 15.0  # for a camera that slept
SHEET_SECONDS = 90.0
SAY_SECONDS = 6.0
_LOOK_SECONDS = 0.2
_A4 = (210.0, 297.0)  # millimetres
_DOTS = 1240  # across an A4 page of 150 dots an inch


async def test_device(stage: Backstage, name: str) -> str:
    """Tries the device of this name in the settings; says in a few words what was found.

    NotDone `device_absent` when there is none of that name, or the fault of one that is not ready.
    DeviceError of the driver.
    """
    if name not in stage.devices.states():
        raise NotDone("device_absent", name)
    kind, state = stage.devices.states()[name]
    if state.availability not in (Availability.ONLINE, Availability.BUSY):
        raise NotDone(state.faults[0] if state.faults else "device_offline", state.detail)
    return await _TESTS.get(kind, _status)(stage, name)


async def _status(stage: Backstage, name: str) -> str:
    """Its state as the last poll found it, which is seconds old."""
    _, state = stage.devices.states()[name]
    return " ".join([str(state.availability), *state.faults])


def _slip(stage: Backstage, name: str) -> Receipt:
    rows = [(words("staff_slip.test_device").zh, name)]
    next = words("staff_slip.test_next").zh
    return papers.staff_slip(stage, words("staff_slip.test_title").zh, rows, next)


async def _receipt(stage: Backstage, name: str) -> str:
    """By the same way as every paper, so that the printer's count of cuts stays right."""
    if stage.devices.pick(Kind.RECEIPT_PRINTER) != name:
        return await _status(stage, name)  # of two, papers go to the other one now
    order = Order(f"terminal-{date.today().isoformat()}", "", "staff", uuid7())
    paper = sealed_receipt(_slip(stage, name))
    printed = await at_the_mouth(stage, print_order(stage.devices, stage.ledger, order, paper, keep=False))
    if printed.state != "confirmed":
        raise NotDone(printed.code or "receipt_failed", printed.state)
    return "slip printed"


async def _sheet(stage: Backstage, name: str) -> str:
    """One page that says TEST; done when the printer says that it is out."""
    pdf = await asyncio.to_thread(_test_page, _slip(stage, name))
    job = await stage.devices.call(Kind.A4_PRINTER, "submit", pdf, uuid7(), seconds=30.0, device=name)
    end = time.monotonic() + SHEET_SECONDS
    while time.monotonic() < end:
        told = await stage.devices.call(Kind.A4_PRINTER, "job", job, seconds=15.0, device=name)
        if told.state == "completed":
            return "page printed"
        if told.state in ("aborted", "canceled"):
            raise NotDone("a4_failed", told.state)
        await asyncio.sleep(_LOOK_SECONDS)
    await stage.devices.call(Kind.A4_PRINTER, "cancel", job, seconds=15.0, device=name)
    raise NotDone("a4_failed", "not out in time")


def _test_page(receipt: Receipt) -> bytes:
    """The slip on an A4 page, as a PDF."""
    from PIL import Image

    slip = draw(receipt).convert("RGB")
    page = Image.new("RGB", (_DOTS, round(_DOTS * _A4[1] / _A4[0])), "white")
    page.paste(slip, ((_DOTS - slip.width) // 2, 200))
    told = io.BytesIO()
    page.save(told, "JPEG", quality=85)
    return picture_pdf.document([picture_pdf.Sheet(told.getvalue(), page.width, page.height, _A4)])


def _picture(kind: Kind) -> Callable[[Backstage, str], Awaitable[str]]:
    async def look(stage: Backstage, name: str) -> str:
        """One picture, which nobody looks at: its size is told."""
        end = time.monotonic() + PICTURE_SECONDS
        while time.monotonic() < end:
            frame = await stage.devices.call(kind, "latest", seconds=PICTURE_SECONDS, device=name)
            if frame is not None:
                height, width, *_ = frame.image.shape
                return f"picture {width}x{height}"
            await asyncio.sleep(_LOOK_SECONDS)
        raise DeviceError("device_timeout", f"{kind}.latest")

    return look


async def _say(stage: Backstage, name: str) -> str:
    language = stage.settings.screen.language
    said = (words("journey.aloud_test")[language], language, SAY_SECONDS)
    await stage.devices.call(Kind.SPEAKER, "say", *said, seconds=2 * SAY_SECONDS, device=name)
    return "a word said"


async def _contacts(stage: Backstage, name: str) -> str:
    inputs = await stage.devices.call(Kind.IO_BOARD, "inputs", seconds=5.0, device=name)
    return " ".join(f"{contact}={int(closed)}" for contact, closed in sorted(inputs.items())) or "online"


# A special printer is not here: its blanks are numbered, and none is spent on a test.
_TESTS: Mapping[Kind, Callable[[Backstage, str], Awaitable[str]]] = {
    Kind.RECEIPT_PRINTER: _receipt,
    Kind.A4_PRINTER: _sheet,
    Kind.PERSON_CAMERA: _picture(Kind.PERSON_CAMERA),
    Kind.DOCUMENT_CAMERA: _picture(Kind.DOCUMENT_CAMERA),
    Kind.SPEAKER: _say,
    Kind.IO_BOARD: _contacts,
}
