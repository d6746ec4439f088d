"""Locker boards that speak `8A board lock 11 check`: the frames, without I/O.

    8A board lock 11 check     opens a lock          → 8A board lock state check, when its pulse is over
    80 board lock 33 check     asks for one door     → 80 board lock state check
    80 board 00 33 check       asks for all doors    → 80 board S1 … Sn 33 check, n = 3 up to 24 locks, else 7
    82 board lock state check  some boards tell of a door by themselves

The check is the XOR of all bytes before it. A state is 11 or 00, and which of them means *closed* depends on
how the lock's contact is wired; in S1 … the lowest bit of S1 is lock 1 (several vendors' tables agree).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import xor

OPEN, READ, TOLD = 0x8A, 0x80, 0x82
ON, OFF = 0x11, 0x00
ALL = 0
_ASKED = 0x33
_HEADS = (OPEN, READ, TOLD)


@dataclass(frozen=True)
class Reply:
    """One answer. `states`: True for 11 (or a set bit): one, or all of a board's when `lock` is ALL."""

    head: int
    board: int
    lock: int
    states: tuple[bool, ...]


def check(body: bytes) -> int:
    """The XOR of all bytes."""
    return reduce(xor, body, 0)


def open_lock(board: int, lock: int) -> bytes:
    """Opens one lock."""
    return _framed(OPEN, board, lock, ON)


def read_lock(board: int, lock: int) -> bytes:
    """Asks for one door; for all with ALL."""
    return _framed(READ, board, lock, _ASKED)


def status_bytes(locks: int) -> int:
    """How many bytes of states a board of so many locks sends."""
    return 3 if locks <= 24 else 7


class ReplyParser:
    """Finds answers in what arrives; bytes that belong to none are passed over.

    `wide`: bytes of states in an answer about all doors, as the question was; 0: none is awaited. Of answers
    about one lock a second check is taken as well: one vendor's table repeats, in every row, the check of
    lock 00, and there are boards that compute it so. What is written always has the right one.
    """

    def __init__(self) -> None:
        self._received = bytearray()

    def feed(self, data: bytes) -> None:
        """Takes what has arrived."""
        self._received += data

    def take(self, wide: int = 0) -> Reply | None:
        """The next whole answer; None when there is none yet."""
        kept = len(self._received)
        longest = wide + 4 if wide else 5
        for start, head in enumerate(self._received):
            if head not in _HEADS:
                continue
            piece = bytes(self._received[start : start + longest])
            for reply, size in ((_all(piece, wide), wide + 4), (_one(piece[:5]), 5)):
                if reply is not None:
                    del self._received[: start + size]
                    return reply
            if len(piece) < longest:
                kept = min(kept, start)
        del self._received[:kept]
        return None

    def clear(self) -> None:
        """Forgets what has arrived."""
        self._received.clear()


def _one(frame: bytes) -> Reply | None:
    if len(frame) < 5 or frame[2] == ALL or frame[3] not in (ON, OFF):
        return None
    right = check(frame[:4])
    if frame[4] not in (right, right ^ frame[2]):
        return None
    return Reply(frame[0], frame[1], frame[2], (frame[3] == ON,))


def _all(frame: bytes, wide: int) -> Reply | None:
    if not wide or len(frame) < wide + 4 or frame[0] != READ or frame[-2] != _ASKED:
        return None
    if check(frame[:-1]) != frame[-1]:
        return None
    states = tuple(bool(byte >> place & 1) for byte in frame[2:-2] for place in range(8))
    return Reply(READ, frame[1], ALL, states)


def _framed(*body: int) -> bytes:
    return bytes((*body, check(bytes(body))))
