"""A locker board on a PTY, with doors that a hand shuts and locks that jam.

It reads questions with eyes of its own, and computes their check itself.
"""

from __future__ import annotations

import threading
from pathlib import Path

from drivers.virtual.pty_line import PtyLine

LOCKS = 12
BOARD = 1
_CLOSED, _OPEN = 0x11, 0x00


class VirtualLocker:
    """A board of twelve locks whose terminal end is the symbolic link `link`.

    `pulse`: seconds from the order to open until the board tells how it went.
    """

    def __init__(self, link: Path, *, pulse: float = 0.3) -> None:
        self.name = "locker"
        self._link, self._pulse = link, pulse
        self._lock = threading.Lock()  # guards everything below
        self._line: PtyLine | None = None
        self._opened: set[int] = set()
        self._jammed: set[int] = set()
        self._openings = 0
        self._silent = False
        self._wrong_check = False
        self._received = bytearray()

    def start(self) -> None:
        """Makes the PTY and its link."""
        with self._lock:
            if self._line is None:
                self._received.clear()
                self._line = PtyLine(self._link, self._heard)

    def stop(self) -> None:
        """Ends the thread, closes the PTY, removes the link."""
        with self._lock:
            line, self._line = self._line, None
        if line is not None:  # without the lock: the line's thread may be waiting for it
            line.pull()

    def state(self) -> dict[str, object]:
        """`plugged`, `silent`, `wrong_check`, `openings` so far, and each door: open, closed or jammed."""
        with self._lock:
            return {
                "plugged": self._line is not None,
                "link": str(self._link),
                "silent": self._silent,
                "wrong_check": self._wrong_check,
                "openings": self._openings,
                "doors": {str(lock): self._seen(lock) for lock in range(1, LOCKS + 1)},
            }

    def act(self, action: str, **arguments: object) -> None:
        """`open(door)`, `close(door)`, `jam(door)`, `free(door)`, `silence`, `wrong_check`, `repair`,
        `unplug`, `plug`. ValueError with words.
        """
        match action, arguments:
            case (("open" | "close" | "jam" | "free"), {"door": int(door), **rest}) if not rest:
                self._move(action, door)
            case (("silence" | "wrong_check" | "repair"), {**rest}) if not rest:
                with self._lock:
                    self._silent, self._wrong_check = action == "silence", action == "wrong_check"
            case "unplug", {**rest} if not rest:
                self.stop()
            case "plug", {**rest} if not rest:
                self.start()
            case _:
                raise ValueError(
                    "the locker knows open(door), close(door), jam(door), free(door), silence, wrong_check, "
                    f"repair, unplug and plug, not {action}({', '.join(sorted(arguments))})"
                )

    def _move(self, action: str, door: int) -> None:
        if not 1 <= door <= LOCKS:
            raise ValueError(f"door is 1–{LOCKS}, not {door}")
        with self._lock:
            if action == "open" and door in self._jammed:
                raise ValueError(f"door {door} is jammed")
            doors = self._opened if action in ("open", "close") else self._jammed
            if action in ("open", "jam"):
                doors.add(door)
            else:
                doors.discard(door)

    def _seen(self, lock: int) -> str:
        return "jammed" if lock in self._jammed else "open" if lock in self._opened else "closed"

    def _heard(self, data: bytes) -> None:
        self._received += data
        while (request := _next_request(self._received)) is not None:
            self._answer(request)

    def _answer(self, request: bytes) -> None:
        head, board, lock, function, _ = request
        with self._lock:
            line, silent = self._line, self._silent
        if line is None or silent or board != BOARD or lock > LOCKS:
            return
        if (head, function) == (0x8A, 0x11) and lock:
            if line.pulled.wait(self._pulse):
                return
            with self._lock:
                if lock not in self._jammed:
                    self._opened.add(lock)
                    self._openings += 1
        elif (head, function) != (0x80, 0x33):
            return
        with self._lock:
            body = self._all() if lock == 0 else bytes((head, board, lock, self._state_of(lock)))
            check = _xor(body) ^ (lock if self._wrong_check else 0)
        line.say(body + bytes((check,)))

    def _all(self) -> bytes:
        states = sum(1 << lock - 1 for lock in range(1, 25) if self._state_of(lock) == _CLOSED)
        return bytes((0x80, BOARD)) + states.to_bytes(3, "little") + b"\x33"

    def _state_of(self, lock: int) -> int:
        return _OPEN if lock in self._opened else _CLOSED


def _xor(body: bytes) -> int:
    value = 0
    for byte in body:
        value ^= byte
    return value


def _next_request(received: bytearray) -> bytes | None:
    """Takes the next question with a right check off `received`. None: not yet."""
    while len(received) >= 5:
        frame = bytes(received[:5])
        if frame[0] in (0x80, 0x8A) and _xor(frame[:4]) == frame[4]:
            del received[:5]
            return frame
        del received[0]
    return None
