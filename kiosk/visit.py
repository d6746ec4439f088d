"""One service in one session, as its steps see it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from config.faults import any_fault
from config.identity_api import SUBJECT_UNKNOWN
from config.platform_api import Referral
from config.service import Service
from config.words import Words
from kiosk.backstage import Backstage
from kiosk.platform import PlatformError
from kiosk.prompts import Answer, Chosen, Place, Prompt
from kiosk.session import IdleClock, Outcome, Session
from kiosk.stage import GoBack, GoHome, Stage, ask_or
from kiosk.trouble import trouble

T = TypeVar("T")


class Leave(Exception):
    """The journey ends here, with an outcome: referred to a window (`why`), not eligible, nothing found."""

    def __init__(self, outcome: Outcome, why: Words | None = None) -> None:
        super().__init__(outcome)
        self.outcome, self.why = outcome, why


class Elsewhere(Exception):
    """The citizen goes on with another service, known as he is."""

    def __init__(self, service: Service) -> None:
        super().__init__(service.id)
        self.service = service


@dataclass
class Visit:
    """What a step is given: the service, the session, where it stands, and the parts backstage."""

    service: Service
    session: Session
    clock: IdleClock
    backstage: Backstage
    place: Place = field(default_factory=Place)
    reminders: list[Words] = field(default_factory=list)
    referral: Referral | None = None  # where an office sends the citizen with what it does not do
    priced: int = 0  # fen, of a service that is priced by a field, once its form stands

    @property
    def fee(self) -> int:
        """What is to be paid, in fen; 0 for nothing, or while the price is not known."""
        fixed = self.service.fee.fen if self.service.fee else 0
        return fixed or self.priced

    @property
    def stage(self) -> Stage:
        """Where prompts are shown."""
        return self.backstage.stage

    async def ask(self, prompt: Prompt) -> Answer:
        """Shows a prompt at this place and waits for its answer. Raises GoBack or GoHome."""
        return await self.stage.ask(prompt, self.place)

    async def ask_or(self, prompt: Prompt, work: Awaitable[T]) -> Answer | T:
        """As `ask`, where a device may answer as well: whoever used it is there, as after a touch."""
        answer = await ask_or(self.stage, prompt, self.place, work)
        self.clock.touch()
        return answer

    def show(self, prompt: Prompt) -> None:
        """Shows a prompt at this place and wants no answer."""
        if not self.session.wiped:
            self.stage.show(prompt, self.place)

    async def shielded(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs `work` as the terminal's own task; the session's clock stands still meanwhile."""
        with self.clock.hold():
            return await asyncio.shield(self.backstage.doings.start(work))

    async def choose(self, prompt: Prompt) -> str:
        """The value chosen on a prompt that is answered by choosing."""
        answer = await self.ask(prompt)
        assert isinstance(answer, Chosen)
        return answer.value

    async def tell_trouble(
        self, code: str, *ways: str, what: Words | None = None, safe: Words | None = None
    ) -> str:
        """Tells of a fault kindly and returns the way chosen. `safe` says what is not lost.

        `ways` are rows `way_…` of the locale: again, other, back, window, home.
        *back* and *home* raise; *window* leaves the journey as referred.
        """
        ways = ways or ("again", "home")
        way = await self.choose(trouble(code, self.backstage.settings, *ways, what=what, safe=safe))
        if way == "home":
            raise GoHome
        if way == "back":
            raise GoBack
        if way == "window":
            raise Leave(Outcome.REFERRED, what or any_fault(code).citizen)
        return way

    async def tell_refusal(self, error: PlatformError, *ways: str, safe: Words | None = None) -> str:
        """Tells why the platform did not do it, in its own words, and returns the way chosen.

        A handle that has expired leads back to the card.
        """
        if error.reason == SUBJECT_UNKNOWN:
            self.session.forget_person()
            await self.tell_trouble(error.code, "card", "home", what=error.words, safe=safe)
            raise GoBack
        return await self.tell_trouble(error.code, *ways, what=error.words, safe=safe)
