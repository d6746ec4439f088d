"""Whole journeys through the real core: what a citizen meets, and what is left behind."""

from __future__ import annotations

from kiosk.prompts import FillForm, Guide, TakePaper
from tests.journeys.citizen import Citizen
from tests.journeys.conftest import Play
from tests.journeys.hall import Hall, until


def test_a_citizen_prints_his_proof_of_insurance(hall: Hall, play: Play, kiosk: str) -> None:
    citizen = Citizen(hall)
    play(citizen, after=lambda: until(lambda: _stored(hall, kiosk, "hall.rating.given")))
    assert citizen.pages == [
        "Home",
        "ChooseService",
        "Guide",
        "PlaceCard",
        "Consent",
        "LookAtCamera",
        "FillForm",
        "Confirm",
        "Working",
        "TakePaper",
        "Rate",
        "Goodbye",
        "Home",
    ]
    assert citizen.last(Guide).blocked is None
    locked = {field.key: field.value for field in citizen.last(FillForm).fields if field.locked}
    assert locked["name"] == "张明远"
    assert "*" in locked["number"]
    assert citizen.last(TakePaper).note is None


def _stored(hall: Hall, kiosk: str, type: str) -> list[dict[str, object]]:
    return hall.rows(
        hall.hall_database, "SELECT * FROM messages WHERE terminal LIKE ? AND type = ?", f"%{kiosk}", type
    )
