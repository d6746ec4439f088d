"""The originals of a copy: a card's sides, or page after page until the citizen says that it is all."""

from __future__ import annotations

import asyncio

from config.words import Words, words
from kiosk.document_scan import Scanner
from kiosk.documents import lettering, papers
from kiosk.documents.copy_order import PAGES, CopyOrder, order
from kiosk.steps.page import Wanted, one_page
from kiosk.visit import Visit

ENOUGH, ONE_SIDE = "enough", "one_side"


async def copy_scan(visit: Visit) -> None:
    """Takes the pages anew; they stand in the session afterwards. What cannot be printed is told before."""
    wanted = order(visit.service, visit.session.values)
    await _can_be_printed(visit, wanted)
    scanner = Scanner(visit.backstage.devices)
    visit.session.pages.clear()
    taken: list[bytes] = []
    way = ""
    try:
        while len(taken) < wanted.original.pages and way not in (ENOUGH, ONE_SIDE):
            page, way = await one_page(visit, scanner, _wanted(wanted, taken))
            taken.append(page)
            _remember_original(visit)
    finally:
        scanner.forget()
    visit.session.pages[PAGES] = tuple(taken)


async def _can_be_printed(visit: Visit, wanted: CopyOrder) -> None:
    """A purpose without words, or with a character of no font, leads back to the form."""
    problem: Words | None = None
    if wanted.unmarked:
        problem = words("copy.no_purpose")
    elif missing := await asyncio.to_thread(lettering.missing, wanted.purpose):  # reads fonts
        problem = words("copy.no_glyph", characters=missing)
    if problem is not None:
        await visit.tell_trouble("copy_purpose", "back", "home", what=problem)


def _wanted(wanted: CopyOrder, taken: list[bytes]) -> Wanted:
    number, most = len(taken) + 1, wanted.original.pages
    enough = papers.option(ENOUGH)
    if wanted.card:
        first = number == 1
        return Wanted(
            asking=words("copy.place", name=wanted.name) if first else words("copy.place_back"),
            hint=words("journey.scan_place" if first else "journey.scan_next"),
            taken=words("copy.taken_side"),
            shape="card",
            ways=(papers.option("other_side"), papers.option(ONE_SIDE)) if number < most else (enough,),
            unlike=b"" if first else taken[0],
        )
    asking = words("copy.place", name=wanted.name) if number == 1 else words("copy.place_page")
    return Wanted(
        asking=asking,
        hint=words("journey.scan_place" if number == 1 else "journey.scan_next"),
        taken=words("copy.taken"),
        shape=wanted.original.shape,
        ways=(enough, papers.option("next_page")) if number < most else (enough,),
    )


def _remember_original(visit: Visit) -> None:
    """However it ends, nobody leaves his papers under the camera unreminded."""
    reminder = words("copy.take_original")
    if reminder not in visit.reminders:
        visit.reminders.append(reminder)
