"""The last page before a copy is printed; whether there is paper is known before it."""

from __future__ import annotations

from config.devices import Kind
from config.words import Words, same, words
from kiosk.documents.copy_order import PAGES, CopyOrder, order
from kiosk.printing import left_paper
from kiosk.prompts import Confirm, Row
from kiosk.visit import Visit


async def copy_confirm(visit: Visit) -> None:
    """Asks for the confirmation: what is copied, what stands across it, how often."""
    await left_paper.look(visit.backstage)
    await printer_ready(visit)
    wanted = order(visit.service, visit.session.values)
    mark = wanted.mark(visit.backstage.today())
    pages = len(visit.session.pages.get(PAGES, ()))
    await visit.choose(
        Confirm(
            question=words("copy.confirm_question"),
            rows=(
                Row(words("copy.row_original"), wanted.name),
                Row(words("copy.row_pages"), _pages(wanted, pages)),
                Row(words("copy.row_copies"), words("copy.copies", copies=wanted.copies)),
                Row(words("copy.row_mark"), same(mark) if mark else words("copy.no_mark")),
            ),
            action=visit.service.action,
            note=words("copy.confirm_note"),
        )
    )


async def printer_ready(visit: Visit) -> None:
    """Tells of an empty tray before anything is printed. The camera has done its part by now."""
    devices = visit.backstage.devices
    while not devices.ready(Kind.A4_PRINTER):
        await visit.tell_trouble(devices.fault(Kind.A4_PRINTER), "again", "home", safe=words("copy.not_kept"))


def _pages(wanted: CopyOrder, pages: int) -> Words:
    if wanted.card:
        return words("copy.one_sheet", pages=pages)
    both = wanted.layout(pages).sides != "one-sided"
    return words("copy.two_sided" if both else "copy.pages", pages=pages)
