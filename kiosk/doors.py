"""Whether the terminal receives citizens: not while it is locked, closed, broken, or about to go.

One place decides it, and reception asks there. Whoever is being served is served to the end. What makes
only some services impossible greys those (`kiosk/availability.py`) and leaves the doors open.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Literal

from config.configuration import hours_read, is_open, next_opening
from config.faults import any_fault
from config.words import Words, words
from kiosk.data.ledger import Ledger
from kiosk.in_step import to_next
from kiosk.prompts import OutOfService

LOOK_SECONDS = 1.0  # between looks at the clock
By = Literal["technician", "hall"]
_MEMORY: dict[By, str] = {"technician": "lock here", "hall": "lock"}  # where the store remembers it


class Doors:
    """`phone`, `hours` and `elsewhere` tell whom to call, when it is open (`09:00-17:00`, `always`) and where
    the next terminal is, as set now.

    `stopped` is the code of a fault with which nobody can be served (`Health.stopped`); empty: none.
    """

    def __init__(
        self,
        ledger: Ledger,
        phone: Callable[[], str],
        hours: Callable[[], str] = lambda: "always",
        clock: Callable[[], datetime] = datetime.now,
        stopped: Callable[[], str] = lambda: "",
        elsewhere: Callable[[], Words | None] = lambda: None,
    ) -> None:
        self._ledger, self._phone, self._hours, self._clock = ledger, phone, hours, clock
        self._stopped, self._elsewhere = stopped, elsewhere
        self._notices: dict[By, Words] = {}
        self._held = 0
        self._changed = asyncio.Event()
        for by, name in _MEMORY.items():
            if told := ledger.recall(name):
                self._notices[by] = Words(**json.loads(told))

    @property
    def locked(self) -> bool:
        """True from a lock to its unlock, whatever stops in between."""
        return bool(self._notices)

    def notice(self, by: By) -> Words | None:
        """What the hall, or a technician at the screen, has put up; None for nothing."""
        return self._notices.get(by)

    async def lock(self, notice: Words, by: By = "hall") -> None:
        """Receives nobody from now on and says why. Each of the two has a notice of his own."""
        await self._ledger.remember(_MEMORY[by], json.dumps({"zh": notice.zh, "en": notice.en}))
        self._notices[by] = notice
        self.look()

    async def unlock(self, by: By = "hall") -> None:
        """Takes this one's notice down; citizens are received again when the other has none up."""
        await self._ledger.remember(_MEMORY[by], "")
        self._notices.pop(by, None)
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
        if self._notices:  # whoever stands at the machine knows best why
            return self._page(
                words("journey.locked"), next(self._notices[by] for by in _MEMORY if by in self._notices)
            )
        if code := self._stopped():
            return self._page(words("journey.locked"), any_fault(code).citizen)
        if self._held:
            return self._page(words("journey.held"))
        if not is_open(self._hours(), self._clock().strftime("%H:%M")):
            return self._page(words("journey.closed_now"))
        return None

    def _page(self, what: Words, note: Words | None = None) -> OutOfService:
        call, place = words("journey.call", phone=self._phone()), self._elsewhere()
        elsewhere = words("journey.elsewhere", place=place) if place is not None else None
        return OutOfService(what, call, note, opening(self._hours(), self._clock()), elsewhere)

    async def other_than(self, told: OutOfService | None) -> None:
        """Returns when `closed()` says something else than `told`."""
        while self.closed() == told:
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(to_next(LOOK_SECONDS)):
                    await self._changed.wait()


def opening(hours: str, now: datetime) -> Words | None:
    """When it is open, and while it is not, when it opens next. None for one that is never closed."""
    if hours == "always":
        return None
    following = next_opening(hours, now)
    told = hours_read(hours)
    if following is None:
        return words("journey.opening", hours=told)
    at = following.strftime("%H:%M")
    if following.date() == now.date():
        return words("journey.opening_today", hours=told, time=at)
    return words("journey.opening_tomorrow", hours=told, time=at)
