"""The ingest: takes what the terminals send from the broker into the store, in a process of its own.

Decode, commit, puback, ack. The broker keeps what has no PUBACK, a terminal keeps what has no ack, so that
this process may be killed between any two instructions: what comes twice is filed once.

One thread does it all. Any trouble ends the connection, not the loop: the broker brings everything that
was not acknowledged once more.
"""

from __future__ import annotations

import random
import selectors
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import structlog
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from hall import filing, host_state
from hall.letters import Arrival, Letter, open_letter
from hall.settings import HallSettings
from mqtt import messages
from mqtt.topics import ROOT

MOST = 500  # letters in one transaction
GATHER_SECONDS = 0.02  # the longest that a letter waits for others
IN_FLIGHT = 2000  # what the broker may send ahead of our PUBACKs
CONNECT_SECONDS = 10.0
BACK_OFF_SECONDS = (0.2, 15.0)
HOST_STATE_SECONDS = 30.0
SUBSCRIPTIONS = [f"{ROOT}/+/+/+/{leaf}" for leaf in ("state", "health", "evt", "tx")]

log = structlog.get_logger("ingest")


class ConnectionEnded(Exception):
    """The broker refused us, or the connection is gone; its text says why. Remedy: wait and try again."""


class Ingest:
    """Reads from the broker and files into `engine` until told to stop. The caller disposes of the engine."""

    def __init__(
        self, settings: HallSettings, engine: Engine, on_ready: Callable[[], None] = lambda: None
    ) -> None:
        self._settings = settings
        self._on_ready = on_ready
        self._engine = engine
        self._client: paho.Client | None = None
        self._arrivals: list[Arrival] = []
        self._ended = ""
        self._ready = threading.Event()

    @property
    def ready(self) -> bool:
        """True while subscribed."""
        return self._ready.is_set()

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; then say goodbye to the broker. Returns, never raises."""
        pause = BACK_OFF_SECONDS[0]
        while not stop.is_set():
            try:
                self._connect()
                self._serve(stop)
                self._say_goodbye()
            except (ConnectionEnded, OSError) as error:
                log.warning("link_down", why=str(error))
            except OperationalError as error:
                log.error("store_failed", why=str(error.orig), remedy="look at disk space and the database")
            except Exception:
                log.exception("ingest_failed", remedy="report this; nothing is lost, the broker keeps it")
            pause = BACK_OFF_SECONDS[0] if self._ready.is_set() else min(pause * 2, BACK_OFF_SECONDS[1])
            self._drop()
            stop.wait(pause * random.uniform(0.5, 1.0))

    def take(self, arrivals: Sequence[Arrival], refusal: str = "") -> None:
        """File `arrivals` and answer them: all of them, or none and an exception."""
        letters = [open_letter(arrival, refusal) for arrival in arrivals]
        with self._engine.connect() as tx:
            filing.file_away(tx, letters)
            tx.commit()
            self.acknowledge(letters)

    def acknowledge(self, letters: Sequence[Letter]) -> None:
        """PUBACK in the order received, then tell the terminals: this is stored, or that was refused."""
        client = self._client
        if client is None:
            return
        for letter in letters:
            client.ack(letter.arrival.mid, 1)
        now = _now()
        for letter in letters:
            if letter.answered and letter.path:
                answer = messages.Ack(letter.id, letter.code, retry=False)
                source = host_state.source(letter.path)
                envelope = messages.Envelope("ack-" + letter.id, "hall.ack", source, now, answer)
                client.publish(f"{ROOT}/{letter.path}/ack", messages.encode(envelope), qos=0)

    def _take_what_came(self) -> None:
        arrivals, self._arrivals = self._arrivals, []
        try:
            self.take(arrivals)
        except (OperationalError, InterfaceError, ConnectionEnded):
            raise
        except Exception as error:
            # One letter that no table can hold must not stop the others: find it and refuse it.
            log.warning("batch_failed", kind=type(error).__name__, letters=len(arrivals))
            for arrival in arrivals:
                self._take_one(arrival)

    def _take_one(self, arrival: Arrival) -> None:
        try:
            self.take([arrival])
        except (OperationalError, InterfaceError, ConnectionEnded):
            raise
        except Exception as error:
            log.warning("letter_refused", kind=type(error).__name__, topic=arrival.topic)
            self.take([arrival], refusal="unstorable")

    # ── the connection ──────────────────────────────────────────────────────
    def _connect(self) -> None:
        broker = self._settings.broker
        client = paho.Client(
            CallbackAPIVersion.VERSION2, broker.client_id, protocol=paho.MQTTv5, manual_ack=True
        )
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_disconnect = self._on_disconnect
        client.connect_timeout = CONNECT_SECONDS
        client.will_set(*host_state.will(self._settings), qos=1, retain=True)
        self._ended = ""
        self._client = client
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = broker.session_seconds
        properties.ReceiveMaximum = IN_FLIGHT
        client.connect(
            broker.host, broker.port, broker.keepalive_seconds, clean_start=False, properties=properties
        )

    def _serve(self, stop: threading.Event) -> None:
        client = self._client
        assert client is not None
        said = time.monotonic()
        with selectors.DefaultSelector() as selector:
            selector.register(client.socket(), selectors.EVENT_READ)  # type: ignore[arg-type]
            while not stop.is_set():
                self._gather(client, selector)
                if self._arrivals:
                    self._take_what_came()
                _check(client.loop_misc())
                if self._ended:
                    raise ConnectionEnded(self._ended)
                if self.ready and time.monotonic() - said > HOST_STATE_SECONDS:
                    self._publish_state(online=True)
                    said = time.monotonic()

    def _gather(self, client: paho.Client, selector: selectors.BaseSelector) -> None:
        """Wait for something, then read on while more is there: at most MOST letters or GATHER_SECONDS."""
        patience = 0.2
        until = 0.0
        while len(self._arrivals) < MOST and selector.select(patience):
            _check(client.loop_read())
            if client.want_write():
                _check(client.loop_write())
            if self._ended:
                raise ConnectionEnded(self._ended)
            if self._arrivals and not until:
                patience, until = 0.0, time.monotonic() + GATHER_SECONDS
            if until and time.monotonic() > until:
                break

    def _say_goodbye(self) -> None:
        """A clean end: what is not acknowledged stays with the broker, and the hall is said to be off."""
        client = self._client
        if client is not None and client.is_connected():
            self._publish_state(online=False)
            client.disconnect()

    def _drop(self) -> None:
        self._ready.clear()
        self._arrivals = []  # their PUBACKs belong to the connection that has ended
        client, self._client = self._client, None
        socket = client.socket() if client else None
        if socket is not None:
            socket.close()

    def _publish_state(self, *, online: bool) -> None:
        client = self._client
        assert client is not None
        with self._engine.connect() as tx:
            for topic, payload in host_state.states(self._settings, tx, online=online):
                client.publish(topic, payload, qos=1, retain=True)

    # ── paho's callbacks: they run in our own thread, inside loop_read ───────
    def _on_connect(
        self, client: paho.Client, _data: object, _flags: object, reason: ReasonCode, _properties: object
    ) -> None:
        if reason.is_failure:
            self._ended = f"the broker refused the connection: {reason}"
            return
        client.subscribe([(topic, SubscribeOptions(qos=1)) for topic in SUBSCRIPTIONS])

    def _on_subscribe(
        self, _client: paho.Client, _data: object, _mid: int, reasons: list[ReasonCode], _properties: object
    ) -> None:
        refused = [reason for reason in reasons if reason.is_failure]
        if refused:
            self._ended = f"the broker refused a subscription: {refused[0]}"
            return
        self._publish_state(online=True)
        self._ready.set()
        self._on_ready()
        log.info("ready", host=self._settings.broker.host, port=self._settings.broker.port)

    def _on_message(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = ""
        self._arrivals.append(Arrival(message.mid, topic, bytes(message.payload), int(time.time() * 1000)))

    def _on_disconnect(
        self, _client: paho.Client, _data: object, _flags: object, reason: ReasonCode, _properties: object
    ) -> None:
        self._ended = f"the connection ended: {reason}"


def _check(code: MQTTErrorCode) -> None:
    if code not in (MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_AGAIN):
        raise ConnectionEnded(paho.error_string(code))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
