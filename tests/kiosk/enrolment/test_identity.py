"""The terminal's own identity: stopped at any instant, believing only its hall, renewed in time."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from config.enrolment import Token, read_token
from config.settings import Identity, PlatformSettings, Settings
from config.words import Words
from hall.data import desk_tables, store
from hall.machines import authority, machines
from hall.settings import HallSettings
from kiosk.doctor import certificate
from kiosk.enrolment import enrolment as talk
from kiosk.enrolment import identity
from kiosk.enrolment.certificate_watch import CertificateWatch
from kiosk.enrolment.enrolled_settings import RETIRED
from kiosk.enrolment.identity import IdentityError
from tests.hall.secure_hall import desk

PATH = "a/h/k"


class Stopped(BaseException):
    """The plug was pulled."""


class Office:
    """A hall's desk over HTTPS and what its store says."""

    def __init__(self, settings: HallSettings, address: str, engine: Engine) -> None:
        self.settings, self.address, self.engine = settings, address, engine

    def token(self) -> Token:
        with self.engine.begin() as tx:
            whose = authority.open_authority(self.settings)
            made = machines.make_token(tx, self.settings, whose, PATH, "test", int(time.time() * 1000))
        return read_token(str(made))

    def certificates(self) -> int:
        """How many of the terminal hold."""
        c = desk_tables.certificates.c
        with self.engine.connect() as tx:
            return tx.scalar(select(func.count()).where(c.name == PATH, c.revoked == 0)) or 0


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("hall")
    settings = HallSettings(data=folder / "hall", area="a", hall="h")
    store.migrate(settings)
    engine = store.open_store(settings)
    with desk(settings, authority.open_authority(settings), folder / "desk") as address:
        yield Office(settings, address, engine)
    engine.dispose()


@pytest.fixture
def told(tmp_path: Path) -> Settings:
    """A terminal that nobody knows."""
    return Settings(
        identity=Identity(area="a", hall="h", kiosk="k", hall_name=Words("厅", "hall"), help_phone="1"),
        data=tmp_path / "data",
        platform=PlatformSettings(
            url="http://127.0.0.1:1", public="http://127.0.0.1:1", trust=tmp_path / "r"
        ),
    )


@contextlib.contextmanager
def stopping(at: int) -> Iterator[list[str]]:
    """The `at`th step that changes the disk or hears the hall is the last one; half of it is done."""
    steps: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        for where, name, first in ((os, "replace", False), (os, "rename", True), (talk, "_http", True)):
            patch.setattr(where, name, _counted(getattr(where, name), name, steps, at, first))
        yield steps


def _counted(
    done: Callable[..., Any], name: str, steps: list[str], at: int, first: bool
) -> Callable[..., Any]:
    def counted(*arguments: Any, **named: Any) -> Any:
        steps.append(name)
        if len(steps) != at:
            return done(*arguments, **named)
        if first:
            done(*arguments, **named)  # it happened, and nobody learnt of it
        raise Stopped

    return counted


def test_stopped_at_any_step_it_enrols_when_it_is_run_again(office: Office, told: Settings) -> None:
    at, stops = 1, 0
    while True:
        token = office.token()
        mine = told.model_copy(update={"data": told.data / str(at)})
        with stopping(at) as steps, contextlib.suppress(Stopped):
            talk.enrol(mine, office.address, token)
            break
        stops += 1
        found = talk.enrol(mine, office.address, token)
        assert identity.read(mine.data) == found
        assert found.key().public_key() == found.certificate.public_key()
        assert office.certificates() == 1, "one question, one certificate"
        assert not (mine.data / "identities" / "next.pem").exists()
        assert [one.name for one in (mine.data / "identities").iterdir()] == [found.folder.name]
        at += 1
    assert stops == len(steps) >= 8


def test_stopped_at_any_step_it_renews_when_it_looks_again(office: Office, told: Settings) -> None:
    mine = told.model_copy(update={"data": told.data / "renewing"})
    now = talk.enrol(mine, office.address, office.token())
    at = 1
    while True:
        with stopping(at), contextlib.suppress(Stopped):
            talk.renew(mine.data, now)
            break
        seen = identity.read(mine.data)
        assert seen is not None, "at no instant is it nobody"
        assert seen.key().public_key() == seen.certificate.public_key()
        now = talk.renew(mine.data, seen) if seen == now else seen
        at += 1
    assert at >= 8


def test_a_hall_that_is_not_the_tokens_hears_nothing_secret(office: Office, told: Settings) -> None:
    wrong = dataclasses.replace(office.token(), authority=b"?" * 32)
    with pytest.raises(IdentityError) as error:
        talk.enrol(told, office.address, wrong)
    assert error.value.code == "authority_wrong"
    with pytest.raises(IdentityError, match="https") as error:
        talk.enrol(told, "http://desk.hall", office.token())
    assert error.value.code == "wrong_address"
    with pytest.raises(IdentityError) as error:
        talk.enrol(told, "https://127.0.0.1:1", office.token())
    assert error.value.code == "hall_unreachable"
    assert identity.read(told.data) is None


