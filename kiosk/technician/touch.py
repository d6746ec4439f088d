"""Calibrating the touch panel: crosses, a map that must be honest, fifteen seconds to confirm it by touch."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

from config.words import Words, same, words
from kiosk.prompts import Condition, Place, Row, TouchCrosses, Touched, WorkSheet
from kiosk.readiness import x_tools
from kiosk.readiness.x_tools import NoDisplay, Pointer
from kiosk.remote.command_desk import NotDone
from kiosk.stage import GoBack, GoHome
from kiosk.technician import touch_fit, touch_panel
from kiosk.technician.touch_fit import CROSSES, Matrix, Nonsense
from kiosk.technician.touch_panel import Calibration, Screen
from kiosk.technician.workshop import Ended, Shift, action

CONFIRM_SECONDS = 15.0


@dataclass(frozen=True)
class _Try:
    """The panel with its map before, and what it would be."""

    panel: Pointer
    matrix: Matrix


def told(shift: Shift) -> tuple[Words, Condition]:
    """In the list: whether the panel was calibrated here."""
    kept = touch_panel.kept(shift.shop.backstage.settings.data)
    return words("technician.touch_kept" if kept else "technician.touch_as_set_up"), Condition.READY


async def attend(shift: Shift) -> None:
    """Asks for the crosses, tries the new map, and keeps it if he can touch with it. NotDone."""
    where = touch_panel.screen()
    if where is None:
        raise NotDone("command_not_supported", "no display")
    if not shift.shop.backstage.settings.screen.full_screen:  # parts of a window are no parts of the panel
        raise NotDone("touch_in_window")
    answer = await shift.ask(
        TouchCrosses(words("technician.crosses"), CROSSES), Place(back=False, home=False)
    )
    if not isinstance(answer, Touched):
        return
    wanted = await asyncio.to_thread(_wanted, where, answer.points)
    ended = await shift.does("touch_calibrated", wanted.panel.name[:64], _tried(shift, where, wanted))
    await shift.result(words("technician.part_touch"), ended)


def _wanted(where: Screen, points: tuple[tuple[float, float], ...]) -> _Try:
    """The touches came through the panel's present map: the new one is that and the correction."""
    try:
        panels = touch_panel.panels(where)
    except NoDisplay:
        raise NotDone("command_not_supported", "no display") from None
    if len(panels) != 1:
        raise NotDone("touch_several" if panels else "touch_missing", str(len(panels)))
    (panel,) = panels
    try:
        found = touch_fit.fit(points)
    except Nonsense as why:
        raise NotDone("touch_not_fitting", str(why)) from None
    return _Try(panel, touch_fit.after(panel.matrix, found.matrix))


async def _tried(shift: Shift, where: Screen, wanted: _Try) -> Ended:
    """Sets it, and takes it back unless it is confirmed by a touch; whatever ends this in between."""
    panel, data = wanted.panel, shift.shop.backstage.settings.data
    good = False
    try:
        await asyncio.to_thread(x_tools.set_matrix, where.environment, panel, wanted.matrix)
        good = await _confirmed(shift)
        if good:
            before = await asyncio.to_thread(touch_panel.kept, data)
            known = before is not None and touch_fit.alike(before.matrix, panel.matrix)
            base = before.base if before is not None and known else panel.matrix
            await asyncio.to_thread(touch_panel.keep, data, Calibration(panel.name, base, wanted.matrix))
    except NoDisplay:
        return Ended("command_failed", "xinput")
    except OSError as error:
        good = False
        return Ended("terminal_disk_full", type(error).__name__)
    finally:
        if not good:
            with contextlib.suppress(NoDisplay):  # at once, even when all else is cancelled
                x_tools.set_matrix(where.environment, panel, panel.matrix)
    return Ended("", "kept") if good else Ended("touch_not_confirmed", f"{CONFIRM_SECONDS:.0f} s")


async def _confirmed(shift: Shift) -> bool:
    seconds = int(CONFIRM_SECONDS)
    rows = (Row(words("technician.confirm_within"), same(f"{seconds} s")),)
    page = WorkSheet(
        words("technician.part_touch"),
        rows,
        (action("keep"),),
        Condition.ATTENTION,
        words("technician.touch_try"),
    )
    try:
        async with asyncio.timeout(CONFIRM_SECONDS):
            return await shift.choose(page) == "keep"
    except (TimeoutError, GoBack, GoHome):
        return False
