"""Frames of the resident ID module (SAM_V), pure: bytes ↔ requests and answers.

    request  AA AA AA 96 69 | length, 2 bytes, high first | command parameter data | check
    answer   AA AA AA 96 69 | length                      | SW1 SW2 SW3 data       | check

The length counts everything after itself, check byte included; the check byte is the XOR of all bytes
from the length's first up to itself. SW1 SW2 are the card's APDU status, SW3 is the module's own.
Source: the module maker's serial protocol (GA/T 467 modules), every example recomputed in the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import xor

from drivers.device import DeviceError

PREAMBLE = bytes.fromhex("AAAAAA9669")
_HEAD = len(PREAMBLE) + 2
# The longest answer there is, text + photo + fingerprint, has 2314; a greater length is a damaged byte,
# and waiting for it would cost the whole time-out.
LONGEST = 4096

# Commands: (command, parameter).
RESET = (0x10, 0xFF)
STATUS = (0x11, 0xFF)
SAM_ID = (0x12, 0xFF)
FIND = (0x20, 0x01)
SELECT = (0x20, 0x02)
READ = (0x30, 0x01)
READ_WITH_FINGERPRINT = (0x30, 0x10)
READ_NEWEST_ADDRESS = (0x30, 0x03)

OK = 0x90
FOUND = 0x9F
BAD_COMMAND = 0x21
SELF_TEST_FAILED = 0x60
NO_CARD = 0x80
SELECT_FAILED = 0x81
READ_FAILED = 0x41
NO_CONTENT = 0x91

# SW3 → code of config/faults.toml. *Garbled* is what the line did to the request: it says nothing of a card.
FAULTS = {
    0x10: "device_garbled",  # the module received a wrong checksum
    0x11: "device_garbled",  # … a wrong length
    0x21: "device_garbled",  # … a command it does not know
    0x23: "id_module_failed",  # operation not permitted
    0x24: "device_garbled",  # not recognised
    0x31: "id_refused",  # the card rejects the module
    0x32: "id_refused",  # the module rejects the card
    0x33: "id_unreadable",  # information verify failed
    0x40: "id_refused",  # another kind of card
    0x41: "id_unreadable",  # read failed
    0x47: "id_unreadable",  # random number failed: mostly a card moving out of the field
    0x60: "id_module_failed",  # self-test failed, takes no command
    0x66: "id_module_failed",  # not authorised
    0x80: "id_no_card",
    0x81: "id_unreadable",  # select failed
    0x91: "id_unreadable",  # no content where some was asked for
}


@dataclass(frozen=True)
class Answer:
    """One answer of the module."""

    sw1: int
    sw2: int
    sw3: int
    data: bytes = b""

    def __repr__(self) -> str:
        """The status and how much there is, never the data: it may be a person's."""
        return f"Answer({self.sw1:02X} {self.sw2:02X} {self.sw3:02X}, {len(self.data)} bytes)"


def request(command: tuple[int, int], data: bytes = b"") -> bytes:
    """The frame of a command."""
    return _frame(bytes(command) + data)


def answer_frame(sw3: int, data: bytes = b"", sw1: int = 0, sw2: int = 0) -> bytes:
    """The frame of an answer, as a module sends it."""
    return _frame(bytes((sw1, sw2, sw3)) + data)


def fault_of(answer: Answer, doing: str) -> DeviceError:
    """The coded error of an answer that is not the success hoped for. An unknown SW3 is `device_garbled`."""
    status = f"{doing}: SW {answer.sw1:02X}{answer.sw2:02X} SW3 {answer.sw3:02X}"
    return DeviceError(FAULTS.get(answer.sw3, "device_garbled"), status)


def read_parts(data: bytes) -> tuple[bytes, bytes, bytes]:
    """Text, photo and fingerprint (empty when absent) of a read answer's data, by its own length fields.

    The lengths are big-endian: text, photo and, in longer answers, fingerprint.
    DeviceError `device_garbled` when they do not fit the data.
    """
    for lengths in (2, 3):
        head = 2 * lengths
        if len(data) < head:
            break
        sizes = [int.from_bytes(data[i : i + 2], "big") for i in range(0, head, 2)]
        if head + sum(sizes) == len(data):
            parts = _cut(data[head:], sizes)
            return parts[0], parts[1], parts[2] if lengths == 3 else b""
    raise DeviceError("device_garbled", "the lengths within the card's data do not fit")


class FrameParser:
    """Finds answers in a stream of bytes, however it is cut; garbage before a preamble is skipped.

    It stores only what has not been taken yet. It never waits.
    """

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, data: bytes) -> None:
        """Adds bytes as they come off the line."""
        self._bytes += data

    def clear(self) -> None:
        """Forgets what has been fed."""
        self._bytes.clear()

    def take(self) -> Answer | None:
        """The next whole answer, or None when more bytes are needed.

        DeviceError `device_garbled` when a frame's check byte or length is wrong; that preamble is
        dropped then, so that the next call looks behind it.
        """
        self._skip_garbage()
        if len(self._bytes) < _HEAD:
            return None
        length = int.from_bytes(self._bytes[len(PREAMBLE) : _HEAD], "big")
        if not 4 <= length <= LONGEST:
            del self._bytes[: len(PREAMBLE)]
            raise DeviceError("device_garbled", f"a frame of {length} bytes")
        end = _HEAD + length
        if len(self._bytes) < end:
            return None
        frame = bytes(self._bytes[:end])
        if frame[-1] != _check(frame[len(PREAMBLE) : -1]):
            del self._bytes[: len(PREAMBLE)]
            raise DeviceError("device_garbled", f"wrong check byte in a frame of {length} bytes")
        del self._bytes[:end]
        body = frame[_HEAD:-1]
        return Answer(body[0], body[1], body[2], body[3:])

    def _skip_garbage(self) -> None:
        start = self._bytes.find(PREAMBLE)
        if start < 0:  # the preamble's beginning may be all that has come yet
            start = max(0, len(self._bytes) - len(PREAMBLE) + 1)
        del self._bytes[:start]


def _frame(body: bytes) -> bytes:
    counted = (len(body) + 1).to_bytes(2, "big") + body
    return PREAMBLE + counted + bytes((_check(counted),))


def _check(data: bytes) -> int:
    return reduce(xor, data, 0)


def _cut(data: bytes, sizes: Sequence[int]) -> list[bytes]:
    parts = []
    for size in sizes:
        parts.append(data[:size])
        data = data[size:]
    return parts
