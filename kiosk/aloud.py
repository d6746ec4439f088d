"""What a page says, aloud: its question or its news, and never a person's name, number or form."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Literal

from config.devices import Kind
from config.faults import any_fault
from config.words import LANGUAGES, Words, words
from drivers.device import DeviceError
from kiosk import prompts as p
from kiosk.devices.devices import Devices
from kiosk.prompts import Answer, Consent, Masked, Place, Prompt
from kiosk.stage import Stage

MAKING_SECONDS = 4.0  # for the voice to begin
_TIME = r"(?<!\d)([01]?\d|2[0-4]):([0-5]\d)(?!\d)"
_SPANS, _TIMES = re.compile(rf"{_TIME}\s*[-–—~]\s*{_TIME}"), re.compile(_TIME)
_FIGURES = re.compile(r"\d(?:[\d -]*\d)?")


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
            return _out_of_service(prompt)
        case p.TechnicianKey() | p.WorkList() | p.WorkSheet() | p.TouchCrosses() | p.CameraSight():
            return None  # a technician reads
        case _:
            return getattr(prompt, "question", None)


def _news(page: p.OutOfService) -> Words:
    """What is new about it; that *tomorrow* turns into *today* at midnight is not."""
    return _joined(page.what, *([page.note] if page.note is not None else []))


def _joined(*told: Words) -> Words:
    parts = [Words(one.zh.strip().rstrip("。"), one.en.strip().rstrip(".")) for one in told]
    return Words("。".join(one.zh for one in parts), ". ".join(one.en for one in parts))


def _out_of_service(page: p.OutOfService) -> Words:
    """All that stands on it, in its order: it has nothing of a person, and somebody waits for an answer."""
    told = [_timed(one) for one in (page.what, page.note, page.hours, page.elsewhere) if one is not None]
    return _joined(*told, _digit_by_digit(page.call))


def _timed(told: Words) -> Words:
    """`09:00–17:30` as people say it: a voice reads the dash, and the noughts as nought."""

    def one(language: str) -> str:
        spans = _SPANS.sub(lambda found: _span(found, language), told[language])
        return _TIMES.sub(lambda found: _time(found[1], found[2])[language], spans)

    return Words(*map(one, LANGUAGES))


def _span(found: re.Match[str], language: str) -> str:
    begin, end = _time(found[1], found[2]), _time(found[3], found[4])
    return words("spoken.span", begin=begin, end=end)[language]


def _time(hour: str, minute: str) -> Words:
    if minute == "00":
        return words("spoken.hour", hour=int(hour))
    return words("spoken.minute", hour=int(hour), minute=minute)


def _spelled(digits: str, language: str) -> str:
    return " ".join(words(f"spoken.digit_{int(digit)}")[language] for digit in digits)


def _digit_by_digit(told: Words) -> Words:
    """A telephone's figures one by one, with a pause where its groups part: no voice says thousands then."""

    def one(language: str) -> str:
        def said(found: re.Match[str]) -> str:
            groups = re.split(r"[ -]+", found[0])
            return words("spoken.pause")[language].join(_spelled(group, language) for group in groups)

        return _FIGURES.sub(said, told[language])

    return Words(*map(one, LANGUAGES))


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
        self._said: Words | None = None  # the news of what was said last
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
        """A prompt that is shown again with the same news is not said again."""
        told = sentence(prompt) if self._speaking() else None
        news = _news(prompt) if told is not None and isinstance(prompt, p.OutOfService) else told
        if news == self._said or not self._devices.ready(Kind.SPEAKER):
            return
        self._said = news
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
