"""The issuer of the app on the bench: a key of its own, kept, and codes that say nothing of anybody."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from config import app_code
from config.people import person
from drivers.virtual.app_issuer import PRIVATE, PUBLIC, AppIssuer
from drivers.virtual.phone import VirtualPhone


def public(folder: Path) -> Ed25519PublicKey:
    key = load_pem_public_key((folder / PUBLIC).read_bytes())
    assert isinstance(key, Ed25519PublicKey)
    return key


def test_a_phone_shows_a_code_of_its_owner_and_each_time_another(tmp_path: Path) -> None:
    phone = VirtualPhone(issuer=AppIssuer(tmp_path))
    phone.act("show_code", person="zhang")
    first = str(phone.state()["code"])
    phone.act("show_code", person="zhang")
    second = str(phone.state()["code"])
    tickets = [app_code.read(one, public(tmp_path)) for one in (first, second)]
    assert {one.account for one in tickets} == {app_code.account_of("zhang")}
    assert tickets[0].id != tickets[1].id
    assert 0 < tickets[0].until - datetime.now(UTC).timestamp() <= app_code.LIFE_SECONDS
    assert person("zhang").number not in first and person("zhang").phone not in first


def test_the_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    codes = [AppIssuer(tmp_path).code(person(key)) for key in ("zhang", "li")]
    for code in codes:
        app_code.read(code, public(tmp_path))
    assert (tmp_path / PRIVATE).stat().st_mode & 0o777 == 0o600


def test_without_an_issuer_and_for_nobody_there_is_no_code(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no issuer"):
        VirtualPhone().act("show_code", person="zhang")
    with pytest.raises(ValueError, match="there is no person"):
        VirtualPhone(issuer=AppIssuer(tmp_path)).act("show_code", person="nobody")
