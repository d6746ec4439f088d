"""One call of a device that somebody waits for, between the loop and the device's thread."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field
from typing import Any

from drivers.device import DeviceError


@dataclass(eq=False)
class Verb:
    """A driver's method by name and what it is called with. `seconds`: how long its caller waits.

    `abandoned` is set when nobody waits any more, be it before, while or after the driver runs it.
    """

    name: str
    arguments: tuple[Any, ...] = ()
    named: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 30.0
    answer: Future[Any] = field(default_factory=Future)
    abandoned: threading.Event = field(default_factory=threading.Event)

    def begin(self) -> bool:
        """False when nobody waits: then it must not run."""
        return not self.abandoned.is_set() and self.answer.set_running_or_notify_cancel()

    def settle(self, result: Any = None, error: DeviceError | None = None) -> None:
        """Answers, unless it has been answered or cancelled."""
        try:
            if error is not None:
                self.answer.set_exception(error)
            else:
                self.answer.set_result(result)
        except InvalidStateError:
            pass
