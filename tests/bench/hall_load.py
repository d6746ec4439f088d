"""Puts messages into a broker, fast, where they wait for a session that is away."""

from __future__ import annotations

import socket
import time
import uuid
from collections.abc import Callable, Iterator, Sequence

from hall.fleet import voice
from hall.intake import packets
from hall.intake.line import Line
from hall.settings import BrokerSettings
from mqtt import messages as m
from mqtt.topics import TerminalPath

TERMINALS = 50
BATCH = 500
ALL = "kt/1/+/+/+/tx"
HEALTH = "kt/1/+/+/+/health"

Make = Callable[[int], tuple[str, bytes]]


def remember(port: int, client_id: str, topic: str = ALL) -> None:
    """Leave a session with a subscription at the broker, as a client that has gone for a while."""
    line = Line(BrokerSettings(port=port, client_id=client_id), 2000, ("kt/1/nobody", b""))
    line.subscribe([topic])
    line.goodbye()


def load(port: int, count: int, make: Make) -> None:
    """Publish `count` messages at QoS 1, by number from 0; returns when the broker has them all."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        line.sendall(packets.connect("loader", 60, 0, 100, ("kt/1/nobody", b"")))
        buffer = bytearray()
        _await(line, buffer, packets.CONNACK, 1)
        for first in range(0, count, BATCH):
            number = min(BATCH, count - first)
            payloads = (make(first + index) for index in range(number))
            line.sendall(b"".join(_numbered(payloads)))
            _await(line, buffer, packets.PUBACK, number)
        line.sendall(packets.GOODBYE)


def reporting(paths: Sequence[TerminalPath]) -> Make:
    """What makes the second report of health of each of these terminals, 1.5 kB."""

    def make(number: int) -> tuple[str, bytes]:
        return paths[number].topic("health"), voice.health(paths[number], 1, 1, 2, 0, 60)

    return make


def filed(number: int) -> tuple[str, bytes]:
    """Topic and payload of one filed case of TERMINALS terminals, 403 bytes."""
    path, seq = f"a/h/K{number % TERMINALS:03d}", number // TERMINALS + 1
    case = m.CaseFiled(f"session{number}", "SB01", f"key{number}", "accepted", f"3301{number:012d}")
    time_of, identity = "2026-11-22T01:02:03.123Z", str(uuid.uuid4())
    envelope = m.Envelope(identity, "hall.case.filed", f"kt/1/{path}", time_of, case, 1, seq, "ab" * 32)
    return f"kt/1/{path}/tx", m.encode(envelope)


def _numbered(letters: Iterator[tuple[str, bytes]]) -> Iterator[bytes]:
    for mid, (topic, payload) in enumerate(letters, start=1):
        yield packets.publish(topic, payload, mid=mid)


def _await(line: socket.socket, buffer: bytearray, kind: int, number: int) -> None:
    until = time.monotonic() + 60
    while number > 0 and time.monotonic() < until:
        came = line.recv(65536)
        if not came:
            raise RuntimeError("the broker hung up while it was loaded")
        buffer += came
        number -= sum(isinstance(one, packets.Packet) and one.kind == kind for one in packets.take(buffer))
