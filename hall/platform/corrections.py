"""This is wrong (纠错): what a citizen says of what an office holds of him becomes a ticket for somebody."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

from fastapi import APIRouter
from sqlalchemy import insert, select

from config.platform_api import Correction, TicketFiled
from hall.platform.cases import Key
from hall.platform.clock import as_utc
from hall.platform.door import PartsHere
from hall.platform.refusals import Refused
from hall.platform.short_codes import short_code
from hall.platform.tables import corrections

routes = APIRouter(prefix="/v1/corrections", tags=["forms"])

ANSWERED_DAYS = 7


@routes.post("")
def correct(correction: Correction, parts: PartsHere, idempotency_key: Key = None) -> TicketFiled:
    """Files a ticket once per key; what the office holds stays as it is until somebody has looked.

    Refused `key_missing`, `correction_unknown` (422), `key_reused` (409), `subject_unknown` (410),
    `service_unknown` (404).
    """
    if idempotency_key is None:
        raise Refused("key_missing", 422)
    subject = parts.subjects.get(correction.subject)
    fields = {spec.key for spec in parts.service(correction.service).fields if not spec.card}
    if correction.field not in fields:
        raise Refused("correction_unknown", 422)
    digest = hashlib.sha256(correction.model_dump_json().encode()).hexdigest()
    now = parts.now()
    with parts.store.transaction() as transaction:
        found = transaction.execute(
            select(corrections).where(corrections.c.key == idempotency_key)
        ).one_or_none()
        if found is not None:
            if found.digest != digest:
                raise Refused("key_reused", 409)
            return TicketFiled(number=found.number, until=date.fromisoformat(found.until))
        until = now.date() + timedelta(days=ANSWERED_DAYS)
        ticket = TicketFiled(number=f"JC{now:%Y%m%d}{short_code(6)}", until=until)
        transaction.execute(
            insert(corrections).values(
                key=idempotency_key,
                digest=digest,
                number=ticket.number,
                citizen=subject.number,
                service=correction.service,
                field=correction.field,
                remark=correction.remark,
                until=until.isoformat(),
                filed_at=as_utc(now),
            )
        )
    return ticket
