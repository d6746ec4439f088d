"""HTTP whose every connect, read and write ends at one deadline.

The time-outs of HTTP clients are for each read; an answer that drips a byte a second then holds the caller
for as long as it likes. Here the network itself is given what is left of one deadline, each time.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from typing import Any

import httpcore

from drivers.device import Deadline

_PIECE = 4096  # bytes; before each the deadline is looked at


class DeadlineNetwork(httpcore.NetworkBackend):
    """The network of an `httpcore.ConnectionPool`. `deadline` is set before each request."""

    def __init__(self) -> None:
        self.deadline = Deadline(0.0)
        self._network = httpcore.SyncBackend()

    def left(self) -> float:
        """Seconds left. httpcore.ReadTimeout when there are none."""
        seconds = self.deadline.left
        if seconds <= 0:
            raise httpcore.ReadTimeout("the deadline has passed")
        return seconds

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """As `httpcore.NetworkBackend`; so are all that follow."""
        stream = self._network.connect_tcp(host, port, self.left(), local_address, socket_options)
        return _Stream(stream, self)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, network: DeadlineNetwork) -> None:
        self._stream, self._network = stream, network

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._network.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for at in range(0, len(buffer), _PIECE):
            self._stream.write(buffer[at : at + _PIECE], self._network.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._network.left())
        return _Stream(stream, self._network)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
