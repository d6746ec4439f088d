"""The codes that citizens' apps show: the issuer's signature, the time, and each code once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from fastapi import APIRouter
from sqlalchemy import delete
from sqlalchemy.dialects.sqlite import insert

from config import app_code
from config.identity_api import AppCode, AppHolder
from config.people import Person
from hall.platform.clock import as_utc
from hall.platform.door import PartsHere
from hall.platform.identity import described
from hall.platform.parts import Parts
from hall.platform.refusals import Refused
from hall.platform.tables import app_codes

routes = APIRouter(prefix="/v1/identity", tags=["identity"])

_SKEW = timedelta(seconds=30)  # between the issuer's clock and ours


@routes.post("/app")
def identify_by_app(shown: AppCode, parts: PartsHere) -> AppHolder:
    """Whose app it is; the code is used up.

    Refused, all 422: `app_code_bad` (not of the issuer that is trusted), `app_code_expired`,
    `app_code_used`, `app_code_nobody` (an account that no citizen of the register has).
    """
    ticket = _trusted(parts, shown.code)
    _use_up(parts, ticket)
    person = accounts(parts.citizens).get(ticket.account)
    if person is None:
        raise Refused("app_code_nobody", 422)
    subject = parts.subjects.add(person.number, person.birth, person)
    parts.subjects.mark(subject.handle, "app")
    return AppHolder(subject=described(subject), name=person.name, number=person.number, birth=person.birth)


def accounts(citizens: Mapping[str, Person]) -> dict[str, Person]:
    """Who has which account of the app."""
    return {app_code.account_of(person.key): person for person in citizens.values()}


def issuer_key(path: Path | None) -> Ed25519PublicKey | None:
    """The issuer's public key of a PEM file; None while it is not there: then no code is believed.

    Read each time: a demo's phone makes its key at its own first start. ValueError for another kind of key.
    """
    if path is None or not path.is_file():
        return None
    key = load_pem_public_key(path.read_bytes())
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError(f"{path.name} holds no Ed25519 key")
    return key


def _trusted(parts: Parts, text: str) -> app_code.AppTicket:
    issuer = issuer_key(parts.settings.app_trust)
    if issuer is None:
        raise Refused("app_code_bad", 422)
    try:
        ticket = app_code.read(text, issuer)
    except app_code.BadCode:
        raise Refused("app_code_bad", 422) from None
    now = parts.now().timestamp()
    if ticket.until <= now:
        raise Refused("app_code_expired", 422)
    if ticket.until > now + app_code.LIFE_SECONDS + _SKEW.total_seconds():
        raise Refused("app_code_bad", 422)  # good for longer than any code is
    return ticket


def _use_up(parts: Parts, ticket: app_code.AppTicket) -> None:
    """On the disk, since a code must not come to life again with the platform. Refused `app_code_used`."""
    now = as_utc(parts.now())
    with parts.store.transaction() as transaction:
        transaction.execute(delete(app_codes).where(app_codes.c.used_at < now - timedelta(hours=1)))
        added = transaction.execute(
            insert(app_codes).values(id=ticket.id, used_at=now).on_conflict_do_nothing()
        )
    if added.rowcount == 0:
        raise Refused("app_code_used", 422)
