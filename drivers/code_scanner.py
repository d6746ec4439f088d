"""QR and bar-code scanners: on a serial line, or as a keyboard.

Most scanners answer no question, so an open line is all that can be known of them: it counts as online.
What was scanned before somebody asked belongs to nobody and is thrown away.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress

from config.devices import Availability, DeviceState
from drivers.code_frames import LONGEST, CodeFrames, terminator_of
from drivers.device import Deadline, DeviceError, check_seconds
from drivers.wire import Wire, check_port, drain, open_wire

OPENING = 2.0  # seconds
WRITING = 0.5
MOST_LONGEST = 65536  # characters of a code, whatever the settings say
CLEARING = 1.0  # a line that is never quiet is not waited for longer


class SerialCodeScanner:
    """A scanner on `port`. `terminator`: cr, lf, crlf, tab, etx or the characters themselves.

    `pause`: seconds of silence within a code after which it counts as torn. `prefix`, `suffix`: characters
    around each code that are taken off. `trigger`, `untrigger`: hex bytes that switch reading on and off,
    for scanners that wait to be told (Honeywell: `16 54 0D`, `16 55 0D`).
    """

    def __init__(
        self,
        *,
        port: str,
        baud: int = 9600,
        terminator: str | bytes = "cr",
        prefix: str = "",
        suffix: str = "",
        pause: float = 0.15,
        longest: int = LONGEST,
        trigger: str = "",
        untrigger: str = "",
    ) -> None:
        _check_longest(longest)
        check_seconds(pause=pause)
        check_port(port, baud)
        self._port, self._baud, self._pause = port, baud, pause
        self._trigger, self._untrigger = bytes.fromhex(trigger), bytes.fromhex(untrigger)
        self._frames = CodeFrames(
            terminator_of(terminator),
            pause=pause,
            prefix=prefix.encode(),
            suffix=suffix.encode(),
            longest=longest,
        )
        self._wire: Wire | None = None
        self._heard = 0.0  # when the last byte came
        self._codes = 0

    def open(self) -> None:
        """Takes the line. DeviceError `device_absent`."""
        self.close()
        self._wire = open_wire(self._port, Deadline(OPENING), baud=self._baud)

    def close(self) -> None:
        """Lets the line go; may be called twice; never raises."""
        if self._wire is not None:
            self._wire.close()
        self._wire = None
        self._frames.clear()

    def status(self) -> DeviceState:
        """Online as long as the line is up; asks nothing. DeviceError `device_offline` (lost)."""
        self._hear(Deadline(0))
        return DeviceState(Availability.ONLINE)

    def read_code(self, timeout: float, fresh: bool = True) -> str | None:
        """Waits up to `timeout` seconds for a code; None when none came.

        `fresh` forgets what was scanned before; without it the wait goes on where the last one ended.
        DeviceError `code_unreadable` when one came that is no text or too long, `device_offline` (lost).
        """
        deadline = Deadline(timeout)
        if fresh:
            self._clear()
        self._say(self._trigger)
        try:
            return self._wait(deadline)
        finally:
            with suppress(DeviceError):  # a line that has gone needs no switching off
                self._say(self._untrigger)

    def reset(self) -> None:
        """Forgets what was scanned and stops reading. DeviceError `device_offline` (lost)."""
        self._say(self._untrigger)
        self._clear()

    def counts(self) -> Mapping[str, int]:
        """`codes`: how many have been read."""
        return {"codes": self._codes}

    def _wait(self, deadline: Deadline) -> str | None:
        late = False
        while (code := self._frames.take()) is None:
            if late:
                return None
            late = deadline.left <= 0  # then one look more, and no other: some lines never fall quiet
            self._hear(deadline)
        self._codes += 1
        return code

    def _hear(self, deadline: Deadline) -> bool:
        data = self._line().read(deadline)
        now = time.monotonic()
        if data:
            self._frames.feed(data, now)
            self._heard = now
        return bool(data)

    def _clear(self) -> None:
        """Empties the line. A code whose first bytes are here is waited out, or its rest would be a code."""
        if self._hear(Deadline(0)) or time.monotonic() - self._heard < self._pause:
            drain(self._line(), self._pause, Deadline(CLEARING))
        self._frames.clear()

    def _say(self, command: bytes) -> None:
        if command:
            self._line().write(command, Deadline(WRITING))

    def _line(self) -> Wire:
        if self._wire is None:
            raise DeviceError("device_offline", "not open", lost=True)
        return self._wire


class KeyboardCodeScanner:
    """A scanner that types. The window catches its keys and the core hands the text to `take`.

    Nothing can be known of such a scanner, not even that it is there: it always counts as online.
    """

    def __init__(self, *, longest: int = LONGEST) -> None:
        _check_longest(longest)
        self._longest = longest
        self._news = threading.Condition()  # guards what stands below
        self._scanned: deque[str] = deque(maxlen=8)
        self._codes = 0

    def open(self) -> None:
        """There is nothing to take hold of."""
        self._forget()

    def close(self) -> None:
        """Forgets what was scanned; may be called twice; never raises."""
        self._forget()

    def status(self) -> DeviceState:
        """Always online: a keyboard cannot be asked."""
        return DeviceState(Availability.ONLINE)

    def take(self, text: str) -> None:
        """What was scanned just now; from any thread, while `read_code` waits or not."""
        with self._news:
            self._scanned.append(text)
            self._news.notify_all()

    def read_code(self, timeout: float, fresh: bool = True) -> str | None:
        """Waits up to `timeout` seconds for a code; None when none came. `fresh` forgets earlier ones.

        DeviceError `code_unreadable` when one came that is too long.
        """
        with self._news:
            if fresh:
                self._scanned.clear()
            if not self._news.wait_for(lambda: self._scanned, timeout):
                return None
            code = self._scanned.popleft()
            if len(code) > self._longest:
                raise DeviceError("code_unreadable", f"a code of more than {self._longest} characters")
            self._codes += 1
            return code

    def reset(self) -> None:
        """Forgets what was scanned."""
        self._forget()

    def counts(self) -> Mapping[str, int]:
        """`codes`: how many have been read."""
        return {"codes": self._codes}

    def _forget(self) -> None:
        with self._news:
            self._scanned.clear()


def _check_longest(longest: int) -> None:
    if not 0 < longest <= MOST_LONGEST:
        raise ValueError(f"longest is 1 to {MOST_LONGEST}")
