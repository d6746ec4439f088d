"""Who it is by the code of his app, held before the scanner: no card is needed."""

from __future__ import annotations

import asyncio

from config import app_code
from config.devices import Kind
from config.faults import any_fault
from config.identity_api import Subject
from config.words import Words, words
from drivers.device import DeviceError
from kiosk.app_holder import AppHolder
from kiosk.devices.devices import Devices
from kiosk.platform import PlatformError
from kiosk.prompts import Chosen, HoldCode
from kiosk.scan import next_code
from kiosk.visit import Visit

LOOK_SECONDS = 0.5  # between two looks whether the scanner is still there


async def by_app(visit: Visit) -> tuple[AppHolder, Subject] | None:
    """Asks until a code is believed; None when a card is to be used instead. Raises GoBack."""
    problem: Words | None = None
    while True:
        page = HoldCode(
            words("identify.app_question"), words("identify.app_hint"), problem, words("identify.app_other")
        )
        try:
            shown = await visit.ask_or(page, _code(visit.backstage.devices))
        except DeviceError as error:
            problem = any_fault(error.code).citizen
            if error.code != "code_unreadable":
                problem = None
                if await visit.tell_trouble(error.code, "again", "other", "window", "home") == "other":
                    return None
            continue
        if isinstance(shown, Chosen):
            return None
        assert isinstance(shown, str)
        if not app_code.looks_like(shown):
            problem = words("identify.app_not_one")
            continue
        try:
            told = await visit.backstage.platform.identify_by_app(shown)
        except PlatformError as error:
            problem = error.words if error.code == "platform_refused" else None
            if problem is None:
                await visit.tell_trouble(error.code, "again", "home", what=error.words)
            continue
        return AppHolder(told.name, told.number, told.birth, "app"), told.subject


async def _code(devices: Devices) -> str:
    """The next code. DeviceError `code_unreadable`, and the scanner's own fault when it goes away."""
    reading = asyncio.ensure_future(next_code(devices))
    try:
        while not reading.done():
            await asyncio.wait({reading}, timeout=LOOK_SECONDS)
            if not reading.done() and not devices.ready(Kind.CODE_SCANNER):
                raise DeviceError(devices.fault(Kind.CODE_SCANNER))
        return reading.result()
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
