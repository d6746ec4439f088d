"""The link to the hall's broker: one network thread that connects for ever, nothing kept here.

The outbox is the only queue: `publish` hands a message on or says no. No more messages are with the broker
without its PUBACK than it takes at a time. The session outlives the connection, so that acknowledgements
wait at the broker while the line is down.

Births and deaths say which connection of which boot they are of, and so does each will: the death of an old
connection, told late or beside the new one, is never taken for ours.
"""

from __future__ import annotations

import asyncio
import random
import socket
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import paho.mqtt.client as paho
import structlog

from config.settings import LinkSettings
from mqtt import messages
from mqtt.connection import Connection, Ears
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
from mqtt.protocol import Answer, Choice, Version
from mqtt.topics import TerminalPath

WILL_DELAY = 30  # seconds: a line that comes back sooner was never gone
FIRST_WAIT = 1.0  # seconds until the next try, doubled each time, ±50 %
LONGEST_WAIT = 30.0
FAREWELL = 3.0  # seconds that closing waits for the broker
SPARE_SECONDS = 2.0  # how long a place is kept free for what had none

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
    """One terminal's line to the hall. Connects at once and again for ever until `close()`.

    `clock` is monotonic; `pause(closing, seconds)` waits between two tries, and no longer than until closing.
    """

    def __init__(
        self,
        settings: LinkSettings,
        path: TerminalPath,
        boot: int,
        software: str,
        listeners: Listeners,
        loop: asyncio.AbstractEventLoop,
        catalogue: str = "",
        *,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[threading.Event, float], object] = threading.Event.wait,
    ) -> None:
        self._settings = settings
        self._path = path
        self._listeners = listeners
        self._loop = loop
        self._state = TerminalState(online=True, boot=boot, software=software, catalogue=catalogue)
        self._clock, self._pause = clock, pause
        self._choice = Choice(settings.protocol, clock)
        self._closing, self._again = threading.Event(), threading.Event()
        self._said_farewell = threading.Event()
        self._spare_until = 0.0
        self._unreadable = 0
        self._told_of = False  # what the listeners last heard of the connection
        self._woken, self._waker = socket.socketpair()
        self._waker.setblocking(False)
        self._connection: Connection | None = None
        self._number = 0
        self._thread = threading.Thread(target=self._run, name="link", daemon=True)
        self._thread.start()

    @property
    def connected(self) -> bool:
        """True while the broker answers. It says nothing about the hall's server behind it."""
        return self._connection is not None and self._connection.up

    @property
    def boot(self) -> int:
        """Which start of the terminal this is."""
        return self._state.boot

    @property
    def connection(self) -> int:
        """Which connection of this boot stands, or stood last; 0 before the first. Tries count too."""
        return self._number

    @property
    def protocol(self) -> str:
        """What the broker understands: `5` or `3.1.1`; empty without a line."""
        connection = self._connection
        return connection.version if connection is not None and connection.up else ""

    @property
    def unreadable(self) -> int:
        """How many messages came that nobody could read or that have no business here."""
        return self._unreadable

    @property
    def in_flight(self) -> frozenset[str]:
        """The ids of messages that the broker has not confirmed."""
        connection = self._connection
        return connection.in_flight if connection is not None else frozenset()

    @property
    def room(self) -> int:
        """How many messages of the outbox may be handed on now; one less while something else waits too."""
        connection = self._connection
        room = connection.room if connection is not None else 0
        return max(0, room - 1) if self._clock() < self._spare_until else room

    def publish(
        self, leaf: str, payload: bytes, *, id: str = "", expiry: int | None = None, retain: bool = False
    ) -> bool:
        """Hands a message to the broker, QoS 1. False when there is no line or no room: try again later.

        One without `id` (health, say) that found no room has the next place, for two seconds: transactions
        do not starve it, nor it them. `expiry` in seconds lets the broker drop what nobody fetched. One
        that is larger than the broker takes is answered by `Ack(id, "too_large")`, which is final. Never
        blocks.
        """
        connection = self._connection
        if connection is None or not connection.up:
            return False
        if not connection.fits(leaf, payload):
            self._too_large(leaf, id)
            return True
        if not (self.room if id else connection.room):
            if not id:
                self._spare_until = self._clock() + SPARE_SECONDS
            return False
        if not id:
            self._spare_until = 0.0
        sent = connection.send(leaf, payload, id, expiry, retain)
        self._wake()
        return sent is not None

    def say_birth(self) -> None:
        """Says again that this terminal is there; nothing without a line, since each connection says it."""
        connection = self._connection
        if connection is not None and connection.up:
            self._say(connection, online=True)

    def tell_catalogue(self, catalogue: str) -> None:
        """Another release of the catalogue is in use: said now, and with each birth from now on."""
        self._state = msgspec.structs.replace(self._state, catalogue=catalogue)
        self.say_birth()

    def reconnect(self) -> None:
        """Ends this connection in good order and makes the next at once: with new certificates, say."""
        self._again.set()
        self._wake()

    def close(self) -> None:
        """Says farewell, disconnects and ends the thread, within seconds. May be called twice."""
        self._closing.set()
        connection = self._connection
        if connection is not None and connection.up:
            _wait(self._say(connection, online=False), FAREWELL)
        self._said_farewell.set()
        self._wake()
        self._thread.join(FAREWELL)
        if self._thread.is_alive() and self._connection is not None:
            self._connection.cut()
        self._thread.join(FAREWELL)
        self._waker.close()
        self._woken.close()

    # On the network thread.

    def _run(self) -> None:
        """Connects, serves, and whatever ends that, waits and connects again."""
        wait = FIRST_WAIT
        while not self._closing.is_set():
            spoken = self._choice.version
            answer = self._connect_once(spoken)
            if self._again.is_set():
                self._again.clear()
                wait = FIRST_WAIT
                continue
            if answer is Answer.VERSION_REFUSED and spoken == "5" and self._choice.version != spoken:
                continue  # the broker has said what it does not speak: no need to wait
            wait = FIRST_WAIT if answer is Answer.ACCEPTED else min(LONGEST_WAIT, 2 * wait)
            # With chance in it, so that after a power cut not all terminals come back in one instant.
            self._pause(self._closing, wait * random.uniform(0.5, 1.5))

    def _connect_once(self, version: Version) -> Answer:
        """One connection from beginning to end; how the broker took it."""
        number = self._number + 1
        connection: Connection | None = None
        try:
            will = self._letter(online=False, number=number)
            ears = Ears(self._on_up, self._on_message, self._on_puback)
            connection = Connection(self._settings, self._path, version, number, will, WILL_DELAY, ears)
            self._connection, self._number = connection, number
            connection.connect()
            connection.serve(self._woken, self._is_over)
        except OSError as error:
            reason = getattr(error, "reason", "") or ""  # of TLS: CERTIFICATE_VERIFY_FAILED …
            _log.info("link.no_connection", error=type(error).__name__, reason=reason)
        except Exception:
            _log.exception("link.failed")
        finally:
            if connection is not None:
                connection.end()
            self._tell_connection(False)
        answer = connection.answer if connection is not None else Answer.UNREACHED
        if not self._closing.is_set() and not self._again.is_set():
            self._choice.note(version, answer)
        return answer

    def _is_over(self) -> bool:
        """Whether we end the connection that stands ourselves."""
        if self.connected and self._choice.doubtful:
            self._again.set()
        return self._again.is_set() or self._said_farewell.is_set()

    def _on_up(self) -> None:
        connection = self._connection
        if connection is not None:
            self._say(connection, online=True)
            _log.info("link.connected", protocol=connection.version)
            self._tell_connection(True)

    def _tell_connection(self, up: bool) -> None:
        if up != self._told_of:
            self._told_of = up
            self._tell(self._listeners.connection, up)

    def _on_puback(self, id: str, too_large: bool) -> None:
        if too_large:
            self._too_large("", id)
        self._tell(self._listeners.puback, id)

    def _on_message(self, topic: str, payload: bytes) -> None:
        try:
            data: Data = messages.decode(payload).data
        except (messages.MessageError, msgspec.MsgspecError) as error:
            self._unreadable += 1
            _log.warning("link.unreadable", topic=topic, code=getattr(error, "code", "malformed"))
            return
        heard = self._listeners
        if topic == self._path.host_state and isinstance(data, HostState):
            self._tell(heard.host_state, data)
            return
        match topic.removeprefix(self._path.topic("")), data:
            case "ack", Ack():
                self._tell(heard.ack, data)
            case "ack", Stored():
                self._tell(heard.stored, data)
            case "cmd/birth", BirthAsked():
                self.say_birth()
                self._tell(heard.birth_asked)
            case leaf, CommandGiven() if leaf == f"cmd/{data.name}":
                self._tell(heard.command, data)
            case "cfg/desired", ConfigurationDesired():
                self._tell(heard.desired, data)
            case "state", TerminalState():
                self._outlive(data)
            case _:
                self._unreadable += 1
                _log.warning("link.unexpected", topic=topic)

    def _outlive(self, told: TerminalState) -> None:
        """The will of an old connection came after the birth of this one and is what stands retained now."""
        if not told.online and (told.boot, told.connection) < (self.boot, self._number):
            _log.info("link.old_will", connection=told.connection)
            self.say_birth()

    # From either thread.

    def _say(self, connection: Connection, *, online: bool) -> paho.MQTTMessageInfo | None:
        sent = connection.send("state", self._letter(online=online, number=connection.number), retain=True)
        self._wake()
        return sent

    def _letter(self, *, online: bool, number: int) -> bytes:
        """Birth or death of a connection, as it goes over the wire."""
        return messages.encode(
            Envelope(
                id=str(uuid.uuid4()),  # of no stream: nobody sorts or counts these
                type=messages.NAMES[TerminalState],
                source=self._path.source,
                time=messages.now(),
                data=msgspec.structs.replace(self._state, online=online, connection=number),
            )
        )

    def _too_large(self, leaf: str, id: str) -> None:
        _log.warning("link.too_large", leaf=leaf, id=id)
        if id:
            self._tell(self._listeners.ack, Ack(id, "too_large"))

    def _wake(self) -> None:
        """Lets the network thread look for something to do."""
        try:
            self._waker.send(b"w")
        except OSError:
            pass  # full: it has been woken already; closed: it has ended

    def _tell(self, listener: Callable[..., None], *arguments: Any) -> None:
        try:
            self._loop.call_soon_threadsafe(listener, *arguments)
        except RuntimeError:
            _log.warning("link.loop_closed")


def _wait(info: paho.MQTTMessageInfo | None, seconds: float) -> None:
    try:
        if info is not None:
            info.wait_for_publish(seconds)
    except (RuntimeError, ValueError):
        pass  # the line went while we said farewell: the will speaks instead
