"""The connection to the hall's broker: MQTT 5 over paho, one network thread, nothing kept here.

The outbox is the only queue: `publish` hands a message on or says no. At most `GATE` messages are with
the broker without its PUBACK (paho neither reads the broker's Receive Maximum nor bounds its own queue).
The session outlives the connection, so that acknowledgements wait at the broker while the line is down.
"""

from __future__ import annotations

import asyncio
import random
import selectors
import socket
import ssl
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import paho.mqtt.client as paho
import structlog
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from config.settings import LinkSettings
from mqtt import messages
from mqtt.messages import (
    Ack,
    BirthAsked,
    CommandGiven,
    ConfigurationDesired,
    Data,
    Envelope,
    HostState,
    Stored,
    TerminalState,
)
from mqtt.topics import TerminalPath

GATE = 20  # messages with the broker at a time
SESSION_SECONDS = 7 * 86400  # how long the broker keeps acknowledgements for a terminal that is away
WILL_DELAY = 30  # seconds: a line that comes back sooner was never gone
FIRST_WAIT = 1.0  # seconds until the next try, doubled each time, ±50 %
LONGEST_WAIT = 30.0
FAREWELL = 3.0  # seconds that closing waits for the broker
HEARD = ("ack", "cmd/+", "cfg/desired")  # leaves that a terminal listens to

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Listeners:
    """Who hears of what; each is called on the asyncio loop."""

    ack: Callable[[Ack], None]
    host_state: Callable[[HostState], None]
    connection: Callable[[bool], None]
    puback: Callable[[str], None]  # the id of a message that the *broker* has taken or turned away
    stored: Callable[[Stored], None] = lambda stored: None  # the hall's answer to a birth
    command: Callable[[CommandGiven], None] = lambda command: None
    desired: Callable[[ConfigurationDesired], None] = lambda desired: None
    birth_asked: Callable[[], None] = lambda: None  # the birth has been said again; health should follow


