"""Somebody comes for another: who, for whom, by what; and those who may not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from config.people import person
from config.words import words
from kiosk import prompts as p
from kiosk.prompts import Chosen
from kiosk.stage import GoBack
from tests.journeys.counter_judge import Seen
from tests.journeys.counter_stage import Customer
from tests.journeys.services_civil import ELDER
from tests.journeys.ways_desk import Desk, open_desk, pages, picks, tidy, troubles, turns

FOR_ANOTHER = Chosen("agent")
AUTHORISATIONS = "/v1/authorisations"
CHOOSE = words("identify.choose_authorisation")


@pytest.fixture(scope="module")
def the_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk(tmp_path_factory.mktemp("desk") / "hall") as desk:
        yield desk


@pytest.fixture
def desk(the_desk: Desk) -> Iterator[Desk]:
    yield the_desk
    tidy(the_desk)


def agent(
    desk: Desk, key: str, *choices: str, service: str = "MZ03", kind: str = "allowance", **ways: Any
) -> Seen:
    """An agent comes; `choices` are what he picks where there is a choice, besides the code to his phone."""
    ways = {"Guide": FOR_ANOTHER, "ChooseOne": picks(*choices, "sms"), **ways}
    return desk.visit(key, service=service, values={**ELDER, "kind": kind}, **ways)


def cards(desk: Desk, *keys: str) -> Any:
    """These cards are laid, one each time that one is asked for."""
    left = list(keys)

    def lay(customer: Customer, page: p.PlaceCard) -> None:
        desk.reader.lay(person(left.pop(0)))

    return lay


def case(seen: Seen) -> dict[str, Any]:
    assert seen.case is not None, troubles(seen)
    return seen.case


def test_who_was_authorised_acts_with_the_other_s_data_and_both_names_masked(desk: Desk) -> None:
    seen = agent(desk, "qian", "authorised", "SQ20260105ZHAO22")
    row = case(seen)
    assert (row["citizen"], row["agent"]) == (person("zhao").number, person("qian").number)
    assert (row["agent_mode"], row["authorisation"]) == ("proxy", "SQ20260105ZHAO22")
    assert json.loads(row["result"])["state"] == "accepted" and row["means"] == "sms"
    (name,) = [field for field in pages(seen, p.FillForm)[-1].fields if field.key == "name"]
    assert (name.value, name.source) == ("赵德福", words("identify.source_principal"))
    (choice,) = [one for one in pages(seen, p.ChooseOne) if one.question == CHOOSE]
    assert [option.name.zh for option in choice.options] == ["赵**"]
    slip = seen.slips[-1]
    assert "赵**" in slip and "钱**" in slip
    assert "钱桂兰" not in slip and "赵德福" not in slip and person("qian").number not in slip


def test_who_is_there_signs_for_his_helper_for_this_service_and_this_day(desk: Desk) -> None:
    seen = agent(desk, "tang", "assist", kind="home_care", PlaceCard=cards(desk, "tang", "qian"))
    row = case(seen)
    assert (row["citizen"], row["agent"]) == (person("qian").number, person("tang").number)
    assert row["agent_mode"] == "assist"
    (made,) = desk.counter.rows("SELECT * FROM authorisations WHERE number = :n", n=row["authorisation"])
    assert json.loads(made["services"]) == ["MZ03"] and made["until"] == "2026-11-22"
    assert made["signature"].startswith("M")
    laid = [page for page in pages(seen, p.PlaceCard) if page.problem == words("identify.lay_principal")]
    assert laid, "whose card is wanted is said"
    signed = pages(seen, p.Sign)[0]
    assert "钱桂兰" in signed.text[0].zh and "唐**" in signed.text[0].zh
    assert "高龄津贴" in signed.text[1].zh and "2026-11-22" in signed.text[2].zh


def test_nobody_signs_for_himself(desk: Desk) -> None:
    seen = agent(desk, "tang", "assist", PlaceCard=cards(desk, "tang", "tang"), Trouble=picks("window"))
    assert words("platform.agent_self").zh in seen.words()
    assert seen.case is None and seen.outcome == "referred"


@pytest.mark.parametrize(
    ("key", "why"),
    [("zhang", "took it back"), ("wu", "never had one")],
)
def test_without_one_in_force_it_is_told_how_to_get_one_with_a_slip(desk: Desk, key: str, why: str) -> None:
    seen = agent(desk, key, "authorised", Trouble=picks("window"))
    assert troubles(seen) == ["agent_unauthorised"], why
    assert seen.case is None and seen.outcome == "referred"
    assert "民政窗口" in seen.slips[-1]


def test_one_that_has_expired_or_is_for_other_services_is_not_offered(desk: Desk) -> None:
    def listed(seen: Seen) -> list[str]:
        asked = [one for one in pages(seen, p.ChooseOne) if one.question == CHOOSE]
        return [option.value for one in asked for option in one.options]

    # Of Tang's three one has run out, and none is for care away from home.
    again = turns(FOR_ANOTHER, GoBack())
    seen = agent(desk, "tang", "authorised", "SQ20260310ZHAO23", Guide=again)
    at_windows = [number for number in listed(seen) if not number.startswith("SQ20261122")]
    assert at_windows == ["SQ20260310ZHAO23", "SQ20260310QAN224"]
    seen = agent(desk, "tang", "authorised", service="YB04", Trouble=picks("window"))
    assert listed(seen) == [] and troubles(seen) == ["agent_unauthorised"]


def test_one_that_is_withdrawn_while_the_form_is_filled_in_is_refused_by_the_platform(desk: Desk) -> None:
    def meanwhile(customer: Customer, page: p.Confirm) -> Chosen:
        """The principal stands at another terminal."""
        with desk.counter.line() as line:
            handle = line.lay_card("qian")
            gone = line.http.post(f"{AUTHORISATIONS}/SQ20260310QAN224/withdraw", params={"principal": handle})
            assert gone.status_code == 204
        return Chosen("confirm")

    seen = agent(desk, "tang", "authorised", "SQ20260310QAN224", Confirm=meanwhile, Trouble=picks("home"))
    assert words("platform.authorisation_withdrawn").zh in seen.words()
    assert seen.case is None


def test_what_demands_the_person_refuses_agents_on_the_guide(desk: Desk) -> None:
    for service, who in (("SB01", "identify.in_person"), ("MZ03", "identify.for_others")):
        seen = desk.visit("zhao", service=service, Guide=GoBack())
        (guide,) = pages(seen, p.Guide)
        assert any(way.value == "agent" for way in guide.ways) == (service == "MZ03")
        assert (words("identify.who_may"), words(who)) in guide.facts
