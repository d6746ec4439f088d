"""Paying at the terminal: whatever happens, each paid order has one case or one refund."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from drivers.virtual.processes import Child
from kiosk.prompts import Chosen, Confirm, Pay, ShowResult, TakePaper, Trouble
from tests.journeys.citizen import BACK, HOME, Citizen
from tests.journeys.conftest import Play
from tests.journeys.faults import seen
from tests.journeys.hall import Hall, until
from tests.journeys.paid_service import FEE, PAID, cases, judge_money, offer, orders, payments
from tests.journeys.test_journeys import told


@pytest.fixture(autouse=True)
def offered(hall: Hall) -> Iterator[None]:
    offer(hall)
    yield


async def scan(citizen: Citizen, prompt: Pay, choice: str = "pay") -> None:
    await citizen.do("phone", "scan", code=prompt.code)
    await citizen.do("phone", choice)


async def refuse(citizen: Citizen, prompt: Pay) -> None:
    await scan(citizen, prompt, "refuse")


def known(hall: Hall, kiosk: str, *states: str) -> None:
    """The hall knows of these payments, and of nothing else."""
    until(
        lambda: sorted(row["state"] for row in payments(hall, kiosk)) == sorted(states),
        why=f"the hall does not know of {states}, but of {payments(hall, kiosk)}",
    )


def test_who_pays_is_served_and_everybody_knows_of_it(hall: Hall, play: Play, kiosk: str) -> None:
    async def at_the_bench(citizen: Citizen, prompt: Pay) -> None:
        await citizen.do(
            "phone", "scan"
        )  # as a hand at the bench does: the newest code that stands somewhere
        assert (await asyncio.to_thread(hall.state))["phone"]["page"] == prompt.code
        await citizen.do("phone", "pay")

    citizen = Citizen(hall, service=PAID, ways={Pay: at_the_bench})
    play(citizen, after=lambda: told(hall, kiosk, "hall.session.ended"))
    after = citizen.pages[citizen.pages.index("Confirm") :]
    assert after[:6] == ["Confirm", "Working", "Pay", "Working", "TakePaper", "Rate"]
    assert citizen.last(Pay).fen == FEE
    (order,) = orders(hall, kiosk)
    (case,) = cases(hall, kiosk)
    assert (order["state"], order["case_key"]) == ("paid", case["key"])
    (payment,) = payments(hall, kiosk)
    assert (payment["state"], payment["fen"], payment["order_no"]) == ("paid", FEE, order["order_no"])
    judge_money(hall, kiosk)


def test_who_refuses_on_the_phone_is_charged_nothing_and_may_try_again(
    hall: Hall, play: Play, kiosk: str
) -> None:
    citizen = Citizen(hall, service=PAID, ways={Pay: [refuse, Citizen.pay]})
    play(citizen, after=lambda: told(hall, kiosk, "hall.session.ended"))
    assert citizen.troubles() == ["payment_refused"]
    assert "TakePaper" in citizen.pages
    assert [order["state"] for order in orders(hall, kiosk)] == ["refused", "paid"]
    known(hall, kiosk, "refused", "paid")
    judge_money(hall, kiosk)


def test_a_code_that_nobody_paid_expires_and_says_so(hall: Hall, play: Play, kiosk: str) -> None:
    with hurried(hall, seconds=2.0):
        citizen = Citizen(hall, service=PAID, ways={Pay: None, Trouble: HOME})
        play(citizen, after=lambda: told(hall, kiosk, "hall.session.ended"))
    assert citizen.troubles() == ["payment_expired"]
    known(hall, kiosk, "refused")
    assert cases(hall, kiosk) == []


def test_who_goes_home_before_paying_cannot_pay_afterwards(hall: Hall, play: Play, kiosk: str) -> None:
    citizen = Citizen(hall, service=PAID, ways={Pay: HOME})
    play(citizen, after=lambda: known(hall, kiosk, "refused"))
    code = citizen.last(Pay).code
    late = httpx.post(f"{code}/pay", trust_env=False, timeout=60)
    assert 'data-state="closed"' in late.text
    assert payments(hall, kiosk)[0]["code"] == "payment_closed"
    judge_money(hall, kiosk)


def test_who_pays_in_the_very_moment_of_going_home_gets_his_money_back(
    hall: Hall, play: Play, kiosk: str
) -> None:
    async def pay_and_leave(citizen: Citizen, prompt: Pay) -> Any:
        await scan(citizen, prompt)
        return HOME

    citizen = Citizen(hall, service=PAID, ways={Pay: pay_and_leave})
    play(citizen, after=lambda: known(hall, kiosk, "refunded"))
    assert cases(hall, kiosk) == []
    judge_money(hall, kiosk)


def test_a_platform_that_dies_after_the_payment_is_waited_for_and_what_it_forgot_is_refunded(
    hall: Hall, play: Play, kiosk: str
) -> None:
    async def pay_and_die(citizen: Citizen, prompt: Pay) -> None:
        await scan(citizen, prompt)
        # Its handles live in memory: the case that is paid for will be refused. Not from a thread of the
        # loop's: a child ends with its thread.
        hall.children["platform"].restart(60)

    citizen = Citizen(hall, service=PAID, ways={Pay: [pay_and_die, Citizen.pay]})
    play(citizen, after=lambda: told(hall, kiosk, "hall.session.ended"))
    assert citizen.troubles() == ["platform_refused"]
    assert "5.00" in citizen.last(Trouble).safe.zh
    assert citizen.pages[citizen.pages.index("Trouble") + 1] == "PlaceCard"
    assert [order["state"] for order in orders(hall, kiosk)] == ["refunded", "paid"]
    known(hall, kiosk, "refunded", "paid")
    judge_money(hall, kiosk)


def test_what_was_paid_before_the_platform_went_is_refunded_when_both_are_back(
    hall: Hall, play: Play, kiosk: str
) -> None:
    async def pay_and_die(citizen: Citizen, prompt: Pay) -> Any:
        await scan(citizen, prompt)
        hall.children["platform"].kill9()
        return HOME

    citizen = Citizen(hall, service=PAID, ways={Pay: pay_and_die})
    play(citizen, after=lambda: known(hall, kiosk, "unknown"))
    hall.children["platform"].restart(60)
    play(Citizen(hall, visits=0), after=lambda: known(hall, kiosk, "refunded"))
    judge_money(hall, kiosk)


def test_nobody_is_asked_for_money_while_paper_is_missing(hall: Hall, play: Play, kiosk: str) -> None:
    async def paper_goes(citizen: Citizen, prompt: Confirm) -> Any:
        await citizen.do("receipt_printer", "paper_out")
        await seen(hall, kiosk, "receipt_paper_out")
        return Chosen("confirm")

    citizen = Citizen(hall, service=PAID, ways={Confirm: paper_goes, Trouble: HOME})
    play(citizen, after=lambda: told(hall, kiosk, "hall.session.ended"))
    assert citizen.troubles() == ["receipt_paper_out"]
    assert "Pay" not in citizen.pages
    assert orders(hall, kiosk) == []


def test_a_paper_that_fails_after_the_case_is_no_reason_for_a_refund(
    hall: Hall, play: Play, kiosk: str
) -> None:
    hall.act("receipt_printer", "paper_out_after", rows=100)
    citizen = Citizen(hall, service=PAID)
    play(citizen, after=lambda: told(hall, kiosk, "hall.session.ended"))
    assert citizen.last(ShowResult).note is not None
    assert not [page for page in citizen.trail if isinstance(page, TakePaper)]
    known(hall, kiosk, "paid")
    judge_money(hall, kiosk)


def test_back_from_the_code_leads_to_the_confirmation_and_closes_the_order(
    hall: Hall, play: Play, kiosk: str
) -> None:
    citizen = Citizen(hall, service=PAID, ways={Pay: [BACK, Citizen.pay]})
    play(citizen, after=lambda: told(hall, kiosk, "hall.session.ended"))
    after = citizen.pages[citizen.pages.index("Pay") :]
    assert after[:4] == ["Pay", "Confirm", "Working", "Pay"]
    assert [order["state"] for order in orders(hall, kiosk)] == ["closed", "paid"]
    judge_money(hall, kiosk)


@contextmanager
def hurried(hall: Hall, seconds: float) -> Iterator[Child]:
    """The platform, with orders that can be paid for so long only."""
    path, platform = hall.folder / "platform.toml", hall.children["platform"]
    usual = path.read_text(encoding="utf-8")
    path.write_text(f"order_seconds = {seconds}\n{usual}", encoding="utf-8")
    platform.restart(60)
    try:
        yield platform
    finally:
        path.write_text(usual, encoding="utf-8")
        platform.restart(60)
