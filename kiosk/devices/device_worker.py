"""One device and its thread: opens it, polls it, debounces, reopens with back-off, runs verbs one at a time.

A verb that nobody waits for any more has its answer dropped, and the device is made clean (`reset()`, else
closed and opened) before anything else is asked of it: nobody is shown another's card. It knows no event
loop: answers are `concurrent.futures.Future`s, news go to the two functions that it was given.
"""

from __future__ import annotations

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
from drivers.device import Device, DeviceError
from kiosk.devices.device_verb import Verb
from kiosk.devices.driver_calls import DriverCalls
from kiosk.in_step import to_next

_log = structlog.get_logger("kiosk.devices.devices")
_AT_ONCE = ("device_absent", "device_misconfigured")  # told at the first miss of a device never seen

Changed = Callable[[str, Kind, DeviceState, DeviceState], None]  # name, kind, before, after
Counted = Callable[[str, Mapping[str, int]], None]  # name, what has been added to its counters


@dataclass(frozen=True)
class Pace:
    """How patient a worker is. Seconds but for `misses`."""

    misses: int = 3  # calls that must fail in a row before a device counts as gone
    missed_poll: float = 0.4  # until the next look at a device that has missed one
    first_back_off: float = 0.3  # between attempts to reopen: doubled at each, ± 20 %
    last_back_off: float = 10.0
    call: float = 20.0  # the time-out of open, status, reset and close
    stuck: float = 20.0  # beyond a call's time-out, after which its thread counts as stuck


USUAL = Pace()


