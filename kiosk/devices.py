"""The supervisor: one worker thread per device, and its verbs as awaitables.

A worker opens its device, polls it, debounces (gone only after three misses),
reopens with back-off, and runs verbs one at a time. A verb that nobody waits
for any more (its session was cancelled) has its answer dropped, and the device
is reset before the next verb, so that nobody is shown another's card.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from config.devices import Availability, DeviceState, Kind
from config.settings import DeviceSettings
from drivers import registry
from drivers.device import Device, DeviceError

MISSES = 3  # status calls that must fail in a row before a device counts as gone
FIRST_BACK_OFF, LAST_BACK_OFF = 0.3, 10.0  # seconds between attempts to reopen
_log = structlog.get_logger("kiosk.devices")

StateListener = Callable[[str, Kind, DeviceState, DeviceState], None]  # name, kind, before, after


@dataclass(frozen=True)
class _Verb:
    """One call that waits for the worker."""

    name: str
    arguments: tuple[Any, ...]
    named: Mapping[str, Any]
    answer: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop
    abandoned: threading.Event


class _Worker:
    """Owns one device and its thread."""

    def __init__(
        self,
        name: str,
        settings: DeviceSettings,
        make: Callable[[DeviceSettings], Device],
        changed: StateListener,
    ) -> None:
        self.name, self.settings, self.state = name, settings, DeviceState()
        self._make, self._changed = make, changed
        self._device: Device | None = None
        self._verbs: queue.Queue[_Verb | None] = queue.Queue()
        self._misses, self._dirty = 0, False
        self._back_off, self._reopen_at = FIRST_BACK_OFF, 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"device-{name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Asks the worker to end. The device is closed on its own thread."""
        self._stopping.set()
        self._verbs.put(None)

    def join(self, seconds: float) -> bool:
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def put(self, verb: _Verb) -> None:
        self._verbs.put(verb)

    def _run(self) -> None:
        next_poll = 0.0
        while not self._stopping.is_set():
            if self._device is None:
                self._try_open()
            wake = self._reopen_at if self._device is None else next_poll
            try:
                verb = self._verbs.get(timeout=max(0.0, wake - time.monotonic()))
            except queue.Empty:
                verb = None
            if verb is not None:
                self._do(verb)
            elif self._device is not None and time.monotonic() >= next_poll:
                self._poll()
                next_poll = time.monotonic() + (0.4 if self._misses else self.settings.poll_seconds)
        self._let_go()
        self._refuse_waiting()

    def _try_open(self) -> None:
        if time.monotonic() < self._reopen_at:
            return
        device: Device | None = None
        try:
            device = self._make(self.settings)
            device.open()
            state = device.status()
        except Exception as error:
            if device is not None:
                device.close()
            self._missed(self._coded(error, "open"))
            self._reopen_at = time.monotonic() + self._back_off * random.uniform(0.8, 1.2)
            self._back_off = min(LAST_BACK_OFF, self._back_off * 2)
            return
        self._device, self._misses, self._back_off, self._dirty = device, 0, FIRST_BACK_OFF, False
        self._set(state)

    def _poll(self) -> None:
        assert self._device is not None
        try:
            state = self._device.status()
        except Exception as error:
            self._missed(self._coded(error, "status"))
            return
        self._misses = 0
        self._set(state)

    def _coded(self, error: Exception, doing: str) -> DeviceError:
        """A driver's own mistake as a coded error: it must not end its worker."""
        if isinstance(error, DeviceError):
            return error
        _log.error("driver failed", device=self.name, verb=doing, error=type(error).__name__)
        return DeviceError("terminal_internal", f"{self.name}.{doing}", lost=True)

    def _missed(self, error: DeviceError) -> None:
        """Counts a failed call; after MISSES the device is gone, before that nothing is said."""
        self._misses += 1
        if error.lost or self._misses >= MISSES:
            self._let_go()
        if self._misses >= MISSES or self.state.availability is Availability.UNKNOWN:
            gone = Availability.ABSENT if error.code == "device_absent" else Availability.OFFLINE
            if error.code == "device_misconfigured":
                gone = Availability.FAULT
            if self._misses >= MISSES or error.code in ("device_absent", "device_misconfigured"):
                self._set(DeviceState(gone, faults=(error.code,), detail=error.detail))

    def _let_go(self) -> None:
        if self._device is not None:
            self._device.close()
            self._device = None

    def _do(self, verb: _Verb) -> None:
        if verb.abandoned.is_set():
            return
        try:
            if self._device is None:
                raise DeviceError(self.state.faults[0] if self.state.faults else "device_absent", self.name)
            if self._dirty:
                self._clean()
            result = getattr(self._device, verb.name)(*verb.arguments, **verb.named)
        except Exception as error:
            coded = self._coded(error, verb.name)
            self._dirty = self._dirty or coded is not error
            if coded.lost and coded is error:
                self._missed(coded)
            self._answer(verb, error=coded)
        else:
            self._answer(verb, result=result)
        if verb.abandoned.is_set():
            self._dirty = True

    def _clean(self) -> None:
        """Resets the device after an abandoned verb, by its own `reset` or by opening it anew."""
        assert self._device is not None
        reset = getattr(self._device, "reset", None)
        if reset is not None:
            reset()
        else:
            self._device.close()
            self._device.open()
        self._dirty = False

    def _answer(self, verb: _Verb, result: Any = None, error: DeviceError | None = None) -> None:
        def settle() -> None:
            if verb.answer.done():
                return
            if error is not None:
                verb.answer.set_exception(error)
            else:
                verb.answer.set_result(result)

        try:
            verb.loop.call_soon_threadsafe(settle)
        except RuntimeError:  # the loop has closed: nobody waits any more
            self._dirty = True

    def _refuse_waiting(self) -> None:
        while True:
            try:
                verb = self._verbs.get_nowait()
            except queue.Empty:
                return
            if verb is not None:
                self._answer(verb, error=DeviceError("device_offline", self.name))

    def _set(self, state: DeviceState) -> None:
        before, self.state = self.state, state
        if before != state:
            self._changed(self.name, self.settings.kind, before, state)


