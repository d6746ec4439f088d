"""What changed, told to open pages as server-sent events.

One task watches the ingest's notes in the store and wakes every page; a page that was away says with
`Last-Event-ID` how far it had come, as EventSource does by itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import msgspec
import structlog
from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from hall.access.actors import Actor, actor
from hall.data import reading

LOOK_SECONDS = 0.15
QUIET_SECONDS = 15.0  # a comment, so that a dead connection is noticed
KEPT = 500
Change = tuple[int, list[reading.Row]]  # number of the last note; what changed, by terminal
AGAIN_SECONDS = 10.0  # so often an open stream asks whether its reader may still look

router = APIRouter()
log = structlog.get_logger("desk")


class Changes:
    """The newest notes, and a way to wait for the next."""

    def __init__(self, engine: Engine, ending: Callable[[], bool]) -> None:
        self._engine = engine
        self._ending = ending
        self.ended = False  # the desk is about to go: open pages must not hold it up
        self._news = asyncio.Condition()
        self._kept: list[Change] = []
        self.newest = 0

    async def watch(self) -> None:
        """Look for new notes until cancelled. A store that cannot be read is tried again."""
        self.newest = await asyncio.to_thread(self._last)
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if self._ending():
                return await self._end()
            try:
                notes = await asyncio.to_thread(self._since, self.newest)
            except SQLAlchemyError as error:
                log.warning("store_unreadable", kind=type(error).__name__, remedy="look at the database")
                await asyncio.sleep(1.0)
                continue
            if notes:
                await self._tell(notes)

    async def _end(self) -> None:
        async with self._news:
            self.ended = True
            self._news.notify_all()

    async def _tell(self, notes: list[reading.Row]) -> None:
        by_terminal: dict[str, set[str]] = {}
        for note in notes:
            by_terminal.setdefault(note["terminal"], set()).add(note["what"])
        data: list[reading.Row] = [{"terminal": t, "what": sorted(w)} for t, w in by_terminal.items()]
        async with self._news:
            self.newest = notes[-1]["n"]
            self._kept = [*self._kept[-KEPT + 1 :], (self.newest, data)]
            self._news.notify_all()

    async def after(self, number: int) -> list[Change]:
        """Everything newer than `number`, waiting for it if need be; empty after QUIET_SECONDS."""
        async with self._news:
            try:
                async with asyncio.timeout(QUIET_SECONDS):
                    await self._news.wait_for(lambda: self.ended or self.newest > number)
            except TimeoutError:
                return []
            if self.ended:
                return []
            # Too long away to say what changed: an empty list means that anything may have.
            return [change for change in self._kept if change[0] > number] or [(self.newest, [])]

    def _last(self) -> int:
        with self._engine.connect() as tx:
            return reading.newest_change(tx)

    def _since(self, number: int) -> list[reading.Row]:
        with self._engine.connect() as tx:
            return reading.changes(tx, number)


@router.get("/events", include_in_schema=False)
async def events(request: Request, after: int | None = None) -> StreamingResponse:
    """The stream that the pages listen to; `after` is the note that the page was drawn at."""
    changes: Changes = request.app.state.changes
    asked = request.headers.get("last-event-id", "")
    begin = int(asked) if asked.isdecimal() and len(asked) < 19 else after

    async def stream() -> AsyncIterator[bytes]:
        number = changes.newest if begin is None else min(begin, changes.newest)
        who: Actor | None = actor(request)
        looked = time.monotonic()
        yield b"retry: 1000\n: listening\n\n"
        while not changes.ended and not await request.is_disconnected():
            news = await changes.after(number)
            if time.monotonic() - looked > AGAIN_SECONDS:
                who, looked = await request.scope["still"](), time.monotonic()
            if who is None:
                return
            if not news:
                yield b": still here\n\n"
            for number, told in news:
                mine = [one for one in told if who.may("watch", one["terminal"].partition("/")[0])]
                if mine or not told:
                    yield b"id: %d\ndata: %s\n\n" % (number, msgspec.json.encode(mine))

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream(), media_type="text/event-stream", headers=headers)
