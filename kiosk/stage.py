"""Where prompts are shown: the contract between the core and whatever draws.

`screens/stage.py` draws with Kivy; tests answer from a list. The core never
learns which. All methods are called on the core's asyncio loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar, runtime_checkable

from kiosk.prompts import Answer, Consent, Masked, Place, Prompt

T = TypeVar("T")


class GoBack(Exception):
    """The citizen touched *back*: the journey returns to the step before."""


class GoHome(Exception):
    """The citizen touched *home*: the session ends and is wiped."""


class Stage(Protocol):
    """Shows prompts and returns answers."""

    async def ask(self, prompt: Prompt, place: Place) -> Answer:
        """Shows the prompt and waits for its answer. Raises GoBack or GoHome.

        When cancelled the prompt stays in view until the next one replaces it.
        """

    def show(self, prompt: Prompt, place: Place) -> None:
        """Shows the prompt and wants no answer; a pending `ask` keeps waiting for one.

        A prompt of the class already in view is updated in place.
        """

    def warn(self, seconds_left: int | None) -> None:
        """Lays the time-out warning over the prompt, or takes it away with None."""

    def on_touch(self, listener: Callable[[], None]) -> None:
        """Sets who hears of each touch (it renews the time-out); called on the core's loop."""

    def beat_age(self) -> float:
        """Seconds since the drawing thread last answered a ping; sends the next ping."""

    async def ask_aside(self, question: Consent) -> Answer:
        """Lays a question over the prompt in view, which keeps what was typed and goes on waiting.

        Answer: `Chosen("agree")` or `Chosen("other")`. Cancelled, it is taken away.
        """

    async def picture(self, masked: tuple[Masked, Place] | None = None) -> bytes:
        """A PNG of what is on the screen; of `masked` instead, drawn out of sight, where it is given."""

    def dress(self, language: str, help_phone: str) -> None:
        """Sets the language that the home page begins in, and the number that help names."""


@runtime_checkable
class HearsCodes(Protocol):
    """A stage whose window also hears a code scanner that types."""

    def on_code(self, listener: Callable[[str], object]) -> None:
        """Sets who is given each scanned text; called on the core's loop."""


@runtime_checkable
class HearsGesture(Protocol):
    """A stage that knows the technician's hidden gesture, on the home page and when out of service."""

    def on_gesture(self, listener: Callable[[], None]) -> None:
        """Sets who hears of it; called on the core's loop."""


async def ask_or(stage: Stage, prompt: Prompt, place: Place, work: Awaitable[T]) -> Answer | T:
    """Shows a prompt that a device answers: the first of touch and `work` wins, the other is cancelled.

    Raises what the winner raises. `work` is awaited to its end when cancelled,
    so that no verb is left behind.
    """
    asking = asyncio.ensure_future(stage.ask(prompt, place))
    working = asyncio.ensure_future(work)
    try:
        await asyncio.wait({asking, working}, return_when=asyncio.FIRST_COMPLETED)
        winner: asyncio.Future[Answer] | asyncio.Future[T] = working if working.done() else asking
        return winner.result()
    finally:
        for task in (asking, working):
            task.cancel()
        await asyncio.gather(asking, working, return_exceptions=True)