class Devices:
    """All devices of the terminal. Made, started and closed on the core's loop."""

    def __init__(
        self,
        settings: Mapping[str, DeviceSettings],
        make: Callable[[DeviceSettings], Device] = registry.make,
    ) -> None:
        self._listeners: list[StateListener] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = asyncio.Event()  # a state has changed
        self._workers = {name: _Worker(name, one, make, self._changed) for name, one in settings.items()}

    def start(self) -> None:
        """Starts the workers; devices open behind the home page."""
        self._loop = asyncio.get_running_loop()
        for worker in self._workers.values():
            worker.start()

    async def close(self) -> None:
        """Ends the workers and closes the devices; bounded by the drivers' own time-outs."""
        for worker in self._workers.values():
            worker.stop()
        for worker in self._workers.values():
            if not await asyncio.to_thread(worker.join, 10.0):
                _log.error("device worker did not end", device=worker.name)

    def on_change(self, listener: StateListener) -> None:
        """Calls `listener` on the loop at each change of a device's state, never at mere polls."""
        self._listeners.append(listener)

    def states(self) -> dict[str, tuple[Kind, DeviceState]]:
        """The state of each device by name."""
        return {name: (worker.settings.kind, worker.state) for name, worker in self._workers.items()}

    def has(self, kind: Kind) -> bool:
        """True when the terminal is set up with a device of this kind."""
        return any(worker.settings.kind is kind for worker in self._workers.values())

    def ready(self, kind: Kind) -> bool:
        """True when a device of this kind may be used now."""
        return any(kind is k and state.ready for k, state in self.states().values())

    async def becomes_ready(self, kind: Kind, seconds: float) -> bool:
        """Waits for a device that still opens or comes back; False when it does not within `seconds`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.has(kind) and not self.ready(kind):
                    self._news.clear()
                    await self._news.wait()
        return self.ready(kind)

    def fault(self, kind: Kind) -> str:
        """Why the kind is not ready: a code of faults.toml; `device_absent` when there is none."""
        for k, state in self.states().values():
            if k is kind and not state.ready:
                return state.faults[0] if state.faults else "device_offline"
        return "" if self.has(kind) else "device_absent"

    async def call(self, kind: Kind, verb: str, *arguments: Any, seconds: float = 30.0, **named: Any) -> Any:
        """Runs a verb of the first device of this kind.

        Raises DeviceError of the driver, or `device_timeout` after `seconds`.
        When cancelled, the late answer is dropped and the device is reset
        before its next verb.
        """
        worker = next((w for w in self._workers.values() if w.settings.kind is kind), None)
        if worker is None:
            raise DeviceError("device_absent", kind)
        loop = asyncio.get_running_loop()
        call = _Verb(verb, arguments, named, loop.create_future(), loop, threading.Event())
        worker.put(call)
        try:
            async with asyncio.timeout(seconds):  # wait_for of Python 3.11 can lose a cancellation
                return await call.answer
        except TimeoutError:
            call.abandoned.set()
            raise DeviceError("device_timeout", f"{kind}.{verb}") from None
        except asyncio.CancelledError:
            call.abandoned.set()
            raise

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
