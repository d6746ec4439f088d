"""A certificate of two pages is one sheet: what its table says travels to the printer with it."""

from __future__ import annotations

import hashlib

import httpx

from kiosk.prompts import FillForm, Guide
from tests.journeys.citizen import Citizen
from tests.journeys.conftest import Play
from tests.journeys.hall import Hall


def test_a_citizen_prints_his_pension_record_on_both_sides_of_a_sheet(
    hall: Hall, play: Play, kiosk: str
) -> None:
    hall.act("a4_printer", "take")
    citizen = Citizen(hall, person="wang", service="SB02")
    play(citizen)
    assert citizen.last(Guide).blocked is None
    (year,) = [field for field in citizen.last(FillForm).fields if field.key == "year"]
    assert year.value == "2025" and len(year.options) == 5, "the platform knows which years there are"
    (case,) = hall.rows(
        hall.platform_database, "SELECT * FROM cases WHERE terminal = ? AND service = 'SB02'", kiosk
    )
    (document,) = hall.rows(
        hall.platform_database, "SELECT * FROM documents WHERE case_no = ?", case["case_no"]
    )
    (page,) = hall.state()["a4_printer"]["pages"]
    assert page["of"] == 1, "one sheet of two pages: the printer was told"
    printed = httpx.get(f"{hall.bench}/paper/a4/{page['number']}.pdf", trust_env=False).content
    assert hashlib.sha256(printed).hexdigest() == document["sha256"] and document["pages"] == 2
