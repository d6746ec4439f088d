"""A broker that knows MQTT 3.1.1 and no 5: Debian's nats-server, a child on free ports."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.peers.broker import START_SECONDS, free_port


class OldBroker:
    """Running once started; `kill` is kill -9, `start` again has the same port and data."""

    def __init__(self, folder: Path) -> None:
        self.host, self.port, self.folder = "127.0.0.1", free_port(), folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it listens. RuntimeError with its log when it does not."""
        program = shutil.which("nats-server", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
        if program is None:
            raise RuntimeError("nats-server is not installed: run `make setup`")
        told = {
            "server_name": "hall",
            "listen": f"127.0.0.1:{free_port()}",  # its own protocol, which nobody here speaks
            "jetstream": {"store_dir": str(self.folder.resolve())},
            "mqtt": {"listen": f"{self.host}:{self.port}"},
        }
        (self.folder / "nats.conf").write_text(json.dumps(told), encoding="utf-8")
        with (self.folder / "broker.log").open("ab") as log:
            self._process = subprocess.Popen(
                [program, "-c", str(self.folder / "nats.conf")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                socket.create_connection((self.host, self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.02)
        self.kill()
        raise RuntimeError((self.folder / "broker.log").read_text(errors="replace")[-2000:])

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(60)
            self._process = None


@contextmanager
def old_broker(folder: Path) -> Iterator[OldBroker]:
    """A broker for as long as the block runs; its data and log are in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    running = OldBroker(folder)
    running.start()
    try:
        yield running
    finally:
        running.kill()
