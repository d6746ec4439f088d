"""The mode itself: from the gesture to the last touch. Citizens and the hall's commands wait meanwhile.

It is one task like a session. It ends when the technician leaves, when nobody has touched anything for a
while, or with the program; nothing of it is left behind then but what he did, and that it was he.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from datetime import datetime
from typing import Any, TypeVar

import structlog

from config.words import words
from drivers.device import DeviceError
from kiosk.data.store import StoreError
from kiosk.data.vault import VaultError
from kiosk.log_file import place_of
from kiosk.prompts import Place
from kiosk.remote.command_desk import NotDone
from kiosk.session import IdleClock
from kiosk.stage import GoBack, GoHome
from kiosk.technician import entrance, menu, people
from kiosk.technician.people import PeopleError
from kiosk.technician.workshop import Ended, Shift, Workshop, idle_clock

T = TypeVar("T")
AT_THE_LIST = Place(back=False, home=True)
_log = structlog.get_logger("kiosk.technician")


async def attend(shop: Workshop) -> None:
    """Asks who it is, and lets him work. Returns when he has left; errors of an act end that act alone."""
    with shop.there.at_the_screen():
        shop.changed()
        try:
            await _attend(shop)
        except (StoreError, VaultError) as error:  # what cannot be told is not done
            _log.error("failed", work="technician", error=error.code)
            shop.health.cannot_keep(error.code)
        except Exception as error:  # a technician's trouble must not end the terminal
            _log.error("failed", work="technician", error=type(error).__name__, where=place_of(error))
    shop.changed()


async def _attend(shop: Workshop) -> None:
    await shop.leave("ended")  # whose leaving could not be told when he left
    door = idle_clock(entrance.PATIENCE_SECONDS)
    actor = None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(entrance.DOOR_SECONDS):
            actor = await _until_idle(shop, door, entrance.enter(shop))
    if not actor:
        await shop.leave("idle")  # who was let in, and stayed at the door with his card
        return
    idle = idle_clock(shop.backstage.settings.technician.idle_minutes * 60)
    how = "ended"
    try:
        how = await _until_idle(shop, idle, _work(Shift(shop, actor, idle))) or "idle"
    finally:
        await shop.leave(how)


async def _until_idle(shop: Workshop, clock: IdleClock, work: Coroutine[Any, Any, T]) -> T | None:
    """What `work` returns; None when nobody has touched anything for as long as the clock says."""
    shop.stage.on_touch(clock.touch)
    working, expiry = asyncio.ensure_future(work), asyncio.ensure_future(clock.expired(shop.stage))
    try:
        await asyncio.wait({working, expiry}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        for task in (working, expiry):
            task.cancel()
        await asyncio.gather(working, expiry, return_exceptions=True)
        shop.stage.on_touch(lambda: None)
        shop.stage.warn(None)


async def _work(shift: Shift) -> str:
    """The list of what can be done, again and again, until he leaves (asked) or may not stay (ended)."""
    chosen = ""
    while True:
        try:
            chosen = await shift.choose(menu.page(shift, chosen), AT_THE_LIST)
        except (GoBack, GoHome):
            return "asked"
        if chosen == menu.LEAVE:
            return "asked"
        if not await asyncio.to_thread(_may_stay, shift):
            return "ended"
        if chosen:
            await _done(shift, menu.act(chosen))


def _may_stay(shift: Shift) -> bool:
    """False for somebody who was taken off the list since he entered, or whose last day is over."""
    shop = shift.shop
    today = datetime.fromtimestamp(shop.clock()).date()
    try:
        known = people.read(shop.backstage.settings.technician.people)
    except PeopleError:  # a file that is being put right, perhaps by him
        return True
    return any(one.number == shift.actor and not one.expired(today) for one in known)


async def _done(shift: Shift, act: menu.Act) -> None:
    """One act to its end; what went wrong is told on a page, with what to do about it."""
    try:
        try:
            await act(shift)
        except (DeviceError, NotDone) as error:
            await shift.result(words("technician.not_done"), Ended(error.code, error.detail))
        except (GoBack, GoHome, StoreError, VaultError):
            raise
        except Exception as error:
            where = place_of(error)
            _log.error("an act failed", error=type(error).__name__, where=where)
            ended = Ended("terminal_internal", f"{type(error).__name__} {where}")
            await shift.result(words("technician.not_done"), ended)
    except (GoBack, GoHome):
        return
