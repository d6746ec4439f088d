"""Receipt printer with ESC/POS over TCP.

A receipt goes out in bands of 64 rows, each followed by a fence: a question that the printer
answers when everything before it has been printed. So after any mishap it is known how much
came out for certain, and what was left in the printer's buffer is thrown away before the
next person prints.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from config.devices import DeviceState
from drivers import escpos_status as escpos
from drivers.device import Deadline, DeviceError
from drivers.raster import RasterImage, without_realtime_commands
from drivers.wire import Wire, check_port, open_wire

BAND_ROWS = 64
_IN_FLIGHT = 2  # one band under the head, one waiting, so that the paper does not stop between bands
_SILENCE = 0.5  # seconds without a word before the printer is asked how it is

_INIT = b"\x1b@"
_ASB_ON = b"\x1da\x0e"  # GS a: online, error and paper changes
_CUT = b"\x1dV\x42\x00"  # GS V 66 0: feed to the knife and cut
_CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"  # DLE DC4 8: clear buffers
_ASK_PAPER = b"\x1dr\x01"


@dataclass(frozen=True)
class PrintOutcome:
    """How far a receipt got. `bands` of `total` are on paper for certain."""

    bands: int
    total: int
    begun: bool  # at least one byte may have reached the printer
    finished: bool  # cut, and the last fence answered


class ReceiptError(DeviceError):
    """A print that did not finish, with how far it certainly got."""

    def __init__(self, code: str, detail: str, outcome: PrintOutcome, *, lost: bool = False) -> None:
        super().__init__(code, detail, lost=lost)
        self.outcome = outcome


class ReceiptPrinter:
    """One printer at `port` ("host:9100"), `width` dots wide; `timeout` in seconds for all but printing.

    `fence` is "auto" (the printer is tried once), "process_id" (`GS ( H`) or "status" (`GS r 1`,
    which proves only that the buffer was worked off).
    """

    def __init__(self, *, port: str, width: int = 576, timeout: float = 3.0, fence: str = "auto") -> None:
        if fence not in ("auto", "process_id", "status"):
            raise DeviceError("device_misconfigured", f"fence {fence!r} is not auto, process_id or status")
        check_port(port)
        self._port = port
        self._wire: Wire | None = None
        self._width = width
        self._timeout = timeout
        self._process_ids = {"auto": None, "process_id": True, "status": False}[fence]
        self._replies = escpos.Demultiplexer()
        self._inbox: deque[escpos.Reply] = deque()
        self._raw = escpos.RawStatus()
        self._asked: deque[int] = deque()  # DLE EOT questions without an answer yet
        self._heard = time.monotonic()  # when the printer last said anything
        self._uncleared = True
        self._hanging = False  # part of a given-up receipt is still in the printer's mouth

    # ── the driver's contract ────────────────────────────────────────────────

    def open(self) -> None:
        """Connects, asks for the status and empties the buffer, which may hold a job of the time before.

        DeviceError `device_absent` when nobody listens, `device_timeout` when it does not answer.
        """
        deadline = Deadline(self._timeout)
        self.close()
        self._wire = open_wire(self._port, deadline)
        self._replies.reset()
        self._inbox.clear()
        self._asked.clear()
        self._uncleared = True
        self._ask_status(deadline)
        try:
            self.clear()
        except DeviceError as error:
            if error.lost:
                raise  # otherwise: stopped with a buffer that it cannot clear; status() says so

    def close(self) -> None:
        """Lets go; may be called twice; never raises."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()

    def status(self) -> DeviceState:
        """Paper, cover, cutter and whether a job was left in the buffer.

        DeviceError `device_timeout` (lost) when the printer says nothing within the time-out.
        """
        while data := self._line().read(Deadline(0)):
            self._inbox += self._replies.feed(data)
        self._ask_status(Deadline(self._timeout))
        return escpos.device_state(self._raw, uncleared=self._uncleared)

    # ── its verbs ────────────────────────────────────────────────────────────

    def print_image(self, image: RasterImage, job: bytes, timeout: float = 30.0) -> PrintOutcome:
        """Prints `image`, cuts, and returns when the printer has confirmed the cut.

        `job` is four printable ASCII bytes that name this print in the last fence. Raises
        ReceiptError with what is certainly on paper: a `receipt_…` code for what stopped it,
        `receipt_unfinished` when a fence is not answered within `timeout` seconds, the printer falls
        silent (lost), or an earlier job has not been cleared, `device_offline` (lost) when the
        connection is gone. After an error
        that had begun, `clear()` comes before the next print.
        """
        if len(job) != 4 or any(not 0x20 <= byte <= 0x7E for byte in job):
            raise ValueError("job must be four printable ASCII bytes")
        if image.width > self._width:
            raise DeviceError("device_misconfigured", f"{image.width} dots do not fit on {self._width}")
        deadline = Deadline(timeout)
        bands = without_realtime_commands(image).bands(BAND_ROWS)
        outcome = PrintOutcome(0, len(bands), begun=False, finished=False)
        try:
            self._require_ready(deadline)
        except DeviceError as error:
            raise ReceiptError(error.code, error.detail, outcome, lost=error.lost) from None
        self._uncleared = True
        progress = _Progress(deque())
        try:
            self._print_bands(bands, job, progress, deadline)
        except DeviceError as error:
            self._hanging = True
            outcome = replace(outcome, bands=min(progress.passed, len(bands)), begun=True)
            code = "receipt_unfinished" if error.code == "device_timeout" else error.code
            raise ReceiptError(code, error.detail, outcome, lost=error.lost) from None
        self._uncleared = self._hanging = False
        return PrintOutcome(len(bands), len(bands), begun=True, finished=True)

    def clear(self) -> bool:
        """Empties the printer's buffer, so that nothing of an earlier job comes out for the next person.

        True when the printer confirmed that it threw the buffer away. False for a model without
        that command: it was then seen to have worked off its buffer, so what was left is on paper.
        DeviceError `receipt_unfinished` when neither can be had now; the printer stays uncleared.
        """
        self._line().write(_CLEAR, Deadline(self._timeout))
        patience = Deadline(min(1.0, self._timeout))
        confirmed = self._wait(lambda reply: isinstance(reply, escpos.Cleared), patience)
        if confirmed:
            self._inbox.clear()  # what comes before this is of the time before
        self._line().write(_INIT + _ASB_ON, Deadline(self._timeout))
        if not confirmed:
            self._drained()
        self._uncleared = False
        return confirmed

    def cut(self, timeout: float = 5.0) -> None:
        """Feeds and cuts what hangs from the mouth; for a start after a crash in the middle of a print."""
        deadline = Deadline(timeout)
        self._require_ready(deadline)
        self._hanging = True
        self._cut_hanging(deadline)

    # ── inside ───────────────────────────────────────────────────────────────

    def _require_ready(self, deadline: Deadline) -> None:
        if self._uncleared:
            raise DeviceError("receipt_unfinished", "an earlier job has not been cleared")
        patience = Deadline(min(self._timeout, deadline.left))
        self._ask_status(patience)
        if fault := escpos.stopping_fault(self._raw):
            raise DeviceError(fault, "found before printing")
        if self._process_ids is None:
            self._process_ids = self._knows_process_ids(patience)

    def _print_bands(
        self, bands: list[RasterImage], job: bytes, progress: _Progress, deadline: Deadline
    ) -> None:
        if self._hanging:
            self._cut_hanging(deadline)
        for number, band in enumerate(bands):
            while len(progress.ahead) >= _IN_FLIGHT:
                self._pass_fence(progress, deadline)
            fence = job[:2] + bytes((0x21 + number // 90, 0x21 + number % 90))
            self._line().write(_band_bytes(band) + self._fence_bytes(fence), deadline)
            progress.ahead.append(fence)
        self._line().write(_CUT + self._fence_bytes(job), deadline)
        progress.ahead.append(job)
        while progress.ahead:
            self._pass_fence(progress, deadline)

    def _cut_hanging(self, deadline: Deadline) -> None:
        self._line().write(_CUT + self._fence_bytes(b"cut "), deadline)
        self._pass_fence(_Progress(deque((b"cut ",))), deadline)
        self._hanging = False

    def _pass_fence(self, progress: _Progress, deadline: Deadline) -> None:
        """Waits for the next fence. DeviceError with the fault that stops the print, or `device_timeout`."""
        expected = progress.ahead[0]

        def is_next(reply: escpos.Reply) -> bool:
            if self._process_ids:
                return isinstance(reply, escpos.Fence) and reply.id == expected
            return isinstance(reply, escpos.Transmitted)

        while True:
            pause = Deadline(min(_SILENCE, deadline.left))
            if self._wait(is_next, pause, give_up_on_fault=True):
                progress.ahead.popleft()
                progress.passed += 1
                return
            if fault := self._stopped_by():
                raise DeviceError(fault, "in the middle of a print")
            deadline.check("no answer to a fence")
            if not self._asked:  # a model without automatic status must be asked
                for request in (1, 2, 3, 4):
                    self._ask(request, deadline)
            elif time.monotonic() - self._heard > self._timeout:
                self.close()
                raise DeviceError("device_timeout", "fell silent in the middle of a print", lost=True)

    def _stopped_by(self) -> str | None:
        """The fault that ends a print. While answers are outstanding it is not judged: *offline* may have
        been told already, and its cause, the paper say, not yet."""
        return None if self._asked else escpos.stopping_fault(self._raw)

    def _fence_bytes(self, fence: bytes) -> bytes:
        return b"\x1d(H\x06\x00\x30\x30" + fence if self._process_ids else _ASK_PAPER

    def _knows_process_ids(self, deadline: Deadline) -> bool:
        """Asks for a process id and then for the paper: answers come in order, so a model that knows
        no process ids is found out by the second coming alone."""
        self._line().write(b"\x1d(H\x06\x00\x30\x30TRY " + _ASK_PAPER, deadline)
        seen: list[escpos.Reply] = []

        def is_last(reply: escpos.Reply) -> bool:
            seen.append(reply)
            return isinstance(reply, escpos.Transmitted)

        if not self._wait(is_last, deadline):
            raise DeviceError("device_timeout", "no answer to a fence")
        return escpos.Fence(b"TRY ") in seen

    def _drained(self) -> None:
        deadline = Deadline(self._timeout)
        self._ask_status(deadline)
        self._line().write(_ASK_PAPER, deadline)
        if not self._wait(lambda reply: isinstance(reply, escpos.Transmitted), deadline):
            self._uncleared = True
            raise DeviceError("receipt_unfinished", "the buffer is not empty and cannot be cleared")

    def _ask_status(self, deadline: Deadline) -> None:
        for request in (1, 2, 3, 4):
            self._ask(request, deadline)
            if not self._wait(lambda reply: not self._asked, deadline):
                self.close()
                raise DeviceError("device_timeout", "no answer to DLE EOT", lost=True)

    def _ask(self, request: int, deadline: Deadline) -> None:
        self._line().write(bytes((0x10, 0x04, request)), deadline)
        self._asked.append(request)

    def _wait(
        self,
        is_it: Callable[[escpos.Reply], bool],
        deadline: Deadline,
        give_up_on_fault: bool = False,
    ) -> bool:
        """True as soon as the awaited reply comes; all others on the way are taken note of."""
        while True:
            while self._inbox:
                reply = self._inbox.popleft()
                self._take(reply)
                if is_it(reply):
                    return True
                if give_up_on_fault and self._stopped_by():
                    return False
            if deadline.left <= 0:
                return False
            data = self._line().read(deadline)
            if data:
                self._heard = time.monotonic()
            self._inbox += self._replies.feed(data)

    def _line(self) -> Wire:
        if self._wire is None:
            raise DeviceError("device_offline", "not open", lost=True)
        return self._wire

    def _take(self, reply: escpos.Reply) -> None:
        match reply:
            case escpos.Asb():
                self._raw = escpos.with_asb(reply)
            case escpos.Realtime(byte) if self._asked:
                self._raw = escpos.with_realtime(self._raw, self._asked.popleft(), byte)
            case escpos.Transmitted(byte):
                self._raw = escpos.with_transmitted(self._raw, byte)
            case _:
                pass


@dataclass
class _Progress:
    """Fences on their way, in order, and how many have come back."""

    ahead: deque[bytes]
    passed: int = 0


def _band_bytes(band: RasterImage) -> bytes:
    """`GS v 0`: the band in normal size."""
    size = (band.row_bytes, band.height)
    return b"\x1dv0\x00" + b"".join(number.to_bytes(2, "little") for number in size) + band.bits
