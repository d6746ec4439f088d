"""The conversation with an ESC/POS printer: bytes out, whole replies in, and what they tell of its state.

It knows no receipt. On a slow serial line it keeps account of the bytes that are still on their way, since
a question behind a band of picture is answered only when the line has carried the band.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from drivers import escpos_status as escpos
from drivers.device import Deadline, DeviceError, check_seconds
from drivers.wire import FLOWS, Wire, check_port, drain, open_wire, seconds_a_byte

_QUIET = 0.05  # seconds without a byte after which nothing of the time before is on its way


class EscposLine:
    """One line to one printer at `port`; `timeout` in seconds is how long it may say nothing when asked."""

    def __init__(self, port: str, baud: int, flow: str, timeout: float) -> None:
        check_seconds(timeout=timeout)
        check_port(port, baud)
        if flow not in FLOWS:
            raise DeviceError("device_misconfigured", f"flow {flow!r} is none of {', '.join(FLOWS)}")
        self.raw = escpos.RawStatus()
        self.timeout = timeout
        self.byte_seconds = seconds_a_byte(port, baud)
        self._port, self._baud, self._flow = port, baud, flow
        self._wire: Wire | None = None
        self._replies = escpos.Demultiplexer()
        self._inbox: deque[escpos.Reply] = deque()
        self._asked: deque[int] = deque()  # DLE EOT questions without an answer yet
        self._heard = 0.0  # when the printer last said anything
        self._carried = 0.0  # when the line will have carried all that was written

    @property
    def asking(self) -> bool:
        """Whether an answer is outstanding. While one is, the state is not judged: *offline* may have been
        told already, and its cause, the paper say, not yet."""
        return bool(self._asked)

    @property
    def silent(self) -> bool:
        """Whether it has said nothing for the whole time-out, the line's own time not counted."""
        return time.monotonic() - max(self._heard, self._carried) > self.timeout

    @property
    def carrying(self) -> float:
        """Seconds that the line still needs for what was written."""
        return max(0.0, self._carried - time.monotonic())

    def patience(self, seconds: float | None = None) -> Deadline:
        """A deadline of `seconds` (the time-out) from when the line has carried what was written."""
        return Deadline((self.timeout if seconds is None else seconds) + self.carrying)

    # ── holding and letting go ───────────────────────────────────────────────

    def open(self) -> None:
        """Takes hold of the line; what arrives of the time before is thrown away.

        DeviceError `device_absent` when nothing is there.
        """
        self.close()
        deadline = Deadline(self.timeout)
        self._wire = open_wire(self._port, deadline, baud=self._baud, flow=self._flow)
        self.raw = escpos.RawStatus()
        self._replies.reset()
        self._inbox.clear()
        self._asked.clear()
        self._heard = self._carried = time.monotonic()
        drain(self._wire, _QUIET, deadline)

    def close(self) -> None:
        """Lets go; may be called twice; never raises."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()

    # ── asking and hearing ───────────────────────────────────────────────────

    def write(self, data: bytes, deadline: Deadline) -> None:
        """Hands over all of `data`. DeviceError as `Wire.write`; `device_offline` (lost) when not open."""
        wire = self._held()
        self._carried = max(time.monotonic(), self._carried) + len(data) * self.byte_seconds
        wire.write(data, deadline)

    def ask(self, request: int, deadline: Deadline) -> None:
        """`DLE EOT request`, without waiting for its answer."""
        self.catch_up()  # an answer to nothing must not be taken for this one's
        self.write(bytes((0x10, 0x04, request)), deadline)
        self._asked.append(request)

    def ask_status(self, deadline: Deadline) -> None:
        """The whole state, one question after the other.

        DeviceError `device_timeout` (lost): an answer did not come, so that a later one could be another's.
        """
        for request in (1, 2, 3, 4):
            self.ask(request, deadline)
            if not self.wait(lambda reply: not self._asked, deadline):
                self.close()
                raise DeviceError("device_timeout", "no answer to DLE EOT", lost=True)

    def wait(
        self,
        is_it: Callable[[escpos.Reply], bool],
        deadline: Deadline,
        give_up: Callable[[], object] = lambda: False,
    ) -> bool:
        """True as soon as the awaited reply comes; all others on the way are taken note of.

        False at the deadline, or when after a reply there is a reason to `give_up`.
        """
        while True:
            while self._inbox:
                reply = self._inbox.popleft()
                self._take(reply)
                if is_it(reply):
                    return True
                if give_up():
                    return False
            if deadline.left <= 0:
                return False
            self._read(deadline)

    def wait_full(self, deadline: Deadline) -> escpos.Full | None:
        """The answer to a question for the full status, asked before; None when it does not come."""
        heard: list[escpos.Full] = []

        def is_it(reply: escpos.Reply) -> bool:
            if isinstance(reply, escpos.Full):
                heard.append(reply)
            return bool(heard)

        self._replies.expect_full()
        self.wait(is_it, deadline)
        return heard[0] if heard else None

    def catch_up(self) -> None:
        """Takes note of what has arrived, without waiting; for the time-out at most, should it babble."""
        deadline = Deadline(self.timeout)
        while self._read(Deadline(0)) and deadline.left > 0:
            pass
        while self._inbox:
            self._take(self._inbox.popleft())

    def forget(self) -> None:
        """Throws away what has arrived but was not looked at: it is of the time before."""
        self._inbox.clear()

    def _read(self, deadline: Deadline) -> bool:
        data = self._held().read(deadline)
        if data:
            self._heard = time.monotonic()
        self._inbox += self._replies.feed(data)
        return bool(data)

    def _take(self, reply: escpos.Reply) -> None:
        match reply:
            case escpos.Asb():
                self.raw = escpos.with_asb(reply)
            case escpos.Realtime(byte) if self._asked:
                self.raw = escpos.with_realtime(self.raw, self._asked.popleft(), byte)
            case escpos.Transmitted(byte):
                self.raw = escpos.with_transmitted(self.raw, byte)
            case _:
                pass

    def _held(self) -> Wire:
        if self._wire is None:
            raise DeviceError("device_offline", "not open", lost=True)
        return self._wire
