"""Whole journeys through the real core: what a citizen meets, and what is left behind."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import httpx
import pytest

from config.words import words
from kiosk.prompts import (
    CardScene,
    ChooseOne,
    ChooseService,
    Chosen,
    Confirm,
    Consent,
    EnterCode,
    FillForm,
    Guide,
    Home,
    LookAtCamera,
    PlaceCard,
    Rate,
    ShowResult,
    TakePaper,
    Trouble,
)
from kiosk.stage import GoHome
from tests.journeys.citizen import BACK, HOME, Citizen
from tests.journeys.conftest import Play
from tests.journeys.faults import seen
from tests.journeys.hall import Hall, until

WHOLE = [
    "Home",
    "ChooseService",
    "Guide",
    "PlaceCard",
    "ChooseOne",
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


def test_a_citizen_prints_his_proof_of_insurance(hall: Hall, play: Play, kiosk: str) -> None:
    citizen = Citizen(hall)
    play(citizen, after=lambda: told(hall, kiosk, "hall.session.ended"))
    assert citizen.pages == WHOLE
    assert citizen.last(Guide).blocked is None
    locked = {field.key: field.value for field in citizen.last(FillForm).fields if field.locked}
    assert locked["name"] == "张明远"
    assert "*" in locked["number"]
    assert citizen.last(TakePaper).note is None
    (case,) = hall.rows(hall.hall_database, "SELECT * FROM cases WHERE terminal LIKE ?", f"%/{kiosk}")
    assert (case["service"], case["state"]) == ("SB01", "accepted")
    prints = hall.rows(hall.hall_database, "SELECT * FROM prints WHERE terminal LIKE ?", f"%/{kiosk}")
    assert sorted((p["document"], p["state"]) for p in prints) == [
        ("certificate", "confirmed"),
        ("receipt", "confirmed"),
    ]
    (rating,) = hall.rows(hall.hall_database, "SELECT * FROM ratings WHERE terminal LIKE ?", f"%/{kiosk}")
    assert rating["stars"] == 5
    assert rating["case_no"] == case["case_no"]


def test_the_paper_is_the_platforms_own_bytes(hall: Hall, play: Play, kiosk: str) -> None:
    hall.act("a4_printer", "take")
    play(Citizen(hall))
    (page,) = hall.state()["a4_printer"]["pages"]
    printed = httpx.get(f"{hall.bench}/paper/a4/{page['number']}.pdf", trust_env=False).content
    (issued,) = hall.rows(
        hall.platform_database,
        "SELECT d.sha256 FROM documents d JOIN cases c USING (case_no) WHERE c.terminal = ?",
        kiosk,
    )
    assert hashlib.sha256(printed).hexdigest() == issued["sha256"]


def test_who_does_not_consent_to_the_face_check_gets_a_code(hall: Hall, play: Play) -> None:
    citizen = Citizen(hall, ways={Consent: Chosen("other")})
    play(citizen)
    assert "LookAtCamera" not in citizen.pages
    after = citizen.pages[citizen.pages.index("Consent") :]
    assert after[1:3] == ["ChooseOne", "EnterCode"]
    assert "TakePaper" in citizen.pages


def test_a_wrong_code_is_told_with_the_tries_that_are_left(hall: Hall, play: Play) -> None:
    citizen = Citizen(hall, ways={Consent: Chosen("other"), EnterCode: [Chosen("000000"), Citizen.read_code]})
    play(citizen)
    assert citizen.last(EnterCode).problem is not None
    assert "TakePaper" in citizen.pages


def test_another_face_is_refused_three_times_and_then_another_way_is_offered(hall: Hall, play: Play) -> None:
    citizen = Citizen(hall)
    citizen.before_camera = "person-b-1"
    hall.act("person_camera", "show", who="person-b-1")  # before the first frame is looked at
    play(citizen)
    attempts = [page.attempt for page in citizen.trail if isinstance(page, LookAtCamera)]
    assert sorted(set(attempts)) == [1, 2, 3]
    assert citizen.troubles() == ["face_mismatch"]
    after = citizen.pages[citizen.pages.index("Trouble") :]
    assert after[1:3] == ["ChooseOne", "EnterCode"]
    assert "TakePaper" in citizen.pages


def test_who_has_no_photograph_on_file_is_led_to_the_code(hall: Hall, play: Play) -> None:
    citizen = Citizen(hall, person="chen")
    play(citizen)
    assert citizen.troubles() == ["face_no_reference"]
    assert "EnterCode" in citizen.pages
    locked = {field.key: field.value for field in citizen.last(FillForm).fields if field.locked}
    assert locked["name"] == "陈𬭩"


def test_an_expired_card_is_refused_before_anything_is_asked(hall: Hall, play: Play) -> None:
    citizen = Citizen(hall, person="zhou", ways={Trouble: Chosen("window")})
    play(citizen)
    assert citizen.troubles() == ["id_expired"]
    assert "Consent" not in citizen.pages


def test_who_is_too_young_is_told_the_rule_before_the_form(hall: Hall, play: Play) -> None:
    citizen = Citizen(hall, person="xu")
    play(citizen)
    assert "16" in citizen.last(Trouble).what.zh
    assert "FillForm" not in citizen.pages


@pytest.mark.parametrize("damage", ["checksum", "cut", "garbage"])
def test_a_damaged_frame_is_never_taken_for_a_card(hall: Hall, play: Play, damage: str) -> None:
    async def damaged(citizen: Citizen, prompt: PlaceCard) -> None:
        await citizen.do("id_card_reader", "damage_next", how=damage)
        await citizen.lay_card(prompt)

    citizen = Citizen(hall, ways={PlaceCard: [damaged, Citizen.lay_card], Consent: Chosen("other")})
    play(citizen)
    locked = {field.key: field.value for field in citizen.last(FillForm).fields if field.locked}
    assert locked["name"] == "张明远"


def test_a_card_that_will_not_be_read_leads_to_the_window_after_two_tries(hall: Hall, play: Play) -> None:
    async def damaged(citizen: Citizen, prompt: PlaceCard) -> Any:
        if prompt.other == words("identify.other_way"):
            return Chosen("other")
        await citizen.do("id_card_reader", "damage_next", how="checksum")
        await citizen.lay_card(prompt)
        return None

    citizen = Citizen(hall, ways={PlaceCard: damaged, ChooseOne: Chosen("window")})
    play(citizen)
    assert citizen.last(PlaceCard).scene is CardScene.REFUSED
    assert citizen.troubles() == ["id_unreadable"]
    assert "Consent" not in citizen.pages


def test_without_paper_the_service_is_greyed_before_anybody_identifies_himself(
    hall: Hall, play: Play, kiosk: str
) -> None:
    hall.act("a4_printer", "paper_out")
    citizen = Citizen(hall)
    citizen.patient = False

    def look_long(citizen: Citizen, prompt: Home) -> Any:
        async def wait() -> Chosen | None:
            await seen(hall, kiosk, "a4_paper_out")  # the devices open behind the home page
            return await citizen.home(prompt)  # type: ignore[return-value]

        return wait()

    async def look_until_all_devices_have_opened(citizen: Citizen, prompt: ChooseService) -> GoHome:
        async with asyncio.timeout(60):
            while "纸" not in reason(citizen):  # noqa: ASYNC110  the page says it when it does
                await asyncio.sleep(0.05)
        return HOME

    def reason(citizen: Citizen) -> str:
        option = next(o for o in citizen.last(ChooseService).options if o.value == "SB01")
        assert option.reason is not None, "it was never on offer"
        return str(option.reason.zh)

    citizen._ways[Home] = [look_long, Citizen.home]
    citizen._ways[ChooseService] = [look_until_all_devices_have_opened]
    play(citizen)
    assert "PlaceCard" not in citizen.pages


def test_paper_that_ends_before_the_confirmation_is_told_before_it(
    hall: Hall, play: Play, kiosk: str
) -> None:
    async def take_paper_away(citizen: Citizen, prompt: FillForm) -> Any:
        await citizen.do("a4_printer", "paper_out")
        await seen(hall, kiosk, "a4_paper_out")
        return await citizen.fill(prompt)

    async def refill(citizen: Citizen, prompt: Trouble) -> Any:
        await citizen.do("a4_printer", "refill")
        await seen(hall, kiosk, "a4_paper_out", there=False)
        return Chosen("again")

    citizen = Citizen(hall, ways={FillForm: take_paper_away, Trouble: refill, Consent: Chosen("other")})
    play(citizen)
    assert citizen.troubles() == ["a4_paper_out"]
    assert citizen.pages.index("Trouble") < citizen.pages.index("Confirm")
    assert "TakePaper" in citizen.pages


def test_a_receipt_that_ends_before_its_fence_is_told_and_not_confirmed(
    hall: Hall, play: Play, kiosk: str
) -> None:
    hall.act("receipt_printer", "paper_out_after", rows=200)
    citizen = Citizen(hall, ways={Consent: Chosen("other")})
    play(citizen, after=lambda: told(hall, kiosk, "hall.session.ended"))
    assert citizen.last(TakePaper).note is not None
    prints = hall.rows(hall.hall_database, "SELECT * FROM prints WHERE terminal LIKE ?", f"%/{kiosk}")
    states = {one["document"]: one["state"] for one in prints}
    assert states["certificate"] == "confirmed"
    assert states["receipt"] == "failed"


def test_with_the_platform_down_nothing_is_filed_and_the_citizen_is_told(
    hall: Hall, play: Play, kiosk: str
) -> None:
    async def down(citizen: Citizen, prompt: FillForm) -> Any:
        await asyncio.to_thread(hall.children["platform"].kill9)
        return await citizen.fill(prompt)

    citizen = Citizen(hall, ways={FillForm: down, Consent: Chosen("other"), Trouble: Chosen("home")})
    play(citizen, after=lambda: told(hall, kiosk, "hall.session.ended"))
    assert citizen.troubles() == ["platform_down"]
    hall.children["platform"].restart(60)
    assert not hall.rows(hall.platform_database, "SELECT * FROM cases WHERE terminal = ?", kiosk)


def test_with_the_broker_down_the_citizen_is_served_and_the_hall_hears_later(
    hall: Hall, play: Play, kiosk: str
) -> None:
    hall.children["broker"].kill9()
    citizen = Citizen(hall, ways={Consent: Chosen("other")})

    def line_back() -> None:
        hall.children["broker"].restart(60)
        told(hall, kiosk, "hall.session.ended", seconds=60)

    play(citizen, after=line_back)
    assert "TakePaper" in citizen.pages
    assert len(told(hall, kiosk, "hall.case.filed")) == 1


def test_back_leads_to_the_guide_without_asking_again_who_it_is(hall: Hall, play: Play) -> None:
    citizen = Citizen(hall, ways={Consent: Chosen("other"), FillForm: [BACK, Citizen.fill]})
    play(citizen)
    after = citizen.pages[citizen.pages.index("FillForm") :]
    assert after[:4] == ["FillForm", "Guide", "FillForm", "Confirm"]
    assert citizen.pages.count("PlaceCard") == 1


def test_home_ends_the_session_and_wipes_it(hall: Hall, play: Play, kiosk: str) -> None:
    citizen = Citizen(hall, ways={Consent: HOME})
    play(citizen, after=lambda: told(hall, kiosk, "hall.session.ended"))
    sessions = hall.rows(hall.hall_database, "SELECT * FROM sessions WHERE terminal LIKE ?", f"%/{kiosk}")
    assert "abandoned" in {one["outcome"] for one in sessions}


def test_who_walks_away_is_warned_twenty_seconds_before_and_then_forgotten(
    hall: Hall, play: Play, kiosk: str
) -> None:
    citizen = Citizen(hall, ways={Consent: None})
    play(
        citizen,
        after=lambda: told(hall, kiosk, "hall.session.ended"),
        session__idle_seconds=30.0,
        session__warn_seconds=26.0,
    )
    counted = [left for left in citizen.warnings if left is not None]
    assert counted[0] >= 20
    assert counted == sorted(counted, reverse=True)
    assert citizen.warnings[-1] is None
    assert citizen.pages[-1] == "Home"


def test_the_progress_of_cases_is_shown_and_printed(hall: Hall, play: Play) -> None:
    play(Citizen(hall, ways={Consent: Chosen("other")}))
    citizen = Citizen(hall, service="ZH02", ways={ShowResult: Chosen("print")})
    play(citizen)
    result = citizen.last(ShowResult)
    assert result.good
    assert result.timeline
    assert citizen.pages.count("Consent") == 0
    assert "TakePaper" in citizen.pages


def test_who_has_no_cases_is_told_so_honestly(hall: Hall, play: Play) -> None:
    citizen = Citizen(hall, person="sun", service="ZH02")
    play(citizen)
    assert not citizen.last(ShowResult).good


def test_a_queue_number_needs_nobodys_card(hall: Hall, play: Play, kiosk: str) -> None:
    citizen = Citizen(hall, service="ZH03")
    play(citizen, after=lambda: told(hall, kiosk, "hall.session.ended"))
    assert "PlaceCard" not in citizen.pages
    assert "TakePaper" in citizen.pages
    (ticket,) = hall.rows(hall.hall_database, "SELECT * FROM prints WHERE terminal LIKE ?", f"%/{kiosk}")
    assert (ticket["document"], ticket["state"]) == ("ticket", "confirmed")


def test_a_rating_can_be_skipped(hall: Hall, play: Play, kiosk: str) -> None:
    citizen = Citizen(hall, service="ZH02", ways={Rate: Chosen("skip")})
    play(citizen, after=lambda: told(hall, kiosk, "hall.session.ended"))
    assert not hall.rows(hall.hall_database, "SELECT * FROM ratings WHERE terminal LIKE ?", f"%/{kiosk}")


def told(hall: Hall, kiosk: str, type: str, seconds: float = 60.0) -> list[dict[str, Any]]:
    """The hall's messages of this type from this terminal, as soon as there is one."""
    sql = "SELECT * FROM messages WHERE terminal LIKE ? AND type = ?"
    found: list[dict[str, Any]] = until(
        lambda: hall.rows(hall.hall_database, sql, f"%/{kiosk}", type), seconds, f"the hall heard no {type}"
    )
    return found