class Link:
    """One terminal's connection. Opens at once and reconnects for ever until `close()`."""

    def __init__(
        self,
        settings: LinkSettings,
        path: TerminalPath,
        boot: int,
        software: str,
        listeners: Listeners,
        loop: asyncio.AbstractEventLoop,
        catalogue: str = "",
    ) -> None:
        self._settings = settings
        self._path = path
        self._listeners = listeners
        self._loop = loop
        self._birth = TerminalState(online=True, boot=boot, software=software, catalogue=catalogue)
        self._death = TerminalState(online=False, boot=boot, software=software, catalogue=catalogue)
        self._guard = threading.Lock()
        self._flying: dict[int, str] = {}  # paho's message id → our id ("" when nobody asks)
        self._early: set[int] = set()  # confirmed before `_send` came to note them
        self._gate = GATE
        self._connected = threading.Event()
        self._closing = threading.Event()
        self._was_connected = False
        self._woken, self._waker = socket.socketpair()
        self._waker.setblocking(False)
        self._client = self._make_client()
        self._thread = threading.Thread(target=self._run, name="link", daemon=True)
        self._thread.start()

    @property
    def connected(self) -> bool:
        """True while the broker answers. It says nothing about the hall's server behind it."""
        return self._connected.is_set()

    @property
    def in_flight(self) -> frozenset[str]:
        """The ids of messages that the broker has not confirmed."""
        with self._guard:
            return frozenset(self._flying.values())

    @property
    def room(self) -> int:
        """How many messages may be handed on now."""
        with self._guard:
            return max(0, self._gate - len(self._flying)) if self.connected else 0

    def publish(
        self, leaf: str, payload: bytes, *, id: str = "", expiry: int | None = None, retain: bool = False
    ) -> bool:
        """Hands a message to the broker, QoS 1. False when there is no line or no room: try again later.

        `expiry` in seconds lets the broker drop what nobody fetched. Never blocks.
        """
        if not self.room:
            return False
        self._send(leaf, payload, id, expiry, retain)
        return True

    def say_birth(self) -> None:
        """Says again that this terminal is there; nothing without a line, since each connection says it."""
        if self.connected:
            self._send("state", self._state(self._birth), "", None, retain=True)

    def close(self) -> None:
        """Says farewell, disconnects and ends the thread, within seconds. May be called twice."""
        self._closing.set()
        if self.connected:
            farewell = self._send("state", self._state(self._death), "", None, retain=True)
            _wait(farewell, FAREWELL)
        self._client.disconnect()
        self._wake()
        self._thread.join(FAREWELL)
        stuck = self._client.socket()
        if self._thread.is_alive() and stuck is not None:
            _cut(stuck)
        self._thread.join(FAREWELL)
        self._waker.close()
        self._woken.close()

    def _make_client(self) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=f"kt-{self._path}".replace("/", "-"), protocol=paho.MQTTv5
        )
        client.connect_timeout = 5.0
        client.max_inflight_messages_set(0)  # the gate is ours
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        # With this set paho never writes from the thread that publishes: ours does, once woken.
        client.on_socket_register_write = lambda *_: None
        will = _properties(PacketTypes.WILLMESSAGE, WillDelayInterval=WILL_DELAY)
        client.will_set(
            self._path.topic("state"), self._state(self._death), qos=1, retain=True, properties=will
        )
        return client

    def _run(self) -> None:
        """The network thread: connects, serves, and whatever ends that, waits and connects again."""
        wait = FIRST_WAIT
        while not self._closing.is_set():
            try:
                self._connect()
                self._serve()
            except OSError as error:
                _log.info("link.no_connection", error=type(error).__name__)
            except Exception:
                _log.exception("link.failed")
            wait = FIRST_WAIT if self._was_connected else min(LONGEST_WAIT, 2 * wait)
            # With chance in it, so that after a power cut not all terminals come back in one instant.
            self._closing.wait(wait * random.uniform(0.5, 1.5))

    def _connect(self) -> None:
        self._was_connected = False
        self._client.connect(
            self._settings.host,
            self._settings.port,
            self._settings.keepalive_seconds,
            clean_start=False,
            properties=_properties(PacketTypes.CONNECT, SessionExpiryInterval=SESSION_SECONDS),
        )

    def _serve(self) -> None:
        """Reads and writes until the connection ends. Our own loop: paho's fails past descriptor 1024."""
        client, line = self._client, self._client.socket()
        with selectors.DefaultSelector() as selector:
            selector.register(self._woken, selectors.EVENT_READ)
            if line is not None:
                selector.register(line, selectors.EVENT_READ)
            while line is not None and client.socket() is line:
                wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if client.want_write() else 0)
                selector.modify(line, wanted)
                for key, ready in selector.select(1.0):
                    if key.fileobj is self._woken:
                        self._woken.recv(4096)
                    elif ready & selectors.EVENT_READ:
                        _read_all(client)
                if client.socket() is line and client.want_write():
                    client.loop_write()
                client.loop_misc()  # pings, and notices a broker that no longer answers them

    def _wake(self) -> None:
        """Lets the network thread look for something to write."""
        try:
            self._waker.send(b"w")
        except OSError:
            pass  # full: it has been woken already; closed: it has ended

    def _send(
        self, leaf: str, payload: bytes, id: str, expiry: int | None, retain: bool
    ) -> paho.MQTTMessageInfo:
        properties = _properties(PacketTypes.PUBLISH, ContentType="application/cloudevents+json")
        if expiry is not None:
            properties.MessageExpiryInterval = expiry
        # Not under our lock: paho holds its own while it calls `_on_publish`, which wants ours.
        info = self._client.publish(self._path.topic(leaf), payload, 1, retain, properties)
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            _log.info("link.not_sent_yet", leaf=leaf, reason=int(info.rc))
        with self._guard:
            if info.mid in self._early:
                self._early.discard(info.mid)
                done = id
            else:
                self._flying[info.mid] = id
                done = ""
        if done:
            self._tell(self._listeners.puback, done)
        self._wake()
        return info

    def _state(self, state: TerminalState) -> bytes:
        return messages.encode(
            Envelope(
                id=str(uuid.uuid4()),  # of no stream: nobody sorts or counts these
                type=messages.NAMES[TerminalState],
                source=self._path.topic("").rstrip("/"),
                time=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                data=state,
            )
        )

    def _tell(self, listener: Callable[..., None], *arguments: Any) -> None:
        try:
            self._loop.call_soon_threadsafe(listener, *arguments)
        except RuntimeError:
            _log.warning("link.loop_closed")

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
                _log.warning("link.refused_by_broker", reason=str(reason))
                return
            self._gate = min(GATE, getattr(properties, "ReceiveMaximum", GATE))
            quality = SubscribeOptions(qos=1)
            heard = [self._path.topic(leaf) for leaf in HEARD]
            client.subscribe([(topic, quality) for topic in (*heard, self._path.host_state)])
            self._was_connected = True
            self._connected.set()
            self._send("state", self._state(self._birth), "", None, retain=True)
            _log.info("link.connected")
            self._tell(self._listeners.connection, True)
        except Exception:
            _log.exception("link.connect_failed")

    def _on_disconnect(
        self,
        client: paho.Client,
        _userdata: Any,
        _flags: Any,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        was_connected = self.connected
        self._connected.clear()
        if was_connected:
            _log.info("link.disconnected", reason=str(reason))
            self._tell(self._listeners.connection, False)

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
            self._tell(self._listeners.puback, id)

    def _on_message(self, _client: paho.Client, _userdata: Any, message: paho.MQTTMessage) -> None:
        try:
            data: Data = messages.decode(bytes(message.payload)).data
        except (messages.MessageError, msgspec.MsgspecError) as error:
            _log.warning("link.unreadable", topic=message.topic, error=str(error)[:80])
            return
        leaf = message.topic.removeprefix(self._path.topic(""))
        heard = self._listeners
        match data:
            case HostState() if message.topic == self._path.host_state:
                self._tell(heard.host_state, data)
            case Ack() if leaf == "ack":
                self._tell(heard.ack, data)
            case Stored() if leaf == "ack":
                self._tell(heard.stored, data)
            case BirthAsked() if leaf == "cmd/birth":
                self.say_birth()
                self._tell(heard.birth_asked)
            case CommandGiven() if leaf == f"cmd/{data.name}":
                self._tell(heard.command, data)
            case ConfigurationDesired() if leaf == "cfg/desired":
                self._tell(heard.desired, data)
            case _:
                _log.warning("link.unexpected", topic=message.topic)


def _read_all(client: paho.Client) -> None:
    """Reads what has arrived; over TLS also what has been decrypted already and wakes no selector."""
    client.loop_read()
    while isinstance(line := client.socket(), ssl.SSLSocket) and line.pending():
        client.loop_read()


def _wait(info: paho.MQTTMessageInfo, seconds: float) -> None:
    try:
        info.wait_for_publish(seconds)
    except (RuntimeError, ValueError):
        pass  # the line went while we said farewell: the will speaks instead


def _cut(stuck: Any) -> None:
    """Ends a socket that hangs, so that the thread on it can end."""
    try:
        stuck.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def _properties(packet: int, **values: Any) -> Properties:
    properties = Properties(packet)  # type: ignore[no-untyped-call]
    for name, value in values.items():
        setattr(properties, name, value)
    return properties
