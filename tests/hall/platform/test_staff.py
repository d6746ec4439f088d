"""Staff who look at a person at the terminal, and say so with a number and a secret one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import httpx
import pytest

from config.identity_api import StaffCheck
from config.platform_api import Submission
from hall.platform.settings import ServerSettings
from hall.platform.staff_desk import TRIES
from hall.platform.store import Store
from hall.platform.tables import cases
from tests.hall.platform.conftest import Clock
from tests.hall.platform.terminal import Terminal, proof

LIN = StaffCheck(staff="1001", pin="246810")
WRONG = LIN.model_copy(update={"pin": "000000"})
CATALOGUE = Path(__file__).parent / "services"


@pytest.fixture
def settings(settings: ServerSettings) -> ServerSettings:
    """With a service that asks for staff or a card's PIN, at level 3."""
    return settings.model_copy(update={"catalogue": (CATALOGUE,)})


def look(terminal: Terminal, subject: str, who: StaffCheck = LIN) -> httpx.Response:
    return terminal.post(f"/v1/identity/{subject}/staff", who)


def strong(subject: str, now: datetime, **differently: object) -> Submission:
    return proof(subject, now, **{"service": "TS03", **differently}).model_copy(update={"values": {}})


def test_who_of_the_staff_has_looked_stands_in_the_case(
    terminal: Terminal, clock: Clock, settings: ServerSettings
) -> None:
    subject = terminal.lay_card("zhang")
    by_staff = strong(subject, clock.time, means="staff", staff="1001")
    assert terminal.file(by_staff).json()["code"] == "means_insufficient"
    assert look(terminal, subject).json() == {"verified": True, "tries_left": TRIES}
    by_another = strong(subject, clock.time, means="staff", staff="1002")
    assert terminal.file(by_another).json()["code"] == "means_insufficient"
    assert terminal.file(by_staff).json()["state"] == "accepted"
    store = Store(settings.data / "platform.db")
    with store.reading() as connection:
        (row,) = connection.execute(cases.select()).all()
    store.close()
    assert (row.means, row.staff, row.agent) == ("staff", "1001", "")


def test_wrong_secrets_close_the_number_for_a_while_even_in_another_session(
    terminal: Terminal, clock: Clock
) -> None:
    subject = terminal.lay_card("zhang")
    left = [look(terminal, subject, WRONG).json()["tries_left"] for _ in range(TRIES)]
    assert left == [4, 3, 2, 1, 0]
    closed = look(terminal, terminal.lay_card("li"))
    assert (closed.status_code, closed.json()["code"]) == (429, "staff_closed")
    clock.pass_by(minutes=16)
    assert look(terminal, terminal.lay_card("li")).json()["verified"]


def test_a_number_that_nobody_has_is_answered_as_a_wrong_secret(terminal: Terminal) -> None:
    nobody = StaffCheck(staff="9999", pin="246810")
    assert look(terminal, terminal.lay_card("zhang"), nobody).json() == {"verified": False, "tries_left": 4}


def test_guessing_other_numbers_ends_with_the_session_s_tries(terminal: Terminal) -> None:
    subject = terminal.lay_card("zhang")
    for n in range(TRIES):
        look(terminal, subject, StaffCheck(staff=f"20{n}", pin="1"))
    assert look(terminal, subject).json()["code"] == "staff_closed"


def test_of_a_typed_number_nothing_is_told_before_staff_have_looked(terminal: Terminal, clock: Clock) -> None:
    subject = terminal.identify("zhang", card="typed").json()["subject"]

    def form() -> httpx.Response:
        return terminal.http.get("/v1/services/SB01/form", params={"subject": subject})

    assert form().json()["code"] == "means_insufficient"
    assert terminal.http.get(f"/v1/identity/{subject}/photograph").json()["code"] == "means_insufficient"
    assert terminal.file(proof(subject, clock.time)).json()["code"] == "means_insufficient"
    assert look(terminal, subject).json()["verified"]
    assert form().json()["values"]["to"] == "2026-10"


def test_at_level_3_a_code_goes_only_with_the_card_s_pin(terminal: Terminal, clock: Clock) -> None:
    subject = terminal.lay_card("zhang")
    for means in ("card", "sms", "pin"):
        answer = terminal.file(strong(subject, clock.time, means=means))
        assert answer.json()["code"] == "means_insufficient", means
    assert terminal.file(strong(subject, clock.time, means="face")).json()["state"] == "accepted"
