"""Tokens and certificates at the desk: who gets one, and who is told what instead."""

from __future__ import annotations

import base64
import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from sqlalchemy import Engine, select, update

from config.enrolment import Token, signed_for_renewal
from hall.data import desk_tables, store
from hall.machines import (
    authority,
    enrolment,
    machine_certificates,
    machine_commands,
    machine_proofs,
    machines,
)
from hall.machines.authority import AuthorityError
from hall.settings import ExternalAuthority, HallSettings, MachineSettings
from tests.hall.secure_hall import stranger
from tests.peers.desk import desk

PATH = "a/h/k1"
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class Office:
    """A desk, its store, and what a terminal sends to it."""

    def __init__(self, settings: HallSettings) -> None:
        self.settings = settings
        store.migrate(settings)
        self.engine: Engine = store.open_store(settings)
        self._closing = contextlib.ExitStack()
        self._closing.callback(self.engine.dispose)
        address = self._closing.enter_context(desk(settings))
        self.http = self._closing.enter_context(httpx.Client(base_url=address, trust_env=False, timeout=60))

    def close(self) -> None:
        self._closing.close()

    def token(self, path: str = PATH) -> Token:
        with self.engine.begin() as tx:
            whose = authority.open_authority(self.settings)
            return machines.make_token(tx, self.settings, whose, path, "test", now())

    def enrol(self, token: Token, key: Key, path: str = PATH, **changes: str) -> Any:
        body = {"token": token.secret.hex(), "terminal": path, "request": request(key)} | changes
        return self.http.post("/enrolment/enrol", json=body)

    def renew(self, certificate: str, key: Key, new: Key, signer: Key | None = None) -> Any:
        pem = request(new)
        der = x509.load_pem_x509_csr(pem.encode()).public_bytes(serialization.Encoding.DER)
        signing = signer or key
        assert isinstance(signing, ec.EllipticCurvePrivateKey)
        signature = signing.sign(signed_for_renewal(der), ec.ECDSA(hashes.SHA256()))
        body = {"certificate": certificate, "request": pem, "signature": base64.b64encode(signature).decode()}
        return self.http.post("/enrolment/renew", json=body)

    def acts(self) -> list[tuple[str, str]]:
        a = desk_tables.audit.c
        with self.engine.connect() as tx:
            return [(row.act, row.outcome) for row in tx.execute(select(a.act, a.outcome).order_by(a.n))]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(HallSettings(data=tmp_path, area="a", hall="h"))
    yield made
    made.close()


