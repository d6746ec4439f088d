"""A receipt printer on TCP that behaves: a real buffer, real speed, and paper that runs out.

It burns what it is sent, stops in the middle of a row when the paper ends, keeps the rest and
prints it after the refill, for whoever then stands before it, unless its buffer is cleared.
Wire: Epson ESC/POS (see `drivers/escpos_status.py` for the replies).
"""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

from drivers.virtual import escpos_commands as escpos
from drivers.virtual.receipt_condition import HANDS, Condition
from drivers.virtual.receipt_roll import Receipt, Roll

ROW_BYTES = 72
BUFFER_BYTES = 64 * 1024
ROWS_A_SECOND = 1200  # 150 mm/s at 8 dots/mm
_STEP_ROWS = 8
_CUT_SECONDS = 0.15
_REALTIME = re.compile(rb"\x10\x04([\x01-\x04])|\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08", re.DOTALL)
_LONGEST_REALTIME = 10


class VirtualReceiptPrinter:
    """One printer on `127.0.0.1:port` (0 takes a free one, see `port`), 576 dots wide.

    `real_time` False prints as fast as it can. `process_ids`, `clears` and `auto_status` False make it
    a simpler model, which knows no `GS ( H`, `DLE DC4 8` or `GS a`.
    """

    name = "receipt_printer"

    def __init__(
        self,
        port: int = 0,
        *,
        real_time: bool = True,
        process_ids: bool = True,
        clears: bool = True,
        auto_status: bool = True,
    ) -> None:
        self.port = port
        self._real_time = real_time
        self._knows = {"process_ids": process_ids, "clears": clears, "auto_status": auto_status}
        self._change = threading.Condition()
        self._condition = Condition(plugged=False)
        self._roll = Roll(ROW_BYTES)
        self._drop_fences = 0
        self._jam_next_cut = False
        self._silent = False
        self._asb = False
        self._buffer = bytearray()
        self._tail = b""  # last bytes seen by the real-time scanner
        self._epoch = 0  # counts clearings, so that a command taken before one is dropped
        self._interpreter = escpos.Interpreter(ROW_BYTES)
        self._printing = False
        self._listener: socket.socket | None = None
        self._client: socket.socket | None = None
        self._threads: list[threading.Thread] = []
        self._stopping = False

    # ── the contract of a virtual device ─────────────────────────────────────

    def start(self) -> None:
        """Puts it on its port, cable in. OSError when the port is taken."""
        self._stopping = False
        self._plug()
        for work in (self._serve, self._print):
            thread = threading.Thread(target=work, name=f"virtual-receipt-{work.__name__}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Takes it off: no thread or socket is left. May be called twice."""
        with self._change:
            self._stopping = True
            self._change.notify_all()
        self._unplug()
        while self._threads:
            self._threads.pop().join(5)

    def state(self) -> dict[str, object]:
        """Cable, cover, paper, what is in the buffer, and the pieces of paper without their pictures."""
        with self._change:
            now = self._condition
            return {
                "plugged": now.plugged,
                "connected": self._client is not None,
                "paper": "out" if now.paper_out else "low" if now.paper_low else "full",
                "paper_out_after": self._roll.rows_left,
                "cover_open": now.cover_open,
                "cutter_error": now.cutter_error,
                "silent": self._silent,
                "buffered": len(self._buffer),
                "printing": self._printing,
                "receipts": self._roll.summary(),
            }

    def act(self, action: str, **arguments: object) -> None:
        """Moves its hands: paper_low, paper_out, paper_out_after(rows), refill, open_cover, close_cover,
        cutter_error, jam_next_cut, clear_cutter, drop_next_fence, silence, speak, tear, unplug, plug."""
        if action == "paper_out_after":
            self._paper_out_after(arguments)
            return
        if arguments:
            raise ValueError(f"{action} takes no argument")
        plain = {"unplug": self._unplug, "plug": self._plug, "tear": self._tear}
        if action in plain:
            plain[action]()
            return
        with self._change:
            if action in HANDS:
                if action == "refill":
                    self._roll.rows_left = None
                self._become(replace(self._condition, **HANDS[action]))
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

    def _tear(self) -> None:
        with self._change:
            self._roll.tear()
            self._change.notify_all()

    def _plug(self) -> None:
        with self._change:
            if self._listener is not None:
                return
            listener = socket.create_server(("127.0.0.1", self.port), backlog=1)
            self.port = listener.getsockname()[1]
            self._listener = listener
            self._condition = replace(self._condition, plugged=True)
            self._change.notify_all()

    def _unplug(self) -> None:
        """The cable is out; the buffer stays, since the printer keeps its power."""
        with self._change:
            for sock in (self._listener, self._client):
                if sock is not None:
                    _shut(sock)
            self._listener = self._client = None
            self._condition = replace(self._condition, plugged=False)
            self._change.notify_all()

    def _become(self, after: Condition) -> None:
        """Under the lock: a new condition, told by automatic status if that is on."""
        before, self._condition = self._condition, after
        if self._asb and before.asb() != after.asb():
            self._say(after.asb())

    # ── the line ─────────────────────────────────────────────────────────────

    def _serve(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._stopping or self._listener is not None)
                if self._stopping:
                    return
                listener = self._listener
            try:
                client, _ = listener.accept() if listener else (None, None)
            except OSError:
                continue  # the cable was pulled
            if client is not None:
                self._receive(client)

    def _receive(self, client: socket.socket) -> None:
        with self._change:
            if self._listener is None:
                _shut(client)
                return
            self._client = client
            self._asb, self._tail = False, b""
        while True:
            try:
                data = client.recv(4096)
            except OSError:
                data = b""
            if not data:
                break
            self._take(data)
        with self._change:
            if self._client is client:
                self._client = None
        _shut(client)

    def _take(self, data: bytes) -> None:
        """Into the buffer, real-time commands obeyed on the way, wherever they stand."""
        with self._change:
            for piece in self._obey_realtime(data):
                self._buffer += piece
            self._change.notify_all()
            # A full buffer stops the line, as the real one does.
            self._change.wait_for(
                lambda: len(self._buffer) < BUFFER_BYTES or self._stopping or self._client is None
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
                self._say(bytes((self._condition.realtime(found[1][0]),)))
                if found.start() >= known and escpos.is_whole(self._buffer[:-3]):
                    del self._buffer[-3:]  # else hours of polling would fill the buffer of a stopped printer
            elif self._knows["clears"]:
                self._empty()
                self._say(b"\x37\x25\x00")
        yield scanned[at:]
        self._tail = scanned[-_LONGEST_REALTIME + 1 :]

    def _empty(self) -> None:
        self._buffer.clear()
        self._interpreter.clear()
        self._epoch += 1
        if self._condition.cutter_error:  # a recoverable error is recovered from
            self._become(replace(self._condition, cutter_error=False))

    def _say(self, data: bytes) -> None:
        if self._client is not None and not self._silent:
            try:
                self._client.sendall(data)
            except OSError:
                pass  # the other side has gone; receiving will find out

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
                length = escpos.length_of(self._buffer) or 0
                command = self._interpreter.obey(bytes(self._buffer[:length]))
                del self._buffer[:length]
            self._do(command, epoch)

    def _has_work(self) -> bool:
        return not self._condition.stopped and escpos.length_of(self._buffer) is not None

    def _do(self, command: escpos.Command, epoch: int) -> None:
        match command:
            case escpos.Rows(row_bytes, bits):
                rows = [bits[at : at + row_bytes] for at in range(0, len(bits), row_bytes)]
                self._burn([row[:ROW_BYTES].ljust(ROW_BYTES, b"\0") for row in rows], epoch)
            case escpos.Feed(count):
                self._burn([bytes(ROW_BYTES)] * count, epoch)
            case escpos.Cut(feed):
                self._burn([bytes(ROW_BYTES)] * feed, epoch)
                self._cut(epoch)
            case _:
                self._answer(command, epoch)

    def _burn(self, rows: list[bytes], epoch: int) -> None:
        """Rows onto the paper; stops where the paper ends and goes on after the refill."""
        while rows:
            if self._real_time:
                time.sleep(_STEP_ROWS / ROWS_A_SECOND)
            with self._change:
                if not self._wait_able(epoch):
                    return
                rows = rows[self._roll.burn(rows[:_STEP_ROWS]) :]
                if self._roll.rows_left == 0:
                    self._roll.rows_left = None
                    self._become(replace(self._condition, paper_out=True, paper_low=True))
                self._change.notify_all()

    def _cut(self, epoch: int) -> None:
        if self._real_time:
            time.sleep(_CUT_SECONDS)
        with self._change:
            if self._jam_next_cut:
                self._jam_next_cut = False
                self._become(replace(self._condition, cutter_error=True))
            if self._wait_able(epoch):
                self._roll.cut()
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


def _shut(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    sock.close()
