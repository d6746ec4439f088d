"""Pages that citizens bring: left here before a case is filed, taken by the case that names them."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Body
from sqlalchemy import Connection, delete, insert, select, update

from config.platform_api import MaterialStored, Submission
from config.service import Service
from hall.platform.clock import as_utc
from hall.platform.door import PartsHere
from hall.platform.refusals import Refused
from hall.platform.store import materials

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
        parts.subjects.get(subject)
    now = as_utc(parts.now())
    handle = secrets.token_urlsafe(24)
    with parts.store.transaction() as transaction:
        stale = materials.c.case_key.is_(None) & (materials.c.stored_at < now - KEPT)
        transaction.execute(delete(materials).where(stale))
        transaction.execute(
            insert(materials).values(material=handle, subject=subject, stored_at=now, jpeg=page)
        )
    return MaterialStored(material=handle)


def check(transaction: Connection, service: Service, submission: Submission) -> None:
    """Are the pages all there, left by the same person and taken by nobody? Refused `material_missing`."""
    wanted = {material.key: material.pages for material in service.materials}
    handles = [handle for pages in submission.materials.values() for handle in pages]
    if {key: len(pages) for key, pages in submission.materials.items()} != wanted:
        raise Refused("material_missing", 422)
    ours = materials.c.subject.is_not_distinct_from(submission.subject) & materials.c.case_key.is_(None)
    found = transaction.execute(select(materials.c.material).where(ours, materials.c.material.in_(handles)))
    if len(set(handles)) != len(handles) or len(found.all()) != len(handles):
        raise Refused("material_missing", 422)


def take(transaction: Connection, submission: Submission, key: str) -> None:
    """The case under this key has them from now on."""
    handles = [handle for pages in submission.materials.values() for handle in pages]
    if handles:
        transaction.execute(update(materials).where(materials.c.material.in_(handles)).values(case_key=key))
