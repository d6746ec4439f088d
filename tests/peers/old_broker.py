"""A broker that knows MQTT 3.1.1 and no 5: Debian's nats-server, a child on free ports."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.peers.broker import Broker, free_port


class OldBroker(Broker):
    """Running once started; `kill` is kill -9, `start` again has the same port and data."""

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
        file = self.folder / "nats.conf"
        file.write_text(json.dumps(told), encoding="utf-8")
        self._launch([program, "-c", str(file)])


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
