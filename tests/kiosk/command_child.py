"""A command desk in a process of its own, to be killed at a point of a command's life.

`run(plan)` gives the command once and lives until it has ended. Each act writes a line into `folder/ran`, so
that a test can count what happened.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.commands import COMMANDS
from kiosk.remote import commands
from kiosk.remote.command_desk import Done
from kiosk.remote.commands import Kept
from tests.kiosk.small_desk import given, room

PR_SET_PDEATHSIG = 1
# Where it dies: with the command in hand, with the row written and not committed, and so on to its end.
POINTS = (
    "taken",
    "arriving",
    "accepted",
    "beginning",
    "running",
    "acted",
    "ending",
    "ended",
)
_WRITES = {"arriving": "arrive", "beginning": "begin", "ending": "end"}


@dataclass(frozen=True)
class Plan:
    """What the child does. `given`: the hall gives the command this time."""

    folder: Path
    name: str
    at: str = ""
    given: bool = True
    machine: str = "machine-1"
    software: str = "1.0"


def run(plan: Plan) -> None:
    """The whole life of the child."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if plan.at in _WRITES:
        _after(_WRITES[plan.at], die)
    asyncio.run(play(plan))


def die() -> None:
    """As a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


async def play(plan: Plan) -> None:
    id = f"c-{plan.name}"

    async def act(kept: Kept) -> Done:
        _die_at(plan, "running")
        with (plan.folder / "ran").open("a") as file:
            file.write(f"{kept.id}\n")
            file.flush()
            os.fsync(file.fileno())
        _die_at(plan, "acted")
        return Done(file=b"x" * 40_000 if COMMANDS[kept.name].brings else b"")

    async with room(plan.folder, {plan.name: act}, machine=plan.machine, software=plan.software) as parts:
        await parts.there.maintain(plan.at == "accepted")  # it must be seen to wait before it dies so
        if plan.given:
            parts.desk.take(given(plan.name))
        _die_at(plan, "taken")
        while parts.kept(id) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        _die_at(plan, "accepted")
        while parts.state(id).partition(" ")[0] not in ("done", "failed"):  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        _die_at(plan, "ended")


def _die_at(plan: Plan, point: str) -> None:
    if plan.at == point:
        die()


def _after(name: str, act: Callable[[], None]) -> None:
    """Dies on the writer's thread when this row has been written and nothing is committed."""
    method = getattr(commands, name)

    def wrapped(*arguments: Any, **named: Any) -> Any:
        result = method(*arguments, **named)
        act()
        return result

    setattr(commands, name, wrapped)
