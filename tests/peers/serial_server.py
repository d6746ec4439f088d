"""A serial server: a line on TCP, as the small boxes do that bring a card reader to a network."""

from __future__ import annotations

import os
import select
import socket
import threading
from contextlib import suppress

from drivers.virtual.virtual_device import VirtualDevice


class SerialServer:
    """Gives the line of `device`, a virtual device with a PTY at `link`, to one TCP client at a time."""

    def __init__(self, device: VirtualDevice) -> None:
        self._device = device
        self._ending = threading.Event()
        self._listener: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.port = 0

    def start(self) -> None:
        """Starts the device, then listens on a free port."""
        self._device.start()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread.start()

    def stop(self) -> None:
        """Hangs up and stops the device."""
        self._ending.set()
        self._thread.join()
        assert self._listener is not None
        self._listener.close()
        self._device.stop()

    def _serve(self) -> None:
        assert self._listener is not None
        while not self._ending.is_set():
            if not select.select([self._listener], [], [], 0.05)[0]:
                continue
            client, _ = self._listener.accept()
            with client, suppress(OSError):  # either end has hung up
                line = os.open(str(self._device.state()["link"]), os.O_RDWR | os.O_NOCTTY)
                try:
                    self._pass_on(client, line)
                finally:
                    os.close(line)

    def _pass_on(self, client: socket.socket, line: int) -> None:
        """Bytes both ways until one end hangs up, or a new client knocks: the old one has gone silently."""
        assert self._listener is not None
        ends: list[socket.socket | int] = [client, line, self._listener]
        while not self._ending.is_set():
            ready, _, _ = select.select(ends, [], [], 0.05)
            if self._listener in ready:
                return
            if line in ready:
                client.sendall(os.read(line, 4096))
            if client in ready:
                data = client.recv(4096)
                if not data:
                    return
                os.write(line, data)