def test_what_the_hall_refuses_is_told_with_its_remedy(office: Office, told: Settings) -> None:
    token = office.token()
    talk.enrol(told, office.address, token)
    other = told.model_copy(update={"data": told.data / "other"})
    with pytest.raises(IdentityError, match="ask the hall for a new one") as error:
        talk.enrol(other, office.address, token)
    assert error.value.code == "token_used"


@pytest.mark.parametrize("days", [-2, 2, 4000])
def test_a_clock_that_is_far_off_is_named_beside_the_halls(
    office: Office, told: Settings, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    token, moment = office.token(), identity.now() + timedelta(days=days)
    with monkeypatch.context() as patch:
        patch.setattr(identity, "now", lambda: moment)
        with pytest.raises(
            IdentityError, match=f"here it is {moment:%F}.*at the hall.*set the clock"
        ) as error:
            talk.enrol(told, office.address, token)
    assert error.value.code == "clock_wrong"
    assert talk.enrol(told, office.address, token).home.terminal == PATH, "nothing was used up"


def test_a_folder_of_another_place_or_of_a_retired_terminal_is_not_enrolled_over(
    office: Office, told: Settings
) -> None:
    talk.enrol(told, office.address, office.token())
    elsewhere = told.model_copy(update={"identity": told.identity.model_copy(update={"kiosk": "k2"})})
    with pytest.raises(IdentityError, match=r"main\.py move") as error:
        talk.enrol(elsewhere, office.address, office.token())
    assert error.value.code == "other_terminal"
    (told.data / RETIRED).touch()
    with pytest.raises(IdentityError, match="another folder"):
        talk.enrol(told, office.address, office.token())


def look(told: Settings, at: float, enrolled: bool = True) -> tuple[dict[str, bool], int]:
    """The watch looks when so much of the life is over; its faults, and how often it renewed."""
    found = identity.readable(told.data)
    faults: dict[str, bool] = {}
    renewed: list[bool] = []
    moment = identity.now()
    if found is not None:
        moment = found.begins + (found.ends - found.begins) * at
    watch = CertificateWatch(
        told.data, enrolled, faults.__setitem__, lambda: renewed.append(True), lambda: moment
    )
    asyncio.run(watch.round())
    return faults, len(renewed)


def test_it_is_renewed_after_two_thirds_and_a_hall_that_is_away_is_a_fault_only_when_it_is_late(
    office: Office, told: Settings
) -> None:
    quiet = {"certificate_expired": False, "certificate_expiring": False}
    talk.enrol(told, office.address, office.token())
    assert look(told, 0.6) == (quiet, 0)
    assert look(told, 0.8) == (quiet, 1)
    found = identity.read(told.data)
    assert found is not None and (found.folder / "key.pem").stat().st_mode & 0o777 == 0o600
    away = dataclasses.replace(found.home, url="https://127.0.0.1:1")
    (found.folder / "hall.json").write_text(json.dumps(away.__dict__))
    assert look(told, 0.8) == (quiet, 0)
    assert look(told, 0.9) == (quiet | {"certificate_expiring": True}, 0)
    assert look(told, 1.1) == (quiet | {"certificate_expired": True}, 0)


def test_without_a_certificate_or_with_a_damaged_one_it_says_so_and_enrols_again(
    office: Office, told: Settings
) -> None:
    assert look(told, 0.5)[0]["certificate_expired"]
    assert not look(told, 0.5, enrolled=False)[0]["certificate_expired"]
    found = talk.enrol(told, office.address, office.token())
    assert look(told, -0.1)[0]["certificate_expired"], "a clock that is behind"
    (found.folder / "certificate.pem").write_text("nothing")
    assert look(told, 0.5)[0]["certificate_expired"]
    talk.enrol(told, office.address, office.token())
    assert not look(told, 0.5)[0]["certificate_expired"]


def test_renewals_of_a_hall_are_spread(office: Office, told: Settings) -> None:
    due = set()
    for number in range(5):
        mine = told.model_copy(update={"data": told.data / f"spread{number}"})
        found = talk.enrol(mine, office.address, office.token())
        life = found.ends - found.begins
        due.add(found.renew_at - found.begins)
        assert life * 2 / 3 <= found.renew_at - found.begins < found.late_at - found.begins
    assert max(due) - min(due) > timedelta(hours=1)


def test_the_doctor_tells_how_the_certificate_stands(
    office: Office, told: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(certificate.examine(told)) == []
    found = talk.enrol(told, office.address, office.token())
    (good,) = certificate.examine(told)
    assert good.ready and f"{found.ends:%F}" in good.found.en
    monkeypatch.setattr(identity, "now", lambda: found.ends)
    (expired,) = certificate.examine(told)
    assert not expired.ready and "new token" in expired.remedies[0].en
    (found.folder / "key.pem").write_text("nothing")
    (damaged,) = certificate.examine(told)
    assert not damaged.ready and "enrol again" in damaged.found.en
