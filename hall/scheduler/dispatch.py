"""Commands and wanted configuration to the terminals: the scheduler's own line to the broker.

A command is published until its terminal has accepted it, or the deadline has passed; with back-off, and
only while its terminal is online, since what the broker keeps for one that is away is not heaped up. Nothing
here waits for an answer: what the terminal says comes in by the ingest.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog
from sqlalchemy import Engine, Row, and_, or_, select, update

from config.identifiers import uuid7
from hall.data.desk_tables import commands, configurations
from hall.data.tables import terminals
from hall.intake import host_state, packets
from hall.intake.line import ConnectionEnded, Line
from hall.settings import HallSettings
from mqtt import messages
from mqtt.topics import ROOT

CLIENT_ID = "hall-scheduler"
BATCH = 10  # what the broker may owe us a confirmation of; the least that one must allow is not known
MOST = 200  # in one turn
AGAIN_MS = (5_000, 10_000, 20_000, 40_000, 80_000, 120_000)  # after the first, second … copy
REFUSED = 0x80  # the broker's reasons from here on (MQTT 5, 2.4)
REFUSED_SECONDS = 60.0  # until a configuration that it refused is tried again
PAUSE_SECONDS = 2.0  # after a connection that failed

log = structlog.get_logger("dispatch")


class Dispatch:
    """Owns the line. `work` and `close` are called by one thread."""

    def __init__(self) -> None:
        self._line: Line | None = None
        self._not_before = 0.0
        self._turned_away: dict[
            str, float
        ] = {}  # terminals whose configuration the broker refused, until when

    def work(self, engine: Engine, settings: HallSettings, now: int) -> None:
        """Publish what is due. Without a broker nothing is lost: it stays due."""
        if time.monotonic() < self._not_before:
            return
        try:
            line = self._line or self._connect(engine, settings)
            line.receive(1, patience=0.0)  # keeps the line alive
            self._send_commands(line, engine, now)
            self._send_configurations(line, engine)
        except ConnectionEnded as error:
            log.warning("link_down", why=str(error))
            self._not_before = time.monotonic() + PAUSE_SECONDS
            self._drop()
        except Exception:
            self._drop()
            raise

    def close(self) -> None:
        """Say goodbye to the broker; twice is fine."""
        line, self._line = self._line, None
        if line is not None:
            try:
                line.goodbye()
            except ConnectionEnded:
                line.close()

    def _connect(self, engine: Engine, settings: HallSettings) -> Line:
        tls = settings.broker.scheduler_tls
        if settings.broker.tls is not None and tls is None:  # with the ingest's we would put each other out
            raise ConnectionEnded("[broker.scheduler_tls] is missing: hall machine process-certificate")
        changed = {"client_id": CLIENT_ID, "session_seconds": 0, "tls": tls}
        own = settings.broker.model_copy(update=changed)
        line = self._line = Line(own, BATCH, None)
        log.info("ready", host=own.host, port=own.port)
        # A broker that has just come may have lost what it retained.
        with engine.begin() as tx:
            tx.execute(update(configurations).where(configurations.c.published > 0).values(published=0))
        return line

    def _drop(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def _send_commands(self, line: Line, engine: Engine, now: int) -> None:
        c, t = commands.c, terminals.c
        # A terminal that came meanwhile may not have got it; *since* is by the clock of an ingest, which may
        # be ahead of ours. And what was dated by a clock that has since been set back is due.
        came = and_(t.since > c.sent, c.sent <= now - AGAIN_MS[0])
        due = or_(c.due <= now, came, c.due > now + 2 * AGAIN_MS[-1])
        waiting = and_(c.due > 0, c.state == "given", c.deadline > now, t.online, due)
        query = (
            select(commands).join(terminals, t.path == c.terminal).where(waiting).order_by(c.n).limit(MOST)
        )
        with engine.connect() as tx:
            rows = tx.execute(query).all()
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            reasons = _publish(line, [_command(row, now) for row in batch])
            with engine.begin() as tx:
                for row, reason in zip(batch, reasons, strict=True):
                    pause = AGAIN_MS[min(row.times, len(AGAIN_MS) - 1)]
                    noted = {"sent": now, "times": row.times + 1, "due": now + pause}
                    tx.execute(update(commands).where(c.id == row.id, c.state == "given").values(**noted))
                    _look_at(reason, row.terminal)

    def _send_configurations(self, line: Line, engine: Engine) -> None:
        c, moment = configurations.c, time.monotonic()
        self._turned_away = {path: until for path, until in self._turned_away.items() if until > moment}
        wanted = and_(c.version != c.published, c.version > 0, c.terminal.not_in(list(self._turned_away)))
        query = select(configurations).where(wanted).limit(MOST)
        with engine.connect() as tx:
            rows = tx.execute(query).all()
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            reasons = _publish(line, [_configuration(row) for row in batch])
            with engine.begin() as tx:
                for row, reason in zip(batch, reasons, strict=True):
                    _look_at(reason, row.terminal)
                    if reason >= REFUSED:
                        self._turned_away[row.terminal] = moment + REFUSED_SECONDS
                        continue
                    noted = update(configurations).where(c.terminal == row.terminal)
                    tx.execute(noted.values(published=row.version))


def _publish(line: Line, letters: Sequence[dict[str, Any]]) -> list[int]:
    """The broker's reason for each; ConnectionEnded when it does not confirm them all."""
    numbers = [line.publish(**letter, reliable=True) for letter in letters]
    line.flush()
    reasons = line.confirmed(numbers)
    return [reasons[number] for number in numbers]


def _command(row: Row[Any], now: int) -> dict[str, Any]:
    deadline = datetime.fromtimestamp(row.deadline / 1000, UTC).isoformat(timespec="milliseconds")
    arguments = msgspec.json.decode(row.arguments)
    given = messages.CommandGiven(row.id, row.name, deadline, arguments)
    answer = f"{ROOT}/{row.terminal}/res"
    seconds = max(1, -((now - row.deadline) // 1000))
    properties = packets.request(seconds, answer, row.id.encode())
    topic = f"{ROOT}/{row.terminal}/cmd/{row.name}"
    # The same id each time: whoever hears it twice knows it for the same.
    return {"topic": topic, "payload": _letter(row.terminal, given, row.id), "properties": properties}


def _configuration(row: Row[Any]) -> dict[str, Any]:
    desired = messages.ConfigurationDesired(row.version, msgspec.json.decode(row.desired))
    payload = _letter(row.terminal, desired, uuid7())
    return {"topic": f"{ROOT}/{row.terminal}/cfg/desired", "payload": payload, "retain": True}


def _letter(path: str, body: messages.Data, identity: str) -> bytes:
    name = messages.NAMES[type(body)]
    return messages.encode(messages.Envelope(identity, name, host_state.source(path), messages.now(), body))


def _look_at(reason: int, terminal: str) -> None:
    if reason >= REFUSED:
        why = packets.REASONS.get(reason, f"reason {reason:#04x}")
        log.error("not_published", terminal=terminal, why=why, remedy="let hall-scheduler write cmd and cfg")
