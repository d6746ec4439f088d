"""What each request passes on its way in: the terminal's token, the parts, a log line without a person."""

from __future__ import annotations

import hmac
import time
import traceback
from typing import Annotated

import structlog
from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hall.platform.parts import Parts
from hall.platform.refusals import Refused

log = structlog.get_logger("platform")
_bearer = HTTPBearer(auto_error=False, description="The terminal's token")


def parts_of(request: Request) -> Parts:
    """The parts that the application opened at its start."""
    parts = request.app.state.parts
    assert isinstance(parts, Parts)
    return parts


PartsHere = Annotated[Parts, Depends(parts_of)]


def admitted(
    parts: PartsHere, bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> None:
    """Refused `token_unknown` unless the token is one of the settings."""
    token = bearer.credentials.encode() if bearer is not None else b""
    if not any(hmac.compare_digest(token, known.encode()) for known in parts.settings.tokens):
        raise Refused("token_unknown", 401)


def refusal_answer(request: Request, error: Exception) -> JSONResponse:
    """A Refusal on the wire."""
    if isinstance(error, HTTPException):
        refused = Refused("address_unknown", error.status_code)
    else:
        refused = error if isinstance(error, Refused) else Refused("body_invalid", 422)
    headers = {"WWW-Authenticate": "Bearer"} if refused.status == 401 else None
    body = refused.body().model_dump(mode="json")
    return JSONResponse(body, status_code=refused.status, headers=headers)


REFUSALS = (Refused, RequestValidationError, HTTPException)


class RequestLog:
    """One line a request: route, status, milliseconds. Neither path nor body, which name people's papers.

    An unforeseen exception is logged by its type and places only, since its text may quote what a
    citizen typed; the caller gets a bare 500, which terminals take for *unknown*.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        started = time.perf_counter()
        status = 0

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            where = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in frames[-4:]]
            log.error("platform_error", error=type(error).__name__, where=where)
            if not status:
                await JSONResponse({"error": "internal"}, status_code=500)(scope, receive, noted)
        route = getattr(scope.get("route"), "path", "")
        spent = round((time.perf_counter() - started) * 1000, 1)
        log.info("request", method=scope["method"], route=route, status=status, milliseconds=spent)
