"""A certificate that comes out where the tray has a sensor: taken by its owner, or left there."""

from __future__ import annotations

from typing import Any

from config.words import words
from kiosk.prompts import Answer, TakePaper
from tests.journeys.citizen import Citizen
from tests.journeys.conftest import Play
from tests.journeys.hall import Hall, until

SENSOR: dict[str, Any] = {"devices__io_board__options__inputs": {"tray": 2}}


def told(hall: Hall, kiosk: str) -> list[tuple[str, bool]]:
    """The hall's faults of paper that was left: device, and whether it is open."""
    query = "SELECT device, open FROM faults WHERE code = 'paper_left' AND terminal LIKE ?"
    return [(row["device"], bool(row["open"])) for row in hall.rows(hall.hall_database, query, f"%/{kiosk}")]


def test_whoever_takes_his_paper_touches_nothing_more(hall: Hall, play: Play, kiosk: str) -> None:
    async def take(citizen: Citizen, prompt: TakePaper) -> Answer | None:
        await citizen.do("a4_printer", "take")
        return None  # waits: the page ends by itself

    hall.act("a4_printer", "take")
    citizen = Citizen(hall, ways={TakePaper: take})
    play(citizen, **SENSOR)
    assert citizen.pages[-4:] == ["TakePaper", "Rate", "Goodbye", "Home"]
    assert told(hall, kiosk) == []


def test_what_is_left_there_is_told_to_the_hall_until_somebody_takes_it(
    hall: Hall, play: Play, kiosk: str
) -> None:
    def staff_come() -> None:
        until(lambda: told(hall, kiosk) == [("a4_printer", True)])
        hall.act("a4_printer", "take")
        until(lambda: told(hall, kiosk) == [("a4_printer", False)])

    hall.act("a4_printer", "take")
    citizen = Citizen(hall)  # says that he has it, twice
    play(citizen, after=staff_come, **SENSOR)
    asked = [prompt.question for prompt in citizen.trail if isinstance(prompt, TakePaper)]
    assert asked == [words("journey.take_certificate"), words("journey.take_left")]
