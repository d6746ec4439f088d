"""What e-certificates somebody holds: to be cited instead of a copy, and renewed before they expire."""

from __future__ import annotations

from fastapi import APIRouter

from config.identity_api import ECertificates
from hall.platform.door import PartsHere
from hall.platform.offices import transport
from hall.platform.registers import certificates

routes = APIRouter(prefix="/v1/certificates", tags=["identity"])


@routes.get("")
def e_certificates(subject: str, parts: PartsHere) -> ECertificates:
    """Those that are valid today, the soonest to expire first; none are told to an agent.

    Refused `subject_unknown` (410).
    """
    holder = parts.subjects.open(subject)
    person = holder.person
    if person is None or holder.authorisation:
        return ECertificates()
    with parts.store.reading() as connection:
        prolonged = transport.prolonged(connection, person.number)
    return ECertificates(items=certificates.held(person, parts.now().date(), prolonged))
