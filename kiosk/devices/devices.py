"""The supervisor: every device of the terminal, its verbs as awaitables.

Each device has a worker with a thread of its own (`kiosk/devices/device_worker.py`). A verb that nobody waits
for any more (its session was cancelled) has its answer dropped, and the device is reset before the next verb.
A worker whose driver hangs beyond any time-out is told as `device_stuck` (docs/decisions/016).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from typing import Any

import structlog

from config.devices import DeviceState, Kind
from config.settings import DeviceSettings
from drivers import registry
from drivers.device import Device, DeviceError
from kiosk.devices.device_verb import Verb
from kiosk.devices.device_worker import USUAL, Changed, Counted, DeviceWorker, Pace
from kiosk.in_step import to_next

WATCH_SECONDS = 2.0  # between looks for a driver that hangs
CLOSE_SECONDS = 10.0
_CAMERAS = (Kind.PERSON_CAMERA, Kind.DOCUMENT_CAMERA)
_log = structlog.get_logger("kiosk.devices.devices")


class Devices:
    """All devices of the terminal. Made, started and closed on the core's loop."""

    def __init__(
        self,
        settings: Mapping[str, DeviceSettings],
        make: Callable[[DeviceSettings], Device] = registry.make,
        counted: Counted = lambda name, grown: None,
        pace: Pace = USUAL,
    ) -> None:
        """`counted(name, grown)` hears, on the device's thread, what its counters have grown by."""
        self._pace = pace
        self._listeners: list[Changed] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watching: asyncio.Task[None] | None = None
        self._later: list[asyncio.TimerHandle] = []  # starts of workers that are to come
        self._news = asyncio.Event()  # a state has changed
        self._withheld: dict[Kind, str] = {}  # code of the fault
        self._workers = {
            name: DeviceWorker(name, one, make, self._changed, counted, pace)
            for name, one in settings.items()
        }

    def start(self, cameras_after: float = 0.0) -> None:
        """Starts the workers; devices open behind the home page, cameras after so many seconds.

        What reads a camera takes a tenth of a second of the processor to load, and home needs none of it.
        """
        self._loop = asyncio.get_running_loop()
        self._watching = self._loop.create_task(self._watch())
        for worker in self._workers.values():
            if cameras_after and worker.settings.kind in _CAMERAS:
                self._later.append(self._loop.call_later(cameras_after, worker.start))
            else:
                worker.start()

    async def close(self) -> None:
        """Ends the workers and closes the devices; within ten seconds, whatever a driver does."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        for timer in self._later:
            timer.cancel()
        for worker in self._workers.values():
            worker.stop()
            worker.start()  # one that was still to come answers those who wait for it, and ends
        end = time.monotonic() + CLOSE_SECONDS
        for worker in self._workers.values():
            seconds = 0.0 if worker.stuck else max(0.0, end - time.monotonic())
            if not await asyncio.to_thread(worker.join, seconds):
                _log.error("device worker did not end", device=worker.name)

    def on_change(self, listener: Changed) -> None:
        """Calls `listener` on the loop at each change of a device's state, never at mere polls."""
        self._listeners.append(listener)

    def states(self) -> dict[str, tuple[Kind, DeviceState]]:
        """The state of each device by name."""
        return {name: (worker.settings.kind, worker.state) for name, worker in self._workers.items()}

    def has(self, kind: Kind) -> bool:
        """True when the terminal is set up with a device of this kind."""
        return bool(self._of(kind))

    def ready(self, kind: Kind) -> bool:
        """True when a device of this kind may be used now."""
        return kind not in self._withheld and any(worker.state.ready for worker in self._of(kind))

    def pick(self, kind: Kind) -> str:
        """The name of a ready device of this kind, else of the first; empty when there is none."""
        return next((worker.name for worker in sorted(self._of(kind), key=lambda w: not w.state.ready)), "")

    def offers(self, kind: Kind, verb: str) -> bool:
        """True when the device that `pick` picks is open and its driver has this verb, which not all have."""
        worker = self._workers.get(self.pick(kind))
        return worker is not None and worker.offers(verb)

    def withhold(self, kind: Kind, code: str) -> None:
        """Keeps services from a kind that works, for the fault `code`; an empty code gives it free again."""
        if code:
            self._withheld[kind] = code
        else:
            self._withheld.pop(kind, None)
        self._news.set()

    async def becomes_ready(self, kind: Kind, seconds: float) -> bool:
        """Waits for a device that still opens or comes back; False when it does not within `seconds`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.has(kind) and not self.ready(kind):
                    self._news.clear()
                    await self._news.wait()
        return self.ready(kind)

    def fault(self, kind: Kind) -> str:
        """Why the kind is not ready: the code of a fault; `device_absent` when the terminal has none.

        Empty when it is ready. The code may be one that faults.toml lacks (an outside driver's).
        """
        if self.ready(kind):
            return ""
        first = next(iter(self._of(kind)), None)
        if first is None:
            return "device_absent"
        if kind in self._withheld:
            return self._withheld[kind]
        return first.state.faults[0] if first.state.faults else "device_offline"

    async def call(
        self,
        kind: Kind,
        verb: str,
        *arguments: Any,
        seconds: float = 30.0,
        device: str = "",
        **named: Any,
    ) -> Any:
        """Runs a verb of the device named `device`, else of the one that `pick` picks.

        Raises DeviceError of the driver, `device_timeout` after `seconds` (waiting for its turn included),
        `device_absent` without such a device, `device_stuck` when its driver hangs. When cancelled, the
        late answer is dropped and the device is reset before its next verb.
        """
        worker = self._workers.get(device or self.pick(kind))
        if worker is None or worker.settings.kind is not kind:
            raise DeviceError("device_absent", device or kind)
        call = Verb(verb, arguments, named, seconds)
        worker.put(call)
        try:
            async with asyncio.timeout(seconds):  # wait_for of Python 3.11 can lose a cancellation
                return await asyncio.wrap_future(call.answer)
        except TimeoutError:
            worker.abandon(call)
            raise DeviceError("device_timeout", f"{kind}.{verb}") from None
        except asyncio.CancelledError:
            worker.abandon(call)
            raise

    def feed(self, kind: Kind, text: str) -> bool:
        """Hands `text` to `take(text)` of the first device of this kind that has it; False without one.

        For what reaches the terminal by another way than the device's own wire, such as the window's key
        events of a scanner that is a keyboard. Called directly, from any thread.
        """
        for worker in self._of(kind):
            take = worker.taker()
            if take is not None:
                take(text)
                return True
        return False

    def _of(self, kind: Kind) -> list[DeviceWorker]:
        return [worker for worker in self._workers.values() if worker.settings.kind is kind]

    async def _watch(self) -> None:
        """Looks for drivers that hang."""
        while True:
            await asyncio.sleep(to_next(min(WATCH_SECONDS, self._pace.stuck)))
            for worker in self._workers.values():
                worker.tell_if_stuck()

    def _changed(self, name: str, kind: Kind, before: DeviceState, after: DeviceState) -> None:
        _log.info("device", device=name, availability=after.availability, faults=list(after.faults))
        loop = self._loop
        if loop is None or loop.is_closed():
            return

        def tell() -> None:
            self._news.set()
            for listener in self._listeners:
                listener(name, kind, before, after)

        try:
            loop.call_soon_threadsafe(tell)
        except RuntimeError:
            pass  # the terminal is closing: nobody listens any more
