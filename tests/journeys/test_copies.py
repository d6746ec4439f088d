"""Cards and papers are copied at level 0: marked with their purpose, at their size, and nothing stays behind."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from kiosk.prompts import Answer, Chosen, Confirm, Filled, FillForm, ScanDocument, TakePaper
from tests.journeys import copied
from tests.journeys.citizen import Citizen
from tests.journeys.conftest import Play
from tests.journeys.hall import Hall, until

CARD = {"original": "card", "purpose": "school", "copies": "2"}


@pytest.fixture(autouse=True)
def tray(hall: Hall) -> Iterator[None]:
    """An empty tray, and an empty table under the camera."""
    hall.act("a4_printer", "take")
    hall.act("document_camera", "remove")
    yield
    hall.act("a4_printer", "take")
    hall.act("document_camera", "remove")


def out(hall: Hall) -> list[bytes]:
    """The PDFs in the tray."""
    pages = hall.state()["a4_printer"]["pages"]
    got = (httpx.get(f"{hall.bench}/paper/a4/{one['number']}.pdf", trust_env=False) for one in pages)
    return [answer.raise_for_status().content for answer in got]


class Papers:
    """Lays sheets under the camera in turn, and answers each preview; at the end the last one is taken."""

    def __init__(self, *sheets: str, ways: tuple[str, ...]) -> None:
        self._sheets, self._ways = list(sheets), list(ways)

    async def scan(self, citizen: Citizen, prompt: ScanDocument) -> Answer | None:
        if prompt.actions:
            return Chosen(self._ways.pop(0))
        await citizen.do("document_camera", "remove")
        await asyncio.sleep(0.4)  # a hand is as slow as that
        await citizen.do("document_camera", "put", sheet=self._sheets.pop(0))
        return None

    @staticmethod
    async def take(citizen: Citizen, prompt: TakePaper) -> Answer | None:
        if prompt.device == "document_camera":
            await citizen.do("document_camera", "remove")
            return None  # the camera sees it
        return Chosen("taken")


def fill(**values: str) -> Any:
    """The form with these answers, the first option of the rest."""

    async def way(citizen: Citizen, prompt: FillForm) -> Answer:
        filled = await citizen.fill(prompt)
        assert isinstance(filled, Filled)
        return Filled({**filled.values, **values})

    return way


def copier(hall: Hall, papers: Papers, more: dict[type, Any] | None = None, **values: str) -> Citizen:
    ways = {FillForm: fill(**values), ScanDocument: papers.scan, TakePaper: papers.take}
    return Citizen(hall, service="ZH05", ways={**ways, **(more or {})})


def test_a_card_comes_out_with_both_sides_at_its_true_size_marked_with_its_purpose(
    hall: Hall, play: Play
) -> None:
    citizen = copier(hall, Papers("card", "card_back", ways=("other_side", "enough")), **CARD)
    play(citizen)
    assert citizen.troubles() == []
    assert citizen.pages[-4:] == ["TakePaper", "Rate", "Goodbye", "Home"]
    assert citizen.pages.count("ScanDocument") == 1
    (pdf,) = out(hall)
    print(citizen.pages, len(pdf))
