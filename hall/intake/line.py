"""The line to the broker: one socket, one session that outlives it. Of one thread, of ingest or scheduler."""

from __future__ import annotations

import select
import socket
import ssl
import time
from collections import deque
from collections.abc import Collection, Sequence

from hall.intake import packets
from hall.intake.packets import Packet, Publication
from hall.settings import BrokerSettings

WAIT_SECONDS = 10.0  # for a connection, an answer to CONNECT or SUBSCRIBE, and for the socket to take bytes
GOODBYE_SECONDS = 1.0
CHUNK = 256 * 1024


class ConnectionEnded(Exception):
    """The broker refused us, or the connection is gone; the text says why. Remedy: wait and try again."""


class Line:
    """A session at the broker. Every method raises ConnectionEnded; after that only `close` makes sense."""

    def __init__(self, settings: BrokerSettings, in_flight: int, will: tuple[str, bytes] | None) -> None:
        """Connect, resuming the session that the broker keeps under the client id."""
        self._incoming = bytearray()
        self._outgoing: list[bytes] = []
        self._mid = 0
        self._held: deque[bytes] = deque()  # publications at QoS 1 that the broker does not take yet
        self._unconfirmed, self._window = 0, 1
        self._keepalive = settings.keepalive_seconds
        self._socket = _connected(settings)
        self._readable, self._writable = select.poll(), select.poll()
        self._readable.register(self._socket, select.POLLIN)
        self._writable.register(self._socket, select.POLLOUT)
        self._heard = self._spoken = time.monotonic()
        self._waiting: deque[Publication] = deque()  # what has come and nobody has taken
        try:
            self.send(packets.connect(settings.client_id, self._keepalive, _kept(settings), in_flight, will))
            answer = self._answer(packets.CONNACK)
            reason, wanted = packets.connack(answer)
            self._window = packets.receive_maximum(answer)
        except packets.PacketError as error:
            self.close()
            raise ConnectionEnded(f"the broker does not speak MQTT 5: {error}") from None
        except ConnectionEnded:
            self.close()
            raise
        if reason:
            self.close()
            raise ConnectionEnded(f"the broker refused the connection: {_why(reason)}")
        self._keepalive = wanted or self._keepalive

    def subscribe(self, topics: Sequence[str]) -> None:
        """Subscribe at QoS 1, and wait for the broker's yes."""
        self.send(packets.subscribe(self._next_mid(), topics))
        refused = [reason for reason in packets.suback(self._answer(packets.SUBACK)) if reason >= 0x80]
        if refused:
            raise ConnectionEnded(f"the broker refused a subscription: {_why(refused[0])}")

    def receive(self, most: int, patience: float) -> list[Publication]:
        """At most `most` of what has come, waiting `patience` seconds for the first of it.

        Keeps the line alive, so it must be called at least every half keep-alive.
        """
        if not self._waiting:
            self._read(patience)
        return [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]

    def puback(self, mid: int) -> None:
        """Tell the broker that a publication is ours now (`mid` 0: it did not ask). Leaves with `flush`."""
        if mid:
            self._outgoing.append(packets.puback(mid))

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        reliable: bool = False,
        retain: bool = False,
        properties: bytes = b"",
    ) -> int:
        """Publish at QoS 1 if `reliable`, else 0; returns its number. It leaves with the next `flush`, or
        when the broker, which takes only so many at QoS 1 before it has confirmed the first, has room.
        """
        mid = self._next_mid() if reliable else 0
        packet = packets.publish(topic, payload, mid=mid, retain=retain, properties=properties)
        (self._held if mid else self._outgoing).append(packet)
        self._let_go()
        return mid

    def hand(self, bytes_of_packets: bytes) -> None:
        """Packets that are made already (PUBACK, or PUBLISH at QoS 0). They leave with `flush`."""
        self._outgoing.append(bytes_of_packets)

    def confirmed(self, numbers: Collection[int]) -> dict[int, int]:
        """The broker's reason for each of these publications; below 0x80 it has them. Waits for the last."""
        reasons: dict[int, int] = {}
        until = time.monotonic() + WAIT_SECONDS
        while len(reasons) < len(numbers):
            left = until - time.monotonic()
            if left <= 0:
                raise ConnectionEnded("the broker does not confirm")
            self.flush()
            for packet in self._read(left):
                if packet.kind == packets.PUBACK:
                    mid, reason = packets.puback_of(packet.body)
                    if mid in numbers:
                        reasons[mid] = reason
        return reasons

    def flush(self) -> None:
        """Hand everything to the socket, in the order given."""
        waiting, self._outgoing = self._outgoing, []
        if waiting:
            self.send(b"".join(waiting))

    def send(self, data: bytes) -> None:
        """Bytes to the socket now."""
        left = memoryview(data)
        until = time.monotonic() + WAIT_SECONDS
        while left:
            try:
                left = left[self._socket.send(left) :]
            except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError) as full:
                ready = self._readable if isinstance(full, ssl.SSLWantReadError) else self._writable
                patience = until - time.monotonic()
                if patience <= 0 or not ready.poll(patience * 1000):
                    raise ConnectionEnded("the broker takes nothing: timed out") from None
            except OSError as error:
                raise ConnectionEnded(f"the broker takes nothing: {error}") from None
        self._spoken = time.monotonic()

    def goodbye(self) -> None:
        """End cleanly: the will is not published, and the broker keeps the session."""
        self.flush()
        self.send(packets.GOODBYE)
        until = time.monotonic() + GOODBYE_SECONDS
        try:
            # Closing over unread bytes would reset the connection, and the broker miss our goodbye.
            while time.monotonic() < until and self._readable.poll(GOODBYE_SECONDS * 1000):
                if self._came() == b"":
                    break
        except OSError:
            pass
        self.close()

    def close(self) -> None:
        """Let go of the socket; twice is fine."""
        self._socket.close()

    def _read(self, patience: float) -> list[Packet]:
        """Read once: publications are put by, the other packets returned."""
        self._stay_alive()
        if not self._readable.poll(patience * 1000):
            return []
        try:
            came = self._came()
        except OSError as error:
            raise ConnectionEnded(f"the connection broke: {error}") from None
        if came is None:
            return []
        if not came:
            raise ConnectionEnded("the broker hung up")
        self._heard = time.monotonic()
        self._incoming += came
        others = []
        try:
            for packet in packets.take(self._incoming):
                if isinstance(packet, Publication):
                    self._waiting.append(packet)
                else:
                    others.append(packet)
        except packets.PacketError as error:
            raise ConnectionEnded(f"the broker does not speak MQTT 5: {error}") from None
        self._unconfirmed -= sum(packet.kind == packets.PUBACK for packet in others)
        self._let_go()
        for packet in others:
            if packet.kind == packets.DISCONNECT:
                raise ConnectionEnded(f"the broker ended it: {_why(packet.body[0] if packet.body else 0)}")
        return others

    def _let_go(self) -> None:
        """Move from what is held to what leaves as many as the broker has room for."""
        while self._held and self._unconfirmed < self._window:
            self._outgoing.append(self._held.popleft())
            self._unconfirmed += 1

    def _came(self) -> bytes | None:
        """What has come; empty at the end, None when what woke us was the encryption's own business.

        Over TLS a read brings one record. What is decrypted already wakes no poll, so it is read at once.
        """
        try:
            came = self._socket.recv(CHUNK)
            while came and isinstance(self._socket, ssl.SSLSocket) and (more := self._socket.pending()):
                came += self._socket.recv(more)
            return came
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None

    def _answer(self, kind: int) -> bytes:
        """The body of the packet that we wait for; publications that come meanwhile are kept."""
        until = time.monotonic() + WAIT_SECONDS
        while (left := until - time.monotonic()) > 0:
            for packet in self._read(left):
                if packet.kind == kind:
                    return packet.body
        raise ConnectionEnded("the broker does not answer")

    def _stay_alive(self) -> None:
        now = time.monotonic()
        if now - self._heard > self._keepalive * 1.5:
            raise ConnectionEnded("nothing was heard of the broker for too long")
        if now - min(self._spoken, self._heard) > self._keepalive / 2 and now - self._spoken > 1.0:
            self.send(packets.PING)

    def _next_mid(self) -> int:
        self._mid = self._mid % 0xFFFF + 1
        return self._mid


