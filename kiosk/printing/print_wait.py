"""While paper is printed: that it is, and, when the printer stands still for want of a hand, that it does.

A jam may last as long as a job may (`print_job.PRINT_SECONDS`): nobody is left before *about 10 seconds*.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from config.devices import Kind
from config.faults import any_fault
from config.words import words
from kiosk.prompts import Working
from kiosk.visit import Visit

LOOK_SECONDS = 1.0
# A printer that does not answer may be printing all the same.
_UNTOLD = ("", "device_offline", "device_absent")


@asynccontextmanager
async def printing(visit: Visit, prompt: Working) -> AsyncIterator[None]:
    """Shows the prompt, and in its place the fault of the prompt's printer for as long as there is one."""
    visit.show(prompt)
    watch = asyncio.create_task(_watch(visit, prompt))
    try:
        yield
    finally:
        watch.cancel()


async def _watch(visit: Visit, prompt: Working) -> None:
    shown = prompt
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        code = visit.backstage.devices.fault(Kind(prompt.device))
        told = prompt if code in _UNTOLD else _waits(prompt, code)
        if told != shown:
            visit.show(told)
            shown = told


def _waits(prompt: Working, code: str) -> Working:
    return replace(prompt, doing=any_fault(code).citizen, note=words("journey.printer_waits"))
