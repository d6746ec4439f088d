"""One simulated terminal: a connection of its own, and the conversation that a real one has with its hall."""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from typing import cast

from hall.fleet import voice
from hall.fleet.figures import Figures
from hall.fleet.mailbox import Mailbox
from hall.fleet.plan import Plan
from hall.intake import packets
from hall.intake.packets import Packet, Publication
from mqtt import link, messages
from mqtt.connection import GATE, HEARD, SESSION_SECONDS
from mqtt.topics import TerminalPath

CONNECT_SECONDS = 10.0


class Terminal(asyncio.Protocol):
    """Connects at `start` and again after each end, until `farewell`. All on one asyncio loop."""

    def __init__(
        self, plan: Plan, path: TerminalPath, figures: Figures, trust: ssl.SSLContext | None
    ) -> None:
        self._plan, self._path, self._figures, self._trust = plan, path, figures, trust
        self.mailbox = Mailbox(path, plan.boot)
        self.online = False
        self._client_id = f"kt-{path}".replace("/", "-")
        self._transport: asyncio.Transport | None = None
        self._incoming = bytearray()
        self._flying: dict[int, tuple[str, float]] = {}  # message number → id and when; "" is not numbered
        self._mid = 0
        self._connection = 0
        self._health_number = 0
        self._began = time.monotonic()
        self._down_since = 0.0
        self._wait = link.FIRST_WAIT
        self._heard = self._spoken = 0.0
        self._generation = ""  # of the hall's store, as far as we know it
        self._greeted = False
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    # ── coming and going ────────────────────────────────────────────────────
    def start(self) -> None:
        """Begin to connect."""
        self._task = asyncio.get_running_loop().create_task(self._connect())

    def cut(self) -> None:
        """The cable out: no goodbye."""
        if self._transport is not None:
            self._transport.abort()

    def farewell(self) -> None:
        """Say death and goodbye, and do not come back."""
        self._closing = True
        if self._task is not None:
            self._task.cancel()
        if self._transport is not None:
            if self.online:
                death = voice.state(self._path, self._plan.boot, self._connection, online=False)
                self._publish("state", death, retain=True)
                self._write(packets.FORGET)
            self._transport.close()

    async def _connect(self) -> None:
        source = (self._plan.source, 0) if self._plan.source else None
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await asyncio.get_running_loop().create_connection(
                    lambda: self, self._plan.host, self._plan.port, ssl=self._trust, local_addr=source
                )
        except (OSError, TimeoutError):
            self._figures.failures += 1
            self._come_again()

    def _come_again(self) -> None:
        """After the pause that a terminal's link makes: doubled each time, with chance in it."""
        if not self._closing:
            pause = self._wait * random.uniform(0.5, 1.5)
            self._wait = min(link.LONGEST_WAIT, self._wait * 2)
            asyncio.get_running_loop().call_later(pause, self._try)

    def _try(self) -> None:
        if not self._closing:
            self.start()

    # ── asyncio's calls ─────────────────────────────────────────────────────
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._connection += 1
        self._incoming.clear()
        self._heard = time.monotonic()
        will = (
            self._path.topic("state"),
            voice.state(self._path, self._plan.boot, self._connection, online=False),
        )
        self._write(
            packets.connect(
                self._client_id,
                self._plan.keepalive_seconds,
                SESSION_SECONDS,
                GATE,
                will,
                will_delay=link.WILL_DELAY,
            )
        )

    def data_received(self, data: bytes) -> None:
        self._heard = time.monotonic()
        self._incoming += data
        try:
            for packet in packets.take(self._incoming):
                if isinstance(packet, Publication):
                    self._on_publication(packet)
                else:
                    self._on_packet(packet)
        except packets.PacketError:
            self.cut()

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        if self.online:
            self.online = False
            self._figures.online -= 1
            self._figures.greeted -= self._greeted
            self._down_since = time.monotonic()
        self._greeted = False
        self._flying.clear()
        self.mailbox.grounded()
        if not self._closing:
            self._figures.failures += 1
            self._come_again()

    # ── what the broker says ────────────────────────────────────────────────
    def _on_packet(self, packet: Packet) -> None:
        if packet.kind == packets.CONNACK:
            reason, _ = packets.connack(packet.body)
            if reason:
                self._figures.turned_away += 1
                self.cut()
                return
            self._figures.connections += 1
            topics = [self._path.topic(leaf) for leaf in HEARD]
            self._write(packets.subscribe(self._next_mid(), [*topics, self._path.host_state]))
        elif packet.kind == packets.SUBACK:
            self._on_subscribed()
        elif packet.kind == packets.PUBACK:
            id, sent = self._flying.pop(int.from_bytes(packet.body[:2], "big"), ("", 0.0))
            if sent:
                self._figures.puback.note(time.monotonic() - sent)
            if parcel := self.mailbox.waiting.get(id):
                parcel.flying = False
            self.send_due()

    def _on_subscribed(self) -> None:
        self.online = True
        self._wait = link.FIRST_WAIT
        self._figures.online += 1
        if self._down_since:
            self._figures.back.note(time.monotonic() - self._down_since)
            self._down_since = 0.0
        self._say_birth()
        self.say_health()
        self.send_due()

    def _on_publication(self, publication: Publication) -> None:
        if publication.mid:
            self._write(packets.puback(publication.mid))
        try:
            data = messages.decode(publication.payload).data
        except messages.MessageError:
            return  # not of this tree's messages: a real terminal writes it in its log
        match data:
            case messages.Ack():
                self._on_ack(data)
            case messages.Stored():
                self._on_stored(data)
            case messages.HostState(online=True):
                self.mailbox.hurry()
                if data.generation and self._generation not in ("", data.generation):
                    self._say_birth()
                self.send_due()
            case messages.BirthAsked():
                self._figures.births_asked += 1
                self._say_birth()
                self.say_health()
            case _:
                pass

    def _on_ack(self, ack: messages.Ack) -> None:
        if ack.retry:
            return  # it waits, and is sent again when it is due
        stored = ack.code == "stored"
        parcel = self.mailbox.settle(ack.id, keep=stored)
        if parcel is None:
            return
        self._figures.acked += stored
        self._figures.refused += not stored
        self._figures.ack.note(time.monotonic() - parcel.first_sent)

    def _on_stored(self, told: messages.Stored) -> None:
        if self._generation not in ("", told.generation):
            self._figures.acked -= self.mailbox.reopen_above(told.streams)
        self._generation = told.generation
        if self.online and not self._greeted:
            self._greeted = True
            self._figures.greeted += 1
        self.send_due()

    # ── what we say ─────────────────────────────────────────────────────────
    def say_health(self) -> None:
        """A report, if there is a line."""
        if not self.online:
            return
        self._health_number += 1
        uptime = int(time.monotonic() - self._began)
        outbox = len(self.mailbox.waiting)
        boot, number = self._plan.boot, self._health_number
        payload = voice.health(self._path, boot, self._connection, number, outbox, uptime)
        self._publish("health", payload)
        self._figures.health += 1

    def write(self) -> None:
        """One more numbered message happens; it leaves when it can."""
        self.mailbox.write()
        self._figures.made += 1
        self.send_due()

    def send_due(self) -> None:
        """Hand to the broker what is due, as far as the gate lets it."""
        if not self.online or not self.mailbox.waiting:
            return
        for parcel in self.mailbox.due(GATE - len(self._flying)):
            self.mailbox.note_sent(parcel)
            self._figures.sent += 1
            self._publish(parcel.stream, parcel.payload, parcel.id)

    def stay_alive(self, since: float) -> None:
        """Ping if nothing was said `since` then; give the line up when nothing was heard for too long."""
        if self._transport is None:
            return
        if time.monotonic() - self._heard > self._plan.keepalive_seconds * 1.5:
            self.cut()
        elif self.online and self._spoken < since:
            self._write(packets.PING)

    def _say_birth(self) -> None:
        birth = voice.state(self._path, self._plan.boot, self._connection, online=True)
        self._publish("state", birth, retain=True)

    def _publish(self, leaf: str, payload: bytes, id: str = "", *, retain: bool = False) -> None:
        mid = self._next_mid()
        self._flying[mid] = (id, time.monotonic())
        self._write(packets.publish(self._path.topic(leaf), payload, mid=mid, retain=retain))

    def _write(self, data: bytes) -> None:
        self._spoken = time.monotonic()
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def _next_mid(self) -> int:
        self._mid = self._mid % 0xFFFF + 1
        return self._mid
