"""The desk: the hall's web pages, their JSON interface and live events, in one application.

`hall/access/doorkeeper.py` stands before all of it. Two engines: one that cannot write, for all that shows,
and one for what changes something: logins, the audit, what an actor decides.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config.assets import htmx_script
from hall import catalogue_publishing
from hall.access.doorkeeper import Doorkeeper
from hall.data import store
from hall.desk import (
    api,
    changes,
    command_api,
    command_pages,
    incident_api,
    interface,
    login_page,
    metrics,
    page_frame,
    pages,
    problem_page,
    readiness_pages,
    ticket_pages,
)
from hall.machines import enrolment
from hall.settings import HallSettings

STATIC = Path(__file__).parent / "static"
POLICY = (
    "default-src 'self'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; form-action 'self'"
)


def desk_app(settings: HallSettings, ending: Callable[[], bool] = lambda: False) -> FastAPI:
    """The application on the store of `settings`, which must have been migrated.

    `ending` tells when the server is about to go, so that open event streams let it.
    FileNotFoundError with a remedy when the pages' script is not installed.
    """
    script = htmx_script()

    app = FastAPI(
        title="Hall server",
        version="1",
        description=api.__doc__ or "",
        lifespan=functools.partial(_open, settings, ending),
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
    )
    app.state.settings = settings
    app.state.enrolment_failures = enrolment.Failures()
    app.include_router(api.router)
    app.include_router(command_api.router)
    app.include_router(incident_api.router)
    app.include_router(metrics.router)
    app.include_router(changes.router)
    app.include_router(pages.router)
    app.include_router(ticket_pages.router)
    app.include_router(readiness_pages.router)
    app.include_router(command_pages.router)
    app.include_router(page_frame.router)
    app.include_router(login_page.router)
    app.include_router(enrolment.router)
    app.include_router(catalogue_publishing.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")

    @app.get("/htmx.js", include_in_schema=False)
    def htmx() -> FileResponse:
        return FileResponse(script, media_type="text/javascript")

    @app.get("/health", include_in_schema=False)
    def health() -> dict[str, str]:
        return {"status": "alive"}

    problem_page.add(app)
    interface.describe(app)
    app.add_middleware(Doorkeeper, desk=settings.desk, engines=lambda: (app.state.engine, app.state.writer))
    app.add_middleware(_Guard, https=settings.desk.https)
    return app


@contextlib.asynccontextmanager
async def _open(settings: HallSettings, ending: Callable[[], bool], app: FastAPI) -> AsyncIterator[None]:
    """The store's two engines and the task that watches it, as long as the application runs."""
    app.state.engine = store.open_store(settings, read_only=True)
    app.state.writer = store.open_store(settings)
    app.state.changes = changes.Changes(app.state.engine, ending)
    watching = asyncio.create_task(app.state.changes.watch())
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        app.state.engine.dispose()
        app.state.writer.dispose()


class _Guard:
    """Puts on every answer what a browser must not do with it. Plain ASGI, so that events stream through."""

    def __init__(self, app: ASGIApp, https: bool) -> None:
        self._app = app
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = POLICY
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
                headers.setdefault("Cache-Control", _keeping(scope["path"]))
                if self._https:
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        await self._app(scope, receive, guarded)


def _keeping(path: str) -> str:
    """Files may be kept and asked for again; pages not, or the back button shows them after the logout."""
    return "no-cache" if path == "/htmx.js" or path.startswith("/static/") else "no-store"
