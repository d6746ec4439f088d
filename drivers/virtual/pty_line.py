"""One stay of a cable in its socket: a PTY behind a symbolic link, and a thread at the device's end."""

from __future__ import annotations

import os
import select
import termios
import threading
import tty
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


class PtyLine:
    """Calls `heard(data)` on a thread of its own for what the terminal writes; `say` sends from any thread.

    OSError when the link cannot be made; a link that a killed bench has left is replaced.
    """

    def __init__(self, link: Path, heard: Callable[[bytes], None]) -> None:
        self._link, self._heard = link, heard
        self._lock = threading.Lock()  # writing and pulling exclude each other
        self.pulled = threading.Event()
        if link.is_symlink():  # anything else there is not ours to remove
            link.unlink()
        link.parent.mkdir(parents=True, exist_ok=True)
        self._wake_out, self._wake_in = os.pipe()
        self._master, self._slave = os.openpty()
        os.set_blocking(self._master, False)
        # Our own handle on the terminal's end keeps the line up between two openings, and raw from the
        # start: in its first state a PTY would echo.
        tty.setraw(self._slave, termios.TCSANOW)
        self._thread = threading.Thread(target=self._serve, name=f"virtual-{link.name}", daemon=True)
        try:
            link.symlink_to(os.ttyname(self._slave))
        except OSError:
            self._close()
            raise
        self._thread.start()

    def say(self, data: bytes) -> None:
        """Sends; what nobody reads is lost, as on a real line."""
        with self._lock:
            if not self.pulled.is_set():
                with suppress(BlockingIOError):
                    os.write(self._master, data)

    def pull(self) -> None:
        """The cable comes out: the terminal's handle hangs up, the link is gone, the thread has ended."""
        with suppress(FileNotFoundError):
            self._link.unlink()
        self.pulled.set()
        os.write(self._wake_in, b"x")
        self._thread.join()
        with self._lock:
            self._close()

    def _close(self) -> None:
        for handle in (self._master, self._slave, self._wake_in, self._wake_out):
            os.close(handle)

    def _serve(self) -> None:
        while not self.pulled.is_set():
            ready, _, _ = select.select([self._master, self._wake_out], [], [])
            if self._master in ready and not self.pulled.is_set():
                self._heard(os.read(self._master, 4096))
