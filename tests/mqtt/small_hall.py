"""The other end of the wire for tests: takes what arrives, and acknowledges as it is told to."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from mqtt import messages
from mqtt.messages import Ack, Data, Envelope, HostState, Stored, TerminalState
from mqtt.topics import TerminalPath

Answer = Callable[[Envelope[Data]], Ack | None]


def stored(envelope: Envelope[Data]) -> Ack:
    """The answer of a hall that has committed."""
    return Ack(envelope.id, "stored")


class SmallHall:
    """Keeps each message once by its id, like the hall's store, and counts how often it came.

    With a `generation` it answers each birth with what it has, as the hall does.
    """

    def __init__(self, host: str, port: int, path: TerminalPath, answer: Answer, modern: bool = True) -> None:
        self.path = path
        self.answer = answer
        self.rows: dict[str, Envelope[Data]] = {}
        self.arrivals: list[str] = []
        self.states: list[tuple[bool, bool, int]] = []  # (retained, online, boot)
        self.births: list[tuple[int, int, bool]] = []  # (boot, connection, online), retained ones too
        self.generation = ""
        self.subscribed = threading.Event()
        protocol = MQTTProtocolVersion.MQTTv5 if modern else MQTTProtocolVersion.MQTTv311
        self.client = paho.Client(CallbackAPIVersion.VERSION2, f"hall-{uuid.uuid4()}", protocol=protocol)
        self.client.on_connect = self._on_connect
        self.client.on_subscribe = lambda *_: self.subscribed.set()
        self.client.on_message = self._on_message
        self.client.reconnect_delay_set(1, 1)
        self.client.connect(host, port)
        self.client.loop_start()

    def publish(self, topic: str, data: Data, retain: bool = False) -> None:
        """Sends any message."""
        envelope = Envelope("1", messages.NAMES[type(data)], "hall", "2026-03-02T00:00:00Z", data)
        self.client.publish(topic, messages.encode(envelope), 1, retain)

    def say_state(self, state: HostState) -> None:
        """The retained host state."""
        self.publish(self.path.host_state, state, retain=True)

    def close(self) -> None:
        """Ends the thread."""
        self.client.disconnect()
        self.client.loop_stop()

    def _on_state(self, retained: bool, state: TerminalState) -> None:
        self.states.append((retained, state.online, state.boot))
        self.births.append((state.boot, state.connection, state.online))
        if state.online and self.generation:
            self.publish(self.path.topic("ack"), Stored(self.generation, self.settled()))

    def settled(self) -> dict[str, tuple[int, int]]:
        """By stream the number up to which nothing is missing, of the newest boot that has any."""
        numbers: dict[str, set[tuple[int, int]]] = {}
        for row in self.rows.values():
            if row.seq:
                numbers.setdefault(messages.STREAM[row.type], set()).add((row.boot, row.seq))
        found = {}
        for stream, have in numbers.items():
            boot = max(have)[0]
            seq = 0
            while (boot, seq + 1) in have:
                seq += 1
            found[stream] = (boot, seq)
        return found

    def _on_connect(self, client: paho.Client, *_: Any) -> None:
        client.subscribe([(self.path.topic(leaf), 1) for leaf in ("tx", "res", "evt", "state", "health")])

    def _on_message(self, _client: paho.Client, _userdata: Any, message: paho.MQTTMessage) -> None:
        envelope = messages.decode(bytes(message.payload))
        if isinstance(envelope.data, messages.TerminalState):
            self._on_state(message.retain, envelope.data)
            return
        self.arrivals.append(envelope.id)
        answer = self.answer(envelope)
        if answer is not None and answer.code == "stored":
            self.rows.setdefault(envelope.id, envelope)
        if answer is not None:
            self.publish(self.path.topic("ack"), answer)


@contextmanager
def small_hall(
    host: str, port: int, path: TerminalPath, answer: Answer = stored, modern: bool = True
) -> Iterator[SmallHall]:
    """A hall for as long as the block runs, subscribed when it begins. It speaks 5, or not `modern` 3.1.1."""
    hall = SmallHall(host, port, path, answer, modern)
    try:
        assert hall.subscribed.wait(60)
        yield hall
    finally:
        hall.close()


def eventually(true: Callable[[], object], seconds: float = 60.0) -> None:
    """Waits until it holds; AssertionError when it never does."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
