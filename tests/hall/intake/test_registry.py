"""Who may speak, as an ingest knows it: at once for who is let in, within seconds for who is shut out."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Engine

from config.enrolment import Enrol
from hall.intake import registry
from hall.intake.letters import Arrival, open_letter
from hall.intake.registry import Registry
from hall.machines import authority, machines
from hall.machines.authority import AuthorityError
from hall.settings import HallSettings
from kiosk.enrolment import identity
from tests.hall.fleet import Speaker, health


def now() -> int:
    return int(time.time() * 1000)


def settings_of(engine: Engine, folder: Path) -> HallSettings:
    url = engine.url.render_as_string(hide_password=False)
    return HallSettings(data=folder, area="a", hall="h", database=url)


def enrol(engine: Engine, folder: Path, path: str) -> str:
    """The terminal is let in; the token's secret."""
    settings = settings_of(engine, folder)
    whose = authority.open_authority(settings)
    with engine.begin() as tx:
        secret = machines.make_token(tx, settings, whose, path, "test", now()).secret.hex()
    with engine.begin() as tx:
        machines.enrol(tx, settings, whose, _asked(path, secret), now())
    return secret


def _asked(path: str, secret: str) -> Enrol:
    made = identity.request(ec.generate_private_key(ec.SECP256R1()), path)
    pem = made.public_bytes(serialization.Encoding.PEM).decode()
    return Enrol(token=secret, terminal=path, request=pem)


def test_who_is_let_in_speaks_at_once_and_who_is_shut_out_is_silent_soon(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict, open_hall = Registry(engine, True), Registry(engine, False)
    assert strict.objection("a/h/k") == "unknown_terminal" and open_hall.objection("a/h/k") == ""
    enrol(engine, tmp_path, "a/h/k")
    assert strict.objection("a/h/k") == ""
    with engine.begin() as tx:
        machines.revoke(tx, "a/h/k", "stolen", "test", now())
    assert strict.objection("a/h/k") == "", "what was read a moment ago holds for seconds"
    monkeypatch.setattr(registry, "REFRESH_SECONDS", 0.0)
    later = Registry(engine, True)
    assert later.objection("a/h/k") == "revoked"
    strict._refresh_at = 0.0  # three seconds later
    assert strict.objection("a/h/k") == "revoked" and open_hall.objection("a/h/k") == ""
    open_hall._refresh_at = 0.0
    assert open_hall.objection("a/h/k") == "revoked", "also where strangers may speak"
    enrol(engine, tmp_path, "a/h/k")
    assert strict.objection("a/h/k") == ""
    with engine.begin() as tx:
        machines.retire(tx, "a/h/k", "test", now())
    strict._refresh_at = 0.0
    assert strict.objection("a/h/k") == "revoked"


def test_letters_of_who_may_not_speak_are_refused_and_the_others_stay_as_they_are(
    engine: Engine, tmp_path: Path
) -> None:
    enrol(engine, tmp_path, "a/h/good")
    letters = []
    for path in ("a/h/good", "a/h/bad"):
        topic, payload = Speaker(engine, path).letter(health())
        letters += [open_letter(Arrival(1, topic, payload, 0)), open_letter(Arrival(1, topic, b"x", 0))]
    Registry(engine, True).turn_away(letters)
    assert [letter.code for letter in letters] == ["", "malformed", "unknown_terminal", "unknown_terminal"]
    assert all(letter.again and not letter.final for letter in letters[2:]), (
        "it may be enrolled again, or a restored store not know that it was: the terminal keeps what it has"
    )


def test_a_token_that_two_use_in_one_instant_opens_to_one_of_them(engine: Engine, tmp_path: Path) -> None:
    settings = settings_of(engine, tmp_path)
    whose = authority.open_authority(settings)
    with engine.begin() as tx:
        secret = machines.make_token(tx, settings, whose, "a/h/k", "test", now()).secret.hex()
    ends: list[str] = []
    gate = threading.Barrier(4)

    def try_it() -> None:
        told = _asked("a/h/k", secret)
        gate.wait()
        try:
            with engine.begin() as tx:
                machines.enrol(tx, settings, whose, told, now())
            ends.append("issued")
        except AuthorityError as error:
            ends.append(error.code)

    threads = [threading.Thread(target=try_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(ends) == ["issued", "token_used", "token_used", "token_used"]
