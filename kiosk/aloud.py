"""What a page says, aloud: its question or its news, and never a name, a number or a form's content."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal

from config.devices import Kind
from config.faults import any_fault
from config.words import Words, words
from drivers.device import DeviceError
from kiosk import prompts as p
from kiosk.devices import Devices
from kiosk.prompts import Answer, Consent, Masked, Place, Prompt
from kiosk.stage import Stage

MAKING_SECONDS = 4.0  # for the voice to begin


def sentence(prompt: Prompt) -> Words | None:
    """What is said when the prompt comes into view; None when nothing is."""
    match prompt:
        case p.PlaceCard():
            return prompt.problem or words(f"screen.card_{prompt.scene}{_CARD[prompt.card]}")
        case p.LookAtCamera():
            return prompt.hint
        case p.ScanDocument():
            return prompt.question if prompt.actions else prompt.hint
        case p.Guide():
            return prompt.summary
        case p.Working():
            return prompt.doing
        # The platform's own words may speak of the person.
        case p.ShowResult() | p.ShowTable():
            return words("journey.aloud_result")
        case p.Trouble():
            return any_fault(prompt.code).citizen if prompt.code else prompt.next
        case p.Goodbye():
            return _joined(prompt.thanks, *prompt.reminders)
        case p.OutOfService():
            return prompt.what
        case p.TechnicianKey() | p.WorkList() | p.WorkSheet() | p.TouchCrosses() | p.CameraSight():
            return None  # a technician reads
        case _:
            return getattr(prompt, "question", None)


def _joined(*told: Words) -> Words:
    return Words("。".join(one.zh for one in told), ". ".join(one.en for one in told))


_CARD = {"id": "", "social": "_social", "both": "_both"}


class SpokenStage:
    """A stage whose prompts are also said. A new prompt silences the old one; an idle hall hears nothing.

    `language` tells the citizen's, `speaking` whether anything is to be said at all. The screen has every
    word too, so a speaker that fails is passed over.
    """

    def __init__(
        self,
        stage: Stage,
        devices: Devices,
        language: Callable[[], Literal["zh", "en"]],
        speaking: Callable[[], bool] = lambda: True,
    ) -> None:
        self._stage, self._devices, self._language, self._speaking = stage, devices, language, speaking
        self._said: Words | None = None
        self._saying: asyncio.Task[None] | None = None

    async def ask(self, prompt: Prompt, place: Place) -> Answer:
        """As the stage's, aloud."""
        self._say(prompt)
        return await self._stage.ask(prompt, place)

    def show(self, prompt: Prompt, place: Place) -> None:
        """As the stage's, aloud."""
        self._say(prompt)
        self._stage.show(prompt, place)

    def warn(self, seconds_left: int | None) -> None:
        """As the stage's."""
        self._stage.warn(seconds_left)

    def on_touch(self, listener: Callable[[], None]) -> None:
        """As the stage's."""
        self._stage.on_touch(listener)

    def beat_age(self) -> float:
        """As the stage's."""
        return self._stage.beat_age()

    async def ask_aside(self, question: Consent) -> Answer:
        """As the stage's."""
        return await self._stage.ask_aside(question)

    async def picture(self, masked: tuple[Masked, Place] | None = None) -> bytes:
        """As the stage's."""
        return await self._stage.picture(masked)

    def dress(self, language: str, help_phone: str) -> None:
        """As the stage's."""
        self._stage.dress(language, help_phone)

    async def close(self) -> None:
        """Ends what is being made ready; the device falls silent when it is closed."""
        if self._saying is not None:
            self._saying.cancel()
            await asyncio.gather(self._saying, return_exceptions=True)

    def _say(self, prompt: Prompt) -> None:
        """A prompt that is shown again with the same words is not said again."""
        told = sentence(prompt) if self._speaking() else None
        if told == self._said or not self._devices.ready(Kind.SPEAKER):
            return
        self._said = told
        if self._saying is not None:
            self._saying.cancel()  # what it asked for is silenced before the next is said
        self._saying = asyncio.get_running_loop().create_task(self._tell(told))

    async def _tell(self, told: Words | None) -> None:
        try:
            if told is None:
                await self._devices.call(Kind.SPEAKER, "stop", seconds=MAKING_SECONDS)
                return
            language = self._language()
            asked = (told[language], language, MAKING_SECONDS)
            await self._devices.call(Kind.SPEAKER, "say", *asked, seconds=2 * MAKING_SECONDS)
        except DeviceError:
            return
