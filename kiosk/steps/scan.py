"""The papers that the citizen brings: each page is laid under the camera, taken, and looked at."""

from __future__ import annotations

from collections.abc import Sequence

from config.materials import MaterialSpec
from config.words import words
from kiosk.document_scan import Scanner
from kiosk.documents import papers
from kiosk.steps.page import Wanted, one_page
from kiosk.visit import Visit


async def scan(visit: Visit, wanted: Sequence[MaterialSpec]) -> None:
    """Takes every page of these materials anew; each stands in the session when it is whole."""
    scanner = Scanner(visit.backstage.devices)
    for material in wanted:
        visit.session.pages.pop(material.key, None)
    try:
        for material in wanted:
            taken: list[bytes] = []
            while len(taken) < material.pages:
                page, _ = await one_page(visit, scanner, _wanted(visit, material, len(taken) + 1))
                taken.append(page)
            visit.session.pages[material.key] = tuple(taken)
    finally:
        scanner.forget()


def _wanted(visit: Visit, material: MaterialSpec, number: int) -> Wanted:
    first = number == 1 and not visit.session.pages
    return Wanted(
        asking=words("journey.scan_question", name=material.name),
        hint=words("journey.scan_place" if first else "journey.scan_next"),
        taken=words("journey.scan_taken", name=material.name),
        shape=material.shape,
        ways=(papers.option("use"),),
        page=number,
        pages=material.pages,
    )
