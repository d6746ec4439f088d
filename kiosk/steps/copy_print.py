"""From *confirm* on: the copy is made, printed and handed over, and what it was made of is forgotten.

Printing is the terminal's own task. Pictures, purpose and PDF are in memory alone; once the paper is out, or
the session has ended, they are nowhere.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace

from config.devices import Kind
from config.words import words
from kiosk.document_scan import Scanner
from kiosk.documents import copying
from kiosk.documents.copy_order import PAGES, CopyOrder, order
from kiosk.printing import left_paper
from kiosk.printing.print_job import Printed
from kiosk.printing.print_wait import printing
from kiosk.printing.printing import print_photocopy
from kiosk.prompts import TakePaper, Working
from kiosk.session import Outcome
from kiosk.steps.copy_confirm import printer_ready
from kiosk.visit import Visit

USUAL_MAKING, USUAL_SHEET = 4, 4  # seconds, told while the citizen waits
GLANCE_SECONDS = 4.0  # for the camera to wake and see whether the table is empty


async def copy_print(visit: Visit) -> None:
    """Prints and hands over; a print that failed is tried again only when the citizen wants it."""
    await printer_ready(visit)
    wanted, pages = order(visit.service, visit.session.values), visit.session.pages.get(PAGES, ())
    sheets = 1 if wanted.card else len(pages)
    usual = USUAL_MAKING + USUAL_SHEET * sheets * wanted.copies
    while True:
        visit.reminders.append(words("copy.take"))
        async with printing(visit, Working(words("copy.printing"), usual, Kind.A4_PRINTER)):
            printed = await visit.shielded(_print(visit, wanted, pages))
        if printed.state == "confirmed":
            break
        visit.reminders.remove(words("copy.take"))
        await _tell_failed(visit, printed)
    visit.session.pages.clear()
    del pages  # the paper may lie in the tray for minutes
    visit.session.outcome = Outcome.COMPLETED
    await _hand_over(visit)


async def _print(visit: Visit, wanted: CopyOrder, pages: tuple[bytes, ...]) -> Printed:
    stage, today = visit.backstage, visit.backstage.today()
    session, service = visit.session.id, visit.service.id
    foot = words("copy.foot", hall=stage.settings.identity.hall_name, date=today.isoformat()).zh
    pdf = await asyncio.to_thread(copying.make, pages, wanted.card, wanted.mark(today), foot)
    layout = wanted.layout(1 if wanted.card else len(pages))
    printed = await print_photocopy(stage.devices, stage.ledger, session, service, pdf, layout)
    if printed.code == "a4_layout" and layout.sides != "one-sided":  # refused before a sheet has moved
        layout = replace(layout, sides="one-sided")
        printed = await print_photocopy(stage.devices, stage.ledger, session, service, pdf, layout)
    return printed


async def _tell_failed(visit: Visit, printed: Printed) -> None:
    """Returns when the citizen wants it printed again; raises on every other way."""
    visit.session.outcome = Outcome.FAILED
    ways = ("again", "home") if printed.state == "failed" else ("home",)
    await visit.tell_trouble(printed.code or "a4_failed", *ways, safe=words("copy.not_kept"))
    await printer_ready(visit)


async def _hand_over(visit: Visit) -> None:
    """The copies, then the original if one still lies under the camera; who is told needs no reminder."""
    scanner = Scanner(visit.backstage.devices)
    looking = asyncio.ensure_future(_is_empty(scanner))
    try:
        await left_paper.hand_over(
            visit, TakePaper(words("copy.take"), Kind.A4_PRINTER, words("copy.take_note"))
        )
        visit.reminders.remove(words("copy.take"))
        if not await looking:
            prompt = TakePaper(
                words("copy.take_original"), Kind.DOCUMENT_CAMERA, words("copy.take_original_note")
            )
            await visit.ask_or(prompt, scanner.emptied())
        with contextlib.suppress(ValueError):
            visit.reminders.remove(words("copy.take_original"))
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


async def _is_empty(scanner: Scanner) -> bool:
    """Whether nothing lies under the camera, as far as it can tell."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(GLANCE_SECONDS):
            return await scanner.is_empty()
    return False
