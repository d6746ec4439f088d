"""Agents: who may act for whom, in what, until when, and that the platform believes no terminal."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from config.identity_api import AgentClaim, NewAuthorisation, StaffCheck
from config.people import people, person
from config.platform_api import Submission
from hall.platform.registers import authorisations
from hall.platform.settings import ServerSettings
from hall.platform.store import Store
from hall.platform.tables import cases
from tests.hall.platform.conftest import Clock
from tests.hall.platform.terminal import Terminal

CATALOGUE = Path(__file__).parent / "services"
SIGNED = "M120 80L130 95"


@pytest.fixture
def settings(settings: ServerSettings) -> ServerSettings:
    """With a service that agents may use."""
    return settings.model_copy(update={"catalogue": (CATALOGUE,)})


def sign(terminal: Terminal, clock: Clock, principal: str, agent: str, **differently: Any) -> httpx.Response:
    told = {"mode": "proxy", "services": ("TS02",), "until": clock.time.date() + timedelta(days=30)}
    new = NewAuthorisation(principal=principal, agent=agent, **{**told, "signature": SIGNED, **differently})
    return terminal.post("/v1/authorisations", new)


def act(terminal: Terminal, number: str, agent: str) -> httpx.Response:
    return terminal.http.post(f"/v1/authorisations/{number}/subject", params={"agent": agent})


def listed(terminal: Terminal, agent: str, service: str = "TS02") -> list[dict[str, Any]]:
    asked = {"agent": agent, "service": service}
    return list(terminal.http.get("/v1/authorisations", params=asked).json()["items"])


def submission(clock: Clock, principal: str, agent: str, number: str, **differently: Any) -> Submission:
    claim = AgentClaim(subject=agent, authorisation=number, mode=differently.pop("mode", "proxy"))
    told = {"service": "TS02", "terminal": "K001", "subject": principal, "means": "face", "agent": claim}
    return Submission(**{**told, "submitted_at": clock.time, **differently})


def code_of(answer: httpx.Response) -> str:
    return str(answer.json().get("code", ""))


def test_an_agent_acts_and_the_case_says_who_for_whom_and_by_what(
    terminal: Terminal, clock: Clock, settings: ServerSettings
) -> None:
    zhao, qian = terminal.lay_card("zhao"), terminal.lay_card("qian")
    made = sign(terminal, clock, zhao, qian).json()
    assert made["principal"] == "赵**" and made["mode"] == "proxy"
    assert [one["number"] for one in listed(terminal, qian)] == [made["number"]]

    principal = act(terminal, made["number"], qian).json()
    assert principal["number"] == person("zhao").number
    handle = principal["subject"]["subject"]
    answer = terminal.file(submission(clock, handle, qian, made["number"]))
    assert answer.json()["state"] == "accepted", answer.text
    store = Store(settings.data / "platform.db")
    with store.reading() as connection:
        (row,) = connection.execute(cases.select()).all()
    store.close()
    assert (row.citizen, row.agent) == (person("zhao").number, person("qian").number)
    assert (row.agent_mode, row.authorisation) == ("proxy", made["number"])


def test_what_is_asked_of_the_person_is_asked_of_the_agent(terminal: Terminal, clock: Clock) -> None:
    zhao, qian = terminal.lay_card("zhao"), terminal.lay_card("qian")
    number = sign(terminal, clock, zhao, qian).json()["number"]
    handle = act(terminal, number, qian).json()["subject"]["subject"]
    by_staff = submission(clock, handle, qian, number, means="staff", staff="1001")
    terminal.post(f"/v1/identity/{handle}/staff", StaffCheck(staff="1001", pin="246810"))
    assert code_of(terminal.file(by_staff)) == "means_insufficient", "staff saw somebody else"
    terminal.post(f"/v1/identity/{qian}/staff", StaffCheck(staff="1001", pin="246810"))
    assert terminal.file(by_staff).json()["state"] == "accepted"


def test_expired_withdrawn_and_foreign_authorisations_are_refused(terminal: Terminal, clock: Clock) -> None:
    zhao, qian = terminal.lay_card("zhao"), terminal.lay_card("qian")
    number = sign(terminal, clock, zhao, qian).json()["number"]
    assert code_of(act(terminal, number, terminal.lay_card("tang"))) == "authorisation_unknown"
    assert code_of(act(terminal, "SQ0", qian)) == "authorisation_unknown"

    handle = act(terminal, number, qian).json()["subject"]["subject"]
    withdrawn = f"/v1/authorisations/{number}/withdraw"
    assert code_of(terminal.http.post(withdrawn, params={"principal": qian})) == "authorisation_unknown"
    assert terminal.http.post(withdrawn, params={"principal": zhao}).status_code == 204
    assert code_of(act(terminal, number, qian)) == "authorisation_withdrawn"
    assert code_of(terminal.file(submission(clock, handle, qian, number))) == "authorisation_withdrawn"
    assert listed(terminal, qian) == []

    number = sign(terminal, clock, zhao, qian, until=clock.time.date()).json()["number"]
    assert listed(terminal, qian), "the last day counts"
    clock.pass_by(days=1)
    qian = terminal.lay_card("qian")
    assert code_of(act(terminal, number, qian)) == "authorisation_expired"
    assert listed(terminal, qian) == []


def test_an_authorisation_opens_its_own_services_only(terminal: Terminal, clock: Clock) -> None:
    zhao, qian = terminal.lay_card("zhao"), terminal.lay_card("qian")
    number = "SQ20260105ZHAO22"  # made at a window, and not for this service
    handle = act(terminal, number, qian).json()["subject"]["subject"]
    assert listed(terminal, qian) == []
    assert code_of(terminal.file(submission(clock, handle, qian, number))) == "authorisation_scope"
    form = terminal.http.get("/v1/services/SB01/form", params={"subject": handle})
    assert code_of(form) == "authorisation_scope", "nor tells it anything of another"
    other = sign(terminal, clock, zhao, qian).json()["number"]
    handle = act(terminal, other, qian).json()["subject"]["subject"]
    mixed = submission(clock, terminal.lay_card("li"), qian, other)
    assert code_of(terminal.file(mixed)) == "authorisation_scope", "for somebody else than it names"
    alone = submission(clock, handle, qian, other).model_copy(update={"agent": None})
    assert code_of(terminal.file(alone)) == "authorisation_missing"


@pytest.mark.parametrize("path", ["/v1/cases/open", "/v1/ratings/open", "/v1/identity/{}/photograph"])
def test_an_agent_hears_nothing_of_the_principal_s_other_affairs(
    terminal: Terminal, clock: Clock, path: str
) -> None:
    zhao, qian = terminal.lay_card("zhao"), terminal.lay_card("qian")
    number = sign(terminal, clock, zhao, qian).json()["number"]
    handle = act(terminal, number, qian).json()["subject"]["subject"]
    for who, refused in ((zhao, False), (handle, True)):
        answer = terminal.http.get(path.format(who), params={"subject": who})
        told = answer.json() if answer.headers["content-type"] == "application/json" else {}
        assert (told.get("code") == "authorisation_scope") == refused
    held = terminal.http.get("/v1/certificates", params={"subject": handle})
    assert held.json() == {"items": []}


def test_what_demands_the_person_refuses_agents(terminal: Terminal, clock: Clock) -> None:
    zhao, qian = terminal.lay_card("zhao"), terminal.lay_card("qian")
    for service in ("TS03", "SB01"):
        assert code_of(sign(terminal, clock, zhao, qian, services=(service,))) == "agent_refused"
    number = sign(terminal, clock, zhao, qian).json()["number"]
    proof = submission(clock, zhao, qian, number, service="TS03")
    assert code_of(terminal.file(proof)) == "agent_refused"


@pytest.mark.parametrize(
    ("differently", "refused"),
    [
        ({"signature": "scribble"}, "signature_missing"),
        ({"until": date(2026, 11, 21)}, "authorisation_until"),
        ({"until": date(2028, 1, 1)}, "authorisation_until"),
        ({"mode": "assist", "until": date(2026, 11, 23)}, "authorisation_until"),
        ({"services": ("TS02", "SB01")}, "agent_refused"),
        ({"services": ("XX99",)}, "service_unknown"),
    ],
)
def test_an_authorisation_that_does_not_hold_is_not_made(
    terminal: Terminal, clock: Clock, differently: dict[str, Any], refused: str
) -> None:
    answer = sign(terminal, clock, terminal.lay_card("zhao"), terminal.lay_card("qian"), **differently)
    assert code_of(answer) == refused


def test_nobody_authorises_himself_or_for_another(terminal: Terminal, clock: Clock) -> None:
    zhao, qian, tang = (terminal.lay_card(key) for key in ("zhao", "qian", "tang"))
    assert code_of(sign(terminal, clock, zhao, terminal.lay_card("zhao"))) == "agent_self"
    number = sign(terminal, clock, zhao, qian).json()["number"]
    handle = act(terminal, number, qian).json()["subject"]["subject"]
    assert code_of(sign(terminal, clock, handle, tang)) == "agent_refused", "an agent hands nothing on"


def test_the_windows_authorisations_are_of_known_people_and_laid_down_once(terminal: Terminal) -> None:
    rows = authorisations.load()
    assert {key for row in rows for key in (row.principal, row.agent)} <= people().keys()
    assert len({row.number for row in rows}) == len(rows)
    gone = act(terminal, "SQ20251101QNSY26", terminal.lay_card("zhang"))
    assert code_of(gone) == "authorisation_withdrawn"
    assert code_of(act(terminal, "SQ20250102YANG25", terminal.lay_card("tang"))) == "authorisation_expired"
