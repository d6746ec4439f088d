"""Who may act for whom (帮办, 代办, 委托): made by the principal, used by the agent, taken back at will."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from sqlalchemy import Connection, Row, insert, select, update

from config.identity_api import Authorisation, Authorisations, NewAuthorisation, Principal
from config.people import Person
from config.platform_api import Submission
from config.strokes import is_path
from hall.platform.clock import as_utc
from hall.platform.door import PartsHere
from hall.platform.identity import described
from hall.platform.parts import Parts
from hall.platform.refusals import Refused
from hall.platform.short_codes import short_code
from hall.platform.subjects import Subject
from hall.platform.tables import authorisations

routes = APIRouter(prefix="/v1/authorisations", tags=["agents"])

LONGEST = timedelta(days=366)
Handle = Annotated[str, Query()]


@dataclass(frozen=True)
class Acting:
    """An agent at the terminal, and what lets him act."""

    agent: Subject
    mode: str
    authorisation: str


@routes.get("")
def in_force(agent: Handle, service: Handle, parts: PartsHere) -> Authorisations:
    """What this agent may do in this service today, and for whom.

    Refused `service_unknown` (404), `subject_unknown` (410).
    """
    holder = parts.subjects.get(agent)
    modes = parts.service(service).agents
    with parts.store.reading() as connection:
        rows = connection.execute(
            select(authorisations)
            .where(authorisations.c.agent == holder.number, authorisations.c.withdrawn_at.is_(None))
            .where(authorisations.c.until >= parts.now().date().isoformat())
            .order_by(authorisations.c.until)
        ).all()
    fit = [row for row in rows if row.mode in modes and service in json.loads(row.services)]
    return Authorisations(items=tuple(_told(row, parts.citizens) for row in fit))


@routes.post("")
def authorise(new: NewAuthorisation, parts: PartsHere) -> Authorisation:
    """The principal, who is there, lets the agent act; with mode `assist` on this day only.

    Refused `subject_unknown` (410), `service_unknown` (404), `agent_refused`, `agent_self`,
    `signature_missing`, `authorisation_until` (422).
    """
    principal, agent = parts.subjects.open(new.principal), parts.subjects.open(new.agent)
    today = parts.now().date()
    if principal.authorisation or agent.authorisation or principal.person is None or agent.person is None:
        raise Refused("agent_refused", 422)  # nobody authorises for another, and strangers do not
    if principal.number == agent.number:
        raise Refused("agent_self", 422)
    if any(new.mode not in parts.service(service).agents for service in new.services):
        raise Refused("agent_refused", 422)
    if not is_path(new.signature):
        raise Refused("signature_missing", 422)
    last = today if new.mode == "assist" else today + LONGEST
    if not today <= new.until <= last:
        raise Refused("authorisation_until", 422)
    values = {
        "number": f"SQ{today:%Y%m%d}{short_code(6)}",
        "principal": principal.number,
        "agent": agent.number,
        "mode": new.mode,
        "services": json.dumps(new.services),
        "until": new.until.isoformat(),
        "signature": new.signature,
        "made_at": as_utc(parts.now()),
    }
    with parts.store.transaction() as transaction:
        transaction.execute(insert(authorisations).values(**values))
        return _told(_row(transaction, str(values["number"])), parts.citizens)


@routes.post("/{number}/subject")
def act_for(number: str, agent: Handle, parts: PartsHere) -> Principal:
    """For whom the agent acts now: a handle that is good in the authorisation's services only.

    Refused `authorisation_unknown` (404), `authorisation_expired`, `authorisation_withdrawn` (422),
    `subject_unknown` (410).
    """
    holder = parts.subjects.get(agent)
    with parts.store.reading() as connection:
        row = _row(connection, number)
    _check_force(row, holder, parts.now().date())
    person = parts.citizens.get(row.principal)
    if person is None:
        raise Refused("authorisation_unknown", 404)
    subject = parts.subjects.add(person.number, person.birth, person, authorisation=number)
    return Principal(subject=described(subject), name=person.name, number=person.number, birth=person.birth)


@routes.post("/{number}/withdraw", status_code=204, response_class=Response)
def withdraw(number: str, principal: Handle, parts: PartsHere) -> None:
    """The principal takes it back. Refused `authorisation_unknown` (404), `subject_unknown` (410)."""
    holder = parts.subjects.get(principal)
    with parts.store.transaction() as transaction:
        row = _row(transaction, number)
        if row.principal != holder.number or holder.authorisation:
            raise Refused("authorisation_unknown", 404)
        this = authorisations.c.number == number
        transaction.execute(update(authorisations).where(this).values(withdrawn_at=as_utc(parts.now())))


def holder_for(parts: Parts, handle: str, service: str) -> Subject:
    """The subject, of whom something may be told in this service.

    Refused as by `subjects.open`, and `authorisation_scope` (422) where an agent asks about another service.
    """
    subject = parts.subjects.open(handle)
    if subject.authorisation:
        with parts.store.reading() as connection:
            row = _row(connection, subject.authorisation)
        _check_scope(row, service, parts.now().date())
    return subject


def check_agent(
    parts: Parts, transaction: Connection, submission: Submission, subject: Subject | None
) -> Acting | None:
    """Who acts for the submission's subject; None when he is there himself.

    Refused, all 422 but the first: `authorisation_unknown` (404), `authorisation_missing`, `agent_refused`
    (the service demands the person), `authorisation_expired`, `authorisation_withdrawn`,
    `authorisation_scope`.
    """
    claim = submission.agent
    if claim is None:
        if subject is not None and subject.authorisation:
            raise Refused("authorisation_missing", 422)
        return None
    if subject is None or claim.mode not in parts.service(submission.service).agents:
        raise Refused("agent_refused", 422)
    agent, today = parts.subjects.get(claim.subject), parts.now().date()
    row = _row(transaction, claim.authorisation)
    _check_force(row, agent, today)
    _check_scope(row, submission.service, today)
    if row.principal != subject.number or row.mode != claim.mode:
        raise Refused("authorisation_scope", 422)
    return Acting(agent, row.mode, row.number)


def _row(connection: Connection, number: str) -> Row[Any]:
    found = connection.execute(select(authorisations).where(authorisations.c.number == number)).one_or_none()
    if found is None:
        raise Refused("authorisation_unknown", 404)
    return found


def _check_force(row: Row[Any], agent: Subject, today: date) -> None:
    if row.agent != agent.number:
        raise Refused("authorisation_unknown", 404)  # whose it is concerns nobody else
    _check_day(row, today)


def _check_scope(row: Row[Any], service: str, today: date) -> None:
    _check_day(row, today)
    if service not in json.loads(row.services):
        raise Refused("authorisation_scope", 422)


def _check_day(row: Row[Any], today: date) -> None:
    if row.withdrawn_at is not None:
        raise Refused("authorisation_withdrawn", 422)
    if date.fromisoformat(row.until) < today:
        raise Refused("authorisation_expired", 422, until=row.until)


def _told(row: Row[Any], citizens: Mapping[str, Person]) -> Authorisation:
    mode: Literal["assist", "errand", "proxy"] = row.mode
    return Authorisation(
        number=row.number,
        principal=masked_name(citizens[row.principal].name),
        mode=mode,
        services=tuple(json.loads(row.services)),
        until=date.fromisoformat(row.until),
    )


def masked_name(name: str) -> str:
    """The first character and stars."""
    return name[:1] + "*" * max(1, len(name) - 1)
