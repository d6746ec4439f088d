"""The desk's page of bad ratings, and what is done there by who watches the area: take, call back, close."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi import Path as PathPart
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from hall import rating_tickets
from hall.access import actors, audit
from hall.desk import page_frame
from hall.settings import HallSettings

HERE = "/ratings/tickets"
router = APIRouter(prefix=HERE, include_in_schema=False, default_response_class=HTMLResponse)
Number = Annotated[int, PathPart(ge=1, le=2**53)]
Deed = Callable[[Connection, int, str, int], bool]


@router.get("")
def tickets(request: Request, show: Annotated[str, Query(pattern="^(open|closed)$")] = "open") -> Any:
    """Those that wait, the oldest first; or those that are closed."""
    with request.app.state.engine.connect() as tx:
        context = page_frame.context(request, tx)
        areas = actors.watched(request)
        rows = rating_tickets.shown(tx, areas, _zone(request), closed=show == "closed")
        context |= {"rows": rows, "show": show, "calls": rating_tickets.CALLS}
    return page_frame.draw("tickets.html", context)


@router.post("/{n}/take")
async def take(request: Request, n: Number) -> Response:
    """Say that one looks after it."""
    await actors.form(request)
    return await run_in_threadpool(_act, request, n, "ticket_taken", rating_tickets.take, "")


@router.post("/{n}/call")
async def call(request: Request, n: Number) -> Response:
    """Note how the call-back went."""
    how = (await actors.form(request)).get("how", "")
    if how not in rating_tickets.CALLS:
        raise HTTPException(400, "say how the call-back went")

    def deed(tx: Connection, n: int, who: str, now: int) -> bool:
        return rating_tickets.called(tx, n, who, how, now)

    return await run_in_threadpool(_act, request, n, "ticket_called", deed, how)


@router.post("/{n}/close")
async def close(request: Request, n: Number) -> Response:
    """Close it with what came of it."""
    note = (await actors.form(request)).get("note", "").replace("\x00", "").strip()[:500]
    if not note:
        raise HTTPException(400, "say what came of it")

    def deed(tx: Connection, n: int, who: str, now: int) -> bool:
        return rating_tickets.close(tx, n, who, note, now)

    return await run_in_threadpool(_act, request, n, "ticket_closed", deed, note)


def _act(request: Request, n: int, act: str, deed: Deed, detail: str) -> Response:
    """Do it as who asks, with the audit, and go back to the page; or say why not."""
    with request.app.state.engine.connect() as tx:
        row = rating_tickets.one(tx, n, _zone(request))
    if row is None:
        raise HTTPException(404, "no such ticket")
    area = row["terminal"].partition("/")[0]
    who = actors.visible(request, area, "no such ticket")
    with request.app.state.writer.begin() as tx:
        done = deed(tx, n, who.name, int(time.time() * 1000))
        if done:
            about = {"area": area, "subject": row["terminal"], "reference": str(n)}
            audit.note(tx, who.name, act, **about, detail=detail)
    if done:
        return RedirectResponse(HERE, status_code=303)
    with request.app.state.engine.connect() as tx:
        context = page_frame.context(request, tx)
    why = context["t"]("ticket_over" if row["closed"] else "ticket_uncalled")
    return page_frame.draw("problem.html", context | {"why": why, "detail": "", "back": HERE}, 409)


def _zone(request: Request) -> ZoneInfo:
    settings: HallSettings = request.app.state.settings
    return ZoneInfo(settings.desk.timezone)
