"""What a simulated terminal says: the real messages, with nobody behind them."""

from __future__ import annotations

from config.identifiers import uuid7
from mqtt import messages as m
from mqtt.topics import TerminalPath

_SERVICE = "SB01"


def _device(kind: str, **more: object) -> m.DeviceHealth:
    return m.DeviceHealth(kind, kind, "online", **more)  # type: ignore[arg-type]


# As many devices as a terminal of the larger kind has: a report is 1.6 kB.
DEVICES = [
    _device(
        "id_card_reader", media="none", detail="SAM 10.12", counts={"cards": 4210, "failed:id_unreadable": 61}
    ),
    _device("social_card_reader", media="none", detail="PC/SC 1.4"),
    _device("code_scanner", detail="2D, USB"),
    _device("person_camera", detail="1280x720"),
    _device("document_camera", detail="2592x1944"),
    _device(
        "receipt_printer",
        media="none",
        supplies={"paper": "full"},
        counts={"cuts": 3805, "paper_mm": 571_230},
        runs_out={"paper": "unknown"},
    ),
    _device(
        "a4_printer",
        media="none",
        supplies={"paper": "full", "toner": "full"},
        counts={"pages": 5120},
        runs_out={"paper": "unknown", "toner": "unknown"},
        levels={"toner": 35, "paper": 80, "paper:main": 40, "paper:lower": 100},
    ),
    _device("io_board", detail="8 in, 8 out"),
    _device("rating_pad"),
    _device("speaker"),
]


def envelope(path: TerminalPath, data: m.Data, boot: int = 0, seq: int = 0) -> m.Envelope[m.Data]:
    """A message of the terminal at `path`, of now."""
    return m.Envelope(
        uuid7(), m.NAMES[type(data)], path.source, m.now(), data, boot, seq, "ab" * 32 if seq else ""
    )


def state(path: TerminalPath, boot: int, connection: int, *, online: bool) -> bytes:
    """Birth, or as the will death."""
    return m.encode(envelope(path, m.TerminalState(online, boot, "simulated", "simulated", connection)))


def health(path: TerminalPath, boot: int, connection: int, number: int, outbox: int, uptime: int) -> bytes:
    """A report in which all is well."""
    body = m.Health(
        DEVICES, screen_age=0.1, outbox=outbox, uptime=uptime, connection=connection, number=number
    )
    return m.encode(envelope(path, body, boot))


def round_of_a_technician(number: int) -> tuple[m.Data, ...]:
    """What somebody tells who comes by, tests the printer and has the terminal examined."""
    found = [m.PartFound(one.name, True, [], one.detail) for one in DEVICES]
    return (
        m.TechnicianActed("4711", "entered"),
        m.TechnicianActed("4711", "device_tested", "a4_printer"),
        m.ReadinessReported("4711", [m.PartFound("display", number % 2 == 0, [], "1080x1920"), *found]),
        m.TechnicianActed("4711", "left"),
    )


def visit(path: TerminalPath, boot: int, number: int) -> tuple[m.Data, ...]:
    """What one citizen's visit tells the hall, in its order; `number` counts the terminal's visits."""
    session = f"{path.kiosk}-{boot}-{number}"
    case = f"{session}-case"
    return (
        m.SessionStarted(session),
        m.CaseFiled(session, _SERVICE, f"{session}-key", "accepted", case),
        m.DocumentPrinted(session, _SERVICE, f"{session}-job", "receipt", "confirmed", "receipt_printer"),
        m.RatingGiven(session, _SERVICE, case, 5, ["510", "515"]),
        m.SessionEnded(session, "completed", _SERVICE, 95),
    )
