"""The terminal's own papers: printed, handed over, and not left in the mouth for the next person to read.

A printer with a presenter tells when its paper is taken. What nobody takes is drawn back in after a while,
also when the session has ended meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import structlog

from config.devices import Kind, Media
from drivers.device import DeviceError
from kiosk.backstage import Backstage
from kiosk.data.ledger import OpenRecord
from kiosk.devices.devices import Devices
from kiosk.documents.receipts import Receipt, with_geta, without_glyph
from kiosk.printing.print_job import Printed
from kiosk.printing.printing import print_receipt
from kiosk.printing.unfinished import resolve
from kiosk.prompts import TakePaper
from kiosk.stage import ask_or
from kiosk.visit import Visit

LEFT_SECONDS = 30.0  # in the mouth; then it is drawn back in
UNWATCHED_SECONDS = 3.0  # for a hand that reaches for it all the same
_LOOK_SECONDS, _PAUSE_SECONDS = 1.0, 0.3
_log = structlog.get_logger("kiosk")


async def print_slip(visit: Visit, document: str, receipt: Receipt) -> Printed:
    """Prints it. From then on the mouth is watched, if the printer has one.

    A character that no font has is an error of the terminal: it is told, and a 〓 stands on the paper.
    """
    return await at_the_mouth(visit.backstage, _print(visit, document, receipt))


async def _print(visit: Visit, document: str, receipt: Receipt) -> Printed:
    stage, session = visit.backstage, visit.session.id
    if await asyncio.to_thread(without_glyph, receipt):
        stage.set_fault("receipt_glyph_missing", True)
        receipt = with_geta(receipt)
    return await print_receipt(stage.devices, stage.ledger, session, visit.service.id, document, receipt)


async def at_the_mouth(stage: Backstage, printing: Coroutine[Any, Any, Printed]) -> Printed:
    """Prints on the receipt roll when no other does, and has the mouth watched then."""
    async with stage.mouth.lock:
        await stage.mouth.forget()  # what the one before left there the printer draws in by itself
        printed = await printing
        if printed.state == "confirmed" and has_mouth(stage.devices, printed.device):
            stage.mouth.device = printed.device
            stage.mouth.watching = stage.doings.start(watch(stage.devices, printed.device))
    return printed


async def settle_slip(stage: Backstage, record: OpenRecord) -> bool:
    """Settles a receipt that a stop left open, unless the next person's paper lies in the mouth.

    What hangs there is severed and drawn in. False: not now.
    """
    async with stage.mouth.lock:
        return not stage.mouth.watched and await resolve(stage.devices, stage.ledger, record)


async def put_away(stage: Backstage) -> None:
    """Draws in what lies in the mouth, at once: the terminal stops, and nobody would watch it any more."""
    if not stage.mouth.watched:
        return
    await stage.mouth.forget()
    try:
        await stage.devices.call(Kind.RECEIPT_PRINTER, "retract", seconds=10.0, device=stage.mouth.device)
    except DeviceError as error:
        _log.warning("a receipt was left in the mouth", code=error.code)


def left_in_a_mouth(stage: Backstage) -> str:
    """The printer in whose mouth paper lies that nobody watches, as after a kill; empty for none."""
    if stage.mouth.watched or stage.mouth.lock.locked():
        return ""
    for name, (_, state) in stage.devices.states().items():
        if state.media is Media.PRESENT and state.ready and has_mouth(stage.devices, name):
            return name
    return ""


async def draw_in(stage: Backstage, device: str) -> None:
    """Draws in what nobody watches, unless it has just been taken: it is a former person's."""
    async with stage.mouth.lock:
        if not stage.mouth.watched:
            await watch(stage.devices, device, UNWATCHED_SECONDS)


async def hand_over(visit: Visit, prompt: TakePaper) -> None:
    """Asks to take the paper; with a presenter the question ends by itself when it has been taken."""
    watching = visit.backstage.mouth.watching
    if watching is None:
        await visit.choose(prompt)
    else:
        await ask_or(visit.stage, prompt, visit.place, asyncio.wait({watching}))  # never cancelled with it


def has_mouth(devices: Devices, device: str) -> bool:
    """Whether the receipt printer of this name keeps its paper in a presenter."""
    kind, state = devices.states().get(device, (None, None))
    return state is not None and kind is Kind.RECEIPT_PRINTER and state.media is not Media.NOT_SUPPORTED


async def watch(devices: Devices, device: str = "", left_seconds: float = LEFT_SECONDS) -> bool:
    """True when the paper has been taken; False when it was left, and drawn in."""
    end = time.monotonic() + left_seconds
    while time.monotonic() < end:
        try:
            if await devices.call(Kind.RECEIPT_PRINTER, "taken", _LOOK_SECONDS, seconds=20.0, device=device):
                return True
        except DeviceError:
            pass  # it is told elsewhere; the paper may still be there when it comes back
        await asyncio.sleep(_PAUSE_SECONDS)
    try:
        await devices.call(Kind.RECEIPT_PRINTER, "retract", seconds=20.0, device=device)
        _log.info("a receipt that nobody took was drawn in")
    except DeviceError as error:
        _log.warning("a receipt that nobody took could not be drawn in", code=error.code)
    return False
