"""How the terminal is, told to the hall: on change, and as a heartbeat.

It runs on the core's loop, so it goes on when the window hangs, and says so.
Health is not reliable, but hours without a line are not blank: a report that found none is kept when it
differs from the last one, and told late, with its own time and number. Faults are reliable: each one raised
and cleared is journalled.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import shutil
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import msgspec
import structlog

from config.devices import DeviceState, Kind, as_missed
from config.faults import any_fault, faults
from config.identifiers import uuid7
from config.settings import Settings
from kiosk.availability import nothing_works
from kiosk.data.ledger import Ledger
from kiosk.data.store import StoreError
from kiosk.devices.counters import Counters
from kiosk.devices.devices import Devices
from kiosk.in_step import to_next
from kiosk.link.outbox_room import DISK_RESERVE
from kiosk.platform import Platform, PlatformError
from kiosk.stage import Stage
from mqtt import messages
from mqtt.link import Link
from mqtt.messages import DeviceHealth, Envelope, FaultCleared, FaultRaised
from mqtt.messages import Health as HealthReport
from mqtt.topics import TerminalPath

PING_SECONDS = 1.0
HUNG_AFTER = 5.0  # seconds without an answer of the drawing thread
PLATFORM_SECONDS = 10.0
NO_PLACE_SECONDS = 0.2  # until the next try when the broker had no place; the link keeps one for us
LATE_EVERY = 10.0  # seconds between two reports that are kept: a part that flaps fills no disk
NOTHING_SECONDS = 60.0  # for which no reader and no printer must work before citizens are turned away
STORE = "terminal_store_failed"
HEALTH_EXPIRES = 300  # seconds until the broker drops a report that nobody fetched
Keep = Callable[[str, bytes], Awaitable[None]]
_log = structlog.get_logger("kiosk.health")


class Health:
    """Watches and reports. `start()` on the loop, `close()` to end."""

    def __init__(
        self,
        settings: Settings,
        stage: Stage,
        devices: Devices,
        platform: Platform,
        ledger: Ledger,
        depth: Callable[[], int],
        counters: Counters | None = None,
    ) -> None:
        self.platform_open = True
        self.serving = False
        self.technician: Callable[[], bool] = lambda: False  # whether one is at work on the terminal
        self._settings, self._stage, self._devices = settings, stage, devices
        self._platform, self._ledger, self._depth = platform, ledger, depth
        self._counters = counters
        self._link: Link | None = None
        self._faults: set[tuple[str, str]] = set()  # (code, device), device empty: the terminal's own
        self._screen_age, self._started = 0.0, time.monotonic()
        self._worked = self._started  # when a reader or printer worked last
        self._changed = asyncio.Event()
        self._remembered: list[DeviceHealth] = []
        self._keep: Keep | None = None
        self._number = 0
        self._last: HealthReport | None = None  # told or kept, without what always differs
        self._kept_at = -math.inf
        self._tasks: list[asyncio.Task[None]] = []
        devices.on_change(self._on_device)

    def start(self, link: Link, keep: Keep | None = None) -> None:
        """Begins to watch; reports go over `link`. `keep(id, payload)` takes one that found no line."""
        self._link, self._keep = link, keep
        loop = asyncio.get_running_loop()
        for work in (self._watch, self._watch_platform, self._report):
            self._tasks.append(loop.create_task(self._for_ever(work)))

    async def close(self) -> None:
        """Ends the watching."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def use(self, settings: Settings) -> None:
        """Other settings hold from now on."""
        self._settings = settings
        self._changed.set()

    @property
    def linked(self) -> bool:
        """Whether the hall can be reached at this moment."""
        return self._link is not None and self._link.connected

    def connection(self, connected: bool) -> None:
        """The line came or went: a report goes out as soon as it is back."""
        self.set_fault("link_down", not connected)
        self._changed.set()

    @property
    def stopped(self) -> str:
        """The code of the fault with which nobody can be served; empty when there is none."""
        own = {code for code, device in self._faults if not device}
        return next((code for code, row in faults().items() if code in own and row.closes), "") if own else ""

    def cannot_keep(self, code: str) -> None:
        """What happened could not be written down: nobody is received until a write succeeds again."""
        self.set_fault(code if any_fault(code).closes else STORE, True)

    def report_soon(self) -> None:
        """The hall wants to know: a report goes out at once."""
        self._changed.set()

    @contextlib.contextmanager
    def session(self) -> Iterator[None]:
        """Somebody is being served meanwhile."""
        self.serving = True
        self._changed.set()
        try:
            yield
        finally:
            self.serving = False
            self._changed.set()

    def set_fault(self, code: str, raised: bool, device: str = "") -> None:
        """Raises or clears a fault; told once per change, on the loop."""
        key = (code, device)
        if raised == (key in self._faults):
            return
        (self._faults.add if raised else self._faults.discard)(key)
        message = FaultRaised(code, device) if raised else FaultCleared(code, device)
        task = asyncio.get_running_loop().create_task(self._ledger.tell("", message))
        self._tasks.append(task)
        task.add_done_callback(self._told)
        self._changed.set()

    def _told(self, task: asyncio.Task[None]) -> None:
        if task in self._tasks:
            self._tasks.remove(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("fault not journalled", error=type(task.exception()).__name__)

    def _on_device(self, name: str, kind: Kind, before: DeviceState, after: DeviceState) -> None:
        before, after = self._as_missed(name, before), self._as_missed(name, after)
        for code in set(before.faults) | set(after.faults):
            self.set_fault(code, code in after.faults, name)
        self._changed.set()

    def _told_of(self, name: str) -> list[str]:
        """Faults that stand open of a device, also those that it does not know itself."""
        return sorted(code for code, device in self._faults if device == name)

    def _as_missed(self, name: str, state: DeviceState) -> DeviceState:
        return as_missed(state, self._settings.devices[name].optional)

    async def _for_ever(self, work: Callable[[], Awaitable[None]]) -> None:
        """A watcher that fails is logged and goes on: health must not stop for its own mistake."""
        while True:
            try:
                await work()
            except asyncio.CancelledError:
                raise
            except Exception as error:
                _log.error("health", error=type(error).__name__)
                await asyncio.sleep(1.0)

    async def _watch(self) -> None:
        self._screen_age = self._stage.beat_age()
        self.set_fault("terminal_screen_hung", self._screen_age > HUNG_AFTER)
        self.set_fault("terminal_disk_full", _free(self._settings.data) < DISK_RESERVE)
        if not nothing_works(self._devices):
            self._worked = time.monotonic()
        self.set_fault("terminal_nothing_works", time.monotonic() - self._worked > NOTHING_SECONDS)
        if (STORE, "") in self._faults:
            await self._try_to_write()
        await asyncio.sleep(to_next(PING_SECONDS))

    async def _try_to_write(self) -> None:
        with contextlib.suppress(StoreError):
            await self._ledger.remember("written", str(int(time.time())))
            self.set_fault(STORE, False)

    async def _watch_platform(self) -> None:
        try:
            self.platform_open = (await self._platform.health()).open
        except PlatformError:
            self.platform_open = False
        self.set_fault("platform_down", not self.platform_open)
        await asyncio.sleep(PLATFORM_SECONDS)

    async def _report(self) -> None:
        self._changed.clear()
        await self._remember()
        told = await self._tell()
        await asyncio.sleep(0.1)  # changes that come together make one report
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._settings.link.health_seconds if told else NO_PLACE_SECONDS):
                await self._changed.wait()

    async def _tell(self) -> bool:
        """Tells the hall how it is, or keeps that for later. False when the broker has no place just now."""
        if self._link is None:
            return True
        envelope = self._envelope(self._link)
        payload, now = messages.encode(envelope), time.monotonic()
        if self._link.connected:
            if told := self._link.publish("health", payload, expiry=HEALTH_EXPIRES):
                self._last = _lasting(envelope.data)
            return told
        news = _lasting(envelope.data) != self._last and now - self._kept_at >= LATE_EVERY
        if news and self._keep is not None:
            await self._keep(envelope.id, payload)
            self._last, self._kept_at = _lasting(envelope.data), now
        return True

    async def _remember(self) -> None:
        """Keeps the devices' states for the doctor, who may not touch them while we run."""
        devices = self.report().devices
        if devices != self._remembered:
            self._remembered = devices
            await self._ledger.remember("devices", msgspec.json.encode(devices).decode())

    def _envelope(self, link: Link) -> Envelope[HealthReport]:
        self._number += 1
        identity = self._settings.identity
        path = TerminalPath(identity.area, identity.hall, identity.kiosk)
        return Envelope(
            id=uuid7(),
            type=messages.NAMES[HealthReport],
            source=path.source,
            time=messages.now(),
            data=msgspec.structs.replace(self.report(), connection=link.connection, number=self._number),
            boot=link.boot,
        )

    def report(self) -> HealthReport:
        """The report as it stands now."""
        return HealthReport(
            devices=[
                _device(name, kind, self._as_missed(name, state), self._told_of(name), self._counters)
                for name, (kind, state) in self._devices.states().items()
            ],
            faults=sorted(code for code, device in self._faults if not device),
            screen_age=round(self._screen_age, 1),
            session=self.serving,
            technician=self.technician(),
            outbox=self._depth(),
            uptime=int(time.monotonic() - self._started),
        )


def _lasting(report: HealthReport) -> HealthReport:
    """The report without what is another in each, whatever happens."""
    devices = [msgspec.structs.replace(one, counts={}) for one in report.devices]
    return HealthReport(devices, report.faults)


def _device(
    name: str, kind: Kind, state: DeviceState, told: list[str], counters: Counters | None
) -> DeviceHealth:
    return DeviceHealth(
        name=name,
        kind=kind,
        availability=state.availability,
        media=state.media,
        supplies={part: str(level) for part, level in state.supplies.items()},
        faults=[*state.faults, *(code for code in told if code not in state.faults)],
        detail=state.detail,
        counts=counters.counts(name) if counters else {},
        runs_out=counters.runs_out(name) if counters else {},
        levels=dict(state.levels),
    )


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free
