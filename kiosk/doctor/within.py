"""The whole examination from within a running terminal, for the technician's mode and the hall's command."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from kiosk import doctor
from kiosk.backstage import Backstage
from kiosk.readiness.device_trial import at_terminal, try_device
from kiosk.readiness.finding import Finding
from kiosk.readiness.workplace import NOTHING, Allowed, Ask, nobody


async def examine(stage: Backstage, allowed: Allowed = NOTHING, ask: Ask = nobody) -> AsyncIterator[Finding]:
    """Every finding, one after the other; the loop goes on meanwhile. Ends early when nobody asks on."""
    for finding in await asyncio.to_thread(lambda: list(doctor.surroundings(stage.settings))):
        yield finding
    counters = await asyncio.to_thread(doctor.counters_of, stage.settings)
    place = at_terminal(stage, ask)
    for name in stage.settings.devices:
        finding = await try_device(place, name, allowed)
        yield doctor.with_counts(finding, counters) if counters is not None else finding
