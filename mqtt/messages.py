"""What goes over the wire: CloudEvents 1.0 in JSON, typed with msgspec.

The envelope carries id (UUIDv7), type, source and time; `boot` and `seq` number
the reliable messages of one stream; `head` is the head of the terminal's
journal, so that the hall can tell a rewritten disk. Nothing here may hold a
person's name, number, phone or picture. `docs/asyncapi.yaml` is generated from
these types (`mqtt/asyncapi.py`).
"""

from __future__ import annotations

from typing import Generic, Literal, TypeVar

import msgspec

MAX_BYTES = 64 * 1024


class Data(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=False):
    """The typed body of a message."""


# ── state (retained) ────────────────────────────────────────────────────────
class TerminalState(Data, frozen=True):
    """Birth, and as the will: death. A death of an older boot is ignored."""

    online: bool
    boot: int  # counts the starts of the terminal; the epoch
    software: str = ""
    catalogue: str = ""


class HostState(Data, frozen=True):
    """The hall's server is there. `generation` changes with a restored store."""

    online: bool
    generation: str = ""
    stored: dict[str, tuple[int, int]] = {}  # "area/hall/kiosk stream" → highest contiguous (boot, seq)


# ── health (expires) ────────────────────────────────────────────────────────
class DeviceHealth(Data, frozen=True):
    """One device on its axes (`config/devices.py`)."""

    name: str
    kind: str
    availability: str
    media: str = "not_supported"
    supplies: dict[str, str] = {}
    faults: list[str] = []
    detail: str = ""
    counts: dict[str, int] = {}  # totals: cards, pages, cuts, paper_mm …, and `failed:CODE` by fault
    runs_out: dict[str, str] = {}  # by supply: the day as `2026-11-25`, or `unknown`
    levels: dict[str, int] = {}  # percent left where known: `toner`, `paper:main` …


class Health(Data, frozen=True):
    """How the terminal is: on change, and every `health_seconds`."""

    devices: list[DeviceHealth]
    faults: list[str] = []  # of the terminal itself
    screen_age: float = 0.0  # seconds since the screen's thread last answered
    session: bool = False  # somebody is being served
    outbox: int = 0  # messages the hall has not acknowledged
    uptime: int = 0


# ── transactions: /tx ───────────────────────────────────────────────────────
class CaseFiled(Data, frozen=True):
    """The platform accepted or refused a submission."""

    session: str
    service: str
    key: str  # the submission's idempotency key
    state: Literal["accepted", "refused", "unknown"]
    case_no: str = ""
    code: str = ""  # why it was refused


class DocumentPrinted(Data, frozen=True):
    """A print came to its end."""

    session: str
    service: str
    job: str
    document: str  # certificate, receipt, ticket, referral, copy …
    state: Literal["confirmed", "failed", "unknown"]
    device: str
    number: str = ""  # the certificate's own number
    code: str = ""  # fault
    sheet: str = ""  # the pre-printed number of the blank, where the paper has one
    copy: int = 1  # 2 and more: printed again (补打), with the same number
    decided_by: Literal["", "citizen", "staff"] = ""  # who wanted the copy, or said how the print ended


class PaymentEnded(Data, frozen=True):
    """How a payment stands: told at each change from the moment that somebody may have paid."""

    session: str
    service: str
    key: str  # the order's idempotency key
    state: Literal["paid", "refused", "unknown", "refunded"]
    fen: int
    order_no: str = ""  # as the payment's other side names it
    code: str = ""  # fault


class RatingGiven(Data, frozen=True):
    """One rating. Stars 1–5, 5 best; the uplink converts."""

    session: str
    service: str
    case_no: str
    stars: int
    codes: list[str] = []
    number: int = 1  # 1 first, 2 follow-up


# ── events: /evt ────────────────────────────────────────────────────────────
class SessionStarted(Data, frozen=True):
    session: str


class SessionEnded(Data, frozen=True):
    """`outcome`: completed, consulted, abandoned, timeout, referred, failed, restarted."""

    session: str
    outcome: str
    service: str = ""
    seconds: int = 0


class FaultRaised(Data, frozen=True):
    code: str
    device: str = ""


class FaultCleared(Data, frozen=True):
    code: str
    device: str = ""


# ── ack: server → terminal ──────────────────────────────────────────────────
class Ack(Data, frozen=True):
    """The hall has committed (`code = "stored"`), or refuses. `retry` tells whether to send again."""

    id: str
    code: str
    retry: bool = False


Body = TypeVar("Body", bound=Data)


class Envelope(msgspec.Struct, Generic[Body], frozen=True, omit_defaults=True):
    """A CloudEvent. `source` is `kt/1/area/hall/kiosk`; ids are UUIDv7."""

    id: str
    type: str
    source: str
    time: str  # RFC 3339, UTC
    data: Body
    boot: int = 0
    seq: int = 0  # 0: not one of a numbered stream
    head: str = ""  # journal head, hex
    # By a function, since `omit_defaults` leaves a plain default out and CloudEvents wants it there.
    specversion: str = msgspec.field(default_factory=lambda: "1.0")
    datacontenttype: str = "application/json"


TYPES: dict[str, type[Data]] = {
    "hall.terminal.state": TerminalState,
    "hall.host.state": HostState,
    "hall.terminal.health": Health,
    "hall.case.filed": CaseFiled,
    "hall.document.printed": DocumentPrinted,
    "hall.payment.ended": PaymentEnded,
    "hall.rating.given": RatingGiven,
    "hall.session.started": SessionStarted,
    "hall.session.ended": SessionEnded,
    "hall.fault.raised": FaultRaised,
    "hall.fault.cleared": FaultCleared,
    "hall.ack": Ack,
}
NAMES = {cls: name for name, cls in TYPES.items()}
STREAM = {  # the topic leaf that each reliable type travels on
    "hall.case.filed": "tx",
    "hall.document.printed": "tx",
    "hall.payment.ended": "tx",
    "hall.rating.given": "tx",
    "hall.session.started": "evt",
    "hall.session.ended": "evt",
    "hall.fault.raised": "evt",
    "hall.fault.cleared": "evt",
}


class MessageError(ValueError):
    """A payload that cannot be taken. `code`: malformed, too_large, unknown_type."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


class _Head(msgspec.Struct):
    """Just enough to know which type follows."""

    type: str
    id: str = ""


_head = msgspec.json.Decoder(_Head)
_decoders = {name: msgspec.json.Decoder(Envelope[cls]) for name, cls in TYPES.items()}  # type: ignore[valid-type]
_encoder = msgspec.json.Encoder()


def encode(envelope: Envelope[Body]) -> bytes:
    """The envelope as JSON bytes. MessageError `too_large` above MAX_BYTES."""
    payload = _encoder.encode(envelope)
    if len(payload) > MAX_BYTES:
        raise MessageError("too_large", f"{len(payload)} bytes")
    return payload


def decode(payload: bytes) -> Envelope[Data]:
    """The envelope of a payload, its body typed. MessageError when it cannot be taken."""
    if len(payload) > MAX_BYTES:
        raise MessageError("too_large", f"{len(payload)} bytes")
    try:
        head = _head.decode(payload)
        decoder = _decoders.get(head.type)
        if decoder is None:
            raise MessageError("unknown_type", head.type[:80])
        return decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MessageError("malformed", str(error)[:200]) from None
