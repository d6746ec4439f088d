"""The touch panel's map in X: read, set, kept in the data folder, and set again whenever X has lost it.

What is kept says upon which map it was made (that of the picture's rotation, which the machine sets). A
panel that stands otherwise now, since somebody turned the screen, is left alone: the old map would be wrong.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import structlog

from kiosk import private_file
from kiosk.readiness import x_tools
from kiosk.readiness.x_tools import SCREEN_CONF, NoDisplay, Pointer
from kiosk.technician.touch_fit import Matrix, alike

FILE = "touch.json"  # in the data folder
_log = structlog.get_logger("kiosk.touch")


@dataclass(frozen=True)
class Calibration:
    """`matrix` is set where the panel of this name stands at `base`."""

    panel: str
    base: Matrix
    matrix: Matrix


@dataclass(frozen=True)
class Screen:
    """Which display, and the file that names its panel."""

    environment: Mapping[str, str]
    conf: Path = SCREEN_CONF


def screen() -> Screen | None:
    """The display that this process draws on; None without one."""
    return Screen(x_tools.display_environment()) if os.environ.get("DISPLAY") else None


def panels(where: Screen) -> list[Pointer]:
    """The panels that can be mapped: of the name in screen.conf, else all that X calls direct. NoDisplay."""
    conf = x_tools.screen_conf(where.conf)
    found = x_tools.ask_pointers(where.environment)
    named = conf.touch if conf is not None else ""
    return [one for one in found if one.matrix and (one.name == named if named else one.direct)]


def keep(data: Path, told: Calibration) -> None:
    """Keeps it for the next start. OSError."""
    private_file.write(data / FILE, json.dumps(asdict(told)).encode())


def kept(data: Path) -> Calibration | None:
    """What was kept; None for nothing, or what nobody can read."""
    try:
        told = json.loads((data / FILE).read_text("utf-8"))
        made = Calibration(
            str(told["panel"]), tuple(map(float, told["base"])), tuple(map(float, told["matrix"]))
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return made if len(made.base) == len(made.matrix) == 9 else None


def renew(where: Screen, data: Path) -> bool:
    """Sets what was kept, where X has lost it: after a start, or when the panel was plugged anew. Whether it
    was set now. NoDisplay."""
    told = kept(data)
    if told is None or alike(told.base, told.matrix):
        return False
    lost = [one for one in panels(where) if one.name == told.panel and alike(one.matrix, told.base)]
    for panel in lost:
        x_tools.set_matrix(where.environment, panel, told.matrix)
    return bool(lost)


async def watch(data: Path) -> None:
    """One look, for the terminal's rounds; nothing without a display or a calibration."""
    where = screen()
    if where is not None and (data / FILE).exists():
        with contextlib.suppress(NoDisplay):
            if await asyncio.to_thread(renew, where, data):
                _log.info("touch calibrated")
