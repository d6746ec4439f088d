"""Hears everything that goes over the broker, with the moment at which it came."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode


@dataclass(frozen=True)
class Heard:
    """One message: its topic's last part, type, body, and when it came (monotonic)."""

    leaf: str
    id: str
    type: str
    data: dict[str, Any]
    at: float


class Listener:
    """A subscriber to the whole tree, from `open()` to `close()`. Comes back by itself after a break."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._lock = threading.Lock()
        self._heard: list[Heard] = []
        self.at_ack: Callable[[str], None] | None = None  # called at once, with the acknowledged id
        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_message
        self._client.reconnect_delay_set(1, 1)

    def open(self) -> None:
        self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def heard(self, leaf: str = "", since: float = 0.0) -> list[Heard]:
        """What came on topics with this last part since that moment; on all when it is empty."""
        with self._lock:
            return [one for one in self._heard if (not leaf or one.leaf == leaf) and one.at >= since]

    def _on_connect(
        self, client: Client, data: object, flags: ConnectFlags, code: ReasonCode, more: Properties | None
    ) -> None:
        client.subscribe("kt/#", qos=0)

    def _on_message(self, client: Client, data: object, message: MQTTMessage) -> None:
        at = time.monotonic()
        leaf = message.topic.rsplit("/", 1)[-1]
        try:
            told = json.loads(message.payload)
        except ValueError:
            return
        body = told.get("data", {})
        with self._lock:
            self._heard.append(Heard(leaf, told.get("id", ""), told.get("type", ""), body, at))
        if told.get("type") == "hall.ack" and self.at_ack is not None:  # a birth is answered there, too
            self.at_ack(body.get("id", ""))
