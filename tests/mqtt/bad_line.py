"""A line between terminal and broker that is cut, in the middle of a packet too, and can be held open."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class BadLine:
    """Forwards both ways on loopback. Each connection takes the next of `cuts`: after so many bytes of the
    terminal's it is hung up on. When there are no more, never."""

    def __init__(self, port: int) -> None:
        self.cuts: list[int] = []
        self.half_open = False  # when cut, the broker is not told: the old connection stands
        self.accepted = 0
        self._target = port
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._held: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._closing = threading.Event()
        self._begin(self._accept)

    def close(self) -> None:
        """Ends every line and thread."""
        self._closing.set()
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self.let_go()
        for thread in self._threads:
            thread.join(60)

    def let_go(self) -> None:
        """The broker hears at last that the held lines are dead."""
        for held in self._held:
            try:
                held.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            held.close()
        self._held.clear()

    def _begin(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                near, _ = self._server.accept()
                far = socket.create_connection(("127.0.0.1", self._target), timeout=5)
            except OSError:
                if self._closing.is_set():
                    return
                near.close()
                continue
            self.accepted += 1
            self._begin(self._forward, near, far)

    def _forward(self, near: socket.socket, far: socket.socket) -> None:
        left, half_open = self.cuts.pop(0) if self.cuts else None, self.half_open
        with selectors.DefaultSelector() as selector, near:
            selector.register(near, selectors.EVENT_READ, far)
            selector.register(far, selectors.EVENT_READ, near)
            try:
                while not self._closing.is_set() and (left is None or left > 0):
                    for key, _ in selector.select(0.05):
                        source = key.fileobj
                        assert isinstance(source, socket.socket)
                        piece = source.recv(65536)
                        if source is near and left is not None:
                            piece, left = piece[:left], left - len(piece)
                        if not piece:
                            left = left or 0
                            half_open = half_open and source is near
                            break
                        key.data.sendall(piece)
                    else:
                        continue
                    break
            except OSError:
                pass
        if half_open:
            self._held.append(far)
        else:
            far.close()


@contextmanager
def bad_line(port: int) -> Iterator[BadLine]:
    """A line to the broker on `port` for as long as the block runs."""
    line = BadLine(port)
    try:
        yield line
    finally:
        line.close()
