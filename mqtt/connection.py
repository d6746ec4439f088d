"""One connection to the broker, from CONNECT to its end. The next one is another object.

So nothing of an old connection reaches into the new one, each has the will that names it, and each reads the
certificates anew. It runs paho with a loop of our own.
"""

from __future__ import annotations

import selectors
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import paho.mqtt.client as paho
import structlog
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from config.settings import LinkSettings, TlsSettings
from mqtt.protocol import Answer, Version
from mqtt.topics import TerminalPath

GATE = 20  # messages with the broker at a time, when it names no number of its own
SESSION_SECONDS = 7 * 86400  # how long the broker keeps acknowledgements for a terminal that is away
CONNECT_SECONDS = 5.0  # for the line, and as long again for TLS
PACKET_OVERHEAD = 64  # bytes of a PUBLISH besides topic and payload, rounded up
HEARD = ("ack", "cmd/+", "cfg/desired")  # leaves that a terminal listens to
PACKET_TOO_LARGE, UNSUPPORTED_VERSION = 0x95, 0x84  # MQTT 5, table 2-6

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Ears:
    """Who hears what happens, on the network thread. None may raise."""

    up: Callable[[], None]
    message: Callable[[str, bytes], None]
    puback: Callable[[str, bool], None]  # our id, and whether the broker finds the message too large


