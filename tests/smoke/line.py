"""The wire between terminal and broker, in the hands of whoever makes trouble on it."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Callable, Iterator

PUBLISH, PUBACK = 0x30, 0x40


class Line:
    """A TCP proxy that knows just enough MQTT to lose what the broker sends on one topic.

    `swallow(leaf)` takes every PUBLISH whose topic ends so out of the stream to the terminal and
    acknowledges it to the broker in the terminal's name, so that nobody sends it again: it is lost.
    `cut()` breaks the connection and refuses new ones until `mend()`.
    """

    def __init__(self, target: Callable[[], int]) -> None:
        """`target` tells the broker's port when somebody connects."""
        self._target = target
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(0.1)
        self.port: int = self._server.getsockname()[1]
        self.swallowed = 0
        self._leaf: bytes | None = None
        self._is_cut = False
        self._ending = False
        self._connecting = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._spawn(self._accept)

    def swallow(self, leaf: str | None) -> None:
        """Loses what is published on topics with this last part; None lets all pass again."""
        self._leaf = f"/{leaf}".encode() if leaf else None

    def cut(self) -> None:
        """The cable is out."""
        with self._connecting:  # no connection that is just being made escapes
            self._is_cut = True
            for pair in self._pairs:
                for one in pair:
                    with contextlib.suppress(OSError):
                        one.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """The cable is in again."""
        self._is_cut = False

    def close(self) -> None:
        """Ends every connection and thread."""
        self._ending = True
        self.cut()
        for thread in self._threads:
            thread.join(5)
        self._server.close()

    def _spawn(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._ending:
            try:
                near, _ = self._server.accept()
            except TimeoutError:
                continue
            try:
                with self._connecting:
                    if self._is_cut:
                        raise ConnectionRefusedError
                    far = socket.create_connection(("127.0.0.1", self._target()), 2)
                    self._pairs.append((near, far))
            except OSError:
                near.close()
                continue
            self._spawn(lambda near=near, far=far: self._carry(near, far))  # type: ignore[misc]

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        held = bytearray()
        with near, far, contextlib.suppress(OSError):
            while True:
                ready, _, _ = select.select([near, far], [], [], 1.0)
                for one in ready:
                    data = one.recv(65536)
                    if not data:
                        return
                    if one is near:
                        far.sendall(data)
                    else:
                        held += data
                        for packet in packets(held):
                            self._pass_on(packet, near, far)
                if self._ending:
                    return

    def _pass_on(self, packet: bytes, near: socket.socket, far: socket.socket) -> None:
        if self._leaf and packet[0] & 0xF0 == PUBLISH:
            topic, identifier = read_publish(packet)
            if topic.endswith(self._leaf):
                self.swallowed += 1
                if identifier:
                    far.sendall(bytes((PUBACK, 2)) + identifier)
                return
        near.sendall(packet)


def packets(held: bytearray) -> Iterator[bytes]:
    """Takes every whole MQTT packet off the front."""
    while True:
        length, size = 0, 1
        while True:
            if len(held) <= size:
                return
            length |= (held[size] & 0x7F) << (7 * (size - 1))
            size += 1
            if not held[size - 1] & 0x80:
                break
        if len(held) < size + length:
            return
        yield bytes(held[: size + length])
        del held[: size + length]


def read_publish(packet: bytes) -> tuple[bytes, bytes]:
    """The topic of a PUBLISH, and its packet identifier (2 bytes; empty at QoS 0)."""
    start = 1
    while packet[start] & 0x80:
        start += 1
    start += 1
    end = start + 2 + int.from_bytes(packet[start : start + 2], "big")
    identifier = packet[end : end + 2] if packet[0] & 0x06 else b""
    return packet[start + 2 : end], identifier
