"""The papers that the citizen brings: each page is laid under the camera, taken, and looked at."""

from __future__ import annotations

import asyncio

from config.faults import any_fault
from config.service import MaterialSpec
from config.words import Words, words
from drivers.device import DeviceError
from kiosk import papers
from kiosk.document_scan import HOLD, Scanner, shown
from kiosk.prompts import ScanDocument
from kiosk.visit import Visit


async def scan(visit: Visit) -> None:
    """Takes every page of every material anew; they stand in the session afterwards."""
    scanner = Scanner(visit.backstage.devices)
    visit.session.pages.clear()
    try:
        for material in visit.service.materials:
            taken: list[bytes] = []
            while len(taken) < material.pages:
                taken.append(await _page(visit, scanner, material, len(taken) + 1))
            visit.session.pages[material.key] = tuple(taken)
    finally:
        scanner.forget()


async def _page(visit: Visit, scanner: Scanner, material: MaterialSpec, number: int) -> bytes:
    """One page that the citizen is content with."""
    first = number == 1 and not visit.session.pages
    hint = words("journey.scan_place" if first else "journey.scan_next")
    while True:
        try:
            page = await _take(visit, scanner, material, number, hint)
        except DeviceError as error:
            await visit.tell_trouble(error.code, "again", "window", "home")
            continue
        if await _content(visit, material, number, page):
            return page
        hint = words("journey.scan_again")


async def _content(visit: Visit, material: MaterialSpec, number: int, page: bytes) -> bool:
    """Whether the citizen, shown the page, wants to use it."""
    picture = await asyncio.to_thread(shown, page)
    prompt = ScanDocument(
        question=words("journey.scan_taken", name=material.name),
        frames=lambda: picture,
        hint=words("journey.scan_check"),
        page=number,
        pages=material.pages,
        actions=(papers.option("use"), papers.option("rescan")),
    )
    return await visit.choose(prompt) == "use"


async def _take(visit: Visit, scanner: Scanner, material: MaterialSpec, number: int, hint: Words) -> bytes:
    """The next page that lies still and can be read."""

    def prompt(hint: Words) -> ScanDocument:
        question = words("journey.scan_question", name=material.name)
        return ScanDocument(question, scanner.picture, hint, number, material.pages)

    def told(code: str) -> None:
        visit.show(prompt(words("journey.scan_hold") if code == HOLD else any_fault(code).citizen))

    page = await visit.ask_or(prompt(hint), scanner.take(material.shape, told))
    assert isinstance(page, bytes)
    return page
