"""systemd's side of sd_notify: a socket that hears what a program says of itself."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PATIENCE = 60.0  # seconds


class Heard:
    """What came over the socket, a line each, with when it came."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self.lines: list[tuple[float, str]] = []

    def until(self, word: str, seconds: float = PATIENCE) -> bool:
        """Hears until a line that begins with `word` comes in; False when none does in that time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._line.settimeout(left)
            try:
                told = self._line.recv(4096).decode().splitlines()
            except TimeoutError:
                return False
            self.lines += [(time.monotonic(), one) for one in told]
            if any(one.startswith(word) for one in told):
                return True
        return False

    def forget(self) -> None:
        """What has come so far is not looked at."""
        self._line.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                self._line.recv(4096)
        self.lines.clear()

    def words(self) -> list[str]:
        """All lines so far."""
        return [line for _, line in self.lines]


@contextmanager
def listening(folder: Path, *, abstract: bool = False) -> Iterator[tuple[str, Heard]]:
    """Its address as NOTIFY_SOCKET names it, and what it hears."""
    name = f"@kiosk-notify-{os.getpid()}-{folder.name}" if abstract else str(folder / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind("\0" + name[1:] if abstract else name)
        yield name, Heard(line)
