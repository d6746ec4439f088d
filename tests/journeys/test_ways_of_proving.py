"""Each way in which it cannot be shown that it is he, and that it leads on; in the end the window has it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from config.devices import Kind
from config.faults import fault
from config.words import words
from kiosk import prompts as p
from kiosk.prompts import Chosen, StaffSaid
from kiosk.stage import GoBack
from tests.journeys.counter_stage import Customer
from tests.journeys.ways_desk import (
    NO_PHONE,
    Desk,
    agrees,
    offers,
    open_desk,
    pages,
    picks,
    staffed,
    tidy,
    troubles,
    turns,
)

CLOSED = words("identify.means_closed").zh
ALL = {"face": "", "pin": "", "sms": "", "staff": ""}


@pytest.fixture(scope="module")
def the_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk(tmp_path_factory.mktemp("desk") / "hall") as desk:
        yield desk


@pytest.fixture
def desk(the_desk: Desk) -> Iterator[Desk]:
    yield the_desk
    tidy(the_desk)


def means(seen: Any) -> str:
    assert seen.case is not None, troubles(seen)
    return str(seen.case["means"])


# ── the choice ──────────────────────────────────────────────────────────────
@pytest.mark.parametrize("chosen", ["face", "pin", "sms", "staff"])
def test_the_citizen_chooses_among_all_that_there_are(desk: Desk, chosen: str) -> None:
    seen = desk.visit(
        "zhang",
        ChooseOne=picks(chosen),
        Consent=agrees,
        PlaceCard=desk.inserts("zhang"),
        LookAtCamera=None,
        EnterPin=Chosen("123456"),
    )
    assert means(seen) == chosen and offers(seen) == [ALL]
    assert troubles(seen) == []


def test_with_nobody_of_the_hall_there_neither_face_nor_staff_are_offered(desk: Desk) -> None:
    staffed(desk, False)
    seen = desk.visit("zhang", ChooseOne=picks("sms"))
    assert offers(seen) == [{"pin": "", "sms": ""}] and means(seen) == "sms"


def test_what_nobody_could_prove_here_is_greyed_before_anybody_says_who_he_is(desk: Desk) -> None:
    for there, service, blocked in ((False, "GA01", True), (False, "MZ01", False), (True, "GA01", False)):
        staffed(desk, there)
        seen = desk.visit("zhang", service=service, Guide=GoBack())
        (guide,) = pages(seen, p.Guide)
        assert (guide.blocked == words("identify.none_here")) == blocked, service


def test_a_single_means_is_taken_without_a_choice(desk: Desk) -> None:
    staffed(desk, False)
    desk.social.out = True
    while desk.counter.parts.devices.ready(Kind.SOCIAL_CARD_READER):
        time.sleep(0.02)
    seen = desk.visit("zhang")
    assert not offers(seen) and means(seen) == "sms"


def test_whoever_steps_back_from_one_means_chooses_anew(desk: Desk) -> None:
    seen = desk.visit("zhang", ChooseOne=turns(picks("staff"), picks("sms")), StaffCheck=GoBack())
    assert offers(seen) == [ALL, ALL] and means(seen) == "sms"


# ── face ────────────────────────────────────────────────────────────────────
def test_who_refuses_the_face_check_chooses_another(desk: Desk) -> None:
    seen = desk.visit("zhang", ChooseOne=turns(picks("face"), picks("sms")), Consent=Chosen("other"))
    assert means(seen) == "sms" and not pages(seen, p.LookAtCamera)
    assert offers(seen) == [ALL, ALL], "nothing is closed by a no"


def test_a_face_that_differs_three_times_is_closed_and_another_way_leads_on(desk: Desk) -> None:
    desk.face.verdicts = ["differs", "none", "differs"]
    seen = desk.visit(
        "zhang",
        ChooseOne=turns(picks("face"), picks("staff")),
        Consent=agrees,
        LookAtCamera=None,
        Trouble=picks("other"),
    )
    assert [page.attempt for page in pages(seen, p.LookAtCamera)] == [1, 2, 3]
    assert troubles(seen) == ["face_mismatch"]
    assert offers(seen)[1] == {**ALL, "face": CLOSED} and means(seen) == "staff"


@pytest.mark.parametrize(
    "code", ["device_offline", "camera_dark", "face_no_reference", "face_models_missing"]
)
def test_a_camera_that_is_gone_leads_on(desk: Desk, code: str) -> None:
    desk.face.fault = code
    seen = desk.visit(
        "zhang",
        ChooseOne=turns(picks("face"), picks("sms")),
        Consent=agrees,
        LookAtCamera=None,
        Trouble=picks("other"),
    )
    assert troubles(seen) == [code] and means(seen) == "sms"
    (told,) = pages(seen, p.Trouble)
    assert [option.value for option in told.options] == ["other", "window", "home"]


# ── the card's PIN ──────────────────────────────────────────────────────────
def test_a_wrong_pin_is_told_with_the_tries_left_and_a_right_one_holds(desk: Desk) -> None:
    seen = desk.visit(
        "zhang",
        ChooseOne=picks("pin"),
        PlaceCard=desk.inserts("zhang"),
        EnterPin=turns(Chosen("000000"), Chosen("123456")),
    )
    assert pages(seen, p.EnterPin)[1].problem == words("identify.pin_wrong", left=2)
    assert means(seen) == "pin"


def test_three_wrong_pins_block_the_card_and_close_this_means(desk: Desk) -> None:
    seen = desk.visit(
        "zhang",
        ChooseOne=turns(picks("pin"), picks("sms")),
        PlaceCard=desk.inserts("zhang"),
        EnterPin=Chosen("000000"),
        Trouble=picks("other"),
    )
    assert len(pages(seen, p.EnterPin)) == 3 and troubles(seen) == ["card_pin_blocked"]
    assert offers(seen)[1] == {**ALL, "pin": CLOSED} and means(seen) == "sms"
    again = desk.visit(
        "zhang",
        ChooseOne=turns(picks("pin"), picks("staff")),
        PlaceCard=desk.inserts("zhang"),
        EnterPin=Chosen("123456"),
        Trouble=picks("other"),
    )
    assert troubles(again) == ["card_pin_blocked"], "the card remembers, whoever asks"
    assert means(again) == "staff"


def test_another_persons_card_is_refused_and_never_asked_for_its_pin(desk: Desk) -> None:
    seen = desk.visit(
        "zhang",
        ChooseOne=turns(picks("pin"), picks("sms")),
        PlaceCard=desk.inserts("he"),
        Trouble=picks("other"),
    )
    assert troubles(seen) == ["card_not_yours"] and not pages(seen, p.EnterPin)
    assert "贺文静" not in seen.words(), "whose card it is concerns nobody"
    assert means(seen) == "sms"


def test_who_has_forgotten_his_pin_chooses_another(desk: Desk) -> None:
    seen = desk.visit(
        "zhang",
        ChooseOne=turns(picks("pin"), picks("staff")),
        PlaceCard=desk.inserts("zhang"),
        EnterPin=Chosen("other"),
    )
    assert means(seen) == "staff" and troubles(seen) == []


# ── the code ────────────────────────────────────────────────────────────────
def test_without_a_phone_on_file_the_code_is_greyed_with_its_reason(desk: Desk) -> None:
    seen = desk.visit(NO_PHONE, ChooseOne=picks("staff"))
    assert offers(seen) == [{**ALL, "sms": fault("sms_no_phone").citizen.zh}]
    assert means(seen) == "staff"


def test_too_many_wrong_codes_lead_on(desk: Desk) -> None:
    def wrong(customer: Customer, page: p.EnterCode) -> Any:
        return Chosen(f"{(int(desk.counter.phones.code()) + 1) % 1_000_000:06}")

    seen = desk.visit(
        "zhang", ChooseOne=turns(picks("sms"), picks("staff")), EnterCode=wrong, Trouble=picks("other")
    )
    assert len(pages(seen, p.EnterCode)) == 5 and troubles(seen) == ["sms_refused"]
    assert pages(seen, p.EnterCode)[1].problem == words("journey.code_wrong", left=4)
    assert means(seen) == "staff"


def test_a_gateway_that_fails_three_times_closes_the_code(desk: Desk) -> None:
    desk.counter.phones.broken = True
    seen = desk.visit("zhang", ChooseOne=turns(*[picks("sms")] * 3, picks("staff")), Trouble=picks("again"))
    assert troubles(seen) == ["platform_refused"] * 3
    assert words("platform.sms_failed").zh in seen.words()
    assert offers(seen)[-1] == {**ALL, "sms": CLOSED} and means(seen) == "staff"


# ── staff ───────────────────────────────────────────────────────────────────
def test_a_staff_number_that_is_wrong_three_times_is_closed(desk: Desk) -> None:
    seen = desk.visit(
        "wang",
        ChooseOne=turns(picks("staff"), picks("sms")),
        StaffCheck=StaffSaid("1003", "000000"),
        Trouble=picks("other"),
    )
    checks = pages(seen, p.StaffCheck)
    assert [page.problem for page in checks[1:]] == [words("identify.staff_wrong", left=n) for n in (4, 3)]
    assert troubles(seen) == ["staff_unproved"]
    assert offers(seen)[1] == {**ALL, "staff": CLOSED} and means(seen) == "sms"
    number = next(row.value.zh for row in checks[0].rows if row.label == words("identify.staff_number"))
    assert "*" in number


# ── never a dead end ────────────────────────────────────────────────────────
def test_when_nothing_is_left_the_window_has_it_with_a_slip(desk: Desk) -> None:
    desk.counter.phones.broken = True
    desk.face.verdicts = ["differs"] * 3
    seen = desk.visit(
        "li",
        ChooseOne=picks("face", "pin", "staff"),
        Consent=agrees,
        LookAtCamera=None,
        PlaceCard=desk.inserts("li"),
        EnterPin=Chosen("000000"),
        StaffCheck=StaffSaid("1002", "000000"),
        Trouble=picks("other", "again", "window"),
    )
    assert troubles(seen)[-1] == "person_unproved"
    assert {"face_mismatch", "card_pin_blocked", "staff_unproved"} < set(troubles(seen))
    assert seen.outcome == "referred" and seen.case is None
    assert "社会保险窗口" in seen.slips[-1] and "李**" in seen.slips[-1]


def test_in_person_a_code_alone_is_not_offered_and_a_pin_goes_with_one(desk: Desk) -> None:
    seen = desk.visit(
        "zhang",
        service="MZ01",
        ChooseOne=turns(picks("pin", "staff"), picks("sms", "all", "any", "other")),
        PlaceCard=desk.inserts("zhang"),
        EnterPin=Chosen("123456"),
    )
    assert "sms" not in offers(seen)[0]
