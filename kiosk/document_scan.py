"""Looks through the document camera until a page has been taken. In memory only."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from typing import Any, Literal

from PIL import Image

from config.devices import Kind
from drivers.device import DeviceError
from kiosk.devices.devices import Devices
from kiosk.printing import likeness
from kiosk.prompts import Picture

OPENING_SECONDS = 6.0  # a camera that is just being opened is waited for
CAPTURE_SECONDS = 1.5  # for the page to lie still in a few pictures
PAUSE = 0.06  # between two looks
SHOWN = 900  # pixels of the long side of a page that is shown for checking
OTHER_LOOKS = 4  # so many in a row must see another sheet than the one that was taken
EMPTY_LOOKS = 3  # so many in a row must agree whether anything lies there
JPEG_QUALITY = 90  # of a page that was turned

HOLD = "hold"  # told while the page is taken


class Scanner:
    """One citizen's pages, one after another. The preview is forgotten with `forget()`."""

    def __init__(self, devices: Devices) -> None:
        self._devices = devices
        self._picture: Picture | None = None
        self._taken = False  # the sheet that lies there has been taken already
        self._seen: Image.Image | None = None  # how that sheet looked from above
        self._others = 0  # looks in a row that saw another

    def picture(self) -> Picture | None:
        """The newest preview; called by the screen at its own pace."""
        return self._picture

    def forget(self) -> None:
        """Drops the last preview, and how the last sheet looked."""
        self._picture = self._seen = None

    async def take(self, shape: Literal["a4", "card", "free"], told: Callable[[str], None]) -> bytes:
        """The next page, as a JPEG. `told` hears what it wants (a code of faults.toml), or HOLD.

        A sheet that has been taken is not taken again before it was touched, or another lies there: it may
        have been changed while nobody looked. DeviceError when the camera fails.
        """
        if not await self._devices.becomes_ready(Kind.DOCUMENT_CAMERA, OPENING_SECONDS):
            raise DeviceError(self._devices.fault(Kind.DOCUMENT_CAMERA))
        advice = ""
        while True:
            look = await self._devices.call(Kind.DOCUMENT_CAMERA, "look", seconds=5.0)
            if look is not None:
                self._picture = Picture(look.width, look.height, look.rgb)
                if look.advice or self._changed(look):
                    self._taken = False
                if not self._taken and (look.advice or HOLD) != advice:
                    advice = look.advice or HOLD
                    told(advice)
                if not look.advice and not self._taken and (page := await self._capture(shape)):
                    self._taken, self._seen = True, _from_above(look)
                    return page
            await asyncio.sleep(PAUSE)

    async def emptied(self) -> None:
        """Returns when nothing lies on the table any more; never while the camera cannot tell."""
        while not await self.is_empty():
            pass

    async def is_empty(self) -> bool:
        """Whether nothing lies on the table, as so many looks in a row agree; never while it cannot tell."""
        last, agreed = False, 0
        while agreed < EMPTY_LOOKS:
            try:
                look = await self._devices.call(Kind.DOCUMENT_CAMERA, "look", seconds=5.0)
            except DeviceError:
                look = None
                await asyncio.sleep(1.0)
            if look is not None:
                empty = look.advice == "page_not_found"
                last, agreed = empty, agreed + 1 if empty is last else 1
            await asyncio.sleep(2 * PAUSE)
        return last

    def _changed(self, look: Any) -> bool:
        """Whether another sheet lies there than the one that was taken; one odd picture does not tell."""
        if not self._taken or self._seen is None:
            return False
        self._others = 0 if likeness.alike(self._seen, _from_above(look)) else self._others + 1
        return self._others >= OTHER_LOOKS

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


def turned(page: bytes) -> bytes:
    """A page turned to the right by a quarter."""
    made = io.BytesIO()
    with Image.open(io.BytesIO(page)) as image:
        image.transpose(Image.Transpose.ROTATE_270).save(made, "JPEG", quality=JPEG_QUALITY)
    return made.getvalue()


def same_side(page: bytes, other: bytes) -> bool:
    """Whether two pictures of a card show the same side, the one upside down perhaps."""
    with Image.open(io.BytesIO(page)) as image:
        one = likeness.features(image)
    with Image.open(io.BytesIO(other)) as image:
        two = likeness.features(image)
    return any(likeness.alike(one, way) for way in (two, two.transpose(Image.Transpose.ROTATE_180)))


def _from_above(look: Any) -> Image.Image:
    """The sheet of a look, straightened as well as its corners tell."""
    image = Image.frombytes("RGB", (look.width, look.height), look.rgb)
    top_left, top_right, bottom_right, bottom_left = look.corners
    corners = (*top_left, *bottom_left, *bottom_right, *top_right)
    return likeness.features(image.transform((320, 320), Image.Transform.QUAD, corners))