class DeviceWorker:
    """Owns one device and its thread. What stands before `_run` may be called from any thread."""

    def __init__(
        self,
        name: str,
        settings: DeviceSettings,
        make: Callable[[DeviceSettings], Device],
        changed: Changed,
        counted: Counted = lambda name, grown: None,
        pace: Pace = USUAL,
    ) -> None:
        self.name, self.settings, self.state = name, settings, DeviceState()
        self._make, self._changed, self._tell_counted, self._pace = make, changed, counted, pace
        self._calls = DriverCalls(name, pace.stuck)
        self._device: Device | None = None
        self._queue: queue.Queue[Verb | None] = queue.Queue()  # None: look around you
        self._misses, self._back_off = 0, pace.first_back_off
        self._next_poll = self._reopen_at = 0.0
        self._refused = ""  # code of the last attempt to open
        self._dirty = False
        self._last: threading.Event | None = None  # of the last verb that was answered: abandoned since?
        self._counted: Mapping[str, int] = {}
        self._stopping = threading.Event()
        self._gate = threading.Lock()  # guards the three below and `state`
        self._ended = False
        self._running: Verb | None = None
        self._thread = threading.Thread(target=self._run, name=f"device-{name}", daemon=True)

    def start(self) -> None:
        """Starts the thread, once; the device opens on it."""
        if self._thread.ident is None:
            self._thread.start()

    def stop(self) -> None:
        """Asks the worker to end. The device is closed on its own thread."""
        self._stopping.set()
        self._queue.put(None)

    def join(self, seconds: float) -> bool:
        """True when the worker has ended within `seconds`."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def put(self, verb: Verb) -> None:
        """Hands in a verb. In vain, it hears DeviceError `device_stuck` or `device_offline` at once."""
        with self._gate:
            refused = "device_stuck" if self._calls.stuck else "device_offline" if self._ended else ""
            if not refused:
                self._queue.put(verb)
        if refused:
            verb.settle(error=DeviceError(refused, self.name))

    def abandon(self, verb: Verb) -> None:
        """Nobody waits for `verb` any more: if it has begun, the device is made clean after it."""
        verb.abandoned.set()
        self._queue.put(None)

    def taker(self) -> Callable[[str], None] | None:
        """The device's own `take(text)`, which may be called from any thread; None when it has none."""
        return getattr(self._device, "take", None)

    def offers(self, verb: str) -> bool:
        """True when the device is open and its driver has this verb."""
        return callable(getattr(self._device, verb, None))

    @property
    def stuck(self) -> bool:
        """True while a call of the driver is far beyond its time-out."""
        return self._calls.stuck

    def tell_if_stuck(self) -> None:
        """Once, when a call of the driver is far beyond its time-out.

        Whoever waits hears `device_stuck`, as do all who call until it comes back.
        """
        with self._gate:
            if not self._calls.declare_stuck():
                return
            running, waiting = self._running, self._waiting()
        for verb in [running, *waiting] if running else waiting:
            verb.settle(error=DeviceError("device_stuck", f"{self.name}.{verb.name}"))
        _log.error("driver stuck", device=self.name, verb=running.name if running else "")
        self._set(DeviceState(Availability.FAULT, faults=("device_stuck",)))

    # ── the thread ──────────────────────────────────────────────────────────
    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._turn()
            except Exception as error:  # our own mistake: the device must not be lost for it
                _log.error("device worker failed", device=self.name, error=type(error).__name__)
                self._stopping.wait(self._pace.missed_poll)
        self._let_go()
        with self._gate:
            self._ended, waiting = True, self._waiting()
        for verb in waiting:
            verb.settle(error=DeviceError("device_offline", self.name))

    def _turn(self) -> None:
        """One round. Its own function, so that no verb with somebody's data outlives it."""
        if self._device is None and time.monotonic() >= self._reopen_at:
            self._try_open()
        wake = self._reopen_at if self._device is None else self._next_poll
        try:
            verb = self._queue.get(timeout=max(0.0, wake - time.monotonic()))
        except queue.Empty:
            verb = None
        if verb is not None:
            self._do(verb)
        elif self._device is not None and time.monotonic() >= self._next_poll:
            self._poll(self._device)
        self._clean()

    def _try_open(self) -> None:
        try:
            device: Device = self._ask("open", lambda: self._make(self.settings))
            self._device, self._counted = device, {}
            self._ask("open", device.open)
            state = self._ask_status(device)
        except DeviceError as error:
            self._let_go()
            if error.code != self._refused:  # a device that is away for a week has failed once
                self._refused = error.code
                self._failed(error)
            self._missed(error)
            self._reopen_at = time.monotonic() + self._back_off * random.uniform(0.8, 1.2)
            self._back_off = min(self._pace.last_back_off, self._back_off * 2)
        else:
            self._misses, self._back_off, self._refused = 0, self._pace.first_back_off, ""
            self._dirty = False
            self._next_poll = time.monotonic() + self.settings.poll_seconds
            self._set(state)

    def _poll(self, device: Device) -> None:
        try:
            state = self._ask_status(device)
        except DeviceError as error:
            self._failed(error)
            self._missed(error)
        else:
            self._misses = 0
            self._set(state)
        self._count()
        pause = self._pace.missed_poll if self._misses else to_next(self.settings.poll_seconds)
        self._next_poll = time.monotonic() + pause

    def _do(self, verb: Verb) -> None:
        if not verb.begin():
            return
        with self._gate:
            self._running = verb
        try:
            self._clean()
            if self._device is None and self.state.ready:  # it was lost a moment ago, and somebody wants it
                self._try_open()
            if not (verb.answer.done() or verb.abandoned.is_set()):  # that may have taken too long
                self._run_verb(verb)
        finally:
            with self._gate:
                self._running = None
            verb.settle(error=DeviceError("terminal_internal", self.name))  # if a mistake of ours kept it

    def _run_verb(self, verb: Verb) -> None:
        try:
            verb.settle(self._called(verb))
            self._misses = 0
        except DeviceError as error:
            self._failed(error)
            if error.code == "terminal_internal":
                self._dirty = True
            elif error.lost:
                self._missed(error)
            verb.settle(error=error)
        self._last = verb.abandoned if self._device is not None else None  # what is gone leaves nothing
        self._count()

    def _called(self, verb: Verb) -> Any:
        device = self._device
        if device is None:
            raise DeviceError(self.state.faults[0] if self.state.faults else "device_offline", self.name)
        call = getattr(device, verb.name, None)
        if call is None:
            raise DeviceError("device_misconfigured", f"{self.settings.driver} has no verb {verb.name}")
        return self._ask(verb.name, lambda: call(*verb.arguments, **verb.named), verb.seconds)

    def _clean(self) -> None:
        """After an abandoned verb: the device's own `reset`, else closed and opened; nothing otherwise.

        One that cannot be reset is let go of and opened anew: what opens is clean.
        """
        if self._last is not None and self._last.is_set():
            self._dirty, self._last = True, None
        device = self._device
        if not self._dirty or device is None:
            return
        reset = getattr(device, "reset", None)
        try:
            if reset is None:
                self._let_go()
                self._try_open()
            else:
                self._ask("reset", reset)
                self._dirty = False
        except DeviceError as error:
            self._failed(error)
            self._let_go()
            self._reopen_at = 0.0
        self._count()

    def _missed(self, error: DeviceError) -> None:
        """Counts a failed call; after `misses` the device is gone, before that nothing is said."""
        self._misses += 1
        gone = self._misses >= self._pace.misses
        if error.lost or gone:
            self._let_go()
        never_seen = self.state.availability is Availability.UNKNOWN
        if gone or (never_seen and error.code in _AT_ONCE):
            self._set(_gone(error))

    def _let_go(self) -> None:
        self._count()
        device, self._device, self._dirty, self._last = self._device, None, False, None
        if device is not None:
            try:
                self._ask("close", device.close)
            except DeviceError:
                pass  # it has been logged, and there is nothing left to let go of

    def _ask(self, doing: str, call: Callable[[], Any], seconds: float | None = None) -> Any:
        return self._calls.ask(doing, call, self._pace.call if seconds is None else seconds)

    def _ask_status(self, device: Device) -> DeviceState:
        state: object = self._ask("status", device.status)
        if isinstance(state, DeviceState):
            return state
        raise self._calls.own_mistake(TypeError(), "status")

    def _count(self) -> None:
        """Takes what the driver's own counters have grown by since they were last looked at."""
        counts = getattr(self._device, "counts", None)
        if counts is None:
            return
        try:
            now = dict(counts())
            grown = {k: n - self._counted.get(k, 0) for k, n in now.items() if n > self._counted.get(k, 0)}
        except Exception as error:
            self._calls.own_mistake(error, "counts")
            return
        self._counted = now
        if grown:
            self._tell_counted(self.name, grown)

    def _failed(self, error: DeviceError) -> None:
        self._tell_counted(self.name, {f"failed:{error.code}": 1})

    def _waiting(self) -> list[Verb]:
        """Empties the queue; under the gate."""
        waiting = []
        while not self._queue.empty():
            verb = self._queue.get()
            if verb is not None:
                waiting.append(verb)
        return waiting

    def _set(self, state: DeviceState) -> None:
        with self._gate:
            stale = self._calls.stuck != (state.faults == ("device_stuck",))
            if stale or state == self.state:
                return
            before, self.state = self.state, state
        self._changed(self.name, self.settings.kind, before, state)


def _gone(error: DeviceError) -> DeviceState:
    """How a device is that does not answer. *Unknown* it is only before the first look."""
    gone = {"device_absent": Availability.ABSENT, "device_misconfigured": Availability.FAULT}
    availability = gone.get(error.code, Availability.OFFLINE)
    return DeviceState(availability, faults=(error.code,), detail=error.detail)
