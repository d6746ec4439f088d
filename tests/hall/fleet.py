"""A believable fleet, told to the store by the messages that its terminals would have sent."""

from __future__ import annotations

import random
import uuid
from datetime import UTC, datetime, timedelta

import msgspec
from sqlalchemy import Engine

from hall.intake import filing
from hall.intake.letters import Arrival, open_letter
from mqtt import messages as m

KINDS = [
    "id_card_reader",
    "social_card_reader",
    "code_scanner",
    "person_camera",
    "receipt_printer",
    "a4_printer",
]
DETAIL = {
    "id_card_reader": "SAM 10.12 · serial",
    "social_card_reader": "PC/SC 1.4",
    "code_scanner": "2D, USB",
    "person_camera": "1280×720",
    "receipt_printer": "80 mm, ESC/POS",
    "a4_printer": "IPP 2.0, 600 dpi",
}
SUPPLIES = {"receipt_printer": {"paper": "full"}, "a4_printer": {"paper": "full", "toner": "full"}}
USED: dict[str, dict[str, object]] = {
    "id_card_reader": {"counts": {"cards": 4210, "failed:id_unreadable": 61, "failed:device_timeout": 2}},
    "receipt_printer": {
        "counts": {"cuts": 3805, "paper_mm": 571_230},
        "runs_out": {"paper": "2026-11-25"},
    },
    "a4_printer": {
        "counts": {"pages": 5120},
        "runs_out": {"paper": "unknown", "toner": "2026-12-19"},
        "levels": {"toner": 35, "paper": 80, "paper:main": 40, "paper:lower": 100},
    },
}
SERVICES = ["SB01", "ZH02", "ZH03"]


class Speaker:
    """One terminal's voice: numbers its messages and gives them a time."""

    def __init__(self, engine: Engine, path: str, boot: int = 1) -> None:
        self.engine, self.path, self.boot = engine, path, boot
        self._seq = {"evt": 0, "tx": 0, "res": 0}
        self._connection = self._number = 0

    def letter(
        self, data: m.Data, at: datetime | None = None, *, boot: int | None = None
    ) -> tuple[str, bytes]:
        """Topic and payload of a message with this body."""
        name = m.NAMES[type(data)]
        leaf = m.STREAM.get(name) or m.LEAF[name]
        data = self._ordered(data)
        seq = 0
        if leaf in self._seq:
            seq = self._seq[leaf] = self._seq[leaf] + 1
        time = (at or datetime.now(UTC)).isoformat(timespec="milliseconds")
        head = uuid.uuid4().hex * 2
        identity = str(uuid.uuid4())
        own = self.boot if boot is None else boot
        envelope = m.Envelope(identity, name, f"kt/1/{self.path}", time, data, own, seq, head)
        return f"kt/1/{self.path}/{leaf}", m.encode(envelope)

    def _ordered(self, data: m.Data) -> m.Data:
        """Births and reports count themselves, unless the test does."""
        if isinstance(data, m.TerminalState) and not data.connection:
            self._connection += data.online
            return msgspec.structs.replace(data, connection=max(self._connection, 1))
        if isinstance(data, m.Health) and not data.number:
            self._number += 1
            connection = data.connection or max(self._connection, 1)
            return msgspec.structs.replace(data, connection=connection, number=self._number)
        return data

    def say(self, *bodies: m.Data, at: datetime | None = None) -> None:
        """File messages as if the broker had brought them at that time."""
        moment = at or datetime.now(UTC)
        arrivals = [Arrival(0, *self.letter(b, moment), int(moment.timestamp() * 1000)) for b in bodies]
        with self.engine.connect() as tx:
            letters = [open_letter(arrival) for arrival in arrivals]
            filing.file_away(tx, letters)
            tx.commit()
        assert all(letter.code in ("", "stored") for letter in letters), [x.code for x in letters]


def health(trouble: dict[str, dict[str, object]] | None = None, **of_terminal: object) -> m.Health:
    """Health of a terminal with six devices; `trouble` by device replaces what is in order."""
    devices = []
    for kind in KINDS:
        fine: dict[str, object] = {"availability": "online", "detail": DETAIL[kind]}
        fine["supplies"] = SUPPLIES.get(kind, {})
        if kind in ("id_card_reader", "receipt_printer", "a4_printer"):
            fine["media"] = "none"
        fine |= USED.get(kind, {})
        devices.append(m.DeviceHealth(kind, kind, **{**fine, **(trouble or {}).get(kind, {})}))  # type: ignore[arg-type]
    return m.Health(devices, **of_terminal)  # type: ignore[arg-type]


def visit(speaker: Speaker, at: datetime, chance: random.Random) -> None:
    """One citizen's visit with all that it tells the hall."""
    session, service = uuid.uuid4().hex, chance.choices(SERVICES, (6, 2, 2))[0]
    speaker.say(m.SessionStarted(session), at=at)
    outcome = chance.choices(
        ["completed", "consulted", "abandoned", "timeout", "referred"], (70, 9, 9, 6, 6)
    )[0]
    seconds = chance.randint(40, 260)
    if outcome == "completed" and service != "ZH02":
        _filed(speaker, at + timedelta(seconds=seconds - 20), chance, session, service)
    said = service if outcome != "abandoned" else ""
    speaker.say(m.SessionEnded(session, outcome, said, seconds), at=at + timedelta(seconds=seconds))


