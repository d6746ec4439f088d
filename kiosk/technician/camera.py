"""A camera set up: its picture live with what is measured in it, and what it should see kept for later.

Nobody in the picture is looked at, and none of it is kept: only the numbers.
"""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from config.devices import Kind
from config.faults import any_fault
from config.words import Words, same, words
from drivers.device import DeviceError
from kiosk.prompts import CameraSight, Condition, Picture, Row, WorkLine
from kiosk.readiness import camera_sight, device_trial
from kiosk.readiness.camera_sight import Sight
from kiosk.technician.workshop import Ended, Shift, action

KINDS = (Kind.PERSON_CAMERA, Kind.DOCUMENT_CAMERA)
FRAME_SECONDS = 0.2  # between two pictures that are measured
SHOWN_WIDTH = 640  # pixels that a live picture is brought down to


class Live:
    """The newest picture and its measure: written by the core, read by the drawing thread."""

    def __init__(self, kind: Kind, reference: Sight | None) -> None:
        self._kind, self._reference = kind, reference
        self._gate = threading.Lock()
        self._picture: Picture | None = None
        self._sight: Sight | None = None

    def take(self, picture: Picture, sight: Sight) -> None:
        """A newer one."""
        with self._gate:
            self._picture, self._sight = picture, sight

    def picture(self) -> Picture | None:
        """The newest; None before the first."""
        with self._gate:
            return self._picture

    def sight(self) -> Sight | None:
        """What was measured in it."""
        with self._gate:
            return self._sight

    def lines(self) -> tuple[WorkLine, ...]:
        """The measures as lines, what is wrong first."""
        sight = self.sight()
        if sight is None:
            return (
                WorkLine("", words("technician.camera"), words("technician.no_picture"), Condition.UNKNOWN),
            )
        codes = sight.judged(self._reference, self._kind)
        faults = [any_fault(code) for code in codes]
        wrong = [WorkLine("", one.name, one.technician, Condition.NOT_READY) for one in faults]
        return (*wrong, *(_line(name, value) for name, value in _values(sight)))


async def attend(shift: Shift, name: str) -> None:
    """Shows it live until he goes back; `keep` keeps what it sees now as what it should see."""
    stage = shift.shop.backstage
    kind = stage.settings.devices[name].kind
    reference = await asyncio.to_thread(camera_sight.reference, stage.settings.data, name)
    live = Live(kind, reference)
    looking = asyncio.ensure_future(_look(shift, name, kind, live))
    title = device_trial.title_of(name, stage.settings.devices[name])
    page = CameraSight(title, live.picture, live.lines, (action("keep"), action("back")))
    try:
        while await shift.choose(page) == "keep":
            sight = live.sight()
            if sight is None:
                continue
            ended = await shift.does("camera_calibrated", name, _keep(shift, name, sight))
            seen = () if ended.code else tuple(_row(name, value) for name, value in _values(sight))
            await shift.result(title, ended if ended.code else Ended(""), *seen)
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


async def _keep(shift: Shift, name: str, sight: Sight) -> Ended:
    try:
        await asyncio.to_thread(camera_sight.keep, shift.shop.backstage.settings.data, name, sight)
    except OSError as error:
        return Ended("terminal_disk_full", type(error).__name__)
    return Ended("", str(sight)[:80])


async def _look(shift: Shift, name: str, kind: Kind, live: Live) -> None:
    """Takes picture after picture, until cancelled; a camera that fails is looked at again."""
    devices = shift.shop.backstage.devices
    while True:
        await asyncio.sleep(FRAME_SECONDS)
        try:
            frame = await devices.call(kind, "latest", seconds=15.0, device=name)
        except DeviceError:
            continue
        if frame is not None:
            live.take(*await asyncio.to_thread(_measured, frame.image))


def _measured(image: Any) -> tuple[Picture, Sight]:
    """The picture as a page draws it, small enough for ten a second, and what is measured in all of it."""
    import numpy as np

    step = max(1, image.shape[1] // SHOWN_WIDTH)
    small = np.ascontiguousarray(image[::step, ::step, ::-1])
    return Picture(small.shape[1], small.shape[0], small.tobytes()), camera_sight.measure(image)


def _values(sight: Sight) -> tuple[tuple[str, str], ...]:
    return (
        ("size", f"{sight.width} × {sight.height}"),
        ("brightness", f"{sight.brightness:.0f}"),
        ("contrast", f"{sight.contrast:.0f}"),
        ("glare", f"{sight.glare:.1%}"),
        ("edges", f"{sight.blur:.1f} ‰"),
        ("sharpness", f"{sight.sharpness:.0f}"),
    )


def _row(name: str, value: str) -> Row:
    return Row(words(f"technician.camera_{name}"), same(value))


def _line(name: str, value: str) -> WorkLine:
    told: Words = words(f"technician.camera_{name}")
    return WorkLine("", told, same(value), Condition.READY)
