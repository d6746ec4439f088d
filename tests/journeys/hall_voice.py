"""What gives commands in tests: the hall's voice at the broker, and an ear for what the terminal tells."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from config.identifiers import uuid7
from mqtt import messages
from mqtt.messages import (
    CommandGiven,
    CommandPart,
    CommandState,
    ConfigurationDesired,
    ConfigurationReported,
    Data,
    Envelope,
    Health,
)
from mqtt.topics import TerminalPath
from tests.mqtt.small_hall import eventually

LATER = "2099-01-01T00:00:00Z"


class HallVoice:
    """Speaks to one terminal. `states`, `healthy` and `reported` are what it has told, each message once."""

    def __init__(self, port: int, path: TerminalPath) -> None:
        self.path = path
        self.states: list[CommandState] = []
        self.reported: list[ConfigurationReported] = []
        self.healthy: list[Health] = []
        self._parts: dict[str, dict[int, bytes]] = {}
        self._seen: set[str] = set()
        self._ready = threading.Event()
        self.client = paho.Client(CallbackAPIVersion.VERSION2, f"voice-{uuid7()}", protocol=paho.MQTTv5)
        self.client.on_connect = self._on_connect
        self.client.on_subscribe = lambda *_: self._ready.set()
        self.client.on_message = self._on_message
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        assert self._ready.wait(60)

    def give(self, name: str, id: str = "", deadline: str = LATER, **arguments: str | int) -> str:
        """Gives a command; returns its id."""
        id = id or uuid7()
        self._publish(f"cmd/{name}", CommandGiven(id, name, deadline, arguments))
        return id

    def desire(self, version: int, values: Mapping[str, str | int]) -> None:
        """Says what shall be set, retained."""
        self._publish("cfg/desired", ConfigurationDesired(version, dict(values)), retain=True)

    def told(self, id: str) -> list[str]:
        """The states told of a command."""
        return [f"{s.state} {s.code} {s.detail}".strip() for s in list(self.states) if s.command == id]

    def until(self, id: str, state: str) -> CommandState:
        """Waits until a command is in this state: the message that said so."""
        try:
            eventually(lambda: any(s.command == id and s.state == state for s in list(self.states)))
        except AssertionError:
            raise AssertionError(f"{id} is never {state}: {self.told(id)}") from None
        return next(s for s in self.states if s.command == id and s.state == state)

    def file(self, id: str) -> bytes:
        """What a command has brought."""
        return b"".join(piece for _, piece in sorted(self._parts[id].items()))

    def close(self) -> None:
        """Ends the thread."""
        self.client.disconnect()
        self.client.loop_stop()

    def _publish(self, leaf: str, data: Data, retain: bool = False) -> None:
        envelope = Envelope(uuid7(), messages.NAMES[type(data)], "hall", "2026-11-22T00:00:00Z", data)
        self.client.publish(self.path.topic(leaf), messages.encode(envelope), 1, retain)

    def _on_connect(self, client: paho.Client, *_: Any) -> None:
        client.subscribe([(self.path.topic(leaf), 1) for leaf in ("res", "health", "cfg/reported")])

    def _on_message(self, _client: paho.Client, _userdata: Any, message: paho.MQTTMessage) -> None:
        envelope = messages.decode(bytes(message.payload))
        if envelope.id in self._seen:
            return
        self._seen.add(envelope.id)
        match envelope.data:
            case CommandState():
                self.states.append(envelope.data)
            case CommandPart(command, number, content):
                self._parts.setdefault(command, {})[number] = content
            case Health():
                self.healthy.append(envelope.data)
            case ConfigurationReported():
                self.reported.append(envelope.data)


@contextmanager
def hall_voice(port: int, path: TerminalPath) -> Iterator[HallVoice]:
    """A voice for as long as the block runs."""
    voice = HallVoice(port, path)
    try:
        yield voice
    finally:
        voice.close()
