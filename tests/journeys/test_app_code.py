"""Who comes with his phone only: the app's code, from the phone at the bench to the platform's row."""

from __future__ import annotations

from config.words import words
from kiosk.prompts import ChooseOne, Chosen, FillForm, HoldCode, PlaceCard
from tests.journeys.citizen import Citizen
from tests.journeys.conftest import Play
from tests.journeys.hall import Hall


def test_a_citizen_prints_his_proof_with_nothing_but_his_phone(hall: Hall, play: Play, kiosk: str) -> None:
    citizen = Citizen(hall, ways={PlaceCard: Chosen("other"), ChooseOne: Chosen("sms")})
    play(citizen)
    assert citizen.pages[3:7] == ["PlaceCard", "HoldCode", "ChooseOne", "EnterCode"]
    assert citizen.last(HoldCode).problem is None
    name = next(field for field in citizen.last(FillForm).fields if field.locked)
    assert (name.value, name.source) == ("张明远", words("identify.source_app"))
    (case,) = hall.rows(hall.platform_database, "SELECT means FROM cases WHERE terminal = ?", kiosk)
    assert case["means"] == "sms"
    assert "TakePaper" in citizen.pages
