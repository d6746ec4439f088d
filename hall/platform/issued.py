"""Documents the platform has made: their sealed bytes for terminals, and their withdrawal by the office."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Response
from sqlalchemy import or_, select, update

from hall.platform.clock import as_utc
from hall.platform.door import PartsHere
from hall.platform.refusals import Refused
from hall.platform.store import Store
from hall.platform.tables import documents

routes = APIRouter(prefix="/v1/documents", tags=["documents"])


@routes.get(
    "/{document}",
    response_class=Response,
    responses={
        200: {
            "content": {"application/pdf": {}},
            "description": "The sealed bytes, to be printed as they are",
        }
    },
)
def sealed_bytes(document: str, parts: PartsHere) -> Response:
    """The sealed PDF. Refused `document_unknown` (404)."""
    with parts.store.reading() as connection:
        pdf = connection.execute(
            select(documents.c.pdf).where(documents.c.document == document)
        ).scalar_one_or_none()
    if pdf is None:
        raise Refused("document_unknown", 404)
    return Response(pdf, media_type="application/pdf", headers={"Cache-Control": "no-store"})


def revoke(store: Store, number: str, reason: str, now: datetime) -> str:
    """Withdraws a certificate, by its number or its code: the public's page says so from now on.

    The reason is kept for the office. Answers `revoked`, `already` or `unknown`.
    """
    named = or_(documents.c.number == number, documents.c.code == number)
    with store.transaction() as transaction:
        row = transaction.execute(select(documents.c.revoked_at).where(named)).first()
        if row is None:
            return "unknown"
        if row.revoked_at is not None:
            return "already"
        values = {"revoked_at": as_utc(now), "revoked_why": reason}
        transaction.execute(update(documents).where(named).values(values))
        return "revoked"
