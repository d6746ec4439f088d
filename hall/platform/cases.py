"""Cases (办件): each key is filed at most once, and everything of a case is one database transaction.

A terminal that had no answer asks by its key, or withdraws the key: then a late arrival is refused.
"""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import APIRouter, Header, Response
from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert as upsert

from config.platform_api import CaseResult, Submission
from hall.platform import bundles, deficits, materials, orders
from hall.platform.authorisations import check_agent
from hall.platform.case_rows import keep, new_number
from hall.platform.checks import (
    check_eligibility,
    check_flow,
    check_form,
    check_identity,
    check_signature,
)
from hall.platform.door import PartsHere
from hall.platform.forms import check_locked
from hall.platform.handlers import handler
from hall.platform.material_ways import check_claims, check_letters
from hall.platform.office import Asking, Decision, Filing, take_in
from hall.platform.parts import Parts
from hall.platform.refusals import Refused
from hall.platform.tables import cases, supplements, withdrawn

routes = APIRouter(prefix="/v1/cases", tags=["cases"])

Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=8, max_length=128)]


@routes.post("")
def file_case(submission: Submission, parts: PartsHere, idempotency_key: Key = None) -> CaseResult:
    """Files a case. The same key with the same body gets the stored result.

    Refused: `key_missing` (422), `key_reused` (409), `key_withdrawn` (410), `platform_closed` (409),
    `service_unknown` (404), `subject_unknown` (410), `service_not_filed`, `subject_missing`,
    `means_insufficient`, what `check_agent` refuses, `not_eligible`, `field_unknown`, `form_invalid`,
    `payment_missing`, `signature_missing`, `letter_missing`, `material_missing`, `certificate_not_held`
    (422), `letter_old`, `order_used` (409), `certificate_failed` (424). Nothing of a refused submission is
    kept.
    """
    if idempotency_key is None:
        raise Refused("key_missing", 422)
    body = submission.model_dump_json()
    digest = hashlib.sha256(body.encode()).hexdigest()
    with parts.store.transaction() as transaction:
        stored = stored_case(transaction, idempotency_key)
        if stored is not None:
            if stored[0] != digest:
                raise Refused("key_reused", 409)
            return stored[1]
        if withdrawn_key(transaction, idempotency_key):
            raise Refused("key_withdrawn", 410)
        parts.require_open()
        filing = _checked(parts, transaction, submission)
        decision = deficits.with_deficit(filing, _decided(filing))
        result = CaseResult(
            key=idempotency_key,
            case_no=filing.case_no,
            state=decision.state,
            decided=decision.decided,
            title=decision.title,
            message=decision.message,
            rows=decision.rows,
            documents=decision.documents,
            parts=decision.parts,
            deficit=decision.deficit,
            referral=decision.referral,
            compartment=decision.compartment,
            ready_on=decision.ready_on,
        )
        keep(filing, decision, result, body, digest)
        if decision.deficit is not None:
            deficits.keep(filing, decision.deficit)
        materials.take(transaction, submission.materials, idempotency_key)
        if filing.service.fee is not None and decision.state == "accepted":
            orders.use(transaction, submission.payment, idempotency_key)
    return result


@routes.get("/by-key/{key}")
def case_by_key(key: str, parts: PartsHere) -> CaseResult:
    """What became of a submission. Refused `key_unknown` (404) when it never arrived."""
    with parts.store.reading() as connection:
        stored = stored_case(connection, key)
    if stored is None:
        raise Refused("key_unknown", 404)
    return stored[1]


@routes.post(
    "/by-key/{key}/withdraw",
    response_model=CaseResult,
    responses={204: {"description": "Withdrawn: a late arrival under this key is refused"}},
)
def withdraw(key: str, parts: PartsHere) -> CaseResult | Response:
    """The case, when it had arrived after all; else 204, and the key is closed for good."""
    with parts.store.transaction() as transaction:
        stored = stored_case(transaction, key)
        if stored is not None:
            return stored[1]
        transaction.execute(upsert(withdrawn).values(key=key).on_conflict_do_nothing())
    return Response(status_code=204)


def _checked(parts: Parts, transaction: Connection, submission: Submission) -> Filing:
    """The submission, believed, with its case number. Refused when it does not hold."""
    service = parts.service(submission.service)
    check_flow(service)
    subject = parts.subjects.open(submission.subject) if submission.subject else None
    acting = check_agent(parts, transaction, submission, subject)
    there = acting.agent if acting else subject  # who was looked at
    check_identity(service, submission, subject, parts.subjects.marks(there.handle) if there else {})
    now = parts.now()
    birth = subject.birth if subject else None
    check_eligibility(service, birth, now.date())
    check_form(service, submission.values, birth, now.date())
    check_signature(service, submission)
    asking = Asking(parts, service, subject, now, submission.values)
    check_locked(asking)
    check_claims(asking, submission)
    check_letters(asking, submission)
    materials.check(transaction, service, submission)
    orders.check_paid(transaction, asking, submission.payment)
    case_no = new_number(transaction, f"{parts.settings.region}{service.id}{now:%Y%m%d}")
    return Filing(parts, transaction, service, submission, subject, case_no, now, acting)


def _decided(filing: Filing) -> Decision:
    if filing.service.bundle:
        return bundles.decide(filing)
    return (handler(filing.service.id).decides or take_in)(filing)


def stored_case(connection: Connection, key: str) -> tuple[str, CaseResult] | None:
    """The digest of what came under this key, a submission or papers brought later, and its result."""
    for table in (cases, supplements):
        row = connection.execute(
            select(table.c.digest, table.c.result).where(table.c.key == key)
        ).one_or_none()
        if row is not None:
            return row.digest, CaseResult.model_validate_json(row.result)
    return None


def withdrawn_key(connection: Connection, key: str) -> bool:
    """Was the key closed for good?"""
    return connection.execute(select(withdrawn.c.key).where(withdrawn.c.key == key)).first() is not None
