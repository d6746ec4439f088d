"""Cards and papers are copied at level 0: marked with their purpose, at their size; nothing stays behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kiosk.prompts import Answer, Chosen, Confirm, Goodbye, ScanDocument, TakePaper, Trouble
from tests.journeys.citizen import HOME, Citizen
from tests.journeys.conftest import Play
from tests.journeys.copier import Papers, cards, copier, ink, pages, tray
from tests.journeys.faults import noticed
from tests.journeys.hall import Hall, until
from tests.journeys.traces import search

PURPOSE = "办理𠮷宅过户"
CARD = {"original": "card", "purpose": "other", "purpose_words": PURPOSE, "copies": "2"}
SAME_SIDE = "看起来和刚才是同一面，请翻到另一面"


@pytest.fixture(autouse=True)
def empty(hall: Hall) -> Iterator[None]:
    """Tray and table are empty before and after."""
    _clear(hall)
    yield
    _clear(hall)


def test_a_card_comes_out_with_both_sides_at_its_true_size_and_its_purpose_across(
    hall: Hall, play: Play, kiosk: str
) -> None:
    """Of the first print nothing comes out; it is printed again because the citizen wants it."""
    hall.act("a4_printer", "abort_next")
    papers = Papers("card", "card", "card_back", ways=("other_side", "rescan", "enough"))
    citizen = copier(hall, papers, CARD)
    settings = play(citizen, after=lambda: until(lambda: len(_told(hall, kiosk)) == 2, why="not told"))
    assert citizen.troubles() == ["a4_failed"]
    assert papers.hints[1] == SAME_SIDE and SAME_SIDE not in (papers.hints[0], papers.hints[2])
    assert "PlaceCard" not in citizen.pages, "nobody needs to say who he is"
    taken = [prompt.device for prompt in citizen.trail if isinstance(prompt, TakePaper)]
    assert taken == ["a4_printer", "document_camera"], "the original is not forgotten"
    assert citizen.last(Goodbye).reminders == (), "and then nothing is left to remind of"

    (job,) = tray(hall)
    assert (job["sheets"], job["of"]) == (2, 2), "two copies of one sheet"
    (page,) = pages(job["pdf"])
    sides = cards(page)
    assert len(sides) == 2
    for x, y, width, height in sides:
        assert abs(width - 85.6) < 1 and abs(height - 54.0) < 1
        for strip in ((x, y, 7, height), (x, y + height - 4, width, 4)):  # where the card has no print
            assert ink(page, *strip) > 0.02, "the purpose runs to the card's very edges"
    assert PURPOSE in citizen.last(Confirm).rows[-1].value.zh

    told = ("copy", "a4_printer", "", "ZH05")
    assert _told(hall, kiosk) == [("failed", *told), ("confirmed", *told)]
    assert search(settings.data, [PURPOSE]) == [], "neither its words nor a picture of it"


def test_with_platform_and_line_down_pages_are_copied_upright_on_both_sides(
    hall: Hall, play: Play, kiosk: str
) -> None:
    """The second sheet is changed while the first is still being looked at; then the paper runs out."""
    before: list[str] = []
    papers = Papers(
        "form", "=letter", "form", ways=("turn", "turn", "turn", "next_page", "next_page", "enough")
    )

    async def use_up_the_paper(citizen: Citizen, prompt: ScanDocument) -> Answer | None:
        if prompt.actions and len(papers.hints) == 5:
            await citizen.do("a4_printer", "paper_out")
            await noticed(hall, kiosk, "a4_printer", "a4_paper_out")
        return await papers.scan(citizen, prompt)

    async def fill_up(citizen: Citizen, prompt: Trouble) -> Answer:
        before.extend(citizen.pages)
        await citizen.do("a4_printer", "refill")
        await noticed(hall, kiosk, "a4_printer", "a4_paper_out", there=False)
        return Chosen("again")

    ways = {Trouble: fill_up, ScanDocument: use_up_the_paper}
    citizen = copier(hall, papers, {"original": "paper", "purpose": "none", "sides": "two"}, ways=ways)
    for name in ("platform", "broker"):
        hall.children[name].stop()
    play(citizen)
    assert set(citizen.troubles()) == {"a4_paper_out"}
    assert "Trouble" in before and "Confirm" not in before, "told before anything is confirmed"
    (job,) = tray(hall)
    assert job["sheets"] == 2
    first, second, third = pages(job["pdf"])
    assert first.shape == second.shape == third.shape
    assert first.shape[0] > first.shape[1], "all sheets stand"
    assert ink(first, 30, 8, 150, 5) == 0, "no words across it"
    assert ink(first, 30, 25, 40, 60) > 0.01, "its print is where one who reads it begins"
    assert abs(first.astype(int) - second).mean() > 5, "another sheet, though nobody lifted the first"


def test_who_goes_away_leaves_nothing_and_is_reminded_of_the_original(hall: Hall, play: Play) -> None:
    citizen = copier(hall, Papers("card", ways=("one_side",)), CARD, ways={Confirm: HOME})
    settings = play(citizen)
    assert [reminder.zh for reminder in citizen.last(Goodbye).reminders] == ["请取走您的原件"]
    assert tray(hall) == []
    assert search(settings.data, [PURPOSE]) == []


def _clear(hall: Hall) -> None:
    hall.act("a4_printer", "take")
    hall.act("document_camera", "remove")


def _told(hall: Hall, kiosk: str) -> list[tuple[str, ...]]:
    """What the hall heard of this terminal's prints."""
    sql = "SELECT state, document, device, number, service FROM prints WHERE terminal LIKE ? ORDER BY at"
    return [tuple(row.values()) for row in hall.rows(hall.hall_database, sql, f"%/{kiosk}")]
