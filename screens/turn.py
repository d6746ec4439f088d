"""One prompt in view: what a page needs to draw it and to answer.

A page is a module of `pages/` with `draw(sheet, turn)`. What the citizen has
typed or toggled so far lives in `turn.memory`, so that a page can be drawn
again (another language, another window size) without losing it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from kivy.clock import Clock

from config import regions
from config.words import Words, words
from kiosk.prompts import Answer, Place
from screens.leave import Leave
from screens.tokens import Area

P = TypeVar("P")
_log = logging.getLogger(__name__)


@dataclass
class Turn(Generic[P]):
    """The prompt in view. `number` tells the stage which showing an answer belongs to."""

    number: int
    prompt: P
    place: Place
    language: str
    area: Area  # where the page draws
    reply: Callable[[int, Answer | Leave], None]
    redraw: Callable[[], None]
    memory: dict[str, Any] = field(default_factory=dict)
    answered: bool = False
    back: Callable[[], None] | None = None  # what *back* does while a pad is open; set anew by each drawing
    home: Callable[[], None] | None = None  # likewise what *home* does on a technician's page
    _timers: list[Any] = field(default_factory=list)

    def say(self, text: Words) -> str:
        """The words in the citizen's language."""
        return text[self.language]

    def own(self, name: str, **values: object) -> str:
        """Words of the screens themselves: `[screen]` of the locale, filled."""
        return words(f"screen.{name}", **values)[self.language]

    def region(self, code: str) -> str:
        """The full name of a division; the code itself where it is not one of ours."""
        name = regions.full_name(code)
        return name[self.language] if name is not None else code

    def answer(self, answer: Answer) -> None:
        """Sends the answer, once: a second touch on the same prompt is not a second answer."""
        if not self.answered:
            self.answered = True
            self.reply(self.number, answer)

    def leave(self) -> None:
        """As if *home* had been touched."""
        if not self.answered:
            self.answered = True
            self.reply(self.number, Leave.HOME)

    def answering(self, answer: Answer) -> Callable[[], None]:
        """What a button does that answers."""
        return lambda: self.answer(answer)

    def remember(self, name: str, value: Any) -> None:
        """Keeps something for this page and draws it again."""
        self.memory[name] = value
        self.redraw()

    def every(self, seconds: float, act: Callable[[], None]) -> None:
        """Repeats until the page is drawn again or leaves."""
        self._timers.append(Clock.schedule_interval(lambda _: act(), seconds))

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Once, unless the page is drawn again or leaves before."""
        self._timers.append(Clock.schedule_once(lambda _: act(), seconds))

    def end_timers(self) -> None:
        """Stops what `every` and `later` began."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
