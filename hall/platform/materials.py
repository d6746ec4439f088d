"""Pages that citizens bring: left here before a case is filed, taken by the case that names them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Body
from sqlalchemy import Connection, delete, insert, select, update

from config.platform_api import MaterialStored, Submission
from config.service import Service
from hall.platform.clock import as_utc
from hall.platform.door import PartsHere
from hall.platform.refusals import Refused
from hall.platform.tables import materials

routes = APIRouter(prefix="/v1/materials", tags=["materials"])

KEPT = timedelta(days=1)  # a page that no case has taken
LARGEST = 8 * 1024 * 1024  # bytes
_JPEG = b"\xff\xd8\xff"

Picture = Annotated[bytes, Body(media_type="image/jpeg")]


@routes.post("")
def store_material(page: Picture, parts: PartsHere, subject: str | None = None) -> MaterialStored:
    """Keeps a page until a case takes it, at most a day.

    Refused: `material_invalid` (422), `subject_unknown` (410), `platform_closed` (409).
    """
    parts.require_open()
    if not page.startswith(_JPEG) or len(page) > LARGEST:
        raise Refused("material_invalid", 422)
    if subject is not None:
        parts.subjects.open(subject)
    with parts.store.transaction() as transaction:
        return MaterialStored(material=keep(transaction, subject, page, as_utc(parts.now())))


def keep(transaction: Connection, subject: str | None, page: bytes, now: datetime) -> str:
    """Keeps a JPEG; its handle. What nobody took in time is thrown away. `now` is UTC."""
    stale = materials.c.case_key.is_(None) & (materials.c.stored_at < now - KEPT)
    transaction.execute(delete(materials).where(stale))
    handle = secrets.token_urlsafe(24)
    transaction.execute(insert(materials).values(material=handle, subject=subject, stored_at=now, jpeg=page))
    return handle


def check(transaction: Connection, service: Service, submission: Submission) -> None:
    """Are the pages all there, left by the same person and taken by nobody? Refused `material_missing`.

    Whether a paper is wanted at all, and by which way it was had: `material_ways.check_claims`.
    """
    check_pages(transaction, service, submission.subject, submission.materials)


def check_pages(
    transaction: Connection,
    service: Service,
    subject: str | None,
    brought: Mapping[str, tuple[str, ...]],
) -> None:
    """The pages of some of the service's materials. Refused `material_missing`."""
    counts = {material.key: material.pages for material in service.materials}
    handles = [handle for pages in brought.values() for handle in pages]
    if any(len(pages) != counts.get(key) for key, pages in brought.items()):
        raise Refused("material_missing", 422)
    ours = materials.c.subject.is_not_distinct_from(subject) & materials.c.case_key.is_(None)
    found = transaction.execute(select(materials.c.material).where(ours, materials.c.material.in_(handles)))
    if len(set(handles)) != len(handles) or len(found.all()) != len(handles):
        raise Refused("material_missing", 422)


def take(transaction: Connection, brought: Mapping[str, tuple[str, ...]], key: str) -> None:
    """The case under this key has them from now on."""
    handles = [handle for pages in brought.values() for handle in pages]
    if handles:
        transaction.execute(update(materials).where(materials.c.material.in_(handles)).values(case_key=key))
