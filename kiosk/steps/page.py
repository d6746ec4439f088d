"""One page under the document camera: taken, looked at by the citizen, turned upright if need be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from config.faults import any_fault
from config.words import Words, words
from drivers.device import DeviceError
from kiosk.document_scan import HOLD, Scanner, same_side, shown, turned
from kiosk.documents import papers
from kiosk.prompts import Option, Picture, ScanDocument
from kiosk.visit import Visit

AGAIN, TURN = "rescan", "turn"


@dataclass(frozen=True)
class Wanted:
    """The page that is asked for. `ways` lead on from a page that is good, the first the main one."""

    asking: Words
    hint: Words  # until the camera says what the page wants
    taken: Words
    shape: Literal["a4", "card", "free"]
    ways: tuple[Option, ...]
    page: int = 1  # of so many, where that is known
    pages: int = 1
    unlike: bytes = b""  # the other side of the card: the same one again is told


async def one_page(visit: Visit, scanner: Scanner, wanted: Wanted) -> tuple[bytes, str]:
    """A page that the citizen is content with (a JPEG, upright), and the way chosen."""
    hint = wanted.hint
    while True:
        try:
            page = await _take(visit, scanner, wanted, hint)
        except DeviceError as error:
            await visit.tell_trouble(error.code, "again", "window", "home")
            continue
        page, way = await _content(visit, wanted, page)
        if way != AGAIN:
            return page, way
        hint = words("journey.scan_again")


def _still(picture: Picture) -> Callable[[], Picture]:
    return lambda: picture


async def _content(visit: Visit, wanted: Wanted, page: bytes) -> tuple[bytes, str]:
    """The page as the citizen wants it, and what he wants to do with it."""
    again = papers.option(AGAIN)
    same = bool(wanted.unlike) and await asyncio.to_thread(same_side, wanted.unlike, page)
    ways = (again, *wanted.ways) if same else (*wanted.ways, again)
    hint = words("copy.same_side" if same else "journey.scan_check")
    while True:
        picture = await asyncio.to_thread(shown, page)
        prompt = ScanDocument(
            question=wanted.taken,
            frames=_still(picture),
            hint=hint,
            page=wanted.page,
            pages=wanted.pages,
            actions=(*ways, papers.option(TURN)),
        )
        way = await visit.choose(prompt)
        if way != TURN:
            return page, way
        page = await asyncio.to_thread(turned, page)


async def _take(visit: Visit, scanner: Scanner, wanted: Wanted, hint: Words) -> bytes:
    """The next page that lies still and can be read."""

    def prompt(hint: Words) -> ScanDocument:
        return ScanDocument(wanted.asking, scanner.picture, hint, wanted.page, wanted.pages)

    def told(code: str) -> None:
        visit.show(prompt(words("journey.scan_hold") if code == HOLD else any_fault(code).citizen))

    page = await visit.ask_or(prompt(hint), scanner.take(wanted.shape, told))
    assert isinstance(page, bytes)
    return page
