"""What goes over the wire: CloudEvents 1.0 in JSON, typed with msgspec.

The envelope carries id (UUIDv7), type, source and time; `boot` and `seq` number
the reliable messages of one stream; `head` is the head of the terminal's
journal, so that the hall can tell a rewritten disk. Nothing here may hold a
person's name, number, phone or picture. `docs/asyncapi.yaml` is generated from
these types (`mqtt/asyncapi.py`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Generic, Literal, TypeVar

import msgspec

MAX_BYTES = 64 * 1024
PART_BYTES = 32 * 1024  # of a file, in one message
STORED_BOOTS = 32  # of each stream in one `Stored`


class Data(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=False):
    """The typed body of a message."""


# ── state (retained) ────────────────────────────────────────────────────────
class TerminalState(Data, frozen=True):
    """Birth, and as the will: death. Each is of one connection; an older one than what is known is ignored.

    (boot, connection, not online) orders them wholly, whoever takes them in and in whatever order.
    """

    online: bool
    boot: int  # counts the starts of the terminal; the epoch
    software: str = ""
    catalogue: str = ""
    connection: int = 0  # counts the connections of this boot


class HostState(Data, frozen=True):
    """The hall's server is there. `generation` changes with a restored store: then each terminal says its
    birth again and is told with `Stored` what the hall has of it."""

    online: bool
    generation: str = ""


class BirthAsked(Data, frozen=True):
    """The hall heard a terminal that it knows no birth of: say state and health again. Not recorded."""


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
    technician: bool = False  # somebody works on the terminal: commands wait
    outbox: int = 0  # messages the hall has not acknowledged
    uptime: int = 0
    connection: int = 0  # of this boot; with the envelope's `boot` it says which birth this belongs to
    number: int = 0  # counts the reports of this boot: of two, the higher is the younger


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


class TechnicianActed(Data, frozen=True):
    """What a technician did at the terminal's own screen. `actor` is his number there, never a name."""

    actor: str
    act: str  # entered, refused, left, device_tested, door_opened, notice_set … (docs/technicians.md)
    subject: str = ""  # a device, a supply or a door as `device:part`, a setting
    outcome: str = ""  # empty: done; else a code of config/faults.toml
    detail: str = ""  # a short technical word, nothing personal; `begun`: told before it is done


class PartFound(Data, frozen=True):
    """One line of a readiness report."""

    name: str  # a device of the settings, or a part of the machine: disk, time, network …
    ready: bool
    codes: list[str] = []  # of config/faults.toml: the remedy stands there
    detail: str = ""  # what was measured, in a few technical words: English
    detail_zh: str = ""  # the same in Chinese; empty where it is alike, and from terminals of before


class ReadinessReported(Data, frozen=True):
    """The terminal was examined from end to end. `by`: a technician's number, `hall`, or `install`."""

    by: str
    found: list[PartFound] = []


# ── results of commands: /res ───────────────────────────────────────────────
class CommandState(Data, frozen=True):
    """How far a command is. `accepted` means persisted; `detail` says in a word why it waits or failed."""

    command: str  # its id
    state: Literal["accepted", "running", "done", "failed"]
    code: str = ""  # of config/faults.toml, when it failed
    detail: str = ""  # waiting for: citizen, technician; or a short technical word, nothing personal
    parts: int = 0  # of the file that came before `done`: so many `CommandPart`s


class CommandPart(Data, frozen=True):
    """A piece of the file that a command brings: a picture, a report, packed logs."""

    command: str
    number: int  # from 1
    content: bytes  # at most PART_BYTES; Base64 on the wire


# ── commands and configuration: server → terminal ───────────────────────────
class CommandGiven(Data, frozen=True):
    """Something that the terminal shall do; the table is `config/commands.py`. Idempotent by `command`."""

    command: str  # its id, a UUIDv7
    name: str
    deadline: str  # RFC 3339: not begun by then, it is given up
    arguments: dict[str, str | int] = {}


class ConfigurationDesired(Data, frozen=True):
    """What the hall wants to be set, all of it (retained). `config/configuration.py` has the table."""

    version: int
    values: dict[str, str | int] = {}


class ConfigurationReported(Data, frozen=True):
    """What is set, told on each connection and change (retained). `refused`: by name, why."""

    version: int
    values: dict[str, str | int] = {}
    refused: dict[str, str] = {}


# ── ack: server → terminal ──────────────────────────────────────────────────
class Ack(Data, frozen=True):
    """The hall has committed (`code = "stored"`), or refuses. `retry` tells whether to send again."""

    id: str
    code: str
    retry: bool = False


class Stored(Data, frozen=True):
    """The answer to a birth: which life of its store the hall has, and how far the terminal's numbers.

    By stream the (boot, seq) up to which nothing is missing. Too low costs a repetition that is filed once.
    `boots` says it, by stream, for each of the last `STORED_BOOTS` that the hall has heard of: one that was
    restored may hear of a younger boot before it is given what it lacks of an older one.
    """

    generation: str
    streams: dict[str, tuple[int, int]] = {}
    boots: dict[str, list[tuple[int, int]]] = {}


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
    "hall.technician.acted": TechnicianActed,
    "hall.readiness.reported": ReadinessReported,
    "hall.command.state": CommandState,
    "hall.command.part": CommandPart,
    "hall.command.given": CommandGiven,
    "hall.birth.asked": BirthAsked,
    "hall.configuration.desired": ConfigurationDesired,
    "hall.configuration.reported": ConfigurationReported,
    "hall.ack": Ack,
    "hall.stored": Stored,
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
    "hall.technician.acted": "evt",
    "hall.readiness.reported": "evt",
    "hall.command.state": "res",
    "hall.command.part": "res",
}
LEAF = {  # and of the others
    "hall.terminal.state": "state",
    "hall.terminal.health": "health",
    "hall.configuration.reported": "cfg/reported",
    "hall.configuration.desired": "cfg/desired",
    "hall.birth.asked": "cmd/birth",
    "hall.ack": "ack",
    "hall.stored": "ack",
}  # hall.command.given: "cmd/" + its name


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


def now() -> str:
    """This moment as an envelope's `time` has it: RFC 3339, UTC, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


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
    except RecursionError:  # thousands of brackets, one in the other: one terminal could end every ingest
        raise MessageError("malformed", "nested too deep") from None
