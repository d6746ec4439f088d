"""What a person sees where there is no page for them: words and a way back. A program gets JSON, as ever."""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from hall.access.actors import Actor
from hall.desk import page_frame

WORDS = {403: "forbidden", 404: "missing", 405: "missing", 422: "missing"}  # an address that none of ours has


def add(app: FastAPI) -> None:
    """Answers of all routes of `app`."""
    app.add_exception_handler(HTTPException, _refused)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, _unfit)  # type: ignore[arg-type]


async def _refused(request: Request, error: HTTPException) -> Response:
    if error.status_code in WORDS and _of_a_person(request):
        return _page(request, error.status_code)
    return await http_exception_handler(request, error)


async def _unfit(request: Request, error: RequestValidationError) -> Response:
    if _of_a_person(request):
        return _page(request, 422)
    # Where and why, without what was sent; in ASCII, since what was sent may be half of a letter.
    told = [{name: one[name] for name in ("type", "loc", "msg")} for one in error.errors()]
    return Response(json.dumps({"detail": told}), 422, media_type="application/json")


def _of_a_person(request: Request) -> bool:
    """Whether a browser asks for a page. What a page itself fetches says that it takes anything."""
    wants = "text/html" in request.headers.get("accept", "")
    return wants and not request.url.path.startswith("/api/") and _known(request) is not None


def _known(request: Request) -> Actor | None:
    found = request.scope.get("actor")
    return found if isinstance(found, Actor) else None


def _page(request: Request, status: int) -> Response:
    frame: dict[str, Any] = page_frame.outside(request)
    frame |= {"actor": _known(request), "newest": 0}
    frame |= {"why": frame["w"].term("problem", WORDS[status]), "detail": "", "back": "/"}
    return page_frame.draw("problem.html", frame, status)
