"""Starting the program again, the computer again, or switching it off: asked first, told before."""

from __future__ import annotations

import asyncio

from config.words import words
from kiosk.prompts import Condition, WorkSheet
from kiosk.remote import programs
from kiosk.remote.command_acts import GOING_SECONDS, REBOOT_SECONDS
from kiosk.technician.workshop import BEGUN, Ended, Shift, action


async def attend(shift: Shift) -> None:
    """Asks which."""
    settings = shift.shop.backstage.settings
    ways = ["restart"]
    ways += ["reboot"] if settings.remote.reboot else []
    ways += ["switch_off"] if settings.technician.switch_off else []
    actions = tuple(action(one) for one in (*ways, "back"))
    chosen = await shift.choose(
        WorkSheet(
            words("technician.act_power"), (), actions, Condition.ATTENTION, words("technician.how_power")
        )
    )
    if chosen == "back" or not await shift.sure(words("technician.sure"), chosen):
        return
    if chosen == "restart":
        await _restart(shift)
        return
    program = settings.remote.reboot if chosen == "reboot" else settings.technician.switch_off
    shift.busy(words(f"technician.act_{chosen}"), int(REBOOT_SECONDS))
    act = "rebooted" if chosen == "reboot" else "switched_off"
    ended = await shift.does(act, "", _run(program))
    await shift.result(words(f"technician.act_{chosen}"), ended)


async def _restart(shift: Shift) -> None:
    """The program ends with him inside: he is told to have left when it starts again."""
    await shift.tell("restarted", detail=BEGUN)
    shift.busy(words("technician.act_restart"))
    shift.shop.restart()
    await asyncio.sleep(GOING_SECONDS)


async def _run(program: tuple[str, ...]) -> Ended:
    """The machine takes us with it; still here after a while, it did not go."""
    try:
        code = await programs.run(program, REBOOT_SECONDS)
    except TimeoutError:
        return Ended("command_failed", "timeout")
    except OSError as error:
        return Ended("command_failed", type(error).__name__)
    if code:
        return Ended("command_failed", f"exit {code}")
    await asyncio.sleep(GOING_SECONDS)
    return Ended("command_failed", "still up")
