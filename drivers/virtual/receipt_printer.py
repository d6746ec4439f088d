"""A receipt printer on TCP or a serial line that behaves: a real buffer, real speed, and paper that runs out.

It burns what it is sent, stops in the middle of a row when the paper ends, keeps the rest and
prints it after the refill, for whoever then stands before it, unless its buffer is cleared.
Wire: Epson ESC/POS (see `drivers/escpos_status.py` for the replies).
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from drivers.virtual import escpos_commands as escpos
from drivers.virtual import receipt_condition
from drivers.virtual.escpos_lengths import is_whole, length_of
from drivers.virtual.receipt_condition import HANDS, Condition
from drivers.virtual.receipt_plug import Plug, SerialPlug, TcpPlug
from drivers.virtual.receipt_roll import Receipt, Roll

BUFFER_BYTES = 64 * 1024
ROWS_A_SECOND = 1200  # 150 mm/s at 8 dots/mm
_STEP_ROWS = 8
_CUT_SECONDS = 0.15
_REALTIME = re.compile(rb"\x10\x04([\x01-\x04\x14])|\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08", re.DOTALL)
_LONGEST_REALTIME = 10


class VirtualReceiptPrinter:
    """One printer, `width` dots wide, on `host:port` (0: a free one, see `port`) or a PTY whose end is
    `link`.

    `real_time` False prints, and takes bytes from the PTY, as fast as it can instead of at `baud`.
    `process_ids`, `clears`, `auto_status` and `counts_cuts` False make it a simpler model, which knows no
    `GS ( H`, `DLE DC4 8`, `GS a` or `GS g`. With a `presenter` it keeps cut paper inside until `GS e` moves
    it.
    """

    name = "receipt_printer"

    def __init__(
        self,
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        link: Path | None = None,
        baud: int = 115200,
        real_time: bool = True,
        process_ids: bool = True,
        clears: bool = True,
        auto_status: bool = True,
        counts_cuts: bool = True,
        presenter: bool = False,
        width: int = 576,
    ) -> None:
        self.port = port
        self._row_bytes = width // 8
        self._host, self._link = host, link
        self._byte_seconds = 10 / baud if real_time else 0.0
        self._real_time = real_time
        self._knows = {"process_ids": process_ids, "clears": clears, "auto_status": auto_status}
        self._knows["counts_cuts"] = counts_cuts
        self._presenter = presenter
        self._change = threading.Condition()
        self._condition = Condition(plugged=False)
        self._roll = Roll(self._row_bytes)
        self._cuts = 1000  # in its life; kept without power
        self._drop_fences = 0
        self._jam_next_cut = False
        self._silent = False
        self._asb = False
        self._buffer = bytearray()
        self._tail = b""  # last bytes seen by the real-time scanner
        self._epoch = 0  # counts clearings, so that a command taken before one is dropped
        self._interpreter = escpos.Interpreter(self._row_bytes)
        self._printing = False
        self._plug_in: Plug | None = None
        self._thread: threading.Thread | None = None
        self._stopping = False

    # ── the contract of a virtual device ─────────────────────────────────────

    def start(self) -> None:
        """Puts it on its port, cable in. OSError when the port is taken."""
        self._stopping = False
        self._plug()
        if self._thread is None:
            self._thread = threading.Thread(target=self._print, name="virtual-receipt-head", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Takes it off: no thread or socket is left. May be called twice."""
        with self._change:
            self._stopping = True
            self._change.notify_all()
        self._unplug()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(5)

    def state(self) -> dict[str, object]:
        """Cable, cover, paper, what is in the buffer, and the pieces of paper without their pictures."""
        with self._change:
            now = self._condition
            return {
                "plugged": now.plugged,
                "connected": self._plug_in is not None and self._plug_in.connected,
                "link": None if self._link is None else str(self._link),
                "paper": "out" if now.paper_out else "low" if now.paper_low else "full",
                "paper_out_after": self._roll.rows_left,
                "cover_open": now.cover_open,
                "cutter_error": now.cutter_error,
                "silent": self._silent,
                "buffered": len(self._buffer),
                "printing": self._printing,
                "mouth": bool(self._roll.lies_in("mouth")) if self._presenter else None,
                "drawn_in": self._roll.lies_in("bin"),
                "receipts": self._roll.summary(),
            }

    def act(self, action: str, **arguments: object) -> None:
        """Moves its hands: paper_low, paper_out, paper_out_after(rows), at_row(rows, hand), refill,
        open_cover, close_cover, cutter_error, jam_next_cut, clear_cutter, drop_next_fence, silence, speak,
        unplug, plug; tear takes all paper away, take what is in the presenter's mouth."""
        if action == "paper_out_after":
            self._paper_out_after(arguments)
            return
        if action == "at_row":
            with self._change:
                self._roll.at_row = int(str(arguments["rows"])), str(arguments["hand"])
            return
        if arguments:
            raise ValueError(f"{action} takes no argument")
        if action in ("unplug", "plug"):
            self._unplug() if action == "unplug" else self._plug()
            return
        with self._change:
            if action in HANDS:
                if action == "refill":
                    self._roll.rows_left = None
                self._become(replace(self._condition, **HANDS[action]))
            elif action == "tear":
                self._roll.tear()
            elif action == "take":
                self._roll.move(("mouth",), "hand")
            elif action == "drop_next_fence":
                self._drop_fences += 1
            elif action == "jam_next_cut":
                self._jam_next_cut = True
            elif action in ("silence", "speak"):
                self._silent = action == "silence"
            else:
                raise ValueError(f"a receipt printer cannot {action!r}")
            self._change.notify_all()

    def paper(self) -> list[Receipt]:
        """The pieces of paper so far, oldest first; last the one that still hangs from the mouth, if any."""
        with self._change:
            return self._roll.pieces()

    def wait_idle(self, timeout: float = 5.0) -> bool:
        """For tests: True when the buffer is worked off or printing has stopped, within `timeout` seconds."""
        with self._change:
            return self._change.wait_for(lambda: not self._printing and not self._has_work(), timeout)

    # ── hands ────────────────────────────────────────────────────────────────

    def _paper_out_after(self, arguments: dict[str, object]) -> None:
        rows = arguments.get("rows")
        if set(arguments) != {"rows"} or not isinstance(rows, int) or isinstance(rows, bool) or rows < 0:
            raise ValueError("paper_out_after needs rows, a whole number from 0")
        with self._change:
            self._roll.rows_left = rows
            self._change.notify_all()

    def _plug(self) -> None:
        with self._change:
            if self._plug_in is not None:
                return
            if self._link is not None:
                self._plug_in = SerialPlug(self._link, self._byte_seconds, self._take)
            else:
                plug = TcpPlug(self._host, self.port, self._take, self._greet)
                self.port, self._plug_in = plug.port, plug
            self._condition = replace(self._condition, plugged=True)
            self._change.notify_all()

    def _unplug(self) -> None:
        """The cable is out; the buffer stays, since the printer keeps its power."""
        with self._change:
            plug, self._plug_in = self._plug_in, None
            self._condition = replace(self._condition, plugged=False)
            self._change.notify_all()
        if plug is not None:  # without the lock: the plug's thread may be waiting for it
            plug.pull()

    def _become(self, after: Condition) -> None:
        """Under the lock: a new condition, told by automatic status if that is on."""
        before, self._condition = self._condition, after
        if self._asb and before.asb() != after.asb():
            self._say(after.asb())

    # ── the line ─────────────────────────────────────────────────────────────

    def _greet(self) -> None:
        with self._change:
            self._asb, self._tail = False, b""

    def _take(self, data: bytes) -> None:
        """Into the buffer, real-time commands obeyed on the way, wherever they stand."""
        with self._change:
            for piece in self._obey_realtime(data):
                self._buffer += piece
            self._change.notify_all()
            # A full buffer stops the line, as the real one does.
            self._change.wait_for(
                lambda: len(self._buffer) < BUFFER_BYTES or self._stopping or self._plug_in is None
            )

    def _obey_realtime(self, data: bytes) -> Iterator[bytes]:
        """Under the lock: what of `data` goes into the buffer, piece by piece.

        A real-time command that lies across two packets is found with the last bytes of the one before.
        """
        known = len(self._tail)
        scanned, at = self._tail + data, known
        for found in _REALTIME.finditer(scanned):
            if found.end() <= known:
                continue
            yield scanned[at : found.end()]
            at = found.end()
            if found[1]:
                self._say(self._realtime(found[1][0]))
                if found.start() >= known and is_whole(self._buffer[:-3]):
                    del self._buffer[-3:]  # else hours of polling would fill the buffer of a stopped printer
            elif self._knows["clears"]:
                self._empty()
                self._say(b"\x37\x25\x00")
        yield scanned[at:]
        self._tail = scanned[-_LONGEST_REALTIME + 1 :]

    def _realtime(self, request: int) -> bytes:
        if request <= 4:
            return bytes((self._condition.realtime(request),))
        in_mouth = bool(self._roll.lies_in("mouth"))
        return receipt_condition.full_status(self._condition, in_mouth) if self._presenter else b""

    def _empty(self) -> None:
        self._buffer.clear()
        self._interpreter.clear()
        self._epoch += 1
        if self._condition.cutter_error:  # a recoverable error is recovered from
            self._become(replace(self._condition, cutter_error=False))

    def _say(self, data: bytes) -> None:
        if self._plug_in is not None and data and not self._silent:
            self._plug_in.say(data)

    # ── the mechanism ────────────────────────────────────────────────────────

    def _print(self) -> None:
        while True:
            with self._change:
                self._printing = False
                self._change.notify_all()
                self._change.wait_for(lambda: self._stopping or self._has_work())
                if self._stopping:
                    return
                self._printing = True
                epoch = self._epoch
                length = length_of(self._buffer) or 0
                command = self._interpreter.obey(bytes(self._buffer[:length]))
                del self._buffer[:length]
            self._do(command, epoch)

    def _has_work(self) -> bool:
        return not self._condition.stopped and length_of(self._buffer) is not None

    def _do(self, command: escpos.Command, epoch: int) -> None:
        match command:
            case escpos.Rows(row_bytes, bits, text):
                rows = [bits[at : at + row_bytes] for at in range(0, len(bits), row_bytes)]
                wide = self._row_bytes
                self._burn([row[:wide].ljust(wide, b"\0") for row in rows], epoch, text)
            case escpos.Feed(count):
                self._burn([bytes(self._row_bytes)] * count, epoch)
            case escpos.Cut(feed):
                self._burn([bytes(self._row_bytes)] * feed, epoch)
                self._cut(epoch)
            case _:
                self._answer(command, epoch)

    def _burn(self, rows: list[bytes], epoch: int, text: str = "") -> None:
        """Rows onto the paper; stops where the paper ends and goes on after the refill."""
        while rows:
            if self._real_time:
                time.sleep(_STEP_ROWS / ROWS_A_SECOND)
            with self._change:
                if not self._wait_able(epoch):
                    return
                burnt = self._roll.burn(rows[:_STEP_ROWS])
                rows = rows[burnt:]
                hand = self._roll.hand_after(burnt)
                if self._roll.rows_left == 0:
                    self._roll.rows_left = None
                    self._become(replace(self._condition, paper_out=True, paper_low=True))
                if text and not rows:
                    self._roll.note(text)
                self._change.notify_all()
            if hand:
                self.act(hand)

    def _cut(self, epoch: int) -> None:
        if self._real_time:
            time.sleep(_CUT_SECONDS)
        with self._change:
            if self._jam_next_cut:
                self._jam_next_cut = False
                self._become(replace(self._condition, cutter_error=True))
            if self._wait_able(epoch):
                self._cuts += 1
                self._roll.cut("inside" if self._presenter else "tray")
                self._change.notify_all()

    def _answer(self, command: escpos.Command, epoch: int) -> None:
        with self._change:
            if not self._wait_able(epoch):
                return
            match command:
                case escpos.AutoStatus(mask) if self._knows["auto_status"]:
                    self._asb = bool(mask)
                    if mask:
                        self._say(self._condition.asb())
                case escpos.Eject(how) if self._presenter:
                    self._roll.eject(how)
                case escpos.AskName(which):
                    self._say(receipt_condition.name(which))
                case escpos.AskCount(178) if self._knows["counts_cuts"]:
                    self._say(b"\x5f%d\x00" % self._cuts)
                case escpos.AskStatus():
                    self._say(bytes((self._condition.asb()[2],)))
                case escpos.ProcessId(id) if self._knows["process_ids"]:
                    if self._drop_fences:
                        self._drop_fences -= 1
                    else:
                        self._say(b"\x37\x22" + id + b"\x00")
                case _:
                    pass

    def _wait_able(self, epoch: int) -> bool:
        """Under the lock: waits while the printer is stopped. False when the command was cleared away."""
        if self._condition.stopped:
            self._printing = False
            self._change.notify_all()
            self._change.wait_for(
                lambda: self._stopping or epoch != self._epoch or not self._condition.stopped
            )
            self._printing = True
        return epoch == self._epoch and not self._stopping
