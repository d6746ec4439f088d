"""Doors opened one by one for a test: the compartments of a locker, and what a board's strikes hold shut.

Each is named, asked about and told by itself. One in which a citizen's originals may lie stays shut.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.devices import Kind
from config.faults import any_fault
from config.settings import DeviceSettings
from config.words import Words, words
from kiosk.data import originals
from kiosk.prompts import Chosen, Condition, Option, Row, WorkLine, WorkList, WorkSheet
from kiosk.readiness import device_trial
from kiosk.stage import GoBack, ask_or
from kiosk.technician.fault_rows import fault_rows
from kiosk.technician.workshop import INSIDE, Ended, Shift, action

PULSE_SECONDS = 3.0  # of a strike: for a hand that pulls
OPEN_SECONDS = 15.0  # until a board has answered, a pulse included
STATE_SECONDS = 10.0
LOOK_SECONDS = 0.3  # between looks at a contact
OPENED, NOT_OPENED, UNTOLD, SHUT_AGAIN = "opened", "not opened", "no contact", "shut again"


@dataclass(frozen=True)
class Door:
    """`key` names it within its device. `open` is None where no contact tells, `kept` a citizen's to open."""

    key: str
    name: Words
    open: bool | None
    kept: bool = False


def has(settings: DeviceSettings) -> bool:
    """Whether this device opens anything."""
    strikes = settings.kind is Kind.IO_BOARD and settings.options.get("strikes")
    return settings.kind is Kind.LOCKER or bool(strikes)


async def attend(shift: Shift, name: str) -> None:
    """The list of its doors, until he goes back. DeviceError."""
    at = ""
    while True:
        doors = await _doors(shift, name)
        key = await shift.choose(_list(shift, name, doors, at))
        if key not in doors:
            return
        while key:
            at, key = key, await _one(shift, name, key)


async def _one(shift: Shift, name: str, key: str) -> str:
    """One door: asked, opened, watched until it is shut. The next one that he wants; empty: the list."""
    while True:
        doors = await _doors(shift, name)
        door, following = doors[key], _following(doors, key)
        if door.kept:
            await shift.choose(_kept(door))
            return ""
        ended = Ended("", OPENED)
        if not door.open:
            if await shift.choose(_asks(shift, name, door)) != "open_door":
                return ""
            shift.busy(words("technician.opening", door=door.name), int(PULSE_SECONDS))
            ended = await shift.does("door_opened", f"{name}:{key}", _opened(shift, name, key))
        chosen = await _shown(shift, name, door, ended, following)
        if chosen != "open_again":
            return following if chosen == "next_door" else ""


def _following(doors: Mapping[str, Door], key: str) -> str:
    """The next that can be opened; empty for none."""
    rest = list(doors)[list(doors).index(key) + 1 :]
    return next((one for one in rest if not doors[one].kept and not doors[one].open), "")


# ── the device ──────────────────────────────────────────────────────────────
async def _doors(shift: Shift, name: str) -> dict[str, Door]:
    """Its doors by key, as their contacts say now. DeviceError."""
    settings = shift.shop.backstage.settings.devices[name]
    if settings.kind is Kind.LOCKER:
        kept = originals.compartments(shift.shop.backstage.ledger)
        states = await _asked(shift, name, "all_states")
        return {
            str(number): Door(
                str(number),
                words("technician.compartment", number=number),
                state == "open",
                number in kept,
            )
            for number, state in sorted(states.items())
        }
    strikes: Mapping[str, Any] = settings.options.get("strikes", {})
    contacts = await _asked(shift, name, "inputs")
    return {one: Door(one, words("technician.strike", name=one), contacts.get(one)) for one in strikes}


async def _opened(shift: Shift, name: str, key: str) -> Ended:
    """Opens it, and says what its contact says then. DeviceError."""
    if shift.shop.backstage.settings.devices[name].kind is Kind.LOCKER:
        await _call(shift, name, "open_door", int(key), seconds=OPEN_SECONDS)  # it raises for one that stays
        return Ended("", OPENED)
    end = time.monotonic() + PULSE_SECONDS  # boards that end the pulse themselves answer at once
    await _call(shift, name, "open_strike", key, PULSE_SECONDS, seconds=OPEN_SECONDS)
    while True:
        door = (await _doors(shift, name))[key]
        if door.open is None:
            return Ended("", UNTOLD)
        if door.open or time.monotonic() >= end:
            return Ended("", OPENED if door.open else NOT_OPENED)
        await asyncio.sleep(LOOK_SECONDS)


