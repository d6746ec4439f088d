"""The cable of a virtual receipt printer, while it is plugged: TCP, or a serial line on a PTY."""

from __future__ import annotations

import os
import select
import socket
import termios
import threading
import time
import tty
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

_CHUNK = 32  # bytes that a serial line hands over at once
_LATE = 0.05  # seconds that a busy machine may lag behind the line's pace and catch up
Take = Callable[[bytes], None]  # blocks while the printer's buffer is full


class Plug(Protocol):
    """One stay of the cable in its socket; `pull` ends it and leaves no thread or handle."""

    @property
    def connected(self) -> bool:
        """Whether somebody is known to be at the other end."""

    def say(self, data: bytes) -> None:
        """Sends; lost when nobody listens."""

    def pull(self) -> None:
        """The cable comes out. Whoever waits in `take` must have been let go before."""


class TcpPlug:
    """One client at a time on `host:port` (0 takes a free one, see `port`); `greet` is called for each."""

    def __init__(self, host: str, port: int, take: Take, greet: Callable[[], None]) -> None:
        self._take, self._greet = take, greet
        self._listener = socket.create_server((host, port), backlog=1)
        self.port: int = self._listener.getsockname()[1]
        self._client: socket.socket | None = None
        self._pulled = False
        self._thread = threading.Thread(target=self._serve, name="virtual-receipt-tcp", daemon=True)
        self._thread.start()

    @property
    def connected(self) -> bool:
        return self._client is not None

    def say(self, data: bytes) -> None:
        client = self._client
        if client is not None:
            with suppress(OSError):  # the other side has gone; receiving will find out
                client.sendall(data)

    def pull(self) -> None:
        self._pulled = True
        for sock in (self._listener, self._client):
            if sock is not None:
                _shut(sock)
        self._thread.join(5)

    def _serve(self) -> None:
        while not self._pulled:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return  # the cable was pulled
            self._client = client
            if not self._pulled:
                self._greet()
                self._receive(client)
            self._client = None
            _shut(client)

    def _receive(self, client: socket.socket) -> None:
        while not self._pulled:
            try:
                data = client.recv(4096)
            except OSError:
                return
            if not data:
                return
            self._take(data)


class SerialPlug:
    """A PTY whose terminal end is the symbolic link `link`; bytes arrive at the pace of `byte_seconds`."""

    def __init__(self, link: Path, byte_seconds: float, take: Take) -> None:
        self._link, self._byte_seconds, self._take = link, byte_seconds, take
        self._pulled = threading.Event()
        if link.is_symlink():  # a killed bench has left it; anything else there is not ours to remove
            link.unlink()
        link.parent.mkdir(parents=True, exist_ok=True)
        self._wake_out, self._wake_in = os.pipe()
        self._master, self._slave = os.openpty()
        os.set_blocking(self._master, False)
        # Our own handle on the terminal's end keeps the line up between two openings, and raw from the start.
        tty.setraw(self._slave, termios.TCSANOW)
        self._thread = threading.Thread(target=self._serve, name="virtual-receipt-serial", daemon=True)
        try:
            link.symlink_to(os.ttyname(self._slave))
        except OSError:
            self._close()
            raise
        self._thread.start()

    @property
    def connected(self) -> bool:
        return True  # a serial line does not tell

    def say(self, data: bytes) -> None:
        with suppress(OSError):  # nobody reads: the bytes are lost, as on a real line
            os.write(self._master, data)

    def pull(self) -> None:
        with suppress(FileNotFoundError):
            self._link.unlink()
        self._pulled.set()
        os.write(self._wake_in, b"x")
        self._thread.join(5)
        self._close()

    def _close(self) -> None:
        for handle in (self._master, self._slave, self._wake_in, self._wake_out):
            os.close(handle)

    def _serve(self) -> None:
        due = time.monotonic()
        while not self._pulled.is_set():
            ready, _, _ = select.select([self._master, self._wake_out], [], [])
            if self._master not in ready or self._pulled.is_set():
                continue
            data = os.read(self._master, _CHUNK if self._byte_seconds else 4096)
            due = max(due, time.monotonic() - _LATE) + len(data) * self._byte_seconds
            if self._pulled.wait(max(0.0, due - time.monotonic())):
                return
            self._take(data)


def _shut(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
    sock.close()
