"""How far a receipt is on paper for certain: blocks with a fence behind each.

A fence is a question that the printer answers when everything before it has been printed: `GS ( H`, or
`GS r 1` on models without it, which proves only that the buffer was worked off.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from drivers import escpos_status as escpos
from drivers.device import Deadline, DeviceError
from drivers.escpos_line import EscposLine

ASK_PAPER = b"\x1dr\x01"
_PROCESS_ID = b"\x1d(H\x06\x00\x30\x30"
_IN_FLIGHT = 2  # one block under the head, one waiting, so that the paper does not stop between blocks
_SILENCE = 0.5  # seconds without a word before the printer is asked how it is


@dataclass(frozen=True)
class Block:
    """Bytes that print together, and how far they move the paper, in dots."""

    data: bytes
    dots: int


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


@dataclass
class Progress:
    """Fences on their way, in order, and how many have come back."""

    ahead: deque[bytes] = field(default_factory=deque)
    passed: int = 0


class Fences:
    """The fences of one printer. `process_ids`: whether it knows `GS ( H`; None until it was tried."""

    def __init__(self, line: EscposLine, process_ids: bool | None) -> None:
        self._line = line
        self._process_ids = process_ids

    def learn(self, deadline: Deadline) -> None:
        """Finds out once which fences the model knows. DeviceError `device_timeout`.

        Asks for a process id and then for the paper: answers come in order, so a model that knows no
        process ids is found out by the second coming alone.
        """
        if self._process_ids is not None:
            return
        self._line.write(_PROCESS_ID + b"TRY " + ASK_PAPER, deadline)
        seen: list[escpos.Reply] = []

        def is_last(reply: escpos.Reply) -> bool:
            seen.append(reply)
            return isinstance(reply, escpos.Transmitted)

        if not self._line.wait(is_last, deadline):
            raise DeviceError("device_timeout", "no answer to a fence")
        self._process_ids = escpos.Fence(b"TRY ") in seen

    def send(
        self, blocks: Sequence[Block], end: bytes, job: bytes, progress: Progress, deadline: Deadline
    ) -> None:
        """Blocks, then `end` (the cut), each with its fence; returns when the last has come back.

        `job`, four printable bytes, names the last fence. `progress` is kept up to date, also when
        DeviceError ends it: the fault that stops the print, or `device_timeout`.
        """
        for number, block in enumerate(blocks):
            while len(progress.ahead) >= _IN_FLIGHT:
                self._pass(progress, deadline)
            name = job[:2] + bytes((0x21 + number // 90, 0x21 + number % 90))
            self._put(block.data, name, progress, deadline)
        self._put(end, job, progress, deadline)
        while progress.ahead:
            self._pass(progress, deadline)

    def _put(self, data: bytes, name: bytes, progress: Progress, deadline: Deadline) -> None:
        self._line.write(data + (_PROCESS_ID + name if self._process_ids else ASK_PAPER), deadline)
        progress.ahead.append(name)

    def _pass(self, progress: Progress, deadline: Deadline) -> None:
        """Waits for the next fence. DeviceError with the fault that stops the print, or `device_timeout`."""
        expected = progress.ahead[0]

        def is_next(reply: escpos.Reply) -> bool:
            if self._process_ids:
                return isinstance(reply, escpos.Fence) and reply.id == expected
            return isinstance(reply, escpos.Transmitted)

        while True:
            pause = Deadline(min(_SILENCE, deadline.left))
            if self._line.wait(is_next, pause, give_up=self._stopped_by):
                progress.ahead.popleft()
                progress.passed += 1
                return
            if fault := self._stopped_by():
                raise DeviceError(fault, "in the middle of a print")
            deadline.check("no answer to a fence")
            self._ask_or_give_up(deadline)

    def _ask_or_give_up(self, deadline: Deadline) -> None:
        """A model without automatic status must be asked; one that does not answer has fallen silent."""
        if self._line.carrying:
            return
        if not self._line.asking:
            for request in (1, 2, 3, 4):
                self._line.ask(request, deadline)
        elif self._line.silent:
            self._line.close()
            raise DeviceError("device_timeout", "fell silent in the middle of a print", lost=True)

    def _stopped_by(self) -> str | None:
        """The fault that ends a print; not judged while answers are outstanding."""
        return None if self._line.asking else escpos.stopping_fault(self._line.raw)
