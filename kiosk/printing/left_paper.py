"""The A4 printer's tray, where the I/O board has a sensor in it: paper is asked to be taken, and never left
for the next person.

The page *take your paper* ends by itself. Who leaves the paper there is reminded, aloud too. What lies there
when the session is over is told to the hall, and nothing more is printed on that printer until it is gone
([028](../docs/decisions/028-paper-left-in-the-tray.md)). Without a sensor, or while it cannot be asked,
everything is as it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import replace

import structlog

from config.devices import Kind
from config.words import words
from drivers.device import DeviceError
from kiosk.backstage import Backstage
from kiosk.devices.devices import Devices
from kiosk.printing.tray import Tray
from kiosk.prompts import TakePaper
from kiosk.stage import ask_or
from kiosk.visit import Visit

SENSOR = "tray"  # the input's name in the settings of the I/O board
LEFT = "paper_left"
LOOK_SECONDS = 0.5
REPORT_AFTER = 5.0  # seconds after the session's end, for a hand that is on its way
_log = structlog.get_logger("kiosk")


async def holds_paper(devices: Devices) -> bool | None:
    """Whether paper lies in the tray; None where no sensor can be asked."""
    if not devices.ready(Kind.IO_BOARD):
        return None
    try:
        inputs = await devices.call(Kind.IO_BOARD, "inputs", seconds=3.0)
    except DeviceError:
        return None
    told = inputs.get(SENSOR)
    return told if isinstance(told, bool) else None


async def hand_over(visit: Visit, prompt: TakePaper) -> None:
    """Asks to take the paper. With a sensor the page ends when it has been taken, and whoever leaves it is
    reminded after `left_seconds`, or when he says that he has it; a second touch is believed no more, but
    lets him go."""
    stage = visit.backstage
    if prompt.device != Kind.A4_PRINTER or not await holds_paper(stage.devices):
        await visit.choose(prompt)
        return
    watching = _watch(stage, lambda: visit.session.wiped)
    seconds: float | None = stage.settings.printing.left_seconds
    touched = 0
    while touched < 2:
        answer = await ask_or(visit.stage, prompt, visit.place, _taken(watching, seconds))
        if watching.done():
            return
        touched += answer is not None
        prompt, seconds = replace(prompt, question=words("journey.take_left")), None


async def look(stage: Backstage) -> None:
    """Looks into the tray before anything is printed: what lies there is somebody else's."""
    if not stage.tray.watched and await holds_paper(stage.devices):
        stage.devices.withhold(Kind.A4_PRINTER, LEFT)
        _watch(stage, lambda: True)


def _watch(stage: Backstage, over: Callable[[], bool]) -> asyncio.Task[None]:
    """The one watch, which belongs to the terminal: it goes on when the session has ended."""
    if stage.tray.watching is None or stage.tray.watching.done():
        stage.tray.watching = asyncio.get_running_loop().create_task(_until_taken(stage, over))
    return stage.tray.watching


async def _taken(watching: asyncio.Task[None], seconds: float | None) -> None:
    await asyncio.wait({watching}, timeout=seconds)


async def _until_taken(stage: Backstage, over: Callable[[], bool]) -> None:
    """Ends when the paper is gone. When the session is over, the printer is withheld and the hall is told."""
    device, since, told = stage.devices.pick(Kind.A4_PRINTER), 0.0, False
    try:
        while not await _gone(stage.devices):
            await asyncio.sleep(LOOK_SECONDS)
            if not over():
                continue
            if not since:
                since = time.monotonic()
                stage.devices.withhold(Kind.A4_PRINTER, LEFT)
            if not told and time.monotonic() - since >= REPORT_AFTER:
                told = True
                stage.set_fault(LEFT, True, device)
                _log.warning("paper was left in the tray", device=device)
    finally:  # nobody else gives the printer free again; what still lies there is seen at the next look
        stage.devices.withhold(Kind.A4_PRINTER, "")
    if told:
        stage.set_fault(LEFT, False, device)
        _log.info("the paper in the tray was taken", device=device)


async def _gone(devices: Devices) -> bool:
    """Seen twice: a hand that reaches in may move the sheet off the sensor for a moment. A sensor that cannot
    be asked leaves it at what was seen last."""
    for _ in range(2):
        if await holds_paper(devices) is not False:
            return False
        await asyncio.sleep(LOOK_SECONDS / 2)
    return True


async def close(tray: Tray) -> None:
    """Ends the watch, when the terminal does."""
    watching, tray.watching = tray.watching, None
    if watching is not None:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
