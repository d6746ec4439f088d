"""Who connects to the desk and says nothing: hung up on, so that nobody keeps the others' places.

uvicorn waits for a request's head as long as it takes, and for any number of callers; by opening connections
one machine of the hall's network could keep every browser out.
"""

from __future__ import annotations

import asyncio
import resource
from functools import partial
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from hall.settings import DeskSettings

HEAD_SECONDS = 20.0  # for the head of a request; bodies have hall/access/doorkeeper.py
OF_ONE = 200  # connections of one address at a time
FILES = 65_536
LAST_SECONDS = 2  # how long open pages may hold up the end of the desk


class Caller(H11Protocol):
    """One connection. `of_one`: how many of its address there may be; 0: any number (a proxy before us)."""

    def __init__(self, *, of_one: int, **told: Any) -> None:
        super().__init__(**told)
        self._of_one = of_one
        self._answered: RequestResponseCycle | None = None  # what we had answered when we looked last
        self._look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begins to look whether a request comes; hangs up where its address has too many already."""
        super().connection_made(transport)
        here = _from(self)
        of_it = sum(_from(one) == here for one in self.connections)
        if self._of_one and of_it > self._of_one:
            return transport.abort()
        self._look = self.loop.call_later(HEAD_SECONDS, self._hang_up_or_look_again)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody looks any more."""
        if self._look is not None:
            self._look.cancel()
        super().connection_lost(exc)

    def _hang_up_or_look_again(self) -> None:
        waits = self.cycle is None or self.cycle.response_complete
        if waits and self.cycle is self._answered:  # no request since we looked last
            return self.transport.abort()
        self._answered = self.cycle
        self._look = self.loop.call_later(HEAD_SECONDS, self._hang_up_or_look_again)


def _from(connection: object) -> str:
    client = getattr(connection, "client", None)
    return client[0] if client else ""


def server(desk: DeskSettings, app: ASGIApp) -> uvicorn.Server:
    """What serves the desk's application to the network."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http=partial(Caller, of_one=0 if desk.behind_proxy else OF_ONE),  # type: ignore[arg-type]
            log_level="warning",
            ws="none",  # the desk has no web socket: who asks for one is answered as a page
            access_log=False,  # who looked at what is in the audit, where it belongs there
            proxy_headers=False,  # hall/access/doorkeeper.py reads them, and only behind a proxy
            server_header=False,
            timeout_graceful_shutdown=LAST_SECONDS,
            ssl_certfile=desk.certificate,
            ssl_keyfile=desk.key,
        )
    )


def make_room() -> None:
    """As many open files as this process may have, up to FILES: each caller is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
