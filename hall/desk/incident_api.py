"""The JSON interface of incidents and of the audit."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi import Path as PathPart
from pydantic import BaseModel, ConfigDict, Field

from hall.access import actors, audit
from hall.desk.api import PLAIN, After, Items, Limit
from hall.desk.command_api import Problem, problems, refusal
from hall.scheduler import attention, incidents
from hall.settings import HallSettings
from hall.wording import problem

router = APIRouter(prefix="/api", tags=["incidents"])
DAY_MS = 24 * 3600 * 1000
Number = Annotated[int, PathPart(ge=1, le=2**53, description="`n` of an incident")]


class Name(BaseModel):
    """What is wrong, in a few words, as the desk's lists say it."""

    zh: str
    en: str


class Incident(BaseModel):
    model_config = ConfigDict(extra="ignore")
    n: int = Field(description="0: seen just now and not kept yet")
    severity: str = Field(description="stop, warning or notice")
    code: str = Field(
        description="of config/faults.toml, or hall_dark, off, silent, print_unsettled, technician_flood"
    )
    name: Name
    hall: str = Field(description="area/hall")
    terminal: str = Field(description="empty: the whole hall")
    device: str
    since: int
    cleared: int = Field(description="0: not yet")
    acknowledged_by: str
    acknowledged: int
    note: str


class Incidents(BaseModel):
    evaluated: int = Field(description="when somebody last looked")
    stale: bool = Field(description="nobody looks: what is open is as the store has it at this moment")
    items: list[Incident]


class Note(BaseModel):
    model_config = ConfigDict(extra="forbid")
    note: str = Field("", max_length=500, pattern=PLAIN)


class Entry(BaseModel):
    """Who did what."""

    model_config = ConfigDict(extra="ignore")
    n: int
    at: int
    actor: str
    act: str
    area: str
    subject: str
    reference: str
    outcome: str
    detail: str


@router.get("/incidents", response_model=Incidents)
def list_incidents(
    request: Request,
    cleared: Annotated[bool, Query(description="instead of the open ones those of the last day")] = False,
) -> Any:
    """What needs somebody now, the most urgent first; or what is over since a day, the youngest first."""
    settings: HallSettings = request.app.state.settings
    now, areas = int(time.time() * 1000), actors.watched(request)
    with request.app.state.engine.connect() as tx:
        if cleared:
            items = incidents.cleared(tx, now - DAY_MS, areas)
        else:
            items = incidents.shown(tx, settings, now, areas)
        named = [_named(row) for row in items]
        return {"evaluated": incidents.evaluated(tx), "stale": incidents.stale(tx, now), "items": named}


@router.post(
    "/incidents/{n}/acknowledge",
    response_model=Incident,
    responses=problems(404) | {409: {"model": Problem, "description": "it is over"}},
)
def acknowledge_incident(request: Request, n: Number, note: Note) -> Any:
    """Say that you have it. Whoever may watch the area may."""
    return _named(acknowledge(request, n, note.note))


@router.get("/audit", response_model=Items[Entry], responses=problems(403))
def list_audit(
    request: Request,
    after: After = 0,
    limit: Limit = 500,
    subject: Annotated[str, Query(max_length=128, pattern=PLAIN)] = "",
) -> Any:
    """Who did what, oldest first; for those who may command, of their areas."""
    areas = commanded(request)
    with request.app.state.engine.connect() as tx:
        return {"items": audit.entries(tx, areas, limit, after=after, subject=subject)}


def _named(row: incidents.Row) -> incidents.Row:
    name = problem(row["code"])
    return row | {"name": {"zh": name.zh, "en": name.en}}


# ── what the pages do alike ─────────────────────────────────────────────────
def commanded(request: Request) -> frozenset[str] | None:
    """The areas in which who asks may command; 403 where that is none."""
    areas = actors.actor(request).areas("command")
    if areas is not None and not areas:
        raise HTTPException(403, "only who may command may see who did what")
    return areas


def acknowledge(request: Request, n: int, note: str) -> incidents.Row:
    """Have it, as who asks, with the audit; HTTPException when it is over or not theirs to see."""
    with request.app.state.engine.connect() as tx:
        row = incidents.one(tx, n)
    if row is None:
        raise HTTPException(404, "no such incident")
    area = row["hall"].partition("/")[0]
    who = actors.visible(request, area, "no such incident")
    where = row["terminal"] or row["hall"]
    with request.app.state.writer.begin() as tx:
        if not incidents.acknowledge(tx, n, who.name, note.strip(), int(time.time() * 1000)):
            raise refusal("over")
        detail = f"{row['code']} {note.strip()}"
        audit.note(tx, who.name, "acknowledge", area=area, subject=where, reference=str(n), detail=detail)
        kept = incidents.one(tx, n)
    assert kept is not None
    return kept | {"severity": attention.severity(kept["code"])}
