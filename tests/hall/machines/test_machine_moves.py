"""A machine that goes to another place, and one that ends itself: what the hall withdraws and says."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select

from config.enrolment import Token, read_token, signed_for_retirement
from hall.data import desk_tables, reading
from hall.machines import machine_commands, machines
from hall.scheduler import retention
from hall.settings import HallSettings
from tests.hall.machines.test_enrolment import PATH, Office, certificate, code, new_key

NEW = "a/h2/k9"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(HallSettings(data=tmp_path, area="a", hall="h"))
    yield made
    made.close()


def moved(office: Office, capsys: pytest.CaptureFixture[str], old: str = PATH, new: str = NEW) -> Token:
    """The token that `hall machine move` prints."""
    assert machine_commands.move(office.settings, old, new) == 0
    return read_token(capsys.readouterr().out.splitlines()[2])


def states(office: Office) -> dict[str, str]:
    m = desk_tables.machines.c
    with office.engine.connect() as tx:
        return {row.terminal: row.state for row in tx.execute(select(m.terminal, m.state))}


def retire(office: Office, pem: str, key: ec.EllipticCurvePrivateKey, reason: str, path: str = PATH) -> Any:
    signature = key.sign(signed_for_retirement(path, reason), ec.ECDSA(hashes.SHA256()))
    told = {"certificate": pem, "signature": base64.b64encode(signature).decode(), "reason": reason}
    return office.http.post("/enrolment/retire", json=told)


def test_a_machine_that_moves_has_its_new_name_and_the_old_certificate_is_withdrawn_with_it(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = new_key(), new_key()
    first = office.enrol(office.token(), old).json()["certificate"]
    token = moved(office, capsys)
    assert states(office) == {PATH: machines.ENROLLED}, "until it has arrived it is where it was"
    answer = office.enrol(token, new, NEW)
    assert certificate(answer) and answer.json()["left"] == PATH
    assert office.enrol(token, new, NEW).json() == answer.json(), "a lost answer"
    assert states(office) == {PATH: machines.MOVED, NEW: machines.ENROLLED}
    assert code(office.renew(first, old, new_key())) == "revoked"
    with office.engine.connect() as tx:
        assert reading.retired(tx) == {PATH}, "nobody is called to an empty place"
    assert ("machine_moved", "") in office.acts()


def test_an_empty_place_may_have_another_machine_and_a_taken_one_is_no_place_to_go(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    certificate(office.enrol(office.token(), new_key()))
    certificate(office.enrol(office.token("a/h2/k1"), new_key(), "a/h2/k1"))
    for old, new, word in (
        (PATH, "a/h2/k1", "another machine's"),
        ("a/h/none", NEW, "not enrolled"),
        (PATH, PATH, "the other one"),
    ):
        assert machine_commands.move(office.settings, old, new) == 2
        assert word in capsys.readouterr().err
    token = moved(office, capsys)
    certificate(office.enrol(token, new_key(), NEW))
    certificate(office.enrol(office.token(), new_key()))
    assert states(office)[PATH] == machines.ENROLLED


def test_a_terminal_says_itself_that_it_is_gone_and_may_say_so_again(office: Office) -> None:
    key = new_key()
    pem = office.enrol(office.token(), key).json()["certificate"]
    for _ in range(2):
        answer = retire(office, pem, key, "worn out")
        assert answer.status_code == 200 and answer.json() == {"terminal": PATH}
    assert states(office) == {PATH: machines.RETIRED}
    a = desk_tables.audit.c
    with office.engine.connect() as tx:
        (row,) = tx.execute(select(a.actor, a.detail).where(a.act == "machine_retired"))
    assert tuple(row) == (f"terminal:{PATH}", "worn out")


def test_nobody_ends_a_machine_without_its_key(office: Office) -> None:
    key, other = new_key(), new_key()
    pem = office.enrol(office.token(), key).json()["certificate"]
    assert code(retire(office, pem, other, "")) == "wrong_signature"
    assert code(retire(office, pem, key, "", path="a/h/k2")) == "wrong_signature"
    assert code(retire(office, "nonsense", key, "")) == "not_ours"
    with office.engine.begin() as tx:
        machines.revoke(tx, PATH, "stolen", "test", retention.DAY_MS)
    assert code(retire(office, pem, key, "")) == "revoked"
    assert states(office) == {PATH: machines.REVOKED}
