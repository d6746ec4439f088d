"""Guide lights: the device that the page in view is about is lit, every other is dark.

A stage before the stage: it looks at each prompt and passes it on. Nobody waits for a light, and a board that
fails keeps nobody from being served.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from config.devices import DeviceState, Kind
from drivers.device import DeviceError
from kiosk.devices.devices import Devices
from kiosk.prompts import (
    Answer,
    Consent,
    FillForm,
    HoldCode,
    LookAtCamera,
    Masked,
    Place,
    PlaceCard,
    Prompt,
    ScanDocument,
    TakePaper,
)
from kiosk.stage import Stage

SECONDS = 3.0  # for one switching
AGAIN_SECONDS = 2.0  # after a board that did not do it
REFRESH_SECONDS = 4.0  # a board that lost its current for a moment is told again what is lit


def light_for(prompt: Prompt) -> str:
    """The light that belongs to a prompt: the kind of a device, which is the light's name; empty: none."""
    match prompt:
        case PlaceCard(card="social"):
            return Kind.SOCIAL_CARD_READER
        case PlaceCard():
            return Kind.ID_CARD_READER
        case HoldCode():
            return Kind.CODE_SCANNER
        case LookAtCamera():
            return Kind.PERSON_CAMERA
        case ScanDocument():
            return Kind.DOCUMENT_CAMERA
        case TakePaper():
            return prompt.device
        case FillForm() if any(field.scan for field in prompt.fields):
            return Kind.CODE_SCANNER
    return ""


class GuideLights:
    """A `Stage` that lights the way. `keep` does the switching; without it nothing is lit."""

    def __init__(self, stage: Stage, devices: Devices, refresh: float = REFRESH_SECONDS) -> None:
        self._stage, self._devices, self._refresh = stage, devices, refresh
        self._wanted = ""
        self._lit: str | None = None  # None: not known
        self._news = asyncio.Event()
        devices.on_change(self._changed)

    async def keep(self) -> None:
        """Has the light that is wanted, until cancelled. Ends at once on a terminal without a board."""
        while self._devices.has(Kind.IO_BOARD):
            await self._some_news()
            self._news.clear()
            if self._wanted == self._lit or not self._devices.ready(Kind.IO_BOARD):
                continue
            wanted, self._lit = self._wanted, None
            try:
                await self._devices.call(Kind.IO_BOARD, "light_only", str(wanted), seconds=SECONDS)
                self._lit = wanted
            except DeviceError:
                await asyncio.sleep(AGAIN_SECONDS)
                self._news.set()

    async def _some_news(self) -> None:
        try:
            async with asyncio.timeout(self._refresh if self._wanted else None):
                await self._news.wait()
        except TimeoutError:
            self._lit = None

    async def ask(self, prompt: Prompt, place: Place) -> Answer:
        """As `Stage.ask`."""
        self._look(prompt)
        return await self._stage.ask(prompt, place)

    def show(self, prompt: Prompt, place: Place) -> None:
        """As `Stage.show`."""
        self._look(prompt)
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
        """As the stage's."""
        return await self._stage.ask_aside(question)

    async def picture(self, masked: tuple[Masked, Place] | None = None) -> bytes:
        """As the stage's."""
        return await self._stage.picture(masked)

    def dress(self, language: str, help_phone: str) -> None:
        """As the stage's."""
        self._stage.dress(language, help_phone)

    def _look(self, prompt: Prompt) -> None:
        self._wanted = light_for(prompt)
        self._news.set()

    def _changed(self, name: str, kind: Kind, before: DeviceState, after: DeviceState) -> None:
        if kind is Kind.IO_BOARD and after.ready and not before.ready:
            self._lit = None  # it may have been without current
            self._news.set()


if TYPE_CHECKING:
    _fits: type[Stage] = GuideLights