def now() -> int:
    return int(time.time() * 1000)


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def request(key: Key, name: str = "root/of/all") -> str:
    """With a name that nobody gave it."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode()


def certificate(answer: Any) -> x509.Certificate:
    assert answer.status_code == 200, answer.text
    return x509.load_pem_x509_certificate(answer.json()["certificate"].encode())


def code(answer: Any) -> str:
    assert answer.status_code in (202, 403, 413, 422, 429), answer.text
    told = answer.json()
    assert told["remedy"]
    return str(told["code"])


def test_the_name_comes_from_the_token_and_never_from_the_request(office: Office) -> None:
    key = new_key()
    made = certificate(office.enrol(office.token(), key))
    assert machine_proofs.common_name(made) == PATH
    assert made.public_key() == key.public_key()
    usage = made.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert 89 <= (made.not_valid_after_utc - made.not_valid_before_utc).days <= 90
    trusted = x509.load_pem_x509_certificate(office.http.get("/enrolment/authority").content)
    made.verify_directly_issued_by(trusted)
    assert [act for act, _ in office.acts()] == ["machine_token", "machine_enrolled", "certificate_issued"]


def test_a_token_opens_once_and_a_lost_answer_may_be_fetched_again_by_the_same_key(office: Office) -> None:
    token, key = office.token(), new_key()
    first = certificate(office.enrol(token, key))
    assert certificate(office.enrol(token, key)) == first
    assert code(office.enrol(token, new_key())) == "token_used"
    assert ("machine_refused", "token_used") in office.acts()


def test_a_token_late_void_unknown_or_of_another_terminal_opens_nothing(office: Office) -> None:
    key = new_key()
    void, token = office.token(), office.token()
    assert code(office.enrol(void, key)) == "token_late", "a newer token makes the older one void"
    assert code(office.enrol(token, key, path="a/h/k2")) == "token_other_terminal"
    assert code(office.enrol(Token(b"?" * 16, b""), key)) == "token_unknown"
    certificate(office.enrol(token, key))
    with office.engine.begin() as tx:
        tx.execute(update(desk_tables.enrol_tokens).values(expires=now()))
    assert code(office.enrol(token, key)) == "token_late", "also for the key that used it"


def test_a_weak_key_and_a_request_that_its_key_did_not_sign_are_refused_and_the_token_stays_good(
    office: Office,
) -> None:
    token = office.token()
    for weak in (rsa.generate_private_key(65537, 1024), ec.generate_private_key(ec.SECP256K1())):
        assert code(office.enrol(token, weak)) == "weak_key"
    der = bytearray(
        x509.load_pem_x509_csr(request(new_key()).encode()).public_bytes(serialization.Encoding.DER)
    )
    der[-1] ^= 1
    kind = "CERTIFICATE REQUEST-----"
    text = f"-----BEGIN {kind}\n{base64.b64encode(der).decode()}\n-----END {kind}\n"
    for wrong in (text, "nonsense", "é"):
        assert code(office.enrol(token, new_key(), request=wrong)) == "request_invalid"
    certificate(office.enrol(token, new_key()))


def test_who_has_no_token_learns_nothing_and_soon_waits(office: Office) -> None:
    known, stranger = office.token(), Token(b"?" * 16, b"")
    answers = {
        office.enrol(stranger, new_key(), path=path, request=pem).text
        for path in (PATH, "a/h/none")
        for pem in (request(new_key()), "nonsense")
    }
    assert len(answers) == 1
    assert office.http.post("/enrolment/enrol", content=b"x" * 40_000).status_code == 413
    assert office.http.post("/enrolment/enrol", content=b"{}").status_code == 422
    for _ in range(enrolment.FAILURES):
        office.enrol(stranger, new_key())
    assert code(office.enrol(known, new_key())) == "too_many"
    assert {act for act, _ in office.acts()} == {"machine_token"}, "strangers do not fill the audit"


def test_the_audit_names_whose_token_or_certificate_was_shown_and_not_the_name_that_was_given(
    office: Office,
) -> None:
    key = new_key()
    token = office.token()
    held = office.enrol(token, key).json()["certificate"]
    assert code(office.enrol(token, new_key(), "330102/other/K9")) == "token_other_terminal"
    with office.engine.begin() as tx:
        machines.revoke(tx, PATH, "", "test", now())
    assert code(office.renew(held, key, new_key())) == "revoked"
    a = desk_tables.audit.c
    with office.engine.connect() as tx:
        rows = tx.execute(select(a.actor, a.subject, a.area).where(a.act == "machine_refused")).all()
    assert [tuple(row) for row in rows] == [(f"terminal:{PATH}", PATH, "a")] * 2


def test_a_certificate_is_renewed_for_who_has_its_key_and_only_from_the_newest(office: Office) -> None:
    key, next_key = new_key(), new_key()
    first = office.enrol(office.token(), key).json()["certificate"]
    assert code(office.renew(first, key, new_key(), signer=new_key())) == "wrong_signature"
    second = certificate(office.renew(first, key, next_key))
    assert certificate(office.renew(first, key, next_key)) == second, "a lost answer"
    assert code(office.renew(first, key, new_key())) == "replaced"
    pem = second.public_bytes(serialization.Encoding.PEM).decode()
    third = certificate(office.renew(pem, next_key, new_key()))
    assert len({one.serial_number for one in (second, third)}) == 2
    assert code(office.renew(pem, next_key, new_key())) == "replaced"
    for used in (key, next_key):
        assert code(office.renew(pem, next_key, used)) in ("key_known", "replaced"), "no way back"


def test_what_was_revoked_retired_or_has_expired_is_not_renewed(office: Office) -> None:
    key = new_key()
    made = office.enrol(office.token(), key).json()["certificate"]
    with office.engine.begin() as tx:
        tx.execute(update(desk_tables.certificates).values(expires=now()))
    assert code(office.renew(made, key, new_key())) == "expired"
    with office.engine.begin() as tx:
        tx.execute(update(desk_tables.certificates).values(expires=now() + 600_000))
        assert machines.revoke(tx, PATH, "stolen", "test", now()) == 1
    assert code(office.renew(made, key, new_key())) == "revoked"
    again = new_key()
    assert code(office.enrol(office.token(), key)) == "key_known", "the key that was stolen"
    anew = office.enrol(office.token(), again).json()["certificate"]
    with office.engine.begin() as tx:
        machines.retire(tx, PATH, "test", now())
    assert code(office.renew(anew, again, new_key())) == "retired"
    with pytest.raises(AuthorityError, match="retired"):
        office.token()


def test_a_machine_that_is_replaced_takes_its_name_from_the_old_one(office: Office) -> None:
    old, new = new_key(), new_key()
    made = office.enrol(office.token(), old).json()["certificate"]
    certificate(office.enrol(office.token(), new))
    assert code(office.renew(made, old, new_key())) == "revoked"
    c = desk_tables.certificates.c
    with office.engine.connect() as tx:
        assert list(tx.scalars(select(c.reason).where(c.revoked > 0))) == [machine_certificates.SUPERSEDED]


def test_a_certificate_of_somebody_elses_authority_is_not_renewed(office: Office, tmp_path: Path) -> None:
    other = stranger(tmp_path / "other")
    key = new_key()
    certificate(office.enrol(office.token(), key))
    made = authority.client_certificate(other, PATH, key.public_key(), 30)
    pem = made.public_bytes(serialization.Encoding.PEM).decode()
    assert code(office.renew(pem, key, new_key())) == "not_ours"
    assert code(office.renew("nonsense", key, new_key())) == "not_ours"


def test_a_name_that_no_certificate_can_hold_is_refused_with_what_to_do(office: Office) -> None:
    with pytest.raises(AuthorityError, match="shorten area, hall or kiosk") as told:
        office.token(f"{'a' * 30}/{'h' * 30}/k12")
    assert told.value.code == "name_too_long"
    with pytest.raises(AuthorityError, match="AREA/HALL/KIOSK"):
        office.token("a/h/k+")


def test_the_authoritys_key_is_its_owners_alone_and_stays_the_same(tmp_path: Path) -> None:
    settings = HallSettings(data=tmp_path, area="a", hall="h")
    store.migrate(settings)
    first = authority.open_authority(settings)
    assert (tmp_path / "authority" / "key.pem").stat().st_mode & 0o777 == 0o600
    assert authority.open_authority(settings).der == first.der
    (tmp_path / "authority" / "key.pem").write_bytes(authority.private_pem(new_key()))
    with pytest.raises(AuthorityError, match="restore both"):
        authority.open_authority(settings)


def test_no_second_authority_is_made_by_itself_beside_one_that_is_elsewhere_or_lost(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    first = authority.open_authority(office.settings)
    (office.settings.data / "authority").rename(office.settings.data / "carried-off")
    answer = office.http.get("/enrolment/authority")
    assert answer.status_code == 503 and "copy it from the server" in answer.json()["remedy"]
    assert machine_commands.authority_state(office.settings, anew=False) == 2
    assert machine_commands.authority_state(office.settings, anew=True) == 0
    assert "every terminal has to enrol again" in capsys.readouterr().out
    assert authority.open_authority(office.settings).der != first.der
    certificate(office.enrol(office.token(), new_key()))


def test_an_external_authority_signs_what_is_exported_and_the_terminal_asks_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = stranger(tmp_path / "theirs")
    (tmp_path / "root.pem").write_text(theirs.pem)
    outside = ExternalAuthority(certificate=tmp_path / "root.pem", revocations=tmp_path / "list.pem")
    settings = HallSettings(
        data=tmp_path / "hall", area="a", hall="h", machines=MachineSettings(authority=outside)
    )
    office = Office(settings)
    token, key = office.token(), new_key()
    assert code(office.enrol(token, key)) == "pending"
    assert code(office.enrol(token, key)) == "pending"
    assert code(office.enrol(token, new_key())) == "token_used"
    assert machine_commands.requests(settings, tmp_path / "out") == 0
    (exported,) = (tmp_path / "out").iterdir()
    asked = authority.read_request(exported.read_text())
    public = authority.strong_key(asked.public_key())
    wrong, right = tmp_path / "wrong.pem", tmp_path / "right.pem"
    for file, name in ((wrong, "a/h/k2"), (right, PATH)):
        made = authority.client_certificate(theirs, name, public, 30)
        file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    assert machine_commands.take_in(settings, [wrong]) == 2
    assert "its CN must be a/h/k1" in capsys.readouterr().err
    assert machine_commands.take_in(settings, [right]) == 0
    first = office.enrol(token, key)
    assert machine_proofs.common_name(certificate(first)) == PATH
    lost, new = new_key(), new_key()
    for asking in (lost, new):
        assert code(office.renew(first.json()["certificate"], key, asking)) == "pending"
    assert machine_commands.requests(settings, tmp_path / "next") == 0
    (exported,) = (tmp_path / "next").iterdir()
    public = authority.strong_key(authority.read_request(exported.read_text()).public_key())
    assert public == new.public_key(), "the key that it asked with last: it may have lost the other"
    office.close()
