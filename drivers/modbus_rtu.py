"""Modbus RTU: the frames that an I/O board speaks, as far as we speak them (docs/decisions/015).

Pure: bytes in, bytes out. "Modbus application protocol V1.1b3", clauses 6.1, 6.2, 6.5, 6.11 and 7; "Modbus
over serial line V1.02", clause 2.5.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from drivers.device import DeviceError

READ_COILS, READ_INPUTS, WRITE_COIL, WRITE_COILS = 0x01, 0x02, 0x05, 0x0F
MOST = 1968  # coils in one question
ON, OFF = 0xFF00, 0x0000
_EXCEPTION = 0x80
_EXCEPTIONS = {
    1: "it does not know the function",
    2: "it has no such address",
    3: "it does not take the value",
    4: "it has failed",
    5: "it still works on it",
    6: "it is busy",
}
_FAILED = (4,)


@dataclass(frozen=True)
class Reply:
    """One answer. `data`: packed bits of a read, or the four bytes that a write gives back.

    `exception` is 0, or the code with which the board refuses.
    """

    unit: int
    function: int
    data: bytes
    exception: int = 0


def crc(data: bytes) -> bytes:
    """The check of a frame, low byte first: CRC-16, polynomial A001 reflected, start FFFF."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return value.to_bytes(2, "little")


def read_bits(unit: int, function: int, start: int, count: int) -> bytes:
    """Asks for `count` coils or inputs from address `start`."""
    return _framed(bytes((unit, function)) + _word(start) + _word(count))


def write_coil(unit: int, address: int, value: int) -> bytes:
    """Switches one coil: `value` is ON, OFF, or what a maker gives a meaning to."""
    return _framed(bytes((unit, WRITE_COIL)) + _word(address) + _word(value))


def write_coils(unit: int, start: int, states: Sequence[bool]) -> bytes:
    """Switches coils from address `start`, all at once."""
    packed = packed_bits(states)
    return _framed(
        bytes((unit, WRITE_COILS)) + _word(start) + _word(len(states)) + bytes((len(packed),)) + packed
    )


def packed_bits(states: Sequence[bool]) -> bytes:
    """Eight to a byte, the first in the lowest bit."""
    packed = bytearray(-(-len(states) // 8))
    for place, state in enumerate(states):
        packed[place // 8] |= state << place % 8
    return bytes(packed)


def bits(reply: Reply, count: int) -> tuple[bool, ...]:
    """The first `count` bits of a read. DeviceError `device_garbled` when there are more or fewer bytes."""
    if len(reply.data) != -(-count // 8):
        raise DeviceError("device_garbled", f"{len(reply.data)} bytes for {count} bits")
    return tuple(bool(reply.data[place // 8] >> place % 8 & 1) for place in range(count))


def refusal(reply: Reply) -> DeviceError:
    """An exception of the board as `io_failed` (4: it is broken) or `io_refused`."""
    said = _EXCEPTIONS.get(reply.exception, "no reason that is known")
    code = "io_failed" if reply.exception in _FAILED else "io_refused"
    return DeviceError(code, f"function {reply.function} refused with {reply.exception}: {said}")


class ReplyParser:
    """Finds answers in what arrives. Bytes that belong to none are passed over.

    An RTU frame has no mark of its beginning, so each place is tried where one could begin, and the check
    decides. What may still become a frame is kept: at most 260 bytes.
    """

    def __init__(self) -> None:
        self._received = bytearray()

    def feed(self, data: bytes) -> None:
        """Takes what has arrived."""
        self._received += data

    def take(self) -> Reply | None:
        """The next whole answer; None when there is none yet."""
        kept = len(self._received)
        for start in range(len(self._received)):
            size = _size(self._received, start)
            if size == 0:
                continue
            if start + size > len(self._received):
                kept = min(kept, start)
                continue
            frame = bytes(self._received[start : start + size])
            if crc(frame[:-2]) == frame[-2:]:
                del self._received[: start + size]
                return _reply(frame)
        del self._received[:kept]
        return None

    def clear(self) -> None:
        """Forgets what has arrived."""
        self._received.clear()


def _size(received: bytearray, start: int) -> int:
    """The bytes of the answer that may begin at `start`; too many while it is not told; 0: none begins."""
    if start + 2 > len(received):
        return 3
    function = received[start + 1]
    if function in (READ_COILS | _EXCEPTION, READ_INPUTS | _EXCEPTION):
        return 5
    if function in (WRITE_COIL | _EXCEPTION, WRITE_COILS | _EXCEPTION):
        return 5
    if function in (WRITE_COIL, WRITE_COILS):
        return 8
    if function in (READ_COILS, READ_INPUTS):
        return 5 + received[start + 2] if start + 3 <= len(received) else 4
    return 0


def _reply(frame: bytes) -> Reply:
    unit, function = frame[0], frame[1]
    if function & _EXCEPTION:
        return Reply(unit, function & ~_EXCEPTION, b"", frame[2])
    data = frame[3:-2] if function in (READ_COILS, READ_INPUTS) else frame[2:-2]
    return Reply(unit, function, data)


def _word(value: int) -> bytes:
    return value.to_bytes(2, "big")


def _framed(body: bytes) -> bytes:
    return body + crc(body)
