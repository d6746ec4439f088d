"""Calls of a driver, one at a time: ones that never end are noticed, errors come coded."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import structlog

from drivers.device import DeviceError

_log = structlog.get_logger("kiosk.devices.devices")


class DriverCalls:
    """The calls of one device. `patience`: seconds beyond a call's time-out after which it is stuck.

    `ask` belongs to the device's thread, all else to any.
    """

    def __init__(self, device: str, patience: float) -> None:
        self._device, self._patience = device, patience
        self._gate = threading.Lock()
        self._due = float("inf")  # when the call under way should have ended
        self._stuck = False

    @property
    def stuck(self) -> bool:
        """True while a call has been declared stuck and has not come back."""
        return self._stuck

    def overdue(self) -> bool:
        """True when the call under way ought to have ended long ago and nobody has been told yet."""
        return not self._stuck and time.monotonic() > self._due + self._patience

    def declare_stuck(self) -> bool:
        """True when the call under way is stuck from now on; False when it was not overdue."""
        with self._gate:
            if self.overdue():
                self._stuck = True
                return True
            return False

    def ask(self, doing: str, call: Callable[[], Any], seconds: float) -> Any:
        """One call, which should take no longer than `seconds`.

        DeviceError of the driver; `terminal_internal` for anything else that it raises, since a driver's
        own mistake must not end its thread; `device_stuck` (lost) when it comes back after having been
        declared stuck: whatever it says then, the device must be opened anew.
        """
        with self._gate:
            self._due = time.monotonic() + seconds
        try:
            result = call()
        except DeviceError:
            self._check_not_stuck(doing)
            raise
        except BaseException as error:
            self._check_not_stuck(doing)
            raise self.own_mistake(error, doing) from error
        self._check_not_stuck(doing)
        return result

    def own_mistake(self, error: BaseException, doing: str) -> DeviceError:
        """An error that a driver should not have raised, logged by its type alone, as a coded one."""
        _log.error("driver failed", device=self._device, verb=doing, error=type(error).__name__)
        return DeviceError("terminal_internal", f"{self._device}.{doing}", lost=True)

    def _check_not_stuck(self, doing: str) -> None:
        with self._gate:
            self._due, was_stuck, self._stuck = float("inf"), self._stuck, False
        if was_stuck:
            _log.warning("driver no longer stuck", device=self._device, verb=doing)
            raise DeviceError("device_stuck", f"{self._device}.{doing}", lost=True)