async def _shut(shift: Shift, name: str, key: str) -> None:
    """Returns when it is shut again."""
    while True:
        if not (await _doors(shift, name))[key].open:
            return
        await asyncio.sleep(LOOK_SECONDS)


async def _asked(shift: Shift, name: str, verb: str) -> Any:
    """What its contacts say. DeviceError.

    Run to its end though the page is left meanwhile: a verb that nobody waits for any more has its device
    reset, and a board's lights would go dark, its strikes fall.
    """
    asking = _call(shift, name, verb, seconds=STATE_SECONDS)
    return await asyncio.shield(shift.shop.backstage.doings.start(asking))


async def _call(shift: Shift, name: str, verb: str, *arguments: object, seconds: float) -> Any:
    stage = shift.shop.backstage
    kind = stage.settings.devices[name].kind
    return await stage.devices.call(kind, verb, *arguments, seconds=seconds, device=name)


# ── the pages ───────────────────────────────────────────────────────────────
def _list(shift: Shift, name: str, doors: Mapping[str, Door], at: str) -> WorkList:
    title = device_trial.title_of(name, shift.shop.backstage.settings.devices[name])
    lines = tuple(WorkLine(key, door.name, *_stands(door)) for key, door in doors.items())
    return WorkList(title, lines, (action("back"),), words("technician.doors_note"), at)


def _stands(door: Door) -> tuple[Words, Condition]:
    if door.kept:
        return words("technician.door_kept"), Condition.PLAIN
    if door.open is None:
        return words("technician.door_untold"), Condition.UNKNOWN
    if door.open:
        return words("technician.door_open"), Condition.ATTENTION
    return words("technician.door_shut"), Condition.READY


def _kept(door: Door) -> WorkSheet:
    told, how = _stands(door)
    rows = (Row(words("technician.state"), told),)
    return WorkSheet(door.name, rows, (action("back"),), how, words("technician.how_kept"))


def _asks(shift: Shift, name: str, door: Door) -> WorkSheet:
    """What will open, before it does."""
    settings = shift.shop.backstage.settings.devices[name]
    told, _ = _stands(door)
    rows = (
        Row(words("technician.device"), device_trial.title_of(name, settings)),
        Row(words("technician.state"), told),
    )
    locker = settings.kind is Kind.LOCKER
    note = words("technician.how_open_compartment" if locker else "technician.how_open_strike")
    opens = Option("open_door", words("technician.act_open_door", door=door.name))
    title = words("technician.opens", door=door.name)
    return WorkSheet(title, rows, (opens, action("back")), Condition.ATTENTION, note, "open_door")


async def _shown(shift: Shift, name: str, door: Door, ended: Ended, following: str) -> str:
    """How it went. The page of one that stands open turns by itself when it is shut."""
    if ended.detail != OPENED or ended.code:
        return await shift.choose(_result(door, ended, following))
    page = _result(door, ended, following)
    try:
        answer = await ask_or(shift.shop.stage, page, INSIDE, _shut(shift, name, door.key))
    except GoBack:
        return "back"
    if answer is None:
        return await shift.choose(_result(door, Ended("", SHUT_AGAIN), following))
    return answer.value if isinstance(answer, Chosen) else ""


_TOLD = {
    OPENED: ("technician.door_opened", "technician.how_shut", Condition.ATTENTION),
    SHUT_AGAIN: ("technician.door_shut_again", "", Condition.READY),
    NOT_OPENED: ("technician.door_not_opened", "technician.how_not_opened", Condition.NOT_READY),
    UNTOLD: ("technician.door_pulsed", "technician.how_untold", Condition.ATTENTION),
}


def _result(door: Door, ended: Ended, following: str) -> WorkSheet:
    told, how, condition = _TOLD[NOT_OPENED if ended.code else ended.detail]
    rows = [Row(words("technician.found"), words(told))]
    rows += fault_rows([ended.code])
    note = any_fault(ended.code).technician if ended.code else words(how) if how else None
    shut = ended.code or ended.detail != OPENED
    ways = (["open_again"] if shut else []) + (["next_door"] if following else [])
    main = {Condition.NOT_READY: "open_again", Condition.READY: "next_door" if following else ""}.get(
        condition, ""
    )
    return WorkSheet(door.name, tuple(rows), (*map(action, ways), action("back")), condition, note, main)
