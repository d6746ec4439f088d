"""The face check: live frames against a reference photograph, in memory only.

The engine (`drivers/face.py`) is loaded behind the home page and computes on
one thread of its own, so that neither the screen nor a device waits for it.
"""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from config.devices import Kind
from config.settings import FaceSettings
from drivers.device import DeviceError
from kiosk.devices.devices import Devices
from kiosk.prompts import Picture

if TYPE_CHECKING:  # loaded when first used: it brings OpenCV, which the home page need not wait for
    from drivers.face import Embedding, FaceEngine, Sighting
    from drivers.frame_grabber import Frame

T = TypeVar("T")
LOOK_SECONDS = 12.0  # how long one attempt looks for enough frames
PREVIEW_WIDTH = 480


@dataclass(frozen=True)
class Look:
    """How one attempt ended. `none` means that no usable face was seen in time."""

    verdict: Literal["match", "unsure", "differs", "none"]
    hint: str


class FaceCheck:
    """Looks through the person camera and compares. Close it with `close()`."""

    def __init__(self, settings: FaceSettings, devices: Devices) -> None:
        self._settings, self._devices = settings, devices
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="face")
        self._engine: FaceEngine | None = None
        self._picture: Picture | None = None
        self.enrolled: Embedding | None = None  # demo with a webcam: until the process ends

    async def warm(self) -> None:
        """Loads models. DeviceError `face_models_missing` when they are not there."""
        await self._compute(self._load)

    def close(self) -> None:
        """Forgets what was seen and ends the thread."""
        self.forget()
        self.enrolled = None
        self._thread.shutdown(wait=True, cancel_futures=True)

    def forget(self) -> None:
        """Drops the last picture."""
        self._picture = None

    def picture(self) -> Picture | None:
        """The newest preview; called by the screen at its own pace."""
        return self._picture

    async def reference(self, photograph: bytes) -> Embedding:
        """The embedding of a photograph. DeviceError `face_no_reference` when it shows no face."""
        return await self._compute(lambda: self._load().reference(photograph))

    async def enrol(self) -> None:
        """Takes the person before the camera as the reference, in memory, until the process ends."""
        seen, _ = await self._gather(lambda hint: None)
        if not seen:
            raise DeviceError("face_no_reference", "nobody before the camera")
        self.enrolled = seen[-1]

    async def look(self, reference: Embedding, told: Callable[[str], None]) -> Look:
        """One attempt: gathers frames, decides on their mean. `told` hears each new hint.

        Raises DeviceError when the camera fails meanwhile.
        """
        seen, hint = await self._gather(told)
        if not seen:
            return Look("none", hint)
        accept, again = self._settings.accept, self._settings.again
        decision = await self._compute(lambda: self._load().decide(reference, seen, accept, again))
        return Look(decision.verdict, hint)

    async def _gather(self, told: Callable[[str], None]) -> tuple[list[Embedding], str]:
        seen: list[Embedding] = []
        hint, number, end = "none", -1, time.monotonic() + LOOK_SECONDS
        while len(seen) < self._settings.frames and time.monotonic() < end:
            frame = await self._devices.call(Kind.PERSON_CAMERA, "latest", seconds=5.0)
            if frame is None or frame.sequence == number:
                await asyncio.sleep(0.02)
                continue
            number = frame.sequence
            # The picture is taken over here, which a cancelled look never reaches: the next person
            # is not shown this one's face.
            self._picture, sighting = await self._compute(functools.partial(self._see, frame))
            if sighting.hint != hint:
                hint = sighting.hint
                told(hint)
            if sighting.embedding is not None:
                seen.append(sighting.embedding)
        return (seen if len(seen) == self._settings.frames else []), hint

    def _see(self, frame: Frame) -> tuple[Picture, Sighting]:
        from drivers.camera import preview

        return Picture(*preview(frame, PREVIEW_WIDTH)), self._load().live(frame)

    def _load(self) -> FaceEngine:
        if self._engine is None:
            from drivers.face import FaceEngine

            self._engine = FaceEngine()
        return self._engine

    def _compute(self, work: Callable[[], T]) -> Awaitable[T]:
        return asyncio.get_running_loop().run_in_executor(self._thread, work)
