"""The certificates of a hall's machines, as rows: signed, kept, found again by their key, withdrawn.

Who calls opens the transaction, and holds the terminal's turn in it (`machines.take_turn`).
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from sqlalchemy import Connection, select, update

from config.enrolment import Issued
from hall.access import audit
from hall.data import store
from hall.data.desk_tables import certificates, configurations, signing_requests
from hall.machines import authority
from hall.machines.authority import Authority, AuthorityError
from hall.settings import HallSettings

SUPERSEDED = "superseded"  # why a certificate was revoked: the terminal was enrolled anew


class Pending(Exception):
    """The external authority has to sign first; the request is kept. Remedy: ask again later."""


def known(tx: Connection, path: str, key: str) -> str:
    """The certificate that this key has already; empty without one. AuthorityError key_known."""
    row = tx.execute(select(certificates).where(certificates.c.key == key)).one_or_none()
    if row is None:
        return ""
    if row.name != path or row.revoked or row.replaced:
        raise AuthorityError("key_known", "this key was used before: delete it and make a new one")
    pem: str = row.pem
    return pem


def sign(
    tx: Connection,
    settings: HallSettings,
    whose: Authority,
    path: str,
    request: x509.CertificateSigningRequest,
    replaces: str,
    now: int,
) -> str:
    """The new certificate as PEM, kept; Pending where somebody else has to sign."""
    key = authority.strong_key(request.public_key())
    digest = authority.key_digest(key)
    if tx.scalar(select(certificates.c.serial).where(certificates.c.key == digest)):
        raise AuthorityError("key_known", "this key was used before: delete it and make a new one")
    if whose.key is None:
        # The terminal asks for one key at a time: signed for an earlier one, nobody could use it.
        r = signing_requests.c
        tx.execute(signing_requests.delete().where(r.terminal == path, r.key != digest))
        pem = request.public_bytes(serialization.Encoding.PEM).decode("ascii")
        row = {"key": digest, "terminal": path, "request": pem, "made": now, "replaces": replaces}
        statement = store.insert(tx.dialect.name, signing_requests).values(row)
        tx.execute(statement.on_conflict_do_nothing(index_elements=["key"]))
        raise Pending
    made = authority.client_certificate(whose, path, key, settings.machines.certificate_days)
    serial, area = f"{made.serial_number:x}", path.partition("/")[0]
    audit.note(tx, f"terminal:{path}", "certificate_issued", area=area, subject=path, reference=serial)
    return keep(tx, made, path, replaces, now)


def keep(tx: Connection, made: x509.Certificate, name: str, replaces: str, now: int) -> str:
    """Remember a certificate, and that it comes after another one; returns it as PEM."""
    pem = made.public_bytes(serialization.Encoding.PEM).decode("ascii")
    row = {
        "serial": f"{made.serial_number:x}",
        "name": name,
        "issued": now,
        "expires": _ms(made.not_valid_after_utc),
        "key": authority.key_digest(authority.strong_key(made.public_key())),
        "pem": pem,
    }
    tx.execute(certificates.insert().values(row))
    if replaces:
        tx.execute(update(certificates).where(certificates.c.serial == replaces).values(replaced=now))
    return pem


def issued(
    tx: Connection, settings: HallSettings, whose: Authority, path: str, pem: str, left: str = ""
) -> Issued:
    """What the terminal is told: this certificate, whom to believe, where the broker is, what is to be set.

    `left`: the place that it has given up with it.
    """
    wanted = tx.execute(select(configurations).where(configurations.c.terminal == path)).one_or_none()
    return Issued(
        certificate=whose.with_chain(pem),
        authority=whose.pem,
        terminal=path,
        broker_host=settings.machines.broker_host or settings.broker.host,
        broker_port=settings.machines.broker_port,
        configuration_version=wanted.version if wanted else 0,
        configuration=json.loads(wanted.desired) if wanted else {},
        left=left,
    )


def withdraw(tx: Connection, name: str, reason: str, now: int, but: str = "") -> int:
    """Withdraw every certificate of this name that still holds, except for the key `but`; how many."""
    c, r = certificates.c, signing_requests.c
    those = c.name == name, c.revoked == 0, c.expires > now, c.key != but
    tx.execute(signing_requests.delete().where(r.terminal == name, r.key != but))
    return tx.execute(update(certificates).where(*those).values(revoked=now, reason=reason[:40])).rowcount


def _ms(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp() * 1000)
