"""Somebody is let in and shut out in the same moment: whoever comes second sees what the first one did."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Connection, Engine, select

from config.enrolment import Enrol, Renew, signed_for_renewal
from hall.data.desk_tables import certificates
from hall.machines import authority, machines
from hall.machines.authority import AuthorityError
from hall.settings import HallSettings
from kiosk.enrolment import identity

PATH = "a/h/k1"


@dataclass
class Office:
    """A store of either kind, and an authority beside it."""

    settings: HallSettings
    engine: Engine
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def enrolment(self) -> Callable[[Connection], Any]:
        """A terminal with a fresh token, about to enrol."""
        with self.engine.begin() as tx:
            whose = authority.open_authority(self.settings)
            token = machines.make_token(tx, self.settings, whose, PATH, "test", now())
        told = Enrol(token=token.secret.hex(), terminal=PATH, request=request(self.key))
        return lambda tx: machines.enrol(tx, self.settings, whose, told, now())

    def renewal(self) -> Callable[[Connection], Any]:
        """A terminal that is enrolled, about to renew."""
        enrol = self.enrolment()
        with self.engine.begin() as tx:
            current = enrol(tx).certificate
        new = request(ec.generate_private_key(ec.SECP256R1()))
        der = x509.load_pem_x509_csr(new.encode()).public_bytes(serialization.Encoding.DER)
        signed = self.key.sign(signed_for_renewal(der), ec.ECDSA(hashes.SHA256()))
        told = Renew(certificate=current, request=new, signature=base64.b64encode(signed).decode())
        whose = authority.open_authority(self.settings)
        return lambda tx: machines.renew(tx, self.settings, whose, told, now())

    def holding(self) -> list[str]:
        """Certificates of the terminal that no list of revocations names."""
        c = certificates.c
        with self.engine.connect() as tx:
            return list(tx.scalars(select(c.serial).where(c.name == PATH, c.revoked == 0)))


@pytest.fixture
def office(tmp_path: Path, engine: Engine) -> Office:
    url = engine.url.render_as_string(hide_password=False)
    return Office(HallSettings(data=tmp_path, area="a", hall="h", database=url), engine)


def now() -> int:
    return int(time.time() * 1000)


def request(key: ec.EllipticCurvePrivateKey) -> str:
    return identity.request(key, PATH).public_bytes(serialization.Encoding.PEM).decode()


def revoke(tx: Connection) -> None:
    machines.revoke(tx, PATH, "stolen", "test", now())


def together(engine: Engine, first: Callable[[Connection], Any], second: Callable[[Connection], Any]) -> None:
    """`second` begins when `first` has done its work and not committed; a refusal is an end like another."""
    began = threading.Event()

    def other() -> None:
        with engine.connect() as tx:
            tx.execute(select(certificates.c.serial)).all()  # connected: what follows is at the rows
            began.set()
            try:
                second(tx)
            except AuthorityError:
                tx.rollback()
            tx.commit()

    thread = threading.Thread(target=other)
    with engine.connect() as tx:
        first(tx)
        thread.start()
        assert began.wait(60)
        thread.join(0.3)  # it waits for us, or is done
        tx.commit()
    thread.join(60)
    assert not thread.is_alive()


@pytest.mark.parametrize("thief_first", [True, False])
def test_a_renewal_at_the_moment_of_a_revocation_leaves_no_certificate(
    office: Office, thief_first: bool
) -> None:
    renew = office.renewal()
    together(office.engine, *((renew, revoke) if thief_first else (revoke, renew)))
    assert office.holding() == []


@pytest.mark.parametrize("thief_first", [True, False])
def test_a_token_at_the_moment_of_a_revocation_opens_nothing_that_stays(
    office: Office, thief_first: bool
) -> None:
    office.renewal()  # it is known already
    enrol = office.enrolment()
    together(office.engine, *((enrol, revoke) if thief_first else (revoke, enrol)))
    with office.engine.connect() as tx:
        assert machines.state(tx, PATH) == machines.REVOKED
    assert office.holding() == []


def test_two_who_have_one_token_get_one_certificate(office: Office) -> None:
    enrol = office.enrolment()
    office.key = ec.generate_private_key(ec.SECP256R1())
    together(office.engine, enrol, enrol)
    assert len(office.holding()) == 1
