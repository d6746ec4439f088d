"""From what the broker brings to a letter that can be filed: topic, envelope, and why not if not."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from functools import lru_cache

import msgspec

from mqtt import messages
from mqtt.topics import ROOT, parse

RELIABLE = frozenset(messages.STREAM.values())  # evt, tx, res: numbered, stored for good, acknowledged
LEAVES = (*sorted(RELIABLE), "state", "health", "cfg/reported")  # what terminals speak on
STORED = "stored"
INTERNAL = "internal"  # a mistake of this program: the terminal keeps the message and sends it again
NOT_NOW = (INTERNAL, "unknown_terminal", "revoked")  # of who speaks or who hears, not of what is said
_LEAF = {name: leaf for name, leaf in (messages.LEAF | messages.STREAM).items() if leaf in LEAVES}
_ID = re.compile(rb'"id"\s*:\s*"([0-9A-Za-z-]{1,64})"')
_GOOD_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
_LARGEST = 2**63 - 1
_OLDEST_MS = 400 * 86_400_000  # before now: that is a clock without a battery
_LAST_MS = 4_102_444_800_000  # 2100
MOST_STARS = 5


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """One publication as the broker delivered it."""

    mid: int
    topic: str
    payload: bytes
    received: int  # ms since 1970


class Letter(msgspec.Struct, gc=False):
    """An arrival, read. `code` is empty until it is settled: `stored`, or why it was refused."""

    arrival: Arrival
    path: str  # area/hall/kiosk; empty if the topic names no terminal
    leaf: str
    id: str = ""
    digest: str = ""
    at: int = 0  # the terminal's clock, ms since 1970; ours where that one says something absurd
    envelope: messages.Envelope[messages.Data] | None = None
    code: str = ""
    detail: str = ""

    @property
    def answered(self) -> bool:
        """True when the terminal waits for an ack: a reliable message whose id can be read."""
        return self.leaf in RELIABLE and self.id != ""

    @property
    def final(self) -> bool:
        """True when its number is settled: stored, or refused for good."""
        return self.code != "malformed" and not self.again

    @property
    def again(self) -> bool:
        """True when its terminal keeps it and sends it again: for a mistake of ours, or because it may not
        speak (now: a restored store knows nothing of who was enrolled since)."""
        return self.code in NOT_NOW


def open_letter(arrival: Arrival, refusal: str = "") -> Letter:
    """The letter of an arrival. Never raises: what cannot be taken has a `code`.

    malformed, too_large, unknown_type, wrong_topic, wrong_stream, wrong_source; or `refusal`.
    """
    path, leaf = _address(arrival.topic)
    letter = Letter(arrival, path, leaf, digest=hashlib.sha256(arrival.payload).hexdigest(), code=refusal)
    try:
        envelope = messages.decode(arrival.payload)
        letter.at = _believable(milliseconds(envelope.time), arrival.received)
    except (messages.MessageError, ValueError) as error:
        letter.id = _id_in(arrival.payload)
        letter.code = error.code if isinstance(error, messages.MessageError) else "malformed"
        letter.detail = _without_values(str(error)) if letter.code == "malformed" else ""
        return letter
    letter.id = envelope.id if _GOOD_ID.fullmatch(envelope.id) else ""
    letter.envelope = envelope
    letter.code = letter.code or _objection(letter, envelope)
    return letter


def _believable(told: int, received: int) -> int:
    """A case of 1970 would be too old to be kept, and one of the year 9999 has no date in our zone."""
    return told if received - _OLDEST_MS < told < _LAST_MS else received


def _objection(letter: Letter, envelope: messages.Envelope[messages.Data]) -> str:
    if not letter.path:
        return "wrong_topic"
    if _LEAF.get(envelope.type) != letter.leaf:
        return "wrong_stream"
    if envelope.source != f"{ROOT}/{letter.path}":
        return "wrong_source"
    first = 1 if letter.leaf in RELIABLE else 0
    numbered = first <= envelope.seq <= _LARGEST and 0 <= envelope.boot <= _LARGEST
    return "" if letter.id and numbered and _rated(envelope.data) else "malformed"


def _rated(data: messages.Data) -> bool:
    """A page draws as many stars as are given: a milliard of them would be its end."""
    return not isinstance(data, messages.RatingGiven) or 1 <= data.stars <= MOST_STARS


@lru_cache(maxsize=65536)
def _address(topic: str) -> tuple[str, str]:
    try:
        path, leaf = parse(topic)
    except ValueError:
        return "", ""
    return str(path), leaf


def _id_in(payload: bytes) -> str:
    """The id of a payload that cannot be decoded, so that its sender can be told."""
    found = _ID.search(payload, 0, messages.MAX_BYTES)
    return found[1].decode("ascii") if found else ""


def _without_values(text: str) -> str:
    """An error text of the decoder without what was sent: only where and which type."""
    return re.sub(r"'[^']*'|\"[^\"]*\"", "…", text)[:200]


def milliseconds(time: str) -> int:
    """RFC 3339 as ms since 1970. ValueError when it is none, or has no zone."""
    moment = datetime.fromisoformat(time)
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return int(moment.timestamp() * 1000)
