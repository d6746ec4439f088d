"""The parts of the terminal that a journey may call: what stands behind the stage."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

import structlog

from config.catalogue_files import Catalogue
from config.settings import Settings
from kiosk.data.ledger import Ledger
from kiosk.devices.devices import Devices
from kiosk.face_check import FaceCheck
from kiosk.frequent import Frequent
from kiosk.payment import Payments
from kiosk.platform import Platform
from kiosk.printing.mouth import Mouth
from kiosk.printing.tray import Tray
from kiosk.stage import Stage

T = TypeVar("T")
_log = structlog.get_logger("kiosk")


class Doings:
    """Tasks that belong to the terminal: once begun they go on though the session ends."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Runs `work` to its end; await it with `asyncio.shield`."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def close(self, seconds: float) -> None:
        """Waits for what is under way, at most `seconds`; the records tell the rest at the next start."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        for task in self._tasks:
            task.cancel()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a doing failed", error=type(error).__name__)


@dataclass
class Backstage:
    """The parts. Made once by `kiosk/terminal.py`, handed to every step.

    Two may change while the terminal runs: `settings` by `kiosk/remote/configuration.py`, and `catalogue`,
    which reception replaces by the `coming` one between two sessions.
    """

    settings: Settings
    catalogue: Catalogue
    stage: Stage
    devices: Devices
    platform: Platform
    ledger: Ledger
    payments: Payments
    face: FaceCheck
    platform_open: Callable[[], bool]
    linked: Callable[[], bool] = lambda: True  # to the hall, at this moment
    set_fault: Callable[..., None] = lambda code, raised, device="": None  # no device: the terminal's own
    doings: Doings = field(default_factory=Doings)
    mouth: Mouth = field(default_factory=Mouth)
    tray: Tray = field(default_factory=Tray)
    frequent: Frequent = field(default_factory=Frequent)
    coming: Catalogue | None = None  # read, and in use from the next session on
    renewing: asyncio.Lock = field(default_factory=asyncio.Lock)  # held while a release is fetched
    today: Callable[[], date] = date.today
    now: Callable[[], datetime] = datetime.now  # of the hall's zone, for opening hours
