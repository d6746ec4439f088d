"""Stands in the wire between a driver and its virtual device, and spoils it on purpose.

It knows no protocol: what the device says after a question, until it falls quiet, is *an answer*. It works
on a PTY and on TCP, the two wires that a test can hold in its hand.
"""

from __future__ import annotations

import os
import select
import socket
import threading
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from drivers.virtual.demo_settings import choose_ports

QUIET = 0.012  # seconds without a byte that end an answer
MUCH = 40_000  # bytes that end it too: a camera never falls quiet
GARBAGE = bytes.fromhex("00ff55aaaa1b0d0a377a")

# What can happen to a wire, by the words of whoever stands before the machine with a screwdriver.
UNPLUGGED = ("unplugged before", "unplugged during", "unplugged after")
MISHAPS = (
    *UNPLUGGED,
    "half an answer",
    "wrong checksum",
    "garbage before",
    "garbage after",
    "silent",
    "answers the previous question",
)


class Ends(Protocol):
    """The two ends that a meddler holds: the driver's near one and the device's far one."""

    def plug(self) -> None:
        """Makes both ends usable."""

    def unplug(self) -> None:
        """Takes both away: the driver sees a pulled cable."""

    def accept(self) -> bool:
        """True when the driver has just connected, so that a far end was opened for it."""

    def handles(self) -> tuple[int, int] | None:
        """Near and far as file numbers; None while nobody is connected."""

    def waiting(self) -> int | None:
        """A file number that becomes readable when the driver connects; None where it need not."""

    def hang_up(self) -> None:
        """Ends the present connection alone."""


