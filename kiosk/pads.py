"""Pads on the counter, beside the screen: whoever likes uses the pad, whoever likes the screen."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from config.devices import Kind
from drivers.device import DeviceError
from kiosk.devices.devices import Devices

PIECE_SECONDS = 2.0  # how long a pad is waited for in one call: its worker must come to itself in between
_log = structlog.get_logger("kiosk.pads")


async def answer_of(devices: Devices, kind: Kind, verb: str, *arguments: Any) -> Any:
    """What the pad of this kind answers, asked again and again; never returns where no pad is ready.

    A pad that fails leaves the asking to the screen. Cancelled when the screen was quicker: then the device
    is reset before its next verb (`kiosk/devices/devices.py`), so that the next citizen finds it empty.
    """
    while devices.ready(kind):
        try:
            answer = await devices.call(kind, verb, *arguments, PIECE_SECONDS, seconds=PIECE_SECONDS + 10.0)
        except DeviceError as error:
            _log.info("pad failed, the screen asks on", kind=kind, code=error.code)
            break
        if answer is not None:
            return answer
    await asyncio.Event().wait()
