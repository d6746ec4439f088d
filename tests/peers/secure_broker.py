"""A mosquitto with the files that `hall broker-config` wrote: a child on the port that they name."""

from __future__ import annotations

from pathlib import Path

from tests.peers.broker import Broker, mosquitto


class SecureBroker(Broker):
    """A broker on the files in `folder`."""

    def __init__(self, folder: Path, port: int) -> None:
        super().__init__(folder)
        self.port = port

    def start(self) -> None:
        """Start it and wait until it listens. RuntimeError with its log when it does not."""
        self._launch([mosquitto(), "-c", str(self.folder / "mosquitto.conf")])
