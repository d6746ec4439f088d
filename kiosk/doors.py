"""Whether the terminal receives citizens: not while it is locked, closed, full, or about to go.

One place decides it, and reception asks there. Whoever is being served is served to the end.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime

from config.configuration import is_open
from config.words import Words, words
from kiosk.ledger import Ledger
from kiosk.prompts import OutOfService

LOOK_SECONDS = 1.0  # between looks at the clock
_MEMORY = "lock"  # where the store remembers it


class Doors:
    """`phone` and `hours` tell whom to call and when it is open (`09:00-17:00`, `always`), as set now.

    `full` tells that what a session leaves behind could not be kept (`Health.no_room`).
    """

    def __init__(
        self,
        ledger: Ledger,
        phone: Callable[[], str],
        hours: Callable[[], str] = lambda: "always",
        clock: Callable[[], datetime] = datetime.now,
        full: Callable[[], bool] = lambda: False,
    ) -> None:
        self._ledger, self._phone, self._hours, self._clock = ledger, phone, hours, clock
        self._full = full
        self._notice: Words | None = None
        self._held = 0
        self._changed = asyncio.Event()
        if told := ledger.recall(_MEMORY):
            self._notice = Words(**json.loads(told))

    @property
    def locked(self) -> bool:
        """True from a lock to its unlock, whatever stops in between."""
        return self._notice is not None

    async def lock(self, notice: Words) -> None:
        """Receives nobody from now on and says why."""
        await self._ledger.remember(_MEMORY, json.dumps({"zh": notice.zh, "en": notice.en}))
        self._notice = notice
        self.look()

    async def unlock(self) -> None:
        """Receives citizens again."""
        await self._ledger.remember(_MEMORY, "")
        self._notice = None
        self.look()

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Nobody new is received meanwhile: something is under way that no citizen should walk into."""
        self._held += 1
        self.look()
        try:
            yield
        finally:
            self._held -= 1
            self.look()

    def look(self) -> None:
        """Something has changed: whoever waits looks again."""
        self._changed.set()

    def closed(self) -> OutOfService | None:
        """The page that says why nobody is received; None when everybody is."""
        call = words("journey.call", phone=self._phone())
        if self._notice is not None:
            return OutOfService(words("journey.locked"), call, self._notice)
        if self._full():
            return OutOfService(words("journey.locked"), call)
        if self._held:
            return OutOfService(words("journey.held"), call)
        hours = self._hours()
        if not is_open(hours, self._clock().strftime("%H:%M")):
            return OutOfService(words("journey.closed_now"), call, words("journey.opening", hours=hours))
        return None

    async def other_than(self, told: OutOfService | None) -> None:
        """Returns when `closed()` says something else than `told`."""
        while self.closed() == told:
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._changed.wait()
