"""What the ingest tells the terminals after a commit: acks, the answer to a birth, and the wish for one."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

import msgspec

from hall.intake import host_state, packets
from hall.intake.letters import Letter
from mqtt import messages
from mqtt.topics import ROOT

ASK_SECONDS = 60.0  # a terminal is asked for its birth so often at most
MOST_ASKED = 100_000  # that are remembered


def acks(letters: Iterable[Letter]) -> bytes:
    """A PUBLISH at QoS 0 for each letter that waits for an answer, in their order.

    Written by hand: of all that an ingest does, encoding these and their packets took a sixth of the time.
    """
    now = messages.now().encode()
    return b"".join(_ack(letter, now) for letter in letters if letter.path and letter.answered)


def _ack(letter: Letter, now: bytes) -> bytes:
    topic, source = _address(letter.path)
    id = letter.id.encode("ascii")
    retry = b',"retry":true' if letter.again else b""
    payload = (
        b'{"id":"ack-%b","type":"hall.ack","source":%b,"time":"%b","data":{"id":"%b","code":"%b"%b},'
        b'"specversion":"1.0"}'
    ) % (id, source, now, id, letter.code.encode("ascii"), retry)
    return packets.publication(topic, payload)


@lru_cache(maxsize=65536)
def _address(path: str) -> tuple[bytes, bytes]:
    """Of the terminal's acks the topic, and of the hall the source as JSON."""
    return f"{ROOT}/{path}/ack".encode(), msgspec.json.encode(host_state.source(path))


class BirthRequests:
    """Whom this ingest has asked for its birth lately. Of one thread."""

    def __init__(self) -> None:
        self._asked: dict[str, float] = {}

    def to(self, unborn: Collection[str]) -> Iterator[tuple[str, bytes]]:
        """Topic and payload for each of these terminals that was not asked within ASK_SECONDS."""
        now = time.monotonic()
        if len(self._asked) > MOST_ASKED:
            self._asked = {path: when for path, when in self._asked.items() if now - when < ASK_SECONDS}
        for path in unborn:
            if now - self._asked.get(path, -ASK_SECONDS) >= ASK_SECONDS:
                self._asked[path] = now
                yield host_state.letter(path, "cmd/birth", messages.BirthAsked())
