"""Readiness reports and technicians' acts at the desk: what is not ready, and a part of a terminal's page."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection, select

from hall.access import actors
from hall.data import reading, tables
from hall.desk import page_frame

ACTS = 20  # of a terminal's page
REPORTS = 100  # of the page of an area
router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/readiness")
def readiness(request: Request) -> Any:
    """Terminals whose last report says that something is not ready, the worst first."""
    areas = actors.watched(request)
    with request.app.state.engine.connect() as tx:
        context = page_frame.context(request, tx)
        gone = reading.retired(tx)
        reports = [one for one in reading.reports(tx, areas) if one["terminal"] not in gone]
        missing = [one for one in reports if one["not_ready"]]
        context |= {
            "rows": missing[:REPORTS],
            "ready": len(reports) - len(missing),
            "kinds": _kinds(tx, {one["terminal"] for one in missing[:REPORTS]}),
        }
    return page_frame.draw("readiness.html", context)


def section(tx: Connection, path: str) -> dict[str, Any]:
    """What a terminal's page shows of it."""
    reports = reading.page(tx, tables.readiness, 0, 1, terminal=path)
    return {
        "report": reports[0] if reports else None,
        "acts": reading.latest(tx, tables.technician_acts, ACTS, terminal=path),
    }


def _kinds(tx: Connection, terminals: set[str]) -> dict[tuple[str, str], str]:
    """What the devices of these terminals are, by terminal and name."""
    d = tables.devices.c
    rows = tx.execute(select(d.terminal, d.name, d.kind).where(d.terminal.in_(terminals)))
    return {(row.terminal, row.name): row.kind for row in rows}
