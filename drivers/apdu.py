"""One command to a chip card and its whole answer (ISO/IEC 7816-4), over any transmitter of bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from drivers.device import DeviceError

OK = 0x9000
_ROUNDS = 8  # a card that asks for more is broken
_LONGEST = 4096


@dataclass(frozen=True)
class Answer:
    """Data and status word of a command."""

    data: bytes
    status: int

    def __str__(self) -> str:
        """The status word alone: the data are somebody's."""
        return f"{self.status:04X}"


def follow_up(command: bytes, status: int) -> bytes | None:
    """What a T=0 card wants to be asked next, or None when its answer stands.

    `6Cxx`: the same with Le = xx. `61xx`: GET RESPONSE for xx bytes that lie ready (5.3.4, 11.5).
    """
    if status >> 8 == 0x6C and len(command) in (4, 5):
        return command[:4] + bytes((status & 0xFF,))
    if status >> 8 == 0x61:
        return bytes((0x00, 0xC0, 0x00, 0x00, status & 0xFF))
    return None


def exchange(transmit: Callable[[bytes], bytes], command: bytes) -> Answer:
    """Sends the command and follows up until the answer stands.

    DeviceError `device_garbled` for an answer without a status word or one that never ends, and whatever
    `transmit` raises.
    """
    data, asked = b"", command
    for _ in range(_ROUNDS):
        raw = transmit(asked)
        if len(raw) < 2 or raw[-2] >> 4 not in (0x6, 0x9):  # ISO/IEC 7816-3, 10.3.3
            raise DeviceError("device_garbled", f"an answer of {len(raw)} bytes has no status word")
        status = raw[-2] << 8 | raw[-1]
        data += raw[:-2]
        following = follow_up(asked, status)
        if following is None:
            return Answer(data, status)
        if len(data) > _LONGEST:
            break
        asked = following
    raise DeviceError("device_garbled", "an answer without end")
