"""What the hall's tests share: a store, a broker, a terminal's voice over it, an ingest as a child."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from sqlalchemy import Engine

from hall.data import store
from hall.settings import BrokerSettings, HallSettings
from mqtt import messages as m
from tests.peers.broker import Broker, broker

PATIENCE = 60.0


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Until the condition holds; fails saying what did not happen."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.02)


class Hall:
    """A store, a broker, and ingests that can be killed."""

    def __init__(self, folder: Path, peer: Broker) -> None:
        self.broker = peer
        self.settings = HallSettings(
            data=folder / "hall", area="a", hall="h", broker=BrokerSettings(host=peer.host, port=peer.port)
        )
        store.migrate(self.settings)
        self.engine: Engine = store.open_store(self.settings)
        self._file = folder / "hall.toml"
        self._file.write_text(
            f'data = "{folder / "hall"}"\narea = "a"\nhall = "h"\n[broker]\nport = {peer.port}\n'
        )
        self._child: subprocess.Popen[str] | None = None

    def start(self, sabotage: str = "pass") -> None:
        """Start an ingest as a child and wait for its ready line; `sabotage` runs in it first."""
        code = (
            "import os, signal, sys; from pathlib import Path\n"
            "from hall import serve, settings; from hall.intake import ingest\n"
            f"{sabotage}\nserve.run_ingest(settings.load(Path(sys.argv[1])))"
        )
        self._child = subprocess.Popen(
            [sys.executable, "-c", code, str(self._file)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._child.stdout is not None
        assert self._child.stdout.readline() == "ingest ready\n"

    def kill(self) -> None:
        """kill -9."""
        assert self._child is not None
        self._child.kill()
        self.wait_dead()

    def wait_dead(self) -> int:
        """Until the ingest is gone; its exit code."""
        assert self._child is not None and self._child.stdout is not None
        code = self._child.wait(PATIENCE)
        self._child.stdout.close()
        self._child = None
        return code

    def end(self) -> int:
        """SIGTERM; returns its exit code."""
        assert self._child is not None
        self._child.send_signal(signal.SIGTERM)
        return self.wait_dead()

    def close(self) -> None:
        """Everything gone."""
        if self._child is not None:
            self.kill()
        self.engine.dispose()


class Terminal:
    """A terminal at the broker: publishes what it is given, keeps the acks by id."""

    def __init__(self, peer: Broker, path: str = "a/h/k") -> None:
        self.path = path
        self.acks: dict[str, list[str]] = {}
        self.told: list[m.Stored | m.BirthAsked] = []  # the answers to its births, and what the hall asked
        self._client = paho.Client(CallbackAPIVersion.VERSION2, path.replace("/", "-"), protocol=paho.MQTTv5)
        self._client.on_message = self._on_message
        subscribed = threading.Event()
        self._client.on_connect = lambda client, *_: client.subscribe(
            [(f"kt/1/{path}/ack", 1), (f"kt/1/{path}/cmd/birth", 1)]
        )
        self._client.on_subscribe = lambda *_: subscribed.set()
        self._client.connect(peer.host, peer.port)
        self._client.loop_start()
        assert subscribed.wait(PATIENCE)

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> None:
        """QoS 1; returns when the broker has it."""
        self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(PATIENCE)

    def publish_many(self, letters: list[tuple[str, bytes]]) -> None:
        """QoS 1, in this order; returns when the broker has the last."""
        sent = [self._client.publish(topic, payload, qos=1) for topic, payload in letters]
        for one in sent:
            one.wait_for_publish(PATIENCE)

    def listen(self, topic: str, heard: Callable[[m.Data], None]) -> None:
        """Call `heard` with the body of each message on another topic, on the client's thread."""
        self._client.message_callback_add(
            topic, lambda _c, _d, message: heard(m.decode(bytes(message.payload)).data)
        )
        self._client.subscribe(topic, qos=1)

    def _on_message(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        ack = m.decode(bytes(message.payload)).data
        if not isinstance(ack, m.Ack):
            assert isinstance(ack, m.Stored | m.BirthAsked)
            self.told.append(ack)
            return
        self.acks.setdefault(ack.id, []).append(ack.code)

    def close(self) -> None:
        """Hang up."""
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    """A hall with a broker of its own and no ingest yet."""
    with broker(tmp_path / "broker") as running:
        made = Hall(tmp_path, running)
        yield made
        made.close()


@pytest.fixture
def terminal(hall: Hall) -> Iterator[Terminal]:
    """The terminal a/h/k at the hall's broker."""
    made = Terminal(hall.broker)
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty store, of each kind."""
    database = "" if request.param == "sqlite" else request.getfixturevalue("database")
    settings = HallSettings(data=tmp_path, area="a", hall="h", database=database)
    if request.param == "sqlite":
        store.migrate(settings)
    opened = store.open_store(settings)
    yield opened
    opened.dispose()