def _connected(settings: BrokerSettings) -> socket.socket:
    """A socket that never blocks, encrypted when the settings have files for it. ConnectionEnded."""
    where = f"{settings.host}:{settings.port}"
    try:
        plain = socket.create_connection((settings.host, settings.port), timeout=WAIT_SECONDS)
    except OSError as error:
        raise ConnectionEnded(f"no broker at {where}: {error}") from None
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line = _encrypted(plain, settings) if settings.tls else plain
        line.setblocking(False)
        return line
    except (OSError, ValueError) as error:
        plain.close()
        raise ConnectionEnded(f"no encrypted line to {where}: {error}; compare [broker.tls]") from None


def _encrypted(plain: socket.socket, settings: BrokerSettings) -> ssl.SSLSocket:
    assert settings.tls is not None
    context = ssl.create_default_context(cafile=str(settings.tls.authority))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(settings.tls.certificate, settings.tls.key)
    return context.wrap_socket(plain, server_hostname=settings.host)


def _kept(settings: BrokerSettings) -> int:
    """Seconds that the broker keeps our session. A shared subscription goes at once with who has it: the
    broker would go on to give its share of the messages to one who is not there."""
    return 0 if settings.share else settings.session_seconds


def _why(reason: int) -> str:
    return packets.REASONS.get(reason, f"reason {reason:#04x}")
