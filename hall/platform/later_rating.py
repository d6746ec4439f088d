"""Ratings from home (好差评补评): the page that the code on a receipt opens.

One rating for each case and one follow-up (追评), anonymous, without login: whoever has the receipt may rate.
It names the service and no person. What was rated at the terminal is rated here, too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool

from config.rating_api import LONGEST
from config.ratings import star_rows, valid
from config.words import Words, same, words
from hall.platform import uploads
from hall.platform.door import PartsHere
from hall.platform.parts import Parts
from hall.platform.rating_rows import FIRST, FOLLOW_UP, Given, keep, next_number
from hall.platform.tables import cases
from hall.platform.verification import HEADERS

routes = APIRouter(prefix="/r", tags=["public"])

_LARGEST = 8192  # bytes of the form
_STATUS = {"unknown": 404, "again": 409, "bad": 422}
_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)


@routes.get("/{case_no}", response_class=HTMLResponse)
def ask(case_no: str, parts: PartsHere, stars: int = 0, number: Literal["1", "2"] = "1") -> HTMLResponse:
    """Five ratings to choose from; with one, its reasons. 404 for no case, 409 when it was rated before.

    `number` 2 asks for the follow-up, which the page of a rated case offers once.
    """
    service = _service(parts, case_no)
    if service is None:
        return _page("unknown")
    with parts.store.reading() as connection:
        due = next_number(connection, case_no)
    if due != int(number):
        return _page("again", due=due)
    row = next((row for row in star_rows() if row.stars == stars), None)
    return _page("why" if row else "ask", service=service, row=row, number=due)


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
    codes, number = tuple(sorted(set(told.get("codes", [])))), told.get("number", ["1"])[0]
    right = stars in {"1", "2", "3", "4", "5"} and number in {str(FIRST), str(FOLLOW_UP)}
    if not right or not valid(int(stars), codes) or len(text) > LONGEST:
        return _page("bad", service=service, number=number if number == "2" else "1")
    given = Given(case_no, int(number), int(stars), codes, text, "receipt")
    with parts.store.transaction() as transaction:
        verdict = keep(transaction, given, parts.now())
        due = next_number(transaction, case_no)
    return _page("done" if verdict == "kept" else "again", due=due)


def _service(parts: Parts, case_no: str) -> Words | None:
    """The service of a case, by its name; None without such a case."""
    with parts.store.reading() as connection:
        service = connection.scalar(select(cases.c.service).where(cases.c.case_no == case_no))
    if service is None:
        return None
    known = parts.catalogue.services.get(service)
    return known.name if known else same(service)


def _page(state: str, **told: Any) -> HTMLResponse:
    shown = {"service": None, "row": None, "number": FIRST, "due": 0} | told
    page = _PAGES.get_template("rating.html").render(state=state, rows=star_rows(), words=words, **shown)
    return HTMLResponse(page, status_code=_STATUS.get(state, 200), headers=HEADERS)
