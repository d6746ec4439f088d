"""The public's page: is the certificate in my hand a real one? Shows no more than the paper's masked name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import or_, select

from config.certificate import check_number
from config.words import Words, same, words
from hall.platform.door import PartsHere
from hall.platform.parts import Parts
from hall.platform.store import documents

routes = APIRouter(tags=["public"])

_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


@dataclass(frozen=True)
class Finding:
    """What the page says. `state` is valid, expired, revoked or unknown."""

    state: str
    rows: tuple[tuple[Words, Words], ...] = ()


@routes.get("/v", response_class=HTMLResponse)
def ask(parts: PartsHere, number: str = "") -> Response:
    """A field for the number or the code of the paper; with one, its page."""
    if number.strip():
        return RedirectResponse(f"v/{_cleaned(number)}", status_code=303)
    return _page(None, "", 200)


@routes.get("/v/{number}", response_class=HTMLResponse)
def verify(number: str, parts: PartsHere) -> HTMLResponse:
    """What is known of a certificate, by its number or its code; 404 when nothing is."""
    finding = find(parts, _cleaned(number))
    return _page(finding, number if check_number(number) else "", 404 if finding.state == "unknown" else 200)


def find(parts: Parts, number: str) -> Finding:
    """What the register says of a number or code."""
    with parts.store.reading() as connection:
        row = connection.execute(
            select(
                documents.c.number,
                documents.c.holder,
                documents.c.issued_on,
                documents.c.valid_until,
                documents.c.revoked_at,
            ).where(or_(documents.c.number == number, documents.c.code == number))
        ).one_or_none()
    if row is None:
        return Finding("unknown")
    if row.revoked_at is not None:
        state = "revoked"
    else:
        lapsed = date.fromisoformat(row.valid_until) < parts.now().date()
        state = "expired" if lapsed else "valid"
    return Finding(
        state,
        (
            (words("platform.page_name"), words("platform.certificate_title")),
            (words("platform.row_number"), same(row.number)),
            (words("platform.page_holder"), same(row.holder)),
            (words("platform.page_issuer"), words("platform.issuer")),
            (words("platform.page_issued_on"), same(row.issued_on)),
            (words("platform.row_valid_until"), same(row.valid_until)),
        ),
    )


def _cleaned(text: str) -> str:
    """As people type it from paper: spaces and small letters are forgiven."""
    return "".join(c for c in text.upper() if c.isascii() and (c.isalnum() or c == "."))[:120]


def _page(finding: Finding | None, number: str, status: int) -> HTMLResponse:
    page = _PAGES.get_template("verification.html").render(finding=finding, number=number, words=words)
    return HTMLResponse(page, status_code=status, headers=_HEADERS)
