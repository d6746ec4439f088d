"""A mosquitto of our own for a test: a child on a free port, with data that outlives kill -9."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from string import Template

TEMPLATE = Path(__file__).parents[2] / "config" / "deploy" / "mosquitto.conf"
START_SECONDS = 60.0
PORTS = range(30_000, 32_768)  # below those that the kernel gives to clients, and to who asks for any


class Broker:
    """A running broker. `kill` is kill -9; `start` again uses the same port and the same data."""

    def __init__(self, folder: Path) -> None:
        self.host = "127.0.0.1"
        self.port = free_port()
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it accepts connections. RuntimeError with its log when it does not."""
        text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
            port=self.port, folder=self.folder.resolve()
        )
        file = self.folder / "mosquitto.conf"
        file.write_text(text, encoding="utf-8")
        self._launch([mosquitto(), "-c", str(file)])

    def _launch(self, command: list[str], environment: Mapping[str, str] | None = None) -> None:
        """Start the program and wait until its port is open."""
        own = {**os.environ, **(environment or {})}
        with (self.folder / "broker.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=own
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

    @property
    def pid(self) -> int:
        """Of the running broker. RuntimeError when none runs."""
        if self._process is None:
            raise RuntimeError("the broker does not run")
        return self._process.pid

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(60)
            self._process = None


def mosquitto() -> str:
    """Where the program is. RuntimeError when it is not installed."""
    program = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        raise RuntimeError("mosquitto is not installed: run `make setup`")
    return program


def free_port() -> int:
    """A TCP port that nobody listens on now, and that nobody else of all tests gets for some thousand calls.

    One of the kernel's choice may be another's before a slow child binds it, or while a peer is down.
    """
    with (Path(tempfile.gettempdir()) / f"kt-test-ports-{os.geteuid()}").open("a+") as last:
        fcntl.flock(last, fcntl.LOCK_EX)
        last.seek(0)
        before = int(last.read() or 0)
        for number in range(before + 1, before + len(PORTS)):
            port = PORTS[number % len(PORTS)]
            with socket.socket() as probe, suppress(OSError):
                probe.bind(("", port))
                last.truncate(0)
                last.write(str(number))
                return port
    raise OSError(f"no port of {PORTS} is free")


@contextmanager
def kept(port: int) -> Iterator[None]:
    """Nobody else takes the port of a broker that is away, nor a connection to it itself; the broker may."""
    with socket.socket() as place:
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        place.bind(("127.0.0.1", port))
        yield


@contextmanager
def broker(folder: Path) -> Iterator[Broker]:
    """A broker for as long as the block runs; its data and log are in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    running = Broker(folder)
    running.start()
    try:
        yield running
    finally:
        running.kill()