class Meddler:
    """The hand in the wire. `head`: bytes of length before each message, true to what is left of it."""

    def __init__(self, ends: Ends, head: int = 0) -> None:
        self._ends, self._head = ends, head
        self._lock = threading.Lock()
        self._mishap = ""
        self._previous = b""
        self.spoilt = 0  # answers that have met a mishap: a test that spoils nothing proves nothing
        self._answer = bytearray()
        self._plugged = False
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="meddler", daemon=True)

    def start(self) -> None:
        self._ends.plug()
        self._plugged = True
        self._thread.start()

    def stop(self) -> None:
        self._ending.set()
        self._thread.join(5)
        self._ends.unplug()

    def spoil(self, mishap: str) -> None:
        """From now on every answer meets this, until `heal`."""
        with self._lock:
            self._mishap = mishap
            self._answer.clear()
            if mishap == "unplugged before":
                self._unplug()
                self.spoilt += 1

    def heal(self) -> None:
        """The cable is in and nothing is spoilt."""
        with self._lock:
            self._mishap = ""
            if not self._plugged:
                self._ends.plug()
                self._plugged = True

    def _unplug(self) -> None:
        self._plugged = False
        self._ends.unplug()

    def _run(self) -> None:
        while not self._ending.is_set():
            with self._lock:
                if self._ends.accept():
                    self._answer.clear()
                handles, waiting = self._ends.handles(), self._ends.waiting()
            if handles is None:
                if waiting is None:
                    self._ending.wait(0.005)
                else:
                    _readable([waiting], 0.02)
                continue
            near, far = handles
            ready = _readable([near, far, *([waiting] if waiting is not None else [])], QUIET)
            with self._lock:
                if self._ends.handles() != handles:
                    continue
                try:
                    self._carry(near, far, ready)
                except BlockingIOError:
                    pass
                except OSError:  # one end has hung up
                    self._ends.hang_up()
                    self._ending.wait(0.005)

    def _carry(self, near: int, far: int, ready: list[int]) -> None:
        if far in ready:
            data = _take(far)
            if not data:
                self._ends.hang_up()
                return
            self._answer += data
        if self._answer and (far not in ready or len(self._answer) > MUCH or not self._mishap):
            answer = bytes(self._answer)
            self._answer.clear()
            self._pass(near, answer)
        if near in ready:
            data = _take(near)
            if not data:
                self._ends.hang_up()
                return
            _give(far, data)

    def _pass(self, near: int, answer: bytes) -> None:
        previous, self._previous = self._previous, answer
        self.spoilt += bool(self._mishap)
        said = answer[self._head :]
        half = said[: len(said) // 2]
        match self._mishap:
            case "unplugged during":
                self._say(near, half)
                self._unplug()
            case "unplugged after":
                self._say(near, said)
                self._unplug()
            case "half an answer":
                self._say(near, half)
            case "wrong checksum":
                self._say(near, said[:-1] + bytes((said[-1] ^ 0x5A,)))
            case "garbage before":
                self._say(near, GARBAGE + said)
            case "garbage after":
                self._say(near, said + GARBAGE)
            case "silent":
                pass
            case "answers the previous question":
                self._say(near, previous[self._head :])
            case _:
                _give(near, answer)

    def _say(self, near: int, said: bytes) -> None:
        _give(near, (len(said).to_bytes(self._head, "big") if self._head else b"") + said)


class Hand(Protocol):
    """What a rig's meddler can do, whatever its wire is."""

    spoilt: int

    def spoil(self, mishap: str) -> None:
        """From now on every answer meets this, until `heal`."""

    def heal(self) -> None:
        """The cable is in and nothing is spoilt."""


class Ptys:
    """A PTY whose name `link` follows it from plug to plug; far is the device's own serial line."""

    def __init__(self, link: Path, far: Callable[[], str]) -> None:
        self.link = link
        self._far_name = far
        self._near: int | None = None
        self._held: int | None = None  # the driver's side, kept open so that its closing is no hang-up
        self._far: int | None = None

    def plug(self) -> None:
        self._near, self._held = os.openpty()
        tty.setraw(self._held)
        os.set_blocking(self._near, False)
        self._far = os.open(self._far_name(), os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self._far)
        name = self.link.with_suffix(".new")
        name.symlink_to(os.ttyname(self._held))
        name.replace(self.link)

    def unplug(self) -> None:
        self.link.unlink(missing_ok=True)
        for handle in (self._held, self._near, self._far):
            if handle is not None:
                os.close(handle)
        self._near = self._held = self._far = None

    def accept(self) -> bool:
        return False

    def handles(self) -> tuple[int, int] | None:
        return None if self._near is None or self._far is None else (self._near, self._far)

    def waiting(self) -> int | None:
        return None

    def hang_up(self) -> None:
        pass


class Sockets:
    """A TCP port before the device's own `far` port on this computer. One connection at a time matters."""

    def __init__(self, far: int) -> None:
        self._far_port = far
        self._listener: socket.socket | None = None
        self._pair: tuple[socket.socket, socket.socket] | None = None
        self.port = choose_ports(
            0
        ).receipt  # not one that the kernel gives to clients: they would meet themselves

    def plug(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen()
        listener.setblocking(False)
        self._listener = listener

    def unplug(self) -> None:
        self.hang_up()
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def accept(self) -> bool:
        if self._listener is None:
            return False
        try:
            near, _ = self._listener.accept()
        except BlockingIOError:
            return False
        self.hang_up()
        try:
            far = socket.create_connection(("127.0.0.1", self._far_port), 2)
        except OSError:
            near.close()
            return False
        near.setblocking(False)
        far.setblocking(False)
        self._pair = (near, far)
        return True

    def handles(self) -> tuple[int, int] | None:
        return None if self._pair is None else (self._pair[0].fileno(), self._pair[1].fileno())

    def waiting(self) -> int | None:
        return None if self._listener is None else self._listener.fileno()

    def hang_up(self) -> None:
        pair, self._pair = self._pair, None
        for end in pair or ():
            end.close()


def _readable(handles: list[int], seconds: float) -> list[int]:
    poll = select.poll()
    for handle in handles:
        poll.register(handle, select.POLLIN)
    return [handle for handle, _ in poll.poll(seconds * 1000)]


def _take(handle: int) -> bytes:
    return os.read(handle, 65536)


def _give(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(handle, view) :]
        except BlockingIOError:
            poll = select.poll()
            poll.register(handle, select.POLLOUT)
            if not poll.poll(1000):
                return
