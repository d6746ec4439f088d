"""The reference platform as an application: routes, the terminal's token, its parts' life."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

from fastapi import Depends, FastAPI

from config.platform_api import Refusal
from hall.platform import (
    app_codes,
    authorisations,
    cases,
    cashier,
    corrections,
    department_outbox,
    door,
    e_certificates,
    forms,
    handovers,
    health,
    identity,
    issued,
    later_rating,
    material_ways,
    materials,
    orders,
    phone_uploads,
    queries,
    rating,
    staff,
    supplements,
    verification,
)
from hall.platform.clock import china_now
from hall.platform.parts import Clock, open_parts
from hall.platform.settings import ServerSettings


def platform_app(settings: ServerSettings, now: Clock = china_now) -> FastAPI:
    """The application. Its parts are opened when it starts and closed when it ends; `now` tells the time.

    Opening raises what `open_parts` raises.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with ExitStack() as opened:
            # On a thread of its own: the first signature runs an event loop.
            parts = await asyncio.to_thread(opened.enter_context, open_parts(settings, now))
            app.state.parts = parts
            opened.enter_context(department_outbox.running(parts))
            yield

    app = FastAPI(
        title="Acceptance platform of government services",
        version="1",
        description="What a terminal asks of a province's acceptance system.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    for error in door.REFUSALS:
        app.add_exception_handler(error, door.refusal_answer)
    who = (app_codes, identity, staff, e_certificates, authorisations)
    brought = (forms, corrections, material_ways, materials, phone_uploads, handovers)
    for part in (*who, *brought, queries, supplements, cases, rating, orders, issued, health):
        app.include_router(
            part.routes, dependencies=[Depends(door.admitted)], responses={"4XX": {"model": Refusal}}
        )
    app.include_router(verification.routes, responses={"4XX": {"description": "No such certificate"}})
    app.include_router(
        later_rating.routes, responses={"4XX": {"description": "No such case, or rated already"}}
    )
    app.include_router(handovers.public, responses={"4XX": {"description": "No such code"}})
    app.include_router(phone_uploads.public, responses={"4XX": {"description": "No such code"}})
    app.include_router(cashier.routes, responses={"4XX": {"description": "No such order"}})
    if settings.demo:
        app.include_router(health.bench)
        app.include_router(cashier.bench)
        app.include_router(handovers.bench)
    app.add_middleware(door.RequestLog)
    return app
