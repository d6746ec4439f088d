"""Paper, toner, ribbon changed by a person: counting begins anew, and the device is asked whether it agrees.

Nothing is counted anew while the device still says that it is out or low, unless he says so once more: a roll
that is not seated yet would be believed for weeks.
"""

from __future__ import annotations

import asyncio
import time

from config.devices import CAPACITIES, DeviceState, Kind, Supply
from config.settings import DeviceSettings
from config.words import Words, words
from kiosk.devices.counted import counted
from kiosk.prompts import Condition, Row, WorkSheet
from kiosk.readiness import device_trial
from kiosk.technician.workshop import Ended, Shift, action

PRINTING = (Kind.RECEIPT_PRINTER, Kind.A4_PRINTER)
PARTS = ("paper", "toner", "ribbon")
AGREE_SECONDS = 20.0  # for a printer that warms up after its cover was shut
_LOOK_SECONDS = 0.1


def of(settings: DeviceSettings, state: DeviceState) -> list[str]:
    """What can be changed at this device: what it tells of, and what the settings give a capacity of."""
    told = {part for part, level in state.supplies.items() if level is not Supply.NOT_SUPPORTED}
    told |= {CAPACITIES[name][0] for name in settings.capacity}
    return [part for part in PARTS if part in told]


async def change(shift: Shift, name: str, part: str) -> bool:
    """Asks him to change it, looks, counts anew. True when he wants a test slip."""
    title = words(f"technician.act_change_{part}")
    device = device_trial.title_of(name, shift.shop.backstage.settings.devices[name])
    used = Row(words("technician.used"), _used(shift, name, part))
    rows = (Row(words("technician.device"), device), used)
    actions = (action("changed"), action("back"))
    sheets = part == "paper" and shift.shop.backstage.settings.devices[name].kind is Kind.A4_PRINTER
    how = words("technician.how_sheets") if sheets else words(f"technician.how_{part}")
    if await shift.choose(WorkSheet(title, rows, actions, Condition.ATTENTION, how)) != "changed":
        return False
    while True:
        shift.busy(words("technician.looking", device=device), int(AGREE_SECONDS))
        level = await _level(shift, name, part)
        if level not in (Supply.OUT, Supply.LOW):
            break
        chosen = await shift.choose(_disagrees(title, rows, level))
        if chosen == "back":
            return False
        if chosen == "changed_anyway":
            break
    ended = await shift.does("supply_changed", f"{name}:{part}", _count_anew(shift, name, part, level))
    return await _wants_slip(shift, name, part, ended)


def _disagrees(title: Words, rows: tuple[Row, ...], level: Supply) -> WorkSheet:
    found = Row(words("technician.found"), words(f"technician.supply_{level}"))
    actions = (action("look_again"), action("changed_anyway"), action("back"))
    return WorkSheet(title, (*rows, found), actions, Condition.NOT_READY, words("technician.disagrees"))


async def _count_anew(shift: Shift, name: str, part: str, level: Supply) -> Ended:
    """Counted from now on, on the disk before it is said."""
    counters = shift.shop.counters
    counters.changed(name, part)
    await counters.save()
    return Ended("", str(level))


async def _wants_slip(shift: Shift, name: str, part: str, ended: Ended) -> bool:
    kind = shift.shop.backstage.settings.devices[name].kind
    rows = (
        Row(words("technician.found"), words(f"technician.supply_{ended.detail}")),
        Row(words("technician.used"), _used(shift, name, part)),
    )
    actions = (*((action("test"),) if kind in PRINTING else ()), action("back"))
    page = WorkSheet(words("technician.counted_anew"), rows, actions, Condition.READY)
    return await shift.choose(page) == "test"


def _used(shift: Shift, name: str, part: str) -> Words:
    """What was used of it since it was changed, by each counter that uses it up."""
    counters = {counter for supply, counter in CAPACITIES.values() if supply == part}
    used = {counter: shift.shop.counters.used(name, part, counter) for counter in counters}
    return counted({counter: amount for counter, amount in used.items() if amount})


async def _level(shift: Shift, name: str, part: str) -> Supply:
    """What the device says of it, once it says anything else than out or low, or after a while."""
    end = time.monotonic() + AGREE_SECONDS
    with shift.idle.hold():
        while True:
            _, state = shift.shop.backstage.devices.states()[name]
            level = Supply(state.supplies.get(part, Supply.NOT_SUPPORTED))
            if level not in (Supply.OUT, Supply.LOW) or time.monotonic() > end:
                return level
            await asyncio.sleep(_LOOK_SECONDS)
