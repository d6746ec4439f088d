"""The MQTT 5 packets that the hall needs, as bytes (OASIS MQTT 5.0, chapters 2 and 3).

Pure functions, no socket. A general client spends most of the ingest's time on packets one by one; here a
whole buffer is taken apart at once, which is what makes one process enough for a province. QoS 2, topic
aliases and AUTH are left out: they only come to who asks for them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence

import msgspec

CONNACK, PUBLISH, PUBACK, SUBACK, PINGRESP, DISCONNECT = 0x20, 0x30, 0x40, 0x90, 0xD0, 0xE0
PING = b"\xc0\x00"
GOODBYE = b"\xe0\x00"
FORGET = b"\xe0\x07\x00\x05\x11\x00\x00\x00\x00"  # goodbye, and our session may be forgotten
_RETAIN = 0x01
_MESSAGE_EXPIRY, _RESPONSE_TOPIC, _CORRELATION_DATA = 0x02, 0x08, 0x09
_SESSION_EXPIRY, _SERVER_KEEP_ALIVE, _WILL_DELAY, _RECEIVE_MAXIMUM = 0x11, 0x13, 0x18, 0x21
_WIDTHS = {0x01: 1, 0x02: 4, 0x11: 4, 0x13: 2, 0x17: 1, 0x18: 4, 0x19: 1, 0x21: 2, 0x22: 2, 0x23: 2}
_WIDTHS |= {0x24: 1, 0x25: 1, 0x27: 4, 0x28: 1, 0x29: 1, 0x2A: 1}
_TEXTS = {0x03, 0x08, 0x09, 0x12, 0x15, 0x16, 0x1A, 0x1C, 0x1F}  # and binary data: a length, then bytes
_PAIR, _NUMBER = 0x26, 0x0B  # user property; subscription identifier
REASONS = {
    0x82: "protocol error",
    0x86: "bad user name or password",
    0x87: "not authorised",
    0x88: "server unavailable",
    0x89: "server busy",
    0x8B: "server is shutting down",
    0x8D: "keep-alive time-out",
    0x8E: "another client took our client id",
    0x93: "receive maximum exceeded",
    0x95: "packet too large",
    0x97: "quota exceeded",
}


class PacketError(ValueError):
    """The peer does not speak MQTT 5, or says something that we did not ask for."""


class Packet(msgspec.Struct, frozen=True):
    """One packet that is not a PUBLISH: its type (upper four bits of the first byte) and its body."""

    kind: int
    body: bytes


class Publication(msgspec.Struct, frozen=True, gc=False):
    """One PUBLISH. `mid` is 0 for QoS 0."""

    topic: str
    payload: bytes
    mid: int
    retain: bool


def connect(
    client_id: str,
    keepalive: int,
    session_seconds: int,
    in_flight: int,
    will: tuple[str, bytes] | None,
    *,
    will_delay: int = 0,
) -> bytes:
    """CONNECT that resumes a session (3.1), with a retained will at QoS 1, told `will_delay` seconds late."""
    properties = struct.pack(">BIBH", _SESSION_EXPIRY, session_seconds, _RECEIVE_MAXIMUM, in_flight)
    flags = 0x04 | 0x08 | 0x20 if will else 0  # at QoS 1, retained; no clean start
    head = _text("MQTT") + bytes((5, flags)) + struct.pack(">H", keepalive)
    body = head + _length(len(properties)) + properties + _text(client_id)
    if will is None:
        return _packet(0x10, body)
    topic, payload = will
    delay = struct.pack(">BI", _WILL_DELAY, will_delay) if will_delay else b""
    body += _length(len(delay)) + delay
    return _packet(0x10, body + _text(topic) + struct.pack(">H", len(payload)) + payload)


def subscribe(mid: int, topics: Sequence[str]) -> bytes:
    """SUBSCRIBE at QoS 1 (3.8)."""
    return _packet(0x82, struct.pack(">HB", mid, 0) + b"".join(_text(topic) + b"\x01" for topic in topics))


def publish(
    topic: str, payload: bytes, *, mid: int = 0, retain: bool = False, properties: bytes = b""
) -> bytes:
    """PUBLISH (3.3): QoS 0 without a `mid`, else QoS 1. `properties` as `request` makes them."""
    first = PUBLISH | (0x02 if mid else 0) | (_RETAIN if retain else 0)
    number = struct.pack(">H", mid) if mid else b""
    return _packet(first, b"".join((_text(topic), number, _length(len(properties)), properties, payload)))


def publication(topic: bytes, payload: bytes) -> bytes:
    """PUBLISH at QoS 0 of a topic in UTF-8."""
    size = len(topic) + len(payload) + 3
    if 128 <= size < 16384:
        return b"\x30%c%c%b%b\x00%b" % (
            size & 0x7F | 0x80,
            size >> 7,
            len(topic).to_bytes(2, "big"),
            topic,
            payload,
        )
    return _packet(PUBLISH, len(topic).to_bytes(2, "big") + topic + b"\x00" + payload)


def request(expiry_seconds: int, answer_topic: str, correlation: bytes) -> bytes:
    """Properties of a PUBLISH: how long it is kept, where the answer goes and what it names (3.3.2.3)."""
    expiry = struct.pack(">BI", _MESSAGE_EXPIRY, expiry_seconds)
    answer = bytes((_RESPONSE_TOPIC,)) + _text(answer_topic)
    return expiry + answer + struct.pack(">BH", _CORRELATION_DATA, len(correlation)) + correlation


def puback_of(body: bytes) -> tuple[int, int]:
    """Which publication of ours it is about, and the reason; 0x80 and above is a refusal (3.4)."""
    if len(body) < 2:
        raise PacketError("a PUBACK that ends early")
    return int.from_bytes(body[:2], "big"), body[2] if len(body) > 2 else 0


def pubacks(mids: Iterable[int]) -> bytes:
    """A PUBACK for each, in their order; 0 is of a publication that wants none."""
    return b"".join(b"\x40\x02" + mid.to_bytes(2, "big") for mid in mids if mid)


def puback(mid: int) -> bytes:
    """PUBACK with reason *success* (3.4)."""
    return b"\x40\x02" + mid.to_bytes(2, "big")


def take(buffer: bytearray) -> Iterator[Packet | Publication]:
    """The whole packets at the front of `buffer`, which then holds the rest. PacketError."""
    start, end = 0, len(buffer)
    try:
        while end - start >= 2:
            found = _remaining(buffer, start + 1, end)
            if found is None:
                break
            body, stop = found
            if stop > end:
                break
            first = buffer[start]
            start = stop
            if first & 0xF0 == PUBLISH:
                yield _publication(buffer, first, body, stop)
            else:
                yield Packet(first & 0xF0, bytes(buffer[body:stop]))
    finally:
        del buffer[:start]


def connack(body: bytes) -> tuple[int, int]:
    """Reason (0 accepted) and the keep-alive that the server wants, 0 if ours will do (3.2)."""
    if len(body) < 2:
        raise PacketError("a CONNACK without a reason")
    wanted = 0
    for identifier, value in _properties(body, 2):
        if identifier == _SERVER_KEEP_ALIVE:
            wanted = int.from_bytes(value, "big")
    return body[1], wanted


def receive_maximum(body: bytes) -> int:
    """How many publications of ours at QoS 1 the server takes before it has confirmed one (3.2.2.3.3)."""
    for identifier, value in _properties(body, 2):
        if identifier == _RECEIVE_MAXIMUM:
            return int.from_bytes(value, "big")
    return 0xFFFF


def suback(body: bytes) -> bytes:
    """One reason for each subscription; 0x80 and above is a refusal (3.9)."""
    found = _remaining(body, 2, len(body))
    if found is None or found[1] > len(body):
        raise PacketError("a SUBACK that ends early")
    return body[found[1] :]


def _publication(buffer: bytearray, first: int, start: int, stop: int) -> Publication:
    payload = start + 2 + int.from_bytes(buffer[start : start + 2], "big")
    topic = buffer[start + 2 : payload]
    mid = 0
    if first & 0x06:
        mid = int.from_bytes(buffer[payload : payload + 2], "big")
        payload += 2
    properties = _remaining(buffer, payload, stop)
    if properties is None or properties[1] > stop or first & 0x04:
        raise PacketError("a PUBLISH that ends early, or of a QoS that nobody asked for")
    text = topic.decode("utf-8", "replace")
    return Publication(text, bytes(buffer[properties[1] : stop]), mid, bool(first & _RETAIN))


def _properties(body: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """Identifier and raw value of each property (2.2.2)."""
    found = _remaining(body, start, len(body))
    if found is None or found[1] > len(body):
        raise PacketError("properties that end early")
    position, stop = found
    while position < stop:
        identifier = body[position]
        begin = position = position + 1
        if identifier in _WIDTHS:
            position += _WIDTHS[identifier]
        elif identifier in _TEXTS or identifier == _PAIR:
            for _ in range(2 if identifier == _PAIR else 1):
                position += 2 + int.from_bytes(body[position : position + 2], "big")
        elif identifier == _NUMBER:
            number = _remaining(body, position, stop)
            position = number[0] if number else stop + 1
        else:
            raise PacketError(f"property {identifier:#x} is none")
        if position > stop:
            raise PacketError("a property that ends early")
        yield identifier, bytes(body[begin:position])


def _remaining(buffer: bytes | bytearray, position: int, end: int) -> tuple[int, int] | None:
    """Where what has this length begins and ends (1.5.5); None when the length itself is cut off."""
    value = shift = 0
    while position < end:
        byte = buffer[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return position, position + value
        shift += 7
        if shift > 21:
            raise PacketError("a length of more than four bytes")
    return None


def _packet(first: int, body: bytes) -> bytes:
    return bytes((first,)) + _length(len(body)) + body


def _length(value: int) -> bytes:
    if value < 128:
        return bytes((value,))
    out = bytearray()
    while value > 127:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    if len(out) > 4:
        raise PacketError("a packet of more than 256 MB")
    return bytes(out)


def _text(text: str) -> bytes:
    raw = text.encode()
    return len(raw).to_bytes(2, "big") + raw
