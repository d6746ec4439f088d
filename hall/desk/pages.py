"""The desk's pages: what needs somebody and the fleet, one terminal, transactions, ratings, refusals.

Each part of a page is a <section> that fetches itself again when the events say that its matter changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection, Table

from hall.access import actors
from hall.data import reading, tables
from hall.desk import command_pages, page_frame, readiness_pages
from hall.desk.api import PLAIN, Part
from hall.intake import technician_flood
from hall.scheduler import attention, incidents
from hall.settings import HallSettings

ROWS = 100
TERMINAL_ROWS = 20
MOST_NEEDS = 200  # a page of more is read by nobody
DAY_MS = 24 * 3600 * 1000

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
Before = Annotated[str, Query(pattern=r"^(\d{1,15}-\d{1,15})?$")]  # clock and `n` of the row to go on from
Text = Annotated[str, Query(max_length=128, pattern=PLAIN)]


@router.get("/")
def overview(request: Request) -> Any:
    """What needs somebody now, and the fleet."""
    with request.app.state.engine.connect() as tx:
        context = page_frame.context(request, tx)
        settings: HallSettings = request.app.state.settings
        areas, now = actors.watched(request), context["w"].now
        gone = reading.retired(tx)
        fleet = [row for row in reading.terminals(tx, areas=areas) if row["path"] not in gone]
        matters = attention.matters(
            fleet,
            reading.open_faults(tx, areas=areas),
            settings.desk,
            now,
            reading.unsettled_prints(tx, areas=areas),
            technician_flood.flooding(tx),
        )
        by_terminal: dict[str, list[reading.Row]] = {}
        for device in reading.devices(tx, areas=areas):
            by_terminal.setdefault(device["terminal"], []).append(device)
        today = context["today"]
        for row in fleet:
            row["standing"] = attention.standing(row, matters, settings.desk, now)
            row["devices"] = by_terminal.get(row["path"], [])
        context |= {
            "fleet": fleet,
            "needs": incidents.shown(tx, settings, now, areas),
            "most": MOST_NEEDS,
            "cleared": incidents.cleared(tx, now - DAY_MS, areas),
            "stale": incidents.stale(tx, now),
            "evaluated": incidents.evaluated(tx),
            "kinds": {(d["terminal"], d["name"]): d["kind"] for row in fleet for d in row["devices"]},
            "sessions": reading.per_terminal(tx, tables.sessions, today, areas),
            "numbers": {
                "cases": reading.count(tx, tables.cases, today, areas),
                "prints": reading.count(tx, tables.prints, today, areas),
                "sessions": reading.count(tx, tables.sessions, today, areas),
                "refused": reading.count(tx, tables.refused, today, areas),
            },
        }
        context |= _spread(reading.stars(tx, today, areas=areas))
    return page_frame.draw("overview.html", context)


@router.get("/terminals/{area}/{hall}/{kiosk}")
def terminal(request: Request, area: Part, hall: Part, kiosk: Part) -> Any:
    """One terminal: its devices on their axes, open faults with the remedy, its transactions."""
    path = f"{area}/{hall}/{kiosk}"
    with request.app.state.engine.connect() as tx:
        context = page_frame.context(request, tx)
        actors.visible(request, area, context["t"]("no_such_terminal"))
        settings: HallSettings = request.app.state.settings
        found = reading.terminals(tx, path)
        if not found:
            raise HTTPException(404, context["w"].t("no_such_terminal"))
        now = context["w"].now
        open_faults = reading.open_faults(tx, path)
        prints = reading.unsettled_prints(tx, path)
        floods = technician_flood.flooding(tx, path)
        matters = attention.matters(found, open_faults, settings.desk, now, prints, floods)
        devices = reading.devices(tx, path)
        cases = reading.latest(tx, tables.cases, TERMINAL_ROWS, terminal=path)
        context |= {
            "row": found[0],
            "standing": attention.standing(found[0], matters, settings.desk, now),
            "needs": _needs(incidents.shown(tx, settings, now, frozenset({area})), found[0]),
            "stale": incidents.stale(tx, now),
            "evaluated": incidents.evaluated(tx),
            "devices": devices,
            "kinds": {(path, device["name"]): device["kind"] for device in devices},
            "cases": cases,
            "of": _of(tx, cases),
            "sessions": reading.latest(tx, tables.sessions, TERMINAL_ROWS, terminal=path),
            "gaps": reading.gaps(tx, path),
        }
        context |= command_pages.section(tx, path) | readiness_pages.section(tx, path)
    return page_frame.draw("terminal.html", context)


@router.get("/transactions")
def transactions(
    request: Request,
    show: Annotated[str, Query(pattern="^(cases|payments|prints|sessions)$")] = "cases",
    terminal: Text = "",
    session: Text = "",
    state: Text = "",
    since: Annotated[str, Query(pattern="^(today|all)$")] = "all",
    before: Before = "",
) -> Any:
    """Submissions, payments, prints or sessions, the youngest first."""
    table = tables.metadata.tables[show]
    column = "outcome" if show == "sessions" else "state"
    with request.app.state.engine.connect() as tx:
        context = page_frame.context(request, tx)
        day = context["today"] if since == "today" else 0
        areas = actors.watched(request)
        equal = {"terminal": terminal, "session": session, column: state}
        rows = reading.latest(tx, table, ROWS + 1, before, day, areas, **equal)
        context |= {
            "show": show,
            "rows": rows[:ROWS],
            "older": _older(table, rows),
            "total": reading.count(tx, table, day, areas, **equal),
            "chosen": {"terminal": terminal, "session": session, "state": state, "since": since},
            "of": _of(tx, rows) if show == "cases" else {},
        }
    return page_frame.draw("transactions.html", context)


@router.get("/ratings")
def ratings(
    request: Request,
    stars: Annotated[int, Query(ge=0, le=5)] = 0,
    terminal: Text = "",
    since: Annotated[str, Query(pattern="^(today|all)$")] = "all",
    before: Before = "",
) -> Any:
    """Ratings: how often each star was given, and one row for each."""
    with request.app.state.engine.connect() as tx:
        context = page_frame.context(request, tx)
        day = context["today"] if since == "today" else 0
        areas = actors.watched(request)
        equal = {"terminal": terminal, "stars": stars or ""}
        rows = reading.latest(tx, tables.ratings, ROWS + 1, before, day, areas, **equal)
        context |= {
            "rows": rows[:ROWS],
            "older": _older(tables.ratings, rows),
            "chosen": {"stars": stars, "terminal": terminal, "since": since},
        }
        context |= _spread(reading.stars(tx, day, terminal, areas))
    return page_frame.draw("ratings.html", context)


@router.get("/refused")
def refused(request: Request, terminal: Text = "", before: Before = "") -> Any:
    """Messages that the ingest did not take, and why."""
    with request.app.state.engine.connect() as tx:
        context = page_frame.context(request, tx)
        areas = actors.watched(request)
        rows = reading.latest(tx, tables.refused, ROWS + 1, before, areas=areas, terminal=terminal)
        older = _older(tables.refused, rows)
        context |= {"rows": rows[:ROWS], "older": older, "chosen": {"terminal": terminal}}
    return page_frame.draw("refused.html", context)


def _needs(rows: Sequence[reading.Row], terminal: reading.Row) -> list[reading.Row]:
    """Incidents of this terminal, and of its whole hall while it is in the dark itself."""
    hall = f"{terminal['area']}/{terminal['hall']}"
    whole = "" if terminal["online"] else hall
    return [
        one
        for one in rows
        if one["terminal"] == terminal["path"] or (not one["terminal"] and one["hall"] == whole)
    ]


def _of(tx: Connection, cases: Sequence[reading.Row]) -> dict[str, Any]:
    """What belongs to these cases: payments, prints and ratings, each by session."""
    belonging = (tables.payments, tables.prints, tables.ratings)
    return {table.name: reading.of_sessions(tx, table, cases) for table in belonging}


def _older(table: Table, rows: Sequence[reading.Row]) -> str:
    """Where the next page begins; empty when this one is the last."""
    if len(rows) <= ROWS:
        return ""
    last = rows[ROWS - 1]
    return f"{last[reading.clock(table).name]}-{last['n']}"


def _spread(stars: dict[int, int]) -> dict[str, Any]:
    """How often each star was given, and their mean (0 without any)."""
    given = sum(stars.values())
    total = sum(star * times for star, times in stars.items())
    return {"stars": stars, "given": given, "average": total / given if given else 0.0}
