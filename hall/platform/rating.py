"""Ratings from terminals: after handling, or later of one's own cases; with the citizen's own words.

The words go here and nowhere else: what a terminal tells its hall has stars and codes only.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import select

from config.rating_api import RATED, NewRating, Rateable, Rateables, RatingKept
from config.ratings import valid
from config.words import same
from hall.platform.clock import from_utc
from hall.platform.door import PartsHere
from hall.platform.parts import Parts
from hall.platform.rating_rows import Given, keep, next_number
from hall.platform.refusals import Refused
from hall.platform.tables import cases

routes = APIRouter(prefix="/v1/ratings", tags=["ratings"])
MOST = 20  # of one's own cases that are looked through, the newest first


@routes.post("")
def give(rating: NewRating, parts: PartsHere) -> RatingKept:
    """Keeps a rating; the same one again too. Refused: `rating_invalid` (422), `rating_no_case` (404),
    `rated_already` (409), `rating_too_early` (409: a follow-up before the first)."""
    if not valid(rating.stars, rating.codes):
        raise Refused("rating_invalid", 422)
    text = rating.text.replace("\r\n", "\n").strip()
    about = rating.case_no or rating.visit
    given = Given(about, rating.number, rating.stars, rating.codes, text, "terminal")
    with parts.store.transaction() as transaction:
        known = transaction.scalar(select(cases.c.service).where(cases.c.case_no == about))
        if rating.case_no and known is None:
            raise Refused("rating_no_case", 404)
        verdict = keep(transaction, given, parts.now())
    if verdict == "too_early":
        raise Refused("rating_too_early", 409)
    if verdict == "again":
        raise Refused(RATED, 409)
    return RatingKept(number=rating.number)


@routes.get("/open")
def mine(parts: PartsHere, subject: Annotated[str, Query(max_length=64)]) -> Rateables:
    """One's own cases that may be rated or given a follow-up, the newest first. Refused as by the handle."""
    citizen = parts.subjects.get(subject).number
    with parts.store.reading() as connection:
        query = select(cases.c.case_no, cases.c.service, cases.c.accepted_at)
        found = connection.execute(
            query.where(cases.c.citizen == citizen).order_by(cases.c.accepted_at.desc()).limit(MOST)
        ).all()
        numbered = [(row, next_number(connection, row.case_no)) for row in found]
    items = [_rateable(parts, *row, number) for row, number in numbered if number]
    return Rateables(items=tuple(items))


@routes.get("/cases/{case_no}")
def one(case_no: str, parts: PartsHere) -> Rateable:
    """The case of a receipt. Refused: `rating_no_case` (404), `rated_already` (409: twice)."""
    with parts.store.reading() as connection:
        query = select(cases.c.case_no, cases.c.service, cases.c.accepted_at)
        found = connection.execute(query.where(cases.c.case_no == case_no.strip().upper())).one_or_none()
        number = next_number(connection, found.case_no) if found else 0
    if found is None:
        raise Refused("rating_no_case", 404)
    if not number:
        raise Refused(RATED, 409)
    return _rateable(parts, *found, number)


def _rateable(parts: Parts, case_no: str, service: str, filed: datetime, number: int) -> Rateable:
    known = parts.catalogue.services.get(service)
    return Rateable(
        case_no=case_no,
        service=service,
        name=known.name if known else same(service),
        filed=from_utc(filed).date(),
        number=2 if number == 2 else 1,
    )
