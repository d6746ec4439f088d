"""A mosquitto with the files that `hall broker-config` wrote: a child on the port that they name."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

START_SECONDS = 60.0


class SecureBroker:
    """A broker on the files in `folder`."""

    def __init__(self, folder: Path, port: int) -> None:
        self.host, self.port, self.folder = "127.0.0.1", port, folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it listens. RuntimeError with its log when it does not."""
        program = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
        if program is None:
            raise RuntimeError("mosquitto is not installed: run `make setup`")
        with (self.folder / "broker.log").open("ab") as log:
            self._process = subprocess.Popen(
                [program, "-c", str(self.folder / "mosquitto.conf")], stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                socket.create_connection((self.host, self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.02)
        self.kill()
        raise RuntimeError(self.log()[-2000:])

    def log(self) -> str:
        """What it has said so far."""
        return (self.folder / "broker.log").read_text(errors="replace")

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(60)
            self._process = None
