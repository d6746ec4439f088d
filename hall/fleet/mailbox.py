"""The outbox of a simulated terminal, in memory: kept until the hall has it, and on for a restored hall."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import msgspec

from hall.fleet import voice
from mqtt import messages
from mqtt.outbox import FIRST_WAIT, LONGEST_WAIT
from mqtt.topics import TerminalPath

ROUND = 20  # visits after which a technician comes by


class Parcel(msgspec.Struct):
    """One numbered message. `due` and `first_sent` are seconds of the monotonic clock; 0: not sent yet."""

    id: str
    stream: str
    seq: int
    payload: bytes
    due: float = 0.0
    attempts: int = 0
    first_sent: float = 0.0
    flying: bool = False  # with the broker, without its PUBACK


class Mailbox:
    """The numbered messages of one terminal in one boot."""

    def __init__(self, path: TerminalPath, boot: int) -> None:
        self.path, self.boot = path, boot
        self.waiting: dict[str, Parcel] = {}
        self.kept: dict[str, Parcel] = {}
        self.numbers: dict[str, int] = {}  # by stream: the last number given
        self._visits = 0
        self._visit: Iterator[messages.Data] = iter(())

    def write(self) -> None:
        """Put the next message of the running visit in, or the first one of a new visit."""
        body = next(self._visit, None)
        if body is None:
            self._visits += 1
            said = voice.visit(self.path, self.boot, self._visits)
            if self._visits % ROUND == 0:
                said += voice.round_of_a_technician(self._visits // ROUND)
            self._visit = iter(said)
            body = next(self._visit)
        stream = messages.STREAM[messages.NAMES[type(body)]]
        number = self.numbers[stream] = self.numbers.get(stream, 0) + 1
        envelope = voice.envelope(self.path, body, self.boot, number)
        self.waiting[envelope.id] = Parcel(envelope.id, stream, number, messages.encode(envelope))

    def due(self, limit: int) -> list[Parcel]:
        """At most `limit` that are to be sent now and are not with the broker already."""
        now = time.monotonic()
        found: list[Parcel] = []
        for parcel in self.waiting.values():
            if len(found) >= limit:
                break
            if not parcel.flying and parcel.due <= now:
                found.append(parcel)
        return found

    def note_sent(self, parcel: Parcel) -> None:
        """One more attempt; the next one waits twice as long, as at a terminal (`mqtt/outbox.py`)."""
        now = time.monotonic()
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(parcel.attempts, 16)) * random.uniform(0.75, 1.25)
        parcel.attempts += 1
        parcel.due = now + wait
        parcel.first_sent = parcel.first_sent or now
        parcel.flying = True

    def grounded(self) -> None:
        """The line is gone: nothing is with the broker as far as we know."""
        for parcel in self.waiting.values():
            parcel.flying = False

    def hurry(self) -> None:
        """Everything that waits is due now: the hall is back."""
        for parcel in self.waiting.values():
            parcel.due, parcel.attempts = 0.0, 0

    def settle(self, id: str, *, keep: bool) -> Parcel | None:
        """The hall has it, or refuses it for good (not `keep`). None when it does not wait here."""
        parcel = self.waiting.pop(id, None)
        if parcel is not None and keep:
            self.kept[id] = parcel
        return parcel

    def reopen_above(self, streams: dict[str, tuple[int, int]]) -> int:
        """Send again what a hall of another generation may lack; returns how many."""
        lacking = [
            parcel
            for parcel in self.kept.values()
            if (self.boot, parcel.seq) > tuple(streams.get(parcel.stream, (0, 0)))
        ]
        for parcel in lacking:
            del self.kept[parcel.id]
            parcel.due, parcel.attempts, parcel.flying = 0.0, 0, False
            self.waiting[parcel.id] = parcel
        return len(lacking)
