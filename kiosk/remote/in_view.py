"""A stage that remembers what it shows, and a masked copy of it for the service desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kiosk import prompts as p
from kiosk.aloud import sentence
from kiosk.prompts import Answer, Consent, Masked, Place, Prompt
from kiosk.stage import Stage


class InView:
    """`stage`, and what it showed last."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.prompt: Prompt | None = None
        self.place = Place()

    async def ask(self, prompt: Prompt, place: Place) -> Answer:
        """As `Stage.ask`."""
        self.prompt, self.place = prompt, place
        return await self._stage.ask(prompt, place)

    def show(self, prompt: Prompt, place: Place) -> None:
        """As `Stage.show`."""
        self.prompt, self.place = prompt, place
        self._stage.show(prompt, place)

    def warn(self, seconds_left: int | None) -> None:
        """As `Stage.warn`."""
        self._stage.warn(seconds_left)

    def on_touch(self, listener: Callable[[], None]) -> None:
        """As `Stage.on_touch`."""
        self._stage.on_touch(listener)

    def beat_age(self) -> float:
        """As `Stage.beat_age`."""
        return self._stage.beat_age()

    async def ask_aside(self, question: Consent) -> Answer:
        """As `Stage.ask_aside`."""
        return await self._stage.ask_aside(question)

    async def picture(self, masked: tuple[Masked, Place] | None = None) -> bytes:
        """As `Stage.picture`."""
        return await self._stage.picture(masked)

    def dress(self, language: str, help_phone: str) -> None:
        """As `Stage.dress`."""
        self._stage.dress(language, help_phone)


def masked(prompt: Prompt) -> Masked:
    """What staff may see of a page: its kind, what it says aloud, and how many things are in it.

    Nothing else of the prompt is copied, so nothing of the person can be in it: what is said aloud in a
    hall is never a name, a number or a form's content (`kiosk/aloud.py`).
    """
    return Masked(type(prompt).__name__, sentence(prompt), _things(prompt))


def _things(prompt: Prompt) -> int:
    match prompt:
        case p.FillForm():
            return len(prompt.fields)
        case p.Confirm() | p.ShowResult():
            return len(prompt.rows)
        case p.ChooseService() | p.ChooseOne() | p.Trouble():
            return len(prompt.options)
        case p.Consent():
            return len(prompt.points)
    return 0


if TYPE_CHECKING:
    _fits: type[Stage] = InView