def test_a_program_error_is_told_kindly_and_the_next_citizen_is_served(
    hall: Hall, play: Play, kiosk: str
) -> None:
    def stumble(citizen: Citizen, prompt: Confirm) -> Any:
        raise ZeroDivisionError("张明远")

    citizen = Citizen(
        hall,
        visits=2,
        ways={Consent: Chosen("other"), Confirm: [stumble, Chosen("confirm")]},
    )
    sql = "SELECT outcome FROM sessions WHERE terminal LIKE ?"

    def outcomes() -> set[str]:
        """Besides, who comes while a device still opens leaves again, as abandoned."""
        return {one["outcome"] for one in hall.rows(hall.hall_database, sql, f"%/{kiosk}")}

    play(citizen, after=lambda: until(lambda: {"failed", "completed"} <= outcomes()))
    assert citizen.troubles() == ["terminal_internal"]
    assert citizen.pages[-4:] == ["TakePaper", "Rate", "Goodbye", "Home"]


def test_when_the_platform_has_forgotten_who_it_is_the_card_is_asked_for_again(
    hall: Hall, play: Play, kiosk: str
) -> None:
    async def restart(citizen: Citizen, prompt: Confirm) -> Any:
        # Its handles live in memory. Not from a thread of the loop's: a child ends with its thread.
        hall.children["platform"].restart(60)
        return Chosen("confirm")

    citizen = Citizen(hall, ways={Consent: Chosen("other"), Confirm: [restart, Chosen("confirm")]})
    play(citizen)
    assert citizen.troubles() == ["platform_refused"]
    after = citizen.pages[citizen.pages.index("Trouble") :]
    means = ["ChooseOne", "Consent", "ChooseOne", "EnterCode"]
    assert after[:8] == ["Trouble", "PlaceCard", *means, "FillForm", "Confirm"]
    assert len(hall.rows(hall.platform_database, "SELECT * FROM cases WHERE terminal = ?", kiosk)) == 1
