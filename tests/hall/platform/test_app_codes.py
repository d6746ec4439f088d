"""The codes that citizens' apps show in place of a card."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from config import app_code
from config.identity_api import AppCode
from config.people import person
from hall.platform.settings import ServerSettings
from tests.hall.platform.conftest import Clock, serving
from tests.hall.platform.issuer import Issuer, new_issuer
from tests.hall.platform.terminal import Terminal, proof


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    return new_issuer(tmp_path)


@pytest.fixture
def trusting(settings: ServerSettings, clock: Clock, issuer: Issuer) -> Iterator[Terminal]:
    with serving(settings.model_copy(update={"app_trust": issuer.trust}), clock) as terminal:
        yield terminal


def show(terminal: Terminal, code: str) -> tuple[int, str]:
    answer = terminal.post("/v1/identity/app", AppCode(code=code))
    return answer.status_code, answer.json().get("code", "")


def test_an_app_says_who_it_is_as_a_card_would(trusting: Terminal, issuer: Issuer, clock: Clock) -> None:
    code = issuer.code("zhang", clock.time)
    assert "张" not in code and person("zhang").number not in code
    holder = trusting.post("/v1/identity/app", AppCode(code=code)).json()
    assert (holder["name"], holder["number"]) == ("张明远", person("zhang").number)
    assert holder["subject"]["known"] and holder["subject"]["phone"] == "138****0001"
    known = trusting.http.get("/v1/services/SB01/form", params={"subject": holder["subject"]["subject"]})
    assert known.json()["values"]["to"] == "2026-10"


def test_a_code_is_good_once_and_not_after_its_minute(
    trusting: Terminal, issuer: Issuer, clock: Clock
) -> None:
    code, late = issuer.code("zhang", clock.time), issuer.code("zhang", clock.time)
    assert show(trusting, code) == (200, "")
    assert show(trusting, code) == (422, "app_code_used")
    clock.pass_by(seconds=app_code.LIFE_SECONDS)
    assert show(trusting, late) == (422, "app_code_expired")


def test_a_used_code_stays_used_when_the_platform_starts_anew(
    settings: ServerSettings, clock: Clock, issuer: Issuer
) -> None:
    code = issuer.code("zhang", clock.time)
    trusted = settings.model_copy(update={"app_trust": issuer.trust})
    for told in ((200, ""), (422, "app_code_used")):
        with serving(trusted, clock) as terminal:
            assert show(terminal, code) == told


def test_a_forged_code_and_nobodys_are_refused_with_words(
    trusting: Terminal, issuer: Issuer, clock: Clock, tmp_path: Path
) -> None:
    (tmp_path / "thief").mkdir()
    thief = new_issuer(tmp_path / "thief")
    assert show(trusting, thief.code("zhang", clock.time)) == (422, "app_code_bad")
    own = issuer.code("zhang", clock.time)
    head, payload, signature = own.split(".")
    for forged in (f"{head}.{payload[:-2]}AA.{signature}", f"{head}.{payload}", "", "https://example.com/x"):
        assert show(trusting, forged) == (422, "app_code_bad")
    assert show(trusting, issuer.code("somebody", clock.time)) == (422, "app_code_nobody")
    ever = replace(app_code.new_ticket(app_code.account_of("li"), clock.time), until=4_000_000_000)
    assert show(trusting, app_code.write(ever, issuer.key)) == (422, "app_code_bad"), "good for years"
    answer = trusting.post("/v1/identity/app", AppCode(code=own + "x"))
    assert "身份码" in answer.json()["message"]["zh"]


def test_without_an_issuer_no_code_is_believed(terminal: Terminal, issuer: Issuer, clock: Clock) -> None:
    assert show(terminal, issuer.code("zhang", clock.time)) == (422, "app_code_bad")


def test_an_app_is_believed_only_where_its_code_was_seen(terminal: Terminal, clock: Clock) -> None:
    told = proof(terminal.lay_card("zhang"), clock.time, means="app")
    assert terminal.file(told).json()["code"] == "means_insufficient"
