"""Looks through the document camera until a page has been taken. In memory only."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from typing import Literal

from PIL import Image

from config.devices import Kind
from drivers.device import DeviceError
from kiosk.devices import Devices
from kiosk.prompts import Picture

OPENING_SECONDS = 6.0  # a camera that is just being opened is waited for
CAPTURE_SECONDS = 1.5  # for the page to lie still in a few pictures
PAUSE = 0.06  # between two looks
SHOWN = 900  # pixels of the long side of a page that is shown for checking

HOLD = "hold"  # told while the page is taken


class Scanner:
    """One citizen's pages, one after another. The preview is forgotten with `forget()`."""

    def __init__(self, devices: Devices) -> None:
        self._devices = devices
        self._picture: Picture | None = None
        self._taken = False  # the sheet that lies there has been taken already

    def picture(self) -> Picture | None:
        """The newest preview; called by the screen at its own pace."""
        return self._picture

    def forget(self) -> None:
        """Drops the last preview."""
        self._picture = None

    async def take(self, shape: Literal["a4", "card", "free"], told: Callable[[str], None]) -> bytes:
        """The next page, as a JPEG. `told` hears what it wants (a code of faults.toml), or HOLD.

        A sheet that has been taken must be touched before another is. DeviceError when the camera fails.
        """
        if not await self._devices.becomes_ready(Kind.DOCUMENT_CAMERA, OPENING_SECONDS):
            raise DeviceError(self._devices.fault(Kind.DOCUMENT_CAMERA))
        advice = ""
        while True:
            look = await self._devices.call(Kind.DOCUMENT_CAMERA, "look", seconds=5.0)
            if look is not None:
                self._picture = Picture(look.width, look.height, look.rgb)
                if look.advice:
                    self._taken = False
                if not self._taken and (look.advice or HOLD) != advice:
                    advice = look.advice or HOLD
                    told(advice)
                if not look.advice and not self._taken and (page := await self._capture(shape)):
                    self._taken = True
                    return page
            await asyncio.sleep(PAUSE)

    async def _capture(self, shape: str) -> bytes:
        """The page; empty when it was moved or covered meanwhile."""
        try:
            taken = await self._devices.call(
                Kind.DOCUMENT_CAMERA, "capture", CAPTURE_SECONDS, shape, seconds=CAPTURE_SECONDS + 4
            )
        except DeviceError as error:
            if error.lost or not error.code.startswith("page_"):
                raise
            return b""
        page: bytes = taken.jpeg
        return page


def shown(page: bytes) -> Picture:
    """A page as the screen shows it for checking."""
    with Image.open(io.BytesIO(page)) as image:
        image.draft("RGB", (SHOWN, SHOWN))
        image.thumbnail((SHOWN, SHOWN))
        small = image.convert("RGB")
    return Picture(small.width, small.height, small.tobytes())
