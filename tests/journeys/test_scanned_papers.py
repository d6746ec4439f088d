"""A receipt of ours, held before the scanner, tells which case its progress is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from kiosk.prompts import Answer, CardScene, Chosen, Consent, Filled, FillForm, PlaceCard, ShowResult
from tests.journeys.citizen import Citizen
from tests.journeys.conftest import Play
from tests.journeys.hall import Hall, until


async def hold_up(citizen: Citizen, prompt: FillForm) -> Answer:
    """Scans the newest receipt where a code is taken; sends the form when its field is filled."""
    if not prompt.fields[0].scan:
        return await citizen.fill(prompt)
    if not prompt.scanned:
        await asyncio.sleep(0.2)  # a hand is not quicker
        await citizen.hold("scan_paper")  # the scanner answers
    return Filled({field.key: field.value for field in prompt.fields})


def test_of_two_cases_the_one_on_the_receipt_is_shown(hall: Hall, play: Play, kiosk: str) -> None:
    play(Citizen(hall, person="zhang", visits=2, ways={Consent: Chosen("other")}))
    sql = "SELECT case_no FROM cases WHERE terminal = ? ORDER BY accepted_at"
    older, newer = (row["case_no"] for row in hall.rows(hall.platform_database, sql, kiosk))
    citizen = Citizen(hall, person="zhang", service="ZH02", ways={FillForm: hold_up})
    play(citizen)
    form = citizen.last(FillForm)
    assert form.fields[0].value.startswith("1.2.156.3005.2."), "the certificate's number, out of the address"
    (row,) = citizen.last(ShowResult).rows
    assert newer in row.value.zh and older not in row.value.zh


class AtTheWindow(Citizen):
    """A citizen whose scanner types: its codes come through the window."""

    typed: Callable[[str], object] = staticmethod(lambda text: None)

    def on_code(self, listener: Callable[[str], object]) -> None:
        self.typed = listener


def test_a_scanner_that_types_fills_the_same_field(hall: Hall, play: Play) -> None:
    async def scan(citizen: AtTheWindow, prompt: FillForm) -> Answer:
        if prompt.scanned:
            return Filled({field.key: field.value for field in prompt.fields})
        while True:  # until the page goes: it may not be listened to at once
            await asyncio.sleep(0.2)
            citizen.typed("330100SB0119990101000001")

    citizen = AtTheWindow(hall, person="sun", service="ZH02", ways={FillForm: scan})  # type: ignore[dict-item]
    play(citizen, devices__code_scanner={"kind": "code_scanner", "driver": "code_scanner_keyboard"})
    assert citizen.last(FillForm).fields[0].value == "330100SB0119990101000001"
    assert not citizen.last(ShowResult).good, "nobody has such a case"


def test_the_light_of_the_card_reader_is_on_while_a_card_is_asked_for(hall: Hall, play: Play) -> None:
    lit: list[list[str]] = []

    def lights() -> list[str]:
        return [name for name, on in hall.state()["io_board"]["lights"].items() if on]

    async def look_then_lay(citizen: Citizen, prompt: PlaceCard) -> Any:
        if prompt.scene is CardScene.PLACE:
            lit.append(await asyncio.to_thread(until, lights, 60.0, "no light"))
        await citizen.lay_card(prompt)

    play(
        Citizen(hall, service="ZH02", ways={PlaceCard: look_then_lay}),
        after=lambda: until(lambda: not lights()),
    )
    assert lit == [["id_card_reader"]]
