"""The key that waits for its certificate, damaged by the disk: nobody has to remove it."""

from __future__ import annotations

import contextlib
import os
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from config.settings import Settings
from hall.machines import enrolment
from kiosk.doctor import certificate, network
from kiosk.doctor.clock import Heard
from kiosk.enrolment import enrolment as talk
from kiosk.enrolment import identity
from kiosk.enrolment.identity import IdentityError
from tests.kiosk.enrolment import test_identity
from tests.kiosk.enrolment.test_identity import Office, Stopped, look, stopping

office, told = test_identity.office, test_identity.told  # its fixtures
Damage = Callable[[Path], object]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hall lets one address fail as often as it wants."""
    monkeypatch.setattr(enrolment, "FAILURES", 1000)


def _key(made: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, password: bytes = b"") -> bytes:
    lock = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return made.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)


def _becomes_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "x").touch()


def _becomes_a_link(path: Path, to: str) -> None:
    path.unlink()
    path.symlink_to(to)


DAMAGES: dict[str, Damage] = {
    "torn": lambda path: path.write_bytes(path.read_bytes()[:100]),
    "empty": lambda path: path.write_bytes(b""),
    "zeros": lambda path: path.write_bytes(bytes(241)),
    "one letter": lambda path: path.write_bytes(path.read_bytes().replace(b"MIGHAgEA", b"MIGHAgEB")),
    "another curve": lambda path: path.write_bytes(_key(ec.generate_private_key(ec.SECP384R1()))),
    "another kind": lambda path: path.write_bytes(_key(rsa.generate_private_key(65537, 2048))),
    "a password": lambda path: path.write_bytes(_key(ec.generate_private_key(ec.SECP256R1()), b"x")),
    "a link to nothing": lambda path: _becomes_a_link(path, "nowhere"),
    "a link to itself": lambda path: _becomes_a_link(path, path.name),
    "a folder": _becomes_a_folder,
}


def _waiting(data: Path) -> Path:
    return data / "identities" / identity.NEXT


def _damaged(data: Path, damage: Damage) -> bool:
    """Whether there was something to damage."""
    if not _waiting(data).exists():
        return False
    damage(_waiting(data))
    return True


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_key_is_made_anew_and_the_log_says_so(tmp_path: Path, damage: Damage) -> None:
    first = identity.next_key(tmp_path)
    damage(_waiting(tmp_path))
    with capture_logs() as logs:
        second = identity.next_key(tmp_path)
    assert second.public_key() != first.public_key()
    assert identity.next_key(tmp_path).public_key() == second.public_key(), "and that one stays"
    assert _waiting(tmp_path).stat().st_mode & 0o777 == 0o600
    assert [one["event"] for one in logs] in (["next_key_damaged"], []), "a link to nothing is no file"
    _becomes_a_folder(_waiting(tmp_path))
    identity.forget_next_key(tmp_path)
    assert not _waiting(tmp_path).exists()


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=300))
def test_whatever_lies_there_a_key_that_can_be_used_comes_of_it(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    data = tmp_path_factory.mktemp("terminal")
    identity.next_key(data)
    _waiting(data).write_bytes(content)
    key = identity.next_key(data)
    assert identity.request(key, "a/h/k").is_signature_valid
    assert identity.next_key(data).public_key() == key.public_key()


def test_a_program_that_may_open_no_file_now_does_not_throw_a_good_key_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = identity.next_key(tmp_path)

    def full(path: Path) -> bytes:
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="Too many"):
        patch.setattr(Path, "read_bytes", full)
        identity.next_key(tmp_path)
    assert identity.next_key(tmp_path).public_key() == key.public_key()


def test_stopped_at_any_step_and_the_key_torn_it_enrols_or_wants_another_token(
    office: Office, told: Settings
) -> None:
    at, ends = 1, set()
    while True:
        token = office.token()
        mine = told.model_copy(update={"data": told.data / str(at)})
        with stopping(at), contextlib.suppress(Stopped):
            talk.enrol(mine, office.address, token)
            break
        torn = _damaged(mine.data, DAMAGES["torn"])
        try:
            found = talk.enrol(mine, office.address, token)
            assert not torn
            ends.add("the same token")
        except IdentityError as error:
            assert torn and error.code == "token_used" and "new one" in error.remedy
            found = talk.enrol(mine, office.address, office.token())
            ends.add("another token")
        assert identity.read(mine.data) == found and office.certificates() == 1
        assert found.key().public_key() == found.certificate.public_key()
        at += 1
    assert ends == {"the same token", "another token"}


def test_stopped_at_any_step_and_the_key_torn_it_renews_or_somebody_is_called(
    office: Office, told: Settings
) -> None:
    mine = told.model_copy(update={"data": told.data / "renewing"})
    now = talk.enrol(mine, office.address, office.token())
    at, ends = 1, set()
    while True:
        with stopping(at), contextlib.suppress(Stopped):
            talk.renew(mine.data, now)
            break
        torn = _damaged(mine.data, DAMAGES["torn"])
        faults, renewed = look(mine, 0.8)
        assert not faults["certificate_expired"], "at no instant is it nobody"
        if faults["certificate_expiring"]:  # the hall gave one for the key that is lost
            assert torn and not renewed
            now = talk.enrol(mine, office.address, office.token())
            assert not any(look(mine, 0.5)[0].values())
            ends.add("another token")
        else:
            seen = identity.read(mine.data)
            assert seen is not None and renewed == 1 and not torn
            now = seen
            ends.add("renewed")
        at += 1
    assert ends == {"renewed", "another token"}


def test_torn_before_the_hall_has_heard_of_it_nothing_is_lost(
    office: Office, told: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(url: str, what: str, *told: object) -> object:
        raise IdentityError("hall_unreachable", "the line is cut")

    def asked_in_vain(ask: Callable[[], object]) -> None:
        with monkeypatch.context() as patch, pytest.raises(IdentityError, match="cut"):
            patch.setattr(talk, "_ask", cut)
            ask()
        assert _damaged(told.data, DAMAGES["torn"])

    token = office.token()
    asked_in_vain(lambda: talk.enrol(told, office.address, token))
    found = talk.enrol(told, office.address, token)
    asked_in_vain(lambda: talk.renew(told.data, found))
    faults, renewed = look(told, 0.8)
    assert renewed == 1 and not any(faults.values())


@pytest.mark.parametrize("name", ["key.pem", "authority.pem"])
def test_a_present_key_or_authority_that_is_damaged_is_told_at_once_and_healed_by_a_token(
    office: Office, told: Settings, name: str
) -> None:
    found = talk.enrol(told, office.address, office.token())
    (found.folder / name).write_bytes(_key(ec.generate_private_key(ec.SECP256R1())))
    assert look(told, 0.1)[0]["certificate_expired"]
    talk.enrol(told, office.address, office.token())
    assert not any(look(told, 0.1)[0].values())


BYTES = {
    "its version": (bytes.fromhex("a003020102"), bytes.fromhex("a00302010f")),
    "the kind of its key": (bytes.fromhex("2a8648ce3d0201"), bytes.fromhex("2a8648ce3d0701")),
    "the curve of its key": (bytes.fromhex("2a8648ce3d030107"), bytes.fromhex("2a8648ce3d030177")),
    "its key, which is no point": (bytes.fromhex("03420004"), bytes.fromhex("03420009")),
}


@pytest.mark.parametrize("name", ["certificate.pem", "authority.pem"])
@pytest.mark.parametrize("byte", BYTES)
def test_a_byte_of_a_certificate_that_the_disk_has_changed_is_told_and_healed_by_a_token(
    office: Office, told: Settings, name: str, byte: str
) -> None:
    """It still reads as a certificate, until somebody asks for what is in it."""
    path = talk.enrol(told, office.address, office.token()).folder / name
    right, wrong = BYTES[byte]
    der = ssl.PEM_cert_to_DER_cert(path.read_text("ascii"))
    assert right in der
    path.write_text(ssl.DER_cert_to_PEM_cert(der.replace(right, wrong, 1)), "ascii")
    assert look(told, 0.1)[0]["certificate_expired"]
    (finding,) = certificate.examine(told)
    assert not finding.ready and "enrol again" in finding.found.en
    assert "hall" not in [one.name for one in network.examine(told, Heard())], "nobody to be asked by these"
    talk.enrol(told, office.address, office.token())
    assert not any(look(told, 0.1)[0].values())
    (finding,) = certificate.examine(told)
    assert finding.ready


def test_a_disk_that_takes_no_certificate_is_told_when_it_gets_late(
    office: Office, told: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    talk.enrol(told, office.address, office.token())
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        assert look(told, 0.7)[0] == {"certificate_expired": False, "certificate_expiring": False}
        assert look(told, 0.9)[0] == {"certificate_expired": False, "certificate_expiring": True}
    assert look(told, 0.8) == ({"certificate_expired": False, "certificate_expiring": False}, 1)


def test_two_who_ask_at_once_do_not_clear_away_what_the_other_has_made(
    office: Office, told: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one waits for the hall's answer somebody types `enroll`, and the terminal wants to renew."""
    ask = talk._ask
    seen: list[str] = []

    def slowly(*asked: Any) -> Any:
        if not seen:
            seen.append("asked")
            with pytest.raises(IdentityError, match="again later") as error:
                talk.enrol(told, office.address, token)
            assert error.value.code == "busy" and not look(told, 0.8)[1]
        return ask(*asked)

    talk.enrol(told, office.address, office.token())
    token = office.token()
    with monkeypatch.context() as patch:
        patch.setattr(talk, "_ask", slowly)
        found = talk.enrol(told, office.address, token)
    assert seen and identity.read(told.data) == found and not any(look(told, 0.8)[0].values())


def test_a_renewal_that_comes_after_somebody_enrolled_takes_what_he_brought(
    office: Office, told: Settings
) -> None:
    old = talk.enrol(told, office.address, office.token())
    new = talk.enrol(told, office.address, office.token())
    assert talk.renew(told.data, old) == new and office.certificates() == 1
