"""Each way in which identification fails, and that it leads on: who somebody is, by card, app or number."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from config.faults import fault
from config.people import person
from config.words import words
from kiosk import prompts as p
from kiosk.platform import Platform
from kiosk.prompts import Chosen, Filled
from kiosk.stage import GoHome
from tests.journeys.counter_stage import Customer
from tests.journeys.ways_desk import Desk, open_desk, pages, picks, staffed, tidy, troubles, turns
from tests.journeys.ways_devices import expired

USE_APP, OTHER = words("identify.use_app"), words("identify.other_way")


@pytest.fixture(scope="module")
def the_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk(tmp_path_factory.mktemp("desk") / "hall") as desk:
        yield desk


@pytest.fixture
def desk(the_desk: Desk) -> Iterator[Desk]:
    yield the_desk
    tidy(the_desk)


def other_way(customer: Customer, page: p.PlaceCard) -> Any:
    """The small button beneath the card, once there is one."""
    if page.other is not None and page.scene in (p.CardScene.PLACE, p.CardScene.REFUSED):
        return Chosen("other")
    return customer.lay_card(page)


def after_two(customer: Customer, page: p.PlaceCard) -> Any:
    return Chosen("other") if page.other == OTHER else customer.lay_card(page)


def typed(key: str) -> Any:
    """Types name and number where they are asked for; fills other forms as usual."""

    def way(customer: Customer, page: p.FillForm) -> Any:
        if page.question == words("identify.typed_question"):
            return Filled({"name": person(key).name, "number": person(key).number})
        return customer.fill(page)

    return way


# ── the card ────────────────────────────────────────────────────────────────
def test_a_card_that_will_not_be_read_twice_leads_to_a_typed_number_and_the_staff(desk: Desk) -> None:
    desk.reader.fails = ["id_unreadable", "id_unreadable"]
    seen = desk.visit("zhang", PlaceCard=after_two, ChooseOne=picks("typed"), FillForm=typed("zhang"))
    cards = pages(seen, p.PlaceCard)
    asked = [page.other for page in cards if page.scene is not p.CardScene.READING]
    assert asked[:3] == [USE_APP, USE_APP, OTHER]
    assert cards[-1].problem == fault("id_unreadable").citizen
    (choice,) = pages(seen, p.ChooseOne)
    assert [option.value for option in choice.options] == ["app", "typed", "card", "window"]
    assert seen.case is not None
    assert (seen.case["means"], seen.case["staff"]) == ("staff", "1001")
    assert seen.case["citizen"] == person("zhang").number


def test_of_a_typed_number_that_is_not_on_record_nothing_comes(desk: Desk) -> None:
    desk.reader.fails = ["id_unreadable", "id_unreadable"]

    def of_another(customer: Customer, page: p.FillForm) -> Any:
        if any(field.problem for field in page.fields):
            return GoHome()
        return Filled({"name": person("zhang").name, "number": person("li").number})

    seen = desk.visit("zhang", PlaceCard=after_two, ChooseOne=picks("typed"), FillForm=of_another)
    assert seen.case is None and not pages(seen, p.StaffCheck)
    assert words("identify.typed_unknown").zh in seen.words()


def test_without_staff_an_unreadable_card_leads_to_the_app_or_the_window_with_a_slip(desk: Desk) -> None:
    staffed(desk, False)
    desk.reader.fails = ["id_unreadable", "id_unreadable"]
    seen = desk.visit("zhang", PlaceCard=after_two, ChooseOne=picks("window"), Trouble=picks("window"))
    (choice,) = pages(seen, p.ChooseOne)
    assert [option.value for option in choice.options] == ["app", "card", "window"]
    assert troubles(seen) == ["id_unreadable"] and seen.outcome == "referred"
    assert "张**" not in seen.slips[-1] and "社会保险窗口" in seen.slips[-1]


def test_an_expired_card_is_told_and_the_app_serves(desk: Desk) -> None:
    desk.reader.differently = expired("zhang")
    seen = desk.visit(
        "zhang",
        PlaceCard=turns(Customer.lay_card, other_way),
        Trouble=picks("again"),
        HoldCode=desk.holds(lambda: desk.app("zhang")),
    )
    assert troubles(seen) == ["id_expired"]
    assert seen.case is not None and seen.case["means"] == "sms"


def test_a_card_that_the_service_does_not_take_is_told_with_those_it_takes(desk: Desk) -> None:
    def lay(customer: Customer, page: p.PlaceCard) -> None:
        told = any(isinstance(one, p.Trouble) for one in customer.trail)
        desk.reader.differently = {} if told else {"card": "permit"}
        customer.lay_card(page)

    seen = desk.visit("zhang", service="GJ04", PlaceCard=lay, Trouble=turns(picks("again"), picks("home")))
    told = pages(seen, p.Trouble)[0]
    assert told.code == "id_refused"
    assert "港澳台居民居住证" in told.what.zh
    assert "居民身份证、手机身份码" in told.what.zh
    assert pages(seen, p.ChooseOne), "with the right card it goes on"


def test_a_reader_whose_cable_is_out_leads_to_the_app(desk: Desk) -> None:
    def pull(customer: Customer, page: p.PlaceCard) -> None:
        desk.reader.out = desk.social.out = True

    seen = desk.visit(
        "zhang",
        PlaceCard=pull,
        Trouble=picks("other"),
        ChooseOne=picks("app", "sms"),
        HoldCode=desk.holds(lambda: desk.app("zhang")),
    )
    assert len(troubles(seen)) == 1 and troubles(seen)[0] in ("device_offline", "device_absent")
    assert seen.case is not None and seen.case["means"] == "sms"


# ── the app ─────────────────────────────────────────────────────────────────
def test_codes_that_were_used_have_expired_or_are_nobodys_are_told_and_a_fresh_one_serves(desk: Desk) -> None:
    used, late = desk.app("zhang"), desk.app("zhang")

    def an_old_one() -> str:
        desk.counter.clock.time += timedelta(minutes=2)
        return late

    seen = desk.visit(
        "zhang",
        PlaceCard=other_way,
        HoldCode=desk.holds(
            lambda: "https://example.com/menu",
            lambda: desk.issuer.code("somebody", desk.counter.clock()),
            lambda: used,
        ),
    )
    assert seen.case is not None and seen.case["means"] == "sms"
    problems = [page.problem.zh for page in pages(seen, p.HoldCode) if page.problem]
    assert problems == [words("identify.app_not_one").zh, words("platform.app_code_nobody").zh]
    assert troubles(seen) == []

    seen = desk.visit(
        "zhang",
        PlaceCard=other_way,
        HoldCode=desk.holds(lambda: used, an_old_one, lambda: desk.app("zhang")),
    )
    problems = [page.problem.zh for page in pages(seen, p.HoldCode) if page.problem]
    assert problems == [words("platform.app_code_used").zh, words("platform.app_code_expired").zh]
    assert seen.case is not None and seen.case["citizen"] == person("zhang").number
    name = next(field for field in pages(seen, p.FillForm)[-1].fields if field.key == "name")
    assert (name.value, name.source) == ("张明远", words("identify.source_app"))


def test_who_has_no_app_after_all_takes_his_card(desk: Desk) -> None:
    seen = desk.visit("zhang", PlaceCard=turns(other_way, Customer.lay_card), HoldCode=turns(Chosen("other")))
    assert seen.case is not None and seen.case["means"] == "sms"


def test_a_platform_that_is_away_is_told_and_asked_again(desk: Desk) -> None:
    platform = desk.counter.parts.platform
    away = Platform(platform_settings(desk, "http://127.0.0.1:9"))

    def breaks(customer: Customer, page: p.PlaceCard) -> None:
        desk.counter.parts.platform = away
        customer.lay_card(page)

    def back(customer: Customer, page: p.Trouble) -> Any:
        desk.counter.parts.platform = platform
        return Chosen("again")

    try:
        seen = desk.visit("zhang", PlaceCard=breaks, Trouble=back)
    finally:
        desk.counter.parts.platform = platform
    assert troubles(seen) == ["platform_down"]
    assert seen.case is not None, "and nothing was lost"


def platform_settings(desk: Desk, url: str) -> Any:
    return desk.counter.parts.settings.platform.model_copy(update={"url": url, "timeout_seconds": 5.0})
