"""Ratings from home (好差评补评): the page that the code on a receipt opens.

One rating for each case, anonymous, without login: whoever has the receipt may rate. It names the service
and no person. A rating given at the terminal went to the hall, which is another house than this platform:
whoever sends both uplink keeps one of each case (一事一评), the terminal's first.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert
from starlette.concurrency import run_in_threadpool

from config.ratings import star_rows, valid
from config.words import Words, same, words
from hall.platform import uploads
from hall.platform.clock import as_utc
from hall.platform.door import PartsHere
from hall.platform.parts import Parts
from hall.platform.store import cases, ratings
from hall.platform.verification import HEADERS

routes = APIRouter(prefix="/r", tags=["public"])

LONGEST = 150  # characters of a citizen's own words
_LARGEST = 8192  # bytes of the form
_STATUS = {"unknown": 404, "again": 409, "bad": 422}
_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)


@routes.get("/{case_no}", response_class=HTMLResponse)
def ask(case_no: str, parts: PartsHere, stars: int = 0) -> HTMLResponse:
    """Five ratings to choose from; with one, its reasons. 404 for no case, 409 when it was rated before."""
    service = _service(parts, case_no)
    if service is None:
        return _page("unknown")
    if _rated(parts, case_no):
        return _page("again")
    row = next((row for row in star_rows() if row.stars == stars), None)
    return _page("why" if row else "ask", service=service, row=row)


@routes.post("/{case_no}", response_class=HTMLResponse)
async def give(case_no: str, request: Request, parts: PartsHere) -> HTMLResponse:
    """Keeps a rating. The same one again, as when a browser repeats itself, is thanked for again."""
    try:
        told = parse_qs((await uploads.body(request, _LARGEST)).decode(), max_num_fields=20)
    except (uploads.TooLarge, uploads.Late, ValueError):
        told = {}
    return await run_in_threadpool(_keep, parts, case_no, told)


def _keep(parts: Parts, case_no: str, told: dict[str, list[str]]) -> HTMLResponse:
    service = _service(parts, case_no)
    if service is None:
        return _page("unknown")
    stars, text = told.get("stars", [""])[0], told.get("text", [""])[0].replace("\r\n", "\n").strip()
    codes = tuple(sorted(set(told.get("codes", []))))
    if stars not in {"1", "2", "3", "4", "5"} or not valid(int(stars), codes) or len(text) > LONGEST:
        return _page("bad", service=service)
    given = {"stars": int(stars), "codes": json.dumps(codes), "text": text}
    with parts.store.transaction() as transaction:
        row = insert(ratings).values(case_no=case_no, **given, given_at=as_utc(parts.now()))
        transaction.execute(row.on_conflict_do_nothing())
        kept = transaction.execute(select(ratings).where(ratings.c.case_no == case_no)).one()
    return _page("done" if all(getattr(kept, key) == value for key, value in given.items()) else "again")


def _service(parts: Parts, case_no: str) -> Words | None:
    """The service of a case, by its name; None without such a case."""
    with parts.store.reading() as connection:
        service = connection.scalar(select(cases.c.service).where(cases.c.case_no == case_no))
    if service is None:
        return None
    known = parts.catalogue.services.get(service)
    return known.name if known else same(service)


def _rated(parts: Parts, case_no: str) -> bool:
    with parts.store.reading() as connection:
        return connection.scalar(select(ratings.c.stars).where(ratings.c.case_no == case_no)) is not None


def _page(state: str, **told: Any) -> HTMLResponse:
    shown = {"service": None, "row": None} | told
    page = _PAGES.get_template("rating.html").render(state=state, rows=star_rows(), words=words, **shown)
    return HTMLResponse(page, status_code=_STATUS.get(state, 200), headers=HEADERS)