def _filed(speaker: Speaker, at: datetime, chance: random.Random, session: str, service: str) -> None:
    number = f"3301{at:%Y%m%d}{chance.randint(0, 99999):05d}"
    if chance.random() < 0.05:
        speaker.say(
            m.CaseFiled(session, service, uuid.uuid4().hex, "refused", code="platform_refused"), at=at
        )
        return
    speaker.say(m.CaseFiled(session, service, uuid.uuid4().hex, "accepted", number), at=at)
    printed = [("certificate", "a4_printer"), ("receipt", "receipt_printer")]
    for document, device in printed if service == "SB01" else printed[1:]:
        failed = chance.random() < 0.04
        state, code = (
            ("failed", "a4_jam" if document == "certificate" else "receipt_paper_out")
            if failed
            else ("confirmed", "")
        )
        serial = f"SB-{at:%y%m%d}-{chance.randint(0, 16**6):06X}" if document == "certificate" else ""
        job = uuid.uuid4().hex
        speaker.say(m.DocumentPrinted(session, service, job, document, state, device, serial, code), at=at)  # type: ignore[arg-type]
    if chance.random() < 0.8:
        stars = chance.choices([5, 4, 3, 2, 1], (60, 24, 10, 4, 2))[0]
        codes = {5: ["510", "515"], 4: ["412"], 3: ["307"], 2: ["209"], 1: ["110", "115"]}[stars]
        speaker.say(m.RatingGiven(session, service, number, stars, codes[: chance.randint(0, 2)]), at=at)


def fill(engine: Engine, seed: int = 7) -> None:
    """A dozen terminals in three halls: well, short of paper, jammed, hung, off, one hall in the dark."""
    chance = random.Random(seed)
    now = datetime.now(UTC)
    paths = [f"330101/donghu/K{n:03d}" for n in range(1, 7)]
    paths += [f"330102/nanpu/K{n:03d}" for n in range(1, 5)]
    paths += [f"330103/beishan/K{n:03d}" for n in range(1, 4)]
    speakers = {path: Speaker(engine, path, chance.randint(3, 40)) for path in paths}
    begun = now - timedelta(hours=6, minutes=12)
    for index, speaker in enumerate(speakers.values()):
        state = m.TerminalState(True, speaker.boot, "0.1.0", "2026.11")
        speaker.say(state, health(), at=begun + timedelta(seconds=7 * index))
    visits = [
        (now - timedelta(seconds=chance.randint(200, 21000)), path) for path in paths[:10] for _ in range(7)
    ]
    for at, path in sorted(visits):
        visit(speakers[path], at, chance)
    _troubles(speakers, now)
    jam = m.PartFound("a4_printer", False, ["a4_jam"], "fault · paper full", "有故障 · 纸充足")
    found = [jam, m.PartFound("disk", True)]
    tested = m.TechnicianActed("4711", "device_tested", "a4_printer", "a4_jam")
    speakers["330101/donghu/K004"].say(tested, m.ReadinessReported("4711", found), at=now)


def _troubles(speakers: dict[str, Speaker], now: datetime) -> None:
    out: dict[str, object] = {
        "availability": "online",
        "supplies": {"paper": "out", "toner": "low"},
        "faults": ["a4_paper_out", "a4_toner_low"],
    }
    jam: dict[str, object] = {"availability": "fault", "media": "jammed", "faults": ["a4_jam"]}
    told: dict[str, m.Health] = {
        "330101/donghu/K001": health(session=True, screen_age=0.1, uptime=22300),
        "330101/donghu/K002": health({"a4_printer": out}, screen_age=0.2, uptime=22290, outbox=2),
        "330101/donghu/K003": health(
            {"receipt_printer": {"supplies": {"paper": "low"}, "faults": ["receipt_paper_low"]}},
            screen_age=0.1,
            uptime=22280,
        ),
        "330101/donghu/K004": health({"a4_printer": jam}, screen_age=0.3, uptime=22270),
        "330101/donghu/K006": health(session=True, screen_age=0.2, uptime=22250),
        "330102/nanpu/K001": health(screen_age=0.1, uptime=22240),
        "330102/nanpu/K002": health(faults=["terminal_screen_hung"], screen_age=48.0, uptime=22230, outbox=1),
        "330102/nanpu/K003": health(
            {"id_card_reader": {"availability": "offline", "media": "unknown", "faults": ["device_offline"]}},
            screen_age=0.1,
            uptime=22220,
        ),
        "330102/nanpu/K004": health(session=True, screen_age=0.1, uptime=22210),
    }
    ages = {
        "330101/donghu/K002": 14,
        "330101/donghu/K003": 190,
        "330101/donghu/K004": 6,
        "330102/nanpu/K002": 1,
        "330102/nanpu/K003": 37,
    }
    for path, age in ages.items():
        speakers[path].say(told[path], at=now - timedelta(minutes=age))
    for path, report in told.items():
        speakers[path].say(report, at=now - timedelta(seconds=4))
    gone = speakers["330101/donghu/K005"]
    gone.say(m.TerminalState(False, gone.boot), at=now - timedelta(minutes=52))
    for path in [path for path in speakers if "beishan" in path]:
        speakers[path].say(m.TerminalState(False, speakers[path].boot), at=now - timedelta(minutes=21))
    loud = speakers["330102/nanpu/K004"]
    topic, payload = loud.letter(m.SessionStarted("x"))
    broken = [
        Arrival(0, topic, payload[:-9], int(now.timestamp() * 1000)),
        Arrival(0, topic.replace("evt", "tx"), payload, int(now.timestamp() * 1000)),
    ]
    with loud.engine.connect() as tx:
        filing.file_away(tx, [open_letter(one) for one in broken])
        tx.commit()
