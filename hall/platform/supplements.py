"""Papers that are brought later, at any terminal: which cases wait for some, and one that gets them."""

from __future__ import annotations

import hashlib
import json
from datetime import date

from fastapi import APIRouter
from sqlalchemy import Connection, insert, select

from config.platform_api import CaseResult, Deficit, OpenCase, OpenCases, Supplement
from config.service import Service
from config.words import same, words
from hall.platform import deficits, materials
from hall.platform.cases import Key, stored_case, withdrawn_key
from hall.platform.clock import as_utc
from hall.platform.door import PartsHere
from hall.platform.refusals import Refused
from hall.platform.tables import cases, supplements
from hall.platform.tables import deficits as rows

routes = APIRouter(prefix="/v1/cases", tags=["cases"])


@routes.get("/open")
def open_cases(subject: str, parts: PartsHere) -> OpenCases:
    """His cases that still lack papers, the most urgent first. Refused `subject_unknown` (410)."""
    deficits.lapse(parts)
    holder = parts.subjects.get(subject)
    mine = (rows.c.citizen == holder.number) & (rows.c.state == "open")
    with parts.store.reading() as connection:
        found = connection.execute(
            select(rows, cases.c.service)
            .join(cases, cases.c.case_no == rows.c.case_no)
            .where(mine)
            .order_by(rows.c.until, rows.c.case_no)
        ).all()
    services = parts.catalogue.services
    return OpenCases(
        items=tuple(
            OpenCase(
                case_no=row.case_no,
                service=row.service,
                name=services[row.service].name if row.service in services else same(row.service),
                deficit=Deficit(
                    materials=tuple(json.loads(row.materials)), until=date.fromisoformat(row.until)
                ),
            )
            for row in found
        )
    )


@routes.post("/{case_no}/supplements")
def supplement(
    case_no: str, brought: Supplement, parts: PartsHere, idempotency_key: Key = None
) -> CaseResult:
    """Takes papers of a case once per key; some of them are enough, the rest may come another day.

    Refused: `key_missing` (422), `key_reused` (409), `key_withdrawn` (410), `platform_closed` (409),
    `subject_unknown` (410), `case_not_yours` (404), `deficit_none`, `deficit_lapsed` (409),
    `material_missing` (422).
    """
    if idempotency_key is None:
        raise Refused("key_missing", 422)
    digest = hashlib.sha256(brought.model_dump_json().encode()).hexdigest()
    deficits.lapse(parts)
    with parts.store.transaction() as transaction:
        stored = stored_case(transaction, idempotency_key)
        if stored is not None:
            if stored[0] != digest:
                raise Refused("key_reused", 409)
            return stored[1]
        if withdrawn_key(transaction, idempotency_key):
            raise Refused("key_withdrawn", 410)
        parts.require_open()
        holder = parts.subjects.get(brought.subject)
        service = _service(parts, transaction, case_no, holder.number)
        keys = _due(transaction, case_no)
        if not brought.materials or not brought.materials.keys() <= keys:
            raise Refused("material_missing", 422)
        materials.check_pages(transaction, service, brought.subject, brought.materials)
        materials.take(transaction, brought.materials, idempotency_key)
        left = deficits.supply(transaction, service, case_no, tuple(brought.materials), parts.now())
        result = _result(idempotency_key, case_no, service, left)
        transaction.execute(
            insert(supplements).values(
                key=idempotency_key,
                digest=digest,
                case_no=case_no,
                terminal=brought.terminal,
                result=result.model_dump_json(),
                brought_at=as_utc(parts.now()),
            )
        )
    return result


def _service(parts: PartsHere, transaction: Connection, case_no: str, citizen: str) -> Service:
    """The service of his case. Refused `case_not_yours`, also of somebody else's."""
    mine = (cases.c.case_no == case_no) & (cases.c.citizen == citizen)
    service = transaction.scalar(select(cases.c.service).where(mine))
    if service is None:
        raise Refused("case_not_yours", 404)
    return parts.service(service)


def _due(transaction: Connection, case_no: str) -> frozenset[str]:
    """The papers that the case still lacks."""
    row = deficits.find(transaction, case_no)
    if row is None or row.state == "complete":
        raise Refused("deficit_none", 409)
    if row.state == "lapsed":
        raise Refused("deficit_lapsed", 409, until=row.until)
    return frozenset(json.loads(row.materials))


def _result(key: str, case_no: str, service: Service, left: Deficit | None) -> CaseResult:
    message = words("platform.supplied_all")
    if left is not None:
        listed = deficits.names(service, left.materials)
        message = words("platform.deficit_message", papers=listed, until=left.until.isoformat())
    return CaseResult(
        key=key,
        case_no=case_no,
        state="accepted",
        decided=False,
        title=words("platform.supplied_title"),
        message=message,
        deficit=left,
    )
