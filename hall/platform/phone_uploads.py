"""Pages that come from a citizen's phone: a code on the terminal's screen opens a page that takes pictures.

A code lives five minutes, serves one material of one person in one session, and is over with its last page.
"""

from __future__ import annotations

import json
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import Connection, delete, insert, select, update
from starlette.concurrency import run_in_threadpool

from config.materials import MaterialSpec
from config.phone_api import UploadCode, Uploaded, UploadRequest
from config.words import words
from hall.platform import materials, uploads
from hall.platform.clock import as_utc
from hall.platform.door import PartsHere
from hall.platform.parts import Parts
from hall.platform.phone_picture import BadPicture, page_of
from hall.platform.refusals import Refused
from hall.platform.tables import uploads as codes
from hall.platform.verification import HEADERS

routes = APIRouter(prefix="/v1/uploads", tags=["materials"])
public = APIRouter(prefix="/u", tags=["public"])

LIFE = timedelta(minutes=5)
LARGEST = 16_000_000  # bytes of one photograph
_STATUS = {"unknown": 404, "too_large": 413, "late": 408, "busy": 503}
_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)


@routes.post("")
def upload_code(wanted: UploadRequest, parts: PartsHere) -> UploadCode:
    """A code for a phone.

    Refused `platform_closed` (409), `service_unknown` (404), `subject_missing`, `material_missing` (422),
    `subject_unknown` (410).
    """
    parts.require_open()
    service = parts.service(wanted.service)
    if wanted.subject is not None:
        parts.subjects.open(wanted.subject)
    elif service.level:
        raise Refused("subject_missing", 422)
    if not any(one.key == wanted.material and "upload" in one.sources for one in service.materials):
        raise Refused("material_missing", 422)
    now, code = as_utc(parts.now()), secrets.token_urlsafe(16)
    with parts.store.transaction() as transaction:
        transaction.execute(delete(codes).where(codes.c.expires_at <= now))
        transaction.execute(
            insert(codes).values(
                code=code,
                subject=wanted.subject,
                service=service.id,
                material=wanted.material,
                handles="[]",
                expires_at=now + LIFE,
            )
        )
    return UploadCode(code=code, url=f"{parts.public_url}/u/{code}", valid_seconds=int(LIFE.total_seconds()))


@routes.get("/{code}")
def uploaded(code: str, parts: PartsHere, subject: str | None = None) -> Uploaded:
    """What has come so far; only for whom the code was made. Refused `upload_unknown` (404)."""
    with parts.store.reading() as connection:
        row = _row(connection, code, as_utc(parts.now()))
    if row is None or row.subject != subject:
        raise Refused("upload_unknown", 404)
    handles = tuple(json.loads(row.handles))
    return Uploaded(materials=handles, done=len(handles) == _material(parts, row).pages)


@public.get("/{code}", response_class=HTMLResponse)
def ask(code: str, parts: PartsHere) -> HTMLResponse:
    """The page on the phone: which page of which paper is photographed next. 404 when the code is over."""
    return _shown(parts, code)


@public.post("/{code}", response_class=HTMLResponse)
async def take(code: str, request: Request, parts: PartsHere) -> HTMLResponse:
    """Takes one photograph; it is looked at, and kept without what the phone wrote into it."""
    if not parts.uploads.acquire(blocking=False):
        return _page("busy")
    try:
        body = await uploads.body(request, LARGEST)
        kind = request.headers.get("content-type", "")
        return await run_in_threadpool(_take, parts, code, uploads.file_in(body, kind))
    except uploads.TooLarge:
        return _page("too_large")
    except uploads.Late:
        return _page("late")
    finally:
        parts.uploads.release()


def _take(parts: Parts, code: str, photograph: bytes) -> HTMLResponse:
    now = as_utc(parts.now())
    with parts.store.reading() as connection:
        if _row(connection, code, now) is None:
            return _page("unknown")
    try:
        page = page_of(photograph)
    except BadPicture as bad:
        return _shown(parts, code, bad.why)
    with parts.store.transaction() as transaction:
        row = _row(transaction, code, now)
        if row is None:
            return _page("unknown")
        handles = json.loads(row.handles)
        if len(handles) < _material(parts, row).pages:
            handles.append(materials.keep(transaction, row.subject, page, now))
            mine = codes.c.code == code
            transaction.execute(update(codes).where(mine).values(handles=json.dumps(handles)))
    return _shown(parts, code)


def _shown(parts: Parts, code: str, problem: str = "") -> HTMLResponse:
    with parts.store.reading() as connection:
        row = _row(connection, code, as_utc(parts.now()))
    if row is None:
        return _page("unknown")
    material, come = _material(parts, row), len(json.loads(row.handles))
    if come >= material.pages:
        return _page("done", material=material)
    return _page("ask", material=material, number=come + 1, problem=problem)


def _row(connection: Connection, code: str, now: datetime) -> Any:
    """The row of a code that is still good; None without one."""
    good = (codes.c.code == code) & (codes.c.expires_at > now)
    return connection.execute(select(codes).where(good)).one_or_none()


def _material(parts: Parts, row: Any) -> MaterialSpec:
    return next(one for one in parts.service(row.service).materials if one.key == row.material)


def _page(state: str, **told: Any) -> HTMLResponse:
    shown = {"material": None, "number": 0, "problem": ""} | told
    page = _PAGES.get_template("upload.html").render(state=state, words=words, **shown)
    return HTMLResponse(page, status_code=_STATUS.get(state, 200), headers=HEADERS)
