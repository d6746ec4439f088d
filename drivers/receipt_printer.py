"""Receipt printer with ESC/POS, over a serial line, USB or TCP, as its port is spelled.

A receipt goes out in bands of 64 rows, or a few lines of text, each followed by a fence (`receipt_fences`).
So after any mishap it is known how much came out for certain, and what was left in the printer's buffer is
thrown away before the next person prints.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from config.devices import DeviceState, Media
from drivers import escpos_status as escpos
from drivers import receipt_text
from drivers.device import Deadline, DeviceError
from drivers.escpos_line import EscposLine
from drivers.presenter import Presenter, mouth_of, presenter_of
from drivers.raster import RasterImage, without_realtime_commands
from drivers.receipt_fences import ASK_PAPER, Block, Fences, PrintOutcome, Progress, ReceiptError

BAND_ROWS = 64
DOTS_A_MM = 8  # 203 dpi

_LEAST_WIDTH, _MOST_WIDTH = 192, 4096  # dots: 24 mm of paper, and more than any head has

_INIT = b"\x1b@"
_ASB_ON = b"\x1da\x0e"  # GS a: online, error and paper changes
_CUT = b"\x1dV\x42\x00"  # GS V 66 0: feed to the knife and cut
_TO_KNIFE = 96  # dots from head to knife, about
_CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"  # DLE DC4 8: clear buffers
_ASK_CUTS = b"\x1dg2\x00\xb2\x00"  # GS g 2, counter 178: cuts since it was made, not to be reset
_ANSWER_SECONDS = 1.0  # for a count, which a model that does not know the question never gives
_CLEAR_SECONDS = 1.0  # for its answer, which a model that does not know it never gives
_SETTLED_SECONDS = 0.3  # without another answer, nothing of an earlier job is left; a band takes 0.06
_MOUTH_SECONDS, _MOUTH_POLL = 0.5, 0.2


class ReceiptPrinter:
    """One printer at `port` (see `drivers/wire.py`), `width` dots wide.

    `timeout`: seconds for all but printing; what a slow line needs for the bytes themselves comes on top.
    `baud` and `flow` (none, rtscts, xonxoff) count on serial lines alone. `fence` is "auto" (the printer is
    tried once), "process_id" (`GS ( H`) or "status" (`GS r 1`). `text` prefers GB18030 text to pictures, for
    slow lines. `presenter` names one of `drivers/presenter.py` or spells its bytes. `cut_counter` "no" never
    asks for the count of cuts: for models that cut by themselves when paper is put in, as most with a
    presenter do, for which "auto" is "no"; for all others it is "yes".
    """

    def __init__(
        self,
        *,
        port: str,
        baud: int = 115200,
        flow: str = "none",
        width: int = 576,
        timeout: float = 3.0,
        fence: str = "auto",
        text: bool = False,
        presenter: str | Mapping[str, object] = "",
        cut_counter: str = "auto",
    ) -> None:
        if fence not in ("auto", "process_id", "status"):
            raise DeviceError("device_misconfigured", f"fence {fence!r} is not auto, process_id or status")
        if cut_counter not in ("auto", "yes", "no"):
            raise DeviceError("device_misconfigured", f"cut_counter {cut_counter!r} is not auto, yes or no")
        if not _LEAST_WIDTH <= width <= _MOST_WIDTH:
            raise DeviceError("device_misconfigured", f"width is {_LEAST_WIDTH} to {_MOST_WIDTH} dots")
        self._line = EscposLine(port, baud, flow, timeout)
        self._fences = Fences(self._line, {"auto": None, "process_id": True, "status": False}[fence])
        self._width = width
        self._text = text
        self._presenter = presenter_of(presenter)
        self._counts_cuts = cut_counter == "yes" or (cut_counter == "auto" and self._presenter is None)
        self._confirms_clear = True  # until it was found not to
        self._uncleared = True
        self._owed = False  # the fence of a movement that was given up may still come
        self._hanging = False  # part of a given-up receipt is still in the printer's mouth
        self._cuts = self._dots = 0

    # ── the driver's contract ────────────────────────────────────────────────

    def open(self) -> None:
        """Connects, asks for the status and empties the buffer, which may hold a job of the time before.

        DeviceError `device_absent` when nobody listens, `device_timeout` when it does not answer.
        """
        self._line.open()
        self._uncleared = True
        self._line.ask_status(self._line.patience())
        try:
            self.clear()
        except DeviceError as error:
            if error.lost:
                raise  # otherwise: stopped with a buffer that it cannot clear; status() says so

    def close(self) -> None:
        """Lets go; may be called twice; never raises."""
        self._line.close()

    def status(self) -> DeviceState:
        """Paper, cover, cutter, the mouth, and whether a job was left in the buffer.

        DeviceError `device_timeout` (lost) when the printer says nothing within the time-out.
        """
        self._line.ask_status(self._line.patience())
        return escpos.device_state(self._line.raw, uncleared=self._uncleared, mouth=self._mouth())

    def counts(self) -> Mapping[str, int]:
        """`cuts`, and `paper_mm` that is certainly used: since this object was made."""
        return {"cuts": self._cuts, "paper_mm": self._dots // DOTS_A_MM}

    # ── its verbs ────────────────────────────────────────────────────────────

    def print_image(self, image: RasterImage, job: bytes, timeout: float = 30.0) -> PrintOutcome:
        """Prints `image`, cuts, and returns when the printer has confirmed the cut.

        `job` is four printable ASCII bytes that name this print in the last fence. Raises
        ReceiptError with what is certainly on paper: a `receipt_…` code for what stopped it,
        `receipt_unfinished` when a fence is not answered within `timeout` seconds (and what the line needs
        for the bytes), the printer falls silent (lost), or an earlier job has not been cleared,
        `device_offline` (lost) when the connection is gone. After an error that had begun, `clear()`
        comes before the next print.
        """
        if image.width > self._width:
            raise DeviceError("device_misconfigured", f"{image.width} dots do not fit on {self._width}")
        bands = without_realtime_commands(image).bands(BAND_ROWS)
        return self._print([Block(_band_bytes(band), band.height) for band in bands], job, timeout)

    def width(self) -> int:
        """Dots across the paper: no picture may be wider."""
        return self._width

    def takes_text(self, lines: Sequence[receipt_text.Line]) -> bool:
        """Whether these lines shall go out as text: the settings want it and it has every character."""
        return self._text and receipt_text.printable(lines)

    def print_text(
        self, lines: Sequence[receipt_text.Line], job: bytes, timeout: float = 30.0
    ) -> PrintOutcome:
        """Prints lines in the printer's own type, cuts, and returns when the printer has confirmed the cut.

        As `print_image`; `bands` of the outcome are blocks of a few lines. ValueError for a character that
        the printer's type lacks: ask `takes_text` before.
        """
        return self._print(receipt_text.blocks(lines, self._width), job, timeout)

    def clear(self) -> bool:
        """Empties the printer's buffer, so that nothing of an earlier job comes out for the next person.

        True when the printer confirmed that it threw the buffer away. False for a model without
        that command: it was then seen to have worked off its buffer, so what was left is on paper.
        DeviceError `receipt_unfinished` when neither can be had now; the printer stays uncleared.
        """
        line = self._line
        self._uncleared = True
        line.write(_CLEAR, line.patience())
        patience = line.patience(min(_CLEAR_SECONDS, line.timeout) if self._confirms_clear else 0.0)
        if line.wait(lambda reply: isinstance(reply, escpos.Cleared), patience):
            line.forget()
            line.write(_INIT + _ASB_ON, line.patience())
            confirmed = True
        else:
            self._drain()
            confirmed = self._confirms_clear = False  # it would have by now
        self._uncleared = self._owed = False
        return confirmed

    def reset(self) -> None:
        """After a print that nobody waits for any more: empties the buffer. DeviceError as of `clear()`.

        What hangs from the mouth stays until `cut()` or the next print: a cut of our own accord would count
        as the print's.
        """
        self.clear()

    def cuts(self, timeout: float = 5.0) -> int | None:
        """How often the printer has cut in its life, by its own count; None for a model that does not tell.

        It counts on through lost lines, and through power cuts as far as it wrote it down, so that afterwards
        it tells whether a receipt was cut off. Asked twice, since no check sum guards the answer: None too
        when they differ. DeviceError as of `cut()`.
        """
        if not self._counts_cuts:
            return None
        deadline = Deadline(timeout)
        self._require_ready(deadline)
        first = self._ask_cuts(deadline)
        if first is None:  # a model that does not know the question may take it for text: ESC @ forgets that
            self._counts_cuts = False
            self._drain()
            return None
        return first if first == self._ask_cuts(deadline) else None

    def cut(self, timeout: float = 5.0, mark: RasterImage | None = None) -> None:
        """Feeds and cuts what hangs from the mouth; for a start after a crash in the middle of a print.

        `mark`, narrower than any paper, is printed on it before: that it is void.
        """
        deadline = Deadline(timeout)
        self._require_ready(deadline)
        if mark is not None:
            for band in without_realtime_commands(mark).bands(BAND_ROWS):
                self._command(_band_bytes(band), b"mark", deadline)
        self._hanging = True
        self._cut_hanging(deadline)

    def present(self, timeout: float = 5.0) -> None:
        """Moves a cut receipt out to the hand; a print does so by itself. `device_misconfigured`: cannot."""
        self._command(self._held_presenter().present, b"pres", Deadline(timeout))

    def retract(self, timeout: float = 5.0) -> None:
        """Draws in a receipt that nobody took. `device_misconfigured` for a printer without a presenter."""
        self._command(self._held_presenter().retract, b"retr", Deadline(timeout))

    def taken(self, timeout: float = 5.0) -> bool:
        """Waits until no receipt is in the mouth; False when one still is after `timeout` seconds, or when
        the model cannot tell. DeviceError `device_timeout` (lost) when it says nothing at all,
        `device_misconfigured` for a printer without a presenter."""
        self._held_presenter()
        deadline = Deadline(timeout)
        while (there := self._mouth()) is not Media.NONE:
            if there is Media.UNKNOWN or deadline.left <= 0:
                return False
            time.sleep(min(_MOUTH_POLL, deadline.left))
        return True

    # ── inside ───────────────────────────────────────────────────────────────

    def _print(self, blocks: Sequence[Block], job: bytes, timeout: float) -> PrintOutcome:
        if len(job) != 4 or any(not 0x20 <= byte <= 0x7E for byte in job):
            raise ValueError("job must be four printable ASCII bytes")
        deadline = Deadline(timeout + sum(len(block.data) for block in blocks) * self._line.byte_seconds)
        outcome = PrintOutcome(0, len(blocks), begun=False, finished=False)
        try:
            self._require_ready(deadline)
        except DeviceError as error:
            raise ReceiptError(error.code, error.detail, outcome, lost=error.lost) from None
        self._uncleared = True
        progress = Progress()
        end = _CUT + (self._presenter.present if self._presenter else b"")
        try:
            self._empty_mouth(deadline)
            self._fences.send(blocks, end, job, progress, deadline)
        except DeviceError as error:
            self._hanging = True
            outcome = replace(outcome, bands=min(progress.passed, len(blocks)), begun=True)
            code = "receipt_unfinished" if error.code == "device_timeout" else error.code
            raise ReceiptError(code, error.detail, outcome, lost=error.lost) from None
        finally:
            self._dots += sum(block.dots for block in blocks[: progress.passed])
        self._count_cut()
        self._uncleared = self._hanging = False
        return PrintOutcome(len(blocks), len(blocks), begun=True, finished=True)

    def _require_ready(self, deadline: Deadline) -> None:
        if self._uncleared:
            raise DeviceError("receipt_unfinished", "an earlier job has not been cleared")
        if self._owed:
            self.clear()
        patience = Deadline(min(self._line.timeout + self._line.carrying, deadline.left))
        self._line.ask_status(patience)
        if fault := escpos.stopping_fault(self._line.raw):
            raise DeviceError(fault, "found before printing")
        self._fences.learn(patience)

    def _empty_mouth(self, deadline: Deadline) -> None:
        """What another person left, in part or whole, is severed and drawn in before anything new."""
        if self._hanging:
            self._cut_hanging(deadline)
        elif self._presenter and self._mouth() is Media.PRESENT:
            self._command(self._presenter.retract, b"retr", deadline)

    def _cut_hanging(self, deadline: Deadline) -> None:
        self._command(_CUT + (self._presenter.retract if self._presenter else b""), b"cut ", deadline)
        self._count_cut()
        self._hanging = False

    def _command(self, command: bytes, name: bytes, deadline: Deadline) -> None:
        """One movement, to its fence."""
        self._fences.learn(deadline)
        self._owed = True
        self._fences.send((), command, name, Progress(), deadline)
        self._owed = False

    def _ask_cuts(self, deadline: Deadline) -> int | None:
        """One answer; nothing else is sent meanwhile (so the manuals of `GS g 2`)."""
        heard: list[int] = []

        def is_it(reply: escpos.Reply) -> bool:
            if (count := escpos.count_of(reply)) is not None:
                heard.append(count)
            return bool(heard)

        self._line.write(_ASK_CUTS, deadline)
        self._line.wait(is_it, self._line.patience(min(_ANSWER_SECONDS, self._line.timeout)))
        return heard[0] if heard else None

    def _count_cut(self) -> None:
        self._cuts += 1
        self._dots += _TO_KNIFE

    def _drain(self) -> None:
        """For a model that does not clear: it is seen to have worked off its buffer.

        A band that was cut short swallows whatever comes next, until as many bytes have come as it announced.
        """
        line = self._line
        line.ask_status(line.patience())
        question = _INIT + _ASB_ON + ASK_PAPER
        rest = bytes(BAND_ROWS * ((self._width + 7) // 8))
        for data in (question, rest + question):
            if escpos.stopping_fault(line.raw):
                break
            line.write(data, line.patience())
            if line.wait(_is_transmitted, line.patience()):
                self._settle()
                return
        raise DeviceError("receipt_unfinished", "the buffer is not empty and cannot be cleared")

    def _settle(self) -> None:
        """What was answered may have been an earlier job's fence: the next print must count none of them."""
        deadline = self._line.patience()
        while deadline.left and self._line.wait(_is_transmitted, self._line.patience(_SETTLED_SECONDS)):
            pass

    def _held_presenter(self) -> Presenter:
        if self._presenter is None:
            raise DeviceError("device_misconfigured", "this receipt printer has no presenter")
        return self._presenter

    def _mouth(self) -> Media:
        if self._presenter is None:
            return Media.NOT_SUPPORTED
        if not self._presenter.ask:
            return Media.UNKNOWN
        self._line.write(self._presenter.ask, self._line.patience())
        answer = self._line.wait_full(self._line.patience(_MOUTH_SECONDS))
        if answer is None:  # a model that cannot tell, or one that has fallen silent: that is an error
            self._line.ask_status(self._line.patience())
        return mouth_of(self._presenter, answer)


def _is_transmitted(reply: escpos.Reply) -> bool:
    return isinstance(reply, escpos.Transmitted)


def _band_bytes(band: RasterImage) -> bytes:
    """`GS v 0`: the band in normal size."""
    size = (band.row_bytes, band.height)
    return b"\x1dv0\x00" + b"".join(number.to_bytes(2, "little") for number in size) + band.bits