class Connection:
    """`connect()`, then `serve()` on the same thread until it ends; `send` from any thread."""

    def __init__(
        self,
        settings: LinkSettings,
        path: TerminalPath,
        version: Version,
        number: int,
        will: bytes,
        will_delay: int,
        ears: Ears,
    ) -> None:
        self.version = version
        self.number = number
        self.answer = Answer.UNREACHED
        self._settings, self._path, self._ears = settings, path, ears
        self._guard = threading.Lock()
        self._flying: dict[int, str] = {}  # paho's message id → ours ("" when nobody asks)
        self._early: set[int] = set()  # confirmed before `send` came to note them
        self._gate = GATE
        self._largest: int | None = None  # bytes of a packet that the broker takes
        self._up = threading.Event()
        self._client = self._make_client(will, will_delay)

    @property
    def up(self) -> bool:
        """True between CONNACK and the end."""
        return self._up.is_set()

    @property
    def in_flight(self) -> frozenset[str]:
        """The ids of messages that the broker has not confirmed."""
        with self._guard:
            return frozenset(self._flying.values())

    @property
    def room(self) -> int:
        """How many messages the broker takes now."""
        with self._guard:
            return max(0, self._gate - len(self._flying)) if self.up else 0

    def fits(self, leaf: str, payload: bytes) -> bool:
        """Whether the broker takes a message as large as this; it may hang up on one that it does not."""
        size = len(payload) + len(self._path.topic(leaf).encode()) + PACKET_OVERHEAD
        return self._largest is None or size <= self._largest

    def connect(self) -> None:
        """Opens the line and hands CONNECT over. OSError: nobody there, or a certificate that will not do."""
        properties = None
        if self.version == "5":
            properties = _properties(PacketTypes.CONNECT, SessionExpiryInterval=SESSION_SECONDS)
        self._client.connect(
            self._settings.host,
            self._settings.port,
            self._settings.keepalive_seconds,
            clean_start=False if properties else paho.MQTT_CLEAN_START_FIRST_ONLY,
            properties=properties,
        )
        self.answer = Answer.HUNG_UP  # until it says something

    def serve(self, woken: socket.socket, enough: Callable[[], bool]) -> None:
        """Reads and writes until the connection ends, or it is `enough`. `woken` is readable when there is
        something to write. Our own loop: paho's fails past descriptor 1024."""
        client, line = self._client, self._client.socket()
        with selectors.DefaultSelector() as selector:
            selector.register(woken, selectors.EVENT_READ)
            if line is not None:
                selector.register(line, selectors.EVENT_READ)
            while line is not None and client.socket() is line:
                wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if client.want_write() else 0)
                selector.modify(line, wanted)
                for key, ready in selector.select(1.0):
                    if key.fileobj is woken:
                        woken.recv(4096)
                    elif ready & selectors.EVENT_READ:
                        _read_all(client)
                if client.socket() is line and enough():
                    client.disconnect()
                if client.socket() is line and client.want_write():
                    client.loop_write()
                client.loop_misc()  # pings, and notices a broker that no longer answers them

    def send(
        self, leaf: str, payload: bytes, id: str = "", expiry: int | None = None, retain: bool = False
    ) -> paho.MQTTMessageInfo | None:
        """Hands a message to paho, QoS 1; None when the line has gone. Wake the network thread after it."""
        properties = None
        if self.version == "5":
            properties = _properties(PacketTypes.PUBLISH, ContentType="application/cloudevents+json")
            if expiry is not None:
                properties.MessageExpiryInterval = expiry
        # Not under our lock: paho holds its own while it calls `_on_publish`, which wants ours.
        info = self._client.publish(self._path.topic(leaf), payload, 1, retain, properties)
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            return None
        with self._guard:
            if info.mid in self._early:
                self._early.discard(info.mid)
                done = id
            else:
                self._flying[info.mid] = id
                done = ""
        if done:
            self._ears.puback(done, False)
        return info

    def cut(self) -> None:
        """Ends a line that hangs, so that the thread on it can end."""
        if isinstance(line := self._client.socket(), socket.socket):
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def end(self) -> None:
        """After `connect` or `serve` came back, whatever way: closes what is still open."""
        self._up.clear()
        if (line := self._client.socket()) is not None:
            line.close()

    def _make_client(self, will: bytes, will_delay: int) -> paho.Client:
        tls = self._settings.tls
        # With a certificate the broker binds the client id to its name, so that nobody else can use it.
        name = str(self._path) if tls else f"kt-{self._path}".replace("/", "-")
        modern = self.version == "5"
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=name,
            clean_session=None if modern else False,
            protocol=MQTTProtocolVersion.MQTTv5 if modern else MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
        )
        client.connect_timeout = CONNECT_SECONDS
        client.max_inflight_messages_set(0)  # the gate is ours
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        # With this set paho never writes from the thread that publishes: ours does, once woken.
        client.on_socket_register_write = lambda *_: None
        delayed = _properties(PacketTypes.WILLMESSAGE, WillDelayInterval=will_delay) if modern else None
        client.will_set(self._path.topic("state"), will, qos=1, retain=True, properties=delayed)
        if tls is not None:
            client.tls_set_context(trusting(tls))
        return client

    # Paho's callbacks, on the network thread. An exception in one would end that thread without a word.

    def _on_connect(
        self,
        client: paho.Client,
        _userdata: Any,
        _flags: Any,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        try:
            if reason.is_failure:
                version = reason.value == UNSUPPORTED_VERSION
                self.answer = Answer.VERSION_REFUSED if version else Answer.REFUSED
                _log.warning("link.refused_by_broker", reason=str(reason), protocol=self.version)
                return
            self.answer = Answer.ACCEPTED
            self._gate = min(GATE, getattr(properties, "ReceiveMaximum", GATE))
            self._largest = getattr(properties, "MaximumPacketSize", None)
            self._subscribe(client)
            self._up.set()
            self._ears.up()
        except Exception:
            _log.exception("link.connect_failed")

    def _subscribe(self, client: paho.Client) -> None:
        wanted = [(self._path.topic(leaf), 1) for leaf in HEARD]
        wanted.append((self._path.host_state, 1))
        # What others say of us, only while we are there: not worth keeping at the broker.
        wanted.append((self._path.topic("state"), 0))
        if self.version == "5":
            client.subscribe([(topic, SubscribeOptions(qos=qos)) for topic, qos in wanted])
        else:
            client.subscribe(wanted)

    def _on_disconnect(
        self, _client: paho.Client, _userdata: Any, _flags: Any, reason: ReasonCode, _properties: Any
    ) -> None:
        if self.up:
            _log.info("link.disconnected", reason=str(reason))
        self._up.clear()

    def _on_publish(
        self, _client: paho.Client, _userdata: Any, mid: int, reason: ReasonCode, _properties: Properties
    ) -> None:
        with self._guard:
            id = self._flying.pop(mid, None)
            if id is None:
                self._early.add(mid)  # faster than the thread that sends could note it
        if reason.is_failure:
            _log.warning("link.turned_away_by_broker", id=id, reason=str(reason))
        if id:
            self._ears.puback(id, reason.value == PACKET_TOO_LARGE)

    def _on_message(self, _client: paho.Client, _userdata: Any, message: paho.MQTTMessage) -> None:
        try:
            if not (message.retain and message.topic == self._path.topic("state")):
                self._ears.message(message.topic, bytes(message.payload))
        except Exception as error:  # no text: what came may hold anything
            _log.error("link.message_failed", topic=message.topic, error=type(error).__name__)


def trusting(tls: TlsSettings) -> ssl.SSLContext:
    """Who we are and whom we trust: only the hall's authority, the broker's name checked, TLS 1.2 or newer.

    OSError when a file is missing, or key and certificate do not belong together (a renewal under way).
    """
    context = ssl.create_default_context(cafile=str(tls.authority))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(str(tls.certificate), str(tls.key))
    return context


def _read_all(client: paho.Client) -> None:
    """Reads what has arrived; over TLS also what has been decrypted already and wakes no selector."""
    client.loop_read()
    while isinstance(line := client.socket(), ssl.SSLSocket) and line.pending():
        client.loop_read()


def _properties(packet: int, **values: Any) -> Properties:
    properties = Properties(packet)  # type: ignore[no-untyped-call]
    for name, value in values.items():
        setattr(properties, name, value)
    return properties
