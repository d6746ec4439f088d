"""The public's page: is the certificate in my hand, or in my file, a real one?

It shows no more than the paper's masked name. A file is compared with the register by its digest: only the
very bytes that were issued are valid, which no signature says more sharply. So no stranger's file is ever
parsed here; what is not in the register is searched for a number, to say whether it was changed.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import ColumnElement, or_, select
from starlette.concurrency import run_in_threadpool

from config.certificate import ROOT, check_number
from config.words import Words, same, words
from hall.platform import uploads
from hall.platform.door import PartsHere
from hall.platform.parts import Parts
from hall.platform.tables import documents

routes = APIRouter(tags=["public"])

LARGEST = 5_000_000  # bytes of an upload; a certificate has a hundred thousand
_NUMBER = re.compile(re.escape(ROOT).encode() + rb"(?:\.[0-9A-Z]{1,32}){5}")
_NUMBERS = 20  # different ones looked at in one file

_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


@dataclass(frozen=True)
class Finding:
    """What the page says.

    `state` is valid, expired, revoked or unknown; of a file also genuine bytes in these states as
    `file_valid` and so on, `file_changed`, `file_unknown`; or why nothing could be said: `file_too_large`,
    `file_missing`, `file_late`, `busy`.
    """

    state: str
    rows: tuple[tuple[Words, Words], ...] = ()


_STATUS = {"unknown": 404, "file_too_large": 413, "file_missing": 422, "file_late": 408, "busy": 503}


@routes.get("/v", response_class=HTMLResponse)
def ask(parts: PartsHere, number: str = "") -> Response:
    """A field for the number or the code of the paper; with one, its page."""
    if cleaned := _cleaned(number):
        return RedirectResponse(f"v/{cleaned}", status_code=303)
    return _page(None, "")


@routes.get("/v/{number}", response_class=HTMLResponse)
def verify(number: str, parts: PartsHere) -> HTMLResponse:
    """What is known of a certificate, by its number or its code; 404 when nothing is."""
    return _page(find(parts, _cleaned(number)), number if check_number(number) else "")


@routes.post("/v", response_class=HTMLResponse)
async def verify_file(request: Request, parts: PartsHere) -> HTMLResponse:
    """Is this file one that was issued, byte for byte? Takes a form with one file, keeps nothing of it."""
    if not parts.uploads.acquire(blocking=False):
        return _page(Finding("busy"), "")
    try:
        body = await uploads.body(request, LARGEST)
        kind = request.headers.get("content-type", "")
        finding = await run_in_threadpool(_find_in_form, parts, body, kind)
    except uploads.Late:
        finding = Finding("file_late")
    except uploads.TooLarge:
        finding = Finding("file_too_large")
    finally:
        parts.uploads.release()
    return _page(finding, "")


def find(parts: Parts, number: str) -> Finding:
    """What the register says of a number or code."""
    row = _registered(parts, or_(documents.c.number == number, documents.c.code == number))
    return Finding("unknown") if row is None else Finding(_state(parts, row), _rows(parts, row))


def find_file(parts: Parts, content: bytes) -> Finding:
    """What the register says of a file."""
    row = _registered(parts, documents.c.sha256 == hashlib.sha256(content).hexdigest())
    if row is not None:
        return Finding(f"file_{_state(parts, row)}", _rows(parts, row))
    named = sorted({found.decode() for found in _NUMBER.findall(content)})[:_NUMBERS]
    row = _registered(parts, documents.c.number.in_(named))
    return Finding("file_unknown") if row is None else Finding("file_changed", _rows(parts, row))


def _find_in_form(parts: Parts, body: bytes, content_type: str) -> Finding:
    content = uploads.file_in(body, content_type)
    return find_file(parts, content) if content else Finding("file_missing")


def _registered(parts: Parts, condition: ColumnElement[bool]) -> Any:
    """The first certificate like this; None without one."""
    wanted = ("number", "template", "holder", "issued_on", "valid_until", "revoked_at")
    with parts.store.reading() as connection:
        return connection.execute(select(*(documents.c[name] for name in wanted)).where(condition)).first()


def _state(parts: Parts, row: Any) -> str:
    if row.revoked_at is not None:
        return "revoked"
    return "expired" if date.fromisoformat(row.valid_until) < parts.now().date() else "valid"


def _rows(parts: Parts, row: Any) -> tuple[tuple[Words, Words], ...]:
    template = parts.press.templates.get(row.template)
    return (
        (words("platform.page_name"), template.title if template else same(row.template)),
        (words("platform.row_number"), same(row.number)),
        (words("platform.page_holder"), same(row.holder)),
        (words("platform.page_issuer"), template.issuer if template else words("platform.issuer")),
        (words("platform.page_issued_on"), same(row.issued_on)),
        (words("platform.row_valid_until"), same(row.valid_until)),
    )


def _cleaned(text: str) -> str:
    """As people type it from paper: spaces and small letters are forgiven."""
    return "".join(c for c in text.upper() if c.isascii() and (c.isalnum() or c == ".")).strip(".")[:120]


def _page(finding: Finding | None, number: str) -> HTMLResponse:
    page = _PAGES.get_template("verification.html").render(finding=finding, number=number, words=words)
    status = _STATUS.get(finding.state, 200) if finding else 200
    return HTMLResponse(page, status_code=status, headers=HEADERS)
