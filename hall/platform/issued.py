"""Documents the platform has made: their sealed bytes for terminals, and their withdrawal by the office."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Response
from sqlalchemy import select, update

from hall.platform.clock import as_utc
from hall.platform.door import PartsHere
from hall.platform.refusals import Refused
from hall.platform.store import Store, documents

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


def revoke(store: Store, number: str, now: datetime) -> bool:
    """Withdraws a certificate: the public's page says so from now on. False when there is none."""
    with store.transaction() as transaction:
        done = transaction.execute(
            update(documents)
            .where(documents.c.number == number, documents.c.revoked_at.is_(None))
            .values(revoked_at=as_utc(now))
        )
        return done.rowcount == 1
