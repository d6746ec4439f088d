"""What every page of the desk has: the reader's language and clock, who reads, and the templates."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sqlalchemy import Connection

from config.words import LANGUAGES
from hall import wording
from hall.access import actors
from hall.data import reading
from hall.scheduler import attention
from hall.settings import HallSettings

YEAR = 365 * 24 * 3600

router = APIRouter(include_in_schema=False)
_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters["combine"] = lambda one, other: {**one, **other}
_templates.filters["from_json"] = json.loads
_templates.tests["in_order"] = attention.in_order
_templates.tests["worth_a_look"] = lambda part: not part["ready"] or bool(part["codes"])


def context(request: Request, tx: Connection) -> dict[str, Any]:
    """What the frame of a page shows to who asks; the page adds its own."""
    spoken = reader(request)
    return outside(request) | {
        "actor": actors.actor(request),
        "newest": reading.newest_change(tx),
        "today": spoken.midnight(),
        "severity": attention.severity,
    }


def outside(request: Request) -> dict[str, Any]:
    """What a page shows to somebody who has not logged in."""
    spoken = reader(request)
    query = f"?{request.url.query}" if request.url.query else ""
    return {
        "w": spoken,
        "t": spoken.t,
        "here": request.url.path,
        "full": request.url.path + query,
        "other": next(one for one in LANGUAGES if one != spoken.language),
        "actor": None,
    }


def reader(request: Request) -> wording.Wording:
    """The words in the language of who reads, and the hall's clock."""
    settings: HallSettings = request.app.state.settings
    chosen = request.cookies.get("language", "")
    return wording.Wording(
        language=chosen if chosen in LANGUAGES else LANGUAGES[0],
        zone=ZoneInfo(settings.desk.timezone),
        now=int(time.time() * 1000),
        services=wording.service_names(settings.catalogue),
    )


def draw(template: str, context: dict[str, Any], status: int = 200) -> HTMLResponse:
    """The page of a template of `hall/desk/templates/`."""
    return HTMLResponse(_templates.get_template(template).render(context), status)


def local(back: str) -> str:
    """The address if it is one of the desk's own pages, else the first page."""
    plain = back.startswith("/") and not back.startswith(("//", "/\\")) and back.isprintable()
    return back if plain else "/"


@router.get("/language/{language}")
def language(language: str, back: Annotated[str, Query(max_length=500)] = "/") -> RedirectResponse:
    """Remember the reader's language, and go back to the page."""
    answer = RedirectResponse(local(back), status_code=303)
    if language in LANGUAGES:
        expires = datetime.now(UTC) + timedelta(seconds=YEAR)
        answer.set_cookie("language", language, expires=expires, samesite="lax", httponly=True)
    return answer
